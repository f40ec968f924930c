"""A county that is busy: when its desks come again, what they say meanwhile, and a Monday's herd of them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from app.errors import CountyUnreachable, EnvironmentFault
from app.records import Person
from app.records.ids import new_id
from sync.client import blocks, http
from sync.client.credentials import Ties, new_key, public_key, ties
from sync.client.engine import pending
from sync.client.http import HttpCounty
from sync.messages import Change, Enrolment, Hello, Page, Request, Unit
from sync.protocol import LATER
from sync.server import accounts, crowd
from sync.server import http as serving
from sync.server.county import CountyServer
from sync.server.serving import Listening
from tests.support.patience import PATIENCE
from tests.sync import monday
from tests.sync.desks import VILLAGE, Desk
from tests.sync.test_uploads import register, taken

TOLD = 20
HERD = 40
SCALE = 1 / 100
"""What a desk waits here, of what it would wait."""
MOST_TRIES = 30


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def line(joined_desk: Desk, waits: list[float]) -> Iterator[HttpCounty]:
    opened = HttpCounty(ties(joined_desk.store).url, lambda: ties(joined_desk.store), sleep=waits.append)
    yield opened
    opened.close()


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the county too busy for as many exchanges."""
    real, left = CountyServer.exchange, [0]

    def exchange(self: CountyServer, request: Request) -> Iterator[Page]:
        if left[0]:
            left[0] -= 1
            raise EnvironmentFault("资料都在。")
        return real(self, request)

    def times(count: int) -> None:
        left[0] = count

    monkeypatch.setattr(CountyServer, "exchange", exchange)
    return times


def told(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Let the county ask for another wait."""
    real = serving.Refusal
    monkeypatch.setattr(serving, "Refusal", lambda *words: real(*words[:3], seconds))


def test_who_was_told_to_wait_comes_no_sooner_and_not_with_everybody_else(line: HttpCounty, waits: list[float]) -> None:
    for _ in range(200):
        line._wait(0, TOLD)
    assert TOLD <= min(waits) < 1.2 * TOLD
    assert 1.8 * TOLD < max(waits) <= 2 * TOLD


def test_a_line_that_is_away_is_tried_again_after_anything_up_to_a_bound(line: HttpCounty, waits: list[float]) -> None:
    for attempt in range(3):
        waits.clear()
        for _ in range(200):
            line._wait(attempt, 0)
        assert 0 <= min(waits) < 0.2 * 2**attempt < 0.8 * 2**attempt < max(waits) <= 2**attempt


def test_a_busy_county_is_asked_again_after_the_time_it_names(
    joined_desk: Desk, line: HttpCounty, waits: list[float], busy: Callable[[int], None]
) -> None:
    said: list[str] = []
    line.tell = said.append
    busy(1)
    joined_desk.person()
    assert joined_desk.exchange(line).delivered
    (wait,) = waits
    assert TOLD <= wait <= 2 * TOLD
    assert said == [f"县里正忙，{wait:.0f} 秒后再试……"]


def test_a_county_that_asks_for_an_hour_is_left_alone_at_once_and_the_hour_is_known(
    joined_desk: Desk, line: HttpCounty, waits: list[float], busy: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    told(monkeypatch, 3_600)
    busy(http.TRIES)
    joined_desk.person()
    with pytest.raises(CountyUnreachable, match="正忙") as later:
        joined_desk.exchange(line)
    assert (later.value.retry_after, later.value.code, line.requests, waits) == (3_600, LATER, 1, [])
    assert pending(joined_desk.store) == 1


def test_a_wait_without_end_is_a_day(
    joined_desk: Desk, line: HttpCounty, busy: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, 10**12)
    busy(1)
    with pytest.raises(CountyUnreachable) as later:
        joined_desk.exchange(line)
    assert later.value.retry_after == http.LONGEST_TOLD


def test_who_found_the_county_busy_to_the_last_try_still_knows_when_to_come(
    joined_desk: Desk, line: HttpCounty, waits: list[float], busy: Callable[[int], None]
) -> None:
    busy(http.TRIES)
    with pytest.raises(CountyUnreachable) as later:
        joined_desk.exchange(line)
    assert (later.value.retry_after, len(waits)) == (TOLD, http.TRIES - 1)


def test_what_is_large_is_not_sent_again_at_once_and_knows_when_to_come(
    joined_desk: Desk, line: HttpCounty, waits: list[float], busy: Callable[[int], None]
) -> None:
    busy(1)
    joined_desk.person(note=random.Random(1).randbytes(http.LARGEST_REPEATED).hex())
    with pytest.raises(CountyUnreachable) as later:
        joined_desk.exchange(line)
    assert (later.value.retry_after, waits, pending(joined_desk.store)) == (TOLD, [], 1)


def test_a_county_that_is_busy_with_many_streams_says_when_to_come_again(
    county: CountyServer, joined_desk: Desk, line: HttpCounty, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    register(joined_desk, 2 * blocks.SMALLEST)
    monkeypatch.setattr(serving.Uploads, "are_too_many", True)
    with pytest.raises(CountyUnreachable, match="正忙") as later:
        joined_desk.exchange(line)
    assert (later.value.retry_after, later.value.code, waits) == (TOLD, LATER, [])
    monkeypatch.undo()
    assert joined_desk.exchange(line).delivered
    assert taken(county) == (2 * blocks.SMALLEST, 2 * blocks.SMALLEST)


# Who comes when too many are there


def test_who_comes_when_it_is_full_is_told_of_a_moment_of_their_own_as_far_apart_as_answers_are() -> None:
    now = [1_000.0]
    full = crowd.Crowd(lambda: now[0])
    with ExitStack() as inside:
        for _ in range(crowd.MOST):
            assert not full.is_full
            inside.enter_context(full.entered())
        assert full.is_full
        for _ in range(200):
            now[0] += 0.5
            inside.enter_context(full.entered())
            with full.entered():
                pass
        told = [full.slot() for _ in range(100)]
        assert told[0] == crowd.LEAST_SECONDS
        assert 40 <= told[-1] - told[0] <= 60
        assert told == sorted(told)
        assert max(full.slot() for _ in range(100_000)) == crowd.LONGEST_SECONDS
    assert not full.is_full
    now[0] += 86_400
    with full.entered():
        assert full.slot() == crowd.LEAST_SECONDS  # what was long ago tells nothing of today


def test_a_county_that_is_full_says_so_before_it_works_on_anything(
    joined_desk: Desk, line: HttpCounty, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, may_go_on, is_there = CountyServer.exchange, threading.Event(), threading.Event()

    def exchange(self: CountyServer, request: Request) -> Iterator[Page]:
        is_there.set()
        assert may_go_on.wait(PATIENCE)
        return real(self, request)

    monkeypatch.setattr(crowd, "MOST", 1)
    monkeypatch.setattr(CountyServer, "exchange", exchange)
    first = HttpCounty(ties(joined_desk.store).url, ties(joined_desk.store))
    asked = Request(Hello(ties(joined_desk.store).device, "", ""))
    others = threading.Thread(target=lambda: list(first.exchange(asked)), daemon=True)
    others.start()
    assert is_there.wait(PATIENCE)
    with pytest.raises(CountyUnreachable, match="正忙") as later:
        joined_desk.exchange(line)
    assert later.value.code == LATER
    assert len(waits) == http.TRIES - 1
    may_go_on.set()
    others.join(PATIENCE)
    first.close()
    assert joined_desk.exchange(line).delivered


# A Monday's herd


@dataclass
class Caller:
    """A desk of the herd: it has one save to send, and comes again by itself as the window would let it."""

    known: Ties
    url: str
    tries: int = 0
    requests: int = 0
    wrong: list[BaseException] = field(default_factory=list)

    def call(self, together: threading.Barrier) -> None:
        line = HttpCounty(self.url, self.known, sleep=lambda seconds: time.sleep(seconds * SCALE))
        try:
            together.wait(PATIENCE)
            while not self._came_through(line):
                pass
        except BaseException as error:
            self.wrong.append(error)
        finally:
            self.requests = line.requests
            line.close()

    def _came_through(self, line: HttpCounty) -> bool:
        self.tries += 1
        person = Change("person", self.known.device, {"org": VILLAGE, "name": "王小明"}, {})
        unit = Unit(1, "save", self.known.device, new_id(), "李娟", 0, (person,))
        hello = Hello(self.known.device, self.known.server_id, self.known.epoch)
        try:
            (page,) = line.exchange(Request(hello, (unit,)))
        except CountyUnreachable as busy:
            if busy.retry_after != TOLD or self.tries == MOST_TRIES:
                raise
            time.sleep(SCALE * (busy.retry_after + random.uniform(0, busy.retry_after)))
            return False
        return bool(page.results[0].stamp)


def herd(county: CountyServer, url: str) -> list[Caller]:
    """Forty desks that all call in the same moment, when all of them are through or have given up."""
    callers = []
    for _ in range(HERD):
        known = Ties(new_id(), new_key(), "00" * 16)
        code = accounts.make_code(county.ledger, VILLAGE, "child_director", "测试")
        asked = Enrolment(code, public_key(known), known.device, bytes(16), "real", VILLAGE, "child_director", "", "")
        callers.append(Caller(known.met(county.enrol(asked).terms), url))
    together = threading.Barrier(HERD)
    threads = [threading.Thread(target=each.call, args=(together,), daemon=True) for each in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    return callers


def people(county: CountyServer) -> set[str]:
    from sync.server import tables

    with county.ledger.reading() as connection:
        found = connection.execute(county.ledger.of(tables.record, tables.record.c.id, type=Person.spec.name))
        return set(found.scalars())


def test_a_herd_that_calls_a_county_which_takes_one_at_a_time_comes_through_whole(
    county: CountyServer, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes while another is served is sent away: so would a county with one worker behind a proxy."""
    real, door = CountyServer.exchange, threading.Lock()
    sent_away, all_called = list[str](), threading.Event()

    def one_at_a_time(self: CountyServer, request: Request) -> Iterator[Page]:
        if not door.acquire(blocking=False):
            sent_away.append(request.hello.device)
            if len(sent_away) == HERD - 1:
                all_called.set()
            raise EnvironmentFault("资料都在。")
        try:
            assert all_called.wait(PATIENCE)
            yield from real(self, request)
        finally:
            door.release()

    monkeypatch.setattr(CountyServer, "exchange", one_at_a_time)
    callers = herd(county, listening.url)
    assert [each.wrong for each in callers] == [[]] * HERD
    assert people(county) == {each.known.device for each in callers}
    assert len(set(sent_away)) == HERD - 1


def test_a_herd_that_calls_the_county_at_once_waits_its_turn_and_nobody_is_sent_away(
    county: CountyServer, listening: Listening
) -> None:
    callers = herd(county, listening.url)
    assert [(each.wrong, each.requests) for each in callers] == [([], 1)] * HERD
    assert people(county) == {each.known.device for each in callers}


def test_a_herd_on_bad_lines_comes_through_although_the_county_is_killed_under_it() -> None:
    done = monday.run(300, kills=2, between=1.0, scale=0.02)
    assert (done["lost"], done["twice"]) == (0, 0)
    assert done["kills"]
    assert done["what happened"]["Broke"]
