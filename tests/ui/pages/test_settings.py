"""Settings take effect at once and follow what is chosen elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.settings import Preferences
from app.store import vault
from ui import look
from ui.context import Context
from ui.dialogs.add_person import AddPersonDialog
from ui.dialogs.passphrase import PassphraseDialog
from ui.dialogs.recovery_code import RecoveryCodeDialog
from ui.pages.settings import SettingsPage

OLD, NEW = "四个词的口令甲乙", "另外四个新的词"


def test_a_size_is_asked_for_and_shown_when_it_changes(desk: Context, qtbot: QtBot, qapp: QApplication) -> None:
    page = SettingsPage(desk)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.prefer) as asked:
        page.sizes.chips[16].click()
    assert asked.args[0].type_size == 16
    look.apply(qapp, Preferences(type_size=20))
    assert page.sizes.chips[20].isChecked()
    look.apply(qapp, Preferences())


def test_a_new_passphrase_needs_the_old_one(desk: Context, qtbot: QtBot, settled: Callable[[], None]) -> None:
    dialog = PassphraseDialog(desk)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.old.edit.setText("不是这个口令")
    dialog.new.first.edit.setText(NEW)
    dialog.new.second.edit.setText(NEW)
    dialog.change.click()
    settled()
    assert dialog.problem.text().startswith("资料都还在")
    dialog.old.edit.setText(OLD)
    dialog.change.click()
    settled()
    assert not dialog.isVisible()
    assert vault.unlock(desk.folder, NEW)


def test_a_second_person_gets_a_passphrase_of_their_own(
    desk: Context, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    dialog = AddPersonDialog(desk)
    qtbot.addWidget(dialog)
    dialog.name.setText("石小河")
    dialog.secret.first.edit.setText(NEW)
    dialog.secret.second.edit.setText(NEW)
    dialog.add.click()
    settled()
    assert {holder.name for holder in desk.store.holders()} == {"陆大桥", "石小河"}
    assert vault.unlock(desk.folder, NEW)[1] != vault.unlock(desk.folder, OLD)[1]


def test_a_new_recovery_code_is_copied_before_the_window_closes(
    desk: Context, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    dialog = RecoveryCodeDialog(desk)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.make.click()
    settled()
    qtbot.mouseClick(dialog.finished_copying, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    groups = dialog.code._groups
    for place, edit in dialog.code.checks.items():
        edit.setText(groups[place])
    qtbot.mouseClick(dialog.finished_copying, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    assert vault.unlock(desk.folder, "-".join(groups))[1] == "recovery"
