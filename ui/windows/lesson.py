"""The six steps of practice: a card over the real screens that ticks itself when the thing has been done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from ui import look
from ui.look.parts import dressed
from ui.words import tr


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try; ``done`` names what happens in the desk when it has been tried."""

    title: str
    words: str
    done: str


STEPS: tuple[Step, ...] = (
    Step("找人", "按 Ctrl+F，打 wf。村里有三个王芳，看组别和出生年份，打开要找的那一个。", "found"),
    Step("走访一家", "在今日里选住在一起的姐弟，按 V：姐弟和奶奶在一页上，写完按「完成走访」。", "child_visit"),
    Step(
        "导入再撤销",
        "台账里导入「留守儿童台账(最终版3).xls」，看清预览再按导入；然后 Ctrl+Z 整批撤销。",
        "undone",
    ),
    Step("打印再录入", "打印一张走访表，记下右上角的编号；按 Ctrl+F 打这个编号，把纸上写的录进来。", "sheet"),
    Step("断网也不怕", "断网，改一个电话号码；连上以后收发，在「收发」里定下用哪一个。", "conflict"),
    Step("照这张表填", "台账 → 照这张表填，把县里的空表拖进来，存好填满的表。", "filled"),
)


@dataclass(frozen=True, slots=True)
class Switch:
    """Another view of the practice county: the supervisor's, the social worker's, the big village, no line."""

    word: str
    hint: str
    act: Callable[[], object]


class LessonCard(QFrame):
    """Shows one step at a time; nothing in it has to be followed in order."""

    moved = Signal(int)

    def __init__(self, step: int = 0, switches: Sequence[Switch] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dressed(self, "lesson")
        self.step = min(step, len(STEPS))
        self.count = dressed(look.Label(), "practice")
        self.title = look.Label("", "strong")
        self.words = look.Label("", wrap=True)
        self.before = look.quiet_button(tr("上一步"), lambda: self.show_step(self.step - 1))
        self.after = look.quiet_button(tr("下一步"), lambda: self.show_step(self.step + 1))
        line = look.row(self.count, self.title, gap=3, margins=(3, 2, 2, 2))
        line.addWidget(self.words, 1)
        for switch in switches:
            line.addWidget(look.quiet_button(switch.word, switch.act, hint=switch.hint))
        line.addWidget(self.before)
        line.addWidget(self.after)
        line.addWidget(look.quiet_button("×", self.hide, hint=tr("收起，下次打开时再看")))
        self.setLayout(line)
        self.show_step(self.step)

    def show_step(self, step: int) -> None:
        """Turn to a step; past the last one the card says that it is done."""
        self.step = max(0, min(step, len(STEPS)))
        over = self.step == len(STEPS)
        at = STEPS[-1] if over else STEPS[self.step]
        self.count.setText(tr("练完了") if over else f"{self.step + 1} / {len(STEPS)}")
        self.title.setText("" if over else tr(at.title))
        self.words.setText(tr("六步都走过了。这里的人都是虚构的，可以接着随便试。") if over else tr(at.words))
        self.setAccessibleName(tr("练习") + " " + self.title.text())
        self.before.setEnabled(self.step > 0)
        self.after.setVisible(not over)
        self.moved.emit(self.step)

    def happened(self, event: str) -> None:
        """Something was done in the desk: when it is what this step asks for, the next one comes."""
        if self.step < len(STEPS) and STEPS[self.step].done == event:
            self.show_step(self.step + 1)
