"""Joining a county: its address, a code that works once, and the county's own root certificate if it has one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QGridLayout

from app.errors import ShouwangError
from ui import look
from ui.fields.editor import control_height
from ui.look.typing import ComposedLine
from ui.pages.authority import AuthorityField
from ui.pages.page import JoinWanted
from ui.words import tr


class JoinSection(look.Section):
    """Address and one-time code; nothing else is needed, save where a county vouches for itself."""

    def __init__(self, join: Callable[[JoinWanted], None]) -> None:
        super().__init__(tr("加入县里"), tr("地址和注册码由县里给，注册码只能用一次"))
        self._act = join
        self.url, self.code, self.authority = ComposedLine(), ComposedLine(), AuthorityField()
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
        foot = look.row(self.authority, self.act, gap=3)
        foot.setStretch(0, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self.problem)
        self.body.addLayout(foot)
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
            self._act(JoinWanted(url, code, self.authority.file))
        else:
            self.say(tr("请把地址和注册码都填上。"))

    def fill(self, wanted: JoinWanted) -> None:
        """What was given elsewhere stands here too: who was refused, or stopped, mends it and tries again."""
        self.url.setText(wanted.url)
        self.code.setText(wanted.code)
        self.authority.take(wanted.authority)

    def say(self, words: str) -> None:
        """Why it did not work, or nothing."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def complain(self, error: ShouwangError) -> None:
        """The county, or the line, said no."""
        self.say(str(error))
