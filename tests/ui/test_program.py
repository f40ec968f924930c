"""The whole program: from nothing to the desk, locked and opened again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.settings import Preferences
from tests.ui import village
from ui.program import Program
from ui.single import FirstWindow, raise_first

SECRET = "四个词的口令甲乙"


@pytest.fixture
def started(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Program]:
    village.make(tmp_path).close()
    program = Program(qapp, tmp_path / "workspace", preferences=Preferences())
    program.start()
    yield program
    program.close()
    program.frame.hide()


def _wait_for(qtbot: QtBot, true: Callable[[], bool]) -> None:
    qtbot.waitUntil(true, timeout=8000)


def _enter(program: Program, secret: str) -> None:
    assert program.lock is not None
    program.lock.secret.edit.setText(secret)
    program.lock.enter.click()


def test_the_passphrase_opens_the_desk(started: Program, qtbot: QtBot) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    assert started.desk is not None
    assert started.desk.isVisible()
    assert started.lock is None


def test_a_wrong_passphrase_opens_nothing(started: Program, qtbot: QtBot) -> None:
    _enter(started, "不是这个口令")
    _wait_for(qtbot, lambda: bool(started.lock and started.lock.problem.text()))
    assert started.lock is not None
    assert started.lock.problem.text().startswith("资料都还在")
    assert started.context is None


def test_a_locked_window_shows_no_names_and_hides_its_dialogs(started: Program, qtbot: QtBot) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    dialog = QDialog(started.frame)
    qtbot.addWidget(dialog)
    dialog.show()
    started.lock_desk()
    assert started.desk is not None
    assert not started.desk.isVisible()
    assert not dialog.isVisible()
    assert started.frame.windowTitle() == "守望"
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.lock is None)
    assert started.desk.isVisible()
    assert dialog.isVisible()


def test_the_type_size_changes_anywhere_and_is_remembered(started: Program) -> None:
    started.prefer(started.preferences.larger())
    assert started.app.font().pointSize() == 14
    started.prefer(Preferences())


def test_a_second_start_raises_the_first_window(tmp_path: Path, qtbot: QtBot) -> None:
    first = FirstWindow(tmp_path)
    with qtbot.waitSignal(first.raise_asked):
        assert raise_first(tmp_path)
    first.close()
    assert not raise_first(tmp_path, 50)
