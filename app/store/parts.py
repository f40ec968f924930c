"""Between a record's values by part, as they travel, and its row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from app.records.record import SETS, Field, Kind, Record, part_value
from app.store.rows import DELETED, codec

# Made once: json.dumps with these wishes makes an encoder for every call, and a first exchange makes 40,000.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode_set = json.JSONEncoder(ensure_ascii=False).encode

Held = tuple[dict[str, Any], dict[str, str]]
"""A record's values by part – ``@deleted`` among them when it lies in the bin – and its stamps."""


def parts_of(record: Record, deleted: bool = False) -> dict[str, Any]:
    """The record's values by part, without what is empty; what this desk does not know among them."""
    values = {name: part_value(record, part) for name, part in record.spec.parts.items()}
    filled = {name: value for name, value in values.items() if value is not None and value != []}
    for name, value in record.extra.items():
        group, _, inner = name.partition(".")
        if inner and group in record.spec.parts:
            filled[group] = {**(filled.get(group) or {}), inner: value}
        else:
            filled.setdefault(name, value)
    return {**filled, **({DELETED: True} if deleted else {})}


def record_of(
    cls: type[Record], id_: str, values: Mapping[str, Any], stamps: Mapping[str, str] | None = None
) -> Record:
    """The record of these values; what cannot be what its field holds is kept aside in ``extra``."""
    row = writer_of(cls).row(id_, values, stamps or {})
    return replace(codec(cls).record(row), stamps=dict(stamps or {}))


def _fits(field: Field, value: Any) -> bool:
    """Whether a value from the county can stand in the field's column and be read again."""
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


class RowWriter:
    """From values by part to a row of a record type, compiled once: a first exchange brings 12,000 of them."""

    def __init__(self, cls: type[Record]) -> None:
        self.cls = cls
        fields = cls.spec.fields
        self._places = {field.name: at for at, field in enumerate(fields, 1)}
        self._single = {name: part.fields[0] for name, part in cls.spec.parts.items() if not part.is_group}
        self._groups = {
            name: {field.name: field for field in part.fields} for name, part in cls.spec.parts.items() if part.is_group
        }
        self._width = len(fields) + 4

    def row(self, id_: str, values: Mapping[str, Any], stamps: Mapping[str, str]) -> list[Any]:
        """The row, in the order of the codec's columns."""
        row: list[Any] = [None] * self._width
        row[0] = id_
        extra: dict[str, Any] = {}
        for name, value in values.items():
            field = self._single.get(name)
            if field is not None:
                self._put(row, extra, field, value, name)
            elif name in self._groups and isinstance(value, dict):
                self._put_group(row, extra, name, value)
            elif name != DELETED:
                extra[name] = value
        row[-3] = _encode(extra) if extra else None
        row[-2] = _encode(stamps)
        row[-1] = int(DELETED in values)
        return row

    def _put(self, row: list[Any], extra: dict[str, Any], field: Field, value: Any, name: str) -> None:
        if not _fits(field, value):
            extra[name] = value
        elif field.kind in SETS:
            row[self._places[field.name]] = _encode_set(sorted(value))
        else:
            row[self._places[field.name]] = int(value) if field.kind is Kind.FLAG else value

    def _put_group(self, row: list[Any], extra: dict[str, Any], name: str, value: Mapping[str, Any]) -> None:
        fields = self._groups[name]
        for inner, each in value.items():
            if inner in fields:
                self._put(row, extra, fields[inner], each, f"{name}.{inner}")
            else:
                extra[f"{name}.{inner}"] = each

    def subjects(self, found: Iterable[tuple[str, Held]]) -> set[str]:
        """The persons these records belong to."""
        spec = self.cls.spec
        if "subject" in spec.by_name:
            named = (held[0].get("subject") for _, held in found)
            return {subject for subject in named if isinstance(subject, str)}
        return {id_ for id_, _ in found} if spec.is_profile or spec.name == "person" else set()


_WRITERS: dict[str, RowWriter] = {}


def writer_of(cls: type[Record]) -> RowWriter:
    """The writer of a record type, compiled once."""
    name = cls.spec.name
    if name not in _WRITERS:
        _WRITERS[name] = RowWriter(cls)
    return _WRITERS[name]
