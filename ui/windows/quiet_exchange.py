"""The exchange nobody has to think of: some time after a change, and now and then; its failures are only a count."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.errors import ShouwangError
from ui.context import Context
from ui.words import tr

if TYPE_CHECKING:
    from app.store.results import Changes
    from app.store.workspace import Workspace
    from sync.client.engine import Outcome
    from ui.tasks import Progress

AFTER_OPENING = 20_000
AFTER_A_CHANGE = 60_000
EVERY = 15 * 60_000
LONGEST = 2 * 60 * 60_000
"""Milliseconds. A line that is away is tried less and less often, up to every two hours."""


class QuietExchange(QObject):
    """Exchanges by itself in a workspace that has joined a county; says nothing unless something came."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.is_under_way = False
        self.pause = EVERY
        self.timer = QTimer(self, singleShot=True)
        self.timer.timeout.connect(self.exchange)
        self.timer.start(AFTER_OPENING)
        context.changes.changed.connect(self._changed)

    def _changed(self, changes: Changes) -> None:
        """What was just saved goes soon, unless the line has just been found away."""
        if changes and self.pause == EVERY and self.timer.remainingTime() > AFTER_A_CHANGE:
            self.timer.start(AFTER_A_CHANGE)

    def exchange(self) -> None:
        """Once, if this desk has a county and nothing else long is under way."""
        if self.is_under_way or self.context.workers.aside.busy:
            self._again()
            return
        self.is_under_way = True
        task = self.context.job(self, _exchange, tr("正在收发……"))
        task.ended.connect(self._ended)
        task.then(self._came).otherwise(self._failed).run()

    def _came(self, outcome: Outcome | None) -> None:
        self.pause = EVERY
        if outcome is not None:
            self.context.changes.announce(outcome.changes)

    def _failed(self, error: ShouwangError) -> None:
        """The strip of 收发 says what waits; nobody is disturbed."""
        self.pause = min(2 * self.pause, LONGEST)

    def _ended(self) -> None:
        self.is_under_way = False
        self._again()

    def _again(self) -> None:
        # Anywhere in the second half of the pause: a county's desks must not all call at once.
        self.timer.start(round(self.pause * random.uniform(0.5, 1)))


def _exchange(store: Workspace, progress: Progress) -> Outcome | None:
    from ui import exchanging

    return exchanging.run(store, progress) if exchanging.is_joined(store) else None
