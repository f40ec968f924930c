"""Two registrations that are one person, as the exchange carries it: agreed, disputed, taken to another village."""

from __future__ import annotations

from app.cases import conflicts, duplicates
from app.cases.transfer import transfer
from app.policy.access import Actor
from app.records import Alias, ChildVisit, Conflict, Person
from sync.server.county import CountyServer
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk

DIRECTOR = Actor("w", "李娟", "child_director", VILLAGE)
SUPERVISOR = Actor("t", "赵强", "child_supervisor", TOWN)


def twice(county: CountyServer, *desks: Desk) -> tuple[str, str]:
    """Registered by both, unseen by each other, and visited by both."""
    for desk in desks:
        desk.join(county)
    ids = []
    for desk, day in zip(desks, ("2026-01-05", "2026-02-06"), strict=False):
        person = desk.person("王小明", birth_date="2015-03-05", org=VILLAGE)
        desk.save(ChildVisit(), subject=person.id, visited_on=day, outcome="met")
        ids.append(person.id)
    exchange(county, *desks, *desks)
    return ids[0], ids[1]


def exchange(county: CountyServer, *desks: Desk) -> None:
    for desk in desks:
        assert desk.exchange(county).delivered


def test_what_one_desk_joins_is_one_at_every_desk(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = open_desk(), open_desk(holder="王芳")
    one, another = twice(county, first, second)
    assert len(duplicates.suggestions(second.store)) == 1
    duplicates.mark_same(first.store, DIRECTOR, one, another)
    exchange(county, first, second)
    for desk in (first, second):
        assert desk.store.same().stands_for(another) == min(one, another)
        assert len(desk.store.of_subject(ChildVisit, one)) == 2
        assert duplicates.suggestions(desk.store) == []
    duplicates.separate(second.store, DIRECTOR, one)
    exchange(county, second, first)
    for desk in (first, second):
        assert [len(desk.store.of_subject(ChildVisit, id_)) for id_ in (one, another)] == [1, 1]
        assert duplicates.suggestions(desk.store) == []


def test_two_desks_that_join_the_same_pair_do_not_disagree(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = open_desk(), open_desk(holder="王芳")
    one, another = twice(county, first, second)
    for desk in (first, second):
        duplicates.mark_same(desk.store, DIRECTOR, one, another)
    exchange(county, first, second, first)
    for desk in (first, second):
        assert (desk.store.count(Alias), desk.store.count(Conflict)) == (1, 0)


def test_one_who_joins_and_one_who_parts_are_both_shown(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = open_desk(), open_desk(holder="王芳")
    one, another = twice(county, first, second)
    duplicates.mark_same(first.store, DIRECTOR, one, another)
    duplicates.mark_different(second.store, DIRECTOR, one, another)
    exchange(county, first, second, first)
    for desk in (first, second):
        (conflict,) = desk.store.find(Conflict)
        assert (conflict.about_type, conflict.part, conflict.must_ask) == ("alias", "state", True)
        assert desk.store.same().stands_for(another) == min(one, another)
    (conflict,) = first.store.find(Conflict)
    conflicts.settle(first.store, DIRECTOR, conflict, conflicts.OTHER, duplicates.DIFFERENT)
    exchange(county, first, second)
    for desk in (first, second):
        assert desk.store.same().stands_for(another) == another


def test_all_registrations_move_together(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second, town = open_desk(), open_desk(holder="王芳"), open_desk(TOWN, "child_supervisor", holder="赵强")
    there = open_desk(NEXT_VILLAGE)
    one, another = twice(county, first, second, town)
    there.join(county)
    duplicates.mark_same(town.store, SUPERVISOR, one, another)
    exchange(county, town)
    transfer(town.store, SUPERVISOR, another, NEXT_VILLAGE)
    exchange(county, town, there, first, second)
    assert first.store.count(Person) == second.store.count(Person) == 0
    assert len(there.store.of_subject(ChildVisit, one)) == 2
    assert there.store.same().stands_for(another) == min(one, another)
