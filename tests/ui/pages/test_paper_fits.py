"""Importing, printing, exporting and the exchange on the screen of an old laptop, at 150 % and at the largest type."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.settings import Preferences
from app.training.workbooks import blank_table, ledger
from ui import look
from ui.context import Context
from ui.pages import PLACES
from ui.pages.exchange import ExchangePage
from ui.pages.exporting import ExportPage
from ui.pages.imports import ImportsPage
from ui.pages.page import PrintWanted
from ui.pages.printing import PrintingPage
from ui.windows.main import Desk

SCREENS = {"150 %": (911, 512, 12), "20 pt": (1366, 768, 20), "as usual": (1366, 768, 12)}
PARTS_OF_OTHERS = ("QHeaderView", "QLineEditIconButton", "QListView", "QTableCornerButton", "QToolButton")
"""What Qt makes inside a control that has a name itself."""
Settled = Callable[[], None]


@pytest.fixture(params=SCREENS)
def window(request: pytest.FixtureRequest, desk: Context, qapp: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    width, height, size = SCREENS[request.param]
    look.apply(qapp, Preferences(type_size=size))
    made = Desk(desk, PLACES)
    qtbot.addWidget(made)
    made.resize(width, height)
    made.show()
    yield made
    assert (made.width(), made.height()) == (width, height)
    look.apply(qapp, Preferences())


def inside(window: Desk, *buttons: QWidget) -> bool:
    """Whether each of them is wholly on the screen."""
    places = [QRect(button.mapTo(window, button.rect().topLeft()), button.size()) for button in buttons]
    return all(button.isVisible() for button in buttons) and all(window.rect().contains(place) for place in places)


def test_an_import_can_be_carried_through(window: Desk, settled: Settled) -> None:
    window.open("imports")
    page = window.page
    assert isinstance(page, ImportsPage)
    settled()
    assert inside(window, page.choose.button)
    page.take_file(ledger())
    settled()
    assert inside(window, page.mapping.go_on)
    page.mapping.accept()
    settled()
    assert inside(window, page.preview.commit, page.preview.save)


def test_something_can_be_printed(window: Desk, qtbot: QtBot, settled: Settled) -> None:
    window.open_print(PrintWanted("visit_sheet", ("c1", "gm")))
    page = window.page
    assert isinstance(page, PrintingPage)
    page.make_preview()
    settled()
    qtbot.wait(20)
    assert inside(window, page.print, page.save, page.stick, page.people.line)
    assert page.view.height() > 100


def test_a_list_can_be_saved_and_a_table_filled(window: Desk, settled: Settled) -> None:
    window.open("exports", ("c1", "c2"))
    page = window.page
    assert isinstance(page, ExportPage)
    settled()
    assert inside(window, page.save, page.columns.keep)
    page.take_file(blank_table())
    settled()
    assert inside(window, page.mapping.go_on)


def test_a_county_can_be_joined(window: Desk, settled: Settled) -> None:
    window.open("exchange")
    page = window.page
    assert isinstance(page, ExchangePage)
    settled()
    assert inside(window, page.joining.act, page.joining.url, page.joining.code)


@pytest.mark.parametrize("place", ["imports", "printing", "exports", "exchange"])
def test_every_control_has_a_name_to_read_out(place: str, desk: Context, qtbot: QtBot, settled: Settled) -> None:
    window = Desk(desk, PLACES)
    qtbot.addWidget(window)
    window.show()
    window.open(place)
    page = window.page
    assert page is not None
    if isinstance(page, ImportsPage):
        page.take_file(ledger())
    settled()
    kinds = (QAbstractButton, QLineEdit, QAbstractItemView, QComboBox)
    unnamed = [
        widget
        for widget in page.findChildren(QWidget)
        if isinstance(widget, kinds)
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and not widget.objectName().startswith("qt_")
        and type(widget).__name__ not in PARTS_OF_OTHERS
    ]
    assert not unnamed
