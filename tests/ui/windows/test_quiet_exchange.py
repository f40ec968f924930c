"""The exchange nobody has to think of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.errors import CountyUnreachable
from app.records import Person
from app.store.results import Changes
from tests.ui import village
from ui import exchanging
from ui.context import Context
from ui.windows import quiet_exchange
from ui.windows.quiet_exchange import AFTER_A_CHANGE, AFTER_OPENING, EVERY, LONGEST, QuietExchange

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
    assert desk.reader.setting(exchanging.HISTORY) is None
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
    for _ in range(5):
        quiet.exchange()
        settled()
        pauses.append(quiet.pause)
    assert pauses == [2 * EVERY, 4 * EVERY, LONGEST, LONGEST, LONGEST]
    assert said == []
    assert LONGEST / 2 * 0.99 <= quiet.timer.remainingTime() <= LONGEST


def test_a_week_without_a_line_is_one_entry(desk: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.store.set_setting("county", {"server_id": "s", "url": "http://127.0.0.1:9", "private_key": "00" * 32})
    monkeypatch.setattr("sync.client.engine.exchange", unreachable)
    for _ in range(3):
        with pytest.raises(CountyUnreachable):
            exchanging.run(desk.store, desk_says_nothing)
    assert len(desk.store.setting(exchanging.HISTORY)) == 1


class _Silent:
    stopped = False

    def tell(self, done: int, of: int, words: str = "") -> None:
        """Nobody listens."""


desk_says_nothing = _Silent()
