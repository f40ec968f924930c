"""Choosing a village or township: a few letters, then one of the places in the list below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QScrollArea, QWidget

from ui import look
from ui.look.typing import ComposedLine
from ui.words import tr


class _Edit(ComposedLine):
    asked_down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.asked_down.emit()
        else:
            super().keyPressEvent(event)


class OrgField(QWidget):
    """``code`` is the chosen division's 12 digits, or empty. The list stands in place, not in a popup."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code = ""
        self.edit = _Edit()
        self.edit.setAccessibleName(tr("您管的地方"))
        self.edit.setPlaceholderText(tr("打村名或乡镇名的几个字、拼音首字母或代码，如 雨河 龙井"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("找到的地方"))
        self.list.setMinimumHeight(look.space(28))
        self.edit.textEdited.connect(self._search)
        self.edit.asked_down.connect(self.list.setFocus)
        self.edit.entered.connect(self._take_first)
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        self.setLayout(look.column(self.edit, self.list, gap=1))
        self.setFocusProxy(self.edit)

    def _search(self, text: str) -> None:
        from app.records.divisions import search

        self.code = ""
        self.list.clear()
        for found in search(text, limit=30):
            item = QListWidgetItem(found.full_name)
            item.setData(Qt.ItemDataRole.UserRole, found.code)
            self.list.addItem(item)
        if self.list.count():
            self.list.setCurrentRow(0)
            _bring_into_sight(self.list)

    def _take_first(self) -> None:
        if self.list.count():
            self._take(self.list.currentItem())

    def _take(self, item: QListWidgetItem) -> None:
        self.code = item.data(Qt.ItemDataRole.UserRole)
        self.edit.setText(item.text())
        self.list.clear()
        self.chosen.emit(self.code)


def _bring_into_sight(widget: QWidget) -> None:
    """Scroll whatever it lies in, so that the answers are seen while one types."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    if isinstance(above, QScrollArea):
        above.ensureWidgetVisible(widget)
