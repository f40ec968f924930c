"""What an older program carried without knowing it, put where this one keeps it: once, after an upgrade."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.records import RECORD_TYPES
from app.records.part_values import is_beside
from app.records.record import Record
from app.store.attachments import queue_arriving
from app.store.parts import Held, parts_of, writer_of
from app.store.rows import codec

if TYPE_CHECKING:
    from sqlite_utils import Database


def take_in(db: Database) -> set[str]:
    """Records of types, and values of fields, that came before this desk knew them; gives the persons concerned."""
    touched: set[str] = set()
    for cls in RECORD_TYPES:
        touched |= _take_in_type(db, cls) | _take_in_fields(db, cls)
    return touched


def _take_in_type(db: Database, cls: type[Record]) -> set[str]:
    query = "SELECT record, body, stamps FROM carried WHERE type = ?"
    found: list[tuple[str, Held]] = [
        (id_, (json.loads(body), json.loads(stamps)))
        for id_, body, stamps in db.execute(query, [cls.spec.name]).fetchall()
    ]
    db.execute("DELETE FROM carried WHERE type = ?", [cls.spec.name])
    return _lay(db, cls, found)


def _take_in_fields(db: Database, cls: type[Record]) -> set[str]:
    rows = codec(cls)
    found: list[tuple[str, Held]] = []
    for row in db.execute(f"SELECT {rows.select} FROM {rows.name} WHERE extra IS NOT NULL").fetchall():
        record = rows.record(row)
        if any(name in cls.spec.parts or is_beside(cls.spec, name) for name in record.extra):
            found.append((record.id, (parts_of(record, bool(row[-1])), dict(record.stamps))))
    return _lay(db, cls, found)


def _lay(db: Database, cls: type[Record], found: list[tuple[str, Held]]) -> set[str]:
    if not found:
        return set()
    writer = writer_of(cls)
    db.conn.executemany(codec(cls).upsert, writer.rows(found))
    queue_arriving(db, cls.spec.name, found)
    return writer.subjects(found)
