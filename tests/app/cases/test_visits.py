"""Visits in the order of their days, whatever the order in which they are typed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.cases import papers, visits
from app.policy.access import Actor
from app.records import Child, ChildVisit
from app.store.workspace import Workspace
from tests.support.desks import VILLAGE, a_person, new_desk

TODAY = date(2026, 11, 23)
DIRECTOR = Actor("worker-1", "测试员甲", "child_director", VILLAGE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk")
    desk.save(DIRECTOR, (None, replace(a_person(), id="c1")), (None, Child(id="c1", schooling="1")))
    yield desk
    desk.close()


def a_visit(on: date, **more: object) -> ChildVisit:
    values = {
        "id": f"visit-{on:%m%d}", "subject": "c1", "visited_on": on, "mode": "home", "outcome": "met",
        "visitors": ("测试员甲",), "informant": "测试奶奶", "informant_relation": "62",
        "last_parent_contact_on": on, "living": "吃穿都有", "family": "和奶奶住", "guardianship": "奶奶照看",
        "mind": "说话多", "guardian_opinion": "没有", "schooling": "1", "schooling_detail": "二年级",
        "child_seen": True, "injuries": "none",
    }  # fmt: skip
    return ChildVisit(**{**values, **more})  # type: ignore[arg-type]


def finished(store: Workspace, visit: ChildVisit) -> ChildVisit:
    saved = visits.finish(store, DIRECTOR, None, visit, today=TODAY).records
    return next(record for record in saved if isinstance(record, ChildVisit))


def test_an_old_sheet_typed_in_late_leaves_the_newer_facts_of_the_child(store: Workspace) -> None:
    finished(store, a_visit(date(2026, 11, 20), priority_watch=True))
    finished(store, a_visit(date(2026, 11, 2), priority_watch=False))
    child = store.require(Child, "c1")
    assert (child.priority_watch, child.last_parent_contact_on) == (True, date(2026, 11, 20))


def test_the_form_of_an_old_visit_names_the_visit_before_it_and_not_a_later_one(store: Workspace) -> None:
    first, second, _ = (finished(store, a_visit(date(2026, 11, day))) for day in (2, 9, 20))
    assert papers.file_of_visit(store, second).last.id == first.id  # type: ignore[attr-defined]
    assert papers.file_of_visit(store, first).last is None  # type: ignore[attr-defined]


def test_an_empty_house_between_does_not_hide_answers_that_are_merely_kept(store: Workspace) -> None:
    for day in (2, 9, 16):
        finished(store, a_visit(date(2026, 11, day), kept_answers=("living",)))
    missed = ChildVisit(
        id="missed", subject="c1", visited_on=date(2026, 11, 18), mode="home", outcome="other", visitors=("测试员甲",),
        not_met_reason="家里没人",
    )  # fmt: skip
    finished(store, missed)
    assert visits.start_visit(store, DIRECTOR, "c1", "child", TODAY).stale == ("living",)


def test_a_new_visit_does_not_open_the_half_done_mending_of_an_old_one(store: Workspace) -> None:
    old = finished(store, a_visit(date(2026, 11, 2)))
    visits.save_draft(store, DIRECTOR, old, replace(old, living="补写"))
    assert visits.start_visit(store, DIRECTOR, "c1", "child", TODAY).visit.id != old.id
