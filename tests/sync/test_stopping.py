"""Leaving an exchange at any moment: the contract through a county that can be left, and a line that says nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from app.errors import Cancelled, CountyUnreachable
from app.records import Person
from sync.client.engine import exchange, pending
from sync.client.http import HttpCounty
from sync.client.stopping import LOOK_UP, Stoppable, waited
from sync.server.county import CountyServer
from sync.server.serving import listen
from tests.support.patience import PATIENCE
from tests.sync.contract import CountyContract, Line
from tests.sync.desks import Desk, OpenDesk, contents

ANSWERS_WITHIN = 0.3
"""Seconds between 停下 and the end."""


class TestCountyThatCanBeLeft(CountyContract):
    @pytest.fixture
    def line(self, county: CountyServer) -> Iterator[Line]:
        opened: list[HttpCounty] = []
        with listen(county) as answering:

            def to(desk: Desk) -> Stoppable:
                opened.append(HttpCounty.to(desk.store, answering.url))
                return Stoppable(opened[-1], lambda: False)

            yield to
            for each in opened:
                each.close()


@pytest.fixture
def dead_line() -> Iterator[tuple[str, threading.Event]]:
    """An address where somebody takes the call and never says a word; and when that has happened."""
    listening = socket.create_server(("127.0.0.1", 0))
    called, held = threading.Event(), []

    def take() -> None:
        try:
            while True:
                held.append(listening.accept()[0])
                called.set()
        except OSError:  # hung up at the end of the test
            return

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", called
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()
    for each in held:
        each.close()


def test_who_stops_while_a_dead_line_is_silent_waits_no_longer(
    county: CountyServer, open_desk: OpenDesk, dead_line: tuple[str, threading.Event]
) -> None:
    desk, (url, called) = open_desk(), dead_line
    desk.join(county)
    desk.person()
    asked, looks = threading.Event(), list[bool]()
    line = HttpCounty.to(desk.store, url)

    def stopped() -> bool:
        looks.append(asked.is_set())
        return looks[-1]

    def run() -> None:
        with pytest.raises(Cancelled):
            exchange(Stoppable(line, stopped), desk.store, cancelled=asked.is_set)

    running = threading.Thread(target=run)
    running.start()
    assert called.wait(PATIENCE)
    asked.set()
    running.join(PATIENCE)
    assert looks.count(True) == 1  # the first look after it was asked was the last
    assert LOOK_UP < ANSWERS_WITHIN
    line.close()
    assert pending(desk.store) == 1
    assert desk.exchange(county).delivered


def test_what_was_left_in_the_middle_goes_on_where_it_was(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = open_desk(), open_desk()
    for desk in (first, second):
        desk.join(county)
    for number in range(40):
        first.person(f"王小{number}")
    first.exchange(county)
    told: list[str] = []
    with listen(county) as answering:
        line = HttpCounty.to(second.store, answering.url)
        with pytest.raises(Cancelled):
            exchange(Stoppable(line, lambda: bool(told)), second.store, told.append, lambda: bool(told))
        assert exchange(Stoppable(line, lambda: False), second.store).delivered
        line.close()
    assert contents(first, Person) == contents(second, Person)


def test_what_goes_wrong_there_is_heard_here() -> None:
    def fail() -> None:
        raise CountyUnreachable("资料都在这台电脑上，没有丢。线路断了。")

    with pytest.raises(CountyUnreachable):
        waited(fail, lambda: False)
    with pytest.raises(Cancelled):
        waited(lambda: threading.Event().wait(0.5), lambda: True)
