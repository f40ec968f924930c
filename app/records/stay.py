"""Where a person is for a while: at home, boarding, with parents elsewhere, in hospital."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.errors import Problem
from app.records.record import Merge, Record, choice, day, lines, long_text, record, ref, text


def returns_after_leaving(stay: Stay, today: date) -> Iterable[Problem]:
    """Nobody comes back before they left."""
    if stay.since and stay.until and stay.until < stay.since:
        yield Problem("until", "「预计返回」早于「自何时」，请核对。")


@record("stay", "在外情况", checks=[returns_after_leaving])
@dataclass(frozen=True, kw_only=True, slots=True)
class Stay(Record):
    """A span in one place; ``until`` is the expected return, open when empty. Visits due follow it (design.md)."""

    subject: str | None = ref("谁", "person", required=True)
    place: str | None = choice("在哪里", "stay_place", required=True, group="stay")
    since: date | None = day("自何时", required=True, group="stay")
    until: date | None = day("预计返回", group="stay")
    whereabouts: str | None = text("具体地点", limit=100, group="stay")
    with_whom: str | None = text("和谁一起", limit=50, private=True, group="stay")
    phones: tuple[str, ...] = lines("在外联系电话", merge=Merge.LATEST, private=True)
    note: str | None = long_text("备注", private=True)
