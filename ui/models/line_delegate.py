"""How the lines of a register list are painted: risk as a badge, names strong, the rest quiet.

Scrolling paints some 150 cells in a frame of 16 ms, so the style sheet is not asked and nothing is measured twice.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.records.codes import code_list
from ui import look
from ui.look.parts import paint_risk
from ui.models.big_table import BigTable
from ui.models.columns import Column

_Index = QModelIndex | QPersistentModelIndex
_QUIET = frozenset({"due_reason", "last_visited_on", "address", "birth_date", "names", "categories"})
_STRONG = frozenset({"name", "head_name"})
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine


class LineDelegate(QStyledItemDelegate):
    """Paints the cells of a BigTable by the column's name."""

    def __init__(self, table: BigTable, parent: QWidget, today: date | None = None) -> None:
        super().__init__(parent)
        self.table = table
        self.today = today.isoformat() if today else ""
        self._view = parent
        self._measure()
        look.changed.connect(self._measure)

    def _measure(self) -> None:
        """Fonts, colours and widths, taken again after a change of palette or type size."""
        font = self._view.font()
        self._bold = QFont(font)
        self._bold.setBold(True)
        self._metrics = QFontMetrics(self._bold)
        self._wide = self._metrics.horizontalAdvance("字")
        self._left, self._right = look.space(2), look.space(1)
        self._ink = {name: look.colour(name) for name in ("quiet", "text", "danger")}
        self._chosen: QColor = look.colour("accent_soft")
        self._badges: dict[str, tuple[str, int]] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._chosen)
        row, place = index.row(), index.column()
        column = self.table.columns[place]
        room = rect.adjusted(self._left, 0, -self._right, 0)
        if column.name == "risk_level":
            self._paint_badge(painter, room, self.table.line(row))
        elif text := self.table.text(row, place):
            self._paint_text(painter, room, column, text, row)

    def _paint_text(self, painter: QPainter, room: QRect, column: Column, text: str, row: int) -> None:
        strong = column.name in _STRONG
        if strong:
            painter.setFont(self._bold)
        painter.setPen(self._ink[self._ink_of(column.name, row)])
        room_for = room.width() * (1.6 if text.isascii() else 1)  # digits are narrower than characters
        if len(text) * self._wide > room_for:  # only then it may not fit
            text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _MIDDLE, text)
        if strong:
            painter.setFont(self._view.font())

    def _ink_of(self, name: str, row: int) -> str:
        if name in _QUIET:
            return "quiet"
        if name in ("due_on", "on") and self._is_late(name, self.table.line(row)):
            return "danger"
        return "text"

    def _is_late(self, name: str, line: Any) -> bool:
        if line is None:
            return False
        return bool(line.due_on and line.due_on < self.today) if name == "due_on" else bool(line.is_late)

    def _paint_badge(self, painter: QPainter, room: QRect, line: Any) -> None:
        if line is None:
            return
        word, width = self._badge(line.risk_level)
        height = self._metrics.height() + 6
        top = room.center().y() - height // 2 + 1
        paint_risk(painter, QRect(room.left(), top, min(width, room.width()), height), line.risk_level, word)

    def _badge(self, level: str) -> tuple[str, int]:
        if level not in self._badges:
            word = code_list("risk_level").short(level) if level else "未评估"
            metrics = self._view.fontMetrics()
            self._badges[level] = word, metrics.horizontalAdvance(word) + metrics.height() // 2 + 20
        return self._badges[level]

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(80, row_height(self._view))


def row_height(widget: QWidget | None) -> int:
    """A line that a finger hits and an eye follows."""
    metrics = widget.fontMetrics() if widget else QApplication.fontMetrics()
    return max(34, metrics.height() + 14)
