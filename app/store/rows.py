"""Between a row of the store and a record, one compiled codec per record type."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from app.records.record import Kind, Record

if TYPE_CHECKING:
    from sqlite_utils import Database

R = TypeVar("R", bound=Record)

DELETED = "@deleted"
"""The part that says a record was deleted; it travels and is merged like any other."""

EVERYTHING = "*"
"""In stamps: every part that is not named by itself."""


TOGETHER = 50
"""So many rows go into one statement: to begin and end one costs as much as to write a short row."""


def insert_many(db: Database, into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Rows of one width; ``into`` is the statement up to its values: ``INSERT INTO unit (n, verb)``."""
    whole = len(rows) - len(rows) % TOGETHER
    for some, size in ((rows[:whole], TOGETHER), (rows[whole:], 1)):
        if some:
            row = f"({', '.join('?' * len(some[0]))})"
            flat = [tuple(chain.from_iterable(some[at : at + size])) for at in range(0, len(some), size)]
            db.conn.executemany(f"{into} VALUES {', '.join([row] * size)}", flat)


def _as_tuple(raw: str) -> tuple[str, ...]:
    return tuple(json.loads(raw))


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.CHOICES: _as_tuple,
    Kind.LINES: _as_tuple,
    Kind.DAY: date.fromisoformat,
    Kind.MOMENT: datetime.fromisoformat,
    Kind.FLAG: bool,
}
_WRITERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.CHOICES: lambda value: json.dumps(value, ensure_ascii=False) if value else None,
    Kind.LINES: lambda value: json.dumps(value, ensure_ascii=False) if value else None,
    Kind.DAY: lambda value: value.isoformat(),
    Kind.MOMENT: lambda value: value.isoformat(),
    Kind.FLAG: int,
}


class RowCodec(Generic[R]):
    """Rows of one record type in and out; ``columns`` is the order of both."""

    def __init__(self, cls: type[R]) -> None:
        self.cls = cls
        self.name = cls.spec.name
        self.columns = ("id", *(field.name for field in cls.spec.fields), "extra", "stamps", "deleted")
        self.select = ", ".join(self.columns)
        self._readers = [
            (place + 1, field.name, _READERS.get(field.kind)) for place, field in enumerate(cls.spec.fields)
        ]
        self._writers = [(field.name, _WRITERS.get(field.kind)) for field in cls.spec.fields]
        self.by_ids = (
            f"SELECT {', '.join('t.' + name for name in self.columns)} FROM json_each(?) AS asked "
            f"CROSS JOIN {self.name} AS t ON t.id = asked.value"
        )
        self.upsert = self.upsert_of(self.columns)

    def upsert_of(self, filled: Sequence[str]) -> str:
        """The statement for rows of these columns, the id among them; nothing stands in the others from then on."""
        return (
            f"INSERT INTO {self.name} ({', '.join(filled)}) VALUES ({', '.join('?' * len(filled))}) "
            f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in self.columns[1:])}"
        )

    def record(self, row: Sequence[Any]) -> R:
        """The record of a row that was selected with ``select``."""
        values: dict[str, Any] = {}
        for place, name, read in self._readers:
            raw = row[place]
            if raw is not None:
                values[name] = read(raw) if read else raw
        extra = json.loads(row[-3]) if row[-3] else {}
        return self.cls(id=row[0], extra=extra, stamps=json.loads(row[-2]), **values)

    def subject(self, record: R) -> str:
        """The person the record belongs to; empty when it stands by itself."""
        return self.cls.spec.subject_of(record) or ""

    def row(self, record: R, *, deleted: bool = False) -> tuple[Any, ...]:
        """The row of a record, for ``upsert``."""
        values: list[Any] = [record.id]
        for name, write in self._writers:
            value = getattr(record, name)
            values.append(write(value) if write and value is not None else value)
        extra = json.dumps(dict(record.extra), ensure_ascii=False) if record.extra else None
        return (*values, extra, json.dumps(dict(record.stamps), separators=(",", ":")), int(deleted))


_CODECS: dict[str, RowCodec[Any]] = {}


def codec(cls: type[R]) -> RowCodec[R]:
    """The codec of a record type, compiled once."""
    name = cls.spec.name
    if name not in _CODECS:
        _CODECS[name] = RowCodec(cls)
    return _CODECS[name]


def held(db: Database, cls: type[R], ids: Iterable[str]) -> Iterator[tuple[R, bool]]:
    """The records of these ids that are in the store, deleted ones too, each with whether it is deleted."""
    rows = codec(cls)
    for row in db.execute(rows.by_ids, [json.dumps(list(ids))]):
        yield rows.record(row), bool(row[-1])


def stamp_of(record: Record, part: str) -> str:
    """The version of a part's value as loaded; empty when the record was never stored."""
    return record.stamps.get(part) or record.stamps.get(EVERYTHING, "")
