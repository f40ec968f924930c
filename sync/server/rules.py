"""By which rules the county merges records of a type, and what it does beyond them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import structs

from app.records import BY_NAME
from app.records.record import Merge
from sync.merge import DELETED, EMPTIED, Loser, Merged, Rules, State
from sync.messages import Change

COUNTY = "县里"
"""Who settled what is asked in vain."""


@lru_cache(200)
def rules_of(type_: str) -> Rules:
    """part → merge rule; what the county does not know is merged by the default."""
    parts = BY_NAME[type_].spec.parts if type_ in BY_NAME else {}

    def rule(part: str) -> Merge:
        known = parts.get(part)
        return known.merge if known else Merge.LATEST

    return rule


def only_put_in(type_: str, after: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a desk saw of another's save: a set that its program did not know for one tells of no entry taken out."""
    rule = rules_of(type_)
    sets = {part: value or [] for part, value in after.items() if rule(part) is Merge.UNION and _are_words(value)}
    return {**after, **{part: {"add": entries, "remove": []} for part, entries in sets.items()}} if sets else after


def only_untold(type_: str, after: Mapping[str, Any], told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a desk saw of a listing, without what one that was made anew says: against whom the value stands may have
    been another in an earlier life, and who is named now may be listed nowhere else."""
    if type_ != "conflict":
        return after
    return {part: value for part, value in after.items() if part not in told or part in _OF_ITS_END}


_OF_ITS_END = ("settlement", "must_ask", "earlier", DELETED, EMPTIED)


def _are_words(value: Any) -> bool:
    return value is None or (type(value) is list and all(type(each) is str for each in value))


def reopened(merged: Merged) -> Merged:
    """Two settled the same conflict differently without knowing of each other: it is open again, with both of them
    in it for both to see. That the county found it to be asked in vain is nobody's choice."""
    apart = [loser.value for loser in merged.losers if loser.part == "settlement"]
    body = merged.state.body
    if not apart or any(_is_by_county(each) for each in (*apart, body.get("settlement"))):
        return merged
    earlier = [*_settlements(body.get("earlier")), body.get("settlement"), *apart]
    told = {"settlement": {"state": "open"}, "must_ask": True, "earlier": json.dumps(earlier, ensure_ascii=False)}
    return structs.replace(merged, state=State({**body, **told}, merged.state.stamps))


def _is_by_county(settlement: Any) -> bool:
    return isinstance(settlement, dict) and settlement.get("settled_by") == COUNTY


def _settlements(text: Any) -> list[Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else []
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def listed_as(change: Change, loser: Loser) -> str:
    """The id of the conflict that lists a value: the same whenever, and because of whatever, it comes to be listed."""
    named = (change.type, change.record, loser.part, loser.stamp, json.dumps(loser.value, sort_keys=True))
    return hashlib.sha256("\n".join(named).encode()).hexdigest()[:32]
