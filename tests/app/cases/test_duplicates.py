"""Two registrations of one person: suggested, joined, read as one everywhere, and taken apart as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.cases import agenda, duplicates, papers, register, visits
from app.errors import NotAllowed, UserError
from app.policy.access import Actor
from app.records import Alias, Child, ChildVisit, Elder, Kinship, Person
from app.records.alias import alias_id
from app.records.files import ChildFile
from app.records.record import amended
from app.store.listing import ListQuery
from app.store.workspace import Workspace
from tests.support.desks import new_desk

VILLAGE, NEXT_VILLAGE = "539900101200", "539900101201"
WORKER = Actor("w", "陆大桥", "child_director", VILLAGE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk", planner=agenda.default_planner())
    yield desk
    desk.close()


def person(store: Workspace, name: str = "王小明", **fields: object) -> Person:
    told = {"name": name, "org": VILLAGE, "sex": "1", "birth_date": "2015-03-05", **fields}
    changes = store.save(WORKER, (None, amended(Person(), told)))
    return store.require(Person, next(iter(changes.ids)))


def child(store: Workspace, who: Person, **fields: object) -> Child:
    store.save(WORKER, (None, amended(Child(id=who.id), {"registered_on": "2026-01-01", **fields})))
    return store.require(Child, who.id)


def visit(store: Workspace, who: Person, day: str) -> ChildVisit:
    told = {"subject": who.id, "visited_on": day, "outcome": "met"}
    changes = store.save(WORKER, (None, amended(ChildVisit(), told)))
    return store.require(ChildVisit, next(iter(changes.ids)))


def pairs(store: Workspace) -> list[tuple[str, ...]]:
    return [each.why for each in duplicates.suggestions(store)]


def everything(store: Workspace) -> dict[str, object]:
    """All that lists, search and pages show."""
    lines = [list(store.listing(ListQuery(kind, active=None)).page(0, 99)) for kind in ("child", "elder")]
    ids = [each.id for each in store.every(Person)]
    files = {id_: [replace(each, stamps={}) for each in store.of_subject(ChildVisit, id_)] for id_ in ids}
    people = {id_: replace(store.require(Person, id_), stamps={}) for id_ in ids}
    hits = {word: [hit.id for hit in store.search(word)] for word in ("王", "wxm")}
    return {"lines": lines, "due": store.due("2030-01-01"), "files": files, "people": people, "hits": hits}


@pytest.mark.parametrize(
    "fields, why",
    [
        ({}, ("姓名相同", "出生日期相同", "同一个村")),
        ({"name": "王晓明"}, ("姓名读音相同", "出生日期相同", "同一个村")),
        ({"name": "王晓明", "org": NEXT_VILLAGE}, ("姓名读音相同", "出生日期相同")),
        ({"birth_date": "2015-03-15"}, ("姓名相同", "出生日期相近", "同一个村")),
        ({"birth_date": "2014-03-05"}, ("姓名相同", "出生日期相近", "同一个村")),
        ({"name": "李四", "other_names": ["王小明"]}, ("姓名读音相同", "出生日期相同", "同一个村")),
    ],
)
def test_who_may_be_the_same_is_suggested_with_reasons(
    store: Workspace, fields: dict[str, object], why: tuple[str, ...]
) -> None:
    person(store)
    person(store, **{"name": "王小明", **fields})
    assert pairs(store) == [why]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "王小红"}, {"sex": "2"}, {"birth_date": "2012-09-09"}, {"birth_date": None},
        {"birth_date": "2015-03-15", "org": NEXT_VILLAGE},
    ],
)  # fmt: skip
def test_who_cannot_well_be_the_same_is_not(store: Workspace, fields: dict[str, object]) -> None:
    person(store)
    person(store, **fields)
    assert pairs(store) == []


def test_numbers_decide_where_both_are_valid(store: Workspace) -> None:
    number, other = "11010519491231002X", "440524188001010014"
    person(store, "周大川", birth_date="1949-12-31", sex="2", id_number=number)
    person(store, "别的名字", birth_date="1950-01-01", sex="2", id_number=number.lower())
    twin = person(store, "周大川", birth_date="1949-12-31", sex="2", id_number=other)
    assert pairs(store) == [("身份证号码相同",)]
    store.save(WORKER, (twin, replace(twin, id_to_verify=True)))
    assert ("姓名相同", "出生日期相同", "同一个村") in pairs(store)


def test_kin_are_never_suggested(store: Workspace) -> None:
    one, another = person(store, "王芳", sex="2"), person(store, "王方", sex="2")
    store.save(WORKER, (None, amended(Kinship(), {"subject": one.id, "relative": another.id, "relation": "72"})))
    assert pairs(store) == []


def test_joined_they_are_one_in_every_list_and_come_back_as_they_were(store: Workspace) -> None:
    one, another = person(store, village_group="一组"), person(store, "王晓明", phones=["138"], village_group="二组")
    child(store, another, risk_level="high")
    visit(store, one, "2026-01-05")
    visit(store, another, "2026-02-06")
    before = everything(store)
    changes = duplicates.mark_same(store, WORKER, another.id, one.id, take=("phones", "village_group"))
    assert changes.subjects == {one.id}
    (line,) = store.listing(ListQuery("child")).page(0, 9)
    assert (line.id, line.last_visited_on, line.risk_level) == (one.id, "2026-02-06", "high")
    assert line.village_group == "二组"
    assert [each.visited_on for each in store.of_subject(ChildVisit, one.id)] == [date(2026, 1, 5), date(2026, 2, 6)]
    assert store.of_subject(ChildVisit, another.id) == store.of_subject(ChildVisit, one.id)
    assert store.count(ChildVisit, subject=one.id) == 2
    last = store.latest(ChildVisit, one.id, "visited_on")
    assert last is not None
    assert last.visited_on == date(2026, 2, 6)
    found = store.get(Child, one.id)
    assert found is not None
    assert found.id == another.id
    for word in ("王晓明", "王小明", "wxm"):
        assert [(hit.id, hit.kinds) for hit in store.search(word)] == [(one.id, ("child",))]
    assert [each.id for each in store.find(Person, birth_date=one.birth_date)] == [one.id]
    assert store.count(Person) == 1
    assert [each.id for each in store.find(Person, name="王晓明")] == [another.id]
    assert store.met_days("2026-01-01", "2026-12-31") == [(one.id, "2026-01-05"), (one.id, "2026-02-06")]
    assert pairs(store) == []
    store.undo(WORKER, changes.batch)
    assert everything(store) == before
    assert pairs(store) != []


def test_taken_apart_later_both_are_as_they_were_and_nobody_is_asked_again(store: Workspace) -> None:
    one, another = person(store, phones=["139"]), person(store, "王晓明", phones=["138"], village_group="二组")
    visit(store, another, "2026-02-06")
    before = everything(store)
    duplicates.mark_same(store, WORKER, one.id, another.id, take=("phones", "village_group"))
    assert store.require(Person, one.id).phones == ("138", "139")
    duplicates.separate(store, WORKER, one.id)
    assert everything(store) == before
    assert pairs(store) == []
    with pytest.raises(UserError, match="只登记了一次"):
        duplicates.separate(store, WORKER, one.id)


def test_what_was_changed_after_joining_stays(store: Workspace) -> None:
    one, another = person(store), person(store, "王晓明", village_group="二组")
    duplicates.mark_same(store, WORKER, one.id, another.id, take=("village_group",))
    now = store.require(Person, one.id)
    store.save(WORKER, (now, replace(now, village_group="三组")))
    duplicates.separate(store, WORKER, another.id)
    assert store.require(Person, one.id).village_group == "三组"


def test_three_are_one_and_the_earliest_stands_for_all(store: Workspace) -> None:
    first, second, third = (person(store, name) for name in ("王小明", "王晓明", "王小名"))
    duplicates.mark_same(store, WORKER, third.id, second.id)
    duplicates.mark_same(store, WORKER, second.id, first.id)
    assert {store.same().stands_for(each.id) for each in (first, second, third)} == {first.id}
    with pytest.raises(UserError, match="已经是同一个人"):
        duplicates.mark_same(store, WORKER, third.id, first.id)
    store.delete(WORKER, store.require(Person, first.id))
    assert store.same().stands_for(third.id) == second.id


def test_two_people_are_two_people(store: Workspace) -> None:
    one, another = person(store), person(store, "王晓明")
    duplicates.mark_different(store, WORKER, one.id, another.id)
    assert pairs(store) == []
    assert store.same().stands_for(another.id) == another.id


def test_a_contradiction_is_shown(store: Workspace) -> None:
    first, second, third = (person(store, name) for name in ("王小明", "王晓明", "王小名"))
    duplicates.mark_different(store, WORKER, first.id, third.id)
    duplicates.mark_same(store, WORKER, first.id, second.id)
    elsewhere = Alias(id=alias_id(second.id, third.id), subject=second.id, other=third.id, state="same")
    store.save(WORKER, (None, elsewhere))  # by a colleague who knew of neither
    (found,) = duplicates.disputed(store)
    assert {found.one.id, found.another.id} == {first.id, third.id}


def test_both_places_must_be_ones_own(store: Workspace) -> None:
    one, another = person(store), person(store, "王晓明", org="539900101202")
    with pytest.raises(NotAllowed):
        duplicates.mark_same(store, Actor("x", "别人", "child_director", VILLAGE), one.id, another.id)
    assert store.count(Alias) == 0


def test_relatives_and_wards_are_named_once_by_whoever_stands_for_them(store: Workspace) -> None:
    kid, granny, again = person(store), person(store, "周阿婆", sex="2"), person(store, "周阿婆", sex="2")
    for each in (granny, again):
        tie = {"subject": kid.id, "relative": each.id, "relation": "62", "is_caregiver": True}
        store.save(WORKER, (None, amended(Kinship(), tie)))
    duplicates.mark_same(store, WORKER, granny.id, again.id)
    assert {relative.id for _, relative in register.family_of(store, kid.id)} == {granny.id}
    assert {ward.id for _, ward in register.wards_of(store, again.id)} == {kid.id}


def test_a_form_names_the_one_person_and_each_relative_once(store: Workspace) -> None:
    one, another = person(store, phones=["139"]), person(store, "王晓明")
    granny, again = person(store, "周阿婆", sex="2"), person(store, "周阿婆", sex="2")
    child(store, another, risk_level="high")
    visit(store, one, "2026-02-06")
    for subject, relative in ((one, granny), (another, again)):
        tie = {"subject": subject.id, "relative": relative.id, "relation": "62"}
        store.save(WORKER, (None, amended(Kinship(), tie)))
    duplicates.mark_same(store, WORKER, one.id, another.id)
    duplicates.mark_same(store, WORKER, granny.id, again.id)
    for id_ in (one.id, another.id):
        (file,) = papers.gather(store, [id_], "child")
        assert isinstance(file, ChildFile)
        assert (file.person.id, file.child.risk_level, [each.person.id for each in file.relatives]) == (
            one.id, "high", [granny.id],
        )  # fmt: skip
        assert file.last is not None


def test_a_comparison_shows_what_differs_and_what_hangs_on_each(store: Workspace) -> None:
    one, another = person(store, village_group="一组"), person(store, "王晓明", village_group="二组", phones=["138"])
    visit(store, another, "2026-02-06")
    found = duplicates.compare(store, another.id, one.id)
    assert (found.likeness.one.id, found.visits) == (one.id, (0, 1))
    assert {item.part.name for item in found.items if item.differs} == {"name", "village_group"}
    assert {item.part.name for item in found.items if item.only_another} == {"phones"}


def test_the_last_visit_of_either_is_carried_into_the_next(store: Workspace) -> None:
    one, another = person(store), person(store, "王晓明")
    child(store, one)
    elder = amended(Elder(id=another.id), {"registered_on": "2026-01-01"})
    store.save(WORKER, (None, elder))
    visit(store, another, "2026-02-06")
    duplicates.mark_same(store, WORKER, one.id, another.id)
    assert {len(store.listing(ListQuery(kind))) for kind in ("child", "elder")} == {1}
    assert len(store.of_subjects(ChildVisit, [another.id])[another.id]) == 1
    assert visits.VISITS["child"] is ChildVisit
