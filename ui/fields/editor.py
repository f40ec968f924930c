"""The row that every field of a form is: label, control, last answer, and what is wrong, in this order."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.records.record import Field, Value
from ui import look
from ui.fields.shown import shown
from ui.words import tr

KEEP_KEY = Qt.Key.Key_F4
LABEL_WIDTH = 9  # characters; longer labels wrap


class Editor(QWidget):
    """One field's editor. Subclasses give the control, ``value`` and ``set_value``, and call ``_touched``.

    ``arrived``: the cursor came here; ``changed``: the user altered the value; ``left``: the user is done with it
    for now; ``advanced``: the user asked for the next field.
    """

    arrived = Signal()

    changed = Signal()
    left = Signal()
    advanced = Signal()

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.last: Value = None
        self.kept = False
        self.label = QLabel(field.label + (" *" if field.required else ""))
        self.problem_line = _note_line("problem")
        self.hint_line = _note_line("small")
        self.last_row = _LastRow(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, look.space(1), 0, look.space(1))
        self._grid.setHorizontalSpacing(look.space(3))
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        self._fit_label()
        self._grid.addWidget(self.label, 0, 0)
        for row, below in enumerate((self.last_row, self.hint_line, self.problem_line), start=1):
            self._grid.addWidget(below, row, 1)
            below.hide()
        look.changed.connect(self._fit)

    # What subclasses answer.

    def value(self) -> Value:
        """What the field holds now, composition text included; None or () when nothing is filled in."""
        raise TypeError(f"{type(self).__name__} shows no value")

    def set_value(self, value: Value) -> None:
        """Show a value without telling anybody that the user changed it."""
        raise TypeError(f"{type(self).__name__} takes no value")

    def focus_target(self) -> QWidget:
        """The widget that takes the keys."""
        return self

    # What all editors do.

    def is_empty(self) -> bool:
        """Whether nothing has been answered."""
        return self.value() in (None, "", ())

    def focus(self) -> None:
        """Put the cursor here."""
        self.focus_target().setFocus(Qt.FocusReason.TabFocusReason)

    def offer(self, last: Value) -> None:
        """Show the last visit's answer in grey, with the one key that keeps it."""
        self.last = last
        if last not in (None, "", ()):
            self.last_row.offer(shown(self.field, last))

    def keep(self) -> None:
        """Take the last answer as it was and go on; nothing happens when there is none."""
        if self.last in (None, "", ()):
            return
        self.set_value(self.last)
        self.mark_kept()
        self.changed.emit()
        self.left.emit()
        self.advanced.emit()

    def mark_kept(self) -> None:
        """The value shown is the last answer, kept earlier."""
        self.kept = True
        self.last_row.confirm()

    def show_problem(self, message: str, *, warning: bool = False) -> None:
        """Say what is wrong under the control; an empty message takes it away."""
        if message == self.problem_line.text():
            return
        self.problem_line.setProperty("look", "warning" if warning else "problem")
        _say(self.problem_line, message)
        target = self.focus_target()
        target.setAccessibleDescription(message)
        target.setProperty("problem", "true" if message and not warning else "false")
        target.style().polish(target)

    def show_hint(self, message: str) -> None:
        """Say something quiet under the control: how a typed day was read, what a number tells."""
        _say(self.hint_line, message)

    # For subclasses.

    def _place(self, control: QWidget, target: QWidget | None = None) -> None:
        """Put the control beside its label; ``target`` takes the keys when the control only holds others."""
        target = target or control
        self._grid.addWidget(control, 0, 1)
        self.label.setBuddy(target)
        target.setAccessibleName(self.field.label)
        target.installEventFilter(self)

    def _touched(self) -> None:
        """The user changed the value: it is no longer the kept one, and the problem may be mended."""
        if self.kept:
            self.kept = False
            self.last_row.offer(shown(self.field, self.last))
        self.show_problem("")
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FocusIn:
            self.arrived.emit()
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == KEEP_KEY:
            self.keep()
            return True
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Take the measures again after a change of type size."""
        self._fit_label()

    def _fit_label(self) -> None:
        metrics = self.fontMetrics()
        self.label.setFixedWidth(metrics.horizontalAdvance("字") * LABEL_WIDTH)
        self.label.setContentsMargins(0, max((control_height(self) - metrics.height()) // 2, 0), 0, 0)


def control_height(widget: QWidget) -> int:
    """How high a control of one line is: the text and room for a finger, never below 32 pixels."""
    return max(32, widget.fontMetrics().height() + 12)


class _LastRow(QWidget):
    """「上次：…」 in grey, and the button that keeps it."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.words = _note_line("small")
        self.button = QPushButton(tr("没有变化 F4"))
        self.button.setProperty("look", "quiet")
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.clicked.connect(editor.keep)
        self.button.setAccessibleName(tr("{label}：没有变化", label=editor.field.label))
        row.addWidget(self.words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)

    def offer(self, words: str) -> None:
        """Show the last answer; it is not kept yet."""
        self._show(tr("上次：{words}", words=words), kept=False)

    def confirm(self) -> None:
        """Say that the answer shown is the last one, kept."""
        self._show(tr("✓ 与上次相同"), kept=True)

    def _show(self, words: str, *, kept: bool) -> None:
        self.words.setText(words)
        self.words.show()
        self.button.setVisible(not kept)
        self.show()


def _note_line(tone: str) -> QLabel:
    line = QLabel()
    line.setTextFormat(Qt.TextFormat.PlainText)
    line.setWordWrap(True)
    line.setProperty("look", tone)
    line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return line


def _say(line: QLabel, message: str) -> None:
    line.setText(message)
    line.setVisible(bool(message))
    line.style().polish(line)
