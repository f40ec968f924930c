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

LINES = 2
"""As many things at once as fit above the lists; the others follow when these have been read."""


class NewsSection(look.Section):
    """One line for each thing that happened, with when; 知道了 puts away what is shown, and no more."""

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
        """Show the latest of what is unread, or nothing."""
        self.setVisible(bool(found))
        latest = _that_fit(found)
        if latest == self.shown:
            return
        self.shown = latest
        fresh = QWidget()
        told = [(moment(datetime.fromtimestamp(each.at / 1000, UTC)), line) for each in latest for line in each.words]
        fresh.setLayout(look.column(*(look.Label(f"{at}　{line}", wrap=True) for at, line in told), gap=1))
        self.beside.replaceWidget(self.lines, fresh)
        self.lines.hide()
        self.lines.deleteLater()
        self.lines = fresh
        fresh.show()


def _that_fit(found: Sequence[News]) -> tuple[News, ...]:
    """What happened at one moment is never cut short: who is not told of it now is never told."""
    number = lines = 0
    for each in found:
        lines += len(each.words)
        if number and lines > LINES:
            break
        number += 1
    return tuple(found[:number])
