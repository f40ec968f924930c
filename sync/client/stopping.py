"""A county that can be left at any moment: the talk goes on in a thread, and whoever waits for it looks up often.

A dead line says nothing for a minute, and a call into the system cannot be taken back. Nothing is lost by walking away
from one: what arrived is known to the county, and an answer that nobody read is a lost answer like any other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TypeVar

from app.errors import Cancelled
from sync.client.arriving import Arrived, in_heaps, read_ahead
from sync.drill import Detail, Name, Part
from sync.messages import Enrolment, Introduction, Page, Request, Sums, Unit, Welcome
from sync.protocol import County

LOOK_UP = 0.1
"""Seconds."""
STOPPED = "已停下。收到的都存好了，没送的还在，下次接着来。"
T = TypeVar("T")
_WANTED = object()
"""The word in between: another block is wanted."""
Block = tuple[Unit, ...]


def waited(work: Callable[[], T], stopped: Callable[[], bool]) -> T:
    """What the work comes to, unless it is stopped first. Raises Cancelled, and what the work raises."""
    said: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

    def run() -> None:
        try:
            said.put((work(), None))
        except Exception as error:  # whoever waits is to hear of it
            said.put((None, error))

    threading.Thread(target=run, name="line", daemon=True).start()
    found, error = _next(said, stopped)
    if error is not None:
        raise error
    return found  # type: ignore[return-value]


def _next(said: SimpleQueue[T], stopped: Callable[[], bool]) -> T:
    while True:
        try:
            return said.get(timeout=LOOK_UP)
        except Empty:
            if stopped():
                raise Cancelled(STOPPED) from None


class _Handed:
    """Blocks that the line takes from whoever waits for its answer, for only there may the store be asked."""

    def __init__(self, arrived: Arrived, is_over: threading.Event) -> None:
        self._arrived = arrived
        self._is_over = is_over
        self.given: SimpleQueue[Block | None] = SimpleQueue()

    def __iter__(self) -> Iterator[Block]:
        self._arrived.put(_WANTED)
        while (block := _next(self.given, self._is_over.is_set)) is not None:
            yield block
            self._arrived.put(_WANTED)


class Stoppable:
    """A ``County`` in front of another one."""

    def __init__(self, county: County, stopped: Callable[[], bool]) -> None:
        self._county = county
        self._stopped = stopped

    @property
    def requests(self) -> int:
        """How often the line was used."""
        return int(getattr(self._county, "requests", 0))

    @property
    def bytes_up(self) -> int:
        """What went out."""
        return int(getattr(self._county, "bytes_up", 0))

    @property
    def bytes_down(self) -> int:
        """What came in."""
        return int(getattr(self._county, "bytes_down", 0))

    def enrol(self, enrolment: Enrolment) -> Welcome:
        """Join with a one-time code."""
        return waited(lambda: self._county.enrol(enrolment), self._stopped)

    def introduce(self, introduction: Introduction) -> Welcome:
        """Go on under a new name."""
        return waited(lambda: self._county.introduce(introduction), self._stopped)

    def exchange(self, request: Request) -> Iterator[Page]:
        """Pages as they come; those that came while others were written, as one."""
        arrived: Arrived = SimpleQueue()
        is_over = threading.Event()
        handed = _Handed(arrived, is_over)
        sent = replace(request, blocks=handed) if request.blocks else request
        blocks = iter(request.blocks)
        read_ahead(lambda: self._county.exchange(sent), arrived, is_over)
        try:
            yield from in_heaps(
                arrived, lambda: _next(arrived, self._stopped), lambda: handed.given.put(next(blocks, None))
            )
        finally:
            is_over.set()

    def sums(self, device: str) -> Sums:
        """The sums of all that the device may see."""
        return waited(lambda: self._county.sums(device), self._stopped)

    def look(self, device: str, parts: Sequence[Part]) -> list[Detail]:
        """Where two sides differ, part by part."""
        return waited(lambda: self._county.look(device, parts), self._stopped)

    def named(self, device: str, names: Sequence[Name]) -> Page:
        """Single records."""
        return waited(lambda: self._county.named(device, names), self._stopped)

    def has_blob(self, device: str, sha256: str) -> int:
        """How many bytes of an attachment the county holds."""
        return waited(lambda: self._county.has_blob(device, sha256), self._stopped)

    def put_blob(self, device: str, sha256: str, start: int, size: int, part: bytes) -> int:
        """Hand over a part of an attachment."""
        return waited(lambda: self._county.put_blob(device, sha256, start, size, part), self._stopped)

    def get_blob(self, device: str, sha256: str, start: int, length: int) -> bytes:
        """A part of an attachment."""
        return waited(lambda: self._county.get_blob(device, sha256, start, length), self._stopped)
