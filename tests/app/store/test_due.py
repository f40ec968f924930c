"""Who is due: the longest overdue first, children and elders together, answered from indexes alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from app.records import Child, Elder
from app.store import listing
from app.store.listing import ListQuery
from app.store.roll import RollDue, RollFacts
from app.store.workspace import Workspace
from tests.support.desks import VILLAGE, WORKER, a_person, new_desk

NEXT_VILLAGE = VILLAGE[:-1] + "2"


def on_their_birthday(facts: RollFacts) -> RollDue | None:
    return RollDue(facts.birth_date, "home", "test", "生日那天") if facts.birth_date else None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk", planner=on_their_birthday)
    for day, org, cls in ((5, VILLAGE, Child), (1, VILLAGE, Elder), (3, NEXT_VILLAGE, Child), (9, VILLAGE, Elder)):
        person = a_person(id=f"{cls.__name__}{day}", org=org, birth_date=date(2026, 11, day))
        desk.save(WORKER, (None, person), (None, cls(id=person.id)))
    yield desk
    desk.close()


def days(store: Workspace, until: str, org: str = "", limit: int = -1) -> list[str]:
    return [line.due_on[-2:] for line in store.due(until, org, limit)]


def test_children_and_elders_stand_together_the_longest_overdue_first(store: Workspace) -> None:
    assert days(store, "2026-11-30") == ["01", "03", "05", "09"]
    assert days(store, "2026-11-05") == ["01", "03", "05"]


def test_a_limit_keeps_the_longest_overdue_of_both_kinds(store: Workspace) -> None:
    assert days(store, "2026-11-30", limit=2) == ["01", "03"]


@pytest.mark.parametrize("org", [VILLAGE, VILLAGE[:9], VILLAGE[:6], ""])
def test_a_division_sees_its_own_and_counts_what_it_lists(store: Workspace, org: str) -> None:
    found = store.due("2026-11-30", org)
    assert all(line.org.startswith(org) for line in found)
    assert len(found) == store.due_count("2026-11-30", org) == (3 if org == VILLAGE else 4)


@pytest.mark.parametrize("org", [VILLAGE, ""])
def test_counting_who_is_due_reads_no_row(store: Workspace, org: str) -> None:
    asked = f"EXPLAIN QUERY PLAN SELECT count(*) FROM roll INDEXED BY {listing._index(org)} WHERE {listing._RANGE}"
    with store._reading() as db:
        plan = db.execute(asked, ["child", "2026-11-30", org, org + "~"]).fetchall()
    assert ["COVERING INDEX" in step[3] for step in plan] == [True]


def test_lists_go_through_the_village_groups_in_the_order_people_count_them(store: Workspace) -> None:
    third = VILLAGE[:-1] + "3"
    for number, group in enumerate(["十组", "一组", "三组", "二组", "大寨子"]):
        person = a_person(id=f"p{number}", org=third, village_group=group)
        store.save(WORKER, (None, person), (None, Child(id=person.id)))
    everybody, tenth = ListQuery("child", org=third), ListQuery("child", org=third, village_group="十组")
    assert groups(store, everybody) == ["一组", "二组", "三组", "十组", "大寨子"]
    assert groups(store, tenth) == ["十组"]


def groups(store: Workspace, query: ListQuery) -> list[str]:
    return [line.village_group for line in store.listing(query).page(0, 9)]


@pytest.mark.parametrize("group", [None, "十组"])
def test_a_list_in_order_is_read_from_its_index_alone(store: Workspace, group: str | None) -> None:
    where, values = listing._where(ListQuery("child", village_group=group))
    asked = f"EXPLAIN QUERY PLAN SELECT person FROM roll WHERE {where} ORDER BY {listing.ORDERS['place']}"
    with store._reading() as db:
        plan = " ".join(str(row[3]) for row in db.execute(asked, values))
    assert "COVERING INDEX roll_by_place" in plan
    assert "TEMP B-TREE" not in plan
