"""What desks and the county of the simulation say to each other."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from app.records.record import Merge
from sync.merge import DELETED, EMPTIED, Stamp, State

RULES = {
    "org": Merge.ASK, "phone": Merge.LATEST, "note": Merge.LATEST, "risk": Merge.ASK, "needs": Merge.UNION,
    "later": Merge.LATEST, DELETED: Merge.LATEST, EMPTIED: Merge.LATEST,
}  # fmt: skip
"""Part → rule; ``later`` is a field that only newer desks know. A value of ``org`` begins with the place's letter."""
RULE_OF = RULES.__getitem__
PLACES = ("A", "B", "C")
EMPTY = State()
ALL = -1
"""The cursor of who has nothing of a place."""
PROPOSED = "+"
"""Before a part among what is listed: a proposal from who no longer looks after the record."""

Entry = tuple[str, str]
"""Something listed of a record: part, value."""
Listed = tuple[int, str, dict[Entry, int]]
"""A record, where it is, and what was listed of it with which number of the county's sequence."""
Token = tuple[int, int]
"""What a desk is known by: how often it had asked, and a number that nobody guesses."""


class Post(msgspec.Struct, frozen=True, gc=False):
    """What a device may see now, what it could ever see, where it sits, and which device it was a copy of."""

    orgs: frozenset[str]
    ever: frozenset[str]
    home: str
    parent: int = -1


class Hello(msgspec.Struct, frozen=True, gc=False):
    """What a desk says of itself.

    ``cursors``: from where on it wants to hear; ``complete``: up to where it has heard everything, for what the line
    cut off lies before a cursor too. ``token``: what both agreed on; ``unheard``: what it proposed since in vain.
    """

    device: int
    epoch: str
    last: int
    cursors: dict[str, int]
    complete: dict[str, int]
    token: Token
    unheard: tuple[Token, ...]
    proposed: Token


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A save as it travels: a request on its way does not change when its sender learns more."""

    id: int
    seq: int
    record: int
    after: dict[str, Any]
    bases: dict[str, Stamp]
    stamp: Stamp


class Decided(msgspec.Struct, frozen=True, gc=False):
    """What the county decided about a save, for ever. ``stamp`` is empty for what it did not take."""

    stamp: Stamp
    clean: bool
    bases: dict[str, Stamp]


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A record: where it is, its last change, the last by another hand, and since when patches tell everything."""

    state: State
    place: str
    seq: int
    device: int
    prior: int
    whole: int


class Row(msgspec.Struct, frozen=True, gc=False):
    """A record on its way down; a patch has only the parts that are newer than the desk's cursor."""

    record: int
    place: str
    seq: int
    state: State
    is_patch: bool


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What the county says; ``is_copy``: somebody else has used this desk's name.

    ``results`` name the desk's saves by their number; what is ``gone`` and ``listed`` comes with the county's.
    """

    epoch: str
    seq: int
    durable_seq: int
    last: int
    results: dict[int, Decided]
    rows: list[Row]
    gone: list[tuple[int, int]]
    listed: list[Listed]
    cursors: dict[str, int]
    is_copy: bool = False


@cache
def life_and_number(stamp: Stamp) -> tuple[str, int]:
    """The two halves of a stamp; every world has much the same ones."""
    epoch, _, seq = stamp.partition(":")
    return epoch, int(seq)
