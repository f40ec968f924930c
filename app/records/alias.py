"""Two registrations that are one person: an alias that can be undone, and never rewrites a reference."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.records.record import Merge, Record, choice, record, ref


@record("alias", "同一个人")
@dataclass(frozen=True, kw_only=True, slots=True)
class Alias(Record):
    """``subject`` is the earlier of the two ids, ``other`` the later; whom a group of aliases stands for is derived.

    Its id comes from the pair, so that two desks that find the same duplicate meet (reliability.md, T32). Who said so
    and when stands in its history: kept here, two who say the same would disagree.
    """

    subject: str | None = ref("先登记的", "person", required=True)
    other: str | None = ref("后登记的", "person", required=True)
    state: str | None = choice("情况", "alias_state", merge=Merge.ASK)


def alias_id(one: str, another: str) -> str:
    """The id of the alias of two persons, whichever is named first."""
    return hashlib.sha256("".join(sorted((one, another))).encode()).hexdigest()[:32]
