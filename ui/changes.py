"""Who changed what: one signal that every page hears, and the sentences said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.store import Changes


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
    said = Signal(object)

    def announce(self, changes: Changes) -> None:
        """Tell every page."""
        self.changed.emit(changes)

    def say(self, notice: Notice) -> None:
        """Show a sentence in the window."""
        self.said.emit(notice)
