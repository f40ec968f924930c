"""Which values somebody knowingly wrote over: what a judge excuses when a value is no longer there."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def ancestors(ends: Collection[str | None], parents: Mapping[str, Collection[str | None]]) -> set[str | None]:
    """The ends, the values that they replaced, what those had replaced, and so on."""
    fine: set[str | None] = set()
    todo = list(ends)
    while todo:
        value = todo.pop()
        if value not in fine:
            fine.add(value)
            if value is not None and value in parents:
                todo.extend(parents[value])
    return fine
