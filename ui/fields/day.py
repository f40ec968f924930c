"""The editor for a day: typed the way people write it, or 今天 and 昨天 by one key."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.records.record import Field, Value
from ui import look
from ui.fields.editor import Editor, control_height
from ui.fields.typed_day import read_day, say_day
from ui.look.flow import FlowLayout
from ui.look.typing import ComposedLine
from ui.words import tr


class DayEditor(Editor):
    """Shows how the typed day was read, weekday included; what cannot be read stays in sight and is said.

    ``ahead``: a day without a year means the next one to come. ``quick`` gives the buttons 今天 and 昨天.
    """

    def __init__(
        self, field: Field, today: date, parent: QWidget | None = None, *, ahead: bool = False, quick: bool = True
    ) -> None:
        super().__init__(field, parent)
        self.today, self.ahead, self._with_buttons = today, ahead, quick and not ahead
        self.line = ComposedLine()
        self.line.setMinimumHeight(control_height(self))
        self.line.setPlaceholderText(tr("如 3.5 或 20260305"))
        self.reading = QLabel()
        self.reading.setProperty("look", "quiet")
        self._setting = False
        self.line.textChanged.connect(self._typed)
        self.line.left.connect(self._finish)
        self.line.entered.connect(self._finish)
        self.line.entered.connect(self.advanced)
        self._compose()

    def _compose(self) -> None:
        holder = QWidget()
        row = FlowLayout(holder, look.space(2))
        row.addWidget(self.line)
        if self._with_buttons:
            row.addWidget(self._quick(tr("今天"), 0))
            row.addWidget(self._quick(tr("昨天"), 1))
        row.addWidget(self.reading)
        self._place(holder, self.line)
        self._fit_line()

    def _quick(self, word: str, back: int) -> QPushButton:
        button = QPushButton(word)
        button.setProperty("look", "quiet")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAccessibleName(f"{self.field.label}：{word}")
        button.clicked.connect(lambda: self._choose(self.today - timedelta(days=back)))
        return button

    def focus_target(self) -> QWidget:
        return self.line

    def value(self) -> Value:
        self.line.commit_composition()
        return read_day(self.line.text(), self.today, ahead=self.ahead)

    def set_value(self, value: Value) -> None:
        self._setting = True
        self.line.setText(value.isoformat() if isinstance(value, date) else "")
        self._setting = False
        self._say()

    def _choose(self, day: date) -> None:
        self.line.setText(day.isoformat())
        self.left.emit()

    def _typed(self) -> None:
        self._say()
        if not self._setting:
            self._touched()

    def _say(self) -> None:
        day = read_day(self.line.text(), self.today, ahead=self.ahead)
        self.reading.setText(say_day(day) if day else "")

    def _finish(self) -> None:
        day = self.value()
        if isinstance(day, date) and self.line.text() != day.isoformat():
            self._setting = True
            self.line.setText(day.isoformat())
            self._setting = False
        unreadable = bool(self.line.text().strip()) and day is None
        self.show_hint(tr("这个日期读不懂，还没有记下。可以写 3.5、20260305、昨天。") if unreadable else "")
        self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._stepped(event.key()):
            return True
        return super().eventFilter(watched, event)

    def _stepped(self, key: int) -> bool:
        """Up and down move by a day."""
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(key))
        if step is None:
            return False
        day = self.value()
        self._choose((day if isinstance(day, date) else self.today) + timedelta(days=step))
        return True

    def _fit(self) -> None:
        super()._fit()
        self._fit_line()

    def _fit_line(self) -> None:
        self.line.setFixedWidth(self.fontMetrics().horizontalAdvance("如 3.5 或 20260305") + 28)
