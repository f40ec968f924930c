"""What a newer program makes of a county that an older one wrote: what was not kept, and types that were not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.policy.access import PERMISSIONS
from sync.merge import DELETED, State
from sync.messages import Change
from sync.server import tables
from sync.server.ledger import Ledger, chunks, now_ms
from sync.server.shape import subject_of
from sync.server.sitting import TELLS_OF, Name, Sitting, decode


def known() -> str:
    """The types that this program knows, as the county keeps them."""
    return " ".join(sorted(PERMISSIONS))


def fill_in(ledger: Ledger, connection: Connection) -> None:
    """When the deletions that hold were taken, and what records about records are about."""
    record = tables.record
    columns = (record.c.type, record.c.id, record.c.body, record.c.stamps)
    for type_, id_, body, stamps in connection.execute(ledger.of(record, *columns)).fetchall():
        content, values = decode(body), dict[str, Any]()
        if DELETED in content:
            values["deleted_at"] = _deleted_at(ledger, connection, State(content, decode(stamps)))
        if type_ in TELLS_OF:
            values["about"] = content.get("about_type")
        if values:
            same = (record.c.county == ledger.county, record.c.type == type_, record.c.id == id_)
            connection.execute(sa.update(record).where(*same).values(values))


def _deleted_at(ledger: Ledger, connection: Connection, state: State) -> int:
    epoch, _, number = state.stamp(DELETED).partition(":")
    query = ledger.of(tables.unit, tables.unit.c.arrived_at, epoch=epoch, stamp=int(number or 0))
    row = connection.execute(query).first()
    return int(row[0]) if row else now_ms()


def learn(ledger: Ledger) -> None:
    """Give out, to all who may see them, records of types that only their own devices got so far.

    They get new numbers, for cursors have passed them, and are filed with their persons, whom nobody could tell.
    """
    with ledger.reading() as connection:
        heard = ledger.one(connection, tables.space)["knows"] or ""
    if heard == known():
        return
    fresh = sorted(PERMISSIONS.keys() - set(heard.split())) if heard else []
    with ledger.writing() as connection:
        for names in chunks(_of_types(ledger, connection, fresh)):
            last = ledger.advance(connection, len(names))
            sitting = Sitting(ledger, connection)
            sitting.load(names)
            for seq, name in enumerate(names, last - len(names) + 1):
                _file(sitting, name, seq)
            sitting.write()
        ledger.note_known(connection, known())


def _of_types(ledger: Ledger, connection: Connection, types: list[str]) -> Iterator[Name]:
    """Records of these types, and what tells of them."""
    record = tables.record
    concerned = sa.or_(record.c.type.in_(types), record.c.about.in_(types))
    query = ledger.of(record, record.c.type, record.c.id).where(concerned).order_by(record.c.seq)
    yield from ((type_, id_) for type_, id_ in connection.execute(query).fetchall())


def _file(sitting: Sitting, name: Name, seq: int) -> None:
    kept = sitting.get(name)
    if kept is None:
        return
    kept.subject = subject_of(Change(*name, {}), kept.state) or kept.subject
    person = sitting.get(("person", kept.subject)) if kept.subject and "org" not in kept.state.body else None
    if person is not None and person.org != kept.org:
        sitting.leave(name, kept.org, seq)
        kept.org = person.org
    kept.seq, kept.device, kept.prior, kept.placed = seq, "", seq, None  # not there yet at those who have passed it
    sitting.put(name, kept)
