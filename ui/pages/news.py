"""What the county did to this desk while nobody watched: stays in sight until somebody has read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui import look
from ui.pages.print_records import moment
from ui.words import tr

if TYPE_CHECKING:
    from sync.client.news import News

SHOWN = 2
"""The latest; the list of exchanges has the others."""


class NewsSection(look.Section):
    """One line for each thing that happened, with when; 知道了 puts them away."""

    def __init__(self, have_read: Callable[[], None]) -> None:
        super().__init__()
        self.setAccessibleName(tr("县里的变动"))
        self.shown: tuple[News, ...] = ()
        self.lines = QWidget()
        self.read = look.button(tr("知道了"), have_read)
        self.beside = look.row(gap=3)
        self.beside.addWidget(self.lines, 1)
        self.beside.addWidget(self.read, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(self.beside)

    def show_news(self, found: Sequence[News]) -> None:
        """Show what is unread, or nothing."""
        self.setVisible(bool(found))
        if tuple(found) == self.shown:
            return
        self.shown = tuple(found)
        fresh = QWidget()
        told = [(moment(datetime.fromtimestamp(each.at / 1000, UTC)), line) for each in found for line in each.words]
        fresh.setLayout(look.column(*(look.Label(f"{at}　{line}", wrap=True) for at, line in told[:SHOWN]), gap=1))
        self.beside.replaceWidget(self.lines, fresh)
        self.lines.hide()
        self.lines.deleteLater()
        self.lines = fresh
        fresh.show()
