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


@dataclass(slots=True)
class Deletion:
    """Somebody deleted a record: what he saw of it."""

    id: int
    shown: dict[str, Any]


@dataclass(slots=True)
class Judge:
    """Every value is a word that nobody else ever wrote."""

    parents: dict[tuple[int, str], dict[str, set[str]]] = field(default_factory=dict)
    added: dict[int, set[str]] = field(default_factory=dict)
    removed: dict[int, set[str]] = field(default_factory=dict)
    deletions: dict[int, list[Deletion]] = field(default_factory=dict)
    excused: set[str] = field(default_factory=set)
    edits: int = 0

    def note(self, record: int, shown: State, after: dict[str, Any], id_: int) -> None:
        """An edit, as its author made it."""
        for part, value in after.items():
            self.edits += 1
            if part == DELETED:
                self.deletions.setdefault(record, []).append(Deletion(id_, dict(shown.body)))
            elif is_set_op(value):
                self.added.setdefault(record, set()).update(value["add"])
                self.removed.setdefault(record, set()).update(value["remove"])
            else:
                before = shown.body.get(part)
                own = self.parents.setdefault((record, part), {}).setdefault(value, set())
                if before is not None and before != value:
                    own.add(before)

    def excuse(self, words: Iterable[str]) -> None:
        """What no disk holds any more cannot be given back."""
        self.excused.update(words)

    def erased(self, record: int, county: CountyModel) -> None:
        """The county emptied its bin: all that it knew of the record is gone knowingly."""
        for (name, part), parents in self.parents.items():
            if name == record:
                self.excused.update(self._fine(county, record, part, parents) - {None})  # type: ignore[arg-type]
        kept = county.records[record]
        self.excused.update(kept.state.body.get("needs", ()))
        self.excused.update(self.removed.get(record, ()))
        self.excused.update(str(each.id) for each in self.deletions.get(record, ()))

    def lost(self, county: CountyModel) -> list[str]:
        """Every edit that is neither current, nor replaced by who had seen it, nor listed, proposed or rejected."""
        found = []
        for (record, part), parents in self.parents.items():
            fine = self._fine(county, record, part, parents)
            found += [f"{record}.{part}={value}" for value in parents if value not in fine]
        for record, entries in self.added.items():
            found += [f"{record}.needs+{entry}" for entry in entries - self._there(county, record)]
        return found + [name for record in self.deletions for name in self._buried(record, county)]

    def resurrected(self, county: CountyModel) -> list[str]:
        """Values that are current again although somebody who had seen them replaced them."""
        found = []
        for (record, part), parents in self.parents.items():
            now = _value(county, record, part)
            if now is not None and now not in self.excused:
                aside = {text for name, about, text in county.rejected if (name, about) == (record, part)}
                aside |= {
                    text for name, text in county.listed.get(record, ()) if name == PROPOSED + part
                } | self.excused
                above = [value for value, seen in parents.items() if now in seen and value not in aside]
                found += [f"{record}.{part}={now} over {value}" for value in above]
        return found

    def _fine(self, county: CountyModel, record: int, part: str, parents: dict[str, set[str]]) -> set[str | None]:
        ends: set[str | None] = {_value(county, record, part), *self.excused}
        ends |= {text for name, text in county.listed.get(record, ()) if name in (part, PROPOSED + part)}
        ends |= {text for name, about, text in county.rejected if (name, about) == (record, part)}
        return ancestors(ends, parents)

    def _there(self, county: CountyModel, record: int) -> set[str]:
        kept = county.records.get(record)
        there = set(kept.state.body.get("needs", ())) if kept else set()
        told = [text for part, text in county.listed.get(record, ()) if part == PROPOSED + "needs"]
        told += [text for name, part, text in county.rejected if (name, part) == (record, "needs")]
        return there | self.removed.get(record, set()) | self.excused | {word for text in told for word in _words(text)}

    def _buried(self, record: int, county: CountyModel) -> list[str]:
        """A deleted record must hold nothing that no deleter had before his eyes; and no deletion is forgotten."""
        kept = county.records.get(record)
        if kept is not None and kept.state.is_deleted:
            body = {part: value for part, value in kept.state.body.items() if part not in (DELETED, EMPTIED)}
            seen = [each.shown for each in self.deletions[record]]
            fits = any(all(shown.get(part) == value for part, value in body.items()) for shown in seen)
            return [] if fits or not body else [f"{record} buried"]
        traces = {part for part, _ in county.listed.get(record, ())} | {
            part for n, part, _ in county.rejected if n == record
        }
        known = kept is not None and DELETED in kept.state.stamps
        if known or DELETED in traces or PROPOSED + DELETED in traces:
            return []
        return [] if any(str(each.id) in self.excused for each in self.deletions[record]) else [f"{record} deletion"]


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
        items = {(record, *item) for record in due for item in county.listed.get(record, ())}
        if items != desk.listed:
            found.append(f"desk {number} lists otherwise")
        if desk.repairs or desk.outbox:
            found.append(f"desk {number} needs a repair")
    return found


def own_words(desk: DeskModel) -> set[str]:
    """All own saves that a laptop's disk can give back."""
    units = (*desk.units, *desk.outbox)
    return {word for unit in units for word in _all_words(unit.after)} | {str(unit.id) for unit in units}


def seen_words(desk: DeskModel) -> set[str]:
    """All that it can give back of others' saves, and what it knows as listed."""
    return {word for _, after, _ in desk.steps.values() for word in _all_words(after)} | {
        text for *_, text in desk.listed
    }


def words_at(county: CountyModel) -> set[str]:
    """All that arrived at the county."""
    found = {word for after, _ in county.changes.values() for word in _all_words(after)} | set(map(str, county.ids))
    found |= {word for items in county.listed.values() for _, text in items for word in _words(text)}
    return found | {word for _, _, text in county.rejected for word in _words(text)}


def _all_words(after: dict[str, Any]) -> Iterable[str]:
    for value in after.values():
        if is_set_op(value):
            yield from value["add"]
        else:
            yield str(value)


def _words(text: str) -> list[str]:
    return text.replace("'", " ").replace("]", " ").replace("[", " ").replace(",", " ").split()


def _value(county: CountyModel, record: int, part: str) -> str | None:
    kept = county.records.get(record)
    return kept.state.body.get(part) if kept else None
