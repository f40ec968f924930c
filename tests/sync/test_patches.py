"""Of a record that a desk has, only what is new of it comes down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from app.records import Conflict, Person
from app.store.changes import writing
from sync.client.credentials import ties
from sync.messages import Change, Hello, Page, Request, Unit
from sync.server import tables
from sync.server.county import CountyServer
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk, contents


@dataclass
class Watched:
    """A county whose answers are kept."""

    county: CountyServer
    pages: list[Page] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.county, name)

    def exchange(self, request: Request) -> Iterator[Page]:
        for page in self.county.exchange(request):
            self.pages.append(page)
            yield page

    def pulled(self, desk: Desk) -> tuple[int, list[tuple[str, dict[str, object]]]]:
        """After one exchange that both sides agree on without a repair: whole rows, and what is new of others."""
        self.pages.clear()
        assert desk.exchange(self).delivered  # type: ignore[arg-type]
        assert desk.store.audit_log("digest_differs") == []
        news = [(patch.type, dict(patch.after)) for page in self.pages for patch in page.patches]
        return sum(len(page.rows) for page in self.pages), news


@pytest.fixture
def watched(county: CountyServer) -> Watched:
    return Watched(county)


@pytest.fixture
def desks(watched: Watched, open_desk: OpenDesk) -> tuple[Desk, Desk]:
    first, second = open_desk(holder="李娟"), open_desk(holder="王芳")
    for desk in (first, second):
        desk.join(watched.county)
    return first, second


def test_of_a_changed_record_only_the_changed_parts_come(watched: Watched, desks: tuple[Desk, Desk]) -> None:
    first, second = desks
    person = first.person("王小明", village_group="一组", phones=["13800001111"], note="老房子")
    watched.pulled(first)
    assert watched.pulled(second) == (1, [])
    first.save(first.get(Person, person.id), village_group="二组", note=None)
    watched.pulled(first)
    assert watched.pulled(second) == (0, [("person", {"village_group": "二组", "note": None})])
    assert contents(first, Person) == contents(second, Person)
    assert second.store.history("person", person.id)[-1].after == {"village_group": "二组", "note": None}


def test_what_waits_here_stays_laid_over_what_is_new_there(watched: Watched, desks: tuple[Desk, Desk]) -> None:
    first, second = desks
    person = first.person(village_group="一组")
    for desk in (first, second):
        watched.pulled(desk)
    second.save(second.get(Person, person.id), note="明天再来")
    for group in ("二组", "三组"):
        first.save(first.get(Person, person.id), village_group=group)
        watched.pulled(first)
    watched.pulled(second)
    found = second.get(Person, person.id)
    assert (found.village_group, found.note) == ("三组", "明天再来")
    assert watched.pulled(first) == (0, [("person", {"note": "明天再来"})])
    assert contents(first, Person) == contents(second, Person)


def test_two_who_changed_the_same_see_one_value_and_the_list_of_the_other(
    watched: Watched, desks: tuple[Desk, Desk]
) -> None:
    first, second = desks
    person = first.person(village_group="一组")
    for desk in (first, second):
        watched.pulled(desk)
    first.save(first.get(Person, person.id), village_group="二组")
    second.save(second.get(Person, person.id), village_group="三组")
    for desk in (first, second, first):
        watched.pulled(desk)
    assert contents(first, Person) == contents(second, Person)
    assert [desk.store.count(Conflict) for desk in desks] == [1, 1]


def test_a_deletion_and_its_undoing_come_as_one_part(watched: Watched, desks: tuple[Desk, Desk]) -> None:
    first, second = desks
    person = first.person()
    for desk in (first, second):
        watched.pulled(desk)
    first.store.delete(first.store.holder, first.get(Person, person.id))
    watched.pulled(first)
    assert watched.pulled(second) == (0, [("person", {"@deleted": True})])
    assert second.store.get(Person, person.id) is None
    first.store.restore(first.store.holder, *first.store.bin())
    watched.pulled(first)
    assert watched.pulled(second) == (0, [("person", {"@deleted": None})])
    assert second.get(Person, person.id).name == "王小明"


def test_a_record_that_moved_in_comes_whole_and_then_only_what_is_new(watched: Watched, open_desk: OpenDesk) -> None:
    here, there, town = open_desk(), open_desk(NEXT_VILLAGE), open_desk(TOWN, "child_supervisor")
    for desk in (here, there, town):
        desk.join(watched.county)
    person = here.person()
    for desk in (here, there, town):
        watched.pulled(desk)
    town.save(town.get(Person, person.id), org=NEXT_VILLAGE)
    watched.pulled(town)
    assert watched.pulled(there) == (1, [])
    town.save(town.get(Person, person.id), note="搬来了")
    watched.pulled(town)
    assert watched.pulled(there) == (0, [("person", {"note": "搬来了"})])
    watched.pulled(here)
    assert here.store.get(Person, person.id) is None


def test_a_desk_that_asks_for_everything_gets_it_whole(watched: Watched, desks: tuple[Desk, Desk]) -> None:
    first, second = desks
    person = first.person()
    watched.pulled(first)
    first.save(first.get(Person, person.id), village_group="二组")
    watched.pulled(first)
    assert watched.pulled(second) == (1, [])
    with writing(second.store) as work:
        work.set_setting("county", {**work.setting("county"), "cursors": {}})
    assert watched.pulled(second) == (1, [])


def test_a_record_from_before_places_were_kept_comes_whole_once(watched: Watched, desks: tuple[Desk, Desk]) -> None:
    first, second = desks
    person = first.person()
    for desk in (first, second):
        watched.pulled(desk)
    with watched.county.ledger.writing() as connection:
        connection.execute(sa.update(tables.record).values(placed=None))
    for group, expected in (("二组", (1, [])), ("三组", (0, [("person", {"village_group": "三组"})]))):
        first.save(first.get(Person, person.id), village_group=group)
        watched.pulled(first)
        assert watched.pulled(second) == expected


def test_a_record_that_ought_to_be_here_and_is_not_is_missed_and_fetched(
    watched: Watched, desks: tuple[Desk, Desk]
) -> None:
    first, second = desks
    person = first.person()
    for desk in (first, second):
        watched.pulled(desk)
    with writing(second.store) as work:
        work.remove([("person", person.id)])
    first.save(first.get(Person, person.id), village_group="二组")
    watched.pulled(first)
    assert second.exchange(watched).delivered  # type: ignore[arg-type]
    assert len(second.store.audit_log("digest_differs")) == 1
    assert contents(first, Person) == contents(second, Person)


def test_of_a_type_that_this_desk_does_not_know_only_the_changed_parts_come_too(
    watched: Watched, desks: tuple[Desk, Desk]
) -> None:
    (desk, _) = desks
    known, record = ties(desk.store), "a" * 32

    def send(seq: int, after: dict[str, object], bases: dict[str, str]) -> str:
        unit = Unit(seq, "save", "", desk.store.holder.id, "李娟", 0, (Change("weather", record, after, bases),))
        (page,) = watched.county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (unit,)))
        return page.results[0].stamp

    stamp = send(1, {"sky": "晴", "org": VILLAGE, "wind": "东"}, {})
    with writing(desk.store) as work:
        work.set_setting("county", {**work.setting("county"), "cursors": {}})
    assert watched.pulled(desk) == (1, [])
    send(2, {"sky": "雨", "wind": None}, {"sky": stamp, "wind": stamp})
    with watched.county.ledger.writing() as connection:
        connection.execute(sa.update(tables.record).values(device="another"))
    assert watched.pulled(desk) == (0, [("weather", {"sky": "雨", "wind": None})])
    with writing(desk.store) as work:
        assert work.said([("weather", record)])["weather", record][0] == {"sky": "雨", "org": VILLAGE}
