"""Whatever a line bears between two breaks, everything gets through in the end, and text does not wait for photos."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import CountyUnreachable
from app.records import Attachment, ChildVisit, Person
from app.store.changes import writing
from sync.client.bearing import LEAST, PLENTY, SETTING, bears
from sync.client.credentials import ties
from sync.client.engine import exchange
from sync.client.http import HttpCounty
from sync.server import tables
from sync.server.county import CountyServer
from sync.server.serving import listen
from tests.support.weak_line import dense, weak_line
from tests.sync.desks import NEXT_VILLAGE, TOWN, Desk, OpenDesk, joined
from tests.sync.test_restores import Office

on_file = pytest.mark.parametrize("county", ["file"], indirect=True)
TOLD = ("living", "family", "guardianship", "mind", "guardian_opinion", "actions")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "office")
    yield made
    made.county.ledger.close()


def visited(desk: Desk, child: str, times: int, signs: int) -> None:
    """So many visits of 3,600 bytes for each 200 signs."""
    for n in range(times):
        said = {part: dense(signs, f"{n} {part}") for part in TOLD}
        on = f"2025-{1 + n // 28:02d}-{1 + n % 28:02d}"
        desk.save(ChildVisit(), subject=child, visited_on=on, mode="home", outcome="met", **said)


def tries_until_done(county: CountyServer, desk: Desk, line_bears: int, most: int) -> int:
    """How often the desk tried until all had gone through, or more than ``most``."""
    with listen(county) as answering, weak_line(answering.port, line_bears) as url:
        for tries in range(1, most + 1):
            known, known_to_bear = partial(ties, desk.store), partial(bears, desk.store)
            line = HttpCounty(url, known, bears=known_to_bear, sleep=lambda _: None)
            try:
                done = exchange(line, desk.store)
            except CountyUnreachable:
                continue
            finally:
                line.close()
            if done.delivered and not done.photos_waiting:
                return tries
    return most + 1


@on_file
@pytest.mark.parametrize("line", [60_000, 20_000])
def test_a_month_of_visits_goes_up(county: CountyServer, open_desk: OpenDesk, line: int) -> None:
    (desk,) = joined(county, open_desk())
    visited(desk, desk.person().id, 40, 200)
    assert tries_until_done(county, desk, line, 30) <= 30


@on_file
@pytest.mark.parametrize("line, visits", [(200_000, 300), (20_000, 60)])
def test_what_others_wrote_comes_down_and_own_saves_do_not_wait_for_it(
    county: CountyServer, open_desk: OpenDesk, line: int, visits: int
) -> None:
    one, other = joined(county, open_desk(), open_desk(holder="王芳"))
    visited(one, one.person().id, visits, 200)
    one.exchange(county)
    other.person("自己的")
    tries_until_done(county, other, line, 3)
    assert not other.store.pending()
    assert tries_until_done(county, other, line, 40) <= 40
    assert other.store.count(ChildVisit) == visits


@on_file
def test_a_line_that_broke_once_by_accident_soon_carries_as_much_as_before(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    one, other = joined(county, open_desk(), open_desk(holder="王芳"))
    visited(one, one.person().id, 100, 100)
    one.exchange(county)
    assert tries_until_done(county, other, 1_500, 1) == 2  # in the middle of the first words: that says nothing
    assert bears(other.store) == PLENTY
    other.store.set_setting(SETTING, LEAST)
    done = other.exchange(county)
    assert (done.delivered, bears(other.store)) == (True, LEAST << 5)


def test_testimony_goes_up(office: Office, open_desk: OpenDesk) -> None:
    lost, witness = joined(office.county, open_desk(), open_desk(holder="王芳"))
    child = lost.person()
    lost.exchange(office.county)
    office.back_up("copy")
    visited(lost, child.id, 40, 200)
    lost.exchange(office.county)
    witness.exchange(office.county)
    office.restore("copy")
    assert tries_until_done(office.county, witness, 60_000, 30) <= 30
    assert tries_until_done(office.county, witness, PLENTY, 1) == 1
    assert kept(office.county, tables.record, type="child_visit") == 40


@on_file
def test_what_differs_is_mended_by_and_by_and_photos_go_too(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    visited(desk, desk.person().id, 150, 200)
    desk.exchange(county)
    with writing(desk.store) as work:
        work.db.execute("UPDATE county_row SET h1 = h1 + 1 WHERE type = 'child_visit'")
    photo = desk.store.attach_blob(b"photo" * 900)
    desk.save(Attachment(), subject=desk.person("新").id, sha256=photo, size=4_500)
    assert tries_until_done(county, desk, 60_000, 40) <= 40
    assert kept(county, tables.blob, sha256=photo, complete=1) == 1


@on_file
@pytest.mark.parametrize("is_last", [False, True])
def test_a_save_of_more_than_the_line_bears_goes_up(county: CountyServer, open_desk: OpenDesk, is_last: bool) -> None:
    desk, town = joined(county, open_desk(), open_desk(TOWN, "child_supervisor", holder="张强"))
    child = desk.person()
    desk.exchange(county)
    visited(desk, child.id, 1, 9_000)
    if not is_last:
        desk.person("后来的孩子")
    assert tries_until_done(county, desk, 20_000, 10) <= 10
    town.exchange(county)
    assert town.store.find(ChildVisit) == desk.store.find(ChildVisit)


@pytest.mark.parametrize("line", [200_000, 20_000])
def test_a_sealed_photo_goes_up_and_text_does_not_wait_for_it(office: Office, open_desk: OpenDesk, line: int) -> None:
    here, town = joined(office.county, open_desk(), open_desk(TOWN, "child_supervisor", holder="张强"))
    child = here.person()
    here.exchange(office.county)
    office.back_up("copy")
    photo = here.store.attach_blob(random.Random(1).randbytes(300_000))
    here.save(Attachment(), subject=child.id, sha256=photo, size=300_000)
    here.exchange(office.county)
    town.exchange(office.county)
    town.save(town.get(Person, child.id), org=NEXT_VILLAGE)
    town.exchange(office.county)
    here.exchange(office.county)
    office.restore("copy")
    tries, is_done = 0, False  # it hears of the restore, and the photo does not go in one piece
    while not is_done:
        tries, later = tries + 1, here.person("后来的孩子")
        is_done = tries_until_done(office.county, here, line, 1) == 1
        assert kept(office.county, tables.record, type="person", id=later.id) == 1
        assert tries < 12
    assert tries > 1
    assert kept(office.county, tables.blob, sha256=photo, complete=1) == 1


def kept(county: CountyServer, table: sa.Table, **named: object) -> int:
    with county.ledger.reading() as connection:
        return len(county.ledger.every(connection, table, **named))
