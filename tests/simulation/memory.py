"""What the county of the simulation remembers of earlier changes, and what a desk tells it about those it lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from sync.descent import OWN
from sync.merge import NEVER, Stamp, base_of

Change = tuple[dict[str, Any], dict[str, Stamp]]
"""What a save set, and what its author had seen; never changed once it is made."""
ONLY_THESE = "?"
"""Among the bases of what somebody else bears witness to: of the parts that are not named nothing is known."""


@dataclass(slots=True)
class Memory:
    """All changes of one record, in the order in which they came."""

    changes: dict[Stamp, Change] = field(default_factory=dict)
    parents: dict[str, dict[Stamp, tuple[Stamp, ...]]] = field(default_factory=dict)
    followers: dict[str, dict[Stamp, tuple[Stamp, ...]]] = field(default_factory=dict)
    adrift: dict[str, tuple[Stamp, ...]] = field(default_factory=dict)

    def copy(self) -> Memory:
        """For a backup."""
        return Memory(
            self.changes.copy(),
            {part: line.copy() for part, line in self.parents.items()},
            {part: line.copy() for part, line in self.followers.items()},
            self.adrift.copy(),
        )

    def note(
        self, after: dict[str, Any], bases: dict[str, Stamp], stamp: Stamp, lines: Mapping[str, Stamp]
    ) -> None:
        """One change, and what its values descend from beside what its author saw."""
        self.changes[stamp] = (after, bases)
        is_partly_known = ONLY_THESE in bases
        for part in after:
            if is_partly_known and part not in bases:
                self.adrift[part] = (*self.adrift.get(part, ()), stamp)
                continue
            base, also = base_of(bases, part), lines.get(part)
            parents = (base, also) if also else (base,)
            if part not in self.parents:
                self.parents[part], self.followers[part] = {}, {}
            self.parents[part][stamp] = parents
            followers = self.followers[part]
            for parent in parents:
                if parent not in followers:
                    followers[parent] = (stamp,)
                elif stamp not in followers[parent]:
                    followers[parent] += (stamp,)


class Witness(Protocol):
    """A desk that tells, after a restore, what it saw."""

    def base(self, record: int, part: str, stamp: Stamp) -> Stamp:
        """What a change that the county may have lost was based on."""
        ...


class PastModel(msgspec.Struct, frozen=True, gc=False):
    """The past of one record, with what the witness adds to it while he speaks."""

    record: int
    memory: Memory
    taken: set[Stamp]
    witness: Witness | None

    def parents(self, part: str, stamp: Stamp) -> tuple[Stamp, ...] | None:
        """What a value descends from."""
        try:
            return self.memory.parents[part][stamp]
        except KeyError:
            pass
        base = self.witness.base(self.record, part, stamp) if self.witness is not None else NEVER
        if base and base[0] != OWN:
            return (base,)
        return (NEVER,) if stamp in self.taken else None

    def followers(self, part: str, stamp: Stamp) -> tuple[Stamp, ...]:
        """Values that descend from it at one remove."""
        memory = self.memory
        found = memory.followers[part].get(stamp, ()) if part in memory.followers else ()
        if self.witness is None or part not in memory.adrift:
            return found
        more = [at for at in memory.adrift[part] if at not in found and part in memory.changes[at][0]]
        return (*found, *(at for at in more if self.parents(part, at) == (stamp,)))

    def ops(self, part: str) -> Iterable[tuple[Stamp, Any]]:
        """Every value that the part was given, in the order in which they came."""
        return [(stamp, after[part]) for stamp, (after, _) in self.memory.changes.items() if part in after]

    def seen(self, stamp: Stamp) -> dict[str, Stamp]:
        """All that an author had seen."""
        found = self.memory.changes.get(stamp)
        return found[1] if found else {}
