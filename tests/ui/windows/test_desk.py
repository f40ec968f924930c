"""The desk with a real store: places, search, changes, undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.clock import FixedClock
from app.errors import UserError
from app.records.person import Person
from sync.client.credentials import as_setting, prepared
from tests.ui import village
from ui.context import Context
from ui.look import commit_composition
from ui.pages import Place
from ui.pages.page import Page
from ui.pages.today import TodayPage
from ui.tasks import Progress
from ui.windows.main import Desk, exchange_light
from ui.windows.strip import TaskBar


class _Open(Page):
    place = "person"
    shown_person = ""

    def show_what(self, what: object) -> None:
        self.shown_person = str(what)


PLACES = (Place("today", "今日", "today", TodayPage), Place("person", "", "person", _Open))


@pytest.fixture
def window(desk: Context, qtbot: QtBot, settled: Callable[[], None]) -> Desk:
    made = Desk(desk, PLACES)
    qtbot.addWidget(made)
    made.resize(1200, 700)
    made.show()
    made.open("today")
    settled()
    return made


def test_today_says_whom_to_visit_and_why(window: Desk) -> None:
    page = window.page
    assert isinstance(page, TodayPage)
    visit = page.walk.chosen()[0]
    assert visit.name == "王小满"
    assert visit.reason == "高风险，每半个月走访一次，过 9 天"


def test_enter_on_today_opens_the_person(window: Desk, qtbot: QtBot) -> None:
    page = window.page
    assert isinstance(page, TodayPage)
    qtbot.keyClick(page.walk, Qt.Key.Key_Return)
    opened = window.page
    assert isinstance(opened, _Open)
    assert opened.shown_person == "c1"
    window.back()
    assert window.page is page


def test_v_and_p_ask_for_a_visit_and_for_sheets(window: Desk, qtbot: QtBot) -> None:
    page = window.page
    assert isinstance(page, TodayPage)
    with qtbot.waitSignal(page.open_visit) as visit:
        qtbot.keyClick(page.walk, Qt.Key.Key_V)
    with qtbot.waitSignal(page.open_print) as sheets:
        qtbot.keyClick(page.walk, Qt.Key.Key_P)
    assert visit.args[0].subjects == ("c1",)
    assert sheets.args[0].form == "visit_sheet"


def test_initials_find_a_person_and_enter_opens_them(window: Desk, qtbot: QtBot, settled: Callable[[], None]) -> None:
    window.finder.start()
    qtbot.keyClicks(window.finder.field, "wdh")
    settled()
    assert window.finder.list.count() == 1
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Return)
    opened = window.page
    assert isinstance(opened, _Open)
    assert opened.shown_person == "c2"


def test_enter_before_the_answer_came_still_opens_the_person(
    window: Desk, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    window.finder.start()
    qtbot.keyClicks(window.finder.field, "wdh")
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Return)
    settled()
    assert isinstance(window.page, _Open)


def test_a_composition_in_the_search_box_is_neither_submitted_nor_lost(
    window: Desk, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    window.finder.start()
    window.finder.field.setText("王")
    QCoreApplication.sendEvent(window.finder.field, QInputMethodEvent("大寒", []))
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Return)
    settled()
    assert isinstance(window.page, TodayPage)
    commit_composition()
    settled()
    assert window.finder.field.text() == "王大寒"
    assert window.finder.list.count() == 1


def test_escape_closes_the_answers(window: Desk, qtbot: QtBot, settled: Callable[[], None]) -> None:
    window.finder.start()
    qtbot.keyClicks(window.finder.field, "w")
    settled()
    assert window.finder.answers.isVisible()
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Escape)
    assert not window.finder.answers.isVisible()


def test_a_save_refreshes_the_page_marks_the_time_and_can_be_undone(
    window: Desk, desk: Context, settled: Callable[[], None]
) -> None:
    person = desk.reader.require(Person, "c1")
    changes: list[object] = []
    desk.write(window, lambda store: store.save(village.ME, (person, replace(person, name="王小曼")))).then(
        lambda saved: (changes.append(saved), desk.say("已改名。", undo=saved))
    ).run()
    settled()
    page = window.page
    assert isinstance(page, TodayPage)
    assert page.walk.chosen()[0].name == "王小曼"
    assert window.saved.text() == "已保存 09:30"
    window.strip.undo_last()
    settled()
    assert page.walk.chosen()[0].name == "王小满"


def test_every_control_of_the_desk_has_a_name_to_read_out(window: Desk) -> None:
    kinds = (QAbstractButton, QLineEdit, QAbstractItemView)
    unnamed = [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kinds)
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and not widget.objectName().startswith("qt_")
        and type(widget).__name__ not in ("QLineEditIconButton", "QToolButton")
    ]
    assert not unnamed


def test_the_steps_of_practice_tick_themselves(desk: Context, qtbot: QtBot, settled: Callable[[], None]) -> None:
    desk.practice = True
    window = Desk(desk, PLACES)
    qtbot.addWidget(window)
    window.show()
    window.open("today")
    settled()
    assert window.lesson is not None
    assert window.lesson.title.text() == "找人"
    window.finder.start()
    qtbot.keyClicks(window.finder.field, "wdh")
    settled()
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Return)
    settled()
    assert window.lesson.title.text() == "走访一家"
    assert desk.store.setting("lesson_step") == 1


def test_a_laptop_that_believes_in_2016_is_told_so_and_works_on(
    desk: Context, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    desk.clock = FixedClock(datetime(2016, 1, 1, tzinfo=UTC))
    window = Desk(desk, PLACES)
    qtbot.addWidget(window)
    settled()
    assert window.strip.banner is not None
    assert window.strip.banner.accessibleName().startswith("资料会照常保存。")


def test_the_light_says_how_many_wait_for_the_county(desk: Context) -> None:
    assert exchange_light(desk.store) == ("", "")
    joined = as_setting(replace(prepared(desk.store), server_id="county-1"))
    desk.store.set_setting("county", joined)
    state, words = exchange_light(desk.store)
    assert state == "waiting"
    assert words == f"{desk.store.pending()} 条待送"


def test_an_error_that_no_page_took_is_said_in_words(desk: Context, qtbot: QtBot) -> None:
    window = Desk(desk, PLACES)
    qtbot.addWidget(window)
    window.strip.complain(UserError("资料没有动。", advice="请再试一次。", code="T1"))
    assert window.strip.banner is not None
    assert window.strip.banner.accessibleName() == "资料没有动。"


def test_a_long_job_shows_a_bar_and_can_be_stopped(
    desk: Context, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.windows.strip.PATIENCE", 10)
    window = Desk(desk, PLACES)
    qtbot.addWidget(window)
    window.show()

    def endless(_: object, progress: Progress) -> None:
        while True:
            progress.tell(3, 12, "正在读表格")

    desk.job(window, endless, "正在读表格").run()
    qtbot.waitUntil(lambda: bool(window.strip.findChildren(TaskBar)))
    bar = window.strip.findChildren(TaskBar)[0]
    qtbot.waitUntil(lambda: "第 3 / 12 条" in bar.words.text())
    bar.stop.click()
    qtbot.waitUntil(lambda: not desk.workers.aside.busy)
