"""How a table looks and behaves when it is a list: whole rows, no grid, nothing edited in it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ui import look
from ui.models.columns import Column
from ui.models.line_delegate import row_height

LEAST = 3
"""So many lines are seen at once even where the page has to scroll for it."""


def as_list(view: QTableView, name: str, *, several: bool = False) -> QTableView:
    """The table, made a list with an accessible name; ``several`` lets more than one row be chosen."""
    modes = QAbstractItemView.SelectionMode
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(modes.ExtendedSelection if several else modes.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setShowGrid(False)
    view.setTabKeyNavigation(False)
    view.setWordWrap(False)
    view.verticalHeader().hide()
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.horizontalHeader().setHighlightSections(False)
    view.horizontalHeader().setStretchLastSection(True)
    view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setAccessibleName(name)
    return view


def fit(view: QTableView, columns: Sequence[Column]) -> None:
    """Give columns and lines the room they need at this size of type."""
    wide, line = view.fontMetrics().horizontalAdvance("字"), row_height(view)
    for place, column in enumerate(columns):
        view.setColumnWidth(place, wide * column.width + look.space(4))
    view.verticalHeader().setDefaultSectionSize(line)
    around = view.horizontalHeader().sizeHint().height() + view.horizontalScrollBar().sizeHint().height()
    view.setMinimumHeight(around + LEAST * line)
