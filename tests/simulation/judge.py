"""The judge: remembers what each edit wrote and what its author had seen, and nothing of the engine's stamps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sync.merge import DELETED, EMPTIED, State, is_set_op
from tests.simulation.county import CountyModel
from tests.simulation.desk import DeskModel
from tests.simulation.talk import PROPOSED
from tests.support.ancestry import ancestors

Word = str | int
"""A value that somebody wrote, or the number of a save, which is all that is left of a deletion."""
Told = dict[tuple[int, str], list[str]]
"""Record and part → what the county lists, or under ``PROPOSED`` and the part proposes, of it."""


@dataclass(slots=True)
class Deletion:
    """Somebody deleted a record: what he saw of it."""

    id: int
    shown: dict[str, Any]


@dataclass(slots=True)
class Judge:
    """Every value is a word that nobody else ever wrote."""

    parents: dict[tuple[int, str], dict[str, tuple[str, ...]]] = field(default_factory=dict)
    added: dict[int, set[str]] = field(default_factory=dict)
    removed: dict[int, set[str]] = field(default_factory=dict)
    deletions: dict[int, list[Deletion]] = field(default_factory=dict)
    excused: set[Word] = field(default_factory=set)
    edits: int = 0

    def note(self, record: int, shown: State, after: dict[str, Any], id_: int) -> None:
        """An edit, as its author made it."""
        self.edits += len(after)
        for part, value in after.items():
            if type(value) is str:
                before = shown.body.get(part)
                values = self.parents.get((record, part))
                if values is None:
                    values = self.parents[record, part] = {}
                values[value] = () if before is None else (before,)
            elif part == DELETED:
                self.deletions.setdefault(record, []).append(Deletion(id_, dict(shown.body)))
            else:
                self.added.setdefault(record, set()).update(value["add"])
                self.removed.setdefault(record, set()).update(value["remove"])

    def excuse(self, words: Iterable[Word]) -> None:
        """What no disk holds any more cannot be given back."""
        self.excused.update(words)

    def erased(self, record: int, county: CountyModel) -> None:
        """The county emptied its bin: all that it knew of the record is gone knowingly."""
        told = _told(county)
        for (name, part), parents in self.parents.items():
            if name == record:
                fine = self._fine(county, record, part, parents, told)
                self.excused.update(value for value in fine if value is not None)
        kept = county.records[record]
        self.excused.update(kept.state.body.get("needs", ()))
        self.excused.update(self.removed.get(record, ()))
        self.excused.update(each.id for each in self.deletions.get(record, ()))

    def lost(self, county: CountyModel) -> list[str]:
        """Every edit that is neither current, nor replaced by who had seen it, nor listed, proposed or rejected."""
        found = []
        told = _told(county)
        for (record, part), parents in self.parents.items():
            fine = self._fine(county, record, part, parents, told)
            found += [f"{record}.{part}={value}" for value in parents if value not in fine]
        for record, entries in self.added.items():
            found += [f"{record}.needs+{entry}" for entry in entries - self._there(county, record, told)]
        return found + [name for record in self.deletions for name in self._buried(record, county)]

    def resurrected(self, county: CountyModel) -> list[str]:
        """Values that are current again although somebody who had seen them replaced them."""
        found = []
        told = _told(county)
        for (record, part), parents in self.parents.items():
            now = _value(county, record, part)
            if now is not None and now not in self.excused:
                above = [value for value, seen in parents.items() if now in seen and value not in self.excused]
                aside = {*told.get((record, PROPOSED + part), ()), *county.rejected.get((record, part), ())}
                found += [f"{record}.{part}={now} over {value}" for value in above if value not in aside]
        return found

    def _fine(
        self, county: CountyModel, record: int, part: str, parents: dict[str, tuple[str, ...]], told: Told
    ) -> set[str | None]:
        ends: set[str | None] = {_value(county, record, part), *(self.excused & parents.keys())}
        ends.update(told.get((record, part), ()), told.get((record, PROPOSED + part), ()))
        ends.update(county.rejected.get((record, part), ()))
        return ancestors(ends, parents)

    def _there(self, county: CountyModel, record: int, told: Told) -> set[str]:
        kept = county.records.get(record)
        there = set(kept.state.body.get("needs", ())) if kept else set()
        texts = *told.get((record, PROPOSED + "needs"), ()), *county.rejected.get((record, "needs"), ())
        there.update(word for text in texts for word in _words(text))
        return there | self.removed.get(record, set()) | self.excused

    def _buried(self, record: int, county: CountyModel) -> list[str]:
        """A deleted record must hold nothing that no deleter had before his eyes; and no deletion is forgotten."""
        kept = county.records.get(record)
        if kept is not None and kept.state.is_deleted:
            body = {part: value for part, value in kept.state.body.items() if part not in (DELETED, EMPTIED)}
            seen = [each.shown for each in self.deletions[record]]
            fits = any(all(self._knew(record, part, shown, body[part]) for part in body) for shown in seen)
            return [] if fits or not body else [f"{record} buried"]
        traces = {part for part, _ in county.listed.get(record, ())}
        known = (kept is not None and DELETED in kept.state.stamps) or (record, DELETED) in county.rejected
        if known or DELETED in traces or PROPOSED + DELETED in traces:
            return []
        return [] if any(each.id in self.excused for each in self.deletions[record]) else [f"{record} deletion"]

    def _knew(self, record: int, part: str, shown: dict[str, Any], value: Any) -> bool:
        """Whether who saw this knew a value: it, or one written on top of it; of a set, each entry that is there. One
        that is not there any more is looked for among what was added."""
        if part == "needs":
            return set(value) <= set(shown.get(part, ()))
        return value == shown.get(part) or value in ancestors({shown.get(part)}, self.parents.get((record, part), {}))


def _told(county: CountyModel) -> Told:
    found: Told = {}
    for record, entries in county.listed.items():
        for part, text in entries:
            found.setdefault((record, part), []).append(text)
    return found


def apart(county: CountyModel, desks: Iterable[DeskModel]) -> list[str]:
    """Desks that do not show exactly what the county holds for them, or show it only thanks to a repair."""
    found, devices = [], set()
    for number, desk in enumerate(desks):
        if desk.device in devices:
            found.append(f"desk {number} goes by another's name")
        devices.add(desk.device)
        orgs = county.posts[desk.device].orgs
        due = {record: kept.state for record, kept in county.records.items() if kept.place in orgs}
        for record in due.keys() | desk.rows.keys():
            if desk.rows.get(record) != due.get(record):
                found.append(f"desk {number} record {record}")
        listed = {record: county.listed[record].keys() for record in due if county.listed.get(record)}
        if listed != {record: entries for record, entries in desk.listed.items() if entries}:
            found.append(f"desk {number} lists otherwise")
        if desk.repairs or desk.outbox:
            found.append(f"desk {number} needs a repair")
    return found


def own_words(desk: DeskModel) -> set[Word]:
    """All own saves that a laptop's disk can give back."""
    units = {*desk.units, *desk.outbox}
    return _all_words(unit.after for unit in units) | {unit.id for unit in units}


def seen_words(desk: DeskModel) -> set[str]:
    """All that it can give back of others' saves, and what it knows as listed."""
    words = _all_words(after for steps in desk.steps.values() for after, _ in steps.values())
    return words | {text for entries in desk.listed.values() for _, text in entries}


def words_at(county: CountyModel) -> set[Word]:
    """All that arrived at the county."""
    found: set[Word] = set().union(*county.known.values())
    found |= _all_words(after for memory in county.memory.values() for after, _ in memory.changes.values())
    found |= {word for items in county.listed.values() for _, text in items for word in _words(text)}
    return found | {word for texts in county.rejected.values() for text in texts for word in _words(text)}


def _all_words(changes: Iterable[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for after in changes:
        for value in after.values():
            if type(value) is str:
                found.add(value)
            elif is_set_op(value):
                found.update(value["add"])
            else:
                found.add(str(value))
    return found


def _words(text: str) -> list[str]:
    if "[" not in text:
        return [text]
    return text.replace("'", " ").replace("]", " ").replace("[", " ").replace(",", " ").split()


def _value(county: CountyModel, record: int, part: str) -> str | None:
    kept = county.records.get(record)
    return kept.state.body.get(part) if kept else None
