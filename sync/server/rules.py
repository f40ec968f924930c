"""By which rules the county merges records of a type, and what it does beyond them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from app.records import BY_NAME
from app.records.record import Merge
from sync.merge import Merged, Rules, State


@lru_cache(200)
def rules_of(type_: str) -> Rules:
    """part → merge rule; what the county does not know is merged by the default."""
    parts = BY_NAME[type_].spec.parts if type_ in BY_NAME else {}

    def rule(part: str) -> Merge:
        known = parts.get(part)
        return known.merge if known else Merge.LATEST

    return rule


def reopened(merged: Merged) -> Merged:
    """Two settled the same conflict differently without knowing of each other: it is open again for both to see."""
    if not any(loser.part == "settlement" for loser in merged.losers):
        return merged
    body = {**merged.state.body, "settlement": {"state": "open"}, "must_ask": True}
    return replace(merged, state=State(body, merged.state.stamps))
