"""Between a record's values by part, as they travel, and its row."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from operator import itemgetter
from typing import Any

from app.records.part_values import is_beside, part_value
from app.records.record import SETS, Field, Kind, Record
from app.store.rows import DELETED, EVERYTHING, codec

# Made once: json.dumps with these wishes makes an encoder for every call, and a first exchange makes 40,000.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode_set = json.JSONEncoder(ensure_ascii=False).encode

Odd = dict[int, dict[str, Any]]
"""By the number of the row: what came and has no column, or cannot be what its column holds."""
Held = tuple[dict[str, Any], dict[str, str]]
"""A record's values by part – ``@deleted`` among them when it lies in the bin – and its stamps."""


def parts_of(record: Record, deleted: bool = False) -> dict[str, Any]:
    """The record's values by part, without what is empty; what this desk does not know among them."""
    values = {name: part_value(record, part) for name, part in record.spec.parts.items()}
    filled = {name: value for name, value in values.items() if value is not None and value != []}
    for name, value in record.extra.items():
        if not is_beside(record.spec, name):
            filled.setdefault(name, value)
    return {**filled, **({DELETED: True} if deleted else {})}


def record_of(
    cls: type[Record], id_: str, values: Mapping[str, Any], stamps: Mapping[str, str] | None = None
) -> Record:
    """The record of these values; what cannot be what its field holds is kept aside in ``extra``."""
    row = writer_of(cls).row(id_, values, stamps or {})
    return replace(codec(cls).record(row), stamps=dict(stamps or {}))


def _column(field: Field, values: list[Any], label: str, odd: Odd) -> list[Any]:
    """A field's column, without what cannot stand in it and be read again; that is set aside."""
    if not _all_fit(field, values):
        _set_aside([None if _fits(field, value) else value for value in values], label, odd)
        values = [value if _fits(field, value) else None for value in values]
    if field.kind in SETS:
        return [None if value is None else _encode_set(sorted(value)) for value in values]
    return [None if value is None else int(value) for value in values] if field.kind is Kind.FLAG else values


def _all_fit(field: Field, values: list[Any]) -> bool:
    """Whether all values of a column fit; asked of their types and, for dates, of each date once."""
    kinds = set(map(type, values)) - {type(None)}
    if field.kind in SETS:
        return kinds <= {list} and set(map(type, chain.from_iterable(filter(None, values)))) <= {str}
    if field.kind is Kind.FLAG:
        return kinds <= {bool}
    if field.kind is Kind.NUMBER:
        return kinds <= {int} and all(value is None or abs(value) < 1 << 63 for value in values)
    return kinds <= {str} and (field.kind not in _DATES or _are_read(_DATES[field.kind], {*values} - {None}))


def _are_read(reader: Callable[[str], object], texts: Iterable[str]) -> bool:
    try:
        deque(map(reader, texts), maxlen=0)
    except ValueError:
        return False
    return True


def _fits(field: Field, value: Any) -> bool:
    """Whether a value from the county can stand in the field's column and be read again; nothing always can."""
    if value is None:
        return True
    if field.kind in SETS:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if field.kind is Kind.FLAG:
        return isinstance(value, bool)
    if field.kind is Kind.NUMBER:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
    if not isinstance(value, str):
        return False
    if field.kind in _DATES:
        try:
            _DATES[field.kind](value)
        except ValueError:
            return False
    return True


_DATES = {Kind.DAY: date.fromisoformat, Kind.MOMENT: datetime.fromisoformat}


def _no_group(value: Any, name: str, at: int, odd: Odd) -> dict[str, Any]:
    if value is not None:
        odd.setdefault(at, {})[name] = value
    return {}


def _set_aside(values: Iterable[Any], label: str, odd: Odd) -> None:
    for at, value in enumerate(values):
        if value is not None:
            odd.setdefault(at, {})[label] = value


def _stamps_text(stamps: Mapping[str, str]) -> str:
    """Mostly one stamp for the whole record; it is quoted with care only when it needs any."""
    if len(stamps) == 1:
        ((part, stamp),) = stamps.items()
        if (part == EVERYTHING or _PLAIN(part)) and _PLAIN(stamp):
            return f'{{"{part}":"{stamp}"}}'
    return _encode(stamps)


_PLAIN = re.compile(r"[0-9A-Za-z:~*@_.]*").fullmatch


def attachments_in(type_: str, values: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The attachments (SHA-256, bytes) that a record bears, or that a proposal would bring."""
    if type_ != "proposal":
        digest = values.get("sha256")
        return [(digest, values.get("size") or 0)] if isinstance(digest, str) else []
    try:
        changes = json.loads(values.get("content") or "{}").get("changes", ())
        return [told for each in changes for told in attachments_in("", each.get("after") or {})]
    except (ValueError, AttributeError, TypeError):
        return []  # whatever a newer program put there, its text is kept


class RowWriter:
    """From values by part to rows of a record type, column by column: a first exchange brings 12,000 rows, and asking
    each of their values by itself whether it fits costs more than all the rest of writing them."""

    def __init__(self, cls: type[Record]) -> None:
        self.cls = cls
        fields = cls.spec.fields
        self._places = {field.name: at for at, field in enumerate(fields, 1)}
        self._single = {name: part.fields[0] for name, part in cls.spec.parts.items() if not part.is_group}
        self._groups = {
            name: {field.name: field for field in part.fields} for name, part in cls.spec.parts.items() if part.is_group
        }
        self._width = len(fields) + 4

    def row(self, id_: str, values: Mapping[str, Any], stamps: Mapping[str, str]) -> tuple[Any, ...]:
        """One row, in the order of the codec's columns."""
        return self.rows([(id_, (dict(values), dict(stamps)))])[0]

    def rows(self, found: Sequence[tuple[str, Held]]) -> list[tuple[Any, ...]]:
        """Rows of records, each in the order of the codec's columns."""
        return list(zip(*self._columns(found, (None,) * len(found)), strict=True))

    def filled(self, found: Sequence[tuple[str, Held]]) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The same, of those columns alone in which anything stands, with their names."""
        nothing = (None,) * len(found)
        told = zip(codec(self.cls).columns, self._columns(found, nothing), strict=True)
        named = [(name, column) for name, column in told if column is not nothing]
        return [name for name, _ in named], list(zip(*(column for _, column in named), strict=True))

    def _columns(self, found: Sequence[tuple[str, Held]], nothing: Sequence[None]) -> list[Sequence[Any]]:
        bodies = [held[0] for _, held in found]
        odd: Odd = {}
        columns: list[Sequence[Any]] = [nothing] * self._width
        columns[0] = [id_ for id_, _ in found]
        for name in dict.fromkeys(chain.from_iterable(dict.fromkeys(map(tuple, bodies)))):
            self._lay(columns, odd, name, _told(bodies, name))
        if odd:
            columns[-3] = [_encode(odd[at]) if at in odd else None for at in range(len(found))]
        columns[-2] = [_stamps_text(held[1]) for _, held in found]
        columns[-1] = [int(DELETED in body) for body in bodies]
        return columns

    def _lay(self, columns: list[Sequence[Any]], odd: Odd, name: str, values: list[Any]) -> None:
        field, group = self._single.get(name), self._groups.get(name)
        if field is not None:
            columns[self._places[field.name]] = _column(field, values, name, odd)
        elif group is not None:
            whole = [value if isinstance(value, dict) else _no_group(value, name, at, odd)
                     for at, value in enumerate(values)]  # fmt: skip
            for inner in dict.fromkeys(chain.from_iterable(whole)):
                told = _told(whole, inner)
                if inner in group:
                    columns[self._places[inner]] = _column(group[inner], told, f"{name}.{inner}", odd)
                else:
                    _set_aside(told, f"{name}.{inner}", odd)
        elif name != DELETED:
            _set_aside(values, name, odd)

    def subjects(self, found: Iterable[tuple[str, Held]]) -> set[str]:
        """The persons these records belong to."""
        spec = self.cls.spec
        if "subject" in spec.by_name:
            named = (held[0].get("subject") for _, held in found)
            return {subject for subject in named if isinstance(subject, str)}
        return {id_ for id_, _ in found} if spec.is_profile or spec.name == "person" else set()


def _told(values: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), values))
    except KeyError:
        return [value.get(name) for value in values]


def _sorted(raw: str) -> list[str]:
    return sorted(json.loads(raw))


class RowReader:
    """From rows of a record type to values by part, as they were written, without making a record of each."""

    def __init__(self, cls: type[Record]) -> None:
        self.spec = cls.spec
        places = {field.name: at for at, field in enumerate(cls.spec.fields, 1)}
        told = {
            name: [(places[field.name], field.name, _reader(field)) for field in part.fields]
            for name, part in cls.spec.parts.items()
        }
        self._single = [(*fields[0],) for name, fields in told.items() if not cls.spec.parts[name].is_group]
        self._groups = [(name, fields) for name, fields in told.items() if cls.spec.parts[name].is_group]

    def held(self, row: Sequence[Any]) -> Held:
        """The values and the stamps of a row that was selected with the codec's ``select``."""
        found = _read(row, self._single)
        for name, fields in self._groups:
            if values := _read(row, fields):
                found[name] = values
        if row[-3]:
            self._lay_beside(found, json.loads(row[-3]))
        if row[-1]:
            found[DELETED] = True
        return found, json.loads(row[-2])

    def _lay_beside(self, found: dict[str, Any], extra: Mapping[str, Any]) -> None:
        for name, value in extra.items():
            group, _, inner = name.partition(".")
            if is_beside(self.spec, name):
                found[group] = {inner: value, **found.get(group, {})}
            else:
                found.setdefault(name, value)


def _reader(field: Field) -> Callable[[Any], Any] | None:
    return _sorted if field.kind in SETS else bool if field.kind is Kind.FLAG else None


def _read(row: Sequence[Any], fields: Iterable[tuple[int, str, Callable[[Any], Any] | None]]) -> dict[str, Any]:
    found = {}
    for at, name, read in fields:
        raw = row[at]
        if raw is not None and (read is not _sorted or raw != "[]"):
            found[name] = read(raw) if read else raw
    return found


_READERS: dict[str, RowReader] = {}


def reader_of(cls: type[Record]) -> RowReader:
    """The reader of a record type, compiled once."""
    name = cls.spec.name
    if name not in _READERS:
        _READERS[name] = RowReader(cls)
    return _READERS[name]


_WRITERS: dict[str, RowWriter] = {}


def writer_of(cls: type[Record]) -> RowWriter:
    """The writer of a record type, compiled once."""
    name = cls.spec.name
    if name not in _WRITERS:
        _WRITERS[name] = RowWriter(cls)
    return _WRITERS[name]
