"""A table of lines that are all at hand: rows of a preview, sheets in a bag, what was printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QTableView, QWidget

from ui import look
from ui.models.list_view import as_list
from ui.words import tr

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class ShortColumn:
    """A heading, how a line gives its text, and its width in characters."""

    title: str
    text: Callable[[Any], str]
    width: int = 10
    colour: Callable[[Any], str] | None = None


class ShortTable(QAbstractTableModel):
    """Shows lines in columns; ``lines`` may be replaced at any time."""

    def __init__(self, columns: Sequence[ShortColumn], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.lines: Sequence[Any] = ()

    def show(self, lines: Sequence[Any]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line, column = self.lines[index.row()], self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return column.text(line)
        if role == Qt.ItemDataRole.ForegroundRole and column.colour is not None:
            return look.colour(column.colour(line))
        if role == Qt.ItemDataRole.UserRole:
            return line
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class ShortTableView(QTableView):
    """A quiet table: whole rows, no grid; what is left beside the columns is shared among them."""

    def __init__(self, columns: Sequence[ShortColumn], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = ShortTable(columns, self)
        self.setModel(self.table)
        as_list(self, name)
        self.setToolTip(tr("用上下键选一行"))
        look.changed.connect(self.fit)

    def fit(self) -> None:
        """Widths and heights for the present type size."""
        wanted = [look.em(column.width) + look.space(4) for column in self.table.columns]
        share = max(1.0, self.viewport().width() / sum(wanted))
        for place, width in enumerate(wanted[:-1]):  # the last one takes what is left
            self.setColumnWidth(place, int(width * share))
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + look.space(4))

    def height_of(self, lines: int) -> int:
        """Pixels that the heading and so many lines take."""
        self.fit()
        return self.horizontalHeader().sizeHint().height() + lines * self.verticalHeader().defaultSectionSize()

    def showEvent(self, event: QShowEvent) -> None:
        self.fit()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def show_lines(self, lines: Sequence[Any]) -> None:
        """Show other lines, with the cursor where it was as far as there are lines."""
        row = max(self.currentIndex().row(), 0)
        self.table.show(lines)
        if lines:
            self.setCurrentIndex(self.table.index(min(row, len(lines) - 1), 0))

    def chosen(self) -> Any | None:
        """The line under the cursor."""
        row = self.currentIndex().row()
        return self.table.lines[row] if 0 <= row < len(self.table.lines) else None
