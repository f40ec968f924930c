"""A county that comes back from a copy learns of moves again, in whatever order the desks give them back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import pytest

from app.records import Child, ChildVisit, Conflict, Person, Proposal, Rejection
from app.records.ids import new_id
from sync.merge import Loser
from sync.messages import Change
from sync.server import copies, grants, tables
from sync.server.county import CountyServer, open_county
from sync.server.rules import listed_as
from sync.server.sitting import Sitting, decode
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk
from tests.sync.test_grants import device, joined, names
from tests.sync.test_hostile import sends, standing
from tests.sync.test_proposals import move

OpenDesk = Callable[..., Desk]
pytestmark = pytest.mark.parametrize("county", ["file"], indirect=True)
ORDERS = list(permutations(range(3)))


def three(county: CountyServer, open_desk: OpenDesk) -> tuple[Desk, Desk, Desk]:
    here, there, town = joined(
        county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"), open_desk(TOWN, "child_supervisor", holder="张强")
    )
    return here, there, town


def written(here: Desk, town: Desk, county: CountyServer) -> Person:
    child = here.person("王小明", village_group="一组")
    here.save(Child(id=child.id), risk_level="low")
    here.save(ChildVisit(), subject=child.id, visited_on="2026-03-05", mode="home", outcome="met")
    here.exchange(county)
    town.exchange(county)
    return child


def moved_and_written_on(county: CountyServer, here: Desk, there: Desk, town: Desk, child: Person) -> None:
    here.save(here.get(Person, child.id), village_group="二组")
    here.exchange(county)
    town.exchange(county)
    move(town, county, child, NEXT_VILLAGE)
    there.exchange(county)
    there.save(there.get(Person, child.id), note="已到新村")
    there.save(there.get(Child, child.id), risk_level="high")
    for desk in (there, here, town):
        desk.exchange(county)


def restored(folder: Path, desks: Sequence[Desk], order: tuple[int, ...]) -> None:
    """The county of the copy, once all have been there in this order, and then again."""
    copies.restore(folder / "copy", folder / "again")
    again = open_county(folder / "again")
    try:
        for _ in range(3):
            for at in order:
                desks[at].exchange(again)
        assert all(desk.exchange(again).delivered for desk in desks)
    finally:
        again.ledger.close()


def left_open(desk: Desk) -> list[int]:
    return [desk.store.count(cls, state="open") for cls in (Conflict, Proposal, Rejection)]


def as_it_was(here: Desk, there: Desk, town: Desk, child: Person) -> None:
    assert names(here) == []
    for desk in (there, town):
        person = desk.get(Person, child.id)
        assert (person.org, person.village_group, person.note) == (NEXT_VILLAGE, "二组", "已到新村")
        assert desk.get(Child, child.id).risk_level == "high"
        assert desk.store.count(ChildVisit) == 1
        assert left_open(desk) == [0, 0, 0]


@pytest.mark.parametrize("order", ORDERS)
def test_a_move_that_the_copy_does_not_know_is_made_again(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path, order: tuple[int, ...]
) -> None:
    here, there, town = three(county, open_desk)
    child = written(here, town, county)
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    moved_and_written_on(county, here, there, town, child)
    restored(tmp_path, (here, there, town), order)
    as_it_was(here, there, town, child)


@pytest.mark.parametrize("order", ORDERS)
def test_a_child_that_the_copy_does_not_know_comes_back_where_it_went(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path, order: tuple[int, ...]
) -> None:
    here, there, town = three(county, open_desk)
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    child = written(here, town, county)
    moved_and_written_on(county, here, there, town, child)
    restored(tmp_path, (here, there, town), order)
    as_it_was(here, there, town, child)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_who_was_brought_back_in_part_by_another_village_comes_home_with_the_registration(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path, order: tuple[int, ...]
) -> None:
    """The county has forgotten that one desk served both villages: of the registration it may not tell any more."""
    here, there, author = joined(county, open_desk(), open_desk(NEXT_VILLAGE), open_desk(NEXT_VILLAGE, holder="王芳"))
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    child = author.person("王小明")
    author.exchange(county)
    author.save(author.get(Person, child.id), village_group="一组")
    author.exchange(county)
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    for desk in (here, there):
        desk.exchange(county)
    restored(tmp_path, (here, there), order)
    person = there.get(Person, child.id)
    assert (person.name, person.org, person.village_group) == ("王小明", NEXT_VILLAGE, "一组")
    assert names(here) == []


@pytest.mark.parametrize("order", ORDERS)
def test_there_and_back_ends_at_home_again(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path, order: tuple[int, ...]
) -> None:
    here, there, town = three(county, open_desk)
    child = written(here, town, county)
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    moved_and_written_on(county, here, there, town, child)
    move(town, county, child, VILLAGE)
    there.exchange(county)
    here.exchange(county)
    restored(tmp_path, (here, there, town), order)
    assert (names(here), names(there)) == (["王小明"], [])
    person = here.get(Person, child.id)
    assert (person.village_group, person.note) == ("二组", "已到新村")
    assert here.get(Child, child.id).risk_level == "high"
    # Whoever gives back what another wrote may not have seen what stood there before: it is listed, rather than lost.
    assert left_open(here)[1:] == [0, 0]


def test_who_registered_somebody_hears_where_their_late_saves_went_although_the_county_knows_only_the_new_village(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"))
    child = new_id()
    heard = Change("person", child, {"name": "王小明", "org": NEXT_VILLAGE})
    sends(county, there, heard, seq=-1, stamp="abcd:5", subject=child)
    made = sends(county, here, Change("person", child, {"name": "王小明", "org": VILLAGE}), seq=1, subject=child)
    after = sends(county, here, Change("person", child, {"note": "爱画画"}, {"note": "~1"}), seq=2, subject=child)
    assert (made.reason, after.reason) == ("proposed", "proposed")
    there.exchange(county)
    assert there.store.count(Proposal, state="open") == 2


@pytest.mark.usefixtures("no_repair")
def test_who_came_back_without_their_registration_stays_filed_in_their_village_when_the_other_one_writes(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    """Nothing in such a person says which of the two villages of a post it is."""
    both, author = joined(county, open_desk(NEXT_VILLAGE, holder="王芳"), open_desk())
    child = new_id()
    sends(county, author, Change("person", child, {"note": "爱画画"}), seq=1, stamp="abcd:5", subject=child)
    grants.grant(county.ledger, device(both), VILLAGE)
    both.exchange(county)
    both.save(both.get(Person, child), village_group="一组")
    assert both.exchange(county).delivered
    assert standing(county, "person", child)[0] == VILLAGE


def test_a_part_of_a_visit_that_a_desk_may_not_tell_of_is_filed_with_its_person_or_not_at_all(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    """The county has forgotten that the desk served the other village too; the part alone does not name the child."""
    here, author = joined(county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"))
    child = author.person("王小明")
    author.exchange(county)
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    visit = author.save(ChildVisit(), subject=child.id, visited_on="2026-03-05", mode="home")
    author.exchange(county)
    author.save(author.get(ChildVisit, visit.id), outcome="met")
    author.exchange(county)
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    here.exchange(county)
    assert here.get(ChildVisit, visit.id).outcome == "met"
    copies.restore(tmp_path / "copy", tmp_path / "again")
    again = open_county(tmp_path / "again")
    try:
        here.exchange(again)
        with again.ledger.reading() as connection:
            assert again.ledger.every(connection, tables.record, id=visit.id) == []
        author.exchange(again)
        assert all(desk.exchange(again).delivered for desk in (here, author))
    finally:
        again.ledger.close()
    assert author.get(ChildVisit, visit.id).outcome == "met"
    assert (names(here), here.store.count(ChildVisit)) == ([], 0)


def test_what_follows_on_a_proposed_visit_is_proposed_too_although_it_does_not_name_the_child(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"))
    child, visit = there.person().id, new_id()
    there.exchange(county)
    began = Change("child_visit", visit, {"subject": child, "visited_on": "2026-03-05"})
    made = sends(county, here, began, seq=1, stamp="abcd:5", subject=child)
    met = Change("child_visit", visit, {"outcome": "met"}, {"outcome": "abcd:5"})
    after = sends(county, here, met, seq=2, stamp="abcd:6", subject=child)
    assert (made.reason, after.reason) == ("proposed", "proposed")
    here.exchange(county)
    assert here.store.count(ChildVisit) == 0


def test_a_stranger_proposes_nothing_about_somebody_whose_registration_has_come(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"))
    child = there.person()
    there.exchange(county)
    told = sends(county, here, Change("person", child.id, {"name": "假", "org": VILLAGE}), seq=1)
    assert told.reason == "foreign_village"


def test_a_value_is_listed_although_a_desk_gave_back_only_how_its_listing_was_settled(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, other = joined(county, open_desk(), open_desk(holder="王芳"))
    child = here.person(village_group="一组")
    here.exchange(county)
    other.exchange(county)
    here.save(here.get(Person, child.id), village_group="二组")
    other.save(other.get(Person, child.id), village_group="三组")
    here.exchange(county)
    stamp = here.get(Person, child.id).stamps["village_group"]
    id_ = listed_as(Change("person", child.id, {}), Loser("village_group", "二组", stamp))
    told = {"settlement": {"state": "value", "settled_value": '"一组"'}}
    sends(county, other, Change("conflict", id_, told), seq=-1, stamp="abcd:7")
    other.exchange(county)
    with county.ledger.reading() as connection:
        body = decode(county.ledger.one(connection, tables.record, type="conflict", id=id_)["body"])
    assert (body["about"], body["other"], body["current"]) == (child.id, '"二组"', '"三组"')
    assert body["settlement"] == told["settlement"]
    # Who settled it thinks again, and nobody else has said anything.
    anew = {"settlement": {"state": "value", "settled_value": '"二组"'}}
    done = sends(county, other, Change("conflict", id_, anew, {"settlement": "abcd:7"}), seq=60)
    assert done.clean
    with county.ledger.reading() as connection:
        body = decode(county.ledger.one(connection, tables.record, type="conflict", id=id_)["body"])
    assert (body["settlement"], "earlier" in body) == (anew["settlement"], False)


def test_a_listing_that_comes_back_after_its_settlement_lies_where_its_child_is(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"))
    known = Change("person", new_id(), {"name": "王小明", "org": VILLAGE})
    sends(county, here, known, seq=-3, stamp="abcd:3", subject=known.record)
    here.exchange(county)
    child = here.get(Person, known.record)
    move(here, county, child, NEXT_VILLAGE)
    told = {"settlement": {"state": "value", "settled_value": '"一组"'}}
    listing = {"subject": child.id, "about_type": "person", "about": child.id, "part": "village_group"}
    listed = new_id()
    sends(county, here, Change("conflict", listed, told), seq=-2, stamp="abcd:7")
    sends(county, there, Change("conflict", listed, listing), seq=-1, stamp="abcd:5", subject=child.id)
    with county.ledger.reading() as connection:
        row = county.ledger.one(connection, tables.record, type="conflict", id=listed)
    assert (row["org"], row["subject"]) == (NEXT_VILLAGE, child.id)


def test_what_a_gone_colleague_wrote_after_a_move_that_the_copy_does_not_know_comes_back_with_the_move(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    here, there, town = three(county, open_desk)
    (gone,) = joined(county, open_desk(NEXT_VILLAGE, holder="赵六"))
    child = written(here, town, county)
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    move(town, county, child, NEXT_VILLAGE)
    for desk in (there, gone):
        desk.exchange(county)
    late = gone.save(ChildVisit(), subject=child.id, visited_on="2026-03-09", mode="home", outcome="met")
    gone.exchange(county)
    there.exchange(county)
    copies.restore(tmp_path / "copy", tmp_path / "again")
    again = open_county(tmp_path / "again")
    try:
        there.exchange(again)  # the county takes nobody's word for where the child is but that of whoever moved it
        assert (names(there), there.store.count(ChildVisit)) == (["王小明"], 2)
        for desk in (town, there, there, town):
            assert desk.exchange(again).delivered
        assert town.get(ChildVisit, late.id).visited_on == there.get(ChildVisit, late.id).visited_on
    finally:
        again.ledger.close()


def test_somebody_who_leaves_a_village_twice_under_one_number_left_it_once(county: CountyServer) -> None:
    with county.ledger.writing() as connection:
        sitting = Sitting(county.ledger, connection)
        for _ in range(2):
            sitting.leave(("person", "0" * 32), VILLAGE, 7)
        sitting.write()
    with county.ledger.reading() as connection:
        assert len(connection.execute(county.ledger.of(tables.leaving)).all()) == 1


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_move_back_that_was_proposed_meanwhile_takes_the_proposal_home_too(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path, order: tuple[int, ...]
) -> None:
    """Both villages moved the child on; the second move comes back first and waits until the first is there."""
    here, there, town = three(county, open_desk)
    child = written(here, town, county)
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    move(here, county, child, NEXT_VILLAGE)
    there.exchange(county)
    move(there, county, child, VILLAGE)
    here.exchange(county)
    restored(tmp_path, (here, there, town), (*order, 2))
    assert (names(here), names(there)) == (["王小明"], [])
    assert there.store.count(Proposal) == 0
    assert [desk.store.audit_log("digest_differs") for desk in (here, there, town)] == [[], [], []]
