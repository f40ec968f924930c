"""How the lines of a register list are painted: risk as a badge, names strong, the rest quiet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.records.codes import code_list
from ui import look
from ui.look.parts import paint_risk
from ui.models.big_table import LINE
from ui.models.columns import Column

_Index = QModelIndex | QPersistentModelIndex
_QUIET = frozenset({"due_reason", "last_visited_on", "address", "birth_date", "names", "categories"})


class LineDelegate(QStyledItemDelegate):
    """Paints by the column's name; the model's columns are handed in again when they change."""

    def __init__(self, columns: Sequence[Column], parent: QWidget, today: date | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.today = today.isoformat() if today else ""

    def _is_late(self, name: str, line: Any) -> bool:
        if name == "due_on":
            return bool(line and line.due_on and line.due_on < self.today)
        return name == "on" and bool(line and line.is_late)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        name = self.columns[index.column()].name
        ground = QStyleOptionViewItem(option)
        ground.text = ""
        ground.state &= ~QStyle.StateFlag.State_HasFocus
        QApplication.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, ground, painter, option.widget)
        rect: QRect = option.rect
        rect = rect.adjusted(look.space(2), 0, -look.space(1), 0)
        line = index.data(LINE)
        if name == "risk_level" and line is not None:
            _paint_badge(painter, rect, line.risk_level)
            return
        painter.save()
        if name in ("name", "head_name"):
            font = QFont(painter.font())
            font.setBold(True)
            painter.setFont(font)
        late = self._is_late(name, line)
        painter.setPen(look.colour("quiet" if name in _QUIET else "danger" if late else "text"))
        text = painter.fontMetrics().elidedText(index.data() or "", Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(80, row_height(option.widget))


def row_height(widget: QWidget | None) -> int:
    """A line that a finger hits and an eye follows."""
    metrics = widget.fontMetrics() if widget else QApplication.fontMetrics()
    return max(34, metrics.height() + 14)


def _paint_badge(painter: QPainter, rect: QRect, level: str) -> None:
    word = code_list("risk_level").short(level) if level else "未评估"
    metrics = painter.fontMetrics()
    width = min(metrics.horizontalAdvance(word) + metrics.height() // 2 + 20, rect.width())
    height = metrics.height() + 6
    paint_risk(painter, QRect(rect.left(), rect.center().y() - height // 2 + 1, width, height), level, word)
