"""The exchange nobody has to think of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from app.errors import CountyRefused, CountyUnreachable, ShouwangError
from app.records import Person
from app.store.results import Changes
from sync.protocol import LATER, LineBroke
from tests.support.patience import PATIENCE
from tests.ui import village
from ui import exchanging, line
from ui.context import Context
from ui.exchange_list import HISTORY
from ui.windows import quiet_exchange
from ui.windows.quiet_exchange import (
    AFTER_A_CHANGE,
    AFTER_A_LINE,
    AFTER_OPENING,
    AGAIN,
    EVERY,
    LONGEST,
    QuietExchange,
)

HOUR = 60 * 60_000
Settled = Callable[[], None]


@pytest.fixture
def quiet(desk: Context, qtbot: QtBot) -> QuietExchange:
    return QuietExchange(desk)


def unreachable(*_: object) -> None:
    raise CountyUnreachable("资料都在这台电脑上，没有丢。现在连不上县里。")


def test_who_works_alone_is_never_spoken_of(quiet: QuietExchange, desk: Context, settled: Settled) -> None:
    said: list[object] = []
    desk.changes.said.connect(said.append)
    quiet.exchange()
    settled()
    assert said == []
    assert desk.reader.setting(HISTORY) is None
    assert quiet.timer.isActive()


def test_a_save_is_sent_soon(quiet: QuietExchange, desk: Context) -> None:
    assert quiet.timer.interval() <= AFTER_OPENING
    quiet.timer.start(EVERY)
    person = desk.reader.require(Person, "c1")
    saved = desk.store.save(village.ME, (person, replace(person, name="王小曼")))
    desk.changes.announce(saved)
    assert quiet.timer.interval() <= AFTER_A_CHANGE
    quiet.timer.start(EVERY)
    desk.changes.announce(Changes())
    assert quiet.timer.remainingTime() > AFTER_A_CHANGE


def test_a_line_that_is_away_is_tried_less_often_and_disturbs_nobody(
    quiet: QuietExchange, desk: Context, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet_exchange, "_exchange", unreachable)
    said: list[object] = []
    desk.changes.said.connect(said.append)
    pauses = []
    for _ in range(7):
        quiet.exchange()
        settled()
        pauses.append(quiet.pause)
    assert pauses == [AGAIN * step for step in (1, 2, 4, 8, 16, 30, 30)]
    assert said == []
    comes = []
    for _ in range(100):
        quiet._again()
        comes.append(quiet.timer.interval() / LONGEST)
    assert min(comes) < 0.1 < 0.9 < max(comes) <= 1


def test_the_next_exchange_after_a_whole_one_comes_in_the_second_half_of_the_pause(quiet: QuietExchange) -> None:
    comes = []
    for _ in range(100):
        quiet._again()
        comes.append(quiet.timer.interval() / EVERY)
    assert 0.5 <= min(comes) < 0.6 < 0.9 < max(comes) <= 1


def test_a_county_that_says_when_to_come_again_is_not_called_sooner_and_not_by_all_at_once(
    quiet: QuietExchange, desk: Context, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise CountyUnreachable("资料都在这台电脑上，没有丢。县里的服务器正忙。", code=LATER, retry_after=3_600)

    monkeypatch.setattr(quiet_exchange, "_exchange", busy)
    comes = set()
    for _ in range(5):
        quiet.exchange()
        settled()
        comes.add(quiet.timer.interval())
    assert HOUR <= min(comes) < max(comes) <= 2 * HOUR
    assert len(comes) == 5
    assert "县里正忙，约" in desk.line.why(desk.clock.now())
    desk.line.appeared.emit()
    assert quiet.timer.interval() >= HOUR
    monkeypatch.setattr(quiet_exchange, "_exchange", unreachable)
    quiet.exchange()
    settled()
    assert quiet.timer.interval() <= LONGEST  # what was told is over once somebody was there or nobody


def test_a_county_that_asks_for_less_than_the_pause_is_called_within_it_but_no_sooner(
    quiet: QuietExchange, desk: Context
) -> None:
    comes = []
    for _ in range(60):
        desk.line.failed(CountyUnreachable("正忙。", code=LATER, retry_after=20))
        comes.append(quiet.timer.interval())
    assert 20_000 <= min(comes[6:]) < LONGEST / 2 < max(comes[6:]) <= LONGEST
    desk.line.reached()
    assert desk.line.told == 0


def test_what_is_saved_while_the_line_is_away_does_not_call_at_once(
    quiet: QuietExchange, desk: Context, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet_exchange, "_exchange", unreachable)
    quiet.exchange()
    settled()
    quiet.timer.start(LONGEST)
    person = desk.reader.require(Person, "c1")
    desk.changes.announce(desk.store.save(village.ME, (person, replace(person, name="王小曼"))))
    assert quiet.timer.remainingTime() > AFTER_A_CHANGE


def test_when_a_line_appears_an_exchange_comes_without_a_click(
    quiet: QuietExchange, desk: Context, settled: Settled, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    monkeypatch.setattr(quiet_exchange, "_exchange", lambda *_: seen.append(1))
    monkeypatch.setattr(quiet_exchange, "AFTER_A_LINE", 40)
    here: set[str] = set()
    monkeypatch.setattr(line, "addresses", lambda: frozenset(here))
    quiet.watch.setInterval(5)
    quiet.timer.start(LONGEST)
    qtbot.wait(30)
    assert seen == []
    assert "没有网" in desk.line.why(desk.clock.now())
    here.add("192.0.2.7")
    qtbot.waitUntil(lambda: bool(seen))
    settled()
    quiet.timer.start(LONGEST)
    here.clear()
    qtbot.wait(30)
    assert len(seen) == 1
    assert quiet.timer.remainingTime() > AFTER_A_LINE


def test_the_window_that_closes_leaves_a_silent_line_at_once(
    quiet: QuietExchange, desk: Context, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.store.set_setting("county", {"server_id": "s", "url": "http://127.0.0.1:9", "private_key": "00" * 32})
    begun, going_on, answered = threading.Event(), threading.Event(), threading.Event()

    def silent(*_: object) -> None:
        begun.set()
        going_on.wait(PATIENCE)
        answered.set()

    monkeypatch.setattr("sync.client.http.HttpCounty.exchange", silent)
    quiet.exchange()
    qtbot.waitUntil(begun.is_set)
    quiet.stop()
    desk.workers.aside.finish()
    assert not answered.is_set()
    going_on.set()
    assert not quiet.timer.isActive()
    assert desk.store.pending() > 0


@pytest.mark.parametrize(
    "error, words",
    [
        (CountyUnreachable("连不上。"), "连不上县里，约 3 分钟后自动再试"),
        (LineBroke("断了。"), "线路断了，约 3 分钟后自动再试；送到了的不会重来"),
        (CountyUnreachable("正忙。", code=LATER), "县里正忙，约 3 分钟后自动再试"),
        (CountyRefused("停用。"), "县里没有让收发"),
    ],
)
def test_why_it_waits_is_said_in_words(desk: Context, error: ShouwangError, words: str) -> None:
    now = desk.clock.now()
    desk.line.failed(error)
    desk.line.will_try(now + timedelta(minutes=3))
    assert words in desk.line.why(now)
    desk.line.will_try(now + timedelta(hours=3))
    assert "3 分钟" not in desk.line.why(now)
    assert ("约 3 小时后" in desk.line.why(now)) == (desk.line.trouble != "refused")
    desk.line.reached()
    assert "自动送" in desk.line.why(now)


def test_a_week_without_a_line_is_one_entry(desk: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.store.set_setting("county", {"server_id": "s", "url": "http://127.0.0.1:9", "private_key": "00" * 32})
    monkeypatch.setattr("sync.client.engine.exchange", unreachable)
    for _ in range(3):
        with pytest.raises(CountyUnreachable):
            exchanging.run(desk.store, desk_says_nothing)
    assert len(desk.store.setting(HISTORY)) == 1


class _Silent:
    stopped = False

    def tell(self, done: int, of: int, words: str = "") -> None:
        """Nobody listens."""


desk_says_nothing = _Silent()
