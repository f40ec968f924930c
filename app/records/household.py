"""A household: the persons at one address, as the village counts families."""

from __future__ import annotations

from dataclasses import dataclass

from app.records.record import Merge, Record, choice, choices, lines, long_text, number, record, ref, text


@record("household", "家庭")
@dataclass(frozen=True, kw_only=True, slots=True)
class Household(Record):
    """A family at an address. Its members name it; source: domain.md 2.6.1, 5.1 (Baotou form), seed item 7."""

    org: str | None = text("所属村（社区）", required=True, merge=Merge.ASK, section="家庭")
    village_group: str | None = text("村民小组", limit=30, section="家庭")
    head: str | None = ref("户主", "person", section="家庭")
    head_name: str | None = text("户主姓名", limit=50, private=True, section="家庭")
    household_number: str | None = text("户编号", limit=30, section="家庭")
    address: str | None = text("家庭住址", limit=100, private=True, section="家庭")
    phones: tuple[str, ...] = lines("联系电话", merge=Merge.LATEST, private=True, section="家庭")
    member_count: int | None = number("家庭人口（人）", section="家庭")
    poverty_monitor_type: str | None = choice("三类对象", "poverty_monitor_type", merge=Merge.ASK, section="经济")
    benefits: tuple[str, ...] = choices("已享受救助", "benefit_status", section="经济")
    income_sources: tuple[str, ...] = choices("经济来源", "economy_source", section="经济")
    annual_income: int | None = number("年收入（元）", private=True, section="经济")
    housing: str | None = text("住房情况", limit=100, section="经济")
    note: str | None = long_text("备注", private=True, section="经济")
