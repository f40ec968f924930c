"""Who may speak to the county: one-time codes, the devices that used them, and those that were stopped."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.engine import Connection, RowMapping

from app.errors import CountyRefused, UserError
from app.policy.access import SITS_AT, WHO_SITS_WHERE, Actor, Role
from app.records.divisions import is_code, is_within, level_of, short_name
from sync.messages import Enrolment, Introduction
from sync.protocol import STOPPED_DEVICE, UNKNOWN_DEVICE, WRONG_CODE
from sync.server import tables
from sync.server.grants import Grant, begin, grants, resume
from sync.server.ledger import Ledger, now_ms

# No letters or digits that look alike on paper; 12 of 31 signs are 59 bits.
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXY"
DAYS_VALID = 7
DAY = 86_400_000
MOST_CLAIMS, CLAIMS_COUNT = 3, 30 * DAY
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Device:
    """A laptop that joined: which divisions it serves, in which post, and how it proves itself.

    ``home`` is the division of its code.
    ``line``: the names that it, or what it was copied from, went by before, with their nonces, the latest first.
    """

    id: str
    public_key: bytes
    nonce: bytes
    home: str
    role: str
    name: str
    holder: str
    holder_name: str
    enrolled_at: int
    seen_at: int
    revoked_at: int | None
    token: str | None = None
    forked_from: str | None = None
    forked_at: int | None = None
    line: tuple[tuple[str, bytes], ...] = ()
    grants: tuple[Grant, ...] = ()

    @property
    def orgs(self) -> tuple[str, ...]:
        """The subtrees it serves now, in the order in which they were granted; none when its worker has left."""
        return tuple(each.org for each in self.grants if each.until is None)

    @property
    def org(self) -> str:
        """Where what has no place of its own is filed: the first of its divisions, or the last one it had."""
        return next(iter(self.orgs), self.home)

    @property
    def names(self) -> tuple[str, ...]:
        """Its id, and those that it, or what it was copied from, went by before; the latest first."""
        return (self.id, *(name for name, _ in self.line))

    def actor(self, author: str) -> Actor:
        """The person who wrote a unit on it, with the post of the device."""
        return Actor(author, self.holder_name, self.role, self.org, self.orgs)


def make_code(ledger: Ledger, org: str, role: str, name: str, days: int = DAYS_VALID) -> str:
    """A one-time code for a post. Raises UserError when the post is not one of this county."""
    if role not in {each.value for each in Role}:
        raise UserError(f"什么都没有改动。没有「{role}」这种岗位。", advice="可用的有：" + "、".join(Role))
    if not is_code(org) or not is_within(org, ledger.county):
        raise UserError(f"什么都没有改动。{org} 不在本县（{ledger.county}）。", advice="请核对 12 位区划代码。")
    if level_of(org) is not SITS_AT[Role(role)]:
        raise UserError(f"什么都没有改动。{org} 这一级没有这个岗位。", advice=WHO_SITS_WHERE)
    code = "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(3))
    row = {"code": _hash(code), "org": org, "role": role, "name": name, "expires_at": now_ms() + days * DAY}
    with ledger.writing() as connection:
        ledger.add(connection, tables.enrolment, [row])
    return code


def redeem(ledger: Ledger, connection: Connection, asked: Enrolment) -> dict[str, Any]:
    """Use a code up and let the device in; gives the code's row. Raises CountyRefused with nothing changed."""
    row = connection.execute(ledger.of(tables.enrolment, code=_hash(asked.code))).mappings().first()
    if row is None:
        raise CountyRefused(
            "资料没有动。注册码不对。", advice="请核对后再填一次，或者向县里重新要一个。", code=WRONG_CODE
        )
    if row["used_at"] is not None and row["device"] != asked.device:
        raise CountyRefused("资料没有动。这个注册码已经用过了。", advice="请向县里重新要一个。", code="C4")
    if row["used_at"] is None and row["expires_at"] < now_ms():
        raise CountyRefused("资料没有动。这个注册码过期了。", advice="请向县里重新要一个。", code="C5")
    if asked.org and asked.org != row["org"]:
        raise CountyRefused(
            f"资料没有动。注册码是给{short_name(row['org'])}的，这台电脑上是{short_name(asked.org)}的资料。",
            advice="请用本村的注册码。",
            code="C6",
        )
    if asked.role and asked.role != row["role"]:
        raise CountyRefused(
            f"资料没有动。注册码是给另一个岗位的：{row['name']}。", advice="请向县里要本岗位的注册码。", code="C6"
        )
    if row["used_at"] is None:
        _let_in(ledger, connection, asked, dict(row))
    return dict(row)


def _let_in(ledger: Ledger, connection: Connection, asked: Enrolment, row: dict[str, Any]) -> None:
    known = connection.execute(ledger.of(tables.device, id=asked.device)).mappings().first()
    if known is None and len(asked.public_key) == 32:
        _add_device(ledger, connection, asked, row)
    elif known is not None and known["revoked_at"] is not None and known["public_key"] == asked.public_key:
        # It was stopped, and whoever gave the new code wants it back: the same laptop, with what it had not sent.
        told = {name: row[name] for name in ("org", "role", "name")}
        _set_device(ledger, connection, asked.device, revoked_at=None, seen_at=now_ms(), **told)
        resume(ledger, connection, asked.device, row["org"])
    else:
        raise CountyRefused("资料没有动。这台电脑已经注册过了。", advice="不用再注册，直接收发就行。", code="C7")
    connection.execute(
        sa.update(tables.enrolment)
        .where(tables.enrolment.c.county == ledger.county, tables.enrolment.c.code == row["code"])
        .values(used_at=now_ms(), device=asked.device)
    )


def _add_device(ledger: Ledger, connection: Connection, asked: Enrolment, row: dict[str, Any]) -> None:
    made = {
        "id": asked.device, "public_key": asked.public_key, "nonce": asked.nonce, "org": row["org"],
        "role": row["role"], "name": row["name"], "holder": asked.holder, "holder_name": asked.holder_name,
        "enrolled_at": now_ms(), "seen_at": now_ms(), "revoked_at": None,
    }  # fmt: skip
    ledger.add(connection, tables.device, [made])
    begin(ledger, connection, asked.device, row["org"], ledger.terms(connection).seq)


def device_of(ledger: Ledger, connection: Connection, id_: str) -> Device:
    """A device as the county knows it, stopped or not. KeyError when there is none."""
    return _device(ledger, connection, ledger.one(connection, tables.device, id=id_))


def device(ledger: Ledger, connection: Connection, id_: str) -> Device:
    """The device of this id. Raises CountyRefused when it never joined or was stopped."""
    found = _device(ledger, connection, _joined_row(ledger, connection, id_))
    return replace(found, line=tuple(_line(ledger, connection, found)))


def key_of(ledger: Ledger, connection: Connection, id_: str) -> bytes:
    """What this device's signatures are known by. Raises CountyRefused when it never joined or was stopped."""
    return bytes(_joined_row(ledger, connection, id_)["public_key"])


def _joined_row(ledger: Ledger, connection: Connection, id_: str) -> RowMapping:
    """The row of a device that joined and was not stopped. Raises CountyRefused."""
    row = ledger.first(connection, tables.device, id=id_)
    if row is None:
        raise CountyRefused(
            "资料都在这台电脑上，没有丢。县里不认识这台电脑。", advice="请用新的注册码加入。", code=UNKNOWN_DEVICE
        )
    if row["revoked_at"] is not None:
        raise CountyRefused(
            "资料都在这台电脑上，没有丢。县里已经停用了这台电脑。",
            advice="请和县里联系，用新的注册码重新加入。",
            code=STOPPED_DEVICE,
        )
    return row


def _line(ledger: Ledger, connection: Connection, found: Device) -> Iterator[tuple[str, bytes]]:
    seen = {found.id}
    before = found.forked_from
    while before and before not in seen:
        seen.add(before)
        row = ledger.one(connection, tables.device, id=before)
        yield before, row["nonce"]
        before = row["forked_from"]


def keep_token(ledger: Ledger, connection: Connection, found: Device, token: bytes) -> None:
    """What the device is known by from now on (``sync.fork``)."""
    _set_device(ledger, connection, found.id, token=token.hex(), seen_at=now_ms())


def introduce(ledger: Ledger, connection: Connection, told: Introduction) -> Device:
    """Let a device go on under a new name beside the old one, with the same post. Raises CountyRefused.

    The old name stays with whoever used it first; the same introduction again finds what was made of it.
    """
    old = device(ledger, connection, told.device)
    try:
        Ed25519PublicKey.from_public_bytes(old.public_key).verify(told.signature, told.signed_text())
    except (InvalidSignature, ValueError):
        raise CountyRefused("资料都在这台电脑上，没有丢。县里认不出这台电脑的签名。", code="C17") from None
    known = connection.execute(ledger.of(tables.device, id=told.fresh)).mappings().first()
    if known is None:
        _fork(ledger, connection, told)
    elif known["public_key"] != told.public_key:
        raise CountyRefused("资料都在这台电脑上，没有丢。县里认不出这台电脑的签名。", code="C17")
    return device(ledger, connection, told.fresh)


def _fork(ledger: Ledger, connection: Connection, told: Introduction) -> None:
    old = dict(ledger.one(connection, tables.device, id=told.device))
    made = {
        **old, "id": told.fresh, "public_key": told.public_key, "nonce": told.nonce, "enrolled_at": now_ms(),
        "seen_at": now_ms(), "token": None, "forked_from": told.device, "forked_at": None,
    }  # fmt: skip
    ledger.add(connection, tables.device, [made])
    served = connection.execute(ledger.of(tables.granted, device=told.device)).mappings().all()
    ledger.add(connection, tables.granted, [{**row, "device": told.fresh} for row in served])
    _set_device(ledger, connection, told.device, forked_at=now_ms())


def _set_device(ledger: Ledger, connection: Connection, id_: str, **values: Any) -> None:
    connection.execute(
        sa.update(tables.device)
        .where(tables.device.c.county == ledger.county, tables.device.c.id == id_)
        .values(**values)
    )


def note_claim(ledger: Ledger, connection: Connection, found: Device) -> None:
    """A device knows what the county does not. Raises CountyRefused when it said so too often.

    Each time every desk gives everything back: a county whose disk is put back is told of it once, by one desk, and
    who makes up what the county never said could keep all of them busy for ever. It counts for the device that joined,
    whatever copies of it say so: a device makes as many of itself as it likes.
    """
    id_ = found.line[-1][0] if found.line else found.id
    told = ledger.one(connection, tables.device, id=id_)["claims"] or ""
    lately = [at for at in told.split() if int(at) > now_ms() - CLAIMS_COUNT]
    if len(lately) >= MOST_CLAIMS:
        log.warning("电脑 %s 一再说出县里没有的收发记录，没有理会", id_)
        raise CountyRefused(
            "资料都在这台电脑上，没有丢。这台电脑记的和县里的一再对不上，这次没有收发。",
            advice="请和县里联系，查清县里的服务器是不是一再被还原。",
            code="C20",
        )
    _set_device(ledger, connection, id_, claims=" ".join([*lately, str(now_ms())]))


def note_contact(ledger: Ledger, connection: Connection, found: Device) -> None:
    """When the device last handed something over."""
    _set_device(ledger, connection, found.id, seen_at=now_ms())


def devices(ledger: Ledger) -> list[Device]:
    """All devices, the latest to join first."""
    with ledger.reading() as connection:
        rows = connection.execute(ledger.of(tables.device).order_by(tables.device.c.enrolled_at.desc())).mappings()
        return [_device(ledger, connection, row) for row in rows.all()]


def revoke(ledger: Ledger, id_: str) -> list[Device]:
    """Stop a device, and all that goes on with a copy of its data: nothing more goes out to them.

    Who has the disk of a laptop could have taken any number of names with its key before it was missed. Gives the
    copies that were stopped with it. Raises UserError when there is no such device.
    """
    with ledger.writing() as connection:
        named = {id_}
        known = {row["id"]: row for row in connection.execute(ledger.of(tables.device)).mappings()}
        if id_ not in known:
            raise UserError("什么都没有改动。没有这台电脑。", advice="用 shouwang county devices 看一看。")
        while more := {one for one, row in known.items() if row["forked_from"] in named} - named:
            named |= more
        working = [one for one in named if known[one]["revoked_at"] is None]
        for one in working:
            _set_device(ledger, connection, one, revoked_at=now_ms())
        return [device_of(ledger, connection, one) for one in working if one != id_]


def _device(ledger: Ledger, connection: Connection, row: Any) -> Device:
    own = {name: row[name] for name in Device.__dataclass_fields__ if name in row}
    return Device(**own, home=row["org"], grants=grants(ledger, connection, row["id"], row["org"]))


def _hash(code: str) -> str:
    tidy = "".join(sign for sign in code.upper() if sign in SIGNS)
    return hashlib.sha256(tidy.encode()).hexdigest()
