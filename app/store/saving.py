"""One save, piece by piece: what an edit changed, laid over the rows as they are, written down as units and changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar

from app.clock import Clock
from app.errors import BadValue
from app.records.part_values import is_beside, part_value
from app.records.record import Part, Record, amended, body
from app.store.results import Author
from app.store.rows import DELETED, EVERYTHING, codec, held, stamp_of

if TYPE_CHECKING:
    from sqlite_utils import Database

R = TypeVar("R", bound=Record)
Name = tuple[str, str]
"""A record: its type and its id; a profile shares the person's id."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What one edit changed: parts before and after, and the versions that the user saw."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    bases: Mapping[str, str]


def difference(loaded: Record | None, edited: Record) -> Difference:
    """Between what a form loaded and what it hands back; bases come from what it loaded (sync.md, "Op")."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    bases: dict[str, str] = {}
    for name, was, becomes, part in _parts(loaded, edited):
        if was == becomes:
            continue
        before[name] = was
        after[name] = _as_steps(was, becomes) if part and part.is_set else (None if becomes == [] else becomes)
        if loaded and (stamp := stamp_of(loaded, name)):
            bases[name] = stamp
    return Difference(before, after, bases)


def _parts(loaded: Record | None, edited: Record) -> Iterator[tuple[str, Any, Any, Part | None]]:
    for name, part in edited.spec.parts.items():
        yield name, part_value(loaded, part) if loaded else _empty(part), part_value(edited, part), part
    for name in {**edited.extra, **(loaded.extra if loaded else {})}:
        if is_beside(edited.spec, name):
            continue  # it came with its group
        yield name, loaded.extra.get(name) if loaded else None, edited.extra.get(name), None


def _empty(part: Part) -> Any:
    return [] if part.holds_many else None


def _as_steps(was: Sequence[str], becomes: Sequence[str]) -> dict[str, list[str]]:
    """Sets travel as what was put in and taken out, so that two people's additions both stay."""
    return {"add": sorted(set(becomes) - set(was)), "remove": sorted(set(was) - set(becomes))}


def with_parts(record: R, after: Mapping[str, Any]) -> R:
    """The record with changed parts laid over it; what this desk does not know goes into ``extra``. BadValue."""
    values: dict[str, Any] = {}
    extra = dict(record.extra)
    for name, value in after.items():
        part = record.spec.parts.get(name)
        if name == DELETED:
            continue
        if part is None:
            extra[name] = value
        elif part.is_group:
            if not isinstance(value, (dict, NoneType)):
                raise BadValue("没有改动。这个值放不进这一项。", advice="请另选一个，或在本人的页面上改。")
            known, unknown = _in_group(part, value or {}, extra)
            values.update(known)
            extra = {key: kept for key, kept in extra.items() if not key.startswith(name + ".")} | unknown
        elif part.holds_many and isinstance(value, dict):
            now = set(getattr(record, name)) - set(value.get("remove", ()))
            values[name] = sorted(now | set(value.get("add", ())))
            extra.pop(name, None)
        else:
            values[name] = value
            extra.pop(name, None)  # what the field could not hold gives way
    kept = {name: value for name, value in extra.items() if value is not None}
    return replace(amended(record, values), extra=kept)


def _in_group(part: Part, value: Mapping[str, Any], extra: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The group's fields, emptied where nothing is said; and what stays in ``extra``: what this desk does not know,
    and what was there already because the field could not hold it."""
    known = {field.name: value.get(field.name) for field in part.fields}
    told = {f"{part.name}.{name}": (name, raw) for name, raw in value.items()}
    beside = {key: raw for key, (name, raw) in told.items() if name not in known or extra.get(key) == raw}
    odd = dict.fromkeys(told[key][0] for key in beside if told[key][0] in known)
    return {**known, **odd}, beside


class Saving:
    """The units of one save. Rows are read once and written once, however many edits there are."""

    def __init__(self, db: Database, clock: Clock, by: Author, verb: str, batch: str) -> None:
        self._db = db
        self._unit_told = (batch, verb)
        self._by = by
        self._revives = verb != "undo"
        self._at = clock.now().isoformat()
        self._next = int(db.execute("SELECT coalesce(max(seq), 0) FROM unit").fetchone()[0])
        self._number = int(db.execute("SELECT coalesce(max(n), 0) FROM unit").fetchone()[0])
        self._known: dict[Name, tuple[Record, bool]] = {}
        self._written: dict[Name, None] = {}
        self._units: list[tuple[Any, ...]] = []
        self._changes: list[tuple[Any, ...]] = []
        self._shadows: list[tuple[Any, ...]] = []

    def look_up(self, records: Iterable[Record]) -> None:
        """Read the rows that are about to be changed, a query for each type."""
        wanted: dict[type[Record], list[str]] = {}
        for record in records:
            wanted.setdefault(type(record), []).append(record.id)
        for cls, ids in wanted.items():
            for found, deleted in held(self._db, cls, ids):
                self._known[cls.spec.name, found.id] = found, deleted

    def unit(self, subject: str | None, steps: Sequence[tuple[Record, Difference]]) -> list[Record]:
        """One unit of one person: every difference laid over its row; gives the records as they are now."""
        self._next += 1
        self._number += 1
        batch, verb = self._unit_told
        self._units.append((self._number, self._next, batch, verb, subject, self._by.id, self._by.name, self._at))
        return [self._lay(place, edited, step) for place, (edited, step) in enumerate(steps)]

    def _lay(self, place: int, edited: Record, step: Difference) -> Record:
        name = (edited.spec.name, edited.id)
        known = self._known.get(name)
        stamp = f"~{self._next}"
        if known is None:
            current, was_deleted = with_parts(type(edited)(id=edited.id), step.after), False
            merged = replace(current, stamps={EVERYTHING: stamp})
        else:
            current, was_deleted = known
            self._keep_shadow(current, was_deleted)
            if was_deleted and self._revives and DELETED not in step.after:
                step = _revived(step, edited, current)
            merged = with_parts(current, step.after)
            merged = replace(merged, stamps={**current.stamps, **dict.fromkeys(step.after, stamp)})
        told = (as_text(step.before), as_text(step.after), as_text(step.bases))
        self._changes.append((self._number, place, *name, int(known is None), *told))
        self._known[name] = merged, bool(step.after.get(DELETED, was_deleted))
        self._written[name] = None
        return merged

    def _keep_shadow(self, current: Record, deleted: bool) -> None:
        """Before the first own change of a record that came from the county, keep what the county said."""
        if not any(stamp.startswith("~") for stamp in current.stamps.values()):
            told = (as_text(body(current)), as_text(dict(current.stamps)), int(deleted))
            self._shadows.append((current.spec.name, current.id, *told))

    def write(self) -> None:
        """Put everything down: units, changes, shadows, rows."""
        write = self._db.conn.executemany
        write(
            "INSERT INTO unit (n, seq, batch, verb, subject, author, author_name, made_at, state) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'unsent')",
            self._units,
        )
        write(
            "INSERT INTO change (unit, place, type, record, created, before, after, bases) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self._changes,
        )
        write("INSERT OR IGNORE INTO shadow VALUES (?, ?, ?, ?, ?)", self._shadows)
        rows: dict[type[Record], list[tuple[Any, ...]]] = {}
        for name in self._written:
            record, deleted = self._known[name]
            rows.setdefault(type(record), []).append(codec(type(record)).row(record, deleted=deleted))
        for cls, laid in rows.items():
            write(codec(cls).upsert, laid)


def _revived(step: Difference, edited: Record, current: Record) -> Difference:
    """An edit wins over a deletion that its author had not seen, as it does at the county (sync.md, "Deletion")."""
    base = stamp_of(edited, DELETED) or stamp_of(current, DELETED)
    return Difference({**step.before, DELETED: True}, {**step.after, DELETED: False}, {**step.bases, DELETED: base})


def as_text(value: Any) -> str:
    """A JSON value as the store keeps it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
