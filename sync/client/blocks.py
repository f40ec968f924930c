"""How many saves a block carries: more while the line holds, far fewer once it broke."""

from __future__ import annotations

from collections.abc import Sequence

from app.store.changes import OwnUnit, Workspace
from sync.client.bearing import PLENTY, bears, together

SETTING = "exchange_block"
SMALLEST, FIRST, LARGEST = 50, 250, 500
SHARE = 12
"""A cut costs half a block and what it takes to begin again: a twelfth of what a line bears between two cuts keeps that
to a few in a hundred, and smaller blocks cost as much as they save."""


class Blocks:
    """The sizes of one exchange's blocks; after a break the next exchanges go on with small ones."""

    def __init__(self, store: Workspace) -> None:
        self._store = store
        self._most = int(store.setting(SETTING, LARGEST))
        self.size = min(FIRST, self._most)

    def fitting(self, saves: Sequence[OwnUnit]) -> int:
        """How many of these go together in the next block; one at least, if there is any."""
        some, known = saves[: self.size], bears(self._store)
        return len(some) if known >= PLENTY or not some else together(some, known)

    def arrived(self) -> None:
        """A block went out."""
        self.size = min(self.size * 2, self._most)

    def broke(self, units: int) -> None:
        """The line broke when so many saves had gone out or were under way."""
        if units > SMALLEST:
            self._store.set_setting(SETTING, max(SMALLEST, min(units // SHARE, self._most)))

    def finished(self) -> None:
        """A whole exchange went through: the next may try more."""
        if self._most < LARGEST:
            self._store.set_setting(SETTING, min(LARGEST, self._most * 2))
