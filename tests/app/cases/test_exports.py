"""People gathered for a spreadsheet."""

from __future__ import annotations

from datetime import date

import pytest

from app.cases.exports import export_rows
from app.cases.imports import apply_import, plan_import
from app.errors import NotAllowed
from app.policy.access import Actor
from app.records import Person
from tests.app.cases.test_imports import DIRECTOR, FAMILY, TODAY, a_row
from tests.support.desks import new_desk


@pytest.fixture
def desk(tmp_path):
    store = new_desk(tmp_path / "desk")
    yield store
    store.close()


def test_a_child_is_gathered_with_kin_and_household_in_the_order_asked(desk):
    other = a_row(3, subject={"name": "李明", "sex": "1", "birth_date": date(2016, 6, 6)})
    apply_import(desk, DIRECTOR, plan_import(desk, [a_row(2, **FAMILY), other], DIRECTOR, TODAY))
    ids = [desk.find(Person, name=name)[0].id for name in ("李明", "王芳")]
    boy, girl = export_rows(desk, DIRECTOR, "child", [*ids, "nobody"])
    assert (boy.subject["name"], boy.father, boy.household) == ("李明", {}, {})
    assert girl.father["phones"] == ("13900000001",)
    assert (girl.mother["name"], girl.caregiver["name"], girl.caregiver["relation"]) == ("李桂花", "赵秀英", "62")
    assert girl.household["address"] == "练习村一组5号"
    assert girl.subject["registered_on"] == TODAY


def test_who_belongs_to_another_village_is_not_exported(desk):
    apply_import(desk, DIRECTOR, plan_import(desk, [a_row()], DIRECTOR, TODAY))
    stranger = Actor("x", "测试员丙", "child_director", "539900201200")
    with pytest.raises(NotAllowed):
        export_rows(desk, stranger, "child", [desk.find(Person)[0].id])
