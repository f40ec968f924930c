"""How many calls are worked on, or wait for that, at once; who comes on top of them hears when there will be room."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST = 256
"""Calls. Even where each takes a tenth of a second the last of them is answered before its desk hangs up."""
LEAST_SECONDS, LONGEST_SECONDS = 20, 1_800
SAMPLE = 64


class Crowd:
    """Those who have said what they want and have no answer yet. For one thread, that of the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._inside = 0
        self._ends: deque[float] = deque(maxlen=SAMPLE)
        self._last_slot = 0.0

    @property
    def is_full(self) -> bool:
        """Whether who comes now had better come later."""
        return self._inside >= MOST

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Around one call."""
        if not self._inside:
            self._ends.clear()
            self._ends.append(self._clock())
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._ends.append(self._clock())

    def slot(self) -> int:
        """In how many seconds to come again: each who asks is told of a later moment, as far apart as answers are."""
        now = self._clock()
        apart = (now - self._ends[0]) / len(self._ends) if self._ends else 0.0
        self._last_slot = min(max(self._last_slot, now + LEAST_SECONDS) + apart, now + LONGEST_SECONDS)
        return round(self._last_slot - now)
