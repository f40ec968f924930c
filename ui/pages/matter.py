"""One thing that needs somebody, beside the list of all of them: a heading, what it says, and numbered answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayoutItem, QWidget

from ui import look
from ui.look.flow import FlowLayout
from ui.words import tr


class MatterPanel(look.Section):
    """Subclasses fill the body anew for each thing they show; ``acts`` are the answers in the order of their keys."""

    person_asked = Signal(str)
    put_off = Signal(str)  # the id of the record
    typing = Signal(bool)  # while something is typed here, the number keys are letters

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.acts: list[Callable[[], None]] = []

    def begin(self, person: str, subject: str | None) -> None:
        """Empty, but for whose it is."""
        _clear(self.body.takeAt)
        self.acts = []
        name = person or tr("（没有姓名）")
        heading: QWidget = look.Heading(name)
        if subject:
            heading = look.link(name, partial(self.person_asked.emit, subject))
        self.body.addLayout(look.row(heading, None))

    def say(self, words: str, tone: str = "quiet") -> None:
        """One more paragraph."""
        if words:
            self.body.addWidget(look.Label(words, tone, wrap=True))

    def offer(self, *buttons: QWidget) -> None:
        """Buttons side by side, below each other where the type is large."""
        holder = QWidget()
        flow = FlowLayout(holder, look.space(3))
        for each in buttons:
            flow.addWidget(each)
        self.body.addWidget(holder)

    def numbered(self, words: str, act: Callable[[], None]) -> str:
        """Take an answer; gives its words with the key that stands for it."""
        self.acts.append(act)
        return f"{words} ({len(self.acts)})"

    def answer(self, number: int) -> None:
        """A number key."""
        if 0 < number <= len(self.acts):
            self.acts[number - 1]()


def _clear(take: Callable[[int], object]) -> None:
    while isinstance(item := take(0), QLayoutItem):
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (layout := item.layout()) is not None:
            _clear(layout.takeAt)
