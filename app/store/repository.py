"""Writing the store: every save is one transaction that keeps who, when, before and after, and what it was based on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from app.clock import Clock
from app.errors import UserError
from app.records.ids import new_id
from app.records.record import Record, body
from app.records.shown import as_shown
from app.store import roll, search
from app.store.once import Once
from app.store.parts import parts_of
from app.store.reader import Reader
from app.store.results import Author, Changes, Draft, Undone
from app.store.rows import DELETED, codec, held
from app.store.saving import Difference, Saving, as_text, difference, with_parts
from app.store.undoing import done_by, parted

if TYPE_CHECKING:
    from sqlite_utils import Database

R = TypeVar("R", bound=Record)
Edit = tuple[Record | None, Record]
"""What was loaded (None for a new record) and what it was edited into."""


class Transaction:
    """Rows as the county gives them, laid down in bulk; ``touched`` gathers the persons whose roll lines change."""

    def __init__(self, db: Database, once: Once) -> None:
        self.db = db
        self.touched: set[str] = set()
        self.once = once

    def rows(self, cls: type[R], ids: Iterable[str]) -> dict[str, tuple[R, bool]]:
        """The records of these ids, deleted ones too, each with whether it is deleted."""
        return {record.id: (record, deleted) for record, deleted in held(self.db, cls, ids)}

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
        self._once = Once(db)

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        try:
            with self._reading() as db, db.atomic():
                yield db
        except BaseException:
            self._once.forget()
            raise

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside is kept as a whole or not at all: a finished visit and the draft it was."""
        with self._writing():
            yield

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """The exchange's way in: many rows at once, with derived tables brought up at the end, in one transaction."""
        with self._writing() as db:
            work = Transaction(db, self._once)
            yield work
            if work.touched:
                roll.refresh(db, work.touched, self._planner)

    # Records

    def save(self, by: Author, *edits: Edit, verb: str = "save", batch: str = "") -> Changes:
        """Keep edits in one transaction: one unit for each person concerned, all of them undone by their batch.

        A record without an id gets one. An edit that changes nothing leaves no trace.
        """
        with self._writing() as db:
            return self._save(db, by, edits, verb, batch or new_id())

    def _save(self, db: Database, by: Author, edits: Iterable[Edit], verb: str, batch: str) -> Changes:
        gathered = _by_subject(edits)
        work = Saving(db, self.clock, by, verb, batch)
        work.look_up(edited for group in gathered.values() for _, edited in group)
        saved: list[Record] = []
        for subject, group in gathered.items():
            steps = [(edited, difference(loaded, edited), loaded is None) for loaded, edited in group]
            if worth := [(edited, step) for edited, step, is_new in steps if step.after or is_new]:
                saved += work.unit(subject, worth)
        work.write()
        return self._told(db, saved, batch)

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

    def _mark(self, by: Author, records: Sequence[Record], deleted: bool, verb: str, batch: str) -> Changes:
        with self._writing() as db:
            return self._mark_all(db, by, [(record, deleted) for record in records], verb, batch or new_id())

    def _mark_all(
        self, db: Database, by: Author, marks: Sequence[tuple[Record, bool]], verb: str, batch: str
    ) -> Changes:
        work = Saving(db, self.clock, by, verb, batch)
        work.look_up(record for record, _ in marks)
        saved: list[Record] = []
        for record, deleted in marks:
            # A delete is based on the whole record as the user saw it: an edit that came meanwhile wins over it.
            seen = {**record.stamps, **(as_shown(record.spec, parts_of(record)) if deleted else {})}
            step = Difference({DELETED: not deleted}, {DELETED: deleted}, seen)
            saved += work.unit(record.spec.subject_of(record), [(record, step)])
        work.write()
        return self._told(db, saved, batch)

    def undo(self, by: Author, batch: str) -> Undone:
        """Take back everything a batch did, except what was changed since: that is left alone and named."""
        with self._writing() as db:
            steps = done_by(db, batch)
            if not steps:
                raise UserError("没有可以撤销的，什么都没有改动。")
            going, staying = parted(db, steps)
            again = new_id()
            edits = [(step.current, with_parts(step.current, step.backwards())) for step in going if step.is_edit]
            changes = self._save(db, by, edits, "undo", again)
            marks = [(step.current, step.was_deleted) for step in going if step.is_mark]
            changes |= self._mark_all(db, by, marks, "undo", again)
            return Undone(changes, tuple(step.name for step in staying))

    # Drafts, settings, log

    def put_draft(self, by: Author, loaded: Record | None, edited: Record) -> Draft:
        """Keep a half-filled form; it makes no change until it is finished. A new record gets its id here."""
        edited = edited if edited.id else replace(edited, id=new_id())
        at = self.clock.now()
        values = (
            edited.spec.name, edited.id, edited.spec.subject_of(edited), by.id, as_text(body(edited)),
            as_text(body(loaded)) if loaded else None, as_text(dict(edited.stamps)), at.isoformat(),
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
        with self._writing():
            self._once.put_setting(name, as_text(value))

    def audit(self, by: Author, verb: str, **detail: Any) -> None:
        """Write a line into the access and print log: ids and counts, never people. Each line seals the ones before."""
        at, told = self.clock.now().isoformat(), as_text(detail)
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

    def lines_gone_wrong(self) -> int:
        """How many lines of the roll differ from what the records say; the roll stays as it is."""
        with self._reading() as db:
            return roll.differing(db, self._planner)


def _by_subject(edits: Iterable[Edit]) -> dict[str | None, list[Edit]]:
    """The edits of each person together: they are accepted or refused as a whole. Ids are given out here."""
    gathered: dict[str | None, list[Edit]] = {}
    for loaded, edited in edits:
        record = edited if edited.id else replace(edited, id=loaded.id if loaded else new_id())
        gathered.setdefault(record.spec.subject_of(record), []).append((loaded, record))
    return gathered
