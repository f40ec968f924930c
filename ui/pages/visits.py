"""走访: whom to visit, drafts, sheets not typed in, what was done; and the box for a sheet's number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QTableView, QWidget

from app.records import Sheet
from app.store.results import Draft
from ui import look
from ui.changes import Notice
from ui.context import Context
from ui.fields import ComposedLine
from ui.look.flow import FlowLayout
from ui.models import BigTable, LineDelegate, Lines
from ui.models.list_view import as_list, fit
from ui.models.visit_lists import COLUMNS, VisitLine, VisitLines, VisitLists, gather
from ui.pages.page import Page, PeopleToVisit, PrintWanted, VisitWanted
from ui.words import tr

if TYPE_CHECKING:
    from app.store import Changes
    from app.store.workspace import Workspace

LISTS = {
    "planned": tr("该走访"),
    "drafts": tr("草稿"),
    "sheets": tr("纸表未录入"),
    "done": tr("最近完成"),
    "picked": tr("选出来的"),
}
NOTHING = {
    "planned": tr("七天之内没有该走访的人。普通儿童登记在册，不催走访；可以从台账里选人，按 V 走访。"),
    "drafts": tr("没有没填完的走访。填到一半离开，会自动留在这里。"),
    "sheets": tr("打印出去的走访表都录入了。"),
    "done": tr("最近三十天还没有完成的走访。"),
    "picked": tr("在台账里选几个人，按 V，就会列在这里。"),
}


class VisitsPage(Page):
    """One list at a time, with how many each holds."""

    title = "走访"
    place = "visits"
    help_page = "visits"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.name = "planned"
        self.picked: PeopleToVisit | None = None
        self.lists = VisitLists(*(VisitLines() for _ in LISTS))
        self.chips = {name: look.Chip(word, act=partial(self._chosen, name)) for name, word in LISTS.items()}
        self.number = ComposedLine()
        self.view = QTableView()
        self.table = BigTable(COLUMNS, _at_once, self)
        self.empty = look.EmptyState("", picture="visits")
        self._compose()
        self.chips["picked"].hide()
        self.show_list(self.name)

    def _compose(self) -> None:
        self.number.setPlaceholderText(tr("纸上右上角的表号"))
        self.number.setAccessibleName(tr("表号"))
        self.number.entered.connect(self.open_sheet)
        as_list(self.view, tr("走访"))
        self.view.setModel(self.table)
        self.view.setItemDelegate(LineDelegate(self.table, self.view))
        self.view.doubleClicked.connect(lambda _: self.open_current())
        for letter, act in (("V", self.open_current), ("P", self.print_sheets)):  # a table searches by letters
            QShortcut(QKeySequence(letter), self.view, context=Qt.ShortcutContext.WidgetShortcut).activated.connect(act)
        head = QWidget()
        flow = FlowLayout(head, look.space(2))
        typed_in = look.row(look.Label(tr("录入纸表"), "quiet"), self.number, look.button(tr("打开"), self.open_sheet))
        for part in (look.Heading(self.title, 1), *self.chips.values()):
            flow.addWidget(part)
        sheet = QWidget()
        sheet.setLayout(typed_in)
        flow.addWidget(sheet)
        self.drop_button = look.button(tr("扔掉这份草稿"), self._drop_draft, picture="remove")
        self.spoil_button = look.button(tr("这张表作废"), partial(self._spoil, "spoiled"))
        self.lost_button = look.button(tr("这张表丢了"), partial(self._spoil, "lost"))
        self.print_button = look.button(tr("打印走访单 (P)"), self.print_sheets, picture="printing")
        foot = look.row(None, self.print_button, self.drop_button, self.spoil_button, self.lost_button,
                        look.primary_button(tr("打开 (回车)"), self.open_current), gap=2)  # fmt: skip
        page = look.column(head, margins=(6, 3, 6, 2), gap=3)
        page.addWidget(self.view, 1)
        page.addWidget(self.empty, 1)
        page.addLayout(foot)
        self.setLayout(page)
        self.setFocusProxy(self.view)
        look.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        fit(self.view, COLUMNS)
        self.number.setFixedWidth(look.em(12))

    def concerns(self, changes: Changes) -> bool:
        return bool(changes.types & {"child_visit", "elder_visit", "sheet", "person", "child", "elder", "stay"})

    def shown(self) -> None:
        self.refresh()  # drafts make no change that anybody announces

    def refresh(self) -> None:
        actor, today = self.context.actor, self.context.clock.today()
        picked = self.picked
        self.context.read(self, lambda reader: gather(reader, actor, today, picked)).then(self._show).run()

    def show_what(self, what: object) -> None:
        if isinstance(what, PeopleToVisit):
            self.picked, self.name = what, "picked"

    def _show(self, lists: VisitLists) -> None:
        self.lists = lists
        for name, chip in self.chips.items():
            lines: VisitLines = getattr(lists, name)
            chip.setText(f"{LISTS[name]}  {len(lines)}")
            chip.setAccessibleName(tr("{word}，{count} 条", word=LISTS[name], count=len(lines)))
        self.chips["picked"].setVisible(self.picked is not None)
        self.show_list(self.name)

    def _chosen(self, name: str, _on: bool) -> None:
        self.show_list(name)

    def show_list(self, name: str) -> None:
        """Show one of the four lists."""
        row = self.view.currentIndex().row() if name == self.name else 0
        self.name = name
        for each, chip in self.chips.items():
            chip.blockSignals(True)
            chip.setChecked(each == name)
            chip.blockSignals(False)
        lines: VisitLines = getattr(self.lists, name)
        self.table.show(lines)
        self.empty.words.setText(NOTHING[name])
        self.empty.setVisible(not lines)
        self.view.setVisible(bool(lines))
        self.print_button.setVisible(name in ("planned", "picked") and bool(lines))
        self.drop_button.setVisible(name == "drafts" and bool(lines))
        for button in (self.spoil_button, self.lost_button):
            button.setVisible(name == "sheets" and bool(lines))
        if lines:
            self.view.setCurrentIndex(self.table.index(min(max(row, 0), len(lines) - 1), 0))

    def current(self) -> VisitLine | None:
        """The line under the cursor."""
        lines: VisitLines = getattr(self.lists, self.name)
        row = self.view.currentIndex().row()
        return lines[row] if 0 <= row < len(lines) else None

    def open_current(self) -> None:
        """Open the visit of the line."""
        if line := self.current():
            self.open_visit.emit(line.wanted)

    def print_sheets(self) -> None:
        """A sheet for each person of the list."""
        lines: VisitLines = getattr(self.lists, self.name)
        if lines and self.print_button.isVisible():
            subjects = dict.fromkeys(id_ for line in lines.page(0, len(lines)) for id_ in line.wanted.subjects)
            self.open_print.emit(PrintWanted("visit_sheet", tuple(subjects)))

    def open_sheet(self) -> None:
        """Open the empty visit of a printed sheet by its number."""
        self.number.commit_composition()
        if typed := self.number.text().strip():
            self.number.clear()
            self.open_visit.emit(VisitWanted(sheet=typed))

    def _drop_draft(self) -> None:
        line = self.current()
        if line is None or not isinstance(line.held, Draft):
            return
        draft, actor = line.held, self.context.actor

        def put_back() -> None:
            task = self.context.write(self, lambda store: store.put_draft(actor, draft.loaded, draft.edited))
            task.then(lambda _: self.refresh()).run()

        def drop(store: Workspace) -> None:
            store.drop_draft(draft.edited.spec.name, draft.edited.id)

        notice = Notice(tr("扔掉了{name}的草稿。", name=line.name), undo=put_back)
        task = self.context.write(self, drop).then(lambda _: self.context.changes.say(notice))
        task.then(lambda _: self.refresh()).run()

    def _spoil(self, state: str) -> None:
        line = self.current()
        if line is None or not isinstance(line.held, Sheet):
            return
        sheet, actor = line.held, self.context.actor

        def spoil(store: Workspace) -> Changes:
            from app.cases import papers

            return papers.spoil(store, actor, [sheet], state)

        word = tr("作废") if state == "spoiled" else tr("丢失")
        said = tr("表 {number} 记为{word}。", number=sheet.number or "", word=word)
        self.context.write(self, spoil).then(lambda changes: self.context.say(said, undo=changes)).run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.view.hasFocus():
            self.open_current()
        else:
            super().keyPressEvent(event)


def _at_once(lines: Lines, first: int, count: int, take: Callable[[Sequence[Any]], None]) -> None:
    """These lists are here already."""
    take(lines.page(first, count))
