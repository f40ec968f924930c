"""Which columns an export has, in which order: a list to tick and to move, kept under a name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from app.exchange.layouts import Layout, layout_of
from ui import look
from ui.export_job import USUAL, columns
from ui.look.typing import ComposedLine
from ui.pages.drop_down import DropDown
from ui.words import tr


class ColumnList(QListWidget):
    """Space ticks, Alt with the arrows moves, dragging does too."""

    def __init__(self) -> None:
        super().__init__()
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setAccessibleName(tr("要导出的列，空格选，Alt 加上下键移动"))

    def sizeHint(self) -> QSize:
        """It takes what is left, and asks for no more than it can do with."""
        return self.minimumSizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.move_current(step)
        else:
            super().keyPressEvent(event)

    def move_current(self, step: int) -> None:
        """The column under the cursor one place up or down."""
        row = self.currentRow()
        if 0 <= row + step < self.count():
            item = self.takeItem(row)
            self.insertItem(row + step, item)
            self.setCurrentItem(item)

    def show_columns(self, kind: str, chosen: Sequence[str]) -> None:
        """Every column there is, the chosen ones first."""
        self.clear()
        for target, label, on in columns(kind, chosen):
            item = QListWidgetItem(label)
            item.setData(Qt.ItemDataRole.UserRole, target)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.setCurrentRow(0)

    def chosen(self) -> list[str]:
        """The ticked columns in their order."""
        items = [self.item(row) for row in range(self.count())]
        return [item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked]


class ExportColumns(look.Section):
    """The kept layouts, their columns, and a line to keep the present ones under a name."""

    keep_asked = Signal(object)  # Layout
    drop_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__(tr("要哪些列"), tr("空格勾选，Alt＋上下键移动"))
        self.kind = "child"
        self.kept: list[Layout] = []
        self.names = DropDown()
        self.names.setAccessibleName(tr("存好的格式"))
        self.drop = look.quiet_button(tr("去掉这种格式"), self._drop)
        self.list = ColumnList()
        self.name = ComposedLine()
        self.name.setPlaceholderText(tr("给这种格式起个名，下次直接选"))
        self.name.setAccessibleName(tr("格式名"))
        self.keep = look.button(tr("存下格式"), self._keep)
        self.body.addLayout(look.row(self.names, self.drop, None, gap=3))
        self.body.addWidget(self.list, 1)
        line = look.row(gap=3)
        line.addWidget(self.name, 1)
        line.addWidget(self.keep)
        self.body.addLayout(line)
        self.names.currentIndexChanged.connect(lambda _: self._show_chosen())
        self.name.entered.connect(self._keep)

    def show_layouts(self, kind: str, kept: Sequence[Layout], name: str = "") -> None:
        """Show the layouts of a kind, the named one in front."""
        self.kind, self.kept = kind, list(kept)
        self.names.blockSignals(True)
        self.names.clear()
        self.names.addItems([layout.name for layout in kept])
        self.names.setCurrentIndex(max(self.names.findText(name), 0))
        self.names.blockSignals(False)
        self._show_chosen()

    def _show_chosen(self) -> None:
        layout = self.kept[max(self.names.currentIndex(), 0)]
        self.list.show_columns(self.kind, [column.target for column in layout.columns])
        self.drop.setVisible(layout.name != USUAL)

    def layout_now(self, name: str = "") -> Layout:
        """The ticked columns as a layout."""
        return layout_of(self.kind, self.list.chosen(), name or self.names.currentText())

    def _keep(self) -> None:
        look.commit_composition()
        name = self.name.text().strip()
        if name and name != USUAL:
            self.name.clear()
            self.keep_asked.emit(self.layout_now(name))

    def _drop(self) -> None:
        self.drop_asked.emit(self.kept[self.names.currentIndex()])


class WhomSection(look.Section):
    """Whose rows go out; ``changed`` fires after a choice."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("哪些人"), parent=parent)
        self.chips: dict[tuple[str, str], look.Chip] = {}
        self.lines = look.column(gap=2)
        self.body.addLayout(self.lines)
        self.chosen: tuple[str, str] = ("everybody", "child")

    def offer(self, options: Sequence[tuple[tuple[str, str], str]]) -> None:
        """(source and kind, words) of everything that has people; the first is chosen unless the last choice stays."""
        for chip in self.chips.values():
            chip.hide()
            chip.deleteLater()
        self.chips = {key: look.Chip(words, act=partial(self._chip, key)) for key, words in options}
        for chip in self.chips.values():
            self.lines.addLayout(look.row(chip, None))
        if options:
            self.choose(self.chosen if self.chosen in self.chips else options[0][0])

    def _chip(self, key: tuple[str, str], _on: bool) -> None:
        self.choose(key)

    def choose(self, key: tuple[str, str]) -> None:
        """Take these people."""
        self.chosen = key
        for each, chip in self.chips.items():
            chip.blockSignals(True)
            chip.setChecked(each == key)
            chip.blockSignals(False)
        self.changed.emit()
