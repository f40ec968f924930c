"""台账: children, elders and households as fast lists, and what can be done with a selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QTableView, QWidget

from app.records.village_groups import group_order
from ui import look
from ui.context import Context
from ui.look.flow import FlowLayout
from ui.models import (
    HOUSEHOLD_COLUMNS,
    BigTable,
    Column,
    HouseholdLines,
    LineDelegate,
    Lines,
    RegisterFilter,
    child_columns,
    elder_columns,
)
from ui.models.list_view import as_list, fit
from ui.models.register_filter import KINDS
from ui.pages.page import Going, Page, PeopleToVisit, PrintWanted, VisitWanted
from ui.pages.register_bar import FilterBar
from ui.pages.registering import NewPersonWanted
from ui.words import tr

if TYPE_CHECKING:
    from app.store import Changes
    from app.store.reader import Reader

MOST_FOR_GROUPS = 5_000
"""Up to so many lines the village groups are gathered from the list itself."""


@dataclass(frozen=True, slots=True)
class _Found:
    lines: Lines
    groups: tuple[str, ...] | None


class ListView(QTableView):
    """A list that keys work in: Enter opens, V starts a visit, P prints."""

    def __init__(self, page: RegisterPage) -> None:
        super().__init__(page)
        self._page = page
        as_list(self, tr("名单"), several=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts = {
            Qt.Key.Key_Return: self._page.open_current, Qt.Key.Key_Enter: self._page.open_current,
            Qt.Key.Key_V: self._page.visit_current, Qt.Key.Key_P: self._page.print_selected,
        }  # fmt: skip
        act = acts.get(Qt.Key(event.key()))
        if act is not None and not event.modifiers():
            act()
        else:
            super().keyPressEvent(event)


class RegisterPage(Page):
    """One list at a time; the filter reads as a sentence and is kept for next time."""

    title = "台账"
    place = "register"
    help_page = "register"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        kept = context.reader.setting("register", {})
        self.filter = RegisterFilter.from_json(kept.get("filter", {}))
        self._columns_kept: dict[str, list[str]] = dict(kept.get("columns", {}))
        self._lines: Lines | None = None
        self.kinds = {kind: look.Chip(word, act=partial(self._kind_chosen, kind)) for kind, word in KINDS.items()}
        self.bar = FilterBar()
        self.sentence = look.Label("", "strong")
        self.view = ListView(self)
        self.table = BigTable((), self._fetch, self)
        self.delegate = LineDelegate(self.table, self.view, context.clock.today())
        self.empty = look.EmptyState(tr("这里还没有人。可以导入村里的表格，也可以一个一个登记。"), picture="register")
        self._compose()
        self._connect()
        self._show_chosen()

    # Composing

    def _compose(self) -> None:
        self.view.setModel(self.table)
        self.view.setItemDelegate(self.delegate)
        self.new_button = look.button(tr("登记新的…"), self._offer_new, picture="add")
        head = QWidget()
        tools = FlowLayout(head, look.space(2))
        for part in (
            look.Heading(self.title, 1),
            *self.kinds.values(),
            self.new_button,
            look.button(tr("导入表格"), lambda: self.go.emit(Going("imports")), picture="import"),
        ):
            tools.addWidget(part)
        self.selection = _SelectionBar(self)
        self.bar.end_with(self.sentence)
        fill = look.quiet_button(tr("照这张表填"), lambda: self.go.emit(Going("exports", "fill")), picture="table")
        self.bar.end_with(fill)
        self.bar.end_with(look.quiet_button(tr("选栏目"), self._offer_columns, picture="columns"))
        page = look.column(head, self.bar, margins=(6, 3, 6, 2), gap=3)
        page.addWidget(self.empty, 1)
        page.addWidget(self.view, 1)
        page.addWidget(self.selection)
        self.setLayout(page)
        self.setFocusProxy(self.view)

    def _connect(self) -> None:
        self.bar.changed.connect(self.show_filter)
        self.view.doubleClicked.connect(lambda _: self.open_current())
        self.view.horizontalHeader().setSectionsClickable(True)
        self.view.horizontalHeader().sectionClicked.connect(self._order_by)
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        look.changed.connect(self._fit)

    # Which list

    def show_what(self, what: object) -> None:
        if isinstance(what, RegisterFilter):
            self.show_filter(what)

    def _kind_chosen(self, kind: str, _on: bool) -> None:
        self.show_kind(kind)

    def show_kind(self, kind: str) -> None:
        """Children, elders or households; the village group stays as it was."""
        self.show_filter(RegisterFilter(kind, self.filter.village_group))

    def show_filter(self, wanted: RegisterFilter) -> None:
        """Show whom this filter lets through, and keep it for next time."""
        if wanted.kind != self.filter.kind:
            self.table.clear()  # lines of one kind do not fit the columns of another
        self.filter = wanted
        self._keep()
        self._show_chosen()
        self.refresh()

    def _show_chosen(self) -> None:
        for kind, chip in self.kinds.items():
            chip.blockSignals(True)
            chip.setChecked(kind == self.filter.kind)
            chip.blockSignals(False)
        self.bar.show_filter(self.filter)
        self.new_button.setVisible(self.filter.kind != "household")
        self.show_columns(self._chosen_columns())

    def _all_columns(self) -> tuple[Column, ...]:
        today = self.context.clock.today()
        made = {"child": child_columns, "elder": elder_columns}.get(self.filter.kind)
        return made(today) if made else HOUSEHOLD_COLUMNS

    def _chosen_columns(self) -> list[Column]:
        kept = self._columns_kept.get(self.filter.kind)
        return [column for column in self._all_columns() if (column.usual if kept is None else column.name in kept)]

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show these columns."""
        self.table.show_columns(columns)
        self._fit()

    def _fit(self) -> None:
        fit(self.view, self.table.columns)

    # Reading

    def concerns(self, changes: Changes) -> bool:
        return bool(changes.types & {"person", "child", "elder", "household", "child_visit", "elder_visit", "stay"})

    def refresh(self) -> None:
        wanted, today = self.filter, self.context.clock.today()

        def look_up(reader: Reader) -> _Found:
            lines: Lines
            if wanted.kind == "household":
                lines = HouseholdLines(reader, wanted.village_group)
                groups = _groups(HouseholdLines(reader))
            else:
                lines = reader.listing(wanted.query(today))
                groups = _groups(reader.listing(RegisterFilter(wanted.kind).query(today)))
            return _Found(lines, groups)

        self.context.read(self, look_up).then(lambda found: self._show(wanted, found)).run()

    def _show(self, wanted: RegisterFilter, found: _Found) -> None:
        if wanted != self.filter:  # the user has gone on
            return
        row = self.view.currentIndex().row()
        self._lines = found.lines
        self.bar.groups = found.groups or ()
        self.table.show(found.lines)
        count = len(found.lines)
        unit = tr("{count} 户", count=f"{count:,}") if wanted.kind == "household" else ""
        self.sentence.setText(_households_words(wanted, unit) if unit else wanted.sentence(count))
        self.empty.setVisible(count == 0)
        self.view.setVisible(count > 0)
        if count:
            self.view.setCurrentIndex(self.table.index(max(min(row, count - 1), 0), 0))

    def _fetch(self, lines: Lines, first: int, count: int, take: Any) -> None:
        self.context.read(self, lambda reader: lines.page(first, count)).then(take).run()

    # Doing

    def rows(self) -> list[int]:
        """The selected rows, from top to bottom."""
        return sorted(index.row() for index in self.view.selectionModel().selectedRows())

    def open_current(self) -> None:
        """Open the person under the cursor; of a household, its head."""
        line = self.table.line(self.view.currentIndex().row())
        if line is not None:
            person = line.first_member if self.filter.kind == "household" else line.id
            if person:
                self.open_person.emit(person)

    def visit_current(self) -> None:
        """Start a visit to whom the cursor stands on; several selected persons become a list in 走访."""
        if len(self.rows()) > 1:
            kind = self.filter.kind
            self.with_ids(lambda ids: self.go.emit(Going("visits", PeopleToVisit(kind, tuple(ids)))))
            return
        line = self.table.line(self.view.currentIndex().row())
        if line is not None and self.filter.kind != "household":
            self.open_visit.emit(VisitWanted((line.id,), f"{self.filter.kind}_visit"))

    def print_selected(self) -> None:
        """Take the selected persons to the printing place."""
        self.with_ids(lambda ids: self.open_print.emit(PrintWanted("", tuple(ids))))

    def print_visit_sheets(self) -> None:
        """A sheet for the visit of each selected person."""
        self.with_ids(lambda ids: self.open_print.emit(PrintWanted("visit_sheet", tuple(ids))))

    def export_selected(self) -> None:
        """Take the selected persons to the export."""
        self.with_ids(lambda ids: self.go.emit(Going("exports", tuple(ids))))

    def with_ids(self, act: Any) -> None:
        """Do something with the ids of the selected persons, read off the window's thread."""
        rows, lines = self.rows(), self._lines
        if not rows or lines is None or self.filter.kind == "household":
            return
        span = (rows[0], rows[-1] - rows[0] + 1)
        chosen = set(rows)

        def ids(reader: Reader) -> list[str]:
            found = lines.page(*span)
            return [line.id for place, line in enumerate(found, start=span[0]) if place in chosen]

        self.context.read(self, ids).then(act).run()

    def go_up(self) -> None:
        """升学 for the selected children, seen first."""
        from ui.dialogs.bulk import GoingUpDialog

        def plan(ids: list[str]) -> None:
            def read(reader: Reader) -> Any:
                from app.cases import life

                return life.plan_going_up(reader, ids)

            self.context.read(self, read).then(lambda steps: GoingUpDialog(self.context, steps, self).open()).run()

        self.with_ids(plan)

    def come_home(self) -> None:
        """返乡 for the selected persons, seen first."""
        from ui.dialogs.bulk import ComingHomeDialog, who_is_away

        today = self.context.clock.today()

        def plan(ids: list[str]) -> None:
            task = self.context.read(self, lambda reader: who_is_away(reader, ids, today))
            task.then(lambda lines: ComingHomeDialog(self.context, lines, self).open()).run()

        self.with_ids(plan)

    def _order_by(self, section: int) -> None:
        if order := self.table.columns[section].order:
            self.show_filter(replace(self.filter, order=order))

    def _selection_changed(self) -> None:
        spans = self.view.selectionModel().selection().toList()
        self.selection.show_count(sum(span.height() for span in spans), self.filter.kind)

    def _offer_new(self) -> None:
        menu = QMenu(self.new_button)
        menu.addAction(tr("登记一名儿童"), lambda: self.go.emit(Going("new_person", NewPersonWanted("child"))))
        menu.addAction(tr("登记一位老年人"), lambda: self.go.emit(Going("new_person", NewPersonWanted("elder"))))
        menu.popup(self.new_button.mapToGlobal(self.new_button.rect().bottomLeft()))

    def _offer_columns(self) -> None:
        menu = QMenu(self)
        shown = {column.name for column in self.table.columns}
        for column in self._all_columns():
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(column.name in shown)
            action.setEnabled(column.name not in ("name", "head_name"))
            action.toggled.connect(lambda on, name=column.name: self._choose_column(name, on))
        menu.popup(self.mapToGlobal(self.rect().topRight()))

    def _choose_column(self, name: str, on: bool) -> None:
        shown = {column.name for column in self.table.columns}
        wanted = shown | {name} if on else shown - {name}
        self._columns_kept[self.filter.kind] = [column.name for column in self._all_columns() if column.name in wanted]
        self.show_columns(self._chosen_columns())
        self._keep()

    def _keep(self) -> None:
        kept = {"filter": self.filter.to_json(), "columns": self._columns_kept}
        self.context.write(self, lambda store: store.set_setting("register", kept)).run()


class _SelectionBar(QWidget):
    """What can be done with the selected persons."""

    def __init__(self, page: RegisterPage) -> None:
        super().__init__(page)
        self._page = page
        self._kind = "child"
        self.words = look.Label("", "quiet")
        self.words.setToolTip(tr("按住 Shift 或 Ctrl 可以选多个。"))
        self.more_button = look.button(tr("更多…"), self._offer)
        parts = [
            look.button(tr("打开 (回车)"), page.open_current),
            look.button(tr("走访 (V)"), page.visit_current, picture="visits"),
            look.button(tr("打印 (P)"), page.print_selected, picture="printing"),
            self.more_button,
        ]
        self.for_persons = parts[1:]
        flow = FlowLayout(self, look.space(2))
        for part in (*parts, self.words):
            flow.addWidget(part)

    def show_count(self, count: int, kind: str) -> None:
        """Say how many are selected."""
        self._kind = kind
        unit = tr("户") if kind == "household" else tr("人")
        self.words.setText(tr("选了 {count} {unit}", count=count, unit=unit) if count else "")
        for part in self.for_persons:
            part.setVisible(kind != "household")

    def _offer(self) -> None:
        menu = QMenu(self.more_button)
        menu.addAction(tr("打印走访单"), self._page.print_visit_sheets)
        menu.addAction(tr("导出成表格…"), self._page.export_selected)
        if self._kind == "child":
            menu.addAction(tr("升学…"), self._page.go_up)
        menu.addAction(tr("返乡…"), self._page.come_home)
        menu.addSeparator()
        menu.addAction(tr("可能重复登记"), lambda: self._page.go.emit(Going("twice")))
        menu.addAction(tr("回收站"), lambda: self._page.go.emit(Going("bin")))
        menu.popup(self.more_button.mapToGlobal(self.more_button.rect().topLeft()))


def _groups(lines: Any) -> tuple[str, ...] | None:
    """The village groups that occur, in order; nothing for lists too long to look through."""
    if len(lines) > MOST_FOR_GROUPS:
        return None
    return tuple(sorted({line.village_group for line in lines.page(0, len(lines))}, key=group_order))


def _households_words(wanted: RegisterFilter, count: str) -> str:
    group = wanted.group_words + tr("的") if wanted.group_words else tr("全部")
    return tr("{group}家庭，共 {count}", group=group, count=count)


