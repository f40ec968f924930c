"""Who remembers what everybody wrote, and what each had before his eyes; it knows nothing of stamps or records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.support.ancestry import ancestors

Cell = tuple[str, str]
"""A record and one of its fields."""


@dataclass(slots=True)
class Judge:
    """Every value must end as current, replaced by somebody who had seen it, or listed where people can see it.

    ``destroyed``: what was written on disks that are no more. What of it neither the county nor any other disk holds
    at some moment is ``unheld`` from then on: it alone may be missing, and nothing that it had replaced. ``erased``:
    what the county knew of who was emptied out of its bin, with all that it had replaced.
    """

    parents: dict[Cell, dict[str, set[str]]] = field(default_factory=dict)
    added: dict[Cell, set[str]] = field(default_factory=dict)
    removed: dict[Cell, set[str]] = field(default_factory=dict)
    seen_by_deleters: dict[str, list[Mapping[str, object]]] = field(default_factory=dict)
    destroyed: set[str] = field(default_factory=set)
    unheld: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    edits: int = 0

    def wrote(self, cell: Cell, value: str, shown: str | None) -> None:
        """A value was saved by somebody who saw another in its place."""
        self.edits += 1
        seen = self.parents.setdefault(cell, {}).setdefault(value, set())
        seen.update({shown} - {None, value})  # type: ignore[arg-type]

    def put_in(self, cell: Cell, entry: str) -> None:
        """An entry was added to a set."""
        self.edits += 1
        self.added.setdefault(cell, set()).add(entry)

    def took_out(self, cell: Cell, entry: str) -> None:
        """An entry that its author saw was taken out of a set."""
        self.edits += 1
        self.removed.setdefault(cell, set()).add(entry)

    def deleted(self, record: str, shown: Mapping[str, object]) -> None:
        """A record was deleted by somebody who saw this in it."""
        self.edits += 1
        self.seen_by_deleters.setdefault(record, []).append(dict(shown))

    def mourn(self, held: set[str]) -> None:
        """``held`` is what the county and all disks hold now, after one of them has lost something."""
        self.unheld |= self.destroyed - held

    def may_be_missing(self, token: str) -> bool:
        """Whether nobody can be asked for it."""
        return token in self.unheld or token in self.erased

    def lost(
        self,
        current: Mapping[Cell, str | None],
        sets: Mapping[Cell, Iterable[str]],
        listed: Mapping[Cell, set[str]],
        buried: Mapping[str, Mapping[str, object]],
    ) -> list[str]:
        """Every edit that has vanished. ``buried`` are the deleted records with what lies in them."""
        found = []
        for cell, parents in self.parents.items():
            fine = ancestors({current.get(cell), *listed.get(cell, ()), *(self.erased & parents.keys())}, parents)
            found += [f"{'.'.join(cell)}={value}" for value in parents.keys() - fine - self.unheld]
        for cell, entries in self.added.items():
            kept = {*sets.get(cell, ()), *self.removed.get(cell, ()), *listed.get(cell, ())}
            found += [f"{'.'.join(cell)}+{entry}" for entry in entries - kept - self.unheld - self.erased]
        for record, body in buried.items():
            if not any(self._covers(record, shown, body) for shown in self.seen_by_deleters.get(record, ())):
                found.append(f"{record} was deleted over something that nobody had seen")
        return found

    def _covers(self, record: str, shown: Mapping[str, object], body: Mapping[str, object]) -> bool:
        """Whether who saw this knew all that a record holds: each value, or one that was written over knowingly in
        what he saw. A value that he saw and that is not there, or an entry, is looked for by itself; an entry that
        somebody had taken out knowingly, and that a restore brought back, is wanted nowhere."""
        for name, value in body.items():
            seen = shown.get(name)
            if isinstance(value, tuple):
                wanted = set(value) - self.removed.get((record, name), set())
                known = wanted <= (set(seen) if isinstance(seen, tuple) else set())
            else:
                known = value is None or value in ancestors({seen}, self.parents.get((record, name), {}))  # type: ignore[arg-type]
            if not known:
                return False
        return True
