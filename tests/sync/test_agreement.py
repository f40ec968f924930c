"""已全部送到 is said when both sides were compared and held the same, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.errors import CountyRefused
from app.records import Person
from app.store.changes import forget_noted, writing
from sync.client import agreement
from sync.client.engine import Light, exchange, light, pending, send_only
from sync.client.news import DIFFERS_WORDS, put_away, unread
from sync.client.parcel import pack, unpack
from sync.client.plan import Plan
from sync.messages import Page, Request
from sync.protocol import LineBroke
from sync.server import county as county_module
from sync.server import giving
from sync.server.county import CountyServer
from sync.server.parcels import answer
from tests.sync.desks import Desk, OpenDesk, joined

FOR_A_COLLEAGUE = 40


class CutAfterTheFirstPage:
    """The county, over a line that bears one page of an answer."""

    def __init__(self, county: CountyServer) -> None:
        self._county = county

    def __getattr__(self, name: str) -> Any:
        return getattr(self._county, name)

    def exchange(self, request: Request) -> Iterator[Page]:
        yield next(self._county.exchange(request))
        raise LineBroke("资料都在这台电脑上，没有丢。线路断了。")


def cut(county: CountyServer, desk: Desk) -> None:
    """An exchange that breaks off after its first page."""
    with pytest.raises(LineBroke):
        exchange(CutAfterTheFirstPage(county), desk.store)  # type: ignore[arg-type]


def by_stick(county: CountyServer, desk: Desk) -> bool:
    return unpack(desk.store, answer(county, pack(desk.store).content)).delivered


def asked_why(desk: Desk) -> list[dict[str, Any]]:
    return [dict(entry.detail) for entry in desk.store.audit_log("digest_differs")]


@pytest.fixture
def two(county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, Desk]:
    """Two desks of a village; a colleague's people are on four pages."""
    monkeypatch.setattr(giving, "PAGE", 10)
    here, colleague = joined(county, open_desk(), open_desk(holder="王芳"))
    for number in range(FOR_A_COLLEAGUE):
        colleague.person(f"别人{number}")
    colleague.exchange(county)
    return here, colleague


def test_it_said_all_sent_while_thirty_people_of_my_village_had_not_come(
    county: CountyServer, two: tuple[Desk, Desk]
) -> None:
    here, _ = two
    here.person("自己")
    cut(county, here)
    assert pending(here.store) == 0
    assert here.store.count(Person) < FOR_A_COLLEAGUE
    assert light(here.store) is Light.UNFINISHED
    assert here.exchange(county).delivered
    assert light(here.store) is Light.ALL_SENT


def test_who_held_the_same_before_the_line_broke_is_told_too(county: CountyServer, two: tuple[Desk, Desk]) -> None:
    here, colleague = two
    here.exchange(county)
    assert light(here.store) is Light.ALL_SENT
    for number in range(15):
        colleague.person(f"又来{number}")
    colleague.exchange(county)
    assert light(here.store) is Light.ALL_SENT  # as far as anybody here has heard
    cut(county, here)
    assert light(here.store) is Light.UNFINISHED
    here.person("自己")
    assert light(here.store) is Light.WAITING
    here.exchange(county)
    here.exchange(county)
    assert light(here.store) is Light.ALL_SENT


def test_who_has_just_joined_has_compared_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    desk = open_desk()
    assert light(desk.store) is Light.ALONE
    desk.join(county)
    assert light(desk.store) is Light.UNFINISHED
    desk.person()
    assert light(desk.store) is Light.WAITING
    desk.exchange(county)
    assert light(desk.store) is Light.ALL_SENT


@pytest.mark.parametrize("way", [lambda county, desk: desk.exchange(county).delivered, by_stick])
def test_a_workspace_of_an_earlier_program_knows_it_after_the_next_exchange(
    county: CountyServer, open_desk: OpenDesk, way: Any
) -> None:
    (desk,) = joined(county, open_desk())
    desk.person()
    desk.exchange(county)
    with desk.store.transaction() as work:
        work.db.execute("DELETE FROM setting WHERE name = ?", [agreement.COMPARED])
    assert light(desk.store) is Light.UNFINISHED
    assert way(county, desk)
    assert light(desk.store) is Light.ALL_SENT


def test_a_program_that_is_too_old_to_receive_has_not_received_all(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk,) = joined(county, open_desk())
    desk.exchange(county)
    assert light(desk.store) is Light.ALL_SENT
    monkeypatch.setattr(county_module, "OLDEST_THAT_GETS", 99)
    with pytest.raises(CountyRefused, match="太旧"):
        desk.exchange(county)
    assert light(desk.store) is Light.UNFINISHED


def test_what_was_sent_when_the_window_closed_is_compared_when_it_is_opened_again(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    (desk,) = joined(county, open_desk())
    desk.exchange(county)
    desk.person()
    assert send_only(county, desk.store) == 0
    assert light(desk.store) is Light.UNFINISHED
    desk.exchange(county)
    assert light(desk.store) is Light.ALL_SENT


# By stick


def damaged(county: CountyServer, open_desk: OpenDesk) -> Desk:
    """A desk that lost count of one record, with something else to fetch."""
    here, colleague = joined(county, open_desk(), open_desk(holder="王芳"))
    person = here.person("甲")
    here.exchange(county)
    with writing(here.store) as work:
        forget_noted(work, {("person", person.id)})
    colleague.person("丙")
    colleague.exchange(county)
    return here


def test_the_stick_brought_something_else_than_i_have_and_nobody_heard_of_it(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here = damaged(county, open_desk)
    assert not by_stick(county, here)
    assert asked_why(here) == [{"records": {}, "mended": False}]
    assert light(here.store) is Light.UNFINISHED
    assert unread(here.store) == ()
    assert by_stick(county, here)
    assert len(asked_why(here)) == 1
    assert light(here.store) is Light.ALL_SENT


def test_what_differs_even_after_everything_came_anew_by_stick_is_shown_until_it_agrees(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = damaged(county, open_desk)
    monkeypatch.setattr(agreement, "total", lambda sums: b"never this")
    assert not by_stick(county, here)
    assert light(here.store) is Light.UNFINISHED
    assert not by_stick(county, here)
    assert light(here.store) is Light.DIFFERS
    assert [each.words for each in unread(here.store)] == [(DIFFERS_WORDS,)]
    put_away(here.store, unread(here.store))
    assert not by_stick(county, here)
    assert light(here.store) is Light.DIFFERS
    assert unread(here.store) == ()  # once is enough
    monkeypatch.undo()
    assert by_stick(county, here)
    assert light(here.store) is Light.ALL_SENT


def test_a_stick_that_agrees_ends_what_a_line_had_found(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here,) = joined(county, open_desk())
    here.person()
    monkeypatch.setattr(agreement, "total", lambda sums: b"never this")
    assert not here.exchange(county).delivered
    assert light(here.store) is Light.DIFFERS
    monkeypatch.undo()
    assert by_stick(county, here)  # although it brings nothing new
    assert light(here.store) is Light.ALL_SENT


def test_what_needs_several_sticks_has_not_all_come_before_the_last(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, colleague = joined(county, open_desk(), open_desk(holder="王芳"))
    for number in range(5):
        colleague.person(f"别人{number}")
    colleague.exchange(county)
    monkeypatch.setattr(Plan, "RECORDS", 3)
    assert not by_stick(county, here)
    assert light(here.store) is Light.UNFINISHED
    assert by_stick(county, here)
    assert light(here.store) is Light.ALL_SENT
    assert asked_why(here) == []


def test_an_old_answer_says_nothing_of_what_a_line_has_begun_since(
    county: CountyServer, two: tuple[Desk, Desk]
) -> None:
    here, colleague = two
    here.exchange(county)
    old = answer(county, pack(here.store).content)
    colleague.person("后来的")
    for number in range(15):
        colleague.person(f"又来{number}")
    colleague.exchange(county)
    cut(county, here)
    assert not unpack(here.store, old).delivered
    assert light(here.store) is Light.UNFINISHED
    assert here.exchange(county).delivered
    assert unpack(here.store, old).delivered  # what was compared since holds
    assert light(here.store) is Light.ALL_SENT
