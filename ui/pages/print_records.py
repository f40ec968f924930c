"""Paper that is under way: sheets in the bag that nobody has typed in, and the log of what was printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.clock import CHINA
from app.records import Person, Sheet
from ui import look
from ui.models.short_table import ShortColumn, ShortTableView
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader
    from app.store.results import AuditEntry

HOW = {"printer": "打印机", "pdf": "存成 PDF", "package": "打印包"}


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A sheet and whose it is."""

    sheet: Sheet
    name: str


def sheets_in_the_bag(reader: Reader) -> list[SheetLine]:
    """Sheets that are printed and not typed in, the oldest first."""
    from app.cases.papers import sheets_not_typed_in

    sheets = sheets_not_typed_in(reader)
    people = reader.many(Person, [sheet.person for sheet in sheets if sheet.person])
    return [SheetLine(sheet, _name(people.get(sheet.person or ""))) for sheet in sheets]


def _name(person: Person | None) -> str:
    return tr("空白") if person is None else person.name or ""


def _title(name: str) -> str:
    from app.paper import PRINTED_FORMS

    return next((form.title for form in PRINTED_FORMS if form.name == name), name)


def moment(at: datetime | None) -> str:
    """3 月 5 日 10:32, in China."""
    if at is None:
        return ""
    local = at.astimezone(CHINA)
    return tr("{m} 月 {d} 日 {time}", m=local.month, d=local.day, time=f"{local:%H:%M}")


class _SheetView(ShortTableView):
    opened = Signal()
    spoiled = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.spoiled.emit()
        else:
            super().keyPressEvent(event)


class SheetsPanel(QWidget):
    """12 张未录入: Enter types one in, Delete says that it is lost."""

    type_in = Signal(str)
    lost = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        columns = (
            ShortColumn(tr("表号"), lambda line: line.sheet.number or "", 7),
            ShortColumn(tr("谁的"), lambda line: line.name, 7),
            ShortColumn(tr("表格"), lambda line: _title(line.sheet.form or ""), 8),
            ShortColumn(tr("打印时间"), lambda line: moment(line.sheet.printed_at), 10, lambda line: "quiet"),
            ShortColumn(tr("打印人"), lambda line: line.sheet.printed_by or "", 8, lambda line: "quiet"),
        )
        self.list = _SheetView(columns, tr("还没录入的纸质表"))
        self.list.opened.connect(self._open)
        self.list.doubleClicked.connect(lambda _: self._open())
        self.list.spoiled.connect(self._lose)
        self.empty = look.EmptyState(tr("包里没有还没录入的表。"), picture="saved")
        self.acts = QWidget()
        self.acts.setLayout(
            look.row(
                look.Label(tr("也可以在上面的搜索框里直接打表号。"), "quiet"),
                None,
                look.button(tr("丢了、写坏了 (Delete)"), self._lose),
                look.primary_button(tr("录入这一张 (回车)"), self._open),
                gap=3,
            )
        )
        page = look.column(gap=3)
        page.addWidget(self.list, 1)
        page.addWidget(self.empty, 1)
        page.addWidget(self.acts)
        self.setLayout(page)

    def show_lines(self, lines: Sequence[SheetLine]) -> None:
        """Show these sheets."""
        self.list.show_lines(lines)
        for part in (self.list, self.acts):
            part.setVisible(bool(lines))
        self.empty.setVisible(not lines)

    def _open(self) -> None:
        if (line := self.list.chosen()) is not None:
            self.type_in.emit(line.sheet.number or "")

    def _lose(self) -> None:
        if (line := self.list.chosen()) is not None:
            self.lost.emit(line.sheet)


class LogPanel(QWidget):
    """What was printed: which form, how many, by whom and how; never of whom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        columns = (
            ShortColumn(tr("时间"), lambda entry: moment(entry.at), 10),
            ShortColumn(tr("打印人"), lambda entry: entry.who, 7),
            ShortColumn(tr("表格"), lambda entry: _title(entry.detail.get("form", "")), 16),
            ShortColumn(tr("份数"), lambda entry: tr("{n} 份", n=entry.detail.get("sheets", "")), 5),
            ShortColumn(tr("页数"), lambda entry: tr("{n} 页", n=entry.detail.get("pages", "")), 5),
            ShortColumn(tr("号码"), lambda entry: tr("遮住") if entry.detail.get("masked") else tr("完整"), 5),
            ShortColumn(tr("去处"), lambda entry: HOW.get(entry.detail.get("how", ""), ""), 8),
        )
        self.list = ShortTableView(columns, tr("打印记录"))
        self.empty = look.EmptyState(tr("还没有打印过。"), picture="printing")
        page = look.column(gap=3)
        page.addWidget(self.list, 1)
        page.addWidget(self.empty, 1)
        self.setLayout(page)

    def show_entries(self, entries: Sequence[AuditEntry]) -> None:
        """Show these lines."""
        self.list.show_lines(entries)
        self.list.setVisible(bool(entries))
        self.empty.setVisible(not entries)
