"""One more person at this desk, with a passphrase of their own."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from app.errors import ShouwangError
from ui import look
from ui.context import Context
from ui.look.typing import ComposedLine
from ui.windows.secrets import NewSecret
from ui.words import tr


class AddPersonDialog(QDialog):
    """What a person writes carries their own name; the passphrases stay apart."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("再加一个人"))
        self.context = context
        self.name = ComposedLine()
        self.name.setAccessibleName(tr("姓名"))
        label = look.Label(tr("姓名"), "quiet")
        label.setBuddy(self.name)
        self.secret = NewSecret()
        self.problem = look.Label("", "problem", wrap=True)
        self.add = look.primary_button(tr("加上"), self._add)
        self.name.entered.connect(self.secret.setFocus)
        self.secret.given.connect(self._add)
        words = look.Label(tr("请这个人自己打口令。以后打谁的口令，记录上就写谁的名字。"), "quiet", wrap=True)
        buttons = look.row(self.add, None, look.quiet_button(tr("不加了"), self.reject))
        self.setLayout(
            look.column(words, label, self.name, self.secret, self.problem, buttons, margins=(6, 5, 6, 5), gap=3)
        )
        self.setMinimumWidth(look.em(28))

    def _add(self) -> None:
        look.commit_composition()
        name, secret = self.name.text().strip(), self.secret.text()
        if not name or not self.secret.agrees():
            self.problem.setText(tr("请填姓名，两遍口令要一样。"))
            return
        self.add.setEnabled(False)
        task = self.context.job(self, lambda store, _: store.add_holder(name, secret), tr("正在加上……"))
        task.then(lambda _: self._added(name)).otherwise(self._complain).run()

    def _added(self, name: str) -> None:
        self.context.say(tr("{name} 以后可以用自己的口令打开了。", name=name), tone="good")
        self.accept()

    def _complain(self, error: ShouwangError) -> None:
        self.add.setEnabled(True)
        self.problem.setText(str(error))
