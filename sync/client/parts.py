"""What is too much for one piece goes by parts: what came before a cut has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Protocol, TypeVar

from sync.protocol import LineBroke

T = TypeVar("T")
SMALLEST, LARGEST = 8 << 10, 512 << 10
QUICK = 8.0
"""Seconds. What still lies in the system's buffers is silence to whoever waits for the answer, and a minute of that is
a broken line (``http.STALL_SECONDS``): no part may take nearly so long, on whatever line."""


class Parts:
    """How many bytes the next part has: a cut costs about what came before it, however soon it falls."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, largest: int = LARGEST) -> None:
        self.size = SMALLEST
        self._largest = max(SMALLEST, min(LARGEST, largest))
        self._is_stuck = False
        self._clock = clock
        self._began = clock()

    def begin(self) -> int:
        """The size of a part that is asked for, or goes out, now."""
        self._began = self._clock()
        return self.size

    def move(self, work: Callable[[int], T]) -> T:
        """Move a part of the size that ``work`` is given; when the line breaks over it a smaller one, and none as large
        again. Raises LineBroke when it bears not even the smallest anew."""
        while True:
            try:
                return work(self.begin())
            except LineBroke:
                if self._is_stuck:
                    raise
                self._is_stuck = self.size == SMALLEST
                self.size = self._largest = max(SMALLEST, self.size // 2)

    def arrived(self, size: int) -> None:
        """It went through. What was less than might have been tells nothing of how fast more would be."""
        took, self._is_stuck = self._clock() - self._began, False
        if took > 2 * QUICK:
            self.size = max(self.size // 2, SMALLEST)
        elif took < QUICK and size >= self.size:
            self.size = min(2 * self.size, self._largest)


class Carrier(Protocol):
    """A line that takes a file for the county by parts."""

    def parcel_held(self, sha256: str) -> int:
        """How many bytes of it the county holds."""
        ...

    def put_parcel(self, sha256: str, start: int, part: bytes) -> int:
        """Hand over a part; gives how many bytes the county holds now."""
        ...


def put(line: Carrier, content: bytes, rest: int, parts: Parts) -> tuple[str, int]:
    """Bring what the county lacks of a file, but for its last ``rest`` bytes; after a break the next call goes on where
    this one ended. Gives the file's SHA-256, and how much of it is there."""
    digest = sha256(content).hexdigest()
    held = line.parcel_held(digest)
    while len(content) - held > rest:
        start = held
        held = parts.move(partial(_put, line, digest, content, start))
        if held <= start:
            break
        parts.arrived(held - start)
    return digest, held


def _put(line: Carrier, digest: str, content: bytes, start: int, length: int) -> int:
    return line.put_parcel(digest, start, content[start : start + length])
