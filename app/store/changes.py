"""The exchange's door into the store: what waits to be sent, what the county said, rows by part – all plain values.

What is decided about them is decided in ``sync``; here they are read and written, many at a time, in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from app.records import BY_NAME
from app.records.record import Record, body, from_body
from app.store import elsewhere
from app.store.attachments import queue_arriving
from app.store.comparing import Noted, forget_noted, noted, noted_after, strays, sums_beneath, with_history
from app.store.elsewhere import Foreign, Step
from app.store.erasing import erase
from app.store.leaving import (
    OFFERED,
    SEALED,
    Left,
    Seal,
    drop_sealed,
    files_of,
    leave,
    never_sent,
    not_told_again,
    note_arrived,
    note_handed_over,
    offer_sealed,
    outside,
    seal_refused,
    to_leave,
    waiting_sealed,
)
from app.store.outbox import OwnChange, OwnUnit, own_units, unsent
from app.store.parts import Held, parts_of, reader_of, record_of, writer_of
from app.store.repository import Store, Transaction
from app.store.results import DIVISIONS, Changes
from app.store.rows import DELETED, codec, insert_many
from app.store.witnesses import Seen, foreign_stamps, in_order, names_by_stamp, offered_again, replaced, seen
from app.store.workspace import Workspace

__all__ = [
    "DIVISIONS",
    "Changes",
    "Foreign",
    "Held",
    "Left",
    "Name",
    "Noted",
    "OwnChange",
    "OwnUnit",
    "Seal",
    "Seen",
    "Step",
    "Store",
    "Workspace",
    "Writing",
    "files_of",
    "foreign_stamps",
    "forget_noted",
    "in_order",
    "leave",
    "names_by_stamp",
    "never_sent",
    "not_told_again",
    "note_arrived",
    "note_handed_over",
    "noted",
    "noted_after",
    "offered_again",
    "outside",
    "replaced",
    "seal_refused",
    "seen",
    "strays",
    "sums_beneath",
    "to_leave",
    "unsent",
    "waiting_sealed",
    "with_history",
    "writing",
]  # fmt: skip

Name = tuple[str, str]
"""A record: its type and its id."""


@contextmanager
def writing(store: Store) -> Iterator[Writing]:
    """One transaction of the exchange: all of it or nothing."""
    with store.transaction() as work:
        yield Writing(work)


class Writing:
    """What the exchange may do within one transaction; ``db`` is for the neighbours in this room alone."""

    def __init__(self, work: Transaction) -> None:
        self._work = work
        self.db = work.db
        self.changed: dict[str, set[str]] = {}

    @property
    def subjects(self) -> frozenset[str]:
        """The persons whose records changed."""
        return frozenset(self._work.touched)

    # Own units

    def own(self, seqs: Collection[int]) -> dict[int, OwnUnit]:
        """Own saves by their number."""
        return own_units(self.db, seqs)

    def mark(self, told: Iterable[tuple[int, str, str]]) -> None:
        """Own saves and what became of them: (number, state, stamp; empty to leave it as it is)."""
        rows = [(state, *_halves(stamp), seq) for seq, state, stamp in told]
        self.db.conn.executemany(
            f"UPDATE unit SET state = iif(state IN ('{SEALED}', '{OFFERED}'), '{SEALED}', ?), "
            "epoch = coalesce(?, epoch), stamp = coalesce(?, stamp) WHERE seq = ?",
            rows,
        )

    def offer_again(self, durable_epoch: str = "", durable_seq: int = 0) -> None:
        """The county lost what it had acknowledged: everything but what its copy held waits once more."""
        self.db.execute(
            "UPDATE unit SET state = 'unsent' WHERE state IN ('accepted', 'proposed', 'durable') AND seq IS NOT NULL "
            "AND NOT (epoch = ? AND stamp <= ?)",
            [durable_epoch, durable_seq],
        )
        offer_sealed(self.db, durable_epoch, durable_seq)
        self.db.execute(
            "INSERT OR REPLACE INTO transfer SELECT sha256, 'up', 0, max(size) FROM transfer "
            "WHERE done > 0 GROUP BY sha256"
        )

    def rejected(self) -> dict[int, OwnUnit]:
        """Own saves that the county refused, by their number."""
        query = "SELECT seq FROM unit WHERE state = 'rejected' AND seq IS NOT NULL"
        return own_units(self.db, [row[0] for row in self.db.execute(query).fetchall()])

    def note_durable(self, epoch: str, seq: int) -> None:
        """A verified copy of the county holds everything of this epoch up to this number."""
        query = "UPDATE unit SET state = 'durable' WHERE state = 'accepted' AND seq IS NOT NULL AND epoch = ?"
        self.db.execute(query + " AND stamp <= ?", [epoch, seq])
        drop_sealed(self.db, epoch, seq)

    def pending(self, names: Collection[Name]) -> dict[Name, list[tuple[int, dict[str, Any]]]]:
        """Own changes of these records that the county has never taken, in order: (number, after)."""
        query = (
            "SELECT c.type, c.record, u.seq, c.after FROM json_each(?) AS asked "
            "CROSS JOIN change AS c ON c.record = asked.value CROSS JOIN unit AS u ON u.n = c.unit "
            "WHERE u.state IN ('unsent', 'sent') AND u.stamp IS NULL ORDER BY u.seq, c.place"
        )
        found: dict[Name, list[tuple[int, dict[str, Any]]]] = {}
        if not self.db.execute("SELECT 1 FROM unit WHERE state IN ('unsent', 'sent') LIMIT 1").fetchone():
            return found
        for type_, record, seq, after in self.db.execute(query, [_ids(names)]):
            if (type_, record) in names:
                found.setdefault((type_, record), []).append((seq, json.loads(after)))
        return found

    # Rows by part

    def held(self, names: Collection[Name]) -> dict[Name, Held]:
        """Records as they lie here."""
        found: dict[Name, Held] = {}
        for type_, ids in _by_type(names).items():
            if cls := BY_NAME.get(type_):
                read = reader_of(cls).held
                for row in self.db.execute(codec(cls).by_ids, [json.dumps(ids)]):
                    found[type_, row[0]] = read(row)
        return found

    @staticmethod
    def is_known(type_: str) -> bool:
        """Whether this desk knows the type, and can tell a record's parts."""
        return type_ in BY_NAME

    def lay(self, rows: Mapping[Name, Held]) -> None:
        """Put records down as they are said to be."""
        by_type: dict[str, list[tuple[str, Held]]] = {}
        for (type_, id_), held in rows.items():
            by_type.setdefault(type_, []).append((id_, held))
        for type_, found in by_type.items():
            self.changed.setdefault(type_, set()).update(id_ for id_, _ in found)
            if cls := BY_NAME.get(type_):
                self._lay_known(cls, found)
            else:
                self._lay_carried(type_, found)

    def restamp(self, stamps: Mapping[Name, Mapping[str, str]]) -> None:
        """New stamps for records that are otherwise as they were."""
        by_type: dict[str, list[tuple[str, str]]] = {}
        for (type_, id_), found in stamps.items():
            by_type.setdefault(type_, []).append((_text(found), id_))
        for type_, rows in by_type.items():
            if cls := BY_NAME.get(type_):
                self.db.conn.executemany(f"UPDATE {cls.spec.name} SET stamps = ? WHERE id = ?", rows)

    def _lay_known(self, cls: type[Record], found: Sequence[tuple[str, Held]]) -> None:
        writer = writer_of(cls)
        columns, rows = writer.filled(found)
        self.db.conn.executemany(codec(cls).upsert_of(columns), rows)
        self._work.touched.update(writer.subjects(found))
        queue_arriving(self.db, cls.spec.name, found)

    def _lay_carried(self, type_: str, found: Sequence[tuple[str, Held]]) -> None:
        rows = [
            (type_, id_, values.get("subject"), values.get("org"), _text(values), _text(stamps), int(DELETED in values))
            for id_, (values, stamps) in found
        ]
        self.db.conn.executemany("INSERT OR REPLACE INTO carried VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def remove(self, names: Collection[Name]) -> None:
        """Records that left what this desk may see."""
        for type_, ids in _by_type(names).items():
            self.changed.setdefault(type_, set()).update(ids)
            if cls := BY_NAME.get(type_):
                self._work.remove(cls, ids)
        self.db.conn.executemany("DELETE FROM carried WHERE type = ? AND record = ?", sorted(names))
        self.db.conn.executemany("DELETE FROM county_row WHERE type = ? AND record = ?", sorted(names))

    def erase(self, names: Collection[Name]) -> None:
        """What the county emptied out of its bin: history and photos go, before the bare rows are laid."""
        if names:
            erase(self.db, names)

    # What the county said

    def shadows(self, names: Collection[Name]) -> dict[Name, Held]:
        """What the county said of records that have own changes waiting."""
        query = (
            "SELECT s.type, s.record, s.body, s.stamps, s.deleted FROM shadow AS s "
            "WHERE s.record IN (SELECT value FROM json_each(?))"
        )
        found = {}
        for type_, id_, text, stamps, deleted in self.db.execute(query, [_ids(names)]).fetchall():
            if cls := BY_NAME.get(type_):
                found[type_, id_] = parts_of(from_body(cls, id_, json.loads(text)), bool(deleted)), json.loads(stamps)
        return found

    def said(self, names: Collection[Name]) -> dict[Name, Held]:
        """What the county said last of these records, whatever was changed here since."""
        return {**self._carried(names), **self.held(names), **self.shadows(names)}

    def _carried(self, names: Collection[Name]) -> dict[Name, Held]:
        unknown = [name for name in names if name[0] not in BY_NAME]
        query = (
            "SELECT c.type, c.record, c.body, c.stamps FROM carried AS c "
            "WHERE c.record IN (SELECT value FROM json_each(?))"
        )
        rows = self.db.execute(query, [_ids(unknown)]).fetchall() if unknown else []
        return {(type_, id_): (json.loads(values), json.loads(stamps)) for type_, id_, values, stamps in rows}

    def put_shadows(self, rows: Mapping[Name, Held]) -> None:
        """Keep what the county says beneath own changes."""
        told = []
        for (type_, id_), (values, stamps) in rows.items():
            if cls := BY_NAME.get(type_):
                kept = _text(body(record_of(cls, id_, values)))
                told.append((type_, id_, kept, _text(stamps), int(DELETED in values)))
        self.db.conn.executemany("INSERT OR REPLACE INTO shadow VALUES (?, ?, ?, ?, ?)", told)

    def drop_shadows(self, names: Iterable[Name]) -> None:
        """Nothing of these waits any more."""
        if self.db.execute("SELECT 1 FROM shadow LIMIT 1").fetchone():
            self.db.conn.executemany("DELETE FROM shadow WHERE type = ? AND record = ?", list(names))

    def note_county_rows(self, rows: Iterable[tuple[str, str, str, int, int]]) -> None:
        """(type, id, division, two digests) of records as the county has them."""
        insert_many(self.db, "INSERT OR REPLACE INTO county_row", sorted(rows))

    def filed(self, names: Iterable[Name]) -> dict[Name, str]:
        """The divisions in which the county files these records."""
        query = (
            "SELECT c.record, c.org FROM json_each(?) AS asked "
            "CROSS JOIN county_row AS c ON c.type = ? AND c.record = asked.value"
        )
        return {
            (type_, id_): org
            for type_, ids in _by_type(names).items()
            for id_, org in self.db.execute(query, [json.dumps(sorted(ids)), type_])
        }

    def county_has(self, names: Collection[Name]) -> set[Name]:
        """Which of these the county is known to have, wherever it files them; none while all is asked for anew."""
        if not names:
            return set()
        query = "SELECT type, record FROM county_row WHERE h1 >= 0 AND record IN (SELECT value FROM json_each(?))"
        return {(type_, id_) for type_, id_ in self.db.execute(query, [_ids(names)])} & set(names)

    def made_here(self, names: Collection[Name]) -> set[Name]:
        """Which of these began with a save of this desk."""
        query = (
            "SELECT c.type, c.record FROM change AS c CROSS JOIN unit AS u ON u.n = c.unit "
            "WHERE c.record IN (SELECT value FROM json_each(?)) AND c.created AND u.seq IS NOT NULL"
        )
        return {(type_, id_) for type_, id_ in self.db.execute(query, [_ids(names)])} & set(names)

    def sums(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Counts and sums of digests by division and type."""
        return self._work.once.read("sums", self._sums)

    def _sums(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        query = "SELECT org, type, count(*), sum(h1), sum(h2) FROM county_row WHERE h1 >= 0 GROUP BY org, type"
        return {(org, type_): (count, h1, h2) for org, type_, count, h1, h2 in self.db.execute(query)}

    def places(self) -> list[str]:
        """The divisions in which the county files what is here; the empty one is of what is to leave."""
        query = "SELECT DISTINCT org FROM county_row"
        return self._work.once.read("places", lambda: [row[0] for row in self.db.execute(query)])

    def forget_county_rows(self) -> None:
        """Before everything is asked for again. Where the county filed them is still known: what is outside must go."""
        self.db.execute("UPDATE county_row SET h1 = -1, h2 = -1")

    def note_history(self, foreign: Iterable[Foreign], steps: Sequence[Step]) -> None:
        """Who changed what elsewhere, so that a record's history tells of it; what was saved here is told already."""
        elsewhere.note(self.db, foreign, steps)

    def rows_written(self) -> int:
        """How many since the store was opened, but for settings."""
        return self._work.once.count()

    # Settings, attachments

    def setting(self, name: str, default: Any = None) -> Any:
        """A JSON value."""
        row = self.db.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row else default

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a JSON value, in the same transaction as the rows it speaks of."""
        self._work.once.put_setting(name, _text(value))

    def transfers(self, direction: str) -> list[tuple[str, int, int]]:
        """Attachments still on their way ``up`` or ``down``: (SHA-256, bytes done, size)."""
        query = (
            "SELECT sha256, done, size FROM transfer WHERE direction = ? AND (done < size OR size = 0) ORDER BY size"
        )
        return [tuple(row) for row in self.db.execute(query, [direction]).fetchall()]

    def transferred(self, sha256: str, direction: str, done: int, size: int) -> None:
        """How far an attachment has come."""
        self.db.conn.execute("INSERT OR REPLACE INTO transfer VALUES (?, ?, ?, ?)", (sha256, direction, done, size))


def _by_type(names: Iterable[Name]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for type_, id_ in names:
        found.setdefault(type_, []).append(id_)
    return found


def _ids(names: Iterable[Name]) -> str:
    return json.dumps([id_ for _, id_ in names])


def _halves(stamp: str) -> tuple[str | None, int | None]:
    epoch, _, number = stamp.partition(":")
    return (epoch, int(number)) if number else (None, None)


# JSON for the store; a first exchange writes 40,000 values.
_encode = msgspec.json.Encoder().encode


def _text(value: Any) -> str:
    return _encode(value).decode()
