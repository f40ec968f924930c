"""The lock names nobody, takes the passphrase, and knows the way back in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.errors import WrongPassphrase
from app.store.vault import new_recovery_code
from ui.windows.unlock import UnlockPanel


def _panel(qtbot: QtBot) -> UnlockPanel:
    panel = UnlockPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_enter_gives_the_passphrase(qtbot: QtBot) -> None:
    panel = _panel(qtbot)
    with qtbot.waitSignal(panel.secret_given) as given:
        qtbot.keyClicks(panel.secret.edit, "abc")
        qtbot.keyClick(panel.secret.edit, Qt.Key.Key_Return)
    assert given.args == ["abc"]


def test_a_wrong_passphrase_says_why_and_lets_one_try_again(qtbot: QtBot) -> None:
    panel = _panel(qtbot)
    qtbot.keyClicks(panel.secret.edit, "abc")
    qtbot.keyClick(panel.secret.edit, Qt.Key.Key_Return)
    assert not panel.enter.isEnabled()
    panel.complain(WrongPassphrase("资料都还在，只是口令不对。"))
    assert panel.problem.text().startswith("资料都还在")
    assert panel.enter.isEnabled()
    assert panel.secret.edit.selectedText()


def test_a_hidden_field_can_be_shown_so_that_chinese_can_be_typed(qtbot: QtBot) -> None:
    panel = _panel(qtbot)
    qtbot.mouseClick(panel.secret.eye, Qt.MouseButton.LeftButton)
    assert panel.secret.edit.echoMode() == QLineEdit.EchoMode.Normal


def test_a_miscopied_group_is_named(qtbot: QtBot) -> None:
    panel = _panel(qtbot)
    qtbot.mouseClick(panel.forgotten, Qt.MouseButton.LeftButton)
    groups = new_recovery_code().split("-")
    groups[2] = groups[2][:4] + ("A" if groups[2][4] != "A" else "B")
    panel.code.edit.setText("-".join(groups))
    assert "第 3 组" in panel.code.note.text()


def test_the_recovery_code_comes_with_a_new_passphrase(qtbot: QtBot) -> None:
    panel = _panel(qtbot)
    qtbot.mouseClick(panel.forgotten, Qt.MouseButton.LeftButton)
    assert panel.code.isVisible()
    code = new_recovery_code()
    panel.code.edit.setText(code)
    panel.new_secret.first.edit.setText("新的四个词")
    panel.new_secret.second.edit.setText("新的四个词")
    with qtbot.waitSignal(panel.recovery_given) as given:
        qtbot.mouseClick(panel.recover, Qt.MouseButton.LeftButton)
    assert given.args == [code, "新的四个词"]
