"""Tell whether one value descends from another, even where a restored county has lost what lay between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Stamp = str
"""``epoch:seq`` of the unit that set a value; empty: before everything, the part has never been set."""

NEVER: Stamp = ""
REST = "*"
"""The key under which a record's stamps name the stamp of every part that has none of its own."""
OWN = "~"
"""Before a stamp among a deletion's bases: its author had seen that save as he made it, not what the county made of it.
Before a number: one of a desk's own saves, which has no stamp yet."""

LOST = "?"
"""After a stamp, among its own parents: what its author had seen beside that is not known; another desk told of it."""


class Past(Protocol):
    """What the county knows of a record's earlier changes; asked only when an edit was not based on what is there."""

    def parents(self, part: str, stamp: Stamp) -> Sequence[Stamp] | None:
        """What the value set at a stamp was based on, and after that what else the county made it descend from.

        None when the county has lost, or never had, that stamp.
        """
        ...

    def followers(self, part: str, stamp: Stamp) -> Collection[Stamp]:
        """The values set at these stamps have this one among their parents."""
        ...

    def ops(self, part: str) -> Iterable[tuple[Stamp, Any]]:
        """Every value or set op that the part was ever given, with its stamp."""
        ...

    def seen(self, stamp: Stamp) -> Mapping[str, Stamp]:
        """All that the author of a change had seen of the record; empty when it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class With:
    """A past and one change more."""

    past: Past
    stamp: Stamp
    bases: Mapping[str, Stamp]

    def parents(self, part: str, stamp: Stamp) -> Sequence[Stamp] | None:
        """As the past has it, and of the change itself what its author had seen."""
        return (base_of(self.bases, part),) if stamp == self.stamp else self.past.parents(part, stamp)


class Parents(Protocol):
    """As much of a past as a walk through it needs."""

    def parents(self, part: str, stamp: Stamp) -> Sequence[Stamp] | None:
        """What the value set at a stamp descends from, or None when that is not known."""
        ...


def base_of(bases: Mapping[str, Stamp], part: str) -> Stamp:
    """What an op on the part was based on: its own base, or the one given for the rest."""
    own = bases.get(part)
    return own if own is not None else bases.get(REST, NEVER)


def is_in_line(
    part: str, ancestor: Stamp, stamp: Stamp, past: Parents, *, by_author: bool = False, surely: bool = False
) -> bool:
    """Whether the value set at ``stamp`` was made by somebody who had seen, at however many removes, ``ancestor``.

    ``by_author``: leave out what only the county put into the line. ``surely``: where the line is lost, say no.
    """
    if not ancestor:
        return True
    passed: set[Stamp] = set()
    beside: list[Stamp] = []
    while True:
        if not stamp or stamp in passed:  # stamps that were made up could run in a circle
            if not beside:
                return False
            stamp = beside.pop()
            continue
        if stamp == ancestor:
            return True
        passed.add(stamp)
        parents = past.parents(part, stamp)
        if parents is None:
            if not surely and came_later(stamp, ancestor):
                return True
            stamp = NEVER
        else:
            stamp = parents[0]
            if not by_author:
                beside.extend(parents[1:])


def came_later(unknown: Stamp, known: Stamp) -> bool:
    """Whether a stamp that a restored county has lost replaced one of the same epoch that it still has.

    In one epoch the county gave numbers in order, and whatever the later value did not descend from was listed then.
    It is a guess where that listing is lost too; when the lost change is given back, ``uncovered`` makes it good.
    """
    epoch, _, seq = unknown.removesuffix(LOST).partition(":")
    other, _, before = known.partition(":")
    return epoch == other and bool(seq) and int(seq) >= int(before)


def heirs(part: str, stamp: Stamp, past: Past) -> list[Stamp]:
    """Values made, for certain, by those who had seen this one, as far as none of them was followed by another."""
    found: dict[Stamp, Collection[Stamp]] = {}
    todo = list(past.followers(part, stamp))
    while todo:
        at = todo.pop()
        if at not in found and at != stamp:
            found[at] = past.followers(part, at)
            todo.extend(found[at])
    return [at for at, after in found.items() if not after]


def uncovered(part: str, stamp: Stamp, bases: Mapping[str, Stamp], past: Past) -> list[tuple[Stamp, Any]]:
    """Values that were taken to have been seen by those who followed, until this change closed the gap between them."""
    base = base_of(bases, part)
    gaps = {base} if past.parents(part, base) is None else set()
    taken = past.parents(part, stamp) or ()
    lost = []
    for at, value in past.ops(part):
        if at != stamp:
            gaps.update(each for each in past.parents(part, at) or () if past.parents(part, each) is None)
            if (at in taken or came_later(stamp, at)) and at != base and not past.followers(part, at):
                lost.append((at, value))
    gaps -= {stamp, NEVER}
    return [(at, value) for at, value in lost if not any(came_later(gap, at) for gap in gaps)]
