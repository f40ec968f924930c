"""The walk of the day as a list: village groups as headings, one line a person with the reason beside the name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.cases.agenda import Agenda, Visit
from app.policy.schedule import Mode
from app.records.codes import code_list
from ui import look
from ui.words import tr

Index = QModelIndex | QPersistentModelIndex
PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
ROW = Qt.ItemDataRole.UserRole
MODES = {Mode.HOME: "", Mode.WEEKEND: "等周末", Mode.PHONE: "打电话"}
KINDS = {"child": "儿童", "elder": "老人"}


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A heading: a village group and how many are to be visited there."""

    name: str
    count: int


Line = GroupLine | Visit


class WalkModel(QAbstractListModel):
    """Headings and visits in the order of the walk; headings cannot be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []

    def show_agenda(self, agenda: Agenda) -> None:
        """Show another agenda."""
        self.beginResetModel()
        self.lines = []
        for name, visits in agenda.groups:
            self.lines += [GroupLine(name or tr("没有写组别"), len(visits)), *visits]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        if role == ROW:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(line)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self.lines[index.row()], GroupLine):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def spoken(line: Line) -> str:
    """The line as a screen reader says it."""
    if isinstance(line, GroupLine):
        return tr("{group}，{n} 人", group=line.name, n=line.count)
    mode = tr(MODES[line.mode]) if line.mode != Mode.HOME else ""
    return "，".join(part for part in (line.name, tr(KINDS.get(line.kind, "")), line.reason, mode) if part)


def last_time(visit: Visit) -> str:
    """When somebody last met the person."""
    last = visit.last_visited_on
    return tr("上次 {m}月{d}日", m=last.month, d=last.day) if last else tr("还没有走访过")


def day_words(day: date, today: date) -> str:
    """今天, 明天, or the day."""
    near = {0: tr("今天"), 1: tr("明天")}
    return near.get((day - today).days) or tr("{m}月{d}日", m=day.month, d=day.day)


class WalkDelegate(QStyledItemDelegate):
    """Draws a line: shape of the risk, name, reason, how, and at the right how late it is."""

    today = date(2000, 1, 1)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        heading = isinstance(index.data(ROW), GroupLine)
        return QSize(0, option.fontMetrics.height() + look.space(5 if heading else 3))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        line = index.data(ROW)
        if isinstance(line, GroupLine):
            self._paint_heading(painter, option.rect, line)
        else:
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(option.rect, look.colour("accent_soft"))
                if option.state & QStyle.StateFlag.State_HasFocus:
                    painter.fillRect(
                        QRect(option.rect.topLeft(), QSize(3, option.rect.height())), look.colour("accent")
                    )
            self._paint_visit(painter, option.rect.adjusted(look.space(3), 0, -look.space(3), 0), line)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, line: GroupLine) -> None:
        box = rect.adjusted(look.space(3), look.space(2), -look.space(3), 0)
        painter.setPen(look.colour("hairline"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setPen(look.colour("quiet"))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, line.name)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, tr("{n} 人", n=line.count))

    def _paint_visit(self, painter: QPainter, box: QRect, visit: Visit) -> None:
        em = painter.fontMetrics().horizontalAdvance("中")
        word = code_list("risk_level").label(visit.risk_level) if visit.risk_level else tr("未评估")
        height = painter.fontMetrics().height() + 6
        badge = QRect(box.left(), box.center().y() - height // 2 + 1, em * 4 + 22, height)
        look.paint_risk(painter, badge, visit.risk_level, word)
        name = box.adjusted(badge.width() + em, 0, 0, 0)
        name.setWidth(em * 6)
        self._words(painter, name, visit.name, "text", bold=True)
        late = self._paint_late(painter, box, visit)
        rest = QRect(name.right() + em, box.top(), box.right() - late - name.right() - em * 2, box.height())
        mode = tr(MODES[visit.mode])
        kind = tr(KINDS.get(visit.kind, ""))
        told = (kind, visit.words, mode, last_time(visit))
        self._words(painter, rest, "　".join(part for part in told if part), "quiet")

    def _paint_late(self, painter: QPainter, box: QRect, visit: Visit) -> int:
        if visit.overdue:
            words, ink = tr("过 {n} 天", n=visit.overdue), "danger"
        else:
            words, ink = day_words(visit.due_on, self.today), "quiet"
        painter.setPen(look.colour(ink))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        return painter.fontMetrics().horizontalAdvance(words)

    def _words(self, painter: QPainter, box: QRect, words: str, ink: str, *, bold: bool = False) -> None:
        font = QFont(painter.font())
        plain = QFont(font)
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(look.colour(ink))
        short = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, short)
        painter.setFont(plain)


class WalkList(QListView):
    """Enter opens, V starts a visit, P prints; the arrows pass over headings."""

    opened = Signal(str)
    visit_asked = Signal()
    print_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.walk = WalkModel()
        self.setModel(self.walk)
        self.lines = WalkDelegate(self)
        self.setItemDelegate(self.lines)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName(tr("该走访的人"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(lambda index: self._open())

    def show_agenda(self, agenda: Agenda, today: date) -> None:
        """Show another agenda, with the cursor kept on the same person or put on the first."""
        self.lines.today = today
        was = self.chosen()
        self.walk.show_agenda(agenda)
        at = [row for row, line in enumerate(self.walk.lines) if isinstance(line, Visit)]
        kept = [row for row in at if was and self._visit(row).id == was[0].id]
        if at:
            self.setCurrentIndex(self.walk.index((kept or at)[0]))

    def _visit(self, row: int) -> Visit:
        line = self.walk.lines[row]
        assert isinstance(line, Visit)
        return line

    def chosen(self) -> list[Visit]:
        """The chosen visits, in the order of the walk."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self._visit(row) for row in rows]

    def _open(self) -> None:
        if chosen := self.chosen():
            self.opened.emit(chosen[0].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts = {
            Qt.Key.Key_Return: self._open,
            Qt.Key.Key_Enter: self._open,
            Qt.Key.Key_V: self.visit_asked.emit,
            Qt.Key.Key_P: self.print_asked.emit,
        }
        act = acts.get(Qt.Key(event.key()))
        if act is not None and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        ):
            act()
        else:
            super().keyPressEvent(event)


def ids(visits: Sequence[Visit]) -> tuple[str, ...]:
    """The persons of some visits."""
    return tuple(visit.id for visit in visits)
