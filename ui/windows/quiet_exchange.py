"""The exchange nobody has to think of: some time after a change, when a line appears, and now and then."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.errors import ShouwangError
from ui.context import Context
from ui.tasks import Task
from ui.words import tr

if TYPE_CHECKING:
    from app.store.results import Changes
    from app.store.workspace import Workspace
    from sync.client.engine import Outcome
    from ui.tasks import Progress

AFTER_OPENING = 20_000
AFTER_A_CHANGE = 60_000
AFTER_A_LINE = 8_000
EVERY = 15 * 60_000
AGAIN = 60_000
LONGEST = 30 * 60_000
LOOK_UP = 10_000
"""Milliseconds. A line that is away is tried within a minute, then less and less often, up to within half an hour."""


class QuietExchange(QObject):
    """Exchanges by itself in a workspace that has joined a county; says nothing unless something came."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.running: Task[Outcome | None] | None = None
        self.pause = EVERY
        self.timer = QTimer(self, singleShot=True)
        self.timer.timeout.connect(self.exchange)
        self._start(AFTER_OPENING)
        self.watch = QTimer(self, interval=LOOK_UP)
        self.watch.timeout.connect(context.line.look)
        self.watch.start()
        context.changes.changed.connect(self._changed)
        context.line.appeared.connect(self._line_appeared)
        context.line.ended.connect(self._note)

    @property
    def is_under_way(self) -> bool:
        """Whether it is exchanging now."""
        return self.running is not None

    def _changed(self, changes: Changes) -> None:
        """What was just saved goes soon, unless the line has just been found away."""
        if changes and not self.context.line.trouble and self.timer.remainingTime() > AFTER_A_CHANGE:
            self._start(AFTER_A_CHANGE)

    def _line_appeared(self) -> None:
        """Somebody plugged a cable in, or came home: soon, but not all of a village in the same second.

        A county that asked to be left alone for a while is, whichever way leads to it.
        """
        if not self.context.line.told and self.timer.remainingTime() > AFTER_A_LINE:
            self._start(round(AFTER_A_LINE * random.uniform(0.25, 1)))

    def exchange(self) -> None:
        """Once, if this desk has a county and nothing else long is under way."""
        if self.is_under_way or self.context.workers.aside.busy:
            self._again()
            return
        self.running = self.context.job(self, _exchange, tr("正在收发……"))
        self.running.ended.connect(self._ended)
        self.running.then(self._came).otherwise(self._failed).run()

    def stop(self) -> None:
        """The window closes: leave what is under way; it goes on the next time."""
        self.timer.stop()
        self.watch.stop()
        if self.running is not None:
            self.running.stop()

    def _came(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.context.line.reached()
            self.context.took_in(outcome)

    def _failed(self, error: ShouwangError) -> None:
        """The strip of 收发 says what waits; nobody is disturbed."""
        self.context.line.failed(error)

    def _note(self, is_whole: bool) -> None:
        """Also of an exchange that somebody asked for: the next one comes accordingly."""
        self.pause = EVERY if is_whole else AGAIN if self.pause == EVERY else min(2 * self.pause, LONGEST)
        self._again()

    def _ended(self) -> None:
        self.running = None
        self._again()

    def _again(self) -> None:
        # Who was not heard comes anywhere within the pause, others in its second half: a county's desks must not all
        # call at once. Those that were told to wait come no sooner than they were told, and not all together either.
        told = self.context.line.told * 1000
        least = 0.5 if self.pause == EVERY else 0.0
        self._start(round(max(self.pause * random.uniform(least, 1), told + random.uniform(0, told))))

    def _start(self, milliseconds: int) -> None:
        self.timer.start(milliseconds)
        self.context.line.will_try(self.context.clock.now() + timedelta(milliseconds=milliseconds))


def _exchange(store: Workspace, progress: Progress) -> Outcome | None:
    from ui import exchanging

    return exchanging.run(store, progress) if exchanging.is_joined(store) else None
