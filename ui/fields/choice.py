"""Editors for choices that are all in sight: one of few, any of several, yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.records.codes import code_list
from app.records.record import Field, Value
from ui import look
from ui.fields.editor import Editor, control_height
from ui.fields.shown import NO, YES
from ui.look.flow import FlowLayout

Option = tuple[str, str]
"""A code and the word for it."""


class ChoiceButton(QAbstractButton):
    """One choice: its number, its word, and when chosen a tick as well as a colour."""

    def __init__(self, code: str, word: str, number: int, name: str, *, several: bool) -> None:
        super().__init__()
        self.code = code
        self.several = several
        self.number = str(number) if 0 < number < 10 else ""
        self.setText(word)
        self.setCheckable(True)
        self.setAccessibleName(f"{name}：{word}")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        number = metrics.horizontalAdvance(self.number + " ") if self.number else 0
        return QSize(metrics.horizontalAdvance(self.text()) + number + 26 + self._mark(), control_height(self))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 160), control_height(self))

    def _mark(self) -> int:
        return self.fontMetrics().height()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        mark = QRectF(8, (self.height() - self._mark()) / 2, self._mark(), self._mark())
        self._paint_mark(painter, mark.adjusted(3, 3, -3, -3))
        self._paint_words(painter, int(mark.right()) + 4)

    def _paint_ground(self, painter: QPainter) -> None:
        lively = self.isEnabled() and (self.isChecked() or self.underMouse() or self.hasFocus())
        painter.setPen(QPen(look.colour("accent" if lively else "edge"), 2 if self.hasFocus() else 1))
        painter.setBrush(look.colour("accent_soft" if self.isChecked() else "field"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_mark(self, painter: QPainter, box: QRectF) -> None:
        line = look.colour("accent" if self.isChecked() else "edge")
        painter.setPen(QPen(line, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.several:
            painter.drawRoundedRect(box, 2, 2)
        else:
            painter.drawEllipse(box)
        if self.isChecked():
            _paint_tick(painter, box) if self.several else _paint_dot(painter, box)

    def _paint_words(self, painter: QPainter, left: int) -> None:
        room = self.rect().adjusted(left, 0, -8, 0)
        if self.number:
            painter.setPen(look.colour("quiet"))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.number)
            room.setLeft(room.left() + self.fontMetrics().horizontalAdvance(self.number + " "))
        painter.setPen(look.colour("text" if self.isEnabled() else "quiet"))
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)


def _paint_tick(painter: QPainter, box: QRectF) -> None:
    ends = ((0.22, 0.52), (0.43, 0.73), (0.8, 0.28))
    painter.setPen(QPen(look.colour("accent"), 2))
    painter.drawPolyline([QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in ends])


def _paint_dot(painter: QPainter, box: QRectF) -> None:
    inset = box.width() * 0.25
    painter.setBrush(look.colour("accent"))
    painter.drawEllipse(box.adjusted(inset, inset, -inset, -inset))


class ChoiceRow(QWidget):
    """The buttons of one question. Tab enters it once, arrows move inside, numbers choose, Space toggles."""

    chosen = Signal()
    advanced = Signal()
    left = Signal()

    def __init__(self, name: str, options: Sequence[Option], *, several: bool) -> None:
        super().__init__()
        self.several = several
        self._name = name
        self.buttons: list[ChoiceButton] = []
        self._flow = FlowLayout(self, 6)
        for number, (code, word) in enumerate(options, start=1):
            self._add(code, word, number if len(options) < 10 or number < 10 else 0)
        self._rove()

    def _add(self, code: str, word: str, number: int) -> None:
        button = ChoiceButton(code, word, number, self._name, several=self.several)
        button.clicked.connect(lambda: self._clicked(button))
        button.installEventFilter(self)
        self.buttons.append(button)
        self._flow.addWidget(button)

    def codes(self) -> tuple[str, ...]:
        """The codes chosen, in the order of the list."""
        return tuple(button.code for button in self.buttons if button.isChecked())

    def set_codes(self, codes: Sequence[str], word_of: dict[str, str]) -> None:
        """Choose exactly these; a code that is no longer offered is shown as well, so that nothing disappears."""
        known = {button.code for button in self.buttons}
        for code in codes:
            if code not in known:
                self._add(code, word_of.get(code, code), 0)
        for button in self.buttons:
            button.setChecked(button.code in codes)
        self._rove()

    def entry(self) -> ChoiceButton:
        """The button that Tab enters by: the chosen one, or the first."""
        return next((button for button in self.buttons if button.isChecked()), self.buttons[0])

    def _clicked(self, button: ChoiceButton) -> None:
        if not self.several and button.isChecked():
            for other in self.buttons:
                if other is not button:
                    other.setChecked(False)
        self._rove(button)
        self.chosen.emit()

    def _rove(self, entry: ChoiceButton | None = None) -> None:
        entry = entry or self.entry()
        for button in self.buttons:
            policy = Qt.FocusPolicy.StrongFocus if button is entry else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(policy)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if isinstance(watched, ChoiceButton):
            if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
                return self._key(watched, event)
            if isinstance(event, QFocusEvent) and event.type() is QEvent.Type.FocusOut:
                self.left.emit()
        return False

    def _key(self, button: ChoiceButton, event: QKeyEvent) -> bool:
        key = event.key()
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._step(button, 1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._step(button, -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.advanced.emit()
        elif (number := event.text()).isdigit():
            self._by_number(number)
        else:
            return False
        return True

    def _step(self, button: ChoiceButton, step: int) -> None:
        place = (self.buttons.index(button) + step) % len(self.buttons)
        self._rove(self.buttons[place])
        self.buttons[place].setFocus(Qt.FocusReason.TabFocusReason)

    def _by_number(self, number: str) -> None:
        button = next((button for button in self.buttons if button.number == number), None)
        if button is None:
            return
        if self.several:
            button.click()
            button.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            if not button.isChecked():
                button.click()
            self.advanced.emit()


class _Chosen(Editor):
    """What the three editors of buttons share."""

    def __init__(self, field: Field, options: Sequence[Option], parent: QWidget | None, *, several: bool) -> None:
        super().__init__(field, parent)
        self.row = ChoiceRow(field.label, options, several=several)
        self.row.chosen.connect(self._touched)
        self.row.advanced.connect(self.advanced)
        self.row.left.connect(self.left)
        self._place(self.row)
        for button in self.row.buttons:
            button.installEventFilter(self)

    def focus_target(self) -> QWidget:
        return self.row.entry()


class ChoiceEditor(_Chosen):
    """One of few: all choices in sight, chosen by its number, which also goes on to the next field."""

    def __init__(self, field: Field, today: date, parent: QWidget | None = None) -> None:
        super().__init__(field, options_of(field, today), parent, several=False)

    def value(self) -> Value:
        return next(iter(self.row.codes()), None)

    def set_value(self, value: Value) -> None:
        self.row.set_codes([str(value)] if value is not None else [], _words(self.field))


class ChoicesEditor(_Chosen):
    """Any of several, as chips; numbers toggle, Enter goes on."""

    def __init__(self, field: Field, today: date, parent: QWidget | None = None) -> None:
        super().__init__(field, options_of(field, today), parent, several=True)

    def value(self) -> Value:
        return tuple(sorted(self.row.codes()))

    def set_value(self, value: Value) -> None:
        self.row.set_codes(value if isinstance(value, tuple) else (), _words(self.field))


class FlagEditor(_Chosen):
    """Yes, no, or not asked; the chosen one clicked again is taken back."""

    def __init__(self, field: Field, parent: QWidget | None = None, *, yes: str = YES, no: str = NO) -> None:
        super().__init__(field, (("yes", yes), ("no", no)), parent, several=False)

    def value(self) -> Value:
        return {(): None, ("yes",): True, ("no",): False}[self.row.codes()]

    def set_value(self, value: Value) -> None:
        self.row.set_codes([] if value is None else ["yes" if value else "no"], {})


LAST: dict[str, tuple[str, ...]] = {"sex": ("0", "9")}
"""Codes that stand first in a standard and are hardly ever meant: they are offered last."""


def options_of(field: Field, today: date) -> tuple[Option, ...]:
    """What may be chosen today, in the order in which it is offered."""
    last = LAST.get(field.of, ())
    items = sorted(code_list(field.of).current(today), key=lambda item: item.code in last)
    return tuple((item.code, item.label) for item in items)


def _words(field: Field) -> dict[str, str]:
    return {item.code: item.label for item in code_list(field.of)}
