"""Attachments travel behind the text, in parts, both ways; what came before a cut has come."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from app.errors import Cancelled, CountyRefused, NotFound
from app.store.changes import Workspace, writing
from sync.client.credentials import ties
from sync.protocol import County

SMALLEST, LARGEST = 8 << 10, 512 << 10


class Parts:
    """How many bytes the next part has: a cut costs about what came before it, however soon it falls."""

    def __init__(self) -> None:
        self.size = SMALLEST

    def arrived(self) -> None:
        """A part went through."""
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
        now = county.put_blob(device, digest, held, len(content), content[held : held + parts.size])
        if now <= held:
            return False
        held = now
        parts.arrived()
        _note(store, digest, "up", held, len(content))
    _note(store, digest, "up", held, len(content))
    return True


def _fetch(county: County, store: Workspace, parts: Parts, digest: str, size: int) -> bool:
    if not store.has_blob(digest):
        content = bytearray(store.blobs.begun(digest))
        while part := county.get_blob(ties(store).device, digest, len(content), parts.size):
            store.blobs.add(digest, len(content), part)
            content += part
            parts.arrived()
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
