"""The desk's side of a stick: pack what waits, unpack what comes back, in whatever order it comes, or twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from app.errors import CountyRefused, CountyUnreachable
from app.store.changes import Changes, Workspace, Writing, unsent, writing
from sync import drill, parcel, wire
from sync.client import agreement, engine, sealed, witness
from sync.client.credentials import BROKEN_OFF, SETTING, Ties, as_setting, ties, ties_of
from sync.client.engine import Outcome, pending
from sync.client.plan import Plan, as_unit
from sync.client.receiving import Received
from sync.drill import Detail, Name, Part
from sync.messages import Enrolment, Hello, Introduction, Page, Request, Sums, Unit, Welcome
from sync.parcel import Answer, Asking, Call, ParcelRefused, Reply
from sync.protocol import ProgramTooOld

ALL_UNITS = 1_000_000
LARGEST_PHOTO = 4 << 20
MOST_WANTED = 60
NOTHING = -1
"""Less than any cursor: the desk has nothing of a subtree yet."""
MARK = 4
"""Bytes of a save's id, in a file and in its answer: enough to tell it from another save with the same number."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A file for the county, and what is in it."""

    content: bytes
    units: int
    photos: int


def pack(store: Workspace) -> Packed:
    """Everything that the county has not acknowledged, and the wish for what is new. Changes nothing here.

    Raises CountyRefused when the workspace works alone, ParcelRefused when it is too much for a file.
    """
    known = _require_keys(ties(store))
    requests = list(_requests(store, known))
    photos = list(_photos_up(store))
    calls = [Call("exchange", wire.encode_request(request), _marks(known, request.units)) for request in requests]
    wanted = [Call("get", sha256=digest, size=LARGEST_PHOTO) for digest in _wanted(store)]
    content = _sealed(known, (*calls, *_puts(store, photos), *wanted))
    return Packed(content, sum(unit.seq > 0 for request in requests for unit in request.units), len(photos))


def unpack(store: Workspace, data: bytes) -> Outcome:
    """Write down what the county answered. An answer that is older than what is here is let be.

    Raises ParcelRefused when the file was changed or is another desk's; nothing has changed then. Raises ProgramTooOld
    when what was sent is written down as taken.
    """
    began = time.monotonic()
    known = _require_keys(ties(store))
    answer = _opened(known, data)
    replies = list(zip(answer.calls, answer.replies, strict=True))
    _require_taken(replies)
    pages = [page for call, reply in replies if call.name == "exchange" for page in _meant(store, known, call, reply)]
    done, agreed = _receive(store, answer, pages)
    is_of_this_life = bool(pages) and pages[-1].terms.epoch == ties(store).epoch
    for call, reply in replies:
        _carry(store, call, reply, is_of_this_life)
    store.drop_gone_blobs()
    with writing(store) as work:
        photos = len(work.transfers("up")) + len(work.transfers("down"))
    if _is_too_old(known, answer, pages):
        raise ProgramTooOld
    is_done = agreed and pending(store) == 0
    return Outcome.of(
        done, photos_waiting=photos, bytes_down=len(data), seconds=time.monotonic() - began, delivered=is_done
    )


def _requests(store: Workspace, known: Ties) -> Iterator[Request]:
    """What is owed as a witness, own saves block by block, and with the last block the wish for what is new."""
    yield from witness.requests(store)
    yield from sealed.requests(store, sealed.MOST_BY_STICK)
    waiting = unsent(store, ALL_UNITS)
    hello = Hello(
        known.device, known.server_id, known.epoch, known.cursors, known.last, is_resumed=known.is_resumed
    )
    last = max(0, (len(waiting) - 1) // Plan.BLOCK * Plan.BLOCK)
    for at in range(0, last + 1, Plan.BLOCK):
        limit = Plan.RECORDS if at == last else 0
        units = tuple(as_unit(unit) for unit in waiting[at : at + Plan.BLOCK])
        yield Request(replace(hello, limit=limit), units)


def _marks(known: Ties, units: Iterable[Unit]) -> str:
    """By what the desk knows its own saves again when the answer comes; what it saw of others' has none."""
    nonce = bytes.fromhex(known.nonce)
    return "".join(unit.identity(known.device, nonce)[:MARK].hex() for unit in units if unit.seq > 0)


def _meant(store: Workspace, known: Ties, call: Call, reply: Reply) -> list[Page]:
    """The answer without what became of other saves that had the numbers of those that are here: whoever put an image
    of the disk back wrote on since, and the stick tells of what was written before that.

    Of saves that have left nothing can be said, and an answer to an older program has no marks: both are taken.
    """
    pages = list(wire.decode_pages([reply.content]))
    seqs = [result.seq for page in pages for result in page.results if result.seq > 0]
    if not call.sha256 or not seqs:
        return pages
    told = (call.sha256[at : at + 2 * MARK] for at in range(0, len(call.sha256), 2 * MARK))
    marks = dict(zip(seqs, told, strict=False))
    with writing(store) as work:
        own = work.own(seqs)
    others = {seq for seq, unit in own.items() if _marks(known, [as_unit(unit)]) != marks.get(seq)}
    return [replace(page, results=tuple(each for each in page.results if each.seq not in others)) for page in pages]


def _receive(store: Workspace, answer: Answer, pages: Sequence[Page]) -> tuple[Received, bool]:
    now = ties(store)
    if not pages or answer.epoch != now.epoch:
        return Received(), False
    for page in pages:
        if page.terms.epoch != answer.epoch:
            engine.begin_again(store, page)
            return Received(changes=Changes()), False
    if not _is_news(store, now, answer, pages):
        return Received(), agreement.compared_again(store, pages[-1])
    if pages[-1].terms.seq < agreement.heard(store):
        return _receive_older(store, pages), False
    done = engine.receive(store, pages)
    if answer.owes_witness:
        witness.done(store)
    return done, bool(pages[-1].digest) and _agreed(store)  # without: there is more, for the next stick


def _receive_older(store: Workspace, pages: Sequence[Page]) -> Received:
    """Of an answer from before what a broken line told: all but the rows that would lie over that. Both sides cannot
    agree yet; with the next request comes, in full, whatever has a later number than the answer."""
    epoch, seq = pages[-1].terms.epoch, pages[-1].terms.seq
    with writing(store) as work:
        named = {(row.type, row.record) for page in pages for row in page.rows}
        named |= {(patch.type, patch.record) for page in pages for patch in page.patches}
        later = {name for name, (_, stamps) in work.said(named).items() if _is_any_later(stamps.values(), epoch, seq)}

    def is_not_all(work: Writing) -> None:
        work.set_setting(SETTING, as_setting(replace(ties_of(work.setting(SETTING)), heard=BROKEN_OFF)))

    return engine.receive(store, [_without(page, later) for page in pages], is_not_all)


def _is_any_later(stamps: Iterable[str], epoch: str, seq: int) -> bool:
    parted = (stamp.partition(":") for stamp in stamps)
    return any(life == epoch and int(number) > seq for life, _, number in parted)


def _without(page: Page, names: Collection[Name]) -> Page:
    rows = tuple(each for each in page.rows if (each.type, each.record) not in names)
    patches = tuple(each for each in page.patches if (each.type, each.record) not in names)
    return replace(page, rows=rows, patches=patches)


def _agreed(store: Workspace) -> bool:
    """Whether both sides hold the same now; nothing can be asked about what differs, so all of it comes anew."""
    if agreement.is_same(store):
        return agreement.noted(store, differs=False)
    store.audit(store.holder, "digest_differs", records={}, mended=False)
    if agreement.was_asked_anew(store):
        agreement.noted(store, differs=True)
    agreement.ask_anew(store)
    return False


def _is_too_old(known: Ties, answer: Answer, pages: Sequence[Page]) -> bool:
    """Whether the county says so now; an older answer, read once more after an upgrade, says nothing."""
    if not pages or not answer.epoch == known.epoch == pages[-1].terms.epoch:
        return False
    return pages[-1].terms.upgrade and pages[-1].terms.seq >= _furthest(known)


def _is_news(store: Workspace, now: Ties, answer: Answer, pages: Sequence[Page]) -> bool:
    """Whether it goes on from what is here, and goes further: rows of an older answer would lie over newer ones."""
    reached = pages[-1].cursors
    if any(at > now.cursors.get(org, NOTHING) for org, at in answer.cursors.items() if org in reached):
        return False
    if any(reached.get(org, at) < at for org, at in now.cursors.items()) or pages[-1].terms.seq < _furthest(now):
        return False
    waiting = {unit.seq for unit in unsent(store, ALL_UNITS)}
    return reached != now.cursors or any(result.seq in waiting for page in pages for result in page.results)


def _furthest(now: Ties) -> int:
    """The county's number that this desk has everything by; a post that was left has no cursors any more."""
    return max((now.heard, *now.cursors.values()))


def _require_taken(replies: Sequence[tuple[Call, Reply]]) -> None:
    for call, reply in replies:
        if call.name == "exchange" and reply.refused:
            raise CountyRefused(reply.refused, advice=reply.advice, code=reply.code)


# Photos


def _photos_up(store: Workspace) -> Iterator[tuple[str, int]]:
    """As many as one file carries."""
    with writing(store) as work:
        queue = work.transfers("up")
    room = parcel.PHOTOS_ASKING
    for digest, _, size in queue:
        room -= size
        if room < 0:
            return
        if store.has_blob(digest):
            yield digest, size


def _puts(store: Workspace, photos: Sequence[tuple[str, int]]) -> Iterator[Call]:
    for digest, _ in photos:
        content = store.blob(digest)
        yield Call("put", content, digest, 0, len(content))


def _wanted(store: Workspace) -> list[str]:
    with writing(store) as work:
        return [digest for digest, _, _ in work.transfers("down")][:MOST_WANTED]


def _carry(store: Workspace, call: Call, reply: Reply, is_of_this_life: bool) -> None:
    """What an earlier life of the county had of a photo is lost with it; what came of one is a photo all the same."""
    if call.name == "put" and is_of_this_life and reply.content == str(call.size).encode():
        with writing(store) as work:
            work.transferred(call.sha256, "up", call.size, call.size)
    elif call.name == "get" and reply.content and sha256(reply.content).hexdigest() == call.sha256:
        store.blobs.put(reply.content)
        with writing(store) as work:
            work.transferred(call.sha256, "down", len(reply.content), len(reply.content))


# Files


def _require_keys(known: Ties) -> Ties:
    if not known.is_joined or not known.parcel_key:
        raise CountyRefused(
            "资料都在这台电脑上。还没有县里的钥匙，不能用 U 盘收发。", advice="请先有网络时加入县里。", code="C0"
        )
    return known


def _keys(known: Ties) -> parcel.Keys:
    return parcel.desk_keys(bytes.fromhex(known.private_key))


def _sealed(known: Ties, calls: Sequence[Call]) -> bytes:
    keys = _keys(known)
    asking = Asking(keys.public[: parcel.KEY], known.epoch, known.cursors, known.owes_witness, tuple(calls))
    box = bytes.fromhex(known.parcel_key)[: parcel.KEY]
    return parcel.seal(parcel.ASKING, parcel.encode_asking(asking), known.device, keys, box)


def _opened(known: Ties, data: bytes) -> Answer:
    opened = parcel.open_sealed(parcel.ANSWER, data, _keys(known))
    opened.require_signature(bytes.fromhex(known.parcel_key)[parcel.KEY :])
    if opened.device != known.device:
        raise ParcelRefused("没有读入，什么都没有改动。这是给另一台电脑的。", advice="请选对文件再试。")
    return parcel.decode_answer(opened.content)


class ParcelCounty:
    """A ``County`` at the end of a stick: each call is a file that ``carry`` takes there and an answer it brings."""

    def __init__(self, store: Workspace, carry: Callable[[bytes], bytes]) -> None:
        self._store = store
        self._carry = carry

    def enrol(self, enrolment: Enrolment) -> Welcome:
        """The county's key must be known before anything can be sealed to it."""
        raise CountyUnreachable("资料没有动。加入县里要有网络，U 盘不行。", advice="请到有网络的地方加入一次。")

    def introduce(self, introduction: Introduction) -> Welcome:
        """Go on under a new name."""
        return wire.decode_plain(Welcome, self._ask(Call("introduce", wire.encode_plain(introduction))))

    def exchange(self, request: Request) -> Iterator[Page]:
        """Hand over units and receive pages; blocks go by files of their own."""
        alone = replace(request, blocks=())
        for units in request.blocks:
            yield from self._pages(replace(alone, hello=replace(request.hello, limit=0), units=units))
        yield from self._pages(alone)

    def _pages(self, request: Request) -> Iterator[Page]:
        yield from wire.decode_pages([self._ask(Call("exchange", wire.encode_request(request)))])

    def sums(self, device: str) -> Sums:
        """The sums of all that the device may see."""
        return wire.decode_sums(self._ask(Call("sums")))

    def look(self, device: str, parts: Sequence[Part]) -> list[Detail]:
        """What the device may see of some parts."""
        return drill.decode_details(self._ask(Call("look", drill.encode_parts(parts))))

    def named(self, device: str, names: Sequence[Name]) -> Page:
        """Single records."""
        return wire.decode_page(self._ask(Call("named", drill.encode_names(names))))

    def has_blob(self, device: str, sha256: str) -> int:
        """How many bytes of an attachment the county holds."""
        return int(self._ask(Call("held", sha256=sha256)))

    def put_blob(self, device: str, sha256: str, start: int, size: int, part: bytes) -> int:
        """Hand over a part of an attachment."""
        return int(self._ask(Call("put", part, sha256, start, size)))

    def get_blob(self, device: str, sha256: str, start: int, length: int) -> bytes:
        """A part of an attachment."""
        return self._ask(Call("get", b"", sha256, start, length))

    def _ask(self, call: Call) -> bytes:
        known = _require_keys(ties(self._store))
        (reply,) = _opened(known, self._carry(_sealed(known, [call]))).replies
        if reply.refused:
            raise CountyRefused(reply.refused, advice=reply.advice, code=reply.code)
        return reply.content


__all__ = ["Packed", "ParcelCounty", "ParcelRefused", "pack", "unpack"]
