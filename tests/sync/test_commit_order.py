"""Commit order on PostgreSQL: whoever commits first, a reader that pages meanwhile never skips a record."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path
from random import Random

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection

from app.records.ids import new_id
from sync.messages import Change, Enrolment, Hello, Request, Terms, Unit
from sync.server import accounts, tables
from sync.server.accounts import Device
from sync.server.county import CountyServer, county_init, open_county
from sync.server.giving import Giving
from sync.server.ledger import Ledger
from tests.support.patience import PATIENCE
from tests.support.postgres import Postgres
from tests.sync.desks import COUNTY, VILLAGE

SIZES = (1, 1, 2, 1, 1)
"""Units of each transaction: pages end inside of one and between two."""
PAGES = range(1, 21)


def device(county: CountyServer) -> str:
    code = accounts.make_code(county.ledger, VILLAGE, "child_director", "测试")
    id_ = new_id()
    county.enrol(
        Enrolment(code, secrets.token_bytes(32), id_, secrets.token_bytes(16), "real", VILLAGE, "", "x", "李娟")
    )
    return id_


class Program:
    """A county program of its own, with one desk that pushes; its commit waits until it is told to go on."""

    def __init__(self, county: CountyServer) -> None:
        self.county = county
        self.device = device(county)
        self.units = 0
        self.at_commit, self.may_commit = threading.Event(), threading.Event()
        self.thread: threading.Thread | None = None
        event.listen(county.ledger.engine, "commit", self._hold)

    def _hold(self, connection: Connection) -> None:
        if self.thread is threading.current_thread() and not self.may_commit.is_set():
            if connection.get_execution_options().get("postgresql_readonly"):
                return
            self.at_commit.set()
            assert self.may_commit.wait(PATIENCE)

    def push(self, count: int) -> list[str]:
        """Begin to push so many new persons; gives their ids."""
        ids = [new_id() for _ in range(count)]
        units = tuple(self._unit(id_) for id_ in ids)
        self.at_commit.clear()
        self.may_commit.clear()
        self.thread = threading.Thread(target=self._push, args=(Request(Hello(self.device, "", ""), units),))
        self.thread.start()
        return ids

    def _unit(self, id_: str) -> Unit:
        self.units += 1
        change = Change("person", id_, {"name": "王小明", "org": VILLAGE})
        return Unit(self.units, "save", id_, "x", "李娟", 1, (change,))

    def _push(self, request: Request) -> None:
        list(self.county.exchange(request))

    def commit(self) -> None:
        """Let it go on, until all of it is done."""
        self.may_commit.set()
        assert self.thread is not None
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@dataclass
class Reader:
    """A desk that asks for so many records at a time, and only for what is new since."""

    ledger: Ledger
    device: Device
    limit: int
    cursors: dict[str, int] = field(default_factory=dict)
    got: set[str] = field(default_factory=set)

    def read(self, connection: Connection) -> bool:
        """One answer; gives whether there is more."""
        more = False
        asked = Hello(self.device.id, "", "", self.cursors, limit=self.limit)
        for page in Giving(self.ledger, connection, self.device).pages(asked, ()):
            self.got |= {row.record for row in page.rows}
            self.cursors |= page.cursors
            more = page.more
        return more

    def read_all(self, connection: Connection) -> None:
        while self.read(connection):
            pass


class Waiting:
    """How many wait for a lock in the database, as the server tells it."""

    def __init__(self, postgres: Postgres, database: str) -> None:
        self.connection = psycopg.connect(postgres.url("postgres"), autocommit=True)
        self.query = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
            f"'{database.rpartition('/')[2]}'"
        )

    def count(self) -> int:
        found = self.connection.execute(self.query).fetchone()
        return int(found[0]) if found else 0


@dataclass
class Office:
    """Five programs on one database, twenty readers, and what was pushed."""

    programs: list[Program]
    readers: list[Reader]
    waiting: Waiting
    pushed: set[str] = field(default_factory=set)

    def begin(self, place: int) -> None:
        """One more transaction: until it holds its numbers, or waits for another one's."""
        program, before = self.programs[place], self.waiting.count()
        self.pushed |= set(program.push(SIZES[place]))
        for _ in range(3_000):
            if program.at_commit.wait(0.002) or self.waiting.count() > before:
                return
        raise TimeoutError("neither at its commit nor waiting")

    def holder(self, places: Sequence[int]) -> int:
        """Which of these is at its commit."""
        for _ in range(3_000):
            for place in places:
                if self.programs[place].at_commit.wait(0.001):
                    return place
        raise TimeoutError("nobody is at its commit")

    def all_wait(self, count: int) -> None:
        """Until so many wait for a lock: who has just lost the race for it takes a moment to wait again."""
        for _ in range(3_000):
            if self.waiting.count() == count:
                return
            time.sleep(0.002)
        raise TimeoutError("not as many wait as should")

    @property
    def ledger(self) -> Ledger:
        return self.programs[0].county.ledger

    def read_some(self, chance: Random) -> None:
        """The larger its pages, the rarer a reader comes: so that all of them page, and end inside of something."""
        with self.ledger.reading() as connection:
            for reader in self.readers:
                if chance.random() < 1 / reader.limit:
                    reader.read(connection)

    def newest(self) -> int:
        """The highest number that anybody can see."""
        with self.ledger.reading() as connection:
            return self.ledger.terms(connection).seq

    def missed(self) -> set[int]:
        """Page sizes whose reader lacks something that was committed, when there is nothing more to read."""
        with self.ledger.reading() as connection:
            for reader in self.readers:
                reader.read_all(connection)
        return {reader.limit for reader in self.readers if self.pushed - reader.got}


def an_office(folder: Path, postgres: Postgres, address: str, kind: type[Ledger] = Ledger) -> Office:
    """Separate programs share nothing but the database."""
    made = [open_county(folder) for _ in SIZES]
    id_ = device(made[0])
    counties = [CountyServer(kind(each.ledger.engine, COUNTY)) for each in made]
    with counties[0].ledger.reading() as connection:
        reading = accounts.device(counties[0].ledger, connection, id_)
    readers = [Reader(counties[0].ledger, reading, limit) for limit in PAGES]
    return Office([Program(each) for each in counties], readers, Waiting(postgres, address))


@pytest.fixture
def folder(tmp_path: Path, postgres: Postgres) -> Iterator[tuple[Path, str]]:
    address = postgres.new()
    made = county_init(tmp_path / "county", COUNTY, "昭阳区", database=address)
    yield tmp_path / "county", address
    made.ledger.close()


@pytest.fixture
def office(folder: tuple[Path, str], postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[Office]:
    made = an_office(folder[0], postgres, folder[1], getattr(request, "param", Ledger))
    yield made
    made.waiting.connection.close()
    for program in made.programs:
        program.county.ledger.close()


def test_no_order_of_commits_makes_a_reader_skip(office: Office) -> None:
    """All orders of five transactions. The lock lets one of them happen: for every other somebody is seen to wait."""
    chance = Random(8)
    refused = [_in_turn(office, order, chance) for order in permutations(range(5))]
    assert office.missed() == set()
    assert len(refused) == 120
    assert sum(refused) > 100


def _in_turn(office: Office, order: Sequence[int], chance: Random) -> bool:
    """Try to commit in this order; gives whether the database kept somebody waiting for whom it was the turn."""
    for place in range(len(order)):
        office.begin(place)
    left, kept_waiting, newest = list(range(len(order))), False, office.newest()
    for wanted in order:
        holding = office.holder(left)
        if wanted in left and wanted != holding:
            office.all_wait(len(left) - 1)
            kept_waiting = True
        office.read_some(chance)
        office.programs[holding].commit()
        before, newest = newest, office.newest()
        assert newest > before
        left.remove(holding)
    return kept_waiting


class FromASequence(Ledger):
    """What many outboxes do: numbers from a database's sequence, and readers that go by the highest one seen."""

    def _lock(self, connection: Connection) -> None:
        pass

    def advance(self, connection: Connection, steps: int) -> int:
        numbers = sa.text("SELECT max(nextval('numbers')) FROM generate_series(1, :steps)")
        return int(connection.execute(numbers, {"steps": steps}).scalar_one())

    def note_last(self, connection: Connection, unit: str, seq: int) -> None:
        pass

    def terms(self, connection: Connection) -> Terms:
        highest = sa.select(sa.func.max(tables.record.c.seq)).where(tables.record.c.county == self.county)
        return replace(super().terms(connection), seq=connection.execute(highest).scalar_one() or 0)


@pytest.mark.parametrize("office", [FromASequence], indirect=True)
def test_numbers_of_a_database_sequence_are_seen_to_skip(office: Office) -> None:
    """The sabotaged county: every order but that of the numbers loses something for somebody."""
    with office.programs[0].county.ledger.writing() as connection:
        connection.execute(sa.text("CREATE SEQUENCE numbers"))
    del office.readers[5:]
    caught = {}
    for order in permutations(range(4)):
        office.pushed.clear()
        for place in range(len(order)):
            office.begin(place)
        for place in order:
            office.programs[place].commit()
            with office.ledger.reading() as connection:
                for reader in office.readers:
                    reader.read(connection)
        caught[order] = bool(office.missed())
    assert not caught.pop((0, 1, 2, 3))
    assert list(caught.values()) == [True] * 23
