"""Taking a batch back: what it did, what has been built on it since, and so what must stay."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.records import RECORD_TYPES, record_type
from app.records.record import Kind, Record
from app.store.rows import DELETED, held, stamp_of

if TYPE_CHECKING:
    from sqlite_utils import Database

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DoneStep:
    """One change of a batch that is to be undone, and its record as it is now."""

    current: Record
    created: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    stamps: frozenset[str]

    @property
    def name(self) -> Name:
        """The record's type and id."""
        return self.current.spec.name, self.current.id

    @property
    def file(self) -> str:
        """Whose file the record lies in; its own when it stands by itself."""
        return self.current.spec.subject_of(self.current) or self.current.id

    @property
    def is_edit(self) -> bool:
        """Whether fields of a record were changed that was there before."""
        return not self.created and self.after.keys() != {DELETED}

    @property
    def is_mark(self) -> bool:
        """Whether the record was made, put into the bin or taken out of it."""
        return self.created or DELETED in self.after

    @property
    def was_deleted(self) -> bool:
        """Whether the record goes into the bin when the step is taken back."""
        return self.created or bool(self.before.get(DELETED))

    def is_still_current(self) -> bool:
        """Whether nobody changed since what this step changed."""
        return all(self._stamp(name) in self.stamps for name in self.after)

    def _stamp(self, name: str) -> str | None:
        return self.current.stamps.get(name) if name == DELETED else stamp_of(self.current, name)

    def backwards(self) -> dict[str, Any]:
        """The parts as they were before the step."""
        return {name: _turned(value) if _is_step(value) else self.before[name] for name, value in self.after.items()}


def done_by(db: Database, batch: str) -> list[DoneStep]:
    """The steps of a batch, the last one first."""
    query = (
        "SELECT u.seq, u.epoch, u.stamp, c.type, c.record, c.created, c.before, c.after FROM unit AS u "
        "JOIN change AS c ON c.unit = u.n WHERE u.batch = ? ORDER BY u.n DESC, c.place DESC"
    )
    changes = db.execute(query, [batch]).fetchall()
    now = _as_they_are(db, {(change[3], change[4]) for change in changes})
    return [
        DoneStep(
            now[type_name, id_], bool(created), json.loads(before), json.loads(after),
            frozenset((f"~{seq}", f"{epoch}:{stamp}")),
        )
        for seq, epoch, stamp, type_name, id_, created, before, after in changes
    ]  # fmt: skip


def _as_they_are(db: Database, names: Collection[Name]) -> dict[Name, Record]:
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for type_name, id_ in names:
        wanted[type_name].append(id_)
    return {
        (type_name, record.id): record
        for type_name, ids in wanted.items()
        for record, _ in held(db, record_type(type_name), ids)
    }


def parted(db: Database, steps: Sequence[DoneStep]) -> tuple[list[DoneStep], list[DoneStep]]:
    """The steps that can be taken back, and those that must stay: changed since, or built on since.

    A person who was imported and has been visited since stays with the whole file and with everybody it names, or
    the visit would belong to nobody.
    """
    looked_at = [(step, step.is_still_current()) for step in steps]
    made = {step.name: step for step in steps if step.created}
    undone_edits = {step.name for step, is_current in looked_at if step.is_edit and is_current}
    files = {step.file for step, is_current in looked_at if step.created and not is_current}
    files = _with_those_named(made, files.union(_built_on(db, made, undone_edits)))
    going: list[DoneStep] = []
    staying: list[DoneStep] = []
    for step, is_current in looked_at:
        stays = not is_current or (step.created and step.file in files)
        (staying if stays else going).append(step)
    return going, staying


def _with_those_named(made: Mapping[Name, DoneStep], files: Collection[str]) -> set[str]:
    """The files, and those that their records name: parents, household."""
    in_file: defaultdict[str, list[DoneStep]] = defaultdict(list)
    for step in made.values():
        in_file[step.file].append(step)
    reached, waiting = set(files), list(files)
    while waiting:
        named = {name for step in in_file[waiting.pop()] for name in _named_by(step.current)}
        more = {made[name].file for name in named if name in made} - reached
        reached |= more
        waiting += more
    return reached


def _named_by(record: Record) -> Iterator[Name]:
    for field in record.spec.fields:
        if field.kind is Kind.REF and (id_ := getattr(record, field.name)):
            yield field.of, id_


def _built_on(db: Database, made: Mapping[Name, DoneStep], undone_edits: set[Name]) -> Iterator[str]:
    """The files that records or drafts from outside the batch belong to or name."""
    files = {id_: step.file for (_, id_), step in made.items()}
    asked = json.dumps(list(files))
    for type_name, column in _columns_that_name():
        query = (
            f"SELECT t.id, t.{column} FROM {type_name} AS t "
            f"WHERE t.{column} IN (SELECT value FROM json_each(?)) AND t.deleted = 0"
        )
        for id_, named in db.execute(query, [asked]).fetchall():
            if (type_name, id_) not in made and (type_name, id_) not in undone_edits:
                yield files[named]
    drafts = db.execute("SELECT subject FROM draft WHERE subject IN (SELECT value FROM json_each(?))", [asked])
    yield from (files[row[0]] for row in drafts.fetchall())


def _columns_that_name() -> Iterator[tuple[str, str]]:
    for cls in RECORD_TYPES:
        if cls.spec.is_profile:
            yield cls.spec.name, "id"
        for field in cls.spec.fields:
            if field.kind is Kind.REF:
                yield cls.spec.name, field.name


def _is_step(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"add", "remove"}


def _turned(step: Mapping[str, Any]) -> dict[str, Any]:
    return {"add": step["remove"], "remove": step["add"]}
