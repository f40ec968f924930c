"""The practice village: whole, invented, and the same every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from app.cases import agenda
from app.clock import FixedClock
from app.records import Child, Household, Kinship, Person, Stay
from app.records.divisions import is_practice
from app.records.identity import examine
from app.store.workspace import Workspace
from app.training import desks, places
from app.training.portraits import portrait
from app.training.village import BIG_CHILDREN, PERSONS, big_village, practice_village, second_village
from tests.support.desks import NOW

TODAY = date(2026, 11, 23)
CLOCK = FixedClock(NOW)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    store = desks.village_desk(tmp_path_factory.mktemp("desk"), practice_village(TODAY), clock=CLOCK)
    yield store
    store.close()


def test_the_village_has_three_hundred_people_and_the_same_ones_every_time() -> None:
    first, second = practice_village(TODAY), practice_village(TODAY)
    assert len(first.persons) == PERSONS
    assert list(first.records) == list(second.records)


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 7, 15), date(2028, 2, 29), date(2026, 12, 31)])
def test_on_any_day_of_the_year_every_record_can_be_finished(day: date) -> None:
    for village in (practice_village(day), second_village(day)):
        assert not [(record.id, problem) for record in village.records for problem in record.spec.problems(record, day)]


def test_nobody_has_a_number_or_a_place_that_could_be_real() -> None:
    for person in practice_village(TODAY).persons.values():
        assert is_practice(person.org or "")
        assert person.id_number is None or (person.id_number.startswith("5399") and examine(person.id_number).ok)
        assert all(phone.startswith("1990000") for phone in person.phones)


def test_five_visits_are_due_one_of_high_risk_and_two_late(desk: Workspace) -> None:
    due = agenda.whom_to_visit(desk, TODAY)
    assert Counter(visit.name for visit in due.visits) == Counter(
        ["杨石头", "马有福", "周谷雨", "周小满", "郑秀兰"]
    )
    assert [visit.name for visit in due.visits if visit.risk_level == "high"] == ["杨石头"]
    assert due.overdue == 2
    assert due.more == 0


def test_the_initials_find_three_of_one_name(desk: Workspace) -> None:
    hits = desk.search("wf")
    assert [hit.name for hit in hits] == ["王芳"] * 3
    assert len({hit.village_group for hit in hits}) == 3


def test_the_siblings_live_with_a_grandmother_who_is_visited_herself(desk: Workspace) -> None:
    (sister,) = desk.find(Person, name="周谷雨")
    household = desk.require(Household, sister.household or "")
    names = {person.name for person in desk.find(Person, household=household.id)}
    assert names == {"郑秀兰", "周大川", "李春燕", "周谷雨", "周小满"}
    granny = desk.require(Person, household.head or "")
    assert desk.get(Child, granny.id) is None
    assert [tie.subject for tie in desk.find(Kinship, relative=granny.id, is_caregiver=True)]


def test_the_boy_without_hukou_has_neither_number_nor_registered_place(desk: Workspace) -> None:
    (boy,) = desk.find(Person, name="杨石头")
    assert (boy.hukou_class, boy.id_number, boy.registered_division) == ("4", None, None)


def test_the_dead_and_the_moved_are_due_no_more(desk: Workspace) -> None:
    (elder,) = desk.find(Person, name="孙长寿")
    assert elder.died_on == date(2026, 11, 11)
    assert [change.created for change in desk.history("person", elder.id)] == [True, False]
    names = {visit.name for visit in agenda.whom_to_visit(desk, TODAY, days_ahead=365).visits}
    assert names.isdisjoint({"孙长寿", "赵晨光", "赵朝霞"})


def test_the_girl_in_guangdong_is_to_be_called_not_visited(desk: Workspace) -> None:
    (girl,) = desk.find(Person, name="吴夏至")
    (stay,) = desk.of_subject(Stay, girl.id)
    assert stay.place == "with_parents"
    (visit,) = [each for each in agenda.whom_to_visit(desk, TODAY, days_ahead=30).visits if each.id == girl.id]
    assert visit.mode == "phone"


def test_the_people_of_the_lesson_have_drawn_faces(desk: Workspace) -> None:
    (child,) = desk.find(Person, name="李䶮")
    assert child.photo
    assert portrait("李䶮", "1", 12) == portrait("李䶮", "1", 12) != portrait("周小满", "1", 7)


def test_a_practice_workspace_says_that_it_is_one(desk: Workspace) -> None:
    assert desk.setting("kind") == "practice"
    assert desk.post.name == "练习村儿童主任"


def test_the_big_village_has_as_many_children_as_one_director_answers_for() -> None:
    village = big_village(TODAY)
    assert sum(isinstance(record, Child) for record in village.records) == BIG_CHILDREN
    assert village.director == places.BIG_DIRECTOR


def test_the_twins_are_registered_where_they_moved() -> None:
    names = {person.name for person in second_village(TODAY).persons.values()}
    assert {"赵晨光", "赵朝霞"} <= names


def test_opening_a_practice_desk_again_finds_everything(tmp_path: Path) -> None:
    store = desks.village_desk(tmp_path / "desk", second_village(TODAY), clock=CLOCK, portraits=False)
    store.close()
    again = desks.reopened(tmp_path / "desk", clock=CLOCK)
    assert again.count(Person) == 60
    again.close()
