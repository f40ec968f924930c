"""Attachments travel behind the text, in parts, both ways; what came before a cut has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256

from app.errors import Cancelled, CountyRefused, NotFound
from app.store.changes import Workspace, writing
from sync.client.credentials import ties
from sync.protocol import County

SMALLEST, LARGEST = 8 << 10, 512 << 10
QUICK = 8.0
"""Seconds. What still lies in the system's buffers is silence to whoever waits for the answer, and a minute of that is
a broken line (``http.STALL_SECONDS``): no part may take nearly so long, on whatever line."""


class Parts:
    """How many bytes the next part has: a cut costs about what came before it, however soon it falls."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.size = SMALLEST
        self._clock = clock
        self._began = clock()

    def begin(self) -> int:
        """The size of a part that is asked for, or goes out, now."""
        self._began = self._clock()
        return self.size

    def arrived(self, size: int) -> None:
        """It went through. What was less than might have been tells nothing of how fast more would be."""
        took = self._clock() - self._began
        if took > 2 * QUICK:
            self.size = max(self.size // 2, SMALLEST)
        elif took < QUICK and size >= self.size:
            self.size = min(2 * self.size, LARGEST)


def carry(county: County, store: Workspace, tell: Callable[[str], None], cancelled: Callable[[], bool]) -> int:
    """Send and fetch what waits; gives how many attachments are still waiting afterwards.

    One that the county does not want stops none of the others.
    """
    store.drop_gone_blobs()
    left, parts = 0, Parts()
    for direction, move in (("up", _send), ("down", _fetch)):
        with writing(store) as work:
            queue = work.transfers(direction)
        for number, (digest, _, size) in enumerate(queue, 1):
            if cancelled():
                raise Cancelled("已停下。文字都送到了，照片下次接着传。")
            tell(f"照片 {number}/{len(queue)}")
            try:
                is_done = move(county, store, parts, digest, size)
            except (CountyRefused, NotFound):
                is_done = False
            left += not is_done
    return left


def _send(county: County, store: Workspace, parts: Parts, digest: str, size: int) -> bool:
    content = store.blob(digest)
    device = ties(store).device
    held = county.has_blob(device, digest)
    while held < len(content):
        part = content[held : held + parts.begin()]
        now = county.put_blob(device, digest, held, len(content), part)
        if now <= held:
            return False
        held = now
        parts.arrived(len(part))
        _note(store, digest, "up", held, len(content))
    _note(store, digest, "up", held, len(content))
    return True


def _fetch(county: County, store: Workspace, parts: Parts, digest: str, size: int) -> bool:
    if not store.has_blob(digest):
        content = bytearray(store.blobs.begun(digest))
        while part := county.get_blob(ties(store).device, digest, len(content), parts.begin()):
            parts.arrived(len(part))
            store.blobs.add(digest, len(content), part)
            content += part
            _note(store, digest, "down", min(len(content), max(size - 1, 0)), size)
        if sha256(content).hexdigest() != digest:
            store.blobs.drop(digest)
            return False
        store.blobs.put(bytes(content))
        size = len(content)
    _note(store, digest, "down", max(size, 1), max(size, 1))
    return True


def _note(store: Workspace, digest: str, direction: str, done: int, size: int) -> None:
    with writing(store) as work:
        work.transferred(digest, direction, done, size)
