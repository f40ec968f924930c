"""What one part of a record says, as history, the exchange and the pages about differences compare it."""

from __future__ import annotations

from typing import Any

from app.records.record import Part, Record, RecordType, to_json


def part_value(record: Record, part: Part) -> Any:
    """A part's value as JSON: one value, a sorted list, or for a group the mapping of what is filled in it.

    What a newer desk wrote into the group, and this one does not know, is part of it and goes wherever it goes.
    """
    if not part.is_group:
        return to_json(getattr(record, part.name))
    values = {field.name: to_json(getattr(record, field.name)) for field in part.fields}
    filled = {name: value for name, value in values.items() if value not in (None, [])}
    return {**(beside(record, part) if record.extra else {}), **filled} or None


def beside(record: Record, group: Part) -> dict[str, Any]:
    """What of a group is kept in ``extra``, under its own name."""
    head = group.name + "."
    return {name.removeprefix(head): value for name, value in record.extra.items() if name.startswith(head)}


def is_beside(spec: RecordType, name: str) -> bool:
    """Whether a name in ``extra`` is that of something within a group: "address.postcode"."""
    group, _, inner = name.partition(".")
    return bool(inner) and group in spec.parts and spec.parts[group].is_group
