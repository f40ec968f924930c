"""An unattended laptop locks itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from ui.windows.idle import Idle, SystemLock


def test_nobody_at_the_laptop_is_noticed(qapp: QApplication, qtbot: QtBot) -> None:
    idle = Idle(qapp, minutes=0.001)
    with qtbot.waitSignal(idle.fell_idle):
        pass
    qapp.removeEventFilter(idle)


def test_typing_keeps_the_desk_open(qapp: QApplication, qtbot: QtBot) -> None:
    idle = Idle(qapp)
    field = QLineEdit()
    qtbot.addWidget(field)
    idle._timer.stop()
    qtbot.keyClick(field, Qt.Key.Key_A)
    assert idle._timer.isActive()  # the pause begins anew
    qapp.removeEventFilter(idle)


def test_the_desktop_s_own_lock_is_heard(qapp: QApplication, qtbot: QtBot) -> None:
    system = SystemLock(qapp)
    with qtbot.waitSignal(system.locked):
        system.hear(True)
    with qtbot.assertNotEmitted(system.locked):
        system.hear(False)
