"""Sets of words as they travel: entries that were put in and taken out, never the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_WORDS = frozenset({"add", "remove"})


def is_set_op(value: Any) -> bool:
    """Whether a value is entries added to and removed from a set."""
    return isinstance(value, dict) and bool(value) and value.keys() <= _WORDS


def set_after(before: Any, value: Any) -> list[str] | None:
    """A set with entries added and removed; None when nothing is left."""
    there = before if isinstance(before, (list, tuple)) else ()  # what is no set gives way to one
    entries = {entry for entry in there if isinstance(entry, str)}
    entries.update(value.get("add", ()))
    entries.difference_update(value.get("remove", ()))
    return sorted(entries) or None


def put_in(value: Any) -> Sequence[Any]:
    """The entries that an op, or a whole set, puts in."""
    if is_set_op(value):
        return list(value.get("add", ()))
    return value if isinstance(value, (list, tuple)) else ()
