"""What another village wrote about somebody who has moved here: shown beside what is there, taken over or left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.cases.proposals import ACCEPTED, DECLINED, open_proposals, settle_proposal
from app.errors import NotAllowed, NotFound, UserError
from app.policy.access import Actor
from app.records import Child, ChildVisit, Kinship, Person, Proposal
from app.records.codes import code_list
from app.records.divisions import short_name
from app.store.workspace import Workspace
from tests.support.desks import VILLAGE, WORKER, a_child, a_person, new_desk

DIRECTOR = Actor("worker-1", "测试员甲", "child_director", VILLAGE)
CHILD, VISIT = "c" * 32, "e" * 32
SEEN = {"*": "e:3"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk")
    desk.save(WORKER, (None, a_person(id=CHILD, name="测试童", work_place="广东", phones=("13800000000",))))
    desk.save(WORKER, (None, a_child(a_person(id=CHILD), grade="p3")))
    yield desk
    desk.close()


def change(after: Mapping[str, Any], type_: str = "person", record: str = CHILD, bases: Any = SEEN) -> dict[str, Any]:
    """What a save did to one record, as it stands in the content."""
    return {"type": type_, "record": record, "after": after, "bases": bases}


def proposed(store: Workspace, *changes: dict[str, Any], subject: str = CHILD) -> Proposal:
    """As the county sends it: another village's save, kept whole."""
    made = Proposal(
        id="d" * 32, subject=subject, unit="u" * 64, about_type=changes[0]["type"], about=changes[0]["record"],
        content=json.dumps({"seq": 4, "verb": "save", "author": "worker-9", "changes": changes}),
        author="测试员丙", from_org="530602001002", state="open", stamps={"*": "e:10"},
    )  # fmt: skip
    with store.transaction() as work:
        work.lay(Proposal, [made])
    return store.require(Proposal, made.id)


def a_visit_elsewhere() -> dict[str, Any]:
    after = {"subject": CHILD, "visited_on": "2026-11-20", "visitors": {"add": ["测试员丙"], "remove": []},
             "typed_by": "测试员丙", "outcome": {"outcome": "met"}, "child_seen": True}  # fmt: skip
    return change(after, "child_visit", VISIT, {})


def test_every_item_stands_beside_what_is_there_now(store: Workspace) -> None:
    of_person = change({"work_place": "浙江", "phones": ["13900000000"]})
    proposed(store, of_person, change({"school": {"grade": "p4"}}, "child"))
    [shown] = open_proposals(store)
    assert (shown.person, shown.village, shown.is_own) == ("测试童", short_name("530602001002"), True)
    assert [(item.what, item.now, item.proposed) for item in shown.items[:2]] == [
        ("务工地点", "广东", "浙江"), ("联系电话", "13800000000", "13900000000"),
    ]  # fmt: skip
    school = shown.items[2]
    assert school.what.startswith(Child.spec.label)
    grades = [code_list("grade").label(code) for code in ("p3", "p4")]
    assert [grade in words for grade, words in zip(grades, (school.now, school.proposed), strict=True)] == [True, True]


def test_who_is_only_proposed_is_called_by_the_name_in_the_proposal(store: Workspace) -> None:
    proposed(store, change({"name": "测试童乙", "org": "530602001001"}, record="b" * 32, bases={}), subject="b" * 32)
    assert [shown.person for shown in open_proposals(store)] == ["测试童乙"]


def test_all_of_it_is_taken_over_by_whoever_settles_it_in_one_save(store: Workspace) -> None:
    proposal = proposed(store, change({"work_place": "浙江"}), change({"school": {"grade": "p4"}}, "child"))
    changes = settle_proposal(store, DIRECTOR, proposal, ACCEPTED)
    assert store.require(Person, CHILD).work_place == "浙江"
    last = store.history("person", CHILD)[-1]
    assert (last.author, last.batch) == ("测试员甲", changes.batch)
    settled = store.require(Proposal, proposal.id)
    assert (settled.state, settled.settled_by) == (ACCEPTED, "测试员甲")
    assert open_proposals(store) == []
    assert store.pending() == 3  # two that made the child, and one for all of this


def test_only_what_is_chosen_is_taken_over(store: Workspace) -> None:
    proposal = proposed(store, change({"work_place": "浙江", "note": "搬来了"}))
    settle_proposal(store, DIRECTOR, proposal, ACCEPTED, [("person", CHILD, "note")])
    person = store.require(Person, CHILD)
    assert (person.work_place, person.note) == ("广东", "搬来了")


def test_choosing_nothing_settles_nothing(store: Workspace) -> None:
    proposal = proposed(store, change({"work_place": "浙江"}))
    with pytest.raises(UserError, match="一项也没有选"):
        settle_proposal(store, DIRECTOR, proposal, ACCEPTED, [])
    assert len(open_proposals(store)) == 1


def test_a_visit_done_elsewhere_is_kept_with_the_name_of_who_went(store: Workspace) -> None:
    proposal = proposed(store, a_visit_elsewhere())
    [item] = open_proposals(store)[0].items
    assert (item.what, item.is_new) == ("新的儿童入户走访", True)
    assert ("走访日期", "2026-11-20") in item.lines
    settle_proposal(store, DIRECTOR, proposal, ACCEPTED)
    visit = store.require(ChildVisit, VISIT)
    assert (visit.visitors, visit.typed_by, visit.visited_on) == (("测试员丙",), "测试员丙", date(2026, 11, 20))


def test_what_is_taken_over_can_be_taken_back_and_waits_again(store: Workspace) -> None:
    proposal = proposed(store, change({"work_place": "浙江"}), a_visit_elsewhere())
    changes = settle_proposal(store, DIRECTOR, proposal, ACCEPTED)
    store.undo(DIRECTOR, changes.batch)
    assert store.require(Person, CHILD).work_place == "广东"
    assert store.get(ChildVisit, VISIT) is None
    assert len(open_proposals(store)) == 1


def test_leaving_it_changes_nothing_but_the_proposal(store: Workspace) -> None:
    proposal = proposed(store, change({"work_place": "浙江"}))
    settle_proposal(store, DIRECTOR, proposal, DECLINED)
    assert store.require(Person, CHILD).work_place == "广东"
    assert store.require(Proposal, proposal.id).state == DECLINED
    with pytest.raises(UserError, match="处理过"):
        settle_proposal(store, DIRECTOR, store.require(Proposal, proposal.id), ACCEPTED)


def test_it_is_laid_over_what_is_here_now(store: Workspace) -> None:
    proposal = proposed(store, change({"phones": {"add": ["13900000000"], "remove": []}, "work_place": "浙江"}))
    person = store.require(Person, CHILD)
    store.save(WORKER, (person, replace(person, phones=("13700000000",), note="新写的")))
    settle_proposal(store, DIRECTOR, proposal, ACCEPTED)
    now = store.require(Person, CHILD)
    assert (now.phones, now.note, now.work_place) == (("13700000000", "13900000000"), "新写的", "浙江")


def test_a_deletion_is_carried_out_only_when_it_is_chosen(store: Workspace) -> None:
    store.save(WORKER, (None, ChildVisit(id=VISIT, subject=CHILD, visited_on=date(2026, 11, 1))))
    proposal = proposed(store, change({"@deleted": True}, "child_visit", VISIT), change({"work_place": "浙江"}))
    [deletion, _] = open_proposals(store)[0].items
    assert (deletion.what, deletion.now, deletion.proposed) == ("儿童入户走访：删除", "保留这条记录", "删除这条记录")
    changes = settle_proposal(store, DIRECTOR, proposal, ACCEPTED)
    assert store.get(ChildVisit, VISIT) is None
    store.undo(DIRECTOR, changes.batch)
    assert store.get(ChildVisit, VISIT) is not None


def test_what_this_desk_cannot_lay_down_is_shown_and_may_be_left_out(store: Workspace) -> None:
    kite = change({"colour": "蓝"}, "kite", "k" * 32, {})
    gone = change({"situation": "working_away"}, "kinship", "f" * 32)
    odd = change({"birth": {"birth_date": "someday"}})
    proposal = proposed(store, kite, gone, odd, change({"work_place": "浙江"}))
    shown = open_proposals(store)[0]
    assert [item.can_take for item in shown.items] == [False, False, False, True]
    with pytest.raises(UserError, match="不认识"):
        settle_proposal(store, DIRECTOR, proposal, ACCEPTED)
    with pytest.raises(NotFound):
        settle_proposal(store, DIRECTOR, proposal, ACCEPTED, [("kinship", "f" * 32, "situation")])
    assert store.require(Person, CHILD).work_place == "广东"
    settle_proposal(store, DIRECTOR, proposal, ACCEPTED, [item.key for item in shown.items if item.can_take])
    assert store.require(Person, CHILD).work_place == "浙江"


def test_people_are_called_by_their_names(store: Workspace) -> None:
    store.save(WORKER, (None, a_person(id="a" * 32, name="测试奶奶")))
    tie = {"subject": CHILD, "relative": "a" * 32, "relation": "62"}
    proposal = proposed(store, change(tie, "kinship", "f" * 32, {}))
    [item] = open_proposals(store)[0].items
    assert [words for _, words in item.lines] == ["测试奶奶", "祖母"]
    settle_proposal(store, DIRECTOR, proposal, ACCEPTED)
    assert store.require(Kinship, "f" * 32).relative == "a" * 32


def test_another_village_settles_nothing_here(store: Workspace) -> None:
    proposal = proposed(store, change({"work_place": "浙江"}))
    with pytest.raises(NotAllowed):
        settle_proposal(store, replace(DIRECTOR, org="539901001002"), proposal, ACCEPTED)
    assert store.require(Proposal, proposal.id).state == "open"


def test_what_the_post_may_not_write_it_does_not_take_over(store: Workspace) -> None:
    proposal = proposed(store, a_visit_elsewhere())
    with pytest.raises(NotAllowed):
        settle_proposal(store, replace(DIRECTOR, role="officer"), proposal, ACCEPTED)
    assert store.get(ChildVisit, VISIT) is None


def test_at_a_township_what_a_village_has_for_itself_comes_last(store: Workspace) -> None:
    proposed(store, change({"work_place": "浙江"}))
    with store.transaction() as work:
        work.lay(Person, [replace(a_person(id=CHILD, name="测试童"), org="539901001002", stamps={"*": "e:4"})])
    assert not open_proposals(store)[0].is_own
