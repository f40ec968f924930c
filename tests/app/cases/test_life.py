"""Life events where families are less tidy than a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.cases import life
from app.policy.access import Actor
from app.records import Child, Kinship, Stay
from app.store.workspace import Workspace
from tests.support.desks import VILLAGE, a_person, new_desk

TODAY = date(2026, 11, 23)
DIRECTOR = Actor("worker-1", "测试员甲", "child_director", VILLAGE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk")
    desk.save(DIRECTOR, *((None, replace(a_person(), id=id_)) for id_ in ("c1", "gm")), (None, Child(id="c1")))
    yield desk
    desk.close()


def test_a_correction_of_a_stay_does_not_end_it(store: Workspace) -> None:
    stay = Stay(id="s1", subject="c1", place="boarding_school", since=date(2026, 11, 1))
    life.go_out(store, DIRECTOR, stay, today=TODAY)
    life.go_out(store, DIRECTOR, replace(store.require(Stay, "s1"), note="周五回家"), today=TODAY)
    kept = store.require(Stay, "s1")
    assert (kept.until, kept.note) == (None, "周五回家")


def test_a_ward_by_two_ties_is_named_once(store: Workspace) -> None:
    tie = Kinship(subject="c1", relative="gm")
    ties = (replace(tie, is_caregiver=True), replace(tie, is_guardian=True))
    store.save(DIRECTOR, *((None, tie) for tie in ties))
    event = life.record_death(store, DIRECTOR, "gm", TODAY, today=TODAY)
    assert len(event.to_do) == 1
    assert store.require(Child, "c1").changed_on == TODAY


def test_a_child_who_left_the_register_is_not_to_be_visited_after_a_death(store: Workspace) -> None:
    child = store.require(Child, "c1")
    store.save(DIRECTOR, (child, replace(child, exited_on=date(2026, 10, 1), exit_reason="age")))
    store.save(DIRECTOR, (None, Kinship(subject="c1", relative="gm", is_caregiver=True)))
    event = life.record_death(store, DIRECTOR, "gm", TODAY, today=TODAY)
    assert event.to_do == ()
    assert store.require(Child, "c1").changed_on is None


@pytest.mark.parametrize(
    "before, after",
    [("k1", "k2"), ("p1", "p2"), ("j2", "j3"), ("p6", ""), ("s3", ""), ("primary", ""), ("other", ""), (None, "")],
)
def test_grades_go_up_only_within_one_school(before: str | None, after: str) -> None:
    assert life.next_grade(before) == after
