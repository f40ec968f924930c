"""Units as tables of columns and back, and changes by record type, which pages have too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sync.columns import Words, check_count, deltas, pack, pack_maps, sums, unpack, unpack_maps
from sync.merge import Stamp
from sync.messages import Change, Unit

Placed = tuple[int, int, Change]
"""A change with the number of its unit in the message and its place in the unit."""


def units_table(units: Sequence[Unit]) -> Any:
    """Units as columns: their heads together, their changes by record type."""
    words = Words()
    heads = [
        deltas(unit.seq for unit in units),
        words.pack([unit.verb for unit in units]),
        pack([unit.subject or None for unit in units]),
        words.pack([unit.author for unit in units]),
        words.pack([unit.author_name for unit in units]),
        deltas(unit.made_at for unit in units),
        words.pack_stamps([unit.stamp for unit in units]),
    ]
    changes: dict[str, list[Placed]] = {}
    for at, unit in enumerate(units):
        for place, change in enumerate(unit.changes):
            changes.setdefault(change.type, []).append((at, place, change))
    tables = {name: changes_table(found, words) for name, found in changes.items()}
    return [len(units), heads, tables, words.listed]


def changes_table(found: Sequence[Placed], words: Words) -> Any:
    """Changes of one record type as columns."""
    changes = [change for _, _, change in found]
    bases = [_common_base(change) for change in changes]
    odd = [
        [at, list(change.bases), words.pack_stamps(list(change.bases.values()))]
        for at, (change, base) in enumerate(zip(changes, bases, strict=True))
        if base is None
    ]
    return [
        len(changes),
        deltas(at for at, _, _ in found),
        [place for _, place, _ in found],
        pack([change.record for change in changes]),
        words.pack_stamps([base or "" for base in bases]),
        odd,
        pack_maps([change.after for change in changes], with_none=True),
    ]


def _common_base(change: Change) -> Stamp | None:
    """The one base of all parts, empty when none has a base; None when it takes more to say."""
    if not change.bases:
        return ""
    found = set(change.bases.values())
    return found.pop() if len(found) == 1 and "" not in found and change.bases.keys() == change.after.keys() else None


def units_of(table: Any) -> tuple[Unit, ...]:
    """The units of a table."""
    count, heads, tables, listed = table[:4]
    seqs, verbs, subjects, authors, names, times, stamps = heads[:7]
    check_count(count, seqs)
    words = Words(_texts(listed))
    changes: list[dict[int, Change]] = [{} for _ in range(count)]
    for name, inner in tables.items():
        for at, place, change in changes_of(name, inner, words):
            changes[at][place] = change
    told = zip(
        _all_of(sums(seqs), int),
        words.unpack(verbs, count),
        _all_of(unpack(subjects, count), str, type(None)),
        words.unpack(authors, count),
        words.unpack(names, count),
        _all_of(sums(times), int),
        words.unpack_stamps(stamps, count),
        changes,
        strict=True,
    )
    return tuple(
        Unit(seq, verb, subject or "", author, name, at, tuple([done[place] for place in sorted(done)]), stamp)
        for seq, verb, subject, author, name, at, stamp, done in told
    )


def changes_of(name: str, table: Any, words: Words) -> Iterator[Placed]:
    """The changes of a table."""
    count, units, places, records, bases, odd, after = table[:7]
    check_count(count, units)
    _texts([name, *after[0]])
    odd_bases = {
        at: dict(zip(parts, words.unpack_stamps(stamps, len(parts)), strict=True)) for at, parts, stamps in odd
    }
    columns = zip(
        sums(units),
        places,
        _texts(unpack(records, count)),
        words.unpack_stamps(bases, count),
        unpack_maps(after, count, with_none=True),
        strict=True,
    )
    for number, (at, place, record, base, values) in enumerate(columns):
        known = odd_bases.get(number)
        if known is None:
            known = dict.fromkeys(values, base) if base else {}
        yield at, place, Change(name, record, values, known)


def _texts(found: list[Any]) -> list[str]:
    return _all_of(found, str)


def _all_of(found: list[Any], *kinds: type) -> list[Any]:
    if not set(map(type, found)) <= set(kinds):
        raise TypeError("a table holds what does not belong into it")
    return found
