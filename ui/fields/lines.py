"""The editor for any number of short texts, such as phones: one box each, always one more to fill."""

from __future__ import annotations

import re
import unicodedata

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.records.record import Field, Value
from ui import look
from ui.fields.editor import Editor, control_height
from ui.look.typing import ComposedLine
from ui.words import tr

_SEPARATORS = re.compile(r"[、,，;；\n]+")


class LinesEditor(Editor):
    """Enter in a filled box opens the next, Enter in an empty one goes on; a pasted 「甲、乙」 becomes two."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.boxes: list[ComposedLine] = []
        self._setting = False
        self._holder = QWidget()
        self._column = QVBoxLayout(self._holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.space(1))
        self._add()
        self._place(self._holder, self.boxes[0])

    def focus_target(self) -> QWidget:
        return self.boxes[0]

    def value(self) -> Value:
        for box in self.boxes:
            box.commit_composition()
        texts = [text for box in self.boxes for text in self._texts(box.text())]
        return tuple(sorted(set(texts)))

    def set_value(self, value: Value) -> None:
        self._setting = True
        texts = list(value) if isinstance(value, tuple) else []
        while len(self.boxes) > max(len(texts), 1):
            self._drop(self.boxes[-1])
        while len(self.boxes) < len(texts):
            self._add()
        for box, text in zip(self.boxes, texts or [""], strict=True):
            box.setText(text)
        self._setting = False

    def _texts(self, text: str) -> list[str]:
        parts = _SEPARATORS.split(unicodedata.normalize("NFC", text))
        return [part.strip() for part in parts if part.strip()]

    def _add(self) -> ComposedLine:
        box = ComposedLine()
        box.setMinimumHeight(control_height(self))
        number = len(self.boxes) + 1
        box.setAccessibleName(self.field.label if number == 1 else f"{self.field.label} {number}")
        if number == 1:
            box.setPlaceholderText(tr("一栏一个，回车再加"))
        box.textChanged.connect(self._typed)
        box.left.connect(self.left)
        box.entered.connect(lambda: self._entered(box))
        box.installEventFilter(self)
        self.boxes.append(box)
        self._column.addWidget(box)
        return box

    def _drop(self, box: ComposedLine) -> None:
        self.boxes.remove(box)
        self._column.removeWidget(box)
        box.deleteLater()

    def _entered(self, box: ComposedLine) -> None:
        if not box.text().strip():
            self.advanced.emit()
            return
        following = self.boxes[self.boxes.index(box) + 1 :]
        if not following:
            following = [self._add()]
            following[0].show()
            QWidget.setTabOrder(box, following[0])
        following[0].setFocus()

    def _typed(self) -> None:
        if not self._setting:
            self._touched()


class PhonesEditor(LinesEditor):
    """Numbers in any width, with or without blanks and dashes."""

    def _texts(self, text: str) -> list[str]:
        plain = unicodedata.normalize("NFKC", text)
        return [_joined(part) if _mobile(part) else part for part in super()._texts(plain)]


def _joined(number: str) -> str:
    return re.sub(r"(?<=\d)[\s\-–—]+(?=\d)", "", number)


def _mobile(text: str) -> bool:
    return re.sub(r"\D", "", text).startswith("1")
