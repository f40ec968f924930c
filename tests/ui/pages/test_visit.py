"""A visit: few keys when nothing is new, nothing lost on the way, everything open said at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QImage, QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cases import papers
from app.records import Attachment, ChildVisit, ElderVisit, Sheet
from app.records.record import Value
from tests.ui import showing, village
from ui.changes import Notice
from ui.context import Context
from ui.pages.page import VisitWanted
from ui.pages.visit import VisitPage

Settled = Callable[[], None]
Open = Callable[..., VisitPage]


@pytest.fixture
def visit(desk: Context, qtbot: QtBot, settled: Settled) -> Open:
    pages: list[VisitPage] = []

    def show(*subjects: str, **more: str) -> VisitPage:
        page = showing.in_front(VisitPage(desk), qtbot)
        pages.append(page)
        page.show_what(VisitWanted(subjects, **more))
        settled()
        qtbot.waitUntil(lambda: not page.blocks or all(not block._to_build for block in page.blocks))
        return page

    return show


def fill(page: VisitPage, block: int = 0, **values: Value) -> None:
    for name, value in values.items():
        editor = page.blocks[block].form.editors[name]
        editor.set_value(value)
        editor._touched()


def keep_everything(page: VisitPage) -> None:
    for editor in page.blocks[0].form.editors.values():
        editor.keep()


class Keys:
    """Presses keys where the cursor is, and counts them."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.count = 0

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.count += 1
        self.qtbot.keyClick(QApplication.focusWidget(), key, held)

    def type(self, text: str) -> None:
        self.count += len(text)
        self.qtbot.keyClicks(QApplication.focusWidget(), text)


def test_a_routine_visit_takes_25_keys_beside_the_safety_answers(
    qtbot: QtBot, desk: Context, visit: Open, settled: Settled
) -> None:
    page = visit("c1", type="child_visit")
    safety, others = Keys(qtbot), Keys(qtbot)
    safety.press(Qt.Key.Key_1)  # the child was seen
    safety.press(Qt.Key.Key_1)  # no injuries
    safety.press(Qt.Key.Key_2)  # calm
    safety.type("nainai")
    safety.press(Qt.Key.Key_Return)
    for _ in range(3):
        others.press(Qt.Key.Key_F4)  # who was asked
    others.type("zt")  # the parents called yesterday
    others.press(Qt.Key.Key_Return)
    for _ in range(7):
        others.press(Qt.Key.Key_F4)  # the long answers and school
    with qtbot.waitSignal(page.go_back):
        others.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settled()
    done = [each for each in desk.store.of_subject(ChildVisit, "c1") if each.id != "v1"]
    assert len(done) == 1
    assert done[0].finished_at
    assert (done[0].living, done[0].child_is_with) == ("和奶奶、弟弟住，吃穿由奶奶照管。", "nainai")
    assert set(done[0].kept_answers) >= {"living", "family", "informant"}
    assert others.count <= 25
    assert others.count == 14


def test_the_safety_questions_offer_no_last_answer(visit: Open) -> None:
    editors = visit("c1").blocks[0].form.editors
    for name in ("child_seen", "injuries", "mood", "child_is_with"):
        assert editors[name].last is None
        assert editors[name].is_empty()
    assert editors["living"].last == "和奶奶、弟弟住，吃穿由奶奶照管。"


def test_all_problems_show_at_once_and_the_first_has_the_cursor(visit: Open, desk: Context) -> None:
    page = visit("c1")
    page.finish()
    assert "11 处" in page.problem_list.heading.text()
    assert QApplication.focusWidget() is page.blocks[0].form.editors["child_seen"].focus_target()
    assert "还没有填" in page.blocks[0].form.editors["living"].problem_line.text()
    assert desk.store.count(ChildVisit, subject="c1") == 1


def test_a_warning_can_be_confirmed(visit: Open, desk: Context, settled: Settled, qtbot: QtBot) -> None:
    page = visit("c1")
    keep_everything(page)
    fill(
        page,
        child_seen=True,
        injuries="none",
        mood="calm",
        child_is_with="奶奶",
        last_parent_contact_on=date(2026, 3, 1),
    )
    assert page.common
    page.common.editors["visited_on"].set_value(date(2024, 5, 1))
    page.finish()
    assert "离今天很久了" in page.common.editors["visited_on"].problem_line.text()
    page.blocks[0].confirmed.add("visited_on")
    with qtbot.waitSignal(page.go_back):
        page.finish()
    settled()
    assert desk.store.find(ChildVisit, visited_on=date(2024, 5, 1))


def test_what_was_typed_is_there_after_leaving_without_being_asked(
    visit: Open, desk: Context, settled: Settled
) -> None:
    page = visit("c1")
    fill(page, living="换了新床。")
    page.leaving()
    settled()
    again = visit("c1")
    assert again.blocks[0].form.editors["living"].value() == "换了新床。"
    assert desk.store.count(ChildVisit, subject="c1") == 1


def test_a_composition_is_in_the_draft_when_the_page_is_left(visit: Open, desk: Context, settled: Settled) -> None:
    page = visit("c1")
    editor = page.blocks[0].form.editors["mind"]
    editor.focus()
    QCoreApplication.sendEvent(editor.focus_target(), QInputMethodEvent("开朗多了", []))
    page.leaving()
    settled()
    assert visit("c1").blocks[0].form.editors["mind"].value() == "开朗多了"


def test_a_draft_is_kept_three_seconds_after_typing_at_the_latest(visit: Open) -> None:
    page = visit("c1")
    assert page._timer.interval() <= 3000
    fill(page, living="好")
    assert page._timer.isActive()


def test_a_page_only_looked_at_leaves_no_draft(visit: Open, desk: Context, settled: Settled) -> None:
    visit("c1").leaving()
    settled()
    assert desk.store.drafts() == []


def test_a_kept_answer_is_still_kept_when_the_draft_is_opened_again(visit: Open, settled: Settled) -> None:
    page = visit("c1")
    page.blocks[0].form.editors["family"].keep()
    page.leaving()
    settled()
    assert visit("c1").blocks[0].form.editors["family"].kept


def test_who_was_not_met_is_not_asked(visit: Open, desk: Context, settled: Settled, qtbot: QtBot) -> None:
    page = visit("c1")
    fill(page, outcome="other")
    assert not page.blocks[0].form.editors["living"].isVisible()
    page.finish()
    assert "没见到的原因" in page.blocks[0].form.editors["not_met_reason"].problem_line.text()
    fill(page, not_met_reason="赶集去了")
    with qtbot.waitSignal(page.go_back):
        page.finish()
    settled()
    assert desk.store.find(ChildVisit, outcome="other")


def test_a_finding_of_harm_shows_110_first_and_loses_nothing(
    visit: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    page = visit("c1")
    fill(page, living="手臂有伤")
    with qtbot.waitSignal(page.go) as gone:
        fill(page, injuries="unexplained")
    assert gone.args
    assert gone.args[0].place == "emergency"
    assert page.blocks[0].alarm.isVisible()
    settled()
    assert desk.store.drafts()[0].edited.living == "手臂有伤"  # type: ignore[attr-defined]


def test_the_whole_household_is_visited_and_taken_back_on_one_page(
    visit: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    said: list[Notice] = []
    desk.changes.said.connect(said.append)
    page = visit("c1")
    grandmother = next(each for each in page._others.findChildren(type(page.done_button)) if each.text() == "罗有珍")
    grandmother.click()
    settled()
    qtbot.waitUntil(lambda: len(page.blocks) == 2 and not page.blocks[1]._to_build)
    fill(page, elder_seen=True, mood="calm", health="fair", living_with="孙女", block=1)
    keep_everything(page)
    fill(
        page,
        child_seen=True,
        injuries="none",
        mood="calm",
        child_is_with="奶奶",
        last_parent_contact_on=date(2026, 3, 1),
    )
    assert page.common
    page.common.editors["visited_on"].set_value(date(2026, 3, 4))
    with qtbot.waitSignal(page.go_back):
        page.finish()
    settled()
    assert desk.store.find(ChildVisit, visited_on=date(2026, 3, 4))
    assert desk.store.find(ElderVisit, visited_on=date(2026, 3, 4))
    said[-1].undo()
    settled()
    assert not desk.store.find(ChildVisit, visited_on=date(2026, 3, 4))
    assert not desk.store.find(ElderVisit, visited_on=date(2026, 3, 4))


def test_tab_goes_down_the_paper_also_through_what_was_built_later(visit: Open, qtbot: QtBot) -> None:
    page = visit("c1")
    editors = page.blocks[0].form.editors
    editors["schooling_detail"].focus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is editors["concerns"].focus_target()


def test_the_number_on_a_sheet_opens_its_empty_visit(visit: Open, desk: Context) -> None:
    files = papers.gather(desk.store, ["c1"], "child")
    papers.number_sheets(desk.store, village.ME, files, "child_visit_record", "2026-11")
    sheet = desk.store.find(Sheet, person="c1")[0]
    page = visit(sheet=sheet.number or "")
    assert page.blocks[0].opened.person.id == "c1"
    assert page.blocks[0].opened.form.visit.sheet == sheet.id


def test_a_wrong_sheet_number_is_said_and_goes_back(desk: Context, visit: Open, qtbot: QtBot) -> None:
    said = []
    desk.changes.said.connect(lambda notice: said.append(notice.text))
    visit(sheet="99-99")
    assert any("表号" in text for text in said)


def test_a_finished_visit_is_amended_from_what_was_loaded(
    visit: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    page = visit(type="child_visit", record="v1")
    fill(page, living="其实还有姑姑照看。")
    with qtbot.waitSignal(page.go_back):
        page.finish()
    settled()
    last = desk.store.history("child_visit", "v1")[-1]
    assert last.before["living"] == "和奶奶、弟弟住，吃穿由奶奶照管。"
    assert not last.created


def test_photos_are_kept_small_and_ones_that_cannot_be_read_are_named(
    visit: Open, desk: Context, settled: Settled, tmp_path: Path
) -> None:
    said = []
    desk.changes.said.connect(lambda notice: said.append(notice.text))
    photo = tmp_path / "IMG_1.png"
    image = QImage(3000, 2000, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    image.save(str(photo))
    odd = tmp_path / "IMG_2.HEIC"
    odd.write_bytes(b"heic")
    page = visit("c1")
    page.photos.add_files([photo, odd])
    settled()
    kept = desk.store.of_subject(Attachment, "c1")
    assert [each.media_type for each in kept] == ["image/jpeg"]
    assert (kept[0].size or 0) <= 300_000
    small = QImage.fromData(desk.store.blob(kept[0].sha256 or ""))
    assert max(small.width(), small.height()) == 1600
    assert any("IMG_2.HEIC" in text for text in said)


def test_every_control_of_the_page_has_a_name_for_screen_readers(visit: Open) -> None:
    page = visit("c1")
    nameless = [
        each
        for each in page.findChildren(type(page).__mro__[2])
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.isVisible() and not each.accessibleName()
    ]
    assert [type(each).__name__ for each in nameless if type(each).__name__ != "QScrollArea"] == []
