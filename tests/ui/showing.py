"""A page before the user: as large as in the window of an old laptop, and filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pytestqt.qtbot import QtBot

from ui.pages.page import Page

P = TypeVar("P", bound=Page)


def shown(page: P, qtbot: QtBot, settled: Callable[[], None]) -> P:
    """A page that shows what it always shows."""
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    page.refresh()
    settled()
    return page


def in_front(page: P, qtbot: QtBot) -> P:
    """A page that takes the keys; what it is to show is still to be said."""
    qtbot.addWidget(page)
    page.resize(1200, 700)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    return page
