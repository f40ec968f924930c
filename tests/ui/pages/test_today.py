"""今日 with a village, without one, and with the numbers behind its picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.records.child import Child
from app.settings import Preferences
from app.store import Post, create_store
from tests.ui import village
from ui.context import Context
from ui.pages.today import TodayPage


@pytest.fixture
def empty_desk(tmp_path: Path) -> Iterator[Context]:
    post = Post(village.ORG, "child_director", "王家寨村")
    store = create_store(tmp_path / "empty", "四个词的口令甲乙", post=post, holder_name="陆大桥").store
    context = Context(
        store=store, actor=village.ME, clock=store.clock, preferences=Preferences(), folder=tmp_path / "empty"
    )
    yield context
    context.close()


def test_a_new_desk_says_how_to_begin(empty_desk: Context, qtbot: QtBot) -> None:
    page = TodayPage(empty_desk)
    qtbot.addWidget(page)
    page.refresh()
    qtbot.waitUntil(lambda: page.nothing is not None)
    assert page.nothing is not None
    assert page.nothing.words.text().startswith("还没有名单。")
    assert not page.visit.isEnabled()


def test_the_numbers_of_the_chart_are_one_key_away(desk: Context, qtbot: QtBot, settled: Callable[[], None]) -> None:
    page = TodayPage(desk)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    settled()
    assert "应走访 1 人" in page.chart.accessibleName()
    page.turn.click()
    assert page.numbers.isVisible()
    assert page.numbers.text().startswith("应走访 1 人，已走访 0 人")


def test_only_as_many_as_fit_are_listed(desk: Context, qtbot: QtBot, settled: Callable[[], None]) -> None:
    child = desk.reader.require(Child, "c2")
    desk.write(desk.changes, lambda store: store.save(village.ME, (child, replace(child, risk_level="high")))).run()
    desk.write(desk.changes, lambda store: store.set_setting("visits_a_day", 1)).run()
    desk.write(desk.changes, lambda store: store.set_setting("days_ahead", 1)).run()
    settled()
    page = TodayPage(desk)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    settled()
    assert len(page.walk.chosen()) == 1
    assert page.more.isVisible()
    assert "1 人" in page.more.text()
