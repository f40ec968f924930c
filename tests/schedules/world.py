"""Real encrypted stores, a real county, one seed: what a simulator plays with models is played with the product."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from app.errors import CountyRefused, CountyUnreachable
from app.records import Conflict, Person, Proposal, Rejection
from app.records.record import amended
from app.store import Post, Workspace, create_store, open_store, vault
from app.store.changes import writing
from sync.client.engine import Outcome, exchange, join
from sync.server import accounts, copies
from sync.server.county import CountyServer, county_init, open_county
from tests.schedules.judge import Judge
from tests.schedules.line import NONE, Crash, Faults, Line
from tests.support.desks import CHEAP_KEYS, PASSPHRASE

COUNTY = "530602000000"
VILLAGES = ("530602001001", "530602001002")
PLACES = (VILLAGES[0], VILLAGES[0], VILLAGES[1])
SINGLE = ("village_group", "note")
ASKED = "death"
"""A part that asks: ``death_note`` alone is written in it."""
SET = "other_names"
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Chances:
    """Of what a step does; the rest is typing."""

    exchange: float = 0.2
    late: float = 0.02
    back_up: float = 0.006
    restore: float = 0.004
    roll_back: float = 0.003
    transfer: float = 0.0
    """Of the edits."""


@dataclass(slots=True)
class Seat:
    """One laptop, and the form that lies open on it."""

    folder: Path
    store: Workspace
    line: Line
    form: Person | None = None


@dataclass
class World:
    """Three desks in two villages and their county. ``run`` ends with a good line and everything compared."""

    folder: Path
    seed: int
    chances: Chances = field(default_factory=Chances)
    faults: Faults = field(default_factory=Faults)
    people: int = 8
    database: Callable[[], str] = str
    """Gives the address of an empty PostgreSQL database; an empty one: the county lies in a file."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.fired: Counter[str] = Counter()
        self.judge = Judge()
        self.words = self.lives = self.made = 0
        self.copies: list[Path] = []
        self.snapshot: Path | None = None
        self.ids: list[str] = []
        vault._ARGON = CHEAP_KEYS
        Line.is_stormy = True
        self.county = county_init(self.folder / "county", COUNTY, "测试县", database=self.database())
        self.data = self.folder / "county"
        self.seats = [self._seat(org) for org in PLACES]

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        for seat in self.seats:
            seat.store.close()
        self.county.ledger.close()

    # The day

    def run(self, steps: int) -> list[str]:
        """So many steps, then a good line; gives what was found wrong."""
        for _ in range(steps):
            self.step()
        return self.verdict()

    def step(self) -> None:
        """Somebody does something."""
        dice, chances = self.random.random(), self.chances
        seat = self.random.choice(self.seats)
        for chance, action in (
            (chances.exchange, lambda: self.talk(seat)),
            (chances.late, lambda: seat.line.deliver_late()),
            (chances.back_up, self.back_up),
            (chances.restore, self.restore),
            (chances.roll_back, self.roll_back),
        ):
            if dice < chance:
                action()
                return
            dice -= chance
        self.type(seat)

    def type(self, seat: Seat) -> None:
        """Open a form, or save the one that is open, perhaps long after."""
        if seat.form is None:
            seat.form = self._some_person(seat)
            if self.random.random() < 0.5:
                return
        loaded, seat.form = seat.form, None
        if loaded is None:
            self._register(seat)
        else:
            self._edit(seat, loaded)

    def _some_person(self, seat: Seat) -> Person | None:
        if len(self.ids) < self.people and self.random.random() < 0.5:
            return None
        here = seat.store.many(Person, self.ids)
        shown = [here[id_] for id_ in self.ids if id_ in here]
        return self.random.choice(shown) if shown else None

    def _register(self, seat: Seat) -> None:
        word = self.word()
        self._save(seat, None, Person(name=word, org=seat.store.post.org))

    def _edit(self, seat: Seat, loaded: Person) -> None:
        dice = self.random.random()
        if dice < 0.04:
            if seat.store.get(Person, loaded.id) is not None:
                self.judge.deleted(loaded.id, _shown(loaded))
                seat.store.delete(seat.store.holder, loaded)
        elif dice < 0.04 + self.chances.transfer:
            self._transfer(seat, loaded)
        elif dice < 0.35:
            self._edit_set(seat, loaded)
        elif dice < 0.50:
            word = self.word()
            self.judge.wrote((loaded.id, ASKED), word, loaded.death_note)
            self._save(seat, loaded, replace(loaded, death_note=word))
        else:
            name, word = self.random.choice(SINGLE), self.word()
            self.judge.wrote((loaded.id, name), word, getattr(loaded, name))
            self._save(seat, loaded, amended(loaded, {name: word}))

    def _edit_set(self, seat: Seat, loaded: Person) -> None:
        shown = loaded.other_names
        if shown and self.random.random() < 0.4:
            self.judge.took_out((loaded.id, SET), shown[0])
            self._save(seat, loaded, replace(loaded, other_names=shown[1:]))
        else:
            word = self.word()
            self.judge.put_in((loaded.id, SET), word)
            self._save(seat, loaded, replace(loaded, other_names=(*shown, word)))

    def _transfer(self, seat: Seat, loaded: Person) -> None:
        self.fired["transfer"] += 1
        there = VILLAGES[loaded.org == VILLAGES[0]]
        self._save(seat, loaded, replace(loaded, org=there))

    def _save(self, seat: Seat, loaded: Person | None, edited: Person) -> None:
        changes = seat.store.save(seat.store.holder, (loaded, edited))
        if loaded is None:
            (made,) = changes.ids
            self.ids.append(made)

    def word(self) -> str:
        """A text that nobody has written before."""
        self.words += 1
        return f"词{self.words}"

    # The exchange

    def talk(self, seat: Seat) -> None:
        """One exchange, whatever becomes of it."""
        try:
            exchange(seat.line, seat.store)
            self.fired["exchange"] += 1
        except CountyUnreachable:
            self.fired["line broke"] += 1
        except CountyRefused as refusal:
            self._refused(seat, refusal)
        except Crash:
            seat.store.close()
            seat.store = open_store(seat.folder, PASSPHRASE)
            seat.form = None

    def _refused(self, seat: Seat, refusal: CountyRefused) -> None:
        """A county that was restored to a day before this desk joined lets it in again."""
        if refusal.code != "C8":
            raise refusal
        self.fired["joined again"] += 1
        self._join(seat.store, self.county)

    def _seat(self, org: str) -> Seat:
        folder = self.folder / f"desk{self.made}"
        self.made += 1
        post = Post(org, "child_director", "测试岗位")
        store = create_store(folder, PASSPHRASE, post=post, holder_name=f"测试员{self.made}").store
        self._join(store, self.county)
        return Seat(folder, store, Line(lambda: self.county, self.random, self.faults, self.fired))

    @staticmethod
    def _join(store: Workspace, county: CountyServer) -> None:
        code = accounts.make_code(county.ledger, store.post.org, store.post.role, "测试")
        join(county, store, "", code)

    # The office

    def back_up(self) -> None:
        """A verified copy; and a snapshot of the running machine, as an office makes them without thinking."""
        self.fired["backup"] += 1
        self.copies.append(self.folder / f"{self.fired['backup']}.copy")
        copies.back_up(self.data, self.copies[-1])
        self.copies = self.copies[-3:]
        if self.chances.transfer or self.random.random() < 0.5:
            self._take_snapshot()

    def _take_snapshot(self) -> None:
        if not (self.data / "county.db").exists():
            return  # a database elsewhere is not put back together with the folder
        self.snapshot = self.folder / "snapshot"
        shutil.rmtree(self.snapshot, ignore_errors=True)
        self.county.ledger.close()
        shutil.copytree(self.data, self.snapshot)
        self.county = open_county(self.data)

    def restore(self) -> None:
        """Any of the last copies becomes the county; the newest where people move.

        What has left a laptop is kept there only until a copy holds it: an older one cannot be made good by anybody.
        """
        if self.chances.transfer:
            self.copies = self.copies[-1:]
        if self.copies:
            self.fired["restore"] += 1
            self.lives += 1
            self.county.ledger.close()
            self.data = self.folder / f"life{self.lives}"
            copies.restore(
                self.random.choice(self.copies), self.data, self.folder / "county.key", address=self.database()
            )
            self.county = open_county(self.data)
            self.snapshot = None

    def roll_back(self) -> None:
        """The machine's disk is put back without anybody knowing of it."""
        if self.snapshot is not None:
            self.fired["silent rollback"] += 1
            self.county.ledger.close()
            shutil.rmtree(self.data)
            shutil.copytree(self.snapshot, self.data)
            self.county = open_county(self.data)

    # The end

    def verdict(self) -> list[str]:
        """A good line, then: does everybody hold the same, and is every edit somewhere?"""
        Line.is_stormy = False
        for seat in self.seats:
            seat.line = Line(lambda: self.county, self.random, NONE, Counter())
        unfinished: list[str] = []
        for number in range(ROUNDS):
            for place, seat in enumerate(self.seats):
                if not self._talk_well(seat).delivered and number == ROUNDS - 1:
                    unfinished.append(f"desk {place} does not agree with the county")
        with closing(self._officer()) as truth:
            return [*unfinished, *self._differed(), *self._apart(truth), *self._lost(truth)]

    def _differed(self) -> list[str]:
        """Desks that held something else than the county until the comparison found it: no fault excuses that."""
        told = [(place, each.detail) for place, seat in enumerate(self.seats)
                for each in seat.store.audit_log("digest_differs")]  # fmt: skip
        return [f"desk {place} held something else: {detail}" for place, detail in told]

    def _talk_well(self, seat: Seat) -> Outcome:
        try:
            return exchange(seat.line, seat.store)
        except CountyRefused as refusal:
            self._refused(seat, refusal)
            return exchange(seat.line, seat.store)

    def _officer(self) -> Workspace:
        """Somebody at the county, who sees it all with a fresh laptop."""
        post = Post(COUNTY, "officer", "测试岗位")
        store = create_store(self.folder / "officer", PASSPHRASE, post=post, holder_name="测试官").store
        self._join(store, self.county)
        exchange(self.county, store)
        return store

    def _apart(self, truth: Workspace) -> list[str]:
        """Each desk shows exactly what the county has of its village."""
        everything = _rows(truth)
        found = []
        for place, seat in enumerate(self.seats):
            due = {id_: row for id_, row in everything.items() if row["org"] == seat.store.post.org}
            here = _rows(seat.store)
            found += [f"desk {place}: {id_}" for id_ in due.keys() | here.keys() if due.get(id_) != here.get(id_)]
        return found

    def _lost(self, truth: Workspace) -> list[str]:
        rows = _rows(truth)
        current = {(id_, part): row[part] for id_, row in rows.items() for part in (*SINGLE, ASKED)}
        sets = {(id_, SET): row[SET] for id_, row in rows.items()}
        buried = {id_: _shown_row(row) for id_, row in rows.items() if row["deleted"]}
        listed: dict[tuple[str, str], set[str]] = {}
        for cell, value in _listed(truth):
            listed.setdefault(cell, set()).add(value)
        missing = [f"{id_} is gone" for id_ in self.ids if id_ not in rows and (id_, "@refused") not in listed]
        return missing + self.judge.lost(current, sets, listed, buried)


def _shown(person: Person) -> dict[str, object]:
    return {
        "village_group": person.village_group, "note": person.note, ASKED: person.death_note,
        SET: tuple(sorted(person.other_names)),
    }  # fmt: skip


def _shown_row(row: Mapping[str, Any]) -> dict[str, object]:
    return {name: row[name] for name in (*SINGLE, ASKED, SET)}


def _rows(store: Workspace) -> dict[str, dict[str, Any]]:
    """Every person, deleted ones too, as the screens would show them."""
    with writing(store) as work:
        ids = [row[0] for row in work.db.execute("SELECT id FROM person")]
        found = work._work.rows(Person, ids)
    return {id_: {"org": person.org, "deleted": deleted, **_shown(person)} for id_, (person, deleted) in found.items()}


def _listed(truth: Workspace) -> Iterator[tuple[tuple[str, str], str]]:
    """Every value that stands in a conflict, a rejection or a proposal."""
    for conflict in truth.every(Conflict):
        for text in (conflict.other, conflict.current):
            yield from _values(conflict.about or "", conflict.part or "", json.loads(text or "null"))
    for each in (*truth.every(Rejection), *truth.every(Proposal)):
        for change in json.loads(each.content or "{}").get("changes", ()):
            yield (change["record"], "@refused"), ""
            for part, value in change["after"].items():
                yield from _values(change["record"], part, value)


def _values(record: str, part: str, value: Any) -> Iterator[tuple[tuple[str, str], str]]:
    entries = value.get("add", ()) if isinstance(value, dict) and "add" in value else [value]
    for entry in entries:
        text = entry.get("death_note") if isinstance(entry, dict) else entry
        if isinstance(text, str):
            yield (record, part), text
