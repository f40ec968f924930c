"""One worker, one child, one day: the home visit of the national form, and what paper adds to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from app.errors import Problem
from app.records.person import near_today, not_in_the_future
from app.records.record import (
    Merge,
    Record,
    choice,
    choices,
    day,
    flag,
    lines,
    long_text,
    moment,
    record,
    ref,
    text,
)

# What is answered afresh at every visit and never carried over from the last one (ux.md, place 4).
SAFETY_QUESTIONS = ("child_seen", "injuries", "mood", "child_is_with")
# What the national form requires of a visit that met somebody (domain.md, 2.6.3: the starred fields).
REQUIRED_WHEN_MET = (
    "informant", "informant_relation", "last_parent_contact_on", "living", "family", "guardianship", "mind",
    "guardian_opinion", "schooling", "schooling_detail", "child_seen",
)  # fmt: skip


def complete_when_met(visit: ChildVisit, today: date) -> Iterable[Problem]:
    """A visit that met somebody answers everything the national form requires; one that did not says why."""
    if visit.outcome == "other" and not visit.not_met_reason:
        yield Problem("not_met_reason", "没有见到人，「没见到的原因」还没有填。")
    if visit.outcome != "met":
        return
    for name in REQUIRED_WHEN_MET:
        if getattr(visit, name) in (None, ()):
            yield Problem(name, f"「{visit.spec.field(name).label}」还没有填。")


def concern_needs_action(visit: ChildVisit, today: date) -> Iterable[Problem]:
    """A finding that suggests harm says what was done about it."""
    if visit.injuries not in (None, "none") and not visit.actions:
        yield Problem("actions", "看到了伤情，「已采取的措施」还没有填。")
    if visit.concerns and not (visit.concern_note or visit.actions):
        yield Problem("concern_note", "勾了「发现的问题」，请写一句具体情况或已采取的措施。")


@record("child_visit", "儿童入户走访", checks=[complete_when_met, concern_needs_action])
@dataclass(frozen=True, kw_only=True, slots=True)
class ChildVisit(Record):
    """A visit to a child. Source: domain.md 2.6.3 (入户随访, the 200-character caps), 2.6.4 (回访), design.md."""

    subject: str | None = ref("儿童", "person", required=True, section="走访")
    visited_on: date | None = day("走访日期", required=True, check=near_today, section="走访")
    mode: str | None = choice("走访方式", "visit_mode", required=True, section="走访")
    purpose: str | None = choice("走访类型", "visit_purpose", section="走访")
    outcome: str | None = choice("走访结果", "visit_outcome", required=True, group="outcome", section="走访")
    not_met_reason: str | None = text("没见到的原因", limit=100, group="outcome", section="走访")
    visitors: tuple[str, ...] = lines("走访人", required=True, section="走访")
    place: str | None = text("走访地点", limit=100, private=True, section="走访")
    child_seen: bool | None = flag("见到孩子本人", merge=Merge.ASK, section="安全")
    injuries: str | None = choice("有无伤情", "injury", merge=Merge.ASK, section="安全")
    mood: str | None = choice("情绪", "mood", section="安全")
    child_is_with: str | None = text("现在谁在照看", limit=50, private=True, section="安全")
    informant: str | None = text("问询对象姓名", limit=50, private=True, group="informant", section="问询")
    informant_relation: str | None = choice("问询对象与儿童关系", "relation", group="informant", section="问询")
    informant_address: str | None = text("问询对象常住地址", limit=100, private=True, group="informant", section="问询")
    last_parent_contact_on: date | None = day("最近一次与父母联系时间", check=not_in_the_future, section="问询")
    living: str | None = long_text("生活状况", private=True, section="情况")
    family: str | None = long_text("家庭状况", private=True, section="情况")
    guardianship: str | None = long_text("监护状况", private=True, section="情况")
    mind: str | None = long_text("儿童精神状况", private=True, section="情况")
    guardian_opinion: str | None = long_text("监护人意见", private=True, section="情况")
    schooling: str | None = choice("学业状况", "schooling", section="情况")
    schooling_detail: str | None = text("就学情况", limit=100, private=True, section="情况")
    concerns: tuple[str, ...] = choices("发现的问题", "visit_concern", section="结论")
    concern_note: str | None = long_text("问题说明", private=True, section="结论")
    actions: str | None = long_text("已采取的措施", private=True, section="结论")
    support_recommendations: tuple[str, ...] = choices("帮扶建议", "support_recommendation", section="结论")
    priority_watch: bool | None = flag("是否加入重点关注", section="结论")
    next_visit_on: date | None = day("下次走访日期", section="结论")
    kept_answers: tuple[str, ...] = lines("与上次相同的项目", merge=Merge.LATEST, section="结论")
    outing: str | None = text("同一次出门", limit=32, section="录入")
    sheet: str | None = ref("纸质表", "sheet", section="录入")
    typed_by: str | None = text("录入人", limit=50, private=True, section="录入")
    typed_at: datetime | None = moment("录入时间", section="录入")
    finished_at: datetime | None = moment("完成时间", section="录入")
