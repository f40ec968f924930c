"""Handing a file over to another village, with the family that goes along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.cases import transfer
from app.errors import BadValue, NotAllowed
from app.policy.access import Actor
from app.records import Child, Elder, Household, Kinship, Person
from app.store.workspace import Workspace
from tests.support.desks import new_desk

HERE, THERE = "530602001001", "530602001002"
DIRECTOR = Actor("worker-1", "测试员甲", "child_director", HERE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk")
    people = [Person(id=id_, name=name, org=HERE, household="h", phones=("138",)) for id_, name in (
        ("child", "王小明"), ("father", "王大"), ("gran", "周秀英"),
    )]  # fmt: skip
    ties = [Kinship(id=f"tie-{id_}", subject="child", relative=id_) for id_ in ("father", "gran")]
    rest = [Child(id="child"), Elder(id="gran"), Household(id="h", org=HERE)]
    desk.save(DIRECTOR, *((None, record) for record in (*people, *ties, *rest)))
    yield desk
    desk.close()


def places(store: Workspace) -> dict[str, str | None]:
    return {each.id: each.org for each in store.every(Person)}


def test_family_that_is_on_no_register_goes_along_and_the_rest_stays(store: Workspace) -> None:
    event = transfer.transfer(store, DIRECTOR, "child", THERE)
    assert places(store) == {"child": THERE, "father": THERE, "gran": HERE}
    assert event.to_do[0] == "一起转的家人：王大。"
    assert store.require(Household, "h").org == HERE
    note = store.require(Kinship, "tie-gran").note or ""
    assert note.startswith("周秀英 138 （在")
    assert store.require(Kinship, "tie-father").note is None


def test_a_household_goes_when_nobody_stays_in_it(store: Workspace) -> None:
    gran = store.require(Person, "gran")
    store.save(DIRECTOR, (gran, replace(gran, household=None)))
    transfer.transfer(store, DIRECTOR, "child", THERE)
    assert store.require(Household, "h").org == THERE


def test_a_father_of_two_stays_with_the_one_who_stays(store: Workspace) -> None:
    store.save(DIRECTOR, (None, Kinship(subject="gran", relative="father")))
    transfer.transfer(store, DIRECTOR, "child", THERE)
    assert places(store)["father"] == HERE


def test_what_one_does_not_look_after_is_not_handed_over(store: Workspace) -> None:
    with pytest.raises(NotAllowed):
        transfer.transfer(store, replace(DIRECTOR, org=THERE), "child", "530602001003")
    with pytest.raises(BadValue, match="没有转"):
        transfer.transfer(store, DIRECTOR, "child", HERE)


def test_a_village_is_found_by_code_and_one_of_another_county_is_not() -> None:
    from app.records.divisions import children

    villages = [village for town in children("530602000000") for village in children(town.code)]
    village = villages[0]
    assert transfer.village_named(village.code, HERE) == village.code
    names = [each.name for each in villages]
    single = next(each for each in villages if names.count(each.name) == 1)
    assert transfer.village_named(f" {single.name} ", HERE) == single.code
    with pytest.raises(BadValue, match="外县"):
        transfer.village_named(children(children("530621000000")[0].code)[0].code, HERE)
    with pytest.raises(BadValue, match="没有找到"):
        transfer.village_named("没有的村", HERE)
    with pytest.raises(BadValue, match="都对得上"):
        transfer.village_named("社区", HERE)
