"""A new recovery code, shown once and copied by hand."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from app.errors import ShouwangError
from ui import look
from ui.context import Context
from ui.windows.copied_code import CopiedCode
from ui.words import tr


class RecoveryCodeDialog(QDialog):
    """Makes the new code when it opens; the old one opens nothing from then on."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("重做恢复码"))
        self.context = context
        self.code = CopiedCode()
        self.problem = look.Label("", "problem", wrap=True)
        self.make = look.primary_button(tr("做一个新的"), self._make)
        self.finished_copying = look.primary_button(tr("抄好了"), self._finish)
        self.leave = look.quiet_button(tr("不做了"), self.reject)
        self.words = look.Label(tr("做了新的以后，旧的恢复码就打不开资料了。请准备好纸和笔。"), wrap=True)
        self.code.hide()
        self.finished_copying.hide()
        buttons = look.row(self.make, self.finished_copying, None, self.leave)
        self.setLayout(look.column(self.words, self.code, self.problem, buttons, margins=(6, 5, 6, 5), gap=3))
        self.setMinimumWidth(look.space(150))

    def _make(self) -> None:
        self.make.setEnabled(False)
        job = self.context.job(self, lambda store, _: store.renew_recovery_code(), tr("正在做新的恢复码……"))
        job.then(self._show).otherwise(self._complain).run()

    def _show(self, code: str) -> None:
        self.code.show_code(code)
        self.code.show()
        self.finished_copying.show()
        for gone in (self.make, self.leave, self.words):
            gone.hide()
        self.adjustSize()

    def _finish(self) -> None:
        self.problem.setText(self.code.problem())
        if not self.problem.text():
            self.context.say(tr("新的恢复码从现在起有效，旧的已经作废。"), tone="good")
            self.accept()

    def _complain(self, error: ShouwangError) -> None:
        self.make.setEnabled(True)
        self.problem.setText(str(error))
