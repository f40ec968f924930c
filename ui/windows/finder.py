"""The one search box, and its answers in a list below it (never a popup: input methods cannot write in one)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui import look
from ui.context import Context
from ui.look.parts import dressed
from ui.look.typing import ComposedLine
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader
    from app.store.results import PersonHit

MOST = 30
ABOUT = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class SearchField(ComposedLine):
    """The box itself; Down and Enter go to the answers, Esc empties it."""

    asked_down = Signal()
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        dressed(self, "search")
        self.setPlaceholderText(tr("找人：姓名、拼音、首字母、组别、证件号后四位、纸张编号   Ctrl+F"))
        self.setAccessibleName(tr("找人"))
        self.setClearButtonEnabled(True)
        self.addAction(look.icon("search"), QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            self.asked_down.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class Finder(QObject):
    """Ties the box to the list of answers, which lies over the page.

    Only the answer to the latest letters is shown; the searching itself happens off the GUI thread.
    """

    found = Signal(str)
    sheet_typed = Signal(str)
    left = Signal()

    def __init__(self, context: Context, over: QWidget) -> None:
        super().__init__(over)
        self.context = context
        self.over = over
        self.field = SearchField()
        self.answers = QFrame(over)
        dressed(self.answers, "section")
        self.answers.setFrameShape(QFrame.Shape.NoFrame)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("找到的人"))
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_Line(self.list))
        self.empty = look.Label("", "quiet", wrap=True)
        self.answers.setLayout(look.column(self.list, self.empty, margins=(1, 1, 1, 1), gap=1))
        self.answers.hide()
        self._asked = 0
        self._enter_waits = False
        self.field.textChanged.connect(self._search)
        self.field.asked_down.connect(self._into_list)
        self.field.entered.connect(self._enter)
        self.field.given_up.connect(self.close)
        self.list.itemActivated.connect(self._open)
        self.list.installEventFilter(self)

    def start(self) -> None:
        """Ctrl+F: into the box, whatever stands there selected."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def close(self) -> None:
        """Esc: empty the box and give the keyboard back to the page."""
        self.field.clear()
        self.answers.hide()
        self.left.emit()

    def _search(self, text: str) -> None:
        self._asked += 1
        asked, wanted = self._asked, text.strip()
        if not wanted:
            self.answers.hide()
            return

        def look_up(reader: Reader) -> list[PersonHit]:
            # Letters typed meanwhile make this answer worthless: do not even look.
            return reader.search(wanted, MOST) if asked == self._asked else []

        self.context.read(self, look_up).then(lambda hits: self._show(asked, wanted, hits)).run()

    def _show(self, asked: int, wanted: str, hits: list[PersonHit]) -> None:
        if asked != self._asked:
            return
        self.list.clear()
        for hit in hits:
            self.list.addItem(_item(hit))
        self.list.setVisible(bool(hits))
        self.empty.setVisible(not hits)
        self.empty.setText(tr("没有找到「{text}」。可以只打姓名的拼音首字母，如 lx。", text=wanted))
        if hits:
            self.list.setCurrentRow(0)
        self._place(len(hits))
        if self._enter_waits:
            self._enter()

    def _place(self, rows: int) -> None:
        over = self.over
        corner = self.field.mapTo(over, QPoint(0, self.field.height() + 4))
        line = self.list.sizeHintForRow(0) if rows else 3 * self.field.fontMetrics().height()
        height = min(max(rows, 1) * line + look.space(6), over.height() - corner.y() - look.space(4))
        self.answers.setGeometry(corner.x(), corner.y(), max(self.field.width(), look.space(110)), height)
        self.answers.show()
        self.answers.raise_()

    def _into_list(self) -> None:
        if self.answers.isVisible() and self.list.count():
            self.list.setFocus()
            self.list.setCurrentRow(min(1, self.list.count() - 1))

    def _enter(self) -> None:
        text = self.field.text().strip()
        if looks_like_a_sheet(text):
            self.close()
            self.sheet_typed.emit(text)
            return
        self._enter_waits = bool(text) and not self.answers.isVisible()
        if self.answers.isVisible() and self.list.currentRow() >= 0:
            self._open(self.list.currentItem())

    def _open(self, item: QListWidgetItem) -> None:
        self._enter_waits = False
        person = item.data(Qt.ItemDataRole.UserRole)
        self.field.clear()
        self.answers.hide()
        self.found.emit(person)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.list and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
            if event.key() == Qt.Key.Key_Up and self.list.currentRow() == 0:
                self.field.setFocus()
                return True
        return False


KINDS = {"child": "儿童", "elder": "老人"}


def _item(hit: PersonHit) -> QListWidgetItem:
    kinds = "、".join(tr(KINDS[kind]) for kind in hit.kinds if kind in KINDS) or tr("家人")
    born = tr("{year} 年生", year=hit.birth_date[:4]) if hit.birth_date else ""
    about = "   ".join(part for part in (hit.village_group, born, kinds) if part)
    item = QListWidgetItem(hit.name)
    item.setData(Qt.ItemDataRole.UserRole, hit.id)
    item.setData(ABOUT, about)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{hit.name} {about}")
    return item


class _Line(QStyledItemDelegate):
    """A name, and beside it just enough to tell three 王芳 apart."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, look.colour("accent_soft"))
        box = option.rect.adjusted(look.space(4), 0, -look.space(4), 0)
        name, about = str(index.data()), str(index.data(ABOUT))
        painter.setPen(look.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
        taken = max(painter.fontMetrics().horizontalAdvance(name) + look.space(4), look.space(24))
        painter.setPen(look.colour("quiet"))
        painter.drawText(box.adjusted(taken, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, about)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, option.fontMetrics.height() + look.space(4))


def looks_like_a_sheet(text: str) -> bool:
    """Whether a whole short number of a printed sheet was typed, check digit included."""
    if not any(mark.isdigit() for mark in text) or not any(mark.isascii() and mark.isalpha() for mark in text):
        return False
    from app.records import sheet_numbers

    return sheet_numbers.check(text)
