"""An answer of which the line brought only the first page: the next one brings all that was cut off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.records import Person
from app.store.changes import unsent
from sync.client.credentials import ties
from sync.client.engine import receive
from sync.client.plan import plan
from sync.messages import Page
from sync.server import giving, grants
from sync.server.county import CountyServer
from tests.sync.desks import NEXT_VILLAGE, Desk, OpenDesk


@pytest.fixture
def two(county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, Desk]:
    monkeypatch.setattr(giving, "PAGE", 1)
    desks = open_desk(holder="李娟"), open_desk(holder="王芳")
    for desk in desks:
        desk.join(county)
        assert desk.exchange(county).delivered
    return desks


def answer(county: CountyServer, desk: Desk) -> list[Page]:
    request = plan(ties(desk.store), unsent(desk.store, 100), 100).request
    return list(county.exchange(request))


def test_a_record_that_was_cut_off_comes_whole(county: CountyServer, two: tuple[Desk, Desk]) -> None:
    first, second = two
    early = second.person("王早")
    second.person("王晚")
    second.save(second.get(Person, early.id), note="改过")
    assert second.exchange(county).delivered
    receive(first.store, answer(county, first)[:1])
    assert ties(first.store).is_resumed
    rest = answer(county, first)
    assert [row.body["name"] for page in rest for row in page.rows] == ["王早"]
    receive(first.store, rest)
    assert first.get(Person, early.id).note == "改过"
    assert not ties(first.store).is_resumed


def test_what_another_did_to_an_own_record_is_not_kept_back(county: CountyServer, two: tuple[Desk, Desk]) -> None:
    first, second = two
    own = first.person("王早")
    assert first.exchange(county).delivered
    assert second.exchange(county).delivered
    second.save(second.get(Person, own.id), village_group="二组")
    second.person("王晚")
    assert second.exchange(county).delivered
    first.save(first.get(Person, own.id), note="自己写的")
    receive(first.store, answer(county, first)[:1])
    receive(first.store, answer(county, first))
    found = first.get(Person, own.id)
    assert (found.village_group, found.note) == ("二组", "自己写的")


def test_what_was_cut_off_of_a_village_that_was_granted_later_comes_whole(
    county: CountyServer, two: tuple[Desk, Desk], open_desk: OpenDesk
) -> None:
    first, _ = two
    there = open_desk(NEXT_VILLAGE, holder="赵强")
    there.join(county)
    first.person("本村的")
    early = there.person("王早")
    there.person("王晚")
    assert there.exchange(county).delivered
    there.save(there.get(Person, early.id), note="改过")
    assert there.exchange(county).delivered
    assert first.exchange(county).delivered
    grants.grant(county.ledger, ties(first.store).device, NEXT_VILLAGE)
    receive(first.store, answer(county, first)[:1])
    assert first.exchange(county).delivered
    assert first.get(Person, early.id).note == "改过"
    assert first.store.audit_log("digest_differs") == []


def test_what_was_cut_off_just_where_the_other_village_had_been_heard_comes_whole(
    county: CountyServer, two: tuple[Desk, Desk], open_desk: OpenDesk
) -> None:
    first, _ = two
    there = open_desk(NEXT_VILLAGE, holder="赵强")
    there.join(county)
    early, late = there.person("王早"), there.person("王晚")
    assert there.exchange(county).delivered
    assert first.exchange(county).delivered
    there.save(there.get(Person, early.id), note="改过")
    there.save(there.get(Person, late.id), note="改过")
    assert there.exchange(county).delivered
    grants.grant(county.ledger, ties(first.store).device, NEXT_VILLAGE)
    page, *_ = answer(county, first)
    heard = ties(first.store).heard
    at_once = dict.fromkeys(page.cursors, heard)  # where this page ends is where the last answer had ended
    receive(first.store, [replace(page, rows=(), cursors=at_once)])
    assert first.exchange(county).delivered
    assert [first.get(Person, each.id).note for each in (early, late)] == ["改过", "改过"]
    assert first.store.audit_log("digest_differs") == []


def test_who_went_to_my_other_village_while_the_line_broke_leaves_when_that_is_taken_away(
    county: CountyServer, two: tuple[Desk, Desk]
) -> None:
    first, second = two
    for desk in two:
        grants.grant(county.ledger, ties(desk.store).device, NEXT_VILLAGE)
    gone = first.person("王早")
    for desk in two:
        assert desk.exchange(county).delivered
    second.save(second.get(Person, gone.id), org=NEXT_VILLAGE)
    second.person("王晚")
    assert second.exchange(county).delivered
    page, *_ = answer(county, first)
    receive(first.store, [replace(page, rows=(), patches=())])  # all that is lost of it is where the person went
    grants.ungrant(county.ledger, ties(first.store).device, NEXT_VILLAGE)
    assert first.exchange(county).delivered
    assert first.store.get(Person, gone.id) is None
    assert first.store.audit_log("digest_differs") == []
