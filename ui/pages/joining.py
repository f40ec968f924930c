"""Joining a county: its address and a code that works once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QGridLayout

from app.errors import ShouwangError
from ui import look
from ui.fields.editor import control_height
from ui.look.typing import ComposedLine
from ui.words import tr


class JoinSection(look.Section):
    """Address and one-time code; nothing else is needed."""

    def __init__(self, join: Callable[[str, str], None]) -> None:
        super().__init__(tr("加入县里"), tr("地址和注册码由县里给，注册码只能用一次"))
        self._act = join
        self.url, self.code = ComposedLine(), ComposedLine()
        self.url.setPlaceholderText("https://")
        self.problem = look.Label("", "problem", wrap=True)
        self.problem.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.space(3))
        for line, (words, field) in enumerate(((tr("县里的地址"), self.url), (tr("注册码"), self.code))):
            label = look.Label(words)
            label.setBuddy(field)
            field.setAccessibleName(words)
            field.setMinimumHeight(control_height(field))
            field.entered.connect(self._entered)
            grid.addWidget(label, line, 0)
            grid.addWidget(field, line, 1)
        self.act = look.primary_button(tr("加入并收发"), self._join)
        self.body.addLayout(grid)
        self.body.addWidget(self.problem)
        self.body.addLayout(look.row(None, self.act))
        self.setMinimumHeight(self.sizeHint().height())  # on a low screen the lists give way, not the words

    def _entered(self) -> None:
        if self.url.text().strip() and not self.code.text().strip():
            self.code.setFocus()
        else:
            self._join()

    def _join(self) -> None:
        look.commit_composition()
        url, code = self.url.text().strip(), self.code.text().strip()
        if url and code:
            self._act(url, code)
        else:
            self.say(tr("请把地址和注册码都填上。"))

    def say(self, words: str) -> None:
        """Why it did not work, or nothing."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def complain(self, error: ShouwangError) -> None:
        """The county, or the line, said no."""
        self.say(str(error))
