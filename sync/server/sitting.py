"""What one push has before it: the records it touches, loaded once, changed in memory, written together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.merge import DELETED, EMPTIED, Stamp, State
from sync.messages import Raw, Row, canonical, digest_of
from sync.server import tables
from sync.server.ledger import Ledger, by_epoch, chunks, now_ms

encode = canonical
decode = msgspec.msgpack.Decoder().decode
Name = tuple[str, str]
"""A record: its type and its id."""
KEPT = ("subject", "org", "seq", "device", "prior", "home", "author", "deleted_at", "placed")
"""What is held of a record beside its state, in the order of ``Kept``."""
TELLS_OF = frozenset({"conflict", "rejection", "proposal"})
"""Records about records: they hold values of what they are about."""

Known = dict[Stamp, tuple[Mapping[str, Any], Mapping[str, Stamp]]]
"""Values and bases of each change of a record."""


class Arrived(NamedTuple):
    """A row of ``unit``."""

    id: str
    device: str
    device_seq: int
    seq: int
    epoch: str
    stamp: int
    subject: str
    verb: str
    author: str
    author_name: str
    made_at: int
    arrived_at: int
    state: str
    clean: int
    reason: str
    refused: bytes | None


class Laid(NamedTuple):
    """A row of ``change``."""

    type: str
    record: str
    seq: int
    place: int
    stamp: Stamp
    after: bytes | None
    bases: bytes


class Stood(NamedTuple):
    """A row of ``record``."""

    type: str
    id: str
    subject: str
    org: str
    body: bytes
    stamps: bytes
    seq: int
    device: str
    prior: int
    home: str
    author: str
    h1: int
    h2: int
    placed: int | None
    deleted_at: int | None
    about: str | None


class Left(NamedTuple):
    """A row of ``leaving``."""

    org: str
    seq: int
    type: str
    id: str


class Kept(msgspec.Struct, gc=False):
    """One record while a push is worked on."""

    state: State
    subject: str
    org: str
    seq: int
    device: str
    prior: int
    home: str
    author: str
    deleted_at: int | None = None
    placed: int | None = None

    @property
    def is_emptied(self) -> bool:
        """Whether nothing is left of it but that it was deleted."""
        return EMPTIED in self.state.body

    def row(self, name: Name) -> Row:
        """As it goes out to desks."""
        return Row(name[0], name[1], self.subject, self.org, self.state.body, self.state.stamps)


@dataclass(slots=True)
class Sitting:
    """Reads what is needed when it is needed, and writes everything at the end in a few statements."""

    ledger: Ledger
    connection: Connection
    records: dict[Name, Kept | None] = field(default_factory=dict)
    existing: set[Name] = field(default_factory=set)
    touched: dict[Name, None] = field(default_factory=dict)
    files: dict[str, dict[Name, None]] = field(default_factory=dict)
    told: dict[str, dict[Name, None]] = field(default_factory=dict)
    whole_files: set[str] = field(default_factory=set)
    units: list[Arrived] = field(default_factory=list)
    by_stamp: dict[tuple[str, int], Arrived] = field(default_factory=dict)
    changes: dict[Name, list[Laid]] = field(default_factory=dict)
    pasts: dict[Name, Known] = field(default_factory=dict)
    """What is known of records' earlier changes, read once; what is laid is added."""
    leavings: dict[Name, dict[tuple[str, int], None]] = field(default_factory=dict)
    """Which divisions a record left, and when: what is given back may move somebody out of one place several times
    under one number."""
    blob_uses: set[tuple[str, str, str]] = field(default_factory=set)
    bodies: dict[Name, bytes] = field(default_factory=dict)
    expected: Iterable[Name] = ()
    """Persons whom the push is about: gone through once, when the first of them is not at hand."""
    announced: dict[tuple[Name, Stamp], Mapping[str, Stamp]] = field(default_factory=dict)
    """What saves that are being given back say they were based on, before the first of them is taken."""
    given: set[tuple[str, int]] = field(default_factory=set)
    """Epoch and number of each stamp of those that another save bears already."""
    at: int = field(default_factory=now_ms)
    listed: dict[Name, set[Name]] = field(default_factory=dict)
    _epoch: str = field(default="", init=False)
    _knows_listed: bool = field(default=False, init=False)

    @property
    def epoch(self) -> str:
        """The life of the county in which it is held; asked once."""
        self._epoch = self._epoch or self.ledger.terms(self.connection).epoch
        return self._epoch

    def load(self, names: Iterable[Name]) -> None:
        """Have these records at hand; those that are not there yet, too."""
        fresh = {name for name in names if name not in self.records}
        self.records |= dict.fromkeys(fresh)
        by_type: dict[str, list[str]] = {}
        for type_, id_ in fresh:
            by_type.setdefault(type_, []).append(id_)
        for type_, ids in by_type.items():
            self._keep(self.ledger.among(self.connection, tables.record, "id", ids, type=type_))

    def load_files(self, persons: Iterable[str]) -> None:
        """Have all records that belong to these persons at hand."""
        fresh = set(persons) - self.whole_files
        self.whole_files |= fresh
        if fresh:
            found = self.ledger.among(self.connection, tables.record, "subject", fresh)
            self._keep(row for row in found if (row["type"], row["id"]) not in self.existing)

    def listed_of(self, name: Name) -> set[Name]:
        """What is listed of a record, settled or not; asked of all that is at hand when it is first asked."""
        if not self._knows_listed:
            self._knows_listed = True
            subjects = {kept.subject for kept in self.records.values() if kept is not None}
            for row in self.ledger.among(self.connection, tables.record, "subject", subjects, type="conflict"):
                self.note_listed(("conflict", row["id"]), decode(row["body"]))
        return self.listed.get(name, set())

    def note_listed(self, name: Name, body: Mapping[str, Any]) -> None:
        """That a conflict is about a record."""
        self.listed.setdefault((str(body.get("about_type")), str(body.get("about"))), set()).add(name)

    def file_of(self, person: str) -> list[Name]:
        """All records that belong to a person."""
        self.load_files([person])
        return list(self.files.get(person, ()))

    def is_any_set_aside(self) -> bool:
        """Whether the county has ever refused a save, or kept one for somebody else."""
        record = tables.record
        query = self.ledger.of(record, record.c.id).where(record.c.type.in_(("proposal", "rejection"))).limit(1)
        return self.connection.execute(query).first() is not None

    def told_of(self, person: str) -> list[Name]:
        """Of those the records about records, without a look at the others."""
        self.load_files([person])
        return list(self.told.get(person, ()))

    def _keep(self, rows: Iterable[Any]) -> None:
        for row in rows:
            name = (row["type"], row["id"])
            state = State(decode(row["body"]), decode(row["stamps"]))
            self.existing.add(name)
            self._hold(name, Kept(state, *map(row.__getitem__, KEPT)))

    def _hold(self, name: Name, kept: Kept) -> None:
        self.records[name] = kept
        if kept.subject:
            self.files.setdefault(kept.subject, {})[name] = None
            if name[0] in TELLS_OF:
                self.told.setdefault(kept.subject, {})[name] = None

    def lay(self, laid: Laid) -> None:
        """A change that was taken."""
        name = (laid.type, laid.record)
        self.changes.setdefault(name, []).append(laid)
        known = self.pasts.get(name)
        if known is not None and laid.after is not None:
            known[laid.stamp] = decode(laid.after), decode(laid.bases)

    def load_given(self, stamps: Iterable[Stamp]) -> None:
        """Know which of these a save bears already: a server that was put back in silence gave them a second time."""
        unit = tables.unit
        for epoch, numbers in by_epoch(stamps).items():
            query = self.ledger.of(unit, unit.c.stamp, epoch=epoch, state="accepted")
            for some in chunks(numbers):
                found = self.connection.execute(query.where(unit.c.stamp.in_(some))).scalars()
                self.given |= {(epoch, int(number)) for number in found}

    def is_given(self, stamp: Stamp) -> bool:
        """Whether a save bears this stamp, of those that were asked about."""
        epoch, _, number = stamp.partition(":")
        return (epoch, int(number)) in self.given

    def get(self, name: Name) -> Kept | None:
        """The record, or None; with the first person who is not at hand come all who are expected to be asked for."""
        if name not in self.records:
            self.load([name, *self.expected] if name[0] == "person" else [name])
        return self.records[name]

    def put(self, name: Name, kept: Kept, body: bytes = b"") -> None:
        """The record as it is from now on; ``body`` if its values have been encoded already.

        The days of one that was deleted are counted from here. From the same number on, a desk that has it needs to
        be told no more than what bears a later one.
        """
        kept.placed = self._placed(self.records.get(name), kept)
        if DELETED in kept.state.body or kept.deleted_at is not None:
            kept.deleted_at = self._deleted_at(self.records.get(name), kept)
        self._hold(name, kept)
        self.touched[name] = None
        self.bodies[name] = body

    def leave(self, name: Name, org: str, seq: int) -> None:
        """The record is gone from a division: who has it is to be told."""
        self.leavings.setdefault(name, {})[org, seq] = None

    def _deleted_at(self, was: Kept | None, kept: Kept) -> int | None:
        if not kept.state.is_deleted or kept.is_emptied:
            return None
        if was is None or not was.state.is_deleted or was.state.stamp(DELETED) != kept.state.stamp(DELETED):
            return self.at
        return was.deleted_at

    def _placed(self, was: Kept | None, kept: Kept) -> int | None:
        """The number from which on all that changes bears the stamp of its change, and the division stays the same."""
        if was is None or was.placed is None or was.org != kept.org:
            return kept.seq
        if was.state is kept.state:
            return was.placed
        stamp = f"{self.epoch}:{kept.seq}"
        return was.placed if all(kept.state.stamps.get(part) == stamp for part in _apart(was, kept)) else kept.seq

    def write(self) -> None:
        """Everything, in the order in which nothing is missed."""
        self.ledger.add_many(self.connection, tables.unit, Arrived._fields, self.units)
        self._fill_in()
        laid = chain.from_iterable(self.changes.values())
        self.ledger.add_many(self.connection, tables.change, Laid._fields, map(self._short, laid))
        left = (Left(*place, *name) for name, places in self.leavings.items() for place in places)
        self.ledger.add_many(self.connection, tables.leaving, Left._fields, left)
        fresh = (self._row(name) for name in self.touched if name not in self.existing)
        self.ledger.add_many(self.connection, tables.record, Stood._fields, fresh)
        self._update([self._row(name) for name in self.touched if name in self.existing])
        self._write_blob_uses()

    def _short(self, laid: Laid) -> tuple[Any, ...]:
        """What makes a record is the record's body for as long as nothing else touches it, and is not kept twice."""
        name = (laid.type, laid.record)
        is_body = name not in self.existing and laid.after is self.bodies.get(name)
        return (*laid[:-2], None, laid.bases) if is_body else laid

    def _fill_in(self) -> None:
        """Before bodies change: what made these records."""
        told = [{"in_type": name[0], "in_record": name[1]} for name in self.touched if name in self.existing]
        if told:
            self.connection.execute(_filling(self.ledger.county), told)

    def _row(self, name: Name) -> Stood:
        kept = self.records[name]
        if kept is None:
            raise KeyError(name)
        body, stamps = self.bodies[name] or encode(kept.state.body), encode(kept.state.stamps)
        digests = digest_of(*name, kept.org, Raw(body), Raw(stamps))
        return Stood(
            *name, kept.subject, kept.org, body, stamps, kept.seq, kept.device, kept.prior, kept.home, kept.author,
            *digests, kept.placed, kept.deleted_at,
            kept.state.body.get("about_type") if name[0] in TELLS_OF else None,
        )  # fmt: skip

    def _update(self, rows: list[Stood]) -> None:
        if not rows:
            return
        record = tables.record
        changed = [name for name in Stood._fields if name not in ("type", "id")]
        statement = (
            sa.update(record)
            .where(
                record.c.county == self.ledger.county,
                record.c.type == sa.bindparam("in_type"),
                record.c.id == sa.bindparam("in_id"),
            )
            .values({name: sa.bindparam(f"to_{name}") for name in changed})
        )
        told = [
            {"in_type": row.type, "in_id": row.id, **{f"to_{name}": getattr(row, name) for name in changed}}
            for row in rows
        ]
        self.connection.execute(statement, told)

    def _write_blob_uses(self) -> None:
        for sha256, type_, record in sorted(self.blob_uses):
            use = {"sha256": sha256, "type": type_, "record": record}
            if self.connection.execute(self.ledger.of(tables.blob_use, **use)).first() is None:
                self.ledger.add(self.connection, tables.blob_use, [use])


def _filling(county: str) -> sa.Update:
    change, record = tables.change, tables.record
    body = (
        sa.select(record.c.body)
        .where(record.c.county == county, record.c.type == change.c.type, record.c.id == change.c.record)
        .scalar_subquery()
    )
    record_of = (change.c.type == sa.bindparam("in_type"), change.c.record == sa.bindparam("in_record"))
    return sa.update(change).where(change.c.county == county, *record_of, change.c.after.is_(None)).values(after=body)


def _apart(was: Kept, kept: Kept) -> set[str]:
    """The parts whose values, or whose stamps, are not what they were."""
    before, after = was.state, kept.state
    values = {part for part in {*before.body, *after.body} if before.body.get(part) != after.body.get(part)}
    named = {*before.stamps, *after.stamps}
    return values | {part for part in named if before.stamps.get(part) != after.stamps.get(part)}
