"""The story at the right of a person's page: a line down, a dot and a date for each step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from ui import look
from ui.models.story import Step
from ui.words import tr

_SHOWN_FIRST = 30


class StepLine(QAbstractButton):
    """One step; a button where something can be opened."""

    def __init__(self, step: Step, parent: QWidget) -> None:
        super().__init__(parent)
        self.step = step
        self.setAccessibleName(f"{step.on.isoformat()} {step.title} {step.text}")
        self.setEnabled(bool(step.opens[1]))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.isEnabled() else Qt.FocusPolicy.NoFocus)
        if self.isEnabled():
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.title = look.Label(step.title, "strong" if step.is_concern else "", wrap=True)
        self.date = look.Label(step.on.isoformat(), "small")
        self.words = look.Label(step.text, "quiet", wrap=True)
        if not step.text:
            self.words.hide()
        for label in (self.title, self.date, self.words):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setLayout(look.column(look.row(self.title, None, self.date), self.words, gap=0, margins=(8, 1, 2, 2)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or (self.underMouse() and self.isEnabled()):
            painter.setPen(QPen(look.colour("accent"), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent_soft"))
            painter.drawRoundedRect(self.rect().adjusted(look.space(6), 0, -1, -1), 4, 4)
        x, y = look.space(3) + 0.5, look.space(1) + self.fontMetrics().height() / 2
        painter.setPen(QPen(look.colour("hairline"), 1))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        ink = "danger" if self.step.is_concern else "accent" if self.step.icon == "visits" else "edge"
        painter.setPen(QPen(look.colour(ink), 1.5))
        painter.setBrush(look.colour(ink if self.step.icon == "visits" else "page"))
        radius = 5.0 if self.step.icon == "visits" else 3.5
        painter.drawEllipse(QPointF(x, y), radius, radius)


class StoryList(QWidget):
    """The steps, the latest first; long stories show their beginning on demand."""

    opened = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[QWidget] = []
        self._column: QVBoxLayout = look.column(gap=0)
        outer = look.column(gap=2)
        outer.addLayout(self._column)
        self.more = look.quiet_button(tr("更早的"), self._show_all)
        outer.addWidget(self.more)
        outer.addStretch(1)
        self.setLayout(outer)
        self._steps: Sequence[Step] = ()

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Tell this story."""
        self._steps = steps
        self._show(_SHOWN_FIRST)

    def _show_all(self) -> None:
        self._show(len(self._steps))

    def _show(self, count: int) -> None:
        for line in self._lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(step) for step in self._steps[:count]]
        self.more.setVisible(len(self._steps) > count)

    def _line(self, step: Step) -> StepLine:
        line = StepLine(step, self)
        line.clicked.connect(lambda: self.opened.emit(*step.opens))
        self._column.addWidget(line)
        return line
