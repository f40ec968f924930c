"""An answer of which the line brought only the first page: the next one brings all that was cut off."""

from __future__ import annotations

import pytest

from app.records import Person
from app.store.changes import unsent
from sync.client.credentials import ties
from sync.client.engine import receive
from sync.client.plan import plan
from sync.messages import Page
from sync.server import giving
from sync.server.county import CountyServer
from tests.sync.desks import Desk, OpenDesk


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
