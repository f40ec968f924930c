"""What is too much for one piece goes by parts, in either direction: what came before a cut has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from sync.protocol import LineBroke

T = TypeVar("T")
SMALLEST, LARGEST = 8 << 10, 512 << 10
"""Bytes of a part: what nearly every line bears, and what is read from memory at once without thinking."""
QUICK = 8.0
"""Seconds. What still lies in the system's buffers is silence to whoever waits for the answer, and a minute of that is
a broken line (``http.STALL_SECONDS``): no part may take nearly so long, on whatever line."""

A_WHILE = 8
"""Parts that go through before larger ones are tried again after a break."""


class Parts:
    """How many bytes the next part has: a cut costs about what came before it, however soon it falls.

    ``largest``: no part has more bytes than that.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, largest: int = LARGEST) -> None:
        self.size = SMALLEST
        self._largest = max(SMALLEST, min(LARGEST, largest))
        self._is_stuck = False
        self._small = 0
        self._clock = clock
        self._began = clock()

    def begin(self) -> int:
        """The size of a part that is asked for, or goes out, now."""
        self._began = self._clock()
        return self.size

    def move(self, work: Callable[[int], T]) -> T:
        """Move a part of the size that ``work`` is given; when the line breaks over it a smaller one, and none as large
        for a while. Raises LineBroke when it bears not even the smallest anew, or fell silent."""
        while True:
            try:
                return work(self.begin())
            except LineBroke:
                if self._is_stuck or self._clock() - self._began > 2 * QUICK:
                    raise
                self._is_stuck = self.size == SMALLEST
                self.size = max(SMALLEST, self.size // 2)
                self._small = A_WHILE

    def arrived(self, size: int) -> None:
        """So many bytes went through. A part shorter than it might have been, the end of a file, makes none larger."""
        took, self._is_stuck = self._clock() - self._began, False
        self._small = max(0, self._small - 1)
        if took > 2 * QUICK:
            self.size = max(self.size // 2, SMALLEST)
        elif took < QUICK and size >= self.size and not self._small:
            self.size = min(2 * self.size, self._largest)


def sent(
    parts: Parts, content: bytes, held: int, put: Callable[[int, bytes], int], rest: int = 0
) -> Iterator[int]:
    """Hand over what the other side does not hold, but for the last ``rest`` bytes; gives how many bytes it holds, at
    first and after each part. ``put`` takes where a part begins and the part, and gives how many are held then; if they
    are no more than before, no more is wanted. Raises LineBroke."""
    yield held
    while len(content) - held > rest:
        start = held
        held = parts.move(partial(_put, put, content, start))
        if held <= start:
            return
        parts.arrived(held - start)
        yield held


def fetched(parts: Parts, begun: int, get: Callable[[int, int], bytes]) -> Iterator[bytes]:
    """The parts of a file from ``begun`` bytes on, to its end. ``get`` takes where a part begins and how many bytes it
    may have. Raises LineBroke."""
    while part := parts.move(partial(get, begun)):
        parts.arrived(len(part))
        begun += len(part)
        yield part


def _put(put: Callable[[int, bytes], int], content: bytes, start: int, length: int) -> int:
    return put(start, content[start : start + length])
