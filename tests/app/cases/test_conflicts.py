"""Two people changed one field: both are shown, and either side, both or a third value settles it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.cases import conflicts
from app.errors import NotAllowed, UserError
from app.policy.access import Actor
from app.records import Conflict, Person
from app.store.workspace import Workspace
from tests.support.desks import VILLAGE, a_person, new_desk

DIRECTOR = Actor("worker-1", "测试员甲", "child_director", VILLAGE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk")
    yield desk
    desk.close()


def a_conflict(store: Workspace, part: str, mine: Any, theirs: Any, **person: Any) -> Conflict:
    """As the county sends it: theirs is current, mine is listed."""
    found = replace(a_person(id="c" * 32, **person), stamps={"*": "e:9"})
    conflict = Conflict(
        id="d" * 32, subject=found.id, about_type="person", about=found.id, part=part, must_ask=False,
        before=json.dumps(None), current=json.dumps(theirs), current_by="测试员乙", other=json.dumps(mine),
        other_by="测试员甲", stamps={"*": "e:10"}, state="open",
    )  # fmt: skip
    with store.transaction() as work:
        work.lay(Person, [found])
        work.lay(Conflict, [conflict])
    return store.require(Conflict, conflict.id)


def test_mine_and_theirs_are_told_apart_by_who_wrote_them(store: Workspace) -> None:
    a_conflict(store, "work_place", "广东", "浙江", work_place="浙江")
    (shown,) = conflicts.open_conflicts(store, DIRECTOR)
    assert (shown.person, shown.item, shown.mine.words, shown.theirs.words) == ("测试甲", "务工地点", "广东", "浙江")


@pytest.mark.parametrize("keep, expected", [("mine", "广东"), ("theirs", "福建")])
def test_what_was_written_on_since_is_what_stands_against_the_other(store: Workspace, keep: str, expected: str) -> None:
    conflict = a_conflict(store, "work_place", "广东", "浙江", work_place="浙江")
    person = store.require(Person, "c" * 32)
    store.save(replace(DIRECTOR, name="测试员丙"), (person, replace(person, work_place="福建")))
    (shown,) = conflicts.open_conflicts(store, DIRECTOR)
    assert (shown.mine.words, shown.theirs.words, shown.theirs.by) == ("广东", "福建", "测试员丙")
    conflicts.settle(store, DIRECTOR, conflict, keep)
    assert store.require(Person, "c" * 32).work_place == expected


@pytest.mark.parametrize(
    "keep, value, expected", [("mine", None, "广东"), ("theirs", None, "浙江"), ("value", "福建", "福建")]
)
def test_either_side_or_a_third_value_settles_it(store: Workspace, keep: str, value: Any, expected: str) -> None:
    conflict = a_conflict(store, "work_place", "广东", "浙江", work_place="浙江")
    changes = conflicts.settle(store, DIRECTOR, conflict, keep, value)
    assert store.require(Person, "c" * 32).work_place == expected
    assert len({change.batch for change in store.history("conflict", conflict.id)}) == 1
    assert "conflict" in changes.types
    assert conflicts.open_conflicts(store, DIRECTOR) == []


def test_sets_can_be_kept_from_both_sides(store: Workspace) -> None:
    conflict = a_conflict(store, "phones", ["13800000000"], ["13900000000"], phones=("13900000000",))
    conflicts.settle(store, DIRECTOR, conflict, "both")
    assert store.require(Person, "c" * 32).phones == ("13800000000", "13900000000")


def test_a_single_choice_cannot_be_kept_from_both_sides(store: Workspace) -> None:
    conflict = a_conflict(store, "sex", "1", "2", sex="2")
    with pytest.raises(UserError):
        conflicts.settle(store, DIRECTOR, conflict, "both")
    assert store.require(Person, "c" * 32).sex == "2"


@pytest.mark.parametrize(
    "part, sides, text, value",
    [
        ("work_place", ("广东", "浙江"), "福建", "福建"),
        ("work_place", ("广东", "浙江"), "12", "12"),
        ("phones", (["13800000000"], ["13900000000"]), "13700000000、13600000000", ["13700000000", "13600000000"]),
        ("phones", (["13800000000"], ["13900000000"]), '["13700000000"]', ["13700000000"]),
        ("birth", ({"birth_date": "2015-03-05"}, {"birth_date": "2015-03-06"}), "2015-03-07",
         {"birth_date": "2015-03-07"}),
    ],
)  # fmt: skip
def test_what_is_typed_is_read_as_it_is_written_down(
    store: Workspace, part: str, sides: tuple[Any, Any], text: str, value: Any
) -> None:
    assert conflicts.typed(a_conflict(store, part, *sides), text) == value


def test_what_is_settled_is_not_settled_again(store: Workspace) -> None:
    conflict = a_conflict(store, "work_place", "广东", "浙江", work_place="浙江")
    conflicts.settle(store, DIRECTOR, conflict, "mine")
    with pytest.raises(UserError, match="处理过"):
        conflicts.settle(store, DIRECTOR, store.require(Conflict, conflict.id), "theirs")


def test_another_village_settles_nothing_here(store: Workspace) -> None:
    conflict = a_conflict(store, "work_place", "广东", "浙江", work_place="浙江")
    with pytest.raises(NotAllowed):
        conflicts.settle(store, replace(DIRECTOR, org="530602001001"), conflict, "mine")


def test_codes_are_shown_as_words(store: Workspace) -> None:
    a_conflict(store, "sex", "1", "2", sex="2")
    (shown,) = conflicts.open_conflicts(store, DIRECTOR)
    assert (shown.mine.words, shown.theirs.words) == ("男", "女")


def test_a_value_that_cannot_be_read_hides_no_other_conflict(store: Workspace) -> None:
    conflict = a_conflict(store, "birth", "nonsense", {"birth_date": "2015-03-05"}, birth_date=date(2015, 3, 5))
    with store.transaction() as work:
        work.lay(Conflict, [replace(conflict, id="e" * 32, other="{cut off")])
    assert len(conflicts.open_conflicts(store, DIRECTOR)) == 2
    with pytest.raises(UserError):
        conflicts.settle(store, DIRECTOR, conflict, conflicts.MINE)
    conflicts.settle(store, DIRECTOR, conflict, conflicts.THEIRS)


@pytest.mark.parametrize("keep, is_left", [("mine", False), ("theirs", True)])
def test_a_deletion_that_met_an_edit_is_carried_out_only_if_chosen(store: Workspace, keep: str, is_left: bool) -> None:
    conflict = a_conflict(store, "@deleted", True, False)
    changes = conflicts.settle(store, DIRECTOR, conflict, keep)
    assert (store.get(Person, "c" * 32) is not None) is is_left
    store.undo(DIRECTOR, changes.batch)
    assert store.get(Person, "c" * 32) is not None
