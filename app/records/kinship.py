"""A tie between two persons: relation, guardianship, care, and what a parent's situation is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.errors import Problem
from app.records.person import not_in_the_future
from app.records.record import Merge, Record, choice, day, flag, long_text, record, ref, text


def situation_has_an_order(kinship: Kinship, today: date) -> Iterable[Problem]:
    """A situation does not end before it began, and nobody is their own relative."""
    if kinship.situation_since and kinship.situation_until and kinship.situation_until < kinship.situation_since:
        yield Problem("situation_until", "「情况到何时」早于「情况自何时」，请核对。")
    if kinship.relative and kinship.relative == kinship.subject:
        yield Problem("relative", "「亲属」和本人是同一个人，请另选。")


@record("kinship", "亲属关系", checks=[situation_has_an_order])
@dataclass(frozen=True, kw_only=True, slots=True)
class Kinship(Record):
    """How ``relative`` stands to ``subject``, in GB/T 4761 codes read from the subject: 51 is the subject's father.

    Source: domain.md 2.3, 2.6.1 (parents ×2, entrusted caregiver), 2.8, 6.4.
    """

    subject: str | None = ref("本人", "person", required=True)
    relative: str | None = ref("亲属", "person", required=True)
    relation: str | None = choice("关系", "relation", required=True)
    is_guardian: bool | None = flag("是监护人", merge=Merge.ASK)
    is_caregiver: bool | None = flag("是照料人", merge=Merge.ASK)
    lives_with: bool | None = flag("共同居住")
    situation: str | None = choice("当前情况", "parent_situation", group="situation", merge=Merge.ASK)
    situation_since: date | None = day("情况自何时", group="situation", merge=Merge.ASK, check=not_in_the_future)
    situation_until: date | None = day("情况到何时", group="situation", merge=Merge.ASK)
    situation_proof: str | None = text("证明材料", group="situation", merge=Merge.ASK, limit=100)
    entrusted_since: date | None = day("委托照护自", group="entrustment", merge=Merge.ASK)
    entrusted_until: date | None = day("委托照护到", group="entrustment", merge=Merge.ASK)
    entrusted_reason: str | None = choice("委托照护原因", "caregiver_reason", group="entrustment", merge=Merge.ASK)
    last_contact_on: date | None = day("最近一次联系", check=not_in_the_future)
    is_complete: bool | None = flag("信息完整")
    note: str | None = long_text("说明", private=True)
