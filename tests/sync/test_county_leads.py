"""``county`` comes first in every key and index, and is bound in every statement, on either kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.cases import conflicts
from app.policy.access import Actor
from app.records import Attachment, Conflict, Person
from sync.client import blocks
from sync.client import parcel as sticks
from sync.client.credentials import ties
from sync.client.http import HttpCounty
from sync.client.mending import LOOKED_OVER_AT
from sync.server import accounts, bin, copies, grants, ledger, parcels, tables
from sync.server.county import CountyServer, county_init
from sync.server.ledger import Ledger
from sync.server.passing import Passing
from sync.server.serving import listen
from tests.sync.copying import image, started
from tests.sync.desks import COUNTY, NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk
from tests.sync.statements import Said, concerns, faults, tables_in
from tests.sync.test_mending import row_lost
from tests.sync.test_restores import Office, OfficeOnPostgres, exchange_all, joined

WHOSE_FILE = "SELECT space.county, space.schema \nFROM space"
"""A file holds one county; this asks which. On a server the folder says it."""


@pytest.fixture(params=["file", "postgres"])
def county(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CountyServer]:
    database = request.getfixturevalue("postgres").new() if request.param == "postgres" else ""
    made = county_init(tmp_path / "county", COUNTY, "昭阳区", database=database)
    yield made
    made.ledger.close()


@contextmanager
def overheard() -> Iterator[list[Said]]:
    """Every statement that any engine is given, with what it binds."""
    said: list[Said] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if concerns(statement):
            said.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def a_long_day(county: CountyServer, folder: Path, open_desk: OpenDesk) -> None:
    """Something of everything that a county does."""
    here, colleague = open_desk(holder="李娟"), open_desk(holder="王芳")
    there, town = open_desk(NEXT_VILLAGE, holder="赵强"), open_desk(TOWN, "child_supervisor", holder="张强")
    every = (here, colleague, there, town)
    for desk in every:
        desk.join(county)
    people = [here.person(f"王小{number}", phones=["1"]) for number in range(4)]
    photo = here.store.attach_blob(b"photo" * 60_000)
    here.save(Attachment(), subject=people[0].id, sha256=photo, size=300_000)
    _round(county, *every)
    _disagree(county, here, colleague, people[1])
    here.store.delete(here.store.holder, here.get(Person, people[2].id))
    town.save(town.get(Person, people[0].id), org=NEXT_VILLAGE)
    there.save(Person(), name="外村人", org=VILLAGE)
    _round(county, *every, *every)
    grants.grant(county.ledger, ties(here.store).device, NEXT_VILLAGE)
    _round(county, here)
    grants.ungrant(county.ledger, ties(here.store).device, NEXT_VILLAGE)
    grants.leave(county.ledger, ties(colleague.store).device)
    _round(county, here, colleague)
    _by_stick(county, here)
    copies.back_up(folder / "county", folder / "day.copy")
    copies.restore(folder / "day.copy", folder / "again")
    bin.empty(county.ledger, at=accounts.now_ms() + 91 * bin.DAY)
    _round(county, town)
    accounts.revoke(county.ledger, ties(there.store).device)
    assert len(accounts.devices(county.ledger)) == len(every)


def _round(county: CountyServer, *desks: Desk) -> None:
    for desk in desks:
        desk.exchange(county)
        county.sums(ties(desk.store).device)


def _disagree(county: CountyServer, first: Desk, second: Desk, person: Person) -> None:
    first.save(first.get(Person, person.id), village_group="一组")
    second.save(second.get(Person, person.id), village_group="二组")
    _round(county, first, second, first)
    (found,) = first.store.find(Conflict)
    actor = Actor(first.store.holder.id, "李娟", "child_director", VILLAGE)
    conflicts.settle(first.store, actor, found, conflicts.MINE)
    _round(county, first, second)


def _by_stick(county: CountyServer, desk: Desk) -> None:
    desk.person("赵小红")
    asking = sticks.pack(desk.store).content
    digest, passing = sha256(asking).hexdigest(), Passing(county.ledger, ties(desk.store).device)
    assert passing.put(digest, 0, asking[:200]) == passing.held(digest) == 200
    sticks.unpack(desk.store, passing.answered(digest, asking[200:], partial(parcels.answer, county)).beginning)


@pytest.fixture(params=["file", "postgres"])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    folder = tmp_path / "office"
    is_file = request.param == "file"
    made = Office(folder) if is_file else OfficeOnPostgres(folder, request.getfixturevalue("postgres"))
    yield made
    made.county.ledger.close()


def a_bad_week(office: Office, folder: Path, open_desk: OpenDesk) -> None:
    """A line that takes blocks, a copied disk, a machine put back in silence, a restore, a row that got lost."""
    first, second = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    first.store.set_setting(blocks.SETTING, blocks.SMALLEST)
    first.store.save(first.store.holder, *((None, Person(org=VILLAGE, name=f"王{number}")) for number in range(60)))
    with listen(office.county) as answering, closing(HttpCounty(answering.url, ties(first.store))) as line:
        assert first.exchange(line).delivered
    copied = started(image(first, folder / "copied"))
    copied.person("另一台记的")
    exchange_all(office, first, copied, second)
    copied.store.close()
    office.snapshot()
    first.person("王晚")
    exchange_all(office, first, second)
    office.roll_back()
    epoch = office.epoch()
    exchange_all(office, second)
    assert office.epoch() != epoch
    office.back_up("day.copy")
    late = first.person("王末")
    exchange_all(office, first, second)
    office.restore("day.copy")
    exchange_all(office, second)
    with office.county.ledger.reading() as connection:
        assert office.county.ledger.one(connection, tables.record, type="person", id=late.id)
    row_lost(second, late.id)
    second.store.set_setting(LOOKED_OVER_AT, 0)
    exchange_all(office, second)
    assert second.get(Person, late.id).name == "王末"


SELDOM = ("_block", "introduce", "look", "named")
"""What only a bad week makes a county do."""


@pytest.fixture
def did(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Which of those it did."""
    found: set[str] = set()

    def noting(name: str) -> Any:
        real = getattr(CountyServer, name)

        def note(*given: Any) -> Any:
            found.add(name)
            return real(*given)

        return note

    for name in SELDOM:
        monkeypatch.setattr(CountyServer, name, noting(name))
    return found


def outside(said: list[Said]) -> list[str]:
    return [fault for statement, told in said if statement != WHOSE_FILE for fault in faults(statement, told, COUNTY)]


def test_the_county_is_bound_in_every_statement(county: CountyServer, tmp_path: Path, open_desk: OpenDesk) -> None:
    with overheard() as said:
        a_long_day(county, tmp_path, open_desk)
    assert outside(said) == []
    touched = {name for statement, _ in said for name in tables_in(statement)}
    assert touched == set(tables.metadata.tables)
    assert {statement.split()[0] for statement, _ in said} == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert len({statement for statement, _ in said}) > 60


def test_the_county_is_bound_when_lines_break_disks_are_copied_and_machines_put_back(
    office: Office, tmp_path: Path, open_desk: OpenDesk, did: set[str]
) -> None:
    with overheard() as said:
        a_bad_week(office, tmp_path, open_desk)
    assert outside(said) == []
    assert did == set(SELDOM)
    assert len({statement for statement, _ in said}) > 60


def test_a_statement_that_forgot_the_county_is_caught(
    county: CountyServer, tmp_path: Path, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(_ledger: Ledger, table: sa.Table, *columns: sa.Column[Any], **equal: Any) -> sa.Select[Any]:
        query = sa.select(*columns) if columns else sa.select(table)
        return query.where(*(table.c[name] == value for name, value in equal.items()))

    def forgetful_of_one(table: sa.Table, names: tuple[str, ...]) -> sa.Select[Any]:
        return sa.select(table).where(*(table.c[name] == sa.bindparam(name) for name in names))

    monkeypatch.setattr(Ledger, "of", forgetful)
    monkeypatch.setattr(ledger, "_equal", forgetful_of_one)
    with overheard() as said:
        a_long_day(county, tmp_path, open_desk)
    caught = {name for fault in outside(said) for name in tables.metadata.tables if fault.startswith(f"{name} without")}
    assert caught >= {"space", "device", "unit", "change", "record", "blob", "granted", "enrolment"}


@pytest.mark.parametrize(
    "statement, told",
    [
        ("SELECT unit.id FROM unit", ()),
        ("SELECT unit.id FROM unit WHERE unit.county = ?", ("530621000000",)),
        ("SELECT unit.id FROM unit WHERE unit.county = ? OR unit.id = ?", (COUNTY, "x")),
        ("SELECT unit.id FROM unit WHERE unit.county <> ?", (COUNTY,)),
        ("SELECT unit.id FROM unit WHERE (unit.county = ? OR unit.id = ?)", (COUNTY, "x")),
        ("SELECT u.id FROM unit AS u, record WHERE record.county = ?", (COUNTY,)),
        ("SELECT unit.id FROM unit JOIN record ON record.id = unit.subject WHERE unit.county = ?", (COUNTY,)),
        ("SELECT unit.id FROM unit WHERE unit.county = ? AND unit.id IN (SELECT record.id FROM record)", (COUNTY,)),
        ("SELECT 1 WHERE EXISTS (SELECT record.id FROM record)", ()),
        ("SELECT unit.id FROM unit WHERE unit.county = ? UNION SELECT record.id FROM record", (COUNTY,)),
        ("SELECT unit.id FROM unit ORDER BY unit.county = ?", (COUNTY,)),
        ("UPDATE unit SET county = ?", (COUNTY,)),
        ("UPDATE unit SET state = ? WHERE unit.id = ?", ("x", "y")),
        ("DELETE FROM unit", ()),
        ("DELETE FROM unit WHERE unit.county = %(a)s::VARCHAR", {"a": "530621000000"}),
        ("INSERT INTO unit (id, county) VALUES (?, ?)", ("x", COUNTY)),
        ("INSERT INTO unit (county, id) VALUES (?, ?)", [(COUNTY, "x"), ("530621000000", "y")]),
        ("INSERT INTO unit (county, id) VALUES (?, ?), (?, ?)", (COUNTY, "x", "530621000000", "y")),
        ("INSERT INTO unit (county, id) VALUES (?, ?), (lower(?), ?)", (COUNTY, "x", COUNTY, "y")),
        ("INSERT INTO unit (county, id) SELECT ?, id FROM unit", (COUNTY,)),
        ("SELECT unit.id FROM unit, json_each(?) AS asked WHERE asked.value = unit.county", (COUNTY,)),
        ("WITH all_units AS (SELECT * FROM unit) SELECT * FROM all_units", ()),
    ],
)
def test_what_may_touch_another_county_is_caught(statement: str, told: Any) -> None:
    assert faults(statement, told, COUNTY) != []


@pytest.mark.parametrize(
    "statement, told",
    [
        ("SELECT unit.id FROM unit WHERE unit.county = ? AND (unit.id = ? OR unit.id = ?)", (COUNTY, "x", "y")),
        ("SELECT u.id FROM unit AS u, record AS r WHERE r.county = u.county AND u.county = ?", (COUNTY,)),
        ("SELECT unit.id FROM unit JOIN record ON record.county = unit.county WHERE unit.county = ?", (COUNTY,)),
        (
            "SELECT unit.id FROM unit WHERE unit.county = ? AND EXISTS "
            "(SELECT record.id FROM record WHERE record.county = unit.county)",
            (COUNTY,),
        ),
        ('UPDATE unit SET state = %(s)s WHERE unit.county = %(c)s::VARCHAR COLLATE "C"', {"s": "x", "c": COUNTY}),
        ("INSERT INTO unit (county, id) VALUES (?, ?)", [(COUNTY, "x"), (COUNTY, "y")]),
        ("INSERT INTO unit (county, id) VALUES (?, ?), (?, ?)", [(COUNTY, "x", COUNTY, "y")]),
        ("INSERT OR FAIL INTO unit (county, id) VALUES (?, ?), (?, ?)", [(COUNTY, "x", COUNTY, "y")]),
        (
            "SELECT unit.id FROM unit WHERE unit.county = ? AND unit.id IN "
            "(SELECT asked.value FROM json_each(?) AS asked)",
            (COUNTY, "[]"),
        ),
        ("SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class", ()),
    ],
)
def test_what_keeps_to_its_county_is_let_through(statement: str, told: Any) -> None:
    assert faults(statement, told, COUNTY) == []


def test_the_county_comes_first_in_every_key_and_index(county: CountyServer) -> None:
    """As the database itself tells it."""
    found = sa.inspect(county.ledger.engine)
    assert set(found.get_table_names()) == set(tables.metadata.tables)
    for table in tables.metadata.tables:
        assert found.get_pk_constraint(table)["constrained_columns"][0] == "county"
        assert {index["column_names"][0] for index in found.get_indexes(table)} <= {"county"}
        assert found.get_foreign_keys(table) == []
        assert {key["column_names"][0] for key in found.get_unique_constraints(table)} <= {"county"}


def test_only_the_copying_of_a_file_goes_past_what_is_overheard() -> None:
    """A cursor of the driver's own would say its statements to nobody."""
    folder = Path(tables.__file__).parent
    past = {
        path.name
        for path in folder.glob("*.py")
        if any(word in path.read_text("utf-8") for word in ("raw_connection", "driver_connection", ".cursor("))
    }
    assert past == {"copies.py"}
