"""What takes long to read and seldom changes: read once for as long as nothing has been written but settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sqlite_utils import Database

T = TypeVar("T")


class Once:
    """The workspace is one connection's alone (``lock``), which counts every row that it writes; settings are counted
    here, for each exchange keeps some although nothing came or went."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._settings = 0
        self._known: dict[str, tuple[int, Any]] = {}

    def read(self, name: str, read: Callable[[], T]) -> T:
        """What was read under this name before, if no row was written since; or else what ``read`` gives now."""
        at = self.count()
        if name not in self._known or self._known[name][0] != at:
            self._known[name] = at, read()
        found: T = self._known[name][1]
        return found

    def count(self) -> int:
        """How many rows were written so far, but for settings."""
        return int(self._db.conn.total_changes) - self._settings

    def put_setting(self, name: str, text: str) -> None:
        """Keep a setting, within the transaction."""
        before = self._db.conn.total_changes
        self._db.conn.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, text))
        self._settings += self._db.conn.total_changes - before

    def forget(self) -> None:
        """What was read may be of what is undone now."""
        self._known.clear()
