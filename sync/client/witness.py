"""After the county was restored: tell it what this desk saw of others' saves, for their laptops may be gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from app.errors import Cancelled
from app.store.changes import (
    Seen,
    Workspace,
    foreign_stamps,
    in_order,
    names_by_stamp,
    offered_again,
    replaced,
    seen,
    writing,
)
from sync.client.credentials import SETTING, as_setting, ties
from sync.client.plan import as_unit
from sync.client.stopping import STOPPED
from sync.messages import Change, Hello, Page, Request, Unit
from sync.protocol import County

BLOCK = 500


def bear_witness(
    county: County, store: Workspace, tell: Callable[[str], None], cancelled: Callable[[], bool],
    take: Callable[[Page], object],
) -> None:  # fmt: skip
    """Offer it before anything is asked for, since what the county gives is laid over it; goes on until it is done.

    If the county begins another life meanwhile it stays owed: the next request notices.
    """
    for request in requests(store):
        tell("县里的资料恢复过，正在补上县里缺的……")
        for page in county.exchange(request):
            if page.terms.epoch != request.hello.epoch:
                return
            take(page)
        if cancelled():
            raise Cancelled(STOPPED)
    done(store)


def requests(store: Workspace) -> Iterator[Request]:
    """What this desk owes the county of others' saves; nothing unless the county was restored.

    Own saves go among them, in the order in which the county had given them numbers: what a save was based on comes
    before it, so that the county lists nothing in vain.
    """
    owing = ties(store)
    if not owing.owes_witness:
        return
    with writing(store) as work:
        foreign = foreign_stamps(work, owing.durable_epoch, owing.durable_seq)
        names, before, own = names_by_stamp(work, foreign), replaced(work), offered_again(work) if foreign else {}
        stamps = in_order(work, {*foreign, *own})
    hello = Hello(owing.device, owing.server_id, owing.epoch)
    for at in range(0, len(stamps), BLOCK):
        some = stamps[at : at + BLOCK]
        with writing(store) as work:
            mine = work.own([own[stamp] for stamp in some if stamp in own])
            others = {each.stamp: each for each in seen(work, {stamp: names.get(stamp, ()) for stamp in some}, before)}
        units = list[Unit]()
        for number, stamp in enumerate(some, at + 1):
            units += [as_unit(mine[own[stamp]])] if own.get(stamp) in mine else []
            units += [_unit(-number, others[stamp])] if stamp in others else []
        yield Request(hello, tuple(units))


def done(store: Workspace) -> None:
    """Nothing is owed any more."""
    if ties(store).owes_witness:
        with writing(store) as work:
            work.set_setting(SETTING, as_setting(replace(ties(store), owes_witness=False)))


def _unit(number: int, each: Seen) -> Unit:
    """Below zero a unit counts no save of this desk: it is what the desk saw of another's."""
    changes = tuple(Change(one.type, one.record, one.after, one.bases) for one in each.changes)
    return Unit(number, each.verb, each.subject, each.author, each.author_name, each.made_at, changes, each.stamp)
