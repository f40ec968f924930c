"""Who changed what: one signal that every page hears, and the sentences said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.store.results import Changes


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the strip below the page; ``tone`` is empty, good, warning or danger."""

    text: str
    tone: str = ""
    advice: str = ""
    code: str = ""
    undo: Callable[[], object] | None = None


class Announcer(QObject):
    """Passes on what the store changed; pages decide whether that concerns them."""

    changed = Signal(object)
    saved = Signal()  # a save or a kept draft: the mark 已保存 10:32
    said = Signal(object)  # a Notice
    light = Signal(str, str)  # of 收发: all_sent, waiting or attention, and its words

    done = Signal(str)          # what was done, for the steps of practice: a record type, undone, filled
    preferred = Signal(str)  # a setting of the workspace was changed, by its name

    def announce(self, changes: Changes) -> None:
        """Tell every page."""
        self.saved.emit()
        self.changed.emit(changes)

    def say(self, notice: Notice) -> None:
        """Show a sentence in the window."""
        self.said.emit(notice)
