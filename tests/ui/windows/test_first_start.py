"""The first start, walked as its user does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.store.vault import new_recovery_code
from tests.sync.authorities import Authority
from ui.pages.page import JoinWanted
from ui.windows.first_start import Beginning, FirstStart


@pytest.fixture
def start(qtbot: QtBot) -> FirstStart:
    made = FirstStart(12)
    qtbot.addWidget(made)
    made.show()
    return made


def _work_alone(start: FirstStart, qtbot: QtBot) -> None:
    start.forward()
    qtbot.mouseClick(start.ways["alone"], Qt.MouseButton.LeftButton)
    qtbot.keyClicks(start.who.name, "Lu")
    start.who.org.edit.setText("")
    qtbot.keyClicks(start.who.org.edit, "5306")
    qtbot.keyClick(start.who.org.edit, Qt.Key.Key_Return)
    start.forward()


def test_a_worker_alone_gives_a_name_a_place_and_a_passphrase(start: FirstStart, qtbot: QtBot) -> None:
    _work_alone(start, qtbot)
    start.secret.first.edit.setText("四个字词甲乙")
    start.secret.second.edit.setText("四个字词甲乙")
    with qtbot.waitSignal(start.made) as asked:
        start.forward()
    beginning: Beginning = asked.args[0]
    assert (beginning.name, beginning.role, beginning.passphrase) == ("Lu", "child_director", "四个字词甲乙")
    assert len(beginning.org) == 12
    assert "四个字词甲乙" not in repr(beginning)


def test_a_step_says_what_is_missing(start: FirstStart, qtbot: QtBot) -> None:
    start.forward()
    start.forward()
    assert start.step == 1
    assert start.problem.text() == "请选一种。"
    qtbot.mouseClick(start.ways["alone"], Qt.MouseButton.LeftButton)
    start.forward()
    assert "姓名" in start.problem.text()


def test_two_different_passphrases_are_not_taken(start: FirstStart, qtbot: QtBot) -> None:
    _work_alone(start, qtbot)
    start.secret.first.edit.setText("四个字词甲乙")
    start.secret.second.edit.setText("四个字词甲丙")
    start.forward()
    assert "两遍" in start.problem.text()
    assert start.step == 2


def test_the_recovery_code_is_asked_back_from_the_paper(start: FirstStart, qtbot: QtBot) -> None:
    code = new_recovery_code()
    start.show_code(code)
    start.forward()
    assert start.step == 3
    assert "组" in start.problem.text()
    for place, edit in start.copied.checks.items():
        edit.setText(code.split("-")[place].lower())
    start.forward()
    assert start.step == 4


def test_practice_needs_nothing(start: FirstStart, qtbot: QtBot) -> None:
    start.forward()
    qtbot.mouseClick(start.ways["practise"], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(start.practice_asked):
        start.forward()


def test_who_joins_a_county_gives_its_address_and_the_code_too(
    start: FirstStart, qtbot: QtBot, tmp_path: Path
) -> None:
    start.forward()
    qtbot.mouseClick(start.ways["join"], Qt.MouseButton.LeftButton)
    start.forward()
    assert "注册码" in start.problem.text()
    start.who.county.setText("https://county.example")
    start.who.code.setText("ABCD-1234")
    own = Authority(tmp_path, "县里的根证书").file
    start.who.authority.take(str(own))
    qtbot.keyClicks(start.who.name, "Lu")
    qtbot.keyClicks(start.who.org.edit, "5306")
    qtbot.keyClick(start.who.org.edit, Qt.Key.Key_Return)
    start.forward()
    assert start.step == 2
    start.secret.first.edit.setText("四个字词甲乙")
    start.secret.second.edit.setText("四个字词甲乙")
    with qtbot.waitSignal(start.made) as asked:
        start.forward()
    assert (asked.args[0].county, asked.args[0].code) == ("https://county.example", "ABCD-1234")
    with qtbot.waitSignal(start.exchange_asked) as wanted:
        start.exchange_now.click()
    assert wanted.args[0] == JoinWanted("https://county.example", "ABCD-1234", str(own))
