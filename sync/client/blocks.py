"""How many saves one request carries: few at first, more after each success, far fewer once the line broke."""

from __future__ import annotations

from app.store.changes import Workspace

SETTING = "exchange_block"
FIRST, SMALLEST, LARGEST = 1_000, 250, 2_000
CUT = 8
"""A line that cut a large request, cuts again soon: what is lost each time must be a small part of what arrives."""


class Blocks:
    """The sizes of one exchange's requests; after a break the next exchanges go on with small ones."""

    def __init__(self, store: Workspace) -> None:
        self._store = store
        self._most = int(store.setting(SETTING, LARGEST))
        self.size = min(FIRST, self._most)

    def arrived(self) -> None:
        """A request went through."""
        self.size = min(self.size * 2, self._most)

    def broke(self, units: int) -> None:
        """The line broke while so many saves were under way."""
        if units > SMALLEST:
            self._store.set_setting(SETTING, max(SMALLEST, units // CUT))

    def finished(self) -> None:
        """A whole exchange went through: the next may try more."""
        if self._most < LARGEST:
            self._store.set_setting(SETTING, min(LARGEST, self._most * 2))
