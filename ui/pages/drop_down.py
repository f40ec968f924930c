"""A box to choose from with an arrow of our own family; the wheel scrolls the page, not the choice."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox

from ui import look


class DropDown(QComboBox):
    """Chooses one of a list that is too long for chips."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        side = self.fontMetrics().height()
        middle = self.rect().center().y() - side // 2
        look.paint_icon(painter, QRect(self.width() - side - look.space(2), middle, side, side), "down")
