"""回收站: who deleted what, and one key to bring it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.cases import deleted, register
from app.records import Child, ChildVisit, Kinship, Person
from tests.ui import village
from ui.changes import Notice
from ui.context import Context
from ui.pages.bin import BinPage
from ui.pages.page import VisitWanted
from ui.pages.person import PersonPage
from ui.pages.visit import VisitPage

Settled = Callable[[], None]


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> BinPage:
    store = desk.store
    register.remove(store, village.ME, store.require(Kinship, "k1c2"))
    deleted.remove_visit(store, village.ME, store.require(ChildVisit, "v1"))
    deleted.remove_person(store, village.ME, "c1")
    page = BinPage(desk)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    settled()
    return page


def test_it_says_whose_it_was_and_what(page: BinPage) -> None:
    lines = sorted((line.name, line.what, line.deletion.author) for line in page.view.table.lines)
    assert lines == [
        ("王大寒", "亲属：母 阿·木·乃", "陆大桥"),
        ("王小满", "2026-02-10 的入户走访", "陆大桥"),
        ("王小满", "儿童登记", "陆大桥"),
    ]
    left = page.view.table.columns[-1]
    assert {left.text(line) for line in page.view.table.lines} == {"送到县里再算"}


def test_enter_brings_it_back_and_can_be_taken_back(
    page: BinPage, desk: Context, qtbot: QtBot, settled: Settled
) -> None:
    said: list[Notice] = []
    desk.changes.said.connect(said.append)
    row = next(row for row, line in enumerate(page.view.table.lines) if line.what.endswith("登记"))
    page.view.setCurrentIndex(page.view.table.index(row, 0))
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    settled()
    assert desk.store.get(Child, "c1") is not None
    assert said[-1].undo is not None
    said[-1].undo()
    settled()
    assert desk.store.get(Person, "c1") is None


def test_an_empty_bin_says_how_long_things_stay(desk: Context, qtbot: QtBot, settled: Settled) -> None:
    page = BinPage(desk)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    settled()
    assert "90 天" in page.empty.words.text()
    assert not page.put_back_button.isVisible()


def test_a_wrong_entry_is_deleted_from_its_page_and_what_stays_is_said(
    desk: Context, qtbot: QtBot, settled: Settled
) -> None:
    said: list[Notice] = []
    desk.changes.said.connect(said.append)
    page = PersonPage(desk)
    qtbot.addWidget(page)
    desk.changes.changed.connect(lambda _: page.refresh())
    page.show_what("c1")
    settled()
    with qtbot.waitSignal(page.go_back):
        page.verbs.remove()
    settled()
    assert desk.store.get(Person, "c1") is None
    assert "名下 1 次走访" in said[-1].advice
    assert said[-1].undo is not None
    said[-1].undo()
    settled()
    assert desk.store.get(Person, "c1") is not None


def test_a_visit_that_did_not_take_place_is_deleted_from_its_page(
    desk: Context, qtbot: QtBot, settled: Settled
) -> None:
    page = VisitPage(desk)
    qtbot.addWidget(page)
    page.show()
    page.show_what(VisitWanted(("c2",)))
    settled()
    assert not page.remove_button.isVisible()
    page.show_what(VisitWanted(("c1",), "child_visit", "v1"))
    settled()
    with qtbot.waitSignal(page.go_back):
        page.remove_button.click()
    settled()
    assert desk.store.get(ChildVisit, "v1") is None
