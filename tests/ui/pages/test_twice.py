"""可能重复登记: pairs with reasons, two registrations side by side, joined and taken apart by keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.cases import duplicates
from app.records import ChildVisit, Person
from tests.ui import village
from ui.changes import Notice
from ui.context import Context
from ui.models.people_alike import people_alike
from ui.models.person_file import gather
from ui.pages.page import SameAsWanted
from ui.pages.person import PersonPage
from ui.pages.today import TodayPage
from ui.pages.twice import TwicePage

Settled = Callable[[], None]


@pytest.fixture
def again(desk: Context) -> Person:
    """Somebody whom a colleague registered a second time."""
    first = desk.store.require(Person, "c1")
    second = replace(first, id="z" * 32, stamps={}, name="王小曼", phones=("139",), village_group="九组")
    desk.store.save(village.ME, (None, second))
    return second


@pytest.fixture
def page(desk: Context, again: Person, qtbot: QtBot, settled: Settled) -> TwicePage:
    page = TwicePage(desk)
    qtbot.addWidget(page)
    page.show()
    page.shown()
    settled()
    return page


def at(page: TwicePage, label: str) -> int:
    return next(row for row, line in enumerate(page.sides.table.lines) if label in line.label)


def test_a_pair_is_shown_with_its_reason_and_both_sides(page: TwicePage) -> None:
    (pair,) = page.pairs.table.lines
    assert (pair.one[:3], pair.another[:3]) == ("王小满", "王小曼")
    assert "读音相同" in pair.why
    shown = {line.label: (line.one, line.another, line.kept) for line in page.sides.table.lines}
    assert shown["村民小组"][1:] == ("九组", "◀ 先")
    assert page.sides.table.lines[-1].kept == "一样"
    assert "1 次走访" in page.words.text()


def test_the_arrow_chooses_and_enter_joins_and_one_key_takes_it_back(
    page: TwicePage, desk: Context, again: Person, qtbot: QtBot, settled: Settled
) -> None:
    said: list[Notice] = []
    desk.changes.said.connect(said.append)
    page.sides.setFocus()
    page.sides.setCurrentIndex(page.sides.table.index(at(page, "村民小组"), 0))
    qtbot.keyClick(page.sides, Qt.Key.Key_Right)
    assert page.sides.table.lines[at(page, "村民小组")].kept == "后 ▶"
    page.join()
    settled()
    assert desk.store.same().stands_for(again.id) == "c1"
    assert desk.store.require(Person, "c1").village_group == "九组"
    assert said[-1].undo is not None
    said[-1].undo()
    settled()
    assert desk.store.same().stands_for(again.id) == again.id
    assert desk.store.require(Person, "c1").village_group != "九组"


def test_two_people_are_not_asked_about_again(page: TwicePage, settled: Settled) -> None:
    page.part()
    settled()
    page.refresh()
    settled()
    assert page.pairs.table.lines == []
    assert page.empty.isVisible()
    assert not page.join_button.isVisible()


def test_from_a_person_another_one_is_looked_for(page: TwicePage, settled: Settled) -> None:
    page.show_what(SameAsWanted("c2"))
    page.shown()
    settled()
    assert page.picker.isVisible()
    assert not page.join_button.isVisible()
    page.picker.set_value("c1")
    page.picker.advanced.emit()
    settled()
    assert page.join_button.isVisible()


def test_today_says_that_there_are_some_and_leads_there(
    desk: Context, again: Person, qtbot: QtBot, settled: Settled
) -> None:
    page = TodayPage(desk)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    settled()
    link = page.twice.findChild(QAbstractButton)
    assert "1 对" in link.text()
    with qtbot.waitSignal(page.go) as going:
        link.click()
    assert going.args[0].place == "twice"
    changes = duplicates.mark_different(desk.store, village.ME, "c1", again.id)
    assert page.concerns(changes)
    page.refresh()
    settled()
    assert not page.twice.isVisible()


def test_the_page_of_either_shows_the_one_and_takes_them_apart(
    desk: Context, again: Person, qtbot: QtBot, settled: Settled
) -> None:
    duplicates.mark_same(desk.store, village.ME, "c1", again.id)
    file = gather(desk.store, again.id)
    assert file is not None
    assert (file.person.id, file.registrations) == ("c1", 2)
    assert [each.id for each in people_alike(desk.store, "王小曼", "")] == ["c1"]
    page = PersonPage(desk)
    qtbot.addWidget(page)
    page.show_what(again.id)
    settled()
    assert "登记过 2 次" in page.head.about.text()
    page.verbs.separate()
    settled()
    assert desk.store.same().stands_for(again.id) == again.id
    assert desk.store.count(ChildVisit, subject="c1") == 1
