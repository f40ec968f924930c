"""A recovery code being copied onto paper, and the proof that it was."""

from __future__ import annotations

import random

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from ui import look
from ui.look.parts import dressed
from ui.look.typing import ComposedLine
from ui.words import tr

ASKED = 3


class CopiedCode(QWidget):
    """Shows the groups of a code and asks for three of them, typed from the paper."""

    given = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.checks: dict[int, ComposedLine] = {}
        self._groups: list[str] = []
        words = look.Label(
            tr("忘了口令，只有它能打开资料。请用笔抄在纸上，放在家里稳妥的地方，不要拍照。"), "quiet", wrap=True
        )
        self._grid = QGridLayout()
        self._grid.setSpacing(look.space(3))
        sheet = look.Section()
        sheet.body.addLayout(self._grid)
        self._question = look.Label("", wrap=True)
        self._row = look.row(gap=3)
        self.setLayout(look.column(words, sheet, self._question, self._row, gap=4))

    def show_code(self, code: str, asked: tuple[int, ...] = ()) -> None:
        """Show the code and pick the groups to ask for (``asked`` counts from 0)."""
        self._groups = code.split("-")
        for place, group in enumerate(self._groups):
            self._grid.addLayout(look.row(*_group(place, group), None, gap=2), place // 4, place % 4)
        chosen = asked or tuple(sorted(random.sample(range(len(self._groups)), ASKED)))
        numbers = "、".join(str(place + 1) for place in chosen)
        self._question.setText(tr("抄好了，对一对：照着纸，打出第 {numbers} 组。", numbers=numbers))
        for place in chosen:
            self._ask(place)

    def _ask(self, place: int) -> None:
        label = tr("第 {n} 组", n=place + 1)
        edit = ComposedLine()
        edit.setAccessibleName(label)
        edit.entered.connect(self._next)
        self.checks[place] = edit
        name = look.Label(label, "quiet")
        name.setBuddy(edit)
        self._row.addLayout(look.column(name, edit, gap=1))

    def _next(self) -> None:
        empty = next((edit for edit in self.checks.values() if not edit.text().strip()), None)
        if empty is None:
            self.given.emit()
        else:
            empty.setFocus()

    def problem(self) -> str:
        """What does not agree yet, in words, with the cursor put there; empty when all three groups agree."""
        look.commit_composition()
        for place, edit in self.checks.items():
            if _plain(edit.text()) != self._groups[place]:
                edit.setFocus()
                edit.selectAll()
                return tr("第 {n} 组和上面的不一样，请再对一下纸上抄的。", n=place + 1)
        return ""


def _group(place: int, group: str) -> tuple[look.Label, look.Label]:
    words = dressed(look.Label(group), "code")
    words.setAccessibleName(tr("第 {n} 组 {group}", n=place + 1, group=" ".join(group)))
    return look.Label(str(place + 1), "small"), words


def _plain(text: str) -> str:
    """A group as the vault reads it: any case, O for 0, full-width letters."""
    from app.store.vault import recovery_code_groups

    groups = recovery_code_groups(text)
    return groups[0][0] if len(groups) == 1 else ""
