"""How many keys and clicks the commonest tasks take, counted on the real window; docs/actions.md holds the figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QAction, QInputMethodEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.records import Child, ChildVisit, Conflict, Kinship, Person, Proposal, Sheet
from app.records.identity import check_character
from app.training.workbooks import ledger
from sync.client.credentials import as_setting, prepared
from sync.parcel import county_keys
from tests.ui import village
from ui.context import Context
from ui.dialogs.life_event import LifeEventDialog
from ui.pages import PLACES
from ui.pages.exchange import ExchangePage
from ui.pages.imports import ImportsPage
from ui.pages.new_person import NewPersonPage
from ui.pages.person import PersonPage
from ui.pages.printing import PrintingPage
from ui.pages.register import RegisterPage
from ui.pages.today import TodayPage
from ui.pages.visit import VisitPage
from ui.windows.main import Desk

TABLE = Path(__file__).resolve().parents[2] / "docs" / "actions.md"
Settled = Callable[[], None]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PINYIN = {
    "奶奶": "nainai", "孟小川": "mengxiaochuan", "四组": "sizu", "三号": "sanhao", "孟大川": "mengdachuan",
    "衣服单薄": "yifudanbo", "鲁甸县": "ludianxian",
}  # fmt: skip
"""What is typed for the words of these tasks, without the blank that takes them."""


class Hand:
    """Works the window the way a user does, and counts."""

    def __init__(self, window: Desk, qtbot: QtBot, settled: Settled) -> None:
        self.window, self._bot, self.settled = window, qtbot, settled
        self.keys = self.clicks = 0

    @property
    def counted(self) -> tuple[int, int]:
        return self.keys, self.clicks

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, times: int = 1) -> None:
        """A key, alone or with another that is held, counts once."""
        for _ in range(times):
            self.keys += 1
            self._bot.keyClick(QApplication.focusWidget(), key, held)
        self.settled()

    def type(self, text: str) -> None:
        """Letters and digits."""
        self.keys += len(text)
        self._bot.keyClicks(QApplication.focusWidget(), text)
        self.settled()

    def write(self, words: str) -> None:
        """Chinese by pinyin: every letter, and the blank that takes the first candidate."""
        self.keys += len(PINYIN[words]) + 1
        event = QInputMethodEvent()
        event.setCommitString(words)
        QCoreApplication.sendEvent(QApplication.focusWidget(), event)
        self.settled()

    def click(self, widget: QWidget, at: QPoint | None = None, held: Qt.KeyboardModifier | None = None) -> None:
        self.clicks += 1
        assert widget.isVisible()
        self._bot.mouseClick(widget, Qt.MouseButton.LeftButton, held or Qt.KeyboardModifier.NoModifier, at or QPoint())
        self.settled()

    def choose(self, words: str) -> None:
        """An entry of the menu that stands open."""
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        [entry] = [action for action in menu.actions() if action.text() == words]
        assert isinstance(entry, QAction)
        self.click(menu, menu.actionGeometry(entry).center())

    def button(self, words: str, where: QWidget | None = None) -> QAbstractButton:
        """The button with these words that can be seen."""
        found = (where or self.window).findChildren(QAbstractButton)
        return next(each for each in found if each.text() == words and each.isVisible())

    def wait_for(self, true: Callable[[], bool]) -> None:
        self._bot.waitUntil(true)
        self.settled()


@pytest.fixture
def hand(desk: Context, qtbot: QtBot, settled: Settled) -> Hand:
    window = Desk(desk, PLACES)
    qtbot.addWidget(window)
    window.resize(1366, 768)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.open("today")
    settled()
    return Hand(window, qtbot, settled)


def row(name: str) -> tuple[int, int]:
    """What the table of the documentation says of a task."""
    lines = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in TABLE.read_text("utf-8").splitlines()]
    [found] = [line for line in lines if line[0] == name]
    return int(found[1]), int(found[2])


def page(hand: Hand, kind: type) -> object:
    assert isinstance(hand.window.page, kind)
    return hand.window.page


def _routine(hand: Hand) -> VisitPage:
    """From 今日, where the cursor stands on who is due: the safety questions afresh, the rest as it was."""
    hand.press(Qt.Key.Key_V)
    shown = page(hand, VisitPage)
    assert isinstance(shown, VisitPage)
    hand.wait_for(lambda: bool(shown.blocks) and not shown.blocks[0]._to_build)
    hand.press(Qt.Key.Key_1)  # the child was seen
    hand.press(Qt.Key.Key_1)  # no injuries
    hand.press(Qt.Key.Key_2)  # calm
    hand.write("奶奶")
    hand.press(Qt.Key.Key_Return)
    hand.press(Qt.Key.Key_F4, times=3)  # who was asked
    hand.type("zt")  # the parents called yesterday
    hand.press(Qt.Key.Key_Return)
    hand.press(Qt.Key.Key_F4, times=7)  # the long answers and school
    return shown


def _finished(hand: Hand) -> ChildVisit:
    hand.press(Qt.Key.Key_Return, CTRL)
    [done] = [each for each in hand.window.context.store.of_subject(ChildVisit, "c1") if each.id != "v1"]
    return done


def test_finding_a_child(hand: Hand) -> None:
    hand.press(Qt.Key.Key_F, CTRL)
    hand.type("wdh")
    hand.press(Qt.Key.Key_Return)
    shown = page(hand, PersonPage)
    assert isinstance(shown, PersonPage)
    assert shown.person == "c2"
    assert hand.counted == row("find a child")


def test_a_routine_visit(hand: Hand) -> None:
    _routine(hand)
    assert _finished(hand).finished_at
    assert hand.counted == row("routine visit, nothing new")


def test_a_visit_with_a_concern(hand: Hand) -> None:
    _routine(hand)
    hand.press(Qt.Key.Key_1)
    hand.press(Qt.Key.Key_Return)
    hand.write("衣服单薄")
    done = _finished(hand)
    assert (len(done.concerns), done.concern_note) == (1, "衣服单薄")
    assert hand.counted == row("visit with a concern")


def test_a_new_child_from_paper(hand: Hand) -> None:
    hand.press(Qt.Key.Key_2, CTRL)
    register = page(hand, RegisterPage)
    assert isinstance(register, RegisterPage)
    hand.click(register.new_button)
    hand.choose("登记一名儿童")
    shown = page(hand, NewPersonPage)
    assert isinstance(shown, NewPersonPage)
    hand.wait_for(lambda: shown.is_whole)
    assert shown.person
    hand.write("孟小川")
    hand.press(Qt.Key.Key_Return)
    hand.press(Qt.Key.Key_1)  # a boy
    hand.press(Qt.Key.Key_Return)  # an identity card
    number = "53060220160308101"
    hand.type(number + check_character(number))
    hand.press(Qt.Key.Key_Return, times=3)  # the birth date is there, the ethnic group is left for later
    hand.write("四组")
    hand.press(Qt.Key.Key_Return)
    hand.write("四组")
    hand.write("三号")
    hand.press(Qt.Key.Key_Return, times=2)
    hand.type("13900000011")
    hand.click(shown.relatives[0].person.editors["name"].focus_target())
    hand.write("孟大川")
    hand.press(Qt.Key.Key_Return, CTRL)
    child = hand.window.context.store.find(Person, name="孟小川")[0]
    assert (child.sex, child.current_address, child.phones) == ("1", "四组三号", ("13900000011",))
    assert str(child.birth_date) == "2016-03-08"
    assert hand.window.context.store.get(Child, child.id) is not None
    assert hand.window.context.store.count(Kinship, subject=child.id, relation="51") == 1
    assert hand.counted == row("new child from paper, with a father")


def test_ten_visit_sheets(hand: Hand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def accepted(dialog: QPrintDialog) -> int:
        printer = dialog.printer()
        assert isinstance(printer, QPrinter)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "printed.pdf"))
        return int(QDialog.DialogCode.Accepted.value)

    monkeypatch.setattr(QPrintDialog, "exec", accepted)
    hand.press(Qt.Key.Key_2, CTRL)
    register = page(hand, RegisterPage)
    assert isinstance(register, RegisterPage)
    tenth = register.view.visualRect(register.table.index(9, 0)).center()
    hand.click(register.view.viewport(), tenth, SHIFT)
    hand.press(Qt.Key.Key_P)
    printing = page(hand, PrintingPage)
    assert isinstance(printing, PrintingPage)
    hand.wait_for(lambda: printing.printing is not None and len(printing.printing.document.sheets) == 10)
    hand.press(Qt.Key.Key_P, CTRL)
    hand.keys += 1  # Enter in the printer's own dialog
    hand.wait_for(lambda: hand.window.context.store.count(Sheet) == 10)
    assert (tmp_path / "printed.pdf").exists()
    assert hand.counted == row("print ten visit sheets")


def test_what_is_overdue(hand: Hand) -> None:
    hand.window.open("settings")
    hand.settled()
    hand.press(Qt.Key.Key_1, CTRL)
    shown = page(hand, TodayPage)
    assert isinstance(shown, TodayPage)
    assert [visit.overdue for visit in shown.walk.chosen()] == [9]
    assert hand.counted == row("what is overdue")


def test_correcting_a_conflict(hand: Hand) -> None:
    store, now = hand.window.context.store, hand.window.context.clock.now()
    before, other, mine = ({"current_address": words} for words in ("二组 5 号", "镇上小学旁", "二组 7 号"))
    conflict = Conflict(
        subject="c1", about_type="person", about="c1", part="current_place", state="open",
        before=json.dumps(before), current=json.dumps(other), current_by="何督导", current_at=now - timedelta(hours=3),
        other=json.dumps(mine), other_by=store.holder.name, other_at=now - timedelta(hours=1),
    )  # fmt: skip
    saved = store.save(village.ME, (None, conflict))
    store.set_setting("county", {"server_id": "county", "name": "测试县"})
    hand.press(Qt.Key.Key_5, CTRL)
    assert isinstance(page(hand, ExchangePage), ExchangePage)
    hand.press(Qt.Key.Key_2)
    assert store.require(Conflict, next(iter(saved.ids))).state != "open"
    assert hand.counted == row("settle a value that differs")


def test_taking_over_what_another_village_proposes(hand: Hand) -> None:
    store = hand.window.context.store
    change = {"type": "person", "record": "c1", "after": {"note": "外婆接去住了"}, "bases": {"*": "e:1"}}
    proposal = Proposal(
        subject="c1", unit="u" * 64, content=json.dumps({"changes": [change]}), author="安小禾",
        from_org="530602101204", proposed_at=hand.window.context.clock.now(), state="open",
    )  # fmt: skip
    saved = store.save(village.ME, (None, proposal))
    store.set_setting("county", {"server_id": "county", "name": "测试县"})
    hand.press(Qt.Key.Key_5, CTRL)
    assert isinstance(page(hand, ExchangePage), ExchangePage)
    hand.press(Qt.Key.Key_1)
    assert store.require(Proposal, next(iter(saved.ids))).state == "accepted"
    assert store.require(Person, "c1").note == "外婆接去住了"
    assert hand.counted == row("take over what another village proposes")


def test_taking_what_waits_to_a_stick(hand: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, secret = hand.window.context.store, bytes(range(32))
    known = replace(prepared(store), server_id="county", name="测试县", parcel_key=county_keys(secret).public.hex())
    store.set_setting("county", as_setting(known))
    file = tmp_path / "usb" / "village.swp"
    monkeypatch.setattr("ui.pages.saving.QFileDialog.getSaveFileName", lambda *_: (str(file), ""))
    hand.press(Qt.Key.Key_5, CTRL)
    assert isinstance(page(hand, ExchangePage), ExchangePage)
    hand.click(hand.button("存到 U 盘"))
    hand.clicks += 2  # the stick and 保存 in the system's own dialog
    hand.wait_for(file.exists)
    assert hand.counted == row("take what waits to a stick")


def test_importing_a_list(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.pages.imports.QFileDialog.getOpenFileName", lambda *_: (str(ledger()), ""))
    hand.press(Qt.Key.Key_2, CTRL)
    hand.click(hand.button("导入表格"))
    shown = page(hand, ImportsPage)
    assert isinstance(shown, ImportsPage)
    before = hand.window.context.store.count(Person)
    hand.press(Qt.Key.Key_O, CTRL)
    hand.clicks += 2  # the file, by a double click in the system's own dialog
    hand.wait_for(lambda: shown.steps.currentWidget() is shown.mapping)
    hand.press(Qt.Key.Key_Return, CTRL)
    hand.wait_for(lambda: shown.steps.currentWidget() is shown.preview)
    hand.press(Qt.Key.Key_Return, CTRL)
    hand.wait_for(lambda: hand.window.context.store.count(Person) > before)
    assert hand.counted == row("import a list")


def test_moving_a_child_out(hand: Hand) -> None:
    hand.press(Qt.Key.Key_Return)  # on 今日, the child under the cursor
    shown = page(hand, PersonPage)
    assert isinstance(shown, PersonPage)
    hand.wait_for(lambda: shown.is_whole)
    hand.click(shown.verbs.events_button)
    hand.choose("迁出")
    [dialog] = shown.findChildren(LifeEventDialog)
    hand.wait_for(dialog.isActiveWindow)
    hand.click(dialog.form.editors["moved_out_to"].focus_target())
    hand.write("鲁甸县")
    hand.click(dialog.done_button)
    person = hand.window.context.store.require(Person, "c1")
    assert (person.moved_out_on, person.moved_out_to) == (village.TODAY, "鲁甸县")
    assert hand.counted == row("move a child out")


def test_the_table_tells_of_no_task_that_is_not_counted() -> None:
    counted = Path(__file__).read_text("utf-8")
    lines = [line.split("|")[1].strip() for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert [name for name in lines[1:] if f'row("{name}")' not in counted] == []


