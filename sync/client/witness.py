"""After the county was restored: tell it what this desk saw of others' saves, for their laptops may be gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from app.errors import Cancelled
from app.store.changes import (
    OwnUnit,
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
from sync.client.bearing import bears, weight
from sync.client.credentials import SETTING, as_setting, ties
from sync.client.plan import as_unit
from sync.client.stopping import STOPPED
from sync.messages import Change, Hello, Page, Request, Unit
from sync.protocol import County

BLOCK = 500
LARGEST = 128 << 10
"""Bytes in one request, more or less, and before they are packed; fewer on a line that does not bear them."""


def bear_witness(
    county: County, store: Workspace, tell: Callable[[str], None], cancelled: Callable[[], bool],
    take: Callable[[Page], object],
) -> None:  # fmt: skip
    """Offer it before anything is asked for, since what the county gives is laid over it; goes on until it is done.

    After a break it goes on where it was. If the county begins another life meanwhile it stays owed: the next request
    notices.
    """
    for request, reached in _portions(store):
        tell("县里的资料恢复过，正在补上县里缺的……")
        for page in county.exchange(request):
            if page.terms.epoch != request.hello.epoch:
                return
            take(page)
        with writing(store) as work:
            work.set_setting(SETTING, as_setting(replace(ties(store), witnessed=reached)))
        if cancelled():
            raise Cancelled(STOPPED)
    done(store)


def requests(store: Workspace) -> Iterator[Request]:
    """What this desk owes the county of others' saves; nothing unless the county was restored."""
    return (request for request, _ in _portions(store))


def _portions(store: Workspace) -> Iterator[tuple[Request, str]]:
    """Requests, each with the stamp that it reaches to.

    Own saves go among them, in the order in which the county had given them numbers: what a save was based on comes
    before it, so that the county lists nothing in vain.
    """
    owing = ties(store)
    if not owing.owes_witness:
        return
    with writing(store) as work:
        foreign = foreign_stamps(work, owing.durable_epoch, owing.durable_seq)
        names, before, own = names_by_stamp(work, foreign), replaced(work), offered_again(work) if foreign else {}
        stamps = in_order(work, {*foreign, *own, owing.witnessed} - {""})
    stamps = stamps[stamps.index(owing.witnessed) + 1 :] if owing.witnessed else stamps
    for at in range(0, len(stamps), BLOCK):
        some = stamps[at : at + BLOCK]
        with writing(store) as work:
            mine = work.own([own[stamp] for stamp in some if stamp in own])
            others = {each.stamp: each for each in seen(work, {stamp: names.get(stamp, ()) for stamp in some}, before)}
        units = [(stamp, _units(stamp, number, mine, own, others)) for number, stamp in enumerate(some, at + 1)]
        for portion, reached in _parted(units, min(LARGEST, bears(store))):
            # By what this desk heard last the county notices that it was put back since, and has lost these again.
            hello = Hello(owing.device, owing.server_id, owing.epoch, last=ties(store).last)
            yield Request(hello, portion), reached


def _units(
    stamp: str, number: int, mine: Mapping[int, OwnUnit], own: Mapping[str, int], others: Mapping[str, Seen]
) -> list[Unit]:
    """What bears one stamp: an own save, and what was seen of another's."""
    found = [as_unit(mine[own[stamp]])] if own.get(stamp) in mine else []
    return found + ([_unit(-number, others[stamp])] if stamp in others else [])


def _parted(units: Iterable[tuple[str, list[Unit]]], most: int) -> Iterator[tuple[tuple[Unit, ...], str]]:
    """Portions of a size that a line bears."""
    some, size, reached = list[Unit](), 0, ""
    for stamp, told in units:
        more = sum(weight(change.after) for unit in told for change in unit.changes)
        if some and size + more > most:
            yield tuple(some), reached
            some, size = [], 0
        some += told
        size, reached = size + more, stamp
    yield tuple(some), reached


def done(store: Workspace) -> None:
    """Nothing is owed any more."""
    if ties(store).owes_witness:
        with writing(store) as work:
            work.set_setting(SETTING, as_setting(replace(ties(store), owes_witness=False, witnessed="")))


def _unit(number: int, each: Seen) -> Unit:
    """Below zero a unit counts no save of this desk: it is what the desk saw of another's."""
    changes = tuple(Change(one.type, one.record, one.after, one.bases) for one in each.changes)
    return Unit(number, each.verb, each.subject, each.author, each.author_name, each.made_at, changes, each.stamp)
