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
"""Before a number: one of a desk's own saves, which has no stamp yet."""


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


def is_in_line(part: str, ancestor: Stamp, stamp: Stamp, past: Parents) -> bool:
    """Whether the value set at ``stamp`` was made by somebody who had seen, at however many removes, ``ancestor``.

    Where the line is lost the answer is no: what is listed in vain is a question too many, and what is taken to have
    been seen may be somebody's last word.
    """
    if not ancestor:
        return True
    passed = {NEVER}
    todo = [stamp]
    while todo:
        at = todo.pop()
        while at not in passed:  # stamps that were made up could run in a circle
            if at == ancestor:
                return True
            passed.add(at)
            parents = past.parents(part, at)
            if parents is None:
                break
            at = parents[0]
            if len(parents) > 1:
                todo.extend(parents[1:])
    return False


def those_in_line(part: str, ancestor: Stamp, stamps: Collection[Stamp], past: Parents) -> set[Stamp]:
    """Those of the values for which ``is_in_line`` says yes; a line that several of them share is walked once."""
    if not ancestor:
        return set(stamps)
    found, others = {ancestor}, {NEVER}
    for stamp in stamps:
        passed: set[Stamp] = set()
        todo = [stamp]
        while todo:
            at = todo.pop()
            if at in found:
                found.add(stamp)
                break
            if at not in others and at not in passed:
                passed.add(at)
                todo.extend(past.parents(part, at) or ())
        else:
            others |= passed
    return found.intersection(stamps)


def lines(part: str, stamps: Iterable[Stamp], past: Parents) -> dict[Stamp, set[Stamp]]:
    """Value → itself and all that it descends from; what several share is walked once. ``NEVER`` is in none of them."""
    found: dict[Stamp, set[Stamp]] = {}
    for stamp in stamps:
        passed: set[Stamp] = set()
        todo = [stamp]
        while todo:
            at = todo.pop()
            if at in found:
                passed |= found[at]
            elif at and at not in passed:
                passed.add(at)
                todo.extend(past.parents(part, at) or ())
        found[stamp] = passed
    return found


def came_later(stamp: Stamp, before: Stamp) -> bool:
    """Whether the county gave one stamp after another, in the same epoch: which of two values stood last."""
    epoch, _, seq = stamp.partition(":")
    other, _, earlier = before.partition(":")
    return epoch == other and bool(seq) and int(seq) >= int(earlier)


def heirs(part: str, stamp: Stamp, past: Past) -> list[Stamp]:
    """Values made, for certain, by those who had seen this one, as far as none of them was followed by another."""
    todo = list(past.followers(part, stamp))
    if not todo:
        return []  # nearly always
    found: dict[Stamp, Collection[Stamp]] = {}
    while todo:
        at = todo.pop()
        if at not in found and at != stamp:
            found[at] = past.followers(part, at)
            todo.extend(found[at])
    return [at for at, after in found.items() if not after]
