"""Answer what desks send on a stick: the same exchange as across a line, file in and file out."""

from __future__ import annotations

from collections.abc import Callable

from app.errors import CountyRefused, ShouwangError
from sync import drill, parcel, wire
from sync.messages import Introduction
from sync.parcel import Asking, Call, Reply
from sync.server.county import CountyServer
from sync.server.database import UNKEEPABLE
from sync.server.ledger import Ledger


def county_keys(ledger: Ledger) -> parcel.Keys:
    """The county's keys for parcels."""
    with ledger.reading() as connection:
        return parcel.county_keys(ledger.parcel_secret(connection))


def answer(county: CountyServer, data: bytes) -> bytes:
    """Carry out what a desk's file asks; gives the file for that desk. The same file twice changes nothing.

    Raises ParcelRefused, CountyRefused when the device is not known or was stopped.
    """
    keys = county_keys(county.ledger)
    opened = parcel.open_sealed(parcel.ASKING, data, keys)
    opened.require_signature(county.device(opened.device).public_key)
    asking = parcel.decode_asking(opened.content)
    if len(asking.box) != parcel.KEY:
        raise parcel.ParcelRefused("没有读入，什么都没有改动。这个文件读不懂。", advice="请升级程序再试。")
    replies = _replies(county, opened.device, asking)
    return parcel.seal(parcel.ANSWER, parcel.encode_answer(asking, replies), opened.device, keys, asking.box)


def _replies(county: CountyServer, device: str, asking: Asking) -> list[Reply]:
    """In their order; photos as far as there is room."""
    room = parcel.PHOTOS_ANSWER
    replies = []
    for call in asking.calls:
        if call.name == "get" and room <= 0:
            replies.append(Reply())
            continue
        reply = _reply(county, device, call)
        room -= len(reply.content) if call.name == "get" else 0
        replies.append(reply)
    return replies


def _reply(county: CountyServer, device: str, call: Call) -> Reply:
    try:
        work = CALLS.get(call.name)
        if work is None:
            raise CountyRefused("资料都在这台电脑上。县里的程序还不认识这一项。", advice="请县里升级程序。", code="C15")
        return Reply(work(county, device, call))
    except (wire.Unreadable, *UNKEEPABLE):
        return Reply(b"", "资料都在这台电脑上，没有丢。送来的内容县里读不懂。", "请升级程序再试。", "C15")
    except ShouwangError as error:
        return Reply(b"", error.message, error.advice, error.code)


def _exchange(county: CountyServer, device: str, call: Call) -> bytes:
    request = wire.decode_request(call.content)
    if request.hello.device != device:
        raise CountyRefused("资料都在这台电脑上，没有丢。县里认不出这台电脑的签名。", code="C17")
    return b"".join(wire.encode_pages(county.exchange(request)))


def _introduce(county: CountyServer, _device: str, call: Call) -> bytes:
    return wire.encode_plain(county.introduce(wire.decode_plain(Introduction, call.content)))


CALLS: dict[str, Callable[[CountyServer, str, Call], bytes]] = {
    "introduce": _introduce,
    "exchange": _exchange,
    "sums": lambda county, device, call: wire.encode_sums(county.sums(device)),
    "look": lambda county, device, call: drill.encode_details(county.look(device, drill.decode_parts(call.content))),
    "named": lambda county, device, call: b"".join(
        wire.encode_pages([county.named(device, drill.decode_names(call.content))])
    ),
    "held": lambda county, device, call: str(county.has_blob(device, call.sha256)).encode(),
    "put": lambda county, device, call: str(
        county.put_blob(device, call.sha256, call.start, call.size, call.content)
    ).encode(),
    "get": lambda county, device, call: county.get_blob(device, call.sha256, call.start, call.size),
}
