"""The editor for several lines, with the count that the national form sets."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QMargins, Qt
from PySide6.QtWidgets import QWidget

from app.records.record import Field, Value
from ui import look
from ui.fields.editor import Editor
from ui.look.typing import ComposedText
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
        self.count = look.Label("", "small")
        self._grid.addWidget(self.count, 1, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
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
        count, limit = len(self.box.toPlainText()), self.field.limit
        self.count.setText(f"{count} / {limit}" if limit and count else "")
        over = max(count - limit, 0) if limit else 0
        self.show_hint(tr("多了 {over} 个字，纸上放不下；可以先留着，完成前删短。", over=over) if over else "")

    def _fit(self) -> None:
        super()._fit()
        self._fit_box()

    def _fit_box(self) -> None:
        lines = int(self.box.document().size().height())
        wanted = min(max(lines, _LEAST_LINES), _MOST_LINES)
        frame: QMargins = self.box.contentsMargins()
        around = 2 * self.box.document().documentMargin() + frame.top() + frame.bottom() + 4
        self.box.setFixedHeight(int(wanted * self.box.fontMetrics().lineSpacing() + around))
