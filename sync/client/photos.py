"""Attachments travel behind the text, in parts, both ways; what came before a cut has come."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from hashlib import sha256

from app.errors import Cancelled, CountyRefused, NotFound
from app.store.changes import Workspace, writing
from sync.client.credentials import ties
from sync.client.parts import Parts, fetched, sent
from sync.client.stopping import STOPPED
from sync.protocol import County

MOST_TALKS = 1_000
"""Of one exchange, while photos are on their way."""


def carry(
    county: County, store: Workspace, tell: Callable[[str], None], cancelled: Callable[[], bool],
    talk: Callable[[], int],
) -> None:  # fmt: skip
    """Send and fetch what waits, part by part. What is saved meanwhile goes before the next part: ``talk`` sends it,
    and gives how many saves it got rid of."""
    queue, stuck = Queue(county, store, tell, cancelled), 0
    for _ in range(MOST_TALKS):
        if not queue.is_left_for_text(stuck):
            return
        # What a talk did not get rid of, no further one will; only what is saved from now on is worth another.
        stuck = 0 if talk() else store.pending()


class Fate(Enum):
    """What became of an attachment while it was its turn."""

    ARRIVED = "arrived"
    LEFT = "left"
    TEXT_FIRST = "text_first"


class Queue:
    """The attachments of one exchange. It is left after any part if text waits, and goes on there afterwards."""

    def __init__(
        self, county: County, store: Workspace, tell: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> None:
        self._county = county
        self._store = store
        self._tell = tell
        self._cancelled = cancelled
        self._parts = Parts()
        self._arrived: dict[str, set[str]] = {"up": set(), "down": set()}
        self._stuck = 0
        self._has_begun = False

    def is_left_for_text(self, stuck: int) -> bool:
        """Send and fetch what waits, until it is there or more saves wait than the ``stuck`` that cannot be sent now.

        One that the county does not want stops none of the others.
        """
        self._store.drop_gone_blobs()
        self._stuck = stuck
        is_left = self._is_left("up", self._send) or self._is_left("down", self._fetch)
        return is_left or (self._has_begun and self._text_waits())

    def _is_left(self, direction: str, move: Callable[[str, int], Fate]) -> bool:
        arrived, left = self._arrived[direction], set[str]()
        while queue := [each for each in waiting(self._store, direction) if each[0] not in arrived | left]:
            if self._text_waits():
                return True
            if self._cancelled():
                raise Cancelled(STOPPED if self._stuck else "已停下。文字都送到了，照片下次接着传。")
            self._has_begun = True
            digest, _, size = queue[0]
            number = len(arrived) + len(left) + 1
            self._tell(f"照片 {number}/{number + len(queue) - 1}")
            try:
                fate = move(digest, size)
            except (CountyRefused, NotFound):
                fate = Fate.LEFT
            if fate is Fate.TEXT_FIRST:
                return True
            (arrived if fate is Fate.ARRIVED else left).add(digest)
        return False

    def _text_waits(self) -> bool:
        return self._store.pending() > self._stuck

    def _send(self, digest: str, _size: int) -> Fate:
        content, device = self._store.blob(digest), ties(self._store).device

        def put(start: int, part: bytes) -> int:
            return self._county.put_blob(device, digest, start, len(content), part)

        for held in sent(self._parts, content, self._county.has_blob(device, digest), put):
            self._note(digest, "up", held, len(content))
            if held < len(content) and self._text_waits():
                return Fate.TEXT_FIRST
        return Fate.LEFT if held < len(content) else Fate.ARRIVED

    def _fetch(self, digest: str, size: int) -> Fate:
        if not self._store.has_blob(digest):
            content = bytearray(self._store.blobs.begun(digest))
            get = partial(self._county.get_blob, ties(self._store).device, digest)
            for part in fetched(self._parts, len(content), get):
                self._store.blobs.add(digest, len(content), part)
                content += part
                self._note(digest, "down", min(len(content), max(size - 1, 0)), size)
                if self._text_waits():
                    return Fate.TEXT_FIRST
            if sha256(content).hexdigest() != digest:
                self._store.blobs.drop(digest)
                return Fate.LEFT
            self._store.blobs.put(bytes(content))
            size = len(content)
        self._note(digest, "down", max(size, 1), max(size, 1))
        return Fate.ARRIVED

    def _note(self, digest: str, direction: str, done: int, size: int) -> None:
        with writing(self._store) as work:
            work.transferred(digest, direction, done, size)


def waiting(store: Workspace, direction: str) -> list[tuple[str, int, int]]:
    """Attachments still on their way ``up`` or ``down``: SHA-256, bytes done, size."""
    with writing(store) as work:
        return work.transfers(direction)
