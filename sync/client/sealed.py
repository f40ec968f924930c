"""Keep own saves about people who left this laptop sealed to the county, and hand them over when it lost them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from app.errors import Cancelled, NotFound, StoreDamaged
from app.store.changes import OwnUnit, Workspace, Writing, note_handed_over, waiting_sealed, writing
from sync.client.bearing import bears
from sync.client.credentials import SETTING, Ties, ties, ties_of
from sync.client.plan import as_unit
from sync.client.stopping import STOPPED
from sync.messages import Hello, Page, Request, op_id
from sync.protocol import County
from sync.sealed import Kept, seal

MOST_BYTES, MOST_BY_STICK = 128 << 10, 4 << 20
"""What goes together: as much as a line bears between two breaks, or as is soon read from a file; at least one save."""


def sealer(store: Workspace, work: Writing) -> Callable[[OwnUnit, Sequence[str]], bytes | None]:
    """Gives a function that seals a save and its photos to the county's key; None without a key, or if the save was
    refused and its rejection is here."""
    known = ties_of(work.setting(SETTING))
    box = bytes.fromhex(known.parcel_key)

    def sealed(unit: OwnUnit, photos: Sequence[str]) -> bytes | None:
        is_refused = not unit.stamp
        if not box or (is_refused and not unheard(work, known, [unit])):
            return None
        return seal(Kept(as_unit(unit), tuple(_contents(store, photos))), box)

    return sealed


def unheard(work: Writing, known: Ties, refused: Iterable[OwnUnit]) -> list[OwnUnit]:
    """Those refused saves of which no rejection has come here; one that came is given back as any record is."""
    nonce = bytes.fromhex(known.nonce)
    named = {("rejection", op_id(as_unit(each).identity(known.device, nonce), 0)): each for each in refused}
    held = work.held(named.keys())
    return [unit for name, unit in named.items() if name not in held]


def _contents(store: Workspace, photos: Sequence[str]) -> Iterator[bytes]:
    for digest in photos:
        try:
            yield store.blob(digest)
        except (NotFound, StoreDamaged):
            continue  # it never came here, or cannot be read: the save is kept all the same


def hand_over(
    county: County, store: Workspace, tell: Callable[[str], None], cancelled: Callable[[], bool],
    take: Callable[[Page], object],
) -> None:  # fmt: skip
    """Give the county what it lost of them; if it begins another life meanwhile they stay to be asked for."""
    most_bytes = min(MOST_BYTES, bears(store))
    while request := next(requests(store, most_bytes), None):
        tell("县里的资料恢复过，正在补上已移走的人的……")
        with writing(store) as work:
            told = list(waiting_sealed(work, most_bytes))
        for page in county.exchange(request):
            if page.terms.epoch != request.hello.epoch:
                return
            take(page)
        with writing(store) as work:
            note_handed_over(work, told)  # what the county could not open is not asked for again and again
        if cancelled():
            raise Cancelled(STOPPED)


def requests(store: Workspace, most_bytes: int) -> Iterator[Request]:
    """What is to be handed over now."""
    with writing(store) as work:
        waiting = waiting_sealed(work, most_bytes)
    if waiting:
        known = ties(store)
        hello = Hello(known.device, known.server_id, known.epoch, last=known.last)
        yield Request(hello, (), tuple(waiting.values()))
