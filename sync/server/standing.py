"""What a device's worker looked after once: their late saves become proposals to whoever looks after it now."""

from __future__ import annotations

from collections.abc import Iterable

from app.records.divisions import is_within
from sync.merge import NEVER, Stamp, base_of
from sync.messages import Change, Unit
from sync.server import tables
from sync.server.accounts import Device
from sync.server.grants import Grant
from sync.server.past import PastInLedger
from sync.server.scope import within_any
from sync.server.shape import Refused, subject_of
from sync.server.sitting import Name, Sitting


class OutOfScope(Refused):
    """The record is not, or not any more, among what the device serves."""

    def __init__(self) -> None:
        super().__init__("foreign_village", "不是这个岗位管的村的记录。")


class Standing:
    """What one device serves, and what it served before, while one push is worked on."""

    def __init__(self, sitting: Sitting, device: Device) -> None:
        self.sitting = sitting
        self.device = device
        self._left: dict[Name, set[tuple[str, int]]] = {}

    def is_here(self, org: str) -> bool:
        """Whether a division lies in what the device serves now."""
        return _is_in_any(org, self.device.orgs)

    def had(self, unit: Unit, change: Change, place: str) -> bool:
        """Whether the record of a change, or for a new one its person or division, was in scope at some time."""
        if _is_in_any(place, self._ended()) or self._leavings(unit, change):
            return True
        return self._was_made_here(change) or self._is_proposed(unit, change)

    def _was_made_here(self, change: Change) -> bool:
        """Whether this very save registered the person in what the device serves, and somebody has moved them on.

        So it looks to a restored county that has heard of them only from desks where they went.
        """
        told = change.after.get("org")
        if change.type != "person" or change.bases or not (isinstance(told, str) and self.is_here(told)):
            return False
        return not PastInLedger(self.sitting, ("person", change.record)).is_begun

    def _is_proposed(self, unit: Unit, change: Change) -> bool:
        """Whether an earlier save of the device that registered the person, or wrote in who they are, is proposed."""
        names = self.device.names
        persons = [id_ for type_, id_ in self._about(unit, change) if type_ == "person"]
        files = [name for id_ in persons for name in self.sitting.told_of(id_) if name[0] == "proposal"]
        found = [kept for name in files if (kept := self.sitting.get(name)) is not None and kept.home in names]
        return any(kept.state.body.get("about") in persons for kept in found)

    def before(self, unit: Unit, change: Change, place: str) -> str:
        """Where the device looked after it last."""
        left = max((seq, org) for seq, org in [(0, self.device.org), *self._leavings(unit, change)])
        return place if _is_in_any(place, self._ended()) else left[1]

    def had_then(self, unit: Unit, change: Change) -> bool:
        """Whether a save that is given back after a restore was made while its record was in scope.

        The move that took it away may be back already: in which order desks give back must not matter (sync.md,
        After a restore). One that says it had seen what was taken later is made up.
        """
        if not unit.stamp or any(self._came_first(unit.stamp, base) for base in change.bases.values()):
            return False
        place = self._place_then(unit, change)
        return bool(place) and _is_in_any(place, [each.org for each in self.device.grants])

    def _place_then(self, unit: Unit, change: Change) -> str:
        """Where the person, or else the record, was filed when a save of an earlier life was taken; empty: unknown.

        The save's own word counts where nothing is known, and where what is known follows on that very save; of a
        registration also where what that follows on is lost, and where somebody came back in part, without any
        registration, from who had seen this one.
        """
        told, stamp = change.after.get("org"), unit.stamp
        own = told if isinstance(told, str) else ""
        for name in reversed(self._about(unit, change)):
            past = PastInLedger(self.sitting, name)
            placed = {at: org for at, org in past.ops("org") if isinstance(org, str)}
            if later := [at for at in placed if self._came_first(stamp, at)]:
                first = min(later, key=self._order)
                earlier = [at for at in placed if self._came_first(at, stamp)]
                before = max(earlier, key=self._order) if earlier else _beneath(past, first)
                is_own = before == stamp or (before is None and not base_of(change.bases, "org"))
                return placed.get(before or NEVER, own if is_own else "")
            is_vouched_for = not placed and bool(own) and change.type == "person" and past.is_based_on(stamp)
            if (kept := self.sitting.get(name)) and not is_vouched_for:
                return kept.org
        return own

    def _came_first(self, stamp: Stamp, later: Stamp) -> bool:
        """Whether of two saves this one was taken first: in one life by their numbers, else if only it is of another.

        What bears the stamp of this life was taken after everything that is given back from earlier ones.
        """
        epoch, _, number = stamp.partition(":")
        other, _, after = later.partition(":")
        return int(number) < int(after or 0) if epoch == other else other == self.sitting.epoch

    def _order(self, stamp: Stamp) -> tuple[bool, int]:
        return stamp.startswith(self.sitting.epoch + ":"), _number(stamp)

    def _about(self, unit: Unit, change: Change) -> list[Name]:
        """The record, and the person to whose file it belongs; if nothing says where that is, whom its unit names."""
        kept = self.sitting.get((change.type, change.record))
        subject = subject_of(change, kept.state if kept else None)
        if kept is None and not subject and not change.after.get("org"):
            subject = unit.subject
        return [(change.type, change.record), *([("person", subject)] if subject else [])]

    def _leavings(self, unit: Unit, change: Change) -> list[tuple[int, str]]:
        """When what a change is about left a division that the device served by then, and which."""
        found = []
        for name in self._about(unit, change):
            fresh = self.sitting.leavings.get(name, {}).keys()
            found += [(seq, org) for org, seq in fresh | self._written(name) if self._served_once(org, seq)]
        return found

    def _written(self, name: Name) -> set[tuple[str, int]]:
        if name not in self._left:
            table = tables.leaving
            query = self.sitting.ledger.of(table, table.c.org, table.c.seq, type=name[0], id=name[1])
            places = within_any(table.c.org, [each.org for each in self.device.grants])
            found = self.sitting.connection.execute(query.where(places))
            self._left[name] = {(org, seq) for org, seq in found}
        return self._left[name]

    def _served_once(self, org: str, seq: int) -> bool:
        """Whether the device had begun to serve a division when something left it."""
        return any(is_within(org, each.org) and each.since <= seq for each in self.device.grants)

    def _ended(self) -> list[str]:
        return [each.org for each in self.device.grants if _is_over(each)]


def _is_over(grant: Grant) -> bool:
    return grant.until is not None


def _is_in_any(org: str, orgs: Iterable[str]) -> bool:
    return any(is_within(org, each) for each in orgs)


def _beneath(past: PastInLedger, stamp: Stamp) -> Stamp | None:
    """The save whose division this one changed; empty: it was the first; None: that is lost."""
    parents = past.parents("org", stamp)
    return None if parents is None else next(iter(parents), NEVER)


def _number(stamp: Stamp) -> int:
    return int(stamp.partition(":")[2] or 0)
