"""Editors for one line: text, whole numbers, identity numbers."""

from __future__ import annotations

import unicodedata

from PySide6.QtWidgets import QWidget

from app.records import identity
from app.records.record import Field, Value
from ui.fields.editor import Editor, control_height
from ui.look.typing import ComposedLine
from ui.words import tr


class TextEditor(Editor):
    """One line of text. Nothing is cut off while it is typed; the check says what is too long."""

    def __init__(self, field: Field, parent: QWidget | None = None, *, placeholder: str = "") -> None:
        super().__init__(field, parent)
        self.line = ComposedLine()
        self.line.setPlaceholderText(placeholder)
        self.line.setMinimumHeight(control_height(self))
        self.line.textChanged.connect(self._typed)
        self.line.left.connect(self._finish)
        self.line.entered.connect(self._finish)
        self.line.entered.connect(self.advanced)
        self._setting = False
        self._place(self.line)

    def focus_target(self) -> QWidget:
        return self.line

    def text(self) -> str:
        """What stands there, composition included, normalised and trimmed."""
        self.line.commit_composition()
        return unicodedata.normalize("NFC", self.line.text()).strip()

    def value(self) -> Value:
        return self.text() or None

    def set_value(self, value: Value) -> None:
        self._show("" if value is None else str(value))

    def _show(self, text: str) -> None:
        self._setting = True
        self.line.setText(text)
        self.line.setCursorPosition(0)
        self._setting = False

    def _typed(self) -> None:
        if not self._setting:
            self._touched()

    def _finish(self) -> None:
        self.left.emit()


class NumberEditor(TextEditor):
    """A whole number, full-width digits included; what cannot be read stays in sight and is said."""

    def value(self) -> Value:
        text = unicodedata.normalize("NFKC", self.text())
        return int(text) if text.isdecimal() else None

    def _finish(self) -> None:
        unreadable = bool(self.text()) and self.value() is None
        self.show_hint(tr("这里要填整数，现在填的读不懂，没有记下。") if unreadable else "")
        super()._finish()


class IdNumberEditor(TextEditor):
    """An identity number: any width, blanks and x are put right; a wrong one is said and may stay."""

    def value(self) -> Value:
        return identity.normalised(self.text()) or None

    def set_value(self, value: Value) -> None:
        super().set_value(value)
        self._explain()

    def reading(self) -> identity.IdReading:
        """What the number tells: birth date, sex, what is wrong with it."""
        return identity.examine(self.text())

    def _finish(self) -> None:
        if self.line.text() != (normal := identity.normalised(self.text())):
            self._show(normal)
        self._explain()
        super()._finish()

    def _explain(self) -> None:
        reading = self.reading()
        if reading.kind is identity.IdKind.EMPTY:
            self.show_hint("")
        elif reading.reasons:
            self.show_hint(tr("号码{why}。可以先留着，标为证件号待核。", why="；".join(reading.reasons)))
        else:
            self.show_hint("；".join((*_told(reading), *reading.hints)))


def _told(reading: identity.IdReading) -> tuple[str, ...]:
    born = (f"{reading.birth_date.isoformat()} 出生",) if reading.birth_date else ()
    sex = ({"1": "男", "2": "女"}[reading.sex],) if reading.sex in ("1", "2") else ()
    return (*sex, *born)
