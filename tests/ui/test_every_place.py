"""Every place of the window as an old laptop and a screen reader meet it: nothing cut off, nothing without a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.cases import deleted
from app.records import ChildVisit
from app.settings import Preferences
from app.training.workbooks import ledger
from tests.ui import village
from ui import look
from ui.context import Context
from ui.pages import PLACES
from ui.pages.exchange import LEAST_LINES, ExchangePage
from ui.pages.imports import ImportsPage
from ui.pages.page import PeopleToVisit, PrintWanted, VisitWanted
from ui.pages.registering import NewPersonWanted
from ui.windows.main import Desk

SCREENS = {"150 %": (911, 512, 12), "20 pt": (1366, 768, 20), "150 %, 20 pt": (911, 512, 20)}
WANTED: dict[str, object] = {
    "person": "c1",
    "visit": VisitWanted(("c1", "gm")),
    "visits": PeopleToVisit("child", ("c1", "c2")),
    "new_person": NewPersonWanted("child"),
    "printing": PrintWanted("visit_sheet", ("c1", "gm")),
    "exports": ("c1", "c2"),
}
"""What a place is opened for, so that it has something to show."""
CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QAbstractItemView, QComboBox, QAbstractSpinBox)
PARTS_OF_OTHERS = ("QHeaderView", "QLineEditIconButton", "QListView", "QTableCornerButton", "QToolButton",
                   "QComboBoxPrivateContainer", "QComboBoxListView")  # fmt: skip
"""What Qt makes inside a control that has a name itself."""
Settled = Callable[[], None]


@pytest.fixture(params=SCREENS)
def size(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[tuple[int, int]]:
    width, height, type_size = SCREENS[request.param]
    look.apply(qapp, Preferences(type_size=type_size))
    yield width, height
    look.apply(qapp, Preferences())


def opened(place: str, desk: Context, qtbot: QtBot, settled: Settled, size: tuple[int, int]) -> Desk:
    """The window with this place in front, filled."""
    if place == "bin":
        deleted.remove_visit(desk.store, village.ME, desk.store.require(ChildVisit, "v1"))
    window = Desk(desk, PLACES)
    qtbot.addWidget(window)
    window.resize(*size)
    window.show()
    window.open(place, WANTED.get(place))
    page = window.page
    if isinstance(page, ImportsPage):
        page.take_file(ledger())
    for _ in range(4):
        settled()
        qtbot.wait(30)
    return window


def unnamed(window: QWidget) -> list[QWidget]:
    """Controls that a screen reader could only call by their kind."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, CONTROLS)
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and not widget.objectName().startswith("qt_")
        and type(widget).__name__ not in PARTS_OF_OTHERS
    ]


def cut_off(window: QWidget) -> list[str]:
    """Words and buttons that have less room than they need, or stand outside the window."""
    shown = [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, (QLabel, QAbstractButton))
        and not isinstance(widget, look.ElidedLabel)  # it says itself that there is more
        and widget.isVisible()
        and _words(widget)
    ]
    return [f"{_words(each)}: {why}" for each in shown if (why := _lacks(each) or _leaves(each, window))]


def _words(widget: QLabel | QAbstractButton) -> str:
    return "" if widget.objectName().startswith("qt_") else widget.text()


def _lacks(widget: QLabel | QAbstractButton) -> str:
    if isinstance(widget, QLabel) and widget.wordWrap():
        tall = widget.heightForWidth(widget.width())
        return f"{widget.height()} high of {tall}" if widget.height() < tall else ""
    needed = widget.minimumSizeHint() if isinstance(widget, QAbstractButton) else widget.sizeHint()
    if widget.width() < needed.width():
        return f"{widget.width()} wide of {needed.width()}"
    return f"{widget.height()} high of {needed.height()}" if widget.height() < needed.height() else ""


def _leaves(widget: QWidget, window: QWidget) -> str:
    """Whether it stands beyond what can be seen or scrolled to."""
    scrolls = _scroll_area(widget)
    edge = (scrolls.widget() if scrolls is not None else None) or window
    there = QRect(widget.mapTo(edge, QPoint()), widget.size())
    if scrolls is not None:
        reach = edge.width() if scrolls.horizontalScrollBar().maximum() else scrolls.viewport().width()
        return "" if there.right() < reach and there.left() >= 0 else f"{there} beyond {reach}"
    return "" if edge.rect().contains(there) else f"{there} outside"


def _scroll_area(widget: QWidget) -> QScrollArea | None:
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QAbstractScrollArea):
        above = above.parentWidget()
    return above if isinstance(above, QScrollArea) else None


@pytest.mark.parametrize("place", [place.name for place in PLACES])
def test_nothing_is_cut_off(place: str, size: tuple[int, int], desk: Context, qtbot: QtBot, settled: Settled) -> None:
    window = opened(place, desk, qtbot, settled, size)
    assert (window.width(), window.height()) == size
    assert cut_off(window) == []


def test_what_waits_to_be_sent_is_never_squeezed_to_its_heading(
    size: tuple[int, int], desk: Context, qtbot: QtBot, settled: Settled
) -> None:
    page = opened("exchange", desk, qtbot, settled, size).page
    assert isinstance(page, ExchangePage)
    page.show_tab("waiting")
    settled()
    assert page.waiting.table.lines
    assert page.waiting.height() >= page.waiting.height_of(LEAST_LINES)


@pytest.mark.parametrize("place", [place.name for place in PLACES])
def test_every_control_has_a_name_to_read_out(place: str, desk: Context, qtbot: QtBot, settled: Settled) -> None:
    window = opened(place, desk, qtbot, settled, (1366, 768))
    assert [f"{type(widget).__name__} in {type(widget.parent()).__name__}" for widget in unnamed(window)] == []
