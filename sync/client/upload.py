"""Own saves on their way: read block by block as the line takes them, kept until the county has spoken of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from app.errors import Cancelled
from app.store.changes import OwnUnit, Workspace, unsent, writing
from sync.client.blocks import Blocks
from sync.client.credentials import Ties
from sync.client.plan import as_unit
from sync.client.stopping import STOPPED
from sync.messages import Page, Unit, ids_digest


class Upload:
    """What one request takes along."""

    MOST: ClassVar[int] = 10_000
    """So many in one stream: what is on its way stays in memory until the answer comes."""

    def __init__(
        self, store: Workspace, blocks: Blocks, tell: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> None:
        self._store = store
        self._blocks = blocks
        self._tell = tell
        self._cancelled = cancelled
        self.sent: dict[int, OwnUnit] = {}
        self.count = 0

    def blocks(self) -> Iterator[tuple[Unit, ...]]:
        """What waits, as far as one stream goes. Raises Cancelled between two blocks."""
        last = 0
        while self.count < self.MOST and (found := unsent(self._store, self._blocks.size, after=last)):
            last = found[-1].seq
            while found:
                if self._cancelled():
                    raise Cancelled(STOPPED)
                fitting = self._blocks.fitting(found)
                yield self.begin(found[:fitting])
                self._blocks.arrived()
                found = found[fitting:]

    def begin(self, some: Sequence[OwnUnit]) -> tuple[Unit, ...]:
        """These go out now."""
        self.count += len(some)
        self.sent |= {own.seq: own for own in some}
        if some:
            self._tell(f"正在送出 {self.count} 条……")
        return tuple(map(as_unit, some))

    def broke(self) -> None:
        """The line broke; if the county has not spoken of all that went out, the next blocks are smaller."""
        if self.sent:
            self._blocks.broke(self.count)


def is_meant(store: Workspace, known: Ties, page: Page) -> bool:
    """Whether the results speak of this desk's own units, and not of those of a copy of it that bear their numbers."""
    with writing(store) as work:
        own = work.own([result.seq for result in page.results])
    if any(result.seq not in own for result in page.results):
        return False
    nonce = bytes.fromhex(known.nonce)
    return page.meant == ids_digest(as_unit(own[result.seq]).identity(known.device, nonce) for result in page.results)
