"""Garbage is collected on the window's thread only.

Python collects on whatever thread happens to allocate. A worker that decodes records would then take widgets apart
that are part of a reference cycle, away from the thread they belong to, and the program would end in a crash.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY = 400
"""Milliseconds between two looks at how much there is to collect."""


class Collector(QObject):
    """Takes Python's collector over while workers are at work; several desks share it."""

    _at_work = 0

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limits = gc.get_threshold()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.collect_what_is_due)
        self._timer.start()
        Collector._at_work += 1
        gc.disable()
        gc.freeze()  # modules and code lists stay for good: looking through them would hold the window up

    def collect_what_is_due(self) -> None:
        """One generation at most, the oldest that is due; the young ones take well under a millisecond."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._limits[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """The workers are done: any thread that is left is the window's."""
        self._timer.stop()
        Collector._at_work -= 1
        if Collector._at_work == 0:
            gc.unfreeze()
            gc.enable()
