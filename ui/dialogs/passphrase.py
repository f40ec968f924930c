"""A new passphrase for the person at the desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from app.errors import ShouwangError
from ui import look
from ui.context import Context
from ui.windows.secrets import NewSecret, SecretField
from ui.words import tr


class PassphraseDialog(QDialog):
    """Asks for the old one first: whoever passes by an open desk cannot lock its owner out."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("换口令"))
        self.context = context
        self.old = SecretField(tr("现在的口令"))
        self.new = NewSecret()
        self.problem = look.Label("", "problem", wrap=True)
        self.change = look.primary_button(tr("换成新口令"), self._change)
        self.old.given.connect(self.new.setFocus)
        self.new.given.connect(self._change)
        leave = look.quiet_button(tr("不换了"), self.reject)
        self.setLayout(
            look.column(
                self.old, self.new, self.problem, look.row(self.change, None, leave), margins=(6, 5, 6, 5), gap=3
            )
        )
        self.setMinimumWidth(look.space(110))

    def _change(self) -> None:
        if not self.new.agrees():
            self.problem.setText(tr("新口令两遍不一样，请再打一遍。"))
            return
        old, new, folder = self.old.text(), self.new.text(), self.context.folder
        self.change.setEnabled(False)
        self.context.job(
            self, lambda store, _: _change(folder, old, store.change_passphrase, new), tr("正在换口令……")
        ).then(self._changed).otherwise(self._complain).run()

    def _changed(self, _: None) -> None:
        self.context.say(tr("口令已经换好。恢复码没有变，还能用。"), tone="good")
        self.accept()

    def _complain(self, error: ShouwangError) -> None:
        self.change.setEnabled(True)
        self.problem.setText(str(error))


def _change(folder: Path, old: str, change: Callable[[str], None], new: str) -> None:
    from app.store import vault

    vault.unlock(folder, old)
    change(new)
