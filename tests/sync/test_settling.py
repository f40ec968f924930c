"""What people do about a conflict at several desks, and what a record's history tells of it afterwards."""

from __future__ import annotations

import pytest

from app.cases import conflicts, posts, proposals
from app.policy.access import Actor
from app.records import Conflict, Person
from sync.client.engine import Light, light
from sync.server.county import CountyServer
from tests.sync.desks import NEXT_VILLAGE, Desk, OpenDesk
from tests.sync.test_grants import joined
from tests.sync.test_proposals import family, move


@pytest.fixture
def two(county: CountyServer, open_desk: OpenDesk) -> tuple[Desk, Desk]:
    """Two desks of one village that have written another group for the same child, and know it."""
    first, second = (open_desk(holder=name) for name in ("李娟", "王芳"))
    for desk in (first, second):
        desk.join(county)
    first.person(village_group="五组")
    for desk in (first, second):
        desk.exchange(county)
    for desk, group in ((first, "一组"), (second, "二组")):
        [person] = desk.store.find(Person)
        desk.save(person, village_group=group)
    for desk in (first, second, first):
        desk.exchange(county)
    return first, second


def settle(desk: Desk, keep: str, value: str | None = None) -> None:
    [found] = desk.store.find(Conflict, state="open")
    holder, post = desk.store.holder, desk.store.post
    conflicts.settle(desk.store, Actor(holder.id, holder.name, post.role, post.org), found, keep, value)


def group(desk: Desk) -> str | None:
    [person] = desk.store.find(Person)
    return person.village_group


@pytest.mark.parametrize(
    "one, another, shown_as",
    [
        ((conflicts.OTHER, "三组"), (conflicts.OTHER, "四组"), ("三组", "四组")),
        ((conflicts.MINE,), (conflicts.MINE,), ("一组", "二组")),
        ((conflicts.THEIRS,), (conflicts.OTHER, "四组"), ("二组", "四组")),
    ],
)
def test_two_different_settlements_are_shown_to_both_with_who_chose_what(
    county: CountyServer, two: tuple[Desk, Desk], one: tuple[str, ...], another: tuple[str, ...],
    shown_as: tuple[str, str],
) -> None:  # fmt: skip
    first, second = two
    settle(first, *one)
    settle(second, *another)
    for desk in (first, second, first):
        desk.exchange(county)
    for desk in (first, second):
        actor = Actor(desk.store.holder.id, desk.store.holder.name, desk.store.post.role, desk.store.post.org)
        shown = [each for each in conflicts.open_conflicts(desk.store, actor) if each.settled]
        assert [{(side.by, side.words) for side in each.settled} for each in shown] == [
            set(zip(("李娟", "王芳"), shown_as, strict=True))
        ]


def sides(desk: Desk) -> list[set[str]]:
    """What is still to be settled, each with both values."""
    actor = Actor(desk.store.holder.id, desk.store.holder.name, desk.store.post.role, desk.store.post.org)
    return [{each.mine.words, each.theirs.words} for each in conflicts.open_conflicts(desk.store, actor)]


def all_exchange(county: CountyServer, *desks: Desk) -> None:
    for desk in (*desks, *desks):
        assert desk.exchange(county).delivered


def write_on(desk: Desk, value: str) -> None:
    [person] = desk.store.find(Person)
    desk.save(person, village_group=value)


def test_what_its_author_wrote_on_from_is_asked_no_more(county: CountyServer, two: tuple[Desk, Desk]) -> None:
    first, second = two  # 一组 is listed beside 二组, of which only the first knows
    write_on(second, "二组，大槐树")
    all_exchange(county, first, second)
    assert [sides(desk) for desk in two] == [[{"一组", "二组，大槐树"}]] * 2
    settle(second, conflicts.MINE)
    all_exchange(county, second, first)
    assert [(group(desk), sides(desk)) for desk in two] == [("二组，大槐树", [])] * 2


def test_who_writes_on_without_having_seen_the_other_leaves_one_question(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    first, second = joined(county, open_desk(holder="李娟"), open_desk(holder="王芳"))
    first.person(village_group="五组")
    all_exchange(county, first, second)
    write_on(first, "一组")
    write_on(second, "二组")
    first.exchange(county)
    second.exchange(county)
    write_on(first, "一组，新屋")
    all_exchange(county, first, second)
    assert [sides(desk) for desk in (first, second)] == [[{"一组，新屋", "二组"}]] * 2


def test_who_writes_the_other_value_in_by_hand_has_settled_it(county: CountyServer, two: tuple[Desk, Desk]) -> None:
    first, second = two
    write_on(first, "一组")
    all_exchange(county, first, second)
    assert [(group(desk), sides(desk), light(desk.store)) for desk in two] == [("一组", [], Light.ALL_SENT)] * 2


def test_a_settlement_of_what_is_asked_in_vain_by_then_is_no_quarrel(
    county: CountyServer, two: tuple[Desk, Desk]
) -> None:
    first, second = two
    second.exchange(county)
    settle(second, conflicts.OTHER, "三组")
    write_on(first, "一组")
    all_exchange(county, first, second)
    [shown] = {frozenset(each) for desk in two for each in sides(desk)}
    assert shown == {"一组", "三组"}
    settle(first, conflicts.MINE)
    all_exchange(county, first, second)
    assert [(group(desk), sides(desk)) for desk in two] == [("一组", [])] * 2


def test_the_same_settlement_at_two_desks_is_no_new_quarrel(county: CountyServer, two: tuple[Desk, Desk]) -> None:
    first, second = two
    settle(first, conflicts.OTHER, "三组")
    for desk in (first, second):
        desk.exchange(county)
    assert [group(desk) for desk in two] == ["三组", "三组"]
    assert [light(desk.store) for desk in two] == [Light.ALL_SENT, Light.ALL_SENT]


def test_history_tells_each_save_once_at_whoever_made_it(county: CountyServer, two: tuple[Desk, Desk]) -> None:
    first, second = two
    settle(first, conflicts.MINE)
    for desk in (first, second, first, second):
        desk.exchange(county)
    for desk in two:
        [person] = desk.store.find(Person)
        told = [(each.author, each.verb, tuple(each.after)) for each in desk.store.history("person", person.id)]
        assert len(told) == len(set(told)), told
        assert [each.created for each in desk.store.history("person", person.id)].count(True) == 1


def test_one_takes_a_proposal_over_and_the_other_leaves_it(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    (beside,) = joined(county, open_desk(NEXT_VILLAGE, holder="赵六"))
    move(town, county, child, NEXT_VILLAGE)
    here.save(here.get(Person, child.id), note="外婆接去住了")
    for desk in (here, there, beside):
        desk.exchange(county)
    for desk, state in ((there, proposals.ACCEPTED), (beside, proposals.DECLINED)):
        [shown] = proposals.open_proposals(desk.store)
        proposals.settle_proposal(desk.store, posts.actor(desk.store), shown.proposal, state)
    for desk in (there, beside, there):
        desk.exchange(county)
    for desk in (there, beside):
        assert desk.get(Person, child.id).note == "外婆接去住了"
        [shown_apart] = conflicts.open_conflicts(desk.store, posts.actor(desk.store))
        assert shown_apart.item.startswith("转来的修改：处理情况")
        told = {shown_apart.mine.words, shown_apart.theirs.words}
        assert {("采用了" in words, "没有采用" in words) for words in told} == {(True, False), (False, True)}
