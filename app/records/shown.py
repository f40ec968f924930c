"""What somebody had before his eyes of a set as he deleted its record, in few bytes an entry.

A set has no one author: whose stamp it bears touched it last, and need not have seen all of it (sync.md, Deletion).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from app.records.record import RecordType

SHOWN = "="
"""Stands before the name of a part among a deletion's bases, and before what was shown of it."""
SIZE = 8
"""Bytes of an entry's hash: of a thousand entries no two are taken for one in a lifetime."""
MOST = 60_000
"""Of a list of more entries nothing is told."""


def as_shown(spec: RecordType | None, values: Mapping[str, Any]) -> dict[str, str]:
    """By ``=part``, what was shown of each set of a record, empty ones too, and of each other list, for the county may
    know that for a set: it goes among a deletion's bases."""
    sets = {name: () for name, part in spec.parts.items() if part.is_set} if spec else {}
    lists = {name: value for name, value in values.items() if isinstance(value, (list, tuple))}
    return {SHOWN + name: _told(value) for name, value in {**sets, **lists}.items() if len(value) <= MOST}


def was_shown(entries: Iterable[Any], told: str) -> bool:
    """Whether all of these are among the entries that ``told`` speaks of."""
    return _there(told).issuperset(map(_hash, entries))


def was_any_shown(entries: Iterable[Any], told: str) -> bool:
    """Whether one of these is."""
    return not _there(told).isdisjoint(map(_hash, entries))


def _told(entries: list[Any] | tuple[Any, ...]) -> str:
    # Like a stamp, so that it travels as one: hashes, then how many there are.
    return f"{SHOWN}{''.join(sorted(map(_hash, entries)))}:{len(entries)}"


def _there(told: str) -> set[str]:
    hashes = told.removeprefix(SHOWN).partition(":")[0]
    return {hashes[at : at + 2 * SIZE] for at in range(0, len(hashes), 2 * SIZE)}


def _hash(entry: Any) -> str:
    return blake2b(json.dumps(entry, ensure_ascii=False, sort_keys=True).encode(), digest_size=SIZE).hexdigest()
