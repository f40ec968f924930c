"""What is still open on a form, all at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.errors import Problem
from ui import look
from ui.look.flow import FlowLayout
from ui.words import tr

_MOST_LINES = 3


def line_height(widget: QWidget) -> int:
    """Of a button that looks like a link."""
    return widget.fontMetrics().height() + 14


class ProblemList(QWidget):
    """Everything that is still open, at once; each line goes to its field, a warning can be confirmed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = look.Label("", "strong")
        self._lines: list[QWidget] = []
        self._ways: list[Callable[[], None]] = []
        self._holder = QWidget()
        self._flow = FlowLayout(self._holder, look.space(1))
        self._area = look.scrolled(self._holder)
        self.setLayout(look.column(self.heading, self._area, margins=(6, 2, 6, 2), gap=1))

    def clear(self) -> None:
        """Nothing is open."""
        for line in self._lines:
            self._flow.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines, self._ways = [], []
        self.hide()

    def add(self, problem: Problem, go: Callable[[], None], confirm: Callable[[], None] | None) -> None:
        """One more."""
        self._put(look.quiet_button(problem.message, go))
        self._ways.append(go)
        if confirm is not None:
            self._put(look.button(tr("核对过，就是这样"), confirm))
        self.heading.setText(tr("还有 {count} 处要补，点一下就到那里：", count=len(self._ways)))
        lines = 1 + len(self._lines) // 4
        self._area.setFixedHeight(min(lines, _MOST_LINES) * (line_height(self) + look.space(1)))

    def go_first(self) -> None:
        """Go to the first one."""
        if self._ways:
            self._ways[0]()

    def _put(self, line: QWidget) -> None:
        self._lines.append(line)
        self._flow.addWidget(line)
