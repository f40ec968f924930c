"""What has to be pressed is on the screen of an old laptop, at 150 % and at the largest type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.settings import Preferences
from app.store.vault import new_recovery_code
from ui import look
from ui.context import Context
from ui.pages import PLACES
from ui.pages.today import TodayPage
from ui.windows.first_start import FirstStart
from ui.windows.main import Desk
from ui.windows.unlock import UnlockPanel

SCREENS = {
    "150 %": (911, 512, 12),
    "20 pt": (1366, 768, 20),
    "150 %, 20 pt": (911, 512, 20),
    "as usual": (1366, 768, 12),
}


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[tuple[int, int]]:
    width, height, size = SCREENS[request.param]
    look.apply(qapp, Preferences(type_size=size))
    yield width, height
    look.apply(qapp, Preferences())


def _shown(widget: QWidget, screen: tuple[int, int], qtbot: QtBot) -> None:
    qtbot.addWidget(widget)
    widget.resize(*screen)
    widget.show()
    qtbot.wait(20)


def _inside(button: QWidget, window: QWidget) -> bool:
    there = QRect(button.mapTo(window, button.rect().topLeft()), button.size())
    return window.rect().contains(there)


def test_every_step_of_the_first_start_can_be_finished(screen: tuple[int, int], qtbot: QtBot) -> None:
    start = FirstStart(12)
    _shown(start, screen, qtbot)
    start.show_code(new_recovery_code())
    for step in range(6):
        start._turn(step)
        qtbot.wait(10)
        assert (start.width(), start.height()) == screen
        assert _inside(start.next, start), step


def test_the_lock_can_be_opened(screen: tuple[int, int], qtbot: QtBot) -> None:
    panel = UnlockPanel("练习村")
    _shown(panel, screen, qtbot)
    assert (panel.width(), panel.height()) == screen
    assert _inside(panel.enter, panel)
    assert _inside(panel.forgotten, panel)


def test_today_can_be_worked_with(screen: tuple[int, int], desk: Context, qtbot: QtBot) -> None:
    window = Desk(desk, PLACES)
    _shown(window, screen, qtbot)
    window.open("today")
    qtbot.wait(20)
    assert (window.width(), window.height()) == screen
    page = window.page
    assert isinstance(page, TodayPage)
    for button in (page.visit, page.print, window.rail.emergency, window.finder.field):
        assert _inside(button, window)


def test_what_one_clicks_is_high_enough_to_hit(desk: Context, qtbot: QtBot) -> None:
    window = Desk(desk, PLACES)
    _shown(window, (1366, 768), qtbot)
    small = []
    for place in ("today", "settings", "emergency"):
        window.open(place)
        qtbot.wait(20)
        buttons = [each for each in window.findChildren(QAbstractButton) if each.isVisible() and each.text()]
        small += [(place, each.text(), each.height()) for each in buttons if each.height() < 32]
    assert not small
