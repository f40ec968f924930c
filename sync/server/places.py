"""Where records are filed: with their person, else where they say, else with the desk that brings them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from sync.merge import State
from sync.messages import Change, Unit
from sync.server.shape import subject_of
from sync.server.sitting import Kept, Sitting
from sync.server.standing import Standing


class Places:
    """The divisions of what one device brings in one push."""

    def __init__(self, sitting: Sitting, standing: Standing) -> None:
        self.sitting = sitting
        self.standing = standing
        self._org = standing.device.org
        self._unit: Unit | None = None
        self._brought: Mapping[str, Any] = {}

    def of(self, unit: Unit, change: Change) -> str:
        """The division where the record of a change is, or where a new one would be."""
        kept = self.sitting.get((change.type, change.record))
        return kept.org if kept else self.of_new(unit, change)

    def of_new(self, unit: Unit, change: Change) -> str:
        """The division of a new record: its person's, its own, or that of the desk while the person is not here."""
        subject = subject_of(change)
        person = self.sitting.get(("person", subject)) if subject else None
        if change.type == "rejection" and (person is None or not self.standing.is_here(person.org)):
            return self._org  # it stays with whom it was sent back to, wherever the person has gone
        org = person.org if person else change.after.get("org") or self._told_beside(unit, subject)
        return org if isinstance(org, str) and org else self._org

    def _told_beside(self, unit: Unit, subject: str) -> Any:
        """The division of a person who comes with the same unit. A part of a record whose beginning is not here names
        nobody: whom the unit names is whose it is."""
        if subject:
            return self._brought_by(unit).get(subject)
        person = self.sitting.get(("person", unit.subject)) if unit.subject else None
        return person.org if person else None

    def _brought_by(self, unit: Unit) -> Mapping[str, Any]:
        """The persons in a unit, each with the division that comes with it; gathered once for all of its changes."""
        if unit is not self._unit:
            told = {each.record: each.after.get("org") for each in reversed(unit.changes) if each.type == "person"}
            self._unit, self._brought = unit, told
        return self._brought

    def after(self, change: Change, state: State, kept: Kept) -> str:
        """The division of a record that was here already, as a change has left it."""
        # A conflict whose settlement came back before its listing has no person yet: it is filed once that is known.
        if change.type == "rejection" or (change.type == "conflict" and kept.subject):
            return kept.org
        subject = subject_of(change, state) if change.type != "person" else ""
        person = self.sitting.get(("person", subject)) if subject else None
        org = person.org if person else state.body.get("org")
        return org if isinstance(org, str) and org else kept.org

    def now(self, unit: Unit) -> str:
        """Where a unit's person is looked after now; of one who is only proposed, where that proposal lies; else where
        the record is."""
        named = [("person", unit.subject), *self.sitting.told_of(unit.subject)] if unit.subject else []
        found = (kept.org for name in named if name[0] in ("person", "proposal") and (kept := self.sitting.get(name)))
        return next(found, None) or next((self.of(unit, change) for change in unit.changes), self._org)

    def move(self, person: str, org: str, seq: int) -> None:
        """A person's whole file goes where the person goes; a rejection stays with whom it was sent back to."""
        for name in self.sitting.file_of(person):
            kept = self.sitting.get(name)
            if kept is not None and kept.org != org and name[0] != "rejection":
                self.sitting.put(name, structs.replace(kept, org=org, seq=seq, device="", prior=seq))
                self.sitting.leave(name, kept.org, seq)
