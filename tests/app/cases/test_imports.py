"""An import as a child director meets it: a preview, an import, an undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.cases.import_places import Places
from app.cases.import_plan import NEW, SKIP, ImportPlan, Outcome
from app.cases.imports import apply_import, plan_import, undo_import
from app.errors import NotAllowed, UserError
from app.policy.access import Actor
from app.records import Child, Elder, Household, Kinship, Person
from app.store.workspace import Workspace
from tests.support.desks import VILLAGE, new_desk

TODAY = date(2026, 11, 24)
DIRECTOR = Actor("worker-1", "测试员甲", "child_director", VILLAGE)
BORN = date(2015, 4, 12)


@dataclass(frozen=True)
class Fault:
    severity: str
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Row:
    """A row as the reader of files gives it."""

    subject: dict[str, Any]
    father: dict[str, Any] = field(default_factory=dict)
    mother: dict[str, Any] = field(default_factory=dict)
    caregiver: dict[str, Any] = field(default_factory=dict)
    household: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Fault, ...] = ()
    row_number: int = 2
    sheet: str = "一组"


def a_row(number: int = 2, /, *, problems: tuple[Fault, ...] = (), **parts: Any) -> Row:
    subject = {"name": "王芳", "sex": "2", "birth_date": BORN, "birth_precision": "day", "village_group": "一组"}
    given = {name: value for name, value in parts.items() if name in Row.__dataclass_fields__ and name != "subject"}
    return Row(subject | parts.get("subject", {}), problems=problems, row_number=number, **given)


FAMILY = {
    "father": {"name": "王大山", "phones": ("13900000001",)},
    "mother": {"name": "李桂花"},
    "caregiver": {"name": "赵秀英", "relation": "62", "phones": ("13900000003",)},
    "household": {"head_name": "王大山", "address": "练习村一组5号"},
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Workspace]:
    store = new_desk(tmp_path / "desk")
    yield store
    store.close()


def planned(desk: Workspace, *rows: Row, **given: Any) -> ImportPlan:
    return plan_import(desk, rows, DIRECTOR, TODAY, **given)


def imported(desk: Workspace, *rows: Row, **given: Any) -> ImportPlan:
    plan = planned(desk, *rows, **given)
    apply_import(desk, DIRECTOR, plan)
    return plan


def outcomes(plan: ImportPlan) -> list[Outcome]:
    return [row.outcome for row in plan.rows]


def person_named(desk: Workspace, name: str) -> Person:
    [person] = desk.find(Person, name=name)
    return person


def test_one_row_makes_child_parents_caregiver_and_household(desk):
    imported(desk, a_row(**FAMILY, subject={"categories": ("left_behind_rural",)}))
    child = person_named(desk, "王芳")
    assert desk.require(Child, child.id).categories == ("left_behind_rural",)
    assert {k.relation for k in desk.of_subject(Kinship, child.id)} == {"51", "52", "62"}
    household = desk.require(Household, child.household or "")
    assert (household.address, household.head) == ("练习村一组5号", person_named(desk, "王大山").id)
    assert {p.household for p in desk.find(Person)} == {household.id}
    assert {p.org for p in desk.find(Person)} == {VILLAGE}


def test_nothing_is_written_before_the_import_is_confirmed(desk):
    plan = planned(desk, a_row(**FAMILY))
    assert outcomes(plan) == [Outcome.NEW]
    assert desk.count(Person) == 0


def test_siblings_in_other_rows_share_parents_grandmother_and_household(desk):
    brother = a_row(3, **FAMILY, subject={"name": "王强", "sex": "1", "birth_date": date(2017, 1, 1)})
    imported(desk, a_row(2, **FAMILY), brother)
    assert desk.count(Person) == 5
    assert desk.count(Household) == 1
    assert desk.count(Kinship) == 6


def test_cousins_of_the_same_surname_do_not_share_a_father(desk):
    other = {"father": {"name": "王大山", "phones": ("13900000009",)}, "mother": {"name": "周小梅"}}
    imported(desk, a_row(2, **FAMILY), a_row(3, **other, subject={"name": "王丽", "birth_date": date(2016, 6, 6)}))
    assert len(desk.find(Person, name="王大山")) == 2


def test_two_heads_of_one_name_at_two_addresses_are_two_households(desk):
    other = {"household": {"head_name": "王大山", "address": "练习村一组9号"}}
    imported(desk, a_row(2, **FAMILY), a_row(3, **other, subject={"name": "周丽", "birth_date": date(2016, 6, 6)}))
    assert desk.count(Household) == 2


def test_the_same_file_again_changes_nothing(desk):
    imported(desk, a_row(**FAMILY))
    again = planned(desk, a_row(**FAMILY))
    assert outcomes(again) == [Outcome.SAME]
    assert not apply_import(desk, DIRECTOR, again)


def test_a_changed_row_shows_old_and_new_and_changes_it_for_all_siblings(desk):
    imported(desk, a_row(**FAMILY))
    newer = FAMILY | {"father": {"name": "王大山", "work_place": "广东东莞"}}
    plan = imported(desk, a_row(**newer, subject={"health": "60"}))
    assert outcomes(plan) == [Outcome.CHANGED]
    changes = {(c.whose, c.label, c.old, c.new) for c in plan.rows[0].changes}
    assert changes == {("本人", "健康状况", "", "残疾"), ("父亲", "务工地点", "", "广东东莞")}
    assert person_named(desk, "王大山").work_place == "广东东莞"


def test_an_empty_cell_empties_nothing_and_phones_are_added(desk):
    imported(desk, a_row(**FAMILY))
    imported(desk, a_row(father={"name": "王大山", "phones": ("13900000008",)}, mother={"name": "李桂花"}))
    assert person_named(desk, "王大山").phones == ("13900000001", "13900000008")
    assert person_named(desk, "王芳").village_group == "一组"


def test_the_number_decides_and_a_slip_in_the_name_is_mended(desk):
    number = {"id_type": "01", "id_number": "530627201504120020", "id_state": "has_id"}
    imported(desk, a_row(subject={"name": "王方", **number}))
    plan = imported(desk, a_row(subject={"name": "王芳", **number}))
    assert [(c.label, c.old, c.new) for c in plan.rows[0].changes] == [("姓名", "王方", "王芳")]


def test_one_number_and_two_quite_different_names_is_doubtful(desk):
    number = {"id_number": "530627201504120020"}
    imported(desk, a_row(subject=number))
    plan = planned(desk, a_row(subject={"name": "张翠", **number}))
    assert outcomes(plan) == [Outcome.DOUBTFUL]
    assert "王芳" in plan.rows[0].reasons[0]


def test_a_name_that_sounds_the_same_only_suggests(desk):
    imported(desk, a_row())
    plan = planned(desk, a_row(subject={"name": "王方"}))
    [row] = plan.rows
    assert (row.outcome, row.candidates[0].name) == (Outcome.DOUBTFUL, "王芳")
    assert not apply_import(desk, DIRECTOR, plan)


def test_a_doubt_is_settled_by_the_user(desk):
    known = imported(desk, a_row()).rows[0].person
    row = a_row(subject={"name": "王方"})
    assert outcomes(planned(desk, row, decisions={("一组", 2): known})) == [Outcome.CHANGED]
    assert outcomes(planned(desk, row, decisions={("一组", 2): NEW})) == [Outcome.NEW]
    assert outcomes(planned(desk, row, decisions={("一组", 2): SKIP})) == [Outcome.REFUSED]


def test_a_birth_date_that_is_nearly_the_same_is_doubtful(desk):
    imported(desk, a_row())
    assert outcomes(planned(desk, a_row(subject={"birth_date": date(2015, 4, 21)}))) == [Outcome.DOUBTFUL]


def test_twins_are_two_children(desk):
    twin = a_row(3, **FAMILY, subject={"name": "王兰"})
    assert outcomes(imported(desk, a_row(2, **FAMILY), twin)) == [Outcome.NEW, Outcome.NEW]
    assert outcomes(planned(desk, a_row(2, **FAMILY), twin)) == [Outcome.SAME, Outcome.SAME]


def test_two_rows_for_one_person_in_the_file_are_found(desk):
    plan = planned(desk, a_row(2), a_row(7))
    assert outcomes(plan) == [Outcome.NEW, Outcome.REFUSED]
    assert "第 2 行" in plan.rows[1].reasons[0]


def test_without_a_birth_date_the_family_tells_who_it_is(desk):
    nobody_knows = {"birth_date": None, "birth_precision": None}
    imported(desk, a_row(**FAMILY, subject=nobody_knows))
    assert outcomes(planned(desk, a_row(**FAMILY, subject=nobody_knows))) == [Outcome.SAME]
    assert outcomes(planned(desk, a_row(subject=nobody_knows))) == [Outcome.DOUBTFUL]


def test_a_damaged_number_keeps_the_person_and_never_replaces_a_good_one(desk):
    damaged = {"id_to_verify": True, "id_text": "530627201504120000"}
    fault = Fault("unverified", "证件号待核")
    plan = imported(desk, a_row(subject=damaged, problems=(fault,)))
    assert (plan.to_verify, person_named(desk, "王芳").id_text) == (1, "530627201504120000")
    good = {"id_type": "01", "id_number": "530627201504120020", "id_state": "has_id"}
    imported(desk, a_row(subject=good))
    imported(desk, a_row(subject=damaged, problems=(fault,)))
    child = person_named(desk, "王芳")
    assert (child.id_number, child.id_to_verify, child.id_text) == ("530627201504120020", None, None)


def test_a_row_that_cannot_be_read_is_refused_with_its_reason(desk):
    plan = imported(desk, a_row(problems=(Fault("refused", "B 列「姓名」：没有姓名"),)))
    assert plan.refused == {("一组", 2): ("B 列「姓名」：没有姓名",)}
    assert desk.count(Person) == 0


def test_parent_and_child_with_one_number_are_refused(desk):
    number = {"id_number": "530627201504120020"}
    plan = planned(desk, a_row(subject=number, father={"name": "王大山", **number}))
    assert outcomes(plan) == [Outcome.REFUSED]


def test_a_caregiver_who_is_the_mother_is_not_a_third_person(desk):
    imported(desk, a_row(mother={"name": "李桂花"}, caregiver={"name": "李桂花", "phones": ("13900000002",)}))
    assert person_named(desk, "李桂花").phones == ("13900000002",)
    [tie] = desk.of_subject(Kinship, person_named(desk, "王芳").id)
    assert (tie.relation, tie.is_caregiver) == ("52", True)


def test_a_grandmother_in_the_register_becomes_the_caregiver(desk):
    number = {"id_number": "530627195001010029"}
    imported(desk, a_row(subject={"name": "赵秀英", "birth_date": date(1950, 1, 1), **number}), kind="elder")
    imported(desk, a_row(caregiver={"name": "赵秀英", "relation": "62", **number}))
    grandmother = person_named(desk, "赵秀英")
    assert desk.get(Elder, grandmother.id)
    assert [k.relative for k in desk.find(Kinship)] == [grandmother.id]


def test_a_father_without_a_name_is_kept_as_a_note(desk):
    imported(desk, a_row(father={"situation": "dead", "phones": ("13900000001",)}))
    child = person_named(desk, "王芳")
    assert "父亲（没写姓名）当前情况：" in (desk.require(Child, child.id).note or "")
    assert desk.require(Household, child.household or "").phones == ("13900000001",)


def test_an_import_is_undone_as_a_whole_and_keeps_what_was_changed_since(desk):
    changes = apply_import(desk, DIRECTOR, planned(desk, a_row(**FAMILY)))
    assert undo_import(desk, DIRECTOR, changes.batch).kept == ()
    assert (desk.count(Person), desk.count(Child), desk.count(Household), desk.count(Kinship)) == (0, 0, 0, 0)


def test_a_preview_that_is_out_of_date_is_not_carried_out(desk):
    imported(desk, a_row(**FAMILY))
    plan = planned(desk, a_row(**FAMILY, subject={"health": "60"}))
    imported(desk, a_row(subject={"health": "30"}))
    with pytest.raises(UserError, match="没有任何改动"):
        apply_import(desk, DIRECTOR, plan)


PRACTICE_TOWN, PRACTICE_VILLAGE, UPPER_VILLAGE = "539900101000", "539900101200", "539900101201"


@pytest.mark.parametrize(
    "org, told, found",
    [
        (PRACTICE_VILLAGE, "练习村", PRACTICE_VILLAGE),
        (PRACTICE_VILLAGE, "练习镇 练习村", PRACTICE_VILLAGE),
        (PRACTICE_TOWN, "上练习村委会", UPPER_VILLAGE),
        (PRACTICE_TOWN, None, PRACTICE_TOWN),
        (PRACTICE_VILLAGE, "上练习村", ""),
        (PRACTICE_TOWN, "没有这个村", ""),
    ],
)
def test_a_row_belongs_to_the_village_it_names_or_is_refused(org, told, found):
    place, reason = Places(org).find(told)
    assert place == found
    assert bool(reason) == (not found)


def test_a_row_of_another_village_is_refused(desk):
    director = Actor("worker-1", "测试员甲", "child_director", PRACTICE_VILLAGE)
    plan = plan_import(desk, [a_row(subject={"village": "没有这个村"})], director, TODAY)
    assert outcomes(plan) == [Outcome.REFUSED]
    assert "没有这个村" in plan.rows[0].reasons[0]


def test_who_may_not_write_may_not_import(desk):
    nobody = Actor("x", "x", "visitor", VILLAGE)
    with pytest.raises(NotAllowed):
        plan_import(desk, [a_row()], nobody, TODAY)


def test_counts_name_every_outcome(desk):
    plan = planned(desk, a_row(2), a_row(3))
    assert plan.counts() == {
        Outcome.NEW: 1, Outcome.CHANGED: 0, Outcome.SAME: 0, Outcome.DOUBTFUL: 0, Outcome.REFUSED: 1,
    }  # fmt: skip


def test_a_row_names_its_village_where_a_post_looks_after_two() -> None:
    from app.records.divisions import children

    here, there = children(children("530602000000")[0].code)[:2]
    places = Places(here.code, there.code)
    assert places.find(there.name) == (there.code, "")
    assert places.find("")[0] == ""
    assert "哪个村" in places.find(None)[1]
    assert f"{here.name}、{there.name}" in places.find("没有的村")[1]
