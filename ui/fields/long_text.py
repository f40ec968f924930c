"""The editor for several lines, with the count that the national form sets."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QWidget

from app.records.record import Field, Value
from ui.fields.composition import ComposedText
from ui.fields.editor import Editor
from ui.words import tr

_LEAST_LINES, _MOST_LINES = 2, 7


class LongTextEditor(Editor):
    """As high as its text, between two and seven lines; counts towards the limit without cutting anything off."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.box = ComposedText()
        self._setting = False
        self.box.document().documentLayout().documentSizeChanged.connect(self._fit_box)
        self.box.textChanged.connect(self._typed)
        self.box.left.connect(self.left)
        self._place(self.box)
        self._fit_box()

    def focus_target(self) -> QWidget:
        return self.box

    def value(self) -> Value:
        self.box.commit_composition()
        return unicodedata.normalize("NFC", self.box.toPlainText()).strip() or None

    def set_value(self, value: Value) -> None:
        self._setting = True
        self.box.setPlainText("" if value is None else str(value))
        self._setting = False
        self._count()

    def _typed(self) -> None:
        self._count()
        if not self._setting:
            self._touched()

    def _count(self) -> None:
        count = len(self.box.toPlainText())
        if not self.field.limit or not count:
            self.show_hint("")
        elif count <= self.field.limit:
            self.show_hint(f"{count} / {self.field.limit}")
        else:
            over = count - self.field.limit
            self.show_hint(tr("{count} / {limit}，多了 {over} 个字", count=count, limit=self.field.limit, over=over))

    def _fit(self) -> None:
        super()._fit()
        self._fit_box()

    def _fit_box(self) -> None:
        lines = int(self.box.document().size().height())
        wanted = min(max(lines, _LEAST_LINES), _MOST_LINES)
        frame: QMargins = self.box.contentsMargins()
        around = 2 * self.box.document().documentMargin() + frame.top() + frame.bottom() + 4
        self.box.setFixedHeight(int(wanted * self.box.fontMetrics().lineSpacing() + around))
