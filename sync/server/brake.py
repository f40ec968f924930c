"""Slow down who guesses one-time codes: more than a few wrong ones a minute, and nobody is let in for a while."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.errors import CountyRefused, CountyUnreachable
from sync.protocol import WRONG_CODE

MOST, SECONDS = 20, 60.0
"""A code has 59 bits: at this pace it is not found in the age of the world. Who has joined notices nothing."""


class Brake:
    """Counts wrong codes of the last minute, whoever sent them: behind a proxy all have one address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: deque[float] = deque()
        self._turn = threading.Lock()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Around one attempt. Raises CountyUnreachable while there were too many wrong ones."""
        with self._turn:
            while self._wrong and self._wrong[0] < self._clock() - SECONDS:
                self._wrong.popleft()
            if len(self._wrong) >= MOST:
                raise CountyUnreachable(
                    "资料没有动。填错注册码的太多了，县里暂时不收。", advice="请过一分钟再试。", retry_after=SECONDS
                )
        try:
            yield
        except CountyRefused as refusal:
            if refusal.code == WRONG_CODE:
                with self._turn:
                    self._wrong.append(self._clock())
            raise
