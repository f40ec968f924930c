"""The bin: what was wrong goes, what hangs on it stays, and everything comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.cases import agenda, deleted, papers, visits
from app.errors import NotAllowed
from app.records import Child, ChildVisit, Person, Sheet
from app.store.listing import ListQuery
from app.store.workspace import Workspace
from tests.app.cases.test_cases import DIRECTOR, TODAY, a_full_visit, registered
from tests.support.desks import new_desk


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk", planner=agenda.default_planner())
    yield desk
    desk.close()


def test_somebody_entered_twice_leaves_every_list_and_comes_back_whole(store: Workspace) -> None:
    person = registered(store)
    visits.finish(store, DIRECTOR, None, a_full_visit(store, person), today=TODAY)
    deleted.remove_person(store, DIRECTOR, person.id)
    assert store.get(Person, person.id) is None
    assert len(store.listing(ListQuery("child", active=None))) == 0
    assert store.search("测试童") == []
    [deletion] = deleted.deletions(store)
    assert {record.spec.name for record in deletion.records} == {"person", "child"}
    assert deletion.author == DIRECTOR.name
    deleted.put_back(store, DIRECTOR, deletion.records)
    assert deleted.deletions(store) == []
    assert store.get(Child, person.id) is not None
    assert store.count(ChildVisit, subject=person.id) == 1


def test_a_deletion_taken_back_leaves_the_bin(store: Workspace) -> None:
    person = registered(store)
    changes = deleted.remove_person(store, DIRECTOR, person.id)
    store.undo(DIRECTOR, changes.batch)
    assert deleted.deletions(store) == []
    assert store.get(Person, person.id) is not None


def test_the_sheet_of_a_deleted_visit_waits_again(store: Workspace) -> None:
    person = registered(store)
    papers.number_sheets(store, DIRECTOR, papers.gather(store, [person.id], "child"), "child_visit_record", "2026-11")
    sheet = store.find(Sheet, person=person.id)[0]
    visit = a_full_visit(store, person, sheet=sheet.id)
    visits.finish(store, DIRECTOR, None, visit, today=TODAY)
    changes = deleted.remove_visit(store, DIRECTOR, store.require(ChildVisit, visit.id))
    assert store.require(Sheet, sheet.id).state == "printed"
    store.undo(DIRECTOR, changes.batch)
    assert store.require(Sheet, sheet.id).state == "entered"
    deleted.remove_visit(store, DIRECTOR, store.require(ChildVisit, visit.id))
    deleted.put_back(store, DIRECTOR, deleted.deletions(store)[0].records)
    assert store.require(Sheet, sheet.id).typed_record == visit.id


def test_a_deleted_visit_no_longer_counts(store: Workspace) -> None:
    person = registered(store, risk_level="high")
    visit = a_full_visit(store, person)
    visits.finish(store, DIRECTOR, None, visit, today=TODAY)
    deleted.remove_visit(store, DIRECTOR, store.require(ChildVisit, visit.id))
    line = store.listing(ListQuery("child")).page(0, 1)[0]
    assert line.last_visited_on is None


def test_an_officer_deletes_nobody(store: Workspace) -> None:
    person = registered(store)
    with pytest.raises(NotAllowed):
        deleted.remove_person(store, replace(DIRECTOR, role="officer"), person.id)
    assert store.get(Person, person.id) is not None


def test_the_days_count_from_when_the_county_has_it(store: Workspace) -> None:
    deleted.remove_person(store, DIRECTOR, registered(store).id)
    [waiting] = deleted.deletions(store)
    assert waiting.days_left(TODAY) is None
    sent = replace(waiting, is_sent=True, at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC))  # 2 March in the village
    assert sent.days_left(date(2026, 3, 2)) == 90
    assert sent.days_left(date(2026, 5, 30)) == 1
    assert sent.days_left(date(2030, 1, 1)) == 0
    assert sent.days_left(date(2016, 1, 1)) == 90
