"""One worker, one elder, one day: the visit to an elder in special difficulty."""

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
    number,
    record,
    ref,
    text,
)

SAFETY_QUESTIONS = ("elder_seen", "falls", "mood", "home_dangers")
REQUIRED_WHEN_MET = ("elder_seen", "health", "mood", "living_with")


def complete_when_met(visit: ElderVisit, today: date) -> Iterable[Problem]:
    """A visit that met somebody records how the elder is; one that did not says why."""
    if visit.outcome == "other" and not visit.not_met_reason:
        yield Problem("not_met_reason", "没有见到人，「没见到的原因」还没有填。")
    if visit.outcome != "met":
        return
    for name in REQUIRED_WHEN_MET:
        if getattr(visit, name) in (None, ()):
            yield Problem(name, f"「{visit.spec.field(name).label}」还没有填。")


def fall_needs_action(visit: ElderVisit, today: date) -> Iterable[Problem]:
    """A fall since the last visit, or a danger at home, says what was done about it."""
    if (visit.falls or visit.home_dangers) and not visit.actions:
        yield Problem("actions", "记了跌倒或家中隐患，「已采取的措施」还没有填。")


@record("elder_visit", "老年人探访", checks=[complete_when_met, fall_needs_action])
@dataclass(frozen=True, kw_only=True, slots=True)
class ElderVisit(Record):
    """A visit to an elder. Source: 民发〔2022〕73号 by domain.md 3.1 (content K, layout ours)."""

    subject: str | None = ref("老人", "person", required=True, section="探访")
    visited_on: date | None = day("探访日期", required=True, check=near_today, section="探访")
    mode: str | None = choice("探访方式", "visit_mode", required=True, section="探访")
    purpose: str | None = choice("探访类型", "visit_purpose", section="探访")
    outcome: str | None = choice("探访结果", "visit_outcome", required=True, group="outcome", section="探访")
    not_met_reason: str | None = text("没见到的原因", limit=100, group="outcome", section="探访")
    visitors: tuple[str, ...] = lines("探访人", required=True, section="探访")
    present: str | None = text("在场人", limit=100, private=True, section="探访")
    elder_seen: bool | None = flag("见到老人本人", merge=Merge.ASK, section="安全")
    falls: int | None = number("上次探访后跌倒（次）", section="安全")
    mood: str | None = choice("情绪", "mood", section="安全")
    home_dangers: tuple[str, ...] = choices("家中隐患", "home_danger", section="安全")
    health: str | None = choice("健康状况", "health_now", section="身体")
    health_note: str | None = long_text("健康说明", private=True, section="身体")
    takes_medicine: str | None = choice("服药情况", "medicine", section="身体")
    diet: str | None = choice("饮食", "good_fair_poor", section="身体")
    sleep: str | None = choice("睡眠", "good_fair_poor", section="身体")
    orientation: str | None = choice("认人认路认日子", "orientation", section="身体")
    self_care_changed: bool | None = flag("自理能力有变化", section="身体")
    living_with: str | None = text("和谁一起住", limit=50, private=True, section="生活")
    last_child_contact_on: date | None = day("最近一次与子女联系", check=not_in_the_future, section="生活")
    support_performed: str | None = choice("赡养人履责", "support_performed", section="生活")
    hygiene: str | None = choice("卫生环境", "good_fair_poor", section="生活")
    money_risk: str | None = text("钱款和受骗风险", limit=100, private=True, section="生活")
    needs: tuple[str, ...] = choices("服务需求", "elder_need", section="结论")
    policies_explained: str | None = long_text("宣传的政策", section="结论")
    actions: str | None = long_text("已采取的措施", private=True, section="结论")
    referral: str | None = text("转介", limit=100, private=True, section="结论")
    risk_level: str | None = choice("风险等级建议", "risk_level", merge=Merge.ASK, section="结论")
    photo_consent: bool | None = flag("同意拍照", section="结论")
    note: str | None = long_text("其他情况", private=True, section="结论")
    next_visit_on: date | None = day("下次探访日期", section="结论")
    kept_answers: tuple[str, ...] = lines("与上次相同的项目", merge=Merge.LATEST, section="结论")
    outing: str | None = text("同一次出门", limit=32, section="录入")
    sheet: str | None = ref("纸质表", "sheet", section="录入")
    typed_by: str | None = text("录入人", limit=50, private=True, section="录入")
    typed_at: datetime | None = moment("录入时间", section="录入")
    finished_at: datetime | None = moment("完成时间", section="录入")
