"""After the county was restored: tell it what this desk saw of others' saves, for their laptops may be gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from app.errors import Cancelled
from app.store.changes import Seen, Workspace, foreign_stamps, names_by_stamp, seen, writing
from sync.client.credentials import SETTING, as_setting, ties
from sync.client.stopping import STOPPED
from sync.messages import Change, Hello, Request, Unit
from sync.protocol import County

BLOCK = 500


def bear_witness(county: County, store: Workspace, tell: Callable[[str], None], cancelled: Callable[[], bool]) -> None:
    """Offer it before anything is asked for, since what the county gives is laid over it; goes on until it is done.

    If the county begins another life meanwhile it stays owed: the next request notices.
    """
    for request in requests(store):
        tell("县里的资料恢复过，正在补上县里缺的……")
        if any(page.terms.epoch != request.hello.epoch for page in county.exchange(request)):
            return
        if cancelled():
            raise Cancelled(STOPPED)
    done(store)


def requests(store: Workspace) -> Iterator[Request]:
    """What this desk owes the county of others' saves; nothing unless the county was restored."""
    owing = ties(store)
    if not owing.owes_witness:
        return
    with writing(store) as work:
        stamps = foreign_stamps(work, owing.durable_epoch, owing.durable_seq)
        names = names_by_stamp(work, stamps)
    hello = Hello(owing.device, owing.server_id, owing.epoch)
    for at in range(0, len(stamps), BLOCK):
        with writing(store) as work:
            told = seen(work, {stamp: names[stamp] for stamp in stamps[at : at + BLOCK]})
        yield Request(hello, tuple(_unit(-at - place, each) for place, each in enumerate(told, 1)))


def done(store: Workspace) -> None:
    """Nothing is owed any more."""
    if ties(store).owes_witness:
        with writing(store) as work:
            work.set_setting(SETTING, as_setting(replace(ties(store), owes_witness=False)))


def _unit(number: int, each: Seen) -> Unit:
    """Below zero a unit counts no save of this desk: it is what the desk saw of another's."""
    changes = tuple(Change(one.type, one.record, one.after, one.bases) for one in each.changes)
    return Unit(number, each.verb, each.subject, each.author, each.author_name, each.made_at, changes, each.stamp)
