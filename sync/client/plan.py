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
    """One request. ``is_more``: own units remain for the next one, so that this one asks for nothing yet."""

    BLOCK: ClassVar[int] = 2_000
    RECORDS: ClassVar[int] = 20_000

    request: Request
    is_more: bool

    @property
    def units(self) -> tuple[Unit, ...]:
        """What is sent."""
        return self.request.units


def plan(ties: Ties, waiting: Sequence[OwnUnit], block: int = Plan.BLOCK) -> Plan:
    """The next request: a block of what waits, and with the last block the wish for what is new."""
    is_more = len(waiting) > block
    hello = Hello(
        ties.device, ties.server_id, ties.epoch, ties.cursors, ties.last, 0 if is_more else Plan.RECORDS,
        token=bytes.fromhex(ties.token), proposed=bytes.fromhex(ties.proposed),
    )  # fmt: skip
    return Plan(Request(hello, tuple(as_unit(unit) for unit in waiting[:block])), is_more)


def as_unit(own: OwnUnit) -> Unit:
    """An own save as it travels."""
    changes = tuple(Change(each.type, each.record, each.after, each.bases) for each in own.changes)
    return Unit(own.seq, own.verb, own.subject, own.author, own.author_name, own.made_at, changes, own.stamp)
