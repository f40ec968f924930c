"""A table of any length: how many lines is known at once, the lines come a page at a time when they are looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.models.columns import Column

PAGE = 100
PAGES_KEPT = 40
LINE = Qt.ItemDataRole.UserRole
"""The role that gives the line itself."""

_Index = QModelIndex | QPersistentModelIndex


class Lines(Protocol):
    """What a list query found (``app.store.Listing`` is one)."""

    def __len__(self) -> int: ...
    def page(self, first: int, count: int) -> Sequence[Any]: ...


Fetch = Callable[[Lines, int, int, Callable[[Sequence[Any]], None]], None]
"""Read lines ``first`` to ``first + count`` off the window's thread and hand them over."""


class BigTable(QAbstractTableModel):
    """Never reads on the window's thread: a line that has not come yet shows as dots for a moment."""

    def __init__(self, columns: Sequence[Column], fetch: Fetch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._fetch = fetch
        self._lines: Lines | None = None
        self._count = 0
        self._pages: OrderedDict[int, Sequence[Any]] = OrderedDict()
        self._asked: set[int] = set()
        self._texts: dict[int, tuple[str, ...]] = {}  # what was painted once is not put into words again

    def show(self, lines: Lines) -> None:
        """Show what another query found."""
        self.beginResetModel()
        self._lines, self._count = lines, len(lines)
        self._pages.clear()
        self._asked.clear()
        self._texts.clear()
        self.endResetModel()

    def clear(self) -> None:
        """Show nothing, until the next query has found its lines."""
        self.beginResetModel()
        self._lines, self._count = None, 0
        self._pages.clear()
        self._texts.clear()
        self.endResetModel()

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns of the same lines."""
        self.beginResetModel()
        self.columns = tuple(columns)
        self._texts.clear()
        self.endResetModel()

    def line(self, row: int) -> Any | None:
        """The line at a row, or None while it is on its way."""
        page, place = divmod(row, PAGE)
        lines = self._pages.get(page)
        if lines is None:
            self._ask(page)
            return None
        return lines[place] if place < len(lines) else None

    def text(self, row: int, column: int) -> str:
        """What a cell says; dots while its line is on its way."""
        texts = self._texts.get(row)
        if texts is None:
            line = self.line(row)
            if line is None:
                return "…"
            if len(self._texts) > PAGE * PAGES_KEPT:
                self._texts.clear()
            texts = self._texts[row] = tuple(each.text(line) for each in self.columns)
        return texts[column]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.AccessibleTextRole:
            return self.text(index.row(), index.column())
        if role == LINE:
            return self.line(index.row())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def _ask(self, page: int) -> None:
        lines = self._lines
        if lines is None or page in self._asked:
            return
        self._asked.add(page)
        self._fetch(lines, page * PAGE, PAGE, lambda found: self._take(lines, page, found))

    def _take(self, lines: Lines, page: int, found: Sequence[Any]) -> None:
        if lines is not self._lines:  # the answer to a query that nobody looks at any more
            return
        self._asked.discard(page)
        self._pages[page] = found
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        first, last = page * PAGE, min(page * PAGE + PAGE, self._count) - 1
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
