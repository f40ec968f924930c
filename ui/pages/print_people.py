"""Whom a printing is for: people who were chosen, whoever is due today, or nobody yet (blank sheets)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSpinBox, QWidget

from ui import look
from ui.context import Context
from ui.fields.in_place import InPlaceList
from ui.look.flow import in_lines
from ui.look.typing import ComposedLine
from ui.print_job import names_of
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader
    from app.store.results import PersonHit

PEOPLE, BLANK = "people", "blank"
MOST_BLANKS = 100
OFFERED = 12


class ChosenList(QListWidget):
    """The chosen, in the order of the pages; Delete takes one out."""

    removed = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and item is not None:
            self.removed.emit(item.data(Qt.ItemDataRole.UserRole))
        else:
            super().keyPressEvent(event)


class PrintPeople(look.Section):
    """Chooses the people; ``changed`` fires after every change."""

    changed = Signal()
    today_asked = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(tr("印谁的"))
        self.context = context
        self.ids: list[str] = []
        self.source = PEOPLE
        self.sources = {
            PEOPLE: look.Chip(tr("选人"), on=True, act=partial(self._source, PEOPLE)),
            BLANK: look.Chip(tr("空白表"), act=partial(self._source, BLANK)),
        }
        self.today = look.quiet_button(tr("今日的"), self.today_asked.emit, hint=tr("换成今日该走访的人 (Ctrl+T)"))
        self.line = ComposedLine()
        self.line.setPlaceholderText(tr("加人：姓名或拼音首字母"))
        self.line.setAccessibleName(tr("加人"))
        self.options = InPlaceList(self.line)
        self.list = ChosenList()
        self.list.setAccessibleName(tr("要印的人"))
        self.count = QSpinBox()
        self.count.setRange(1, MOST_BLANKS)
        self.count.setAccessibleName(tr("空白表几份"))
        self.kind = look.Chip(tr("老年人的"), act=lambda _: self.changed.emit())
        self.stack = look.Pile()
        self._compose()
        self.line.textEdited.connect(self._look)
        self.options.picked.connect(self._add_one)
        self.list.removed.connect(self.remove)
        self.count.valueChanged.connect(lambda _: self.changed.emit())

    def _compose(self) -> None:
        people, blank = QWidget(), QWidget()
        people.setLayout(look.column(self.line, self.list, gap=2))
        blank.setLayout(look.column(look.row(look.Label(tr("几份")), self.count, self.kind, None, gap=3), None))
        self.stack.addWidget(people)
        self.stack.addWidget(blank)
        self.body.addLayout(in_lines(*self.sources.values(), self.today, gap=look.space(2), spread=True))
        self.body.addWidget(self.stack, 1)

    def _source(self, source: str, _on: bool) -> None:
        self.show_source(source)
        self.changed.emit()

    def show_source(self, source: str) -> None:
        """People or blank sheets."""
        self.source = source
        for name, chip in self.sources.items():
            chip.blockSignals(True)
            chip.setChecked(name == source)
            chip.blockSignals(False)
        self.stack.setCurrentIndex(0 if source == PEOPLE else 1)

    def offer_blank(self, possible: bool, *, both_kinds: bool) -> None:
        """Whether this form can be blank, and whether there is one for elders too."""
        self.sources[BLANK].setEnabled(possible)
        self.kind.setVisible(both_kinds)
        if not possible and self.source == BLANK:
            self.show_source(PEOPLE)

    def show_ids(self, ids: Sequence[str]) -> None:
        """Print for these."""
        self.ids = list(dict.fromkeys(ids))
        self.show_source(PEOPLE)
        wanted = list(self.ids)
        self.context.read(self, lambda reader: names_of(reader, wanted)).then(self._show_names).run()
        self.changed.emit()

    def _show_names(self, found: Sequence[tuple[str, str]]) -> None:
        row = self.list.currentRow()
        self.list.clear()
        for id_, words in found:
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, id_)
            self.list.addItem(item)
        self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
        self.remark.setText(tr("{n} 人", n=f"{len(found):,}") if found else "")

    def remove(self, id_: str) -> None:
        """Leave one out."""
        self.show_ids([each for each in self.ids if each != id_])

    def _look(self, text: str) -> None:
        wanted = text.strip()
        if not wanted:
            self.options.offer([])
            return

        def look_up(reader: Reader) -> list[PersonHit]:
            return reader.search(wanted, OFFERED)

        self.context.read(self, look_up).then(lambda hits: self._offer(wanted, hits)).run()

    def _offer(self, wanted: str, hits: Sequence[PersonHit]) -> None:
        if self.line.text().strip() == wanted:
            self.options.offer([(hit.id, _hit_words(hit)) for hit in hits if hit.kinds])

    def _add_one(self, id_: str) -> None:
        self.line.clear()
        self.show_ids([*self.ids, id_])


def _hit_words(hit: PersonHit) -> str:
    born = tr("{year} 年生", year=hit.birth_date[:4]) if hit.birth_date else ""
    return "　".join(part for part in (hit.name, hit.village_group, born) if part)
