"""Which divisions a device serves: granted one by one, ended one by one, all of them when a worker leaves."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.errors import UserError
from app.records.divisions import is_code, is_within, short_name
from sync.server import tables
from sync.server.ledger import Ledger

_granted = tables.granted.c
GRANTED = (
    sa.select(_granted.org, _granted.since, _granted.until)
    .where(_granted.county == sa.bindparam("county"), _granted.device == sa.bindparam("device"))
    .order_by(_granted.since, _granted.org)
)
"""A device's grants, the first one first; made once, for every request asks it."""
UNKNOWN = "什么都没有改动。没有这台电脑。"
SEE_DEVICES = "用 shouwang county devices 看一看。"


@dataclass(frozen=True, slots=True)
class Grant:
    """A subtree that a device serves since a number of the sequence; until which, once it has ended."""

    org: str
    since: int
    until: int | None = None


def grants(ledger: Ledger, connection: Connection, device: str, home: str) -> tuple[Grant, ...]:
    """The device's grants, the first one first; who joined before there were grants has the one of its code."""
    rows = connection.execute(GRANTED, {"county": ledger.county, "device": device})
    return tuple(Grant(*row) for row in rows) or (Grant(home, 0),)


def grant(ledger: Ledger, device: str, org: str) -> None:
    """Let a device serve one more subtree of this county. Raises UserError."""
    if not is_code(org) or not is_within(org, ledger.county):
        raise UserError(f"什么都没有改动。{org} 不在本县（{ledger.county}）。", advice="请核对 12 位区划代码。")
    with ledger.writing() as connection:
        now = _written(ledger, connection, device)
        if any(each.org == org and each.until is None for each in now):
            raise UserError(f"什么都没有改动。{short_name(org)}本来就归这台电脑管。")
        _begin_or_resume(ledger, connection, device, org, now)


def resume(ledger: Ledger, connection: Connection, device: str, org: str) -> None:
    """A device that was stopped comes back with a new code: it serves what the code is for, whatever it had before."""
    now = _written(ledger, connection, device)
    if not any(each.org == org and each.until is None for each in now):
        _begin_or_resume(ledger, connection, device, org, now)


def _begin_or_resume(ledger: Ledger, connection: Connection, device: str, org: str, now: tuple[Grant, ...]) -> None:
    seq = ledger.advance(connection, 1)
    if any(each.org == org for each in now):
        _set(ledger, connection, device, [org], since=seq, until=None)
    else:
        begin(ledger, connection, device, org, seq)


def ungrant(ledger: Ledger, device: str, org: str) -> None:
    """End one of several grants. Raises UserError when it is the last: who leaves, leaves."""
    with ledger.writing() as connection:
        now = [each.org for each in _written(ledger, connection, device) if each.until is None]
        if org not in now:
            raise UserError(f"什么都没有改动。{org} 不归这台电脑管。", advice=SEE_DEVICES)
        if now == [org]:
            raise UserError("什么都没有改动。这是它管的最后一个地方。", advice="调离请用 shouwang county leave。")
        _set(ledger, connection, device, [org], until=ledger.advance(connection, 1))


def leave(ledger: Ledger, device: str) -> None:
    """A worker leaves: every grant ends. What was written until then is still taken, as proposals."""
    with ledger.writing() as connection:
        now = [each.org for each in _written(ledger, connection, device) if each.until is None]
        _set(ledger, connection, device, now, until=ledger.advance(connection, 1))


def begin(ledger: Ledger, connection: Connection, device: str, org: str, since: int) -> None:
    """The grant of a place that the device has not served before."""
    ledger.add(connection, tables.granted, [{"device": device, "org": org, "since": since, "until": None}])


def _written(ledger: Ledger, connection: Connection, device: str) -> tuple[Grant, ...]:
    """The grants, with the one of the code written down; an old device's was not. Raises UserError."""
    row = connection.execute(ledger.of(tables.device, id=device)).mappings().first()
    if row is None:
        raise UserError(UNKNOWN, advice=SEE_DEVICES)
    found = grants(ledger, connection, device, row["org"])
    if connection.execute(ledger.of(tables.granted, device=device)).first() is None:
        begin(ledger, connection, device, row["org"], 0)
    return found


def _set(ledger: Ledger, connection: Connection, device: str, orgs: list[str], **values: int | None) -> None:
    table = tables.granted
    connection.execute(
        sa.update(table)
        .where(table.c.county == ledger.county, table.c.device == device, table.c.org.in_(orgs))
        .values(**values)
    )
