"""The profile of a child: what the register keeps beyond who the person is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.errors import Problem
from app.records.person import not_in_the_future
from app.records.record import Merge, Record, choice, choices, day, flag, long_text, record, text


def exit_has_a_reason(child: Child, today: date) -> Iterable[Problem]:
    """Who leaves the register leaves it for a reason that is written down."""
    if child.exited_on and not child.exit_reason:
        yield Problem("exit_reason", "填了「退出时间」，「退出原因」还没有填。")
    if child.exit_reason and not child.exited_on:
        yield Problem("exited_on", "填了「退出原因」，「退出时间」还没有填。")


@record("child", "儿童档案", checks=[exit_has_a_reason], profile=True)
@dataclass(frozen=True, kw_only=True, slots=True)
class Child(Record):
    """One child's profile, with the person's id. Source: domain.md 2.3, 2.4, 2.6.1, 2.6.5, 2.7."""

    child_number: str | None = text("儿童编号", limit=30, section="登记")
    categories: tuple[str, ...] = choices("儿童类别", "child_category", section="登记")
    risk_level: str | None = choice("风险等级", "risk_level", group="risk", merge=Merge.ASK, section="登记")
    risk_reason: str | None = text("定级理由", group="risk", merge=Merge.ASK, limit=200, private=True, section="登记")
    priority_watch: bool | None = flag("重点关注", section="登记")
    registered_on: date | None = day("登记日期", check=not_in_the_future, section="登记")
    schooling: str | None = choice("学业状况", "schooling", group="school", section="就学")
    grade: str | None = choice("就学情况", "grade", group="school", section="就学")
    school: str | None = text("学校", group="school", limit=60, private=True, section="就学")
    boards_at_school: bool | None = flag("在校寄宿", group="school", section="就学")
    student_number: str | None = text("学籍号", limit=30, private=True, section="就学")
    guardianship_type: str | None = choice("监护类型", "guardianship_type", merge=Merge.ASK, section="监护")
    guardianship_grade: str | None = choice("监护情况", "guardianship_grade", merge=Merge.ASK, section="监护")
    improper_guardianship: tuple[str, ...] = choices("监护不当情形", "improper_guardianship", section="监护")
    improper_other: str | None = text("监护不当其他情形", limit=50, section="监护")
    single_parent: bool | None = flag("单亲", group="single", section="监护")
    single_parent_reason: str | None = text("单亲原因", group="single", limit=50, section="监护")
    caregiver_reason: str | None = choice("委托照料原因", "caregiver_reason", group="care", section="监护")
    has_caregiver: bool | None = flag("有委托照料人", group="care", section="监护")
    last_parent_contact_on: date | None = day("最近与父母联系", check=not_in_the_future, section="监护")
    special_conditions: tuple[str, ...] = choices("其他特殊情况", "special_condition", section="帮扶")
    help_measures: tuple[str, ...] = choices("救助措施", "help_measure", section="帮扶")
    support_recommendations: tuple[str, ...] = choices("帮扶建议", "support_recommendation", section="帮扶")
    economy_sources: tuple[str, ...] = choices("家庭经济来源", "economy_source", section="帮扶")
    living_summary: str | None = long_text("生活状况概述", private=True, section="帮扶")
    social_relations: str | None = long_text("社会关系", private=True, section="帮扶")
    employment: str | None = text("就业情况", limit=50, section="帮扶")
    allowance_note: str | None = text("基本生活补贴情况", limit=100, section="帮扶")
    institution: str | None = text("机构名称", group="institution", limit=60, section="机构")
    institution_head: str | None = text("机构负责人", group="institution", limit=50, private=True, section="机构")
    institution_nature: str | None = text("单位性质", group="institution", limit=30, section="机构")
    institution_landline: str | None = text("固定电话", group="institution", limit=17, section="机构")
    institution_phone: str | None = text("联系电话", group="institution", limit=17, section="机构")
    institution_address: str | None = text("机构地址", group="institution", limit=100, section="机构")
    changed_on: date | None = day("最近重大变故", group="change", check=not_in_the_future, section="变动")
    change_note: str | None = text("变故说明", group="change", limit=100, private=True, section="变动")
    exited_on: date | None = day("退出时间", group="exit", merge=Merge.ASK, section="变动")
    exit_reason: str | None = choice("退出原因", "exit_reason", group="exit", merge=Merge.ASK, section="变动")
    last_paid_month: str | None = text("末领年月", group="exit", merge=Merge.ASK, limit=7, section="变动")
    note: str | None = long_text("备注", private=True, section="变动")
