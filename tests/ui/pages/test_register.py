"""台账: whom a filter shows, how it reads, and what a selection leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from pytestqt.qtbot import QtBot

from app.records.dates import full_age
from app.records.person import Person
from tests.ui import showing
from ui.context import Context
from ui.models import RegisterFilter
from ui.pages.page import Going, PeopleToVisit, PrintWanted, VisitWanted
from ui.pages.register import RegisterPage

Settled = Callable[[], None]


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> RegisterPage:
    return showing.shown(RegisterPage(desk), qtbot, settled)


def names(page: RegisterPage, settled: Settled) -> list[str]:
    for row in range(page.table.rowCount()):
        page.table.line(row)
    settled()
    return [page.table.line(row).name for row in range(page.table.rowCount())]  # type: ignore[union-attr]


def test_the_filter_reads_as_a_sentence() -> None:
    wanted = RegisterFilter("child", "三组", ("high",), ages=(8, 13), due_only=True)
    assert wanted.sentence(2) == "三组、高风险、8–13 岁、该走访的儿童，共 2 人"
    assert RegisterFilter("elder").sentence(1431) == "全部老年人，共 1,431 人"


@pytest.mark.parametrize("today", [date(2026, 3, 5), date(2028, 2, 29), date(2027, 1, 1)])
def test_the_ages_of_a_filter_are_those_of_the_law(today: date) -> None:
    query = RegisterFilter("child", ages=(8, 13)).query(today)
    first, last = date.fromisoformat(query.born_from), date.fromisoformat(query.born_until)
    assert (full_age(first, today), full_age(first - timedelta(days=1), today)) == (13, 14)
    assert (full_age(last, today), full_age(last + timedelta(days=1), today)) == (8, 7)


def test_a_kept_filter_comes_back(desk: Context, qtbot: QtBot, page: RegisterPage, settled: Settled) -> None:
    page.show_filter(RegisterFilter("child", "三组", ("high", "medium"), ages=(8, 13)))
    settled()
    again = RegisterPage(desk)
    qtbot.addWidget(again)
    assert again.filter == page.filter


def test_only_those_due_are_shown_when_asked(page: RegisterPage, settled: Settled) -> None:
    page.bar.due.click()
    settled()
    assert names(page, settled) == ["王小满"]
    assert page.sentence.text() == "该走访的儿童，共 1 人"


def test_households_show_their_members(page: RegisterPage, settled: Settled) -> None:
    page.kinds["household"].click()
    settled()
    page.table.line(0)
    settled()
    assert page.table.line(0).names == "王小满、王大寒、罗有珍"  # type: ignore[union-attr]
    assert page.sentence.text() == "全部家庭，共 1 户"


def test_the_village_groups_offered_are_those_that_occur(page: RegisterPage) -> None:
    assert page.bar.groups == ("一组", "二组", "三组")


def test_enter_opens_and_v_starts_a_visit(qtbot: QtBot, page: RegisterPage, settled: Settled) -> None:
    page.show_filter(RegisterFilter("child", "三组", ("high",)))
    settled()
    names(page, settled)
    with qtbot.waitSignal(page.open_person) as opened:
        qtbot.keyClick(page.view, Qt.Key.Key_Return)
    assert opened.args == ["c1"]
    with qtbot.waitSignal(page.open_visit) as visited:
        qtbot.keyClick(page.view, Qt.Key.Key_V)
    assert visited.args == [VisitWanted(("c1",), "child_visit")]


def test_v_on_several_lists_them_for_visiting(qtbot: QtBot, page: RegisterPage, settled: Settled) -> None:
    page.show_filter(RegisterFilter("child", "三组"))
    settled()
    page.view.selectAll()
    with qtbot.waitSignal(page.go) as gone:
        qtbot.keyClick(page.view, Qt.Key.Key_V)
    assert gone.args == [Going("visits", PeopleToVisit("child", ("c2", "c1")))]
    with qtbot.waitSignal(page.open_print) as printed:
        page.print_visit_sheets()
    assert printed.args == [PrintWanted("visit_sheet", ("c2", "c1"))]


def test_p_takes_the_selected_to_the_printing_place(qtbot: QtBot, page: RegisterPage, settled: Settled) -> None:
    page.show_filter(RegisterFilter("child", "三组"))
    settled()
    page.view.selectAll()
    with qtbot.waitSignal(page.open_print) as printed:
        qtbot.keyClick(page.view, Qt.Key.Key_P)
    assert printed.args == [PrintWanted("", ("c2", "c1"))]


def test_a_selection_with_gaps_takes_only_the_chosen(qtbot: QtBot, page: RegisterPage, settled: Settled) -> None:
    everybody = names(page, settled)
    page.view.clearSelection()
    select = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (0, 4):
        page.view.selectionModel().select(page.table.index(row, 0), select)
    with qtbot.waitSignal(page.open_print) as printed:
        page.print_selected()
    assert printed.args is not None
    chosen = [page.context.store.require(Person, id_).name for id_ in printed.args[0].subjects]
    assert chosen == [everybody[0], everybody[4]]


def test_chosen_columns_are_kept(desk: Context, qtbot: QtBot, page: RegisterPage, settled: Settled) -> None:
    page._choose_column("phones", True)
    settled()
    again = RegisterPage(desk)
    qtbot.addWidget(again)
    assert "phones" in [column.name for column in again.table.columns]


def test_a_heading_puts_the_list_in_order(page: RegisterPage, settled: Settled) -> None:
    place = [column.name for column in page.table.columns].index("risk_level")
    page.view.horizontalHeader().sectionClicked.emit(place)
    settled()
    assert names(page, settled)[:2] == ["王小满", "王大寒"]
