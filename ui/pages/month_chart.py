"""This month's visits done against due, drawn from the palette and labelled directly."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.cases.agenda import MonthProgress
from ui import look
from ui.words import tr


class MonthChart(QWidget):
    """A line that climbs day by day towards the number that is due."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = MonthProgress((), 0, 0)
        self.today = date(2000, 1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def show_progress(self, progress: MonthProgress, today: date) -> None:
        """Show another month."""
        self.progress, self.today = progress, today
        self.setAccessibleName(
            tr("{month} 月走访 {met} 人，应走访 {due} 人", month=today.month, met=progress.met, due=progress.due)
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(look.space(60), self.fontMetrics().height() * 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        field = self.rect().adjusted(0, line + 2, -2, -line - 2)
        self._paint_due(painter, field)
        self._paint_met(painter, field)
        painter.setPen(look.colour("quiet"))
        foot = QRect(0, self.height() - line, self.width(), line)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, tr("1 日"))
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, tr("{n} 日", n=self._days()))

    def _days(self) -> int:
        following = date(self.today.year + self.today.month // 12, self.today.month % 12 + 1, 1)
        return (following - self.today.replace(day=1)).days

    def _paint_due(self, painter: QPainter, field: QRect) -> None:
        painter.setPen(look.colour("hairline"))
        painter.drawLine(field.bottomLeft(), field.bottomRight())
        painter.setPen(QPen(look.colour("edge"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(field.topLeft(), field.topRight())
        painter.setPen(look.colour("quiet"))
        above = QRect(field.left(), 0, field.width(), field.top() - 2)
        painter.drawText(above, Qt.AlignmentFlag.AlignRight, tr("应走访 {n} 人", n=self.progress.due))

    def _paint_met(self, painter: QPainter, field: QRect) -> None:
        met, top = self.progress.met_by_day, max(self.progress.due, 1)
        if not met:
            return
        step = field.width() / max(self._days() - 1, 1)
        points = [
            QPointF(field.left() + step * day, field.bottom() - field.height() * min(n, top) / top)
            for day, n in enumerate(met)
        ]
        below = [*points, QPointF(points[-1].x(), field.bottom()), QPointF(points[0].x(), field.bottom())]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent_soft"))
        painter.drawPolygon(QPolygonF(below))
        painter.setPen(QPen(look.colour("accent"), 2))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(look.colour("accent"))
        painter.drawEllipse(points[-1], 3, 3)
        self._label(painter, field, points[-1])

    def _label(self, painter: QPainter, field: QRect, end: QPointF) -> None:
        words = tr("已走访 {n} 人", n=self.progress.met)
        width = painter.fontMetrics().horizontalAdvance(words)
        left = min(end.x() + 8, field.right() - width)
        above = max(end.y() - painter.fontMetrics().height() - 4, field.top())
        painter.drawText(QPointF(max(left, field.left()), above + painter.fontMetrics().ascent()), words)
