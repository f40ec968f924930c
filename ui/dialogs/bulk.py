"""Changes to many at once, seen line by line before they are made: 升学 and 返乡."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QDialog, QMenu, QTableView, QWidget

from app.records.codes import code_list
from ui import look
from ui.context import Context
from ui.models import row_height
from ui.models.list_view import as_list
from ui.words import tr

if TYPE_CHECKING:
    from datetime import date

    from app.cases.life import Event, GradeStep
    from app.store.reader import Reader
    from app.store.workspace import Workspace

_Index = QModelIndex | QPersistentModelIndex
TITLES = (tr("姓名"), tr("现在"), tr("改成"))


@dataclass(frozen=True, slots=True)
class BulkLine:
    """One person's change; without ``after`` nothing happens to them until it is chosen."""

    id: str
    name: str
    before: str
    after: str
    chosen: bool
    step: Any = None


class BulkTable(QAbstractTableModel):
    """The lines, each with a tick."""

    def __init__(self, lines: Sequence[BulkLine], unknown: str) -> None:
        super().__init__()
        self.lines = list(lines)
        self._unknown = unknown

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return TITLES[section] if shown else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (line.name, line.before, line.after or self._unknown)[index.column()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == 0:
            return Qt.CheckState.Checked if line.chosen and line.after else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ForegroundRole and not line.after and index.column() == 2:
            return look.colour("warning")
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        line = self.lines[index.row()]
        self.lines[index.row()] = replace(line, chosen=Qt.CheckState(value) == Qt.CheckState.Checked)
        self.dataChanged.emit(index, index)
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usual | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else usual

    def put(self, row: int, line: BulkLine) -> None:
        """Another line in its place."""
        self.lines[row] = line
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(TITLES) - 1))

    def chosen(self) -> list[BulkLine]:
        """What will be done."""
        return [line for line in self.lines if line.chosen and line.after]


class BulkDialog(QDialog):
    """Shows what will become of whom; one verb does it, one undo takes all of it back."""

    waiting_words = "{count} 人不用改。"

    def __init__(self, context: Context, title: str, table: BulkTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.table = table
        self.title = title
        self.setWindowTitle(title)
        self.view = as_list(QTableView(), title, several=True)
        self.view.setModel(table)
        self.words = look.Label("", "quiet", wrap=True)
        self.done_button = look.primary_button(title, self.commit)
        self._tools = look.row(gap=2)
        self._tools.addStretch(1)
        self._tools.addWidget(look.button(tr("先不改"), self.reject))
        self._tools.addWidget(self.done_button)
        page = look.column(look.Heading(title), self.words, margins=(5, 4, 5, 4), gap=3)
        page.addWidget(self.view, 1)
        page.addLayout(self._tools)
        self.setLayout(page)
        self.resize(look.space(190), look.space(140))
        self.view.verticalHeader().setDefaultSectionSize(row_height(self.view))
        for column, width in enumerate((40, 50, 60)):
            self.view.setColumnWidth(column, look.space(width))
        table.dataChanged.connect(self._count)
        self._count()

    def work(self, lines: Sequence[BulkLine]) -> Callable[[Workspace], Event]:
        """What is done in the store with the chosen lines."""
        raise TypeError(f"{type(self).__name__} does nothing")

    def commit(self) -> None:
        """Do it for the ticked ones, as one batch."""
        lines = self.table.chosen()
        if lines:
            self.done_button.setEnabled(False)
            self.context.write(self, self.work(lines)).then(partial(self._done, len(lines))).run()

    def _done(self, count: int, event: Event) -> None:
        self.context.changes.announce(event.changes)
        text = tr("{title}：改了 {count} 人。", title=self.title, count=count)
        self.context.say(text, tone="good", undo=event.changes)
        self.accept()

    def _count(self) -> None:
        chosen = len(self.table.chosen())
        waiting = sum(not line.after for line in self.table.lines)
        words = tr("一共 {all} 人，要改 {chosen} 人。去掉勾就不改。", all=len(self.table.lines), chosen=chosen)
        more = tr(self.waiting_words, count=waiting) if waiting else ""
        self.words.setText(words + more)
        self.done_button.setText(tr("{title} {count} 人", title=self.title, count=chosen))
        self.done_button.setEnabled(chosen > 0)


class GoingUpDialog(BulkDialog):
    """升学: a year on within one school is known, where stages meet the user says it."""

    waiting_words = "{count} 人要先选好升到哪里。"

    def __init__(self, context: Context, steps: Sequence[GradeStep], parent: QWidget | None = None) -> None:
        grades = code_list("grade")
        lines = [
            BulkLine(step.child.id, step.name, grades.label(step.before), grades.label(step.after), True, step)
            for step in steps
        ]
        super().__init__(context, tr("升学"), BulkTable(lines, tr("要问：升到哪里？")), parent)
        self.choose_button = look.button(tr("选中的改成…"), self._offer)
        self._tools.insertWidget(0, self.choose_button)

    def _offer(self) -> None:
        menu = QMenu(self.choose_button)
        for item in code_list("grade"):
            menu.addAction(item.label, partial(self.set_grade, item.code))
        menu.popup(self.choose_button.mapToGlobal(self.choose_button.rect().topLeft()))

    def set_grade(self, grade: str) -> None:
        """The selected children go up to this grade."""
        label = code_list("grade").label(grade)
        for index in self.view.selectionModel().selectedRows():
            line = self.table.lines[index.row()]
            step = replace(line.step, after=grade)
            self.table.put(index.row(), replace(line, after=label, chosen=True, step=step))

    def work(self, lines: Sequence[BulkLine]) -> Callable[[Workspace], Event]:
        actor, steps = self.context.actor, [line.step for line in lines]

        def go_up(store: Workspace) -> Event:
            from app.cases import life

            return life.go_up(store, actor, steps)

        return go_up


class ComingHomeDialog(BulkDialog):
    """返乡: whoever is away is at home again from today."""

    waiting_words = "{count} 人没有登记外出，不用改。"

    def __init__(self, context: Context, lines: Sequence[BulkLine], parent: QWidget | None = None) -> None:
        super().__init__(context, tr("返乡"), BulkTable(lines, tr("没有登记外出")), parent)

    def work(self, lines: Sequence[BulkLine]) -> Callable[[Workspace], Event]:
        actor, ids, today = self.context.actor, [line.id for line in lines], self.context.clock.today()

        def come_home(store: Workspace) -> Event:
            from app.cases import life

            return life.come_home(store, actor, ids, today)

        return come_home


def who_is_away(reader: Reader, ids: Sequence[str], today: date) -> list[BulkLine]:
    """Each person with where they are today; who is at home needs nothing."""
    from app.records import Person, Stay

    people, stays = reader.many(Person, ids), reader.of_subjects(Stay, ids)
    lines = []
    for id_ in ids:
        open_ones = [
            stay
            for stay in stays.get(id_, ())
            if stay.place != "home" and stay.since and stay.since <= today and (not stay.until or stay.until >= today)
        ]
        place = code_list("stay_place").label(open_ones[-1].place) if open_ones else tr("在家")
        if id_ in people:
            after = tr("今天起在家") if open_ones else ""
            lines.append(BulkLine(id_, people[id_].name or "", place, after, bool(open_ones)))
    return lines
