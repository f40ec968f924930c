"""Household and kin as a small drawn tree: each person a button, generations below each other."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.clock import Clock
from app.records.dates import full_age
from ui import look
from ui.look.flow import FlowLayout
from ui.models.generations import Place
from ui.words import tr


class PersonNode(QAbstractButton):
    """One person: name, relation and age, and in words what must be known."""

    def __init__(self, place: Place, age: int | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.place = place
        years = tr("{age} 岁", age=age) if age is not None else ""
        self.name = place.person.name or tr("（没有姓名）")
        self.about = "  ".join(word for word in (place.word, years) if word)
        self.note = " · ".join(word for word in (tr("照料人") if place.is_caregiver else "", place.note) if word)
        self.setAccessibleName(" ".join((self.name, self.about, self.note)))
        self.setEnabled(not place.is_subject)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if self.isEnabled() else Qt.CursorShape.ArrowCursor)

    def sizeHint(self) -> QSize:
        bold, plain = QFontMetrics(self._bold()), self.fontMetrics()
        lines = (bold.horizontalAdvance(self.name), *map(plain.horizontalAdvance, (self.about, self.note)))
        rows = 3 if self.note else 2
        return QSize(max(max(lines) + look.space(6), look.space(22)), rows * plain.lineSpacing() + look.space(4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lively = self.place.is_subject or self.hasFocus() or (self.underMouse() and self.isEnabled())
        painter.setPen(QPen(look.colour("accent" if lively else "hairline"), 2 if self.hasFocus() else 1))
        painter.setBrush(look.colour("accent_soft" if self.place.is_subject else "page"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 5, 5)
        room = self.rect().adjusted(look.space(3), look.space(2), -look.space(2), -look.space(2))
        painter.setFont(self._bold())
        painter.setPen(look.colour("text"))
        painter.drawText(room, Qt.AlignmentFlag.AlignTop, self.name)
        painter.setFont(self.font())
        painter.setPen(look.colour("quiet"))
        line = self.fontMetrics().lineSpacing()
        painter.drawText(room.adjusted(0, line, 0, 0), Qt.AlignmentFlag.AlignTop, self.about)
        if self.note:
            painter.setPen(look.colour("warning" if self.place.note else "accent"))
            painter.drawText(room.adjusted(0, 2 * line, 0, 0), Qt.AlignmentFlag.AlignTop, self.note)


class FamilyTree(QWidget):
    """The rows of ``generations.tree``, with a line from each row to the next."""

    person_chosen = Signal(str)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._rows: list[QWidget] = []
        self._column = look.column(gap=5)
        self.setLayout(self._column)

    def show_rows(self, rows: tuple[tuple[Place, ...], ...]) -> None:
        """Draw these generations."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(row) for row in rows]
        self.update()

    def nodes(self) -> list[PersonNode]:
        """Everybody in the tree, from the oldest down."""
        return [node for row in self._rows for node in row.findChildren(PersonNode)]

    def _row(self, places: tuple[Place, ...]) -> QWidget:
        row = QWidget(self)
        flow = FlowLayout(row, look.space(3))
        for place in places:
            born, today = place.person.birth_date, place.person.died_on or self._clock.today()
            node = PersonNode(place, full_age(born, today) if born else None, row)
            node.clicked.connect(lambda _=False, id_=place.person.id: self.person_chosen.emit(id_))
            flow.addWidget(node)
        self._column.addWidget(row)
        return row

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(look.colour("edge"), 1))
        for above, below in zip(self._rows, self._rows[1:], strict=False):
            self._tie(painter, above, below)

    def _tie(self, painter: QPainter, above: QWidget, below: QWidget) -> None:
        """A comb between two generations: down from each above, across, down to each below."""
        tops = [self._feet(node, QRect.bottomLeft) for node in above.findChildren(PersonNode)]
        feet = [self._feet(node, QRect.topLeft) for node in below.findChildren(PersonNode)]
        middle = (above.geometry().bottom() + below.geometry().top()) // 2
        for point in (*tops, *feet):
            painter.drawLine(point, QPoint(point.x(), middle))
        ends = [point.x() for point in (*tops, *feet)]
        painter.drawLine(min(ends), middle, max(ends), middle)

    def _feet(self, node: PersonNode, corner: object) -> QPoint:
        rect = node.rect()
        y = rect.bottom() if corner is QRect.bottomLeft else rect.top()
        return node.mapTo(self, QPoint(min(look.space(8), rect.width() // 2), y))
