"""One at a time, in the order in which they came: a lock of Python lets in whoever is quickest."""

from __future__ import annotations

import threading
from collections import deque


class Turn:
    """For ``with``. Who leaves hands the turn to the one who has waited longest, and it is never free in between.

    With a lock, whoever comes again at once (the next block of a long upload) is in before the one who waits is awake.
    """

    def __init__(self) -> None:
        self._door = threading.Lock()  # held for a few instructions only
        self._is_taken = False
        self._queue: deque[threading.Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many stand in the queue."""
        return len(self._queue)

    def __enter__(self) -> None:
        with self._door:
            if not self._is_taken:
                self._is_taken = True
                return
            call = _closed()
            self._queue.append(call)
        try:
            call.acquire()
        except BaseException:  # Ctrl+C in the queue
            self._give_up(call)
            raise

    def __exit__(self, *_: object) -> None:
        with self._door:
            self._hand_on()

    def _hand_on(self) -> None:
        if self._queue:
            self._queue.popleft().release()
        else:
            self._is_taken = False

    def _give_up(self, call: threading.Lock) -> None:
        with self._door:
            if call in self._queue:
                self._queue.remove(call)
            else:  # it was called already
                self._hand_on()


def _closed() -> threading.Lock:
    """What opens when it is called."""
    made = threading.Lock()
    made.acquire()
    return made
