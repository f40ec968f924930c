"""The same county on PostgreSQL: the contract, several counties in one database, and what a technician may do wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from sqlalchemy import event

from app.errors import CountyRefused, CountyUnreachable, UserError, WorkspaceExists, WorkspaceMissing
from app.records import Attachment, Person
from sync.client.credentials import ties
from sync.client.engine import join, pending
from sync.client.http import HttpCounty
from sync.messages import Change, Hello, Request, Unit
from sync.server import accounts, copies, database, tables
from sync.server.county import CountyServer, county_init, open_county
from sync.server.database import DatabaseUnreachable, key_file
from sync.server.serving import Listening
from tests.support.patience import PATIENCE
from tests.support.postgres import PASSWORD, Postgres
from tests.sync.contract import CountyContract, Line
from tests.sync.desks import COUNTY, VILLAGE, Desk, OpenDesk, contents

NEXT_COUNTY, FAR_VILLAGE = "530621000000", "530621001001"


@pytest.fixture
def address(postgres: Postgres) -> str:
    return postgres.new()


@pytest.fixture
def county(tmp_path: Path, address: str) -> Iterator[CountyServer]:
    made = county_init(tmp_path / "county", COUNTY, "昭阳区", database=address)
    yield made
    made.ledger.close()


class TestCountyOnPostgres(CountyContract):
    @pytest.fixture
    def line(self, county: CountyServer) -> Line:
        return lambda desk: county


class TestCountyOnPostgresAcrossALine(CountyContract):
    @pytest.fixture
    def line(self, lines: Line) -> Line:
        return lines


def test_two_counties_in_one_database_do_not_see_each_other(
    tmp_path: Path, address: str, county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there = open_desk(), open_desk(FAR_VILLAGE, holder="赵强")
    with closing(county_init(tmp_path / "next", NEXT_COUNTY, "邻县", database=address).ledger) as ledger:
        neighbour = CountyServer(ledger)
        for desk, server in ((here, county), (there, neighbour)):
            desk.join(server)
            desk.person(f"{desk.store.holder.name}登记的")
            assert desk.exchange(server).delivered
        for desk, server in ((here, county), (there, neighbour)):
            assert desk.exchange(server).received == 0
            assert [each.name for each in desk.store.every(Person)] == [f"{desk.store.holder.name}登记的"]
            assert [each.id for each in accounts.devices(server.ledger)] == [ties(desk.store).device]
        copies.back_up(tmp_path / "next", tmp_path / "next.copy")
        restored = copies.restore(tmp_path / "next.copy", tmp_path / "alone")
        assert (restored.records, restored.units, restored.devices) == (1, 1, 1)
        with county.ledger.reading() as connection:
            assert county.ledger.terms(connection).durable_seq == 0


def test_a_writer_of_one_county_does_not_keep_another_county_waiting(
    tmp_path: Path, address: str, county: CountyServer
) -> None:
    with closing(county_init(tmp_path / "next", NEXT_COUNTY, "邻县", database=address).ledger) as neighbour:
        done = threading.Event()

        def write() -> None:
            accounts.make_code(neighbour, FAR_VILLAGE, "child_director", "赵强")
            done.set()

        with county.ledger.writing() as connection:
            county.ledger.advance(connection, 1)
            other = threading.Thread(target=write)
            other.start()
            assert done.wait(PATIENCE)
        other.join()


def test_a_copy_goes_from_a_database_to_a_file_and_back(
    tmp_path: Path, postgres: Postgres, county: CountyServer, open_desk: OpenDesk
) -> None:
    desk = open_desk()
    desk.join(county)
    person = desk.person("王小明", village_group="一组")
    photo = desk.store.attach_blob(b"photo" * 50_000)
    desk.save(Attachment(), subject=person.id, sha256=photo, size=250_000)
    desk.exchange(county)
    copies.back_up(tmp_path / "county", tmp_path / "one.copy")
    assert "王小明".encode() not in (tmp_path / "one.copy").read_bytes()
    copies.restore(tmp_path / "one.copy", tmp_path / "file")
    copies.back_up(tmp_path / "file", tmp_path / "two.copy")
    copies.restore(tmp_path / "two.copy", tmp_path / "again", address=postgres.new())
    for folder in ("file", "again"):
        with closing(open_county(tmp_path / folder).ledger) as ledger:
            other = open_desk()
            other.join(CountyServer(ledger))
            assert other.exchange(CountyServer(ledger)).delivered
            assert contents(other, Person) == contents(desk, Person)
            assert other.store.blob(photo) == b"photo" * 50_000


def test_a_county_is_not_restored_over_itself(tmp_path: Path, address: str, county: CountyServer) -> None:
    copies.back_up(tmp_path / "county", tmp_path / "one.copy")
    with pytest.raises(WorkspaceExists, match="已经有"):
        copies.restore(tmp_path / "one.copy", tmp_path / "again", address=address)
    with pytest.raises(WorkspaceExists, match="已经有"):
        county_init(tmp_path / "again", COUNTY, "昭阳区", database=address)
    assert not (tmp_path / "again").exists()
    assert not key_file(tmp_path / "again").exists()


def test_two_programs_do_not_use_one_code_twice(
    tmp_path: Path, county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits until the first has decided, though they share nothing but the database."""
    second = open_county(tmp_path / "county")
    desks = [open_desk(), open_desk()]
    code = accounts.make_code(county.ledger, VILLAGE, "child_director", "王芳")
    came: list[str] = []
    real = accounts._let_in

    def slowly(*told: object) -> None:
        came.append("in")
        threading.Event().wait(0.3)
        real(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(accounts, "_let_in", slowly)

    def enrol(desk: Desk, server: CountyServer) -> None:
        try:
            join(server, desk.store, "", code)
        except CountyRefused as refused:
            came.append(refused.code)

    threads = [threading.Thread(target=enrol, args=pair) for pair in zip(desks, (county, second), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.ledger.close()
    assert sorted(came) == ["C4", "in"]
    assert len(accounts.devices(county.ledger)) == 1


def test_a_long_wait_for_another_writer_is_told_as_busy(
    tmp_path: Path, county: CountyServer, listening: Listening, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    desk.join(county)
    desk.person()
    monkeypatch.setattr(database, "PATIENCE", 1)
    county.ledger.engine.dispose()
    waits: list[float] = []
    line = HttpCounty(listening.url, ties(desk.store), sleep=waits.append)
    other = open_county(tmp_path / "county")
    with other.ledger.writing(), pytest.raises(CountyUnreachable, match="正忙"):
        desk.exchange(line)
    assert waits
    assert pending(desk.store) == 1
    assert desk.exchange(line).delivered
    line.close()
    other.ledger.close()


def test_a_database_that_was_restarted_is_used_again(
    address: str, postgres: Postgres, county: CountyServer, listening: Listening, open_desk: OpenDesk
) -> None:
    desk = open_desk()
    desk.join(county)
    desk.person()
    postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test%'")
    line = HttpCounty.to(desk.store, listening.url)
    assert desk.exchange(line).delivered
    line.close()
    assert requests.get(listening.url + "/v1/health", timeout=PATIENCE).text == "ok"


def test_a_database_that_fails_at_the_commit_is_asked_again_and_takes_each_save_once(
    postgres: Postgres, county: CountyServer, listening: Listening, open_desk: OpenDesk
) -> None:
    desk, waits = open_desk(), list[float]()
    desk.join(county)
    desk.person()
    engine, killed = county.ledger.engine, list[str]()

    def kill(connection: sa.Connection) -> None:
        if not connection.get_execution_options().get("postgresql_readonly") and not killed:
            killed.append("commit")
            postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test%'")

    event.listen(engine, "commit", kill)
    line = HttpCounty(listening.url, ties(desk.store), sleep=waits.append)
    assert desk.exchange(line).delivered
    line.close()
    assert (killed, len(waits)) == (["commit"], 1)
    with county.ledger.reading() as connection:
        assert len(connection.execute(county.ledger.of(tables.unit)).all()) == 1
        assert len(connection.execute(county.ledger.of(tables.record)).all()) == 1


def test_a_database_of_an_earlier_schema_is_brought_up(tmp_path: Path, postgres: Postgres, address: str) -> None:
    county_init(tmp_path / "county", COUNTY, "昭阳区", database=address).ledger.close()
    name = address.rpartition("/")[2]
    for statement in (
        "ALTER TABLE record DROP COLUMN deleted_at",
        "ALTER TABLE record DROP COLUMN placed",
        "ALTER TABLE device DROP COLUMN token",
        "DROP TABLE granted",
        "UPDATE space SET schema = 2",
    ):
        postgres.run(statement, name)
    with closing(open_county(tmp_path / "county").ledger) as ledger:
        found = sa.inspect(ledger.engine)
        for table in tables.metadata.sorted_tables:
            assert {column["name"] for column in found.get_columns(table.name)} == set(table.columns.keys())
            assert {index["name"] for index in found.get_indexes(table.name)} == {each.name for each in table.indexes}
    assert collations(postgres, address) == {"C"}


def test_no_text_is_compared_by_the_language_of_the_server(postgres: Postgres, address: str, tmp_path: Path) -> None:
    """By this one's "~" comes before the digits, and every subtree of divisions would be empty."""
    county_init(tmp_path / "county", COUNTY, "昭阳区", database=address).ledger.close()
    assert postgres.run("SELECT '~' < '0'") == [(True,)]
    assert collations(postgres, address) == {"C"}


def collations(postgres: Postgres, address: str) -> set[str]:
    query = "SELECT collation_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text'"
    return {name for (name,) in postgres.run(query, address.rpartition("/")[2])}


@pytest.mark.parametrize("subject, made_at", [("王\0", 1), ("王" * 3_000, 1), ("", 1 << 63)])
def test_what_the_database_cannot_keep_stops_nothing(
    county: CountyServer, listening: Listening, open_desk: OpenDesk, subject: str, made_at: int
) -> None:
    desk = open_desk()
    desk.join(county)
    known = ties(desk.store)
    change = Change("contact", "0190b6a0000070008000000000000001", {"subject": subject})
    unit = Unit(9, "save\0", "\0", "x", "某\0人", made_at, (change,))
    line = HttpCounty.to(desk.store, listening.url)
    with suppress(CountyRefused):
        list(line.exchange(Request(Hello(known.device, known.server_id, known.epoch), (unit,))))
    desk.person()
    assert desk.exchange(line).delivered
    line.close()


def test_a_technician_is_told_what_is_wrong_with_an_address(tmp_path: Path, postgres: Postgres) -> None:
    for address, words in (
        (postgres.url("x").replace("@", f":{PASSWORD}@"), "口令"),
        (postgres.url("x") + "?password=x", "口令"),
        ("mysql://somewhere/x", "PostgreSQL"),
        ("somewhere", "读不懂"),
    ):
        with pytest.raises(UserError, match=words):
            county_init(tmp_path / "county", COUNTY, "昭阳区", database=address)
    for address in (postgres.url("nowhere"), "postgresql://postgres@127.0.0.1:9/x"):
        with pytest.raises(DatabaseUnreachable, match="没有动任何资料"):
            county_init(tmp_path / "county", COUNTY, "昭阳区", database=address)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_whose_database_is_gone_is_told_so(tmp_path: Path, address: str, postgres: Postgres) -> None:
    county_init(tmp_path / "county", COUNTY, "昭阳区", database=address).ledger.close()
    postgres.drop(address.rpartition("/")[2])
    with pytest.raises(DatabaseUnreachable):
        open_county(tmp_path / "county")
    postgres.run(f"CREATE DATABASE {address.rpartition('/')[2]}")
    with pytest.raises(UserError, match="没有建完"):
        open_county(tmp_path / "county")
    (tmp_path / "county" / "county.json").write_text("{", "ascii")
    with pytest.raises(UserError, match="读不懂"):
        open_county(tmp_path / "county")
    key_file(tmp_path / "county").unlink()
    with pytest.raises(WorkspaceMissing, match="密钥"):
        open_county(tmp_path / "county")
