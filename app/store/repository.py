"""Writing the store: every save is one transaction that keeps who, when, before and after, and what it was based on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from app.clock import Clock
from app.errors import UserError
from app.records import record_type
from app.records.ids import new_id
from app.records.record import SETS, Part, Record, amended, body, part_value
from app.store import roll, search
from app.store.reader import Reader
from app.store.results import Author, Changes, Draft, Undone
from app.store.rows import DELETED, EVERYTHING, codec, stamp_of

if TYPE_CHECKING:
    from sqlite_utils import Database

R = TypeVar("R", bound=Record)
Edit = tuple[Record | None, Record]
"""What was loaded (None for a new record) and what it was edited into."""


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
        after[name] = _as_steps(was, becomes) if part and part.fields[0].kind in SETS else becomes
        if loaded and (stamp := stamp_of(loaded, name)):
            bases[name] = stamp
    return Difference(before, after, bases)


def _parts(loaded: Record | None, edited: Record) -> Iterator[tuple[str, Any, Any, Part | None]]:
    for name, part in edited.spec.parts.items():
        yield name, part_value(loaded, part) if loaded else _empty(part), part_value(edited, part), part
    for name in {**edited.extra, **(loaded.extra if loaded else {})}:
        yield name, loaded.extra.get(name) if loaded else None, edited.extra.get(name), None


def _empty(part: Part) -> Any:
    return [] if not part.is_group and part.fields[0].kind in SETS else None


def _as_steps(was: Sequence[str], becomes: Sequence[str]) -> dict[str, list[str]]:
    """Sets travel as what was put in and taken out, so that two people's additions both stay."""
    return {"add": sorted(set(becomes) - set(was)), "remove": sorted(set(was) - set(becomes))}


def with_parts(record: R, after: Mapping[str, Any]) -> R:
    """The record with changed parts laid over it; what this desk does not know goes into ``extra``."""
    values: dict[str, Any] = {}
    extra = dict(record.extra)
    for name, value in after.items():
        part = record.spec.parts.get(name)
        if name == DELETED:
            continue
        if part is None:
            extra[name] = value
        elif part.is_group:
            values.update({field.name: (value or {}).get(field.name) for field in part.fields})
        elif part.fields[0].kind in SETS and isinstance(value, dict):
            now = set(getattr(record, name)) - set(value.get("remove", ()))
            values[name] = sorted(now | set(value.get("add", ())))
        else:
            values[name] = value
    kept = {name: value for name, value in extra.items() if value is not None}
    return replace(amended(record, values), extra=kept)


class Transaction:
    """Rows as the county gives them, laid down in bulk; ``touched`` gathers the persons whose roll lines change."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.touched: set[str] = set()

    def rows(self, cls: type[R], ids: Iterable[str]) -> dict[str, tuple[R, bool]]:
        """The records of these ids, deleted ones too, each with whether it is deleted."""
        rows = codec(cls)
        query = (
            f"SELECT {', '.join('t.' + name for name in rows.columns)} FROM json_each(?) AS asked "
            f"CROSS JOIN {rows.name} AS t ON t.id = asked.value"
        )
        return {row[0]: (rows.record(row), bool(row[-1])) for row in self.db.execute(query, [json.dumps(list(ids))])}

    def lay(self, cls: type[R], records: Sequence[R], deleted: Collection[str] = ()) -> None:
        """Put records down as they are, stamps included, in place of what is there; no history, no outbox."""
        rows = codec(cls)
        self.db.conn.executemany(rows.upsert, [rows.row(each, deleted=each.id in deleted) for each in records])
        self.touched.update(subject for each in records if (subject := rows.subject(each)))

    def remove(self, cls: type[Record], ids: Iterable[str]) -> None:
        """Take rows away for good: they left what this desk may see."""
        gone = [record for record, _ in self.rows(cls, ids).values()]
        rows = codec(cls)
        if rows.name == "person":
            numbers = self.db.execute(
                "SELECT p.n FROM json_each(?) AS asked CROSS JOIN person AS p ON p.id = asked.value",
                [json.dumps([record.id for record in gone])],
            ).fetchall()
            search.forget(self.db, [row[0] for row in numbers])
            self.db.conn.executemany("DELETE FROM roll WHERE person = ?", numbers)
        self.db.conn.executemany(f"DELETE FROM {rows.name} WHERE id = ?", [(record.id,) for record in gone])
        self.touched.update(subject for record in gone if (subject := rows.subject(record)))


class Store(Reader):
    """An open workspace that can be written. All methods may be called from any thread; one works at a time."""

    def __init__(self, db: Database, clock: Clock, planner: roll.Planner) -> None:
        super().__init__(db)
        self.clock = clock
        self._planner = planner

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        with self._reading() as db, db.atomic():
            yield db

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """The exchange's way in: many rows at once, with derived tables brought up at the end, in one transaction."""
        with self._writing() as db:
            work = Transaction(db)
            yield work
            roll.refresh(db, work.touched, self._planner)

    # Records

    def save(self, by: Author, *edits: Edit, verb: str = "save", batch: str = "") -> Changes:
        """Keep edits in one transaction: one unit for each person concerned, all of them undone by their batch.

        A record without an id gets one. An edit that changes nothing leaves no trace.
        """
        with self._writing() as db:
            return self._save(db, by, edits, verb, batch or new_id())

    def _save(self, db: Database, by: Author, edits: Iterable[Edit], verb: str, batch: str) -> Changes:
        saved: list[Record] = []
        for subject, group in _by_subject(edits).items():
            steps = [(edited, difference(loaded, edited), loaded is None) for loaded, edited in group]
            worth = [(edited, step) for edited, step, is_new in steps if step.after or is_new]
            if worth:
                number, seq = self._open_unit(db, by, subject, verb, batch)
                saved.extend(
                    self._apply(db, number, seq, place, edited, step) for place, (edited, step) in enumerate(worth)
                )
        return self._told(db, saved, batch)

    def _open_unit(self, db: Database, by: Author, subject: str | None, verb: str, batch: str) -> tuple[int, int]:
        seq = int(db.execute("SELECT coalesce(max(seq), 0) + 1 FROM unit").fetchone()[0])
        db.conn.execute(
            "INSERT INTO unit (seq, batch, verb, subject, author, author_name, made_at, state) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 'unsent')",
            (seq, batch, verb, subject, by.id, by.name, self.clock.now().isoformat()),
        )
        return int(db.execute("SELECT last_insert_rowid()").fetchone()[0]), seq

    def _apply(self, db: Database, unit: int, seq: int, place: int, edited: Record, step: Difference) -> Record:
        """Lay one difference over the row as it is now, and write it into the history."""
        rows = codec(type(edited))
        row = db.execute(f"SELECT {rows.select} FROM {rows.name} WHERE id = ?", [edited.id]).fetchone()
        current = rows.record(row) if row else type(edited)(id=edited.id)
        if row:
            _keep_shadow(db, current, bool(row[-1]))
        deleted = bool(step.after.get(DELETED, bool(row and row[-1])))
        merged = with_parts(current, step.after)
        merged = replace(merged, stamps=_stamps(current, step.after, f"~{seq}", created=row is None))
        db.conn.execute(rows.upsert, rows.row(merged, deleted=deleted))
        told = (_text(step.before), _text(step.after), _text(step.bases))
        db.conn.execute(
            "INSERT INTO change (unit, place, type, record, created, before, after, bases) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (unit, place, rows.name, edited.id, int(row is None), *told),
        )
        return merged

    def _told(self, db: Database, saved: Sequence[Record], batch: str) -> Changes:
        """What was saved, in the words of ``Changes``; roll and search index are brought up in the same transaction."""
        if not saved:
            return Changes()
        subjects = frozenset(subject for record in saved if (subject := record.spec.subject_of(record)))
        roll.refresh(db, subjects, self._planner)
        types = frozenset(record.spec.name for record in saved)
        return Changes(types, frozenset(record.id for record in saved), subjects, batch, tuple(saved))

    def delete(self, by: Author, *records: Record, verb: str = "delete", batch: str = "") -> Changes:
        """Put records into the bin; what belongs to a person stays where it is."""
        return self._mark(by, records, True, verb, batch)

    def restore(self, by: Author, *records: Record) -> Changes:
        """Take records out of the bin."""
        return self._mark(by, records, False, "restore", "")

    def _mark(self, by: Author, records: Iterable[Record], deleted: bool, verb: str, batch: str) -> Changes:
        batch = batch or new_id()
        with self._writing() as db:
            saved = [self._mark_one(db, by, record, deleted, verb, batch) for record in records]
            return self._told(db, saved, batch)

    def _mark_one(self, db: Database, by: Author, record: Record, deleted: bool, verb: str, batch: str) -> Record:
        number, seq = self._open_unit(db, by, record.spec.subject_of(record), verb, batch)
        # A delete is based on the whole record as the user saw it: an edit that came meanwhile wins over it.
        step = Difference({DELETED: not deleted}, {DELETED: deleted}, dict(record.stamps))
        return self._apply(db, number, seq, 0, record, step)

    def undo(self, by: Author, batch: str) -> Undone:
        """Take back everything a batch did, except what was changed since: that is left alone and named."""
        with self._writing() as db:
            steps = _done_by(db, batch)
            if not steps:
                raise UserError("没有可以撤销的，什么都没有改动。")
            open_steps = [step for step in steps if step.is_still_current()]
            again = new_id()
            edits = [(step.current, with_parts(step.current, step.backwards())) for step in open_steps if step.is_edit]
            changes = self._save(db, by, edits, "undo", again)
            marked = [
                self._mark_one(db, by, step.current, step.created, "undo", again)
                for step in open_steps
                if not step.is_edit
            ]
            kept = tuple((step.current.spec.name, step.current.id) for step in steps if not step.is_still_current())
            return Undone(changes | self._told(db, marked, again), kept)

    # Drafts, settings, log

    def put_draft(self, by: Author, loaded: Record | None, edited: Record) -> Draft:
        """Keep a half-filled form; it makes no change until it is finished. A new record gets its id here."""
        edited = edited if edited.id else replace(edited, id=new_id())
        at = self.clock.now()
        values = (
            edited.spec.name, edited.id, edited.spec.subject_of(edited), by.id, _text(body(edited)),
            _text(body(loaded)) if loaded else None, _text(dict(edited.stamps)), at.isoformat(),
        )  # fmt: skip
        with self._writing() as db:
            db.conn.execute("INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        return Draft(edited, loaded, by.id, at)

    def drop_draft(self, type_name: str, id_: str) -> None:
        """The form was finished, or thrown away."""
        with self._writing() as db:
            db.execute("DELETE FROM draft WHERE type = ? AND record = ?", [type_name, id_])

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a JSON value inside the store."""
        with self._writing() as db:
            db.conn.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, _text(value)))

    def audit(self, by: Author, verb: str, **detail: Any) -> None:
        """Write a line into the access and print log: ids and counts, never people. Each line seals the ones before."""
        at, told = self.clock.now().isoformat(), _text(detail)
        with self._writing() as db:
            last = db.execute("SELECT chain FROM audit ORDER BY n DESC LIMIT 1").fetchone()
            chain = sha256("\x1f".join((last[0] if last else "", at, by.id, verb, told)).encode()).hexdigest()
            db.conn.execute(
                "INSERT INTO audit (at, who, verb, detail, chain) VALUES (?, ?, ?, ?, ?)",
                (at, by.name, verb, told, chain),
            )

    def rebuild(self) -> None:
        """Make the derived tables anew: after new rules, or when ``check`` finds them wrong."""
        with self._writing() as db:
            roll.rebuild(db, self._planner)


def _by_subject(edits: Iterable[Edit]) -> dict[str | None, list[Edit]]:
    """The edits of each person together: they are accepted or refused as a whole. Ids are given out here."""
    gathered: dict[str | None, list[Edit]] = {}
    for loaded, edited in edits:
        record = edited if edited.id else replace(edited, id=loaded.id if loaded else new_id())
        gathered.setdefault(record.spec.subject_of(record), []).append((loaded, record))
    return gathered


def _stamps(current: Record, after: Mapping[str, Any], stamp: str, *, created: bool) -> dict[str, str]:
    return {EVERYTHING: stamp} if created else {**current.stamps, **dict.fromkeys(after, stamp)}


def _keep_shadow(db: Database, current: Record, deleted: bool) -> None:
    """Before the first own change of a record that came from the county, keep what the county said."""
    if any(stamp.startswith("~") for stamp in current.stamps.values()):
        return
    db.conn.execute(
        "INSERT OR IGNORE INTO shadow VALUES (?, ?, ?, ?, ?)",
        (current.spec.name, current.id, _text(body(current)), _text(dict(current.stamps)), int(deleted)),
    )


@dataclass(frozen=True, slots=True)
class DoneStep:
    """One change of a batch that is to be undone, and its record as it is now."""

    current: Record
    created: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    stamps: frozenset[str]

    @property
    def is_edit(self) -> bool:
        """Whether fields were changed, rather than the record made or put into the bin."""
        return not self.created and DELETED not in self.after

    def is_still_current(self) -> bool:
        """Whether nobody changed since what this step changed."""
        return all(self._stamp(name) in self.stamps for name in self.after)

    def _stamp(self, name: str) -> str | None:
        return self.current.stamps.get(name) if name == DELETED else stamp_of(self.current, name)

    def backwards(self) -> dict[str, Any]:
        """The parts as they were before the step."""
        return {name: _turned(value) if _is_step(value) else self.before[name] for name, value in self.after.items()}


def _done_by(db: Database, batch: str) -> list[DoneStep]:
    """The steps of a batch, the last one first."""
    query = (
        "SELECT u.seq, u.epoch, u.stamp, c.type, c.record, c.created, c.before, c.after FROM unit AS u "
        "JOIN change AS c ON c.unit = u.n WHERE u.batch = ? ORDER BY u.n DESC, c.place DESC"
    )
    steps = []
    for seq, epoch, stamp, type_name, id_, created, before, after in db.execute(query, [batch]).fetchall():
        rows = codec(record_type(type_name))
        row = db.execute(f"SELECT {rows.select} FROM {rows.name} WHERE id = ?", [id_]).fetchone()
        stamps = frozenset((f"~{seq}", f"{epoch}:{stamp}"))
        steps.append(DoneStep(rows.record(row), bool(created), json.loads(before), json.loads(after), stamps))
    return steps


def _is_step(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"add", "remove"}


def _turned(step: Mapping[str, Any]) -> dict[str, Any]:
    return {"add": step["remove"], "remove": step["add"]}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
