"""The profile of an elder who is visited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.records.person import not_in_the_future
from app.records.record import Merge, Record, choice, choices, day, flag, lines, long_text, record, text


@record("elder", "老年人档案", profile=True)
@dataclass(frozen=True, kw_only=True, slots=True)
class Elder(Record):
    """One elder's profile, with the person's id. Source: 民发〔2022〕73号 (domain.md 3.1), GB/T 42195 A.2 (3.2.3)."""

    categories: tuple[str, ...] = choices("特殊困难类别", "elder_category", section="登记")
    risk_level: str | None = choice("风险等级", "risk_level", group="risk", merge=Merge.ASK, section="登记")
    risk_reason: str | None = text("定级理由", group="risk", merge=Merge.ASK, limit=200, private=True, section="登记")
    priority_watch: bool | None = flag("重点关注", section="登记")
    registered_on: date | None = day("登记日期", check=not_in_the_future, section="登记")
    living_situation: tuple[str, ...] = choices("居住情况", "living_situation", section="生活")
    self_care: str | None = choice("生活自理能力", "self_care", merge=Merge.ASK, section="生活")
    medical_payments: tuple[str, ...] = choices("医疗费用支付方式", "medical_payment", section="生活")
    income_sources: tuple[str, ...] = choices("经济来源", "economy_source", section="生活")
    help_measures: tuple[str, ...] = choices("已享受救助", "help_measure", section="生活")
    religion: str | None = text("宗教信仰", limit=20, private=True, section="生活")
    emergency_contacts: tuple[str, ...] = lines("紧急联系人", private=True, section="生活")
    supporters_note: str | None = long_text("赡养人情况", private=True, section="生活")
    needs: tuple[str, ...] = choices("服务需求", "elder_need", section="生活")
    changed_on: date | None = day("最近重大变故", group="change", check=not_in_the_future, section="变动")
    change_note: str | None = text("变故说明", group="change", limit=100, private=True, section="变动")
    exited_on: date | None = day("退出时间", group="exit", merge=Merge.ASK, section="变动")
    exit_reason: str | None = choice("退出原因", "exit_reason", group="exit", merge=Merge.ASK, section="变动")
    note: str | None = long_text("备注", private=True, section="变动")
