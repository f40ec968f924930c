"""Decide what the next request carries; nothing is sent or written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.store.changes import OwnUnit
from sync.client.credentials import Ties
from sync.messages import Change, Hello, Request, Unit


@dataclass(frozen=True, slots=True)
class Plan:
    """One request. ``is_more``: more follows, so that this one asks for nothing yet. ``is_long``: what waits follows
    in blocks, and nothing of it stands in the request itself."""

    BLOCK: ClassVar[int] = 2_000
    RECORDS: ClassVar[int] = 20_000

    request: Request
    is_more: bool
    is_long: bool = False

    @property
    def is_question(self) -> bool:
        """Whether it asks what became of earlier units."""
        return self.request.asks_after is not None

    @property
    def units(self) -> tuple[Unit, ...]:
        """What is sent."""
        return self.request.units


def plan(
    ties: Ties, waiting: Sequence[OwnUnit], block: int, *, is_told: bool = True, rest: int = 0, wants: bool = True,
    records: int = 0,
) -> Plan:  # fmt: skip
    """The next request: all that waits and the wish for what is new, if it is no more than one block.

    For more the county is greeted first: it may be another life of it, or hold some of it already, from a stream that
    broke. Once it has told so (``is_told``) the rest goes as a stream; ``rest`` is what will wait even then. Without
    ``wants`` nothing is asked for, otherwise no more than ``records``, if that is said.
    """
    is_long = len(waiting) > block
    is_more = is_long and (rest > 0 or not is_told)
    hello = Hello(
        ties.device, ties.server_id, ties.epoch, ties.cursors, ties.last,
        (records or Plan.RECORDS) if wants and not is_more else 0,
        token=bytes.fromhex(ties.token), proposed=bytes.fromhex(ties.proposed), needs_key=not ties.parcel_key,
        is_resumed=ties.is_resumed,
    )  # fmt: skip
    if is_long and not is_told:
        return Plan(Request(hello, asks_after=waiting[0].seq - 1), is_more)
    return Plan(Request(hello, () if is_long else tuple(map(as_unit, waiting))), is_more, is_long)


def as_unit(own: OwnUnit) -> Unit:
    """An own save as it travels."""
    changes = tuple(Change(each.type, each.record, each.after, each.bases) for each in own.changes)
    return Unit(own.seq, own.verb, own.subject, own.author, own.author_name, own.made_at, changes, own.stamp)
