"""走访: four lists, and the number on a sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.cases import deleted, papers, visits
from app.records import Sheet
from tests.ui import showing, village
from ui.context import Context
from ui.pages.page import PeopleToVisit, PrintWanted, VisitWanted
from ui.pages.visits import VisitsPage

Settled = Callable[[], None]


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> VisitsPage:
    form = visits.start_visit(desk.store, village.ME, "c2", "child", village.TODAY)
    visits.save_draft(desk.store, village.ME, None, replace(form.visit, living="写到一半"))
    files = papers.gather(desk.store, ["c1", "c2"], "child")
    papers.number_sheets(desk.store, village.ME, files, "child_visit_record", "2026-11")
    page = showing.in_front(VisitsPage(desk), qtbot)
    page.shown()
    settled()
    return page


def test_it_opens_on_whom_to_visit_and_counts_the_rest(page: VisitsPage) -> None:
    counts = [chip.text().split()[-1] for chip in page.chips.values()]
    assert counts == ["1", "1", "2", "2", "0"]
    line = page.current()
    assert line
    assert (line.name, line.is_late) == ("王小满", True)
    assert "过 9 天" in line.why


def test_enter_goes_on_with_a_draft(page: VisitsPage, qtbot: QtBot) -> None:
    page.chips["drafts"].click()
    page.view.setFocus()
    with qtbot.waitSignal(page.open_visit) as asked:
        qtbot.keyClick(page.view, Qt.Key.Key_Return)
    assert asked.args
    assert (asked.args[0].subjects, asked.args[0].type) == (("c2",), "child_visit")
    assert asked.args[0].record


def test_a_draft_thrown_away_can_be_brought_back(page: VisitsPage, desk: Context, settled: Settled) -> None:
    said = []
    desk.changes.said.connect(said.append)
    page.show_list("drafts")
    page.drop_button.click()
    settled()
    assert desk.store.drafts() == []
    said[-1].undo()
    settled()
    assert desk.store.drafts()[0].edited.living == "写到一半"  # type: ignore[attr-defined]


def test_the_number_on_a_sheet_opens_its_visit(page: VisitsPage, qtbot: QtBot) -> None:
    page.number.setText(" 12-345 ")
    with qtbot.waitSignal(page.open_visit) as asked:
        qtbot.keyClick(page.number, Qt.Key.Key_Return)
    assert asked.args == [VisitWanted(sheet="12-345")]


def test_a_lost_sheet_leaves_the_list(page: VisitsPage, desk: Context, settled: Settled) -> None:
    page.show_list("sheets")
    page.lost_button.click()
    settled()
    page.refresh()
    settled()
    assert len(page.lists.sheets) == 1
    assert desk.store.count(Sheet, state="lost") == 1


def test_what_was_done_is_opened_to_be_amended(page: VisitsPage, qtbot: QtBot) -> None:
    page.show_list("done")
    with qtbot.waitSignal(page.open_visit) as asked:
        page.open_current()
    assert asked.args
    assert asked.args[0].record in ("v1", "e1")


def test_an_empty_list_says_what_will_appear(desk: Context, qtbot: QtBot, settled: Settled) -> None:
    page = VisitsPage(desk)
    qtbot.addWidget(page)
    page.show()
    page.refresh()
    settled()
    page.show_list("sheets")
    assert page.empty.isVisible()
    assert "都录入了" in page.empty.words.text()


def test_those_picked_in_the_register_are_listed_with_their_last_visit_and_printed_at_once(
    page: VisitsPage, qtbot: QtBot, settled: Settled
) -> None:
    assert not page.chips["picked"].isVisible()
    page.show_what(PeopleToVisit("child", ("n1", "c1")))
    page.shown()
    settled()
    assert page.chips["picked"].isVisible()
    lines = page.lists.picked
    assert [(line.name, line.why) for line in lines] == [
        ("赵一一", "还没有走访过"),
        ("王小满", "高风险，每半个月走访一次；上次 2026-02-10"),
    ]
    page.view.setFocus()
    with qtbot.waitSignal(page.open_print) as printed:
        qtbot.keyClick(page.view, Qt.Key.Key_P)
    assert printed.args == [PrintWanted("visit_sheet", ("n1", "c1"))]
    with qtbot.waitSignal(page.open_visit) as visited:
        qtbot.keyClick(page.view, Qt.Key.Key_V)
    assert visited.args == [VisitWanted(("n1",), "child_visit")]


def test_visits_of_somebody_in_the_bin_are_not_shown_without_a_name(
    page: VisitsPage, desk: Context, settled: Settled
) -> None:
    deleted.remove_person(desk.store, village.ME, "c1")
    page.refresh()
    settled()
    assert [line.name for line in page.lists.done] == ["罗有珍"]
