"""How much the line bears between two breaks: what goes together is no more than that, in either direction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, takewhile

from app.store.changes import OwnUnit, Store, Workspace, writing
from sync.protocol import LineBroke

SETTING = "exchange_bears"
LEAST, PLENTY = 4 << 10, 1 << 20
SHARE = 8
"""An eighth of the bytes that went over a line before it broke, and left nothing whole behind, is tried the next time:
what is counted are bytes before they are packed, and answers are larger than what was asked for."""
ROW = 1 << 10
"""Bytes that a record takes on its way, more or less."""
LEAST_ROWS = 3


def bears(store: Store) -> int:
    """Bytes; ``PLENTY`` of a line that never broke in vain."""
    return int(store.setting(SETTING, PLENTY))


def most_records(store: Workspace, most: int) -> int:
    """How many records may be asked for at once, but for ``most``."""
    known = bears(store)
    return most if known >= PLENTY else min(most, max(LEAST_ROWS, known // ROW))


def together(saves: Iterable[OwnUnit], most_bytes: int) -> int:
    """How many of these go together: one at least."""
    fitting = takewhile(lambda reached: reached <= most_bytes, accumulate(map(_weight, saves)))
    return max(1, sum(1 for _ in fitting))


def is_too_much(store: Workspace, saves: Sequence[OwnUnit]) -> bool:
    """Whether the first of several is alone more than the line bears in one piece."""
    return len(saves) > 1 and (known := bears(store)) < PLENTY and _weight(saves[0]) > known


def _weight(save: OwnUnit) -> int:
    return sum(weight(change.after) for change in save.changes)


def weight(values: object) -> int:
    """Bytes of a change's values, more or less."""
    return len(str(values).encode(errors="replace"))


@contextmanager
def learning(store: Workspace, traffic: Callable[[], int]) -> Iterator[None]:
    """One exchange: if the line breaks before anything whole has come of it, and not so soon that this says nothing of
    what it bears, the next tries with less. ``traffic`` gives the bytes that went over the line so far."""
    went, wrote = traffic(), _written(store)
    try:
        yield
    except LineBroke:
        known = bears(store)
        passed = traffic() - went or known
        if _written(store) == wrote and passed >= 2 * LEAST:
            store.set_setting(SETTING, max(LEAST, min(known, passed) // SHARE))
        raise


def bore(store: Workspace) -> None:
    """A request and its answer went through: the next may try twice as much."""
    if (known := bears(store)) < PLENTY:
        store.set_setting(SETTING, min(PLENTY, 2 * known))


def _written(store: Workspace) -> int:
    with writing(store) as work:
        return work.rows_written()
