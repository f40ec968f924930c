"""A person: one row whoever they are – child, elder, parent or caregiver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.errors import Problem
from app.records.identity import examine
from app.records.record import Merge, Record, choice, choices, day, flag, lines, long_text, record, ref, text

NAME_LIMIT = 50
"""民委发〔2016〕33号: a name field holds at least 50 characters (domain.md, 6.2)."""


def not_in_the_future(value: date, today: date) -> str | None:
    """Births and other things that have happened."""
    return f"是 {value.isoformat()}，还没有到。请核对年份。" if value > today else None


def plausible_birth(value: date, today: date) -> str | None:
    """Not in the future, and nobody is older than 130."""
    if today.year - value.year > 130:
        return f"？是 {value.isoformat()}，超过 130 岁了，请核对。"
    return not_in_the_future(value, today)


def near_today(value: date, today: date) -> str | None:
    """A visit's date: a wrong clock or a slip of the year asks (reliability.md, T20: 400 days back, 1 day ahead)."""
    if value > today + timedelta(days=1):
        return f"是 {value.isoformat()}，还没有到。请核对日期，也看看电脑的日期对不对。"
    if value < today - timedelta(days=400):
        return f"？是 {value.isoformat()}，离今天很久了，确定吗？"
    return None


def identity_agrees(person: Person, today: date) -> Iterable[Problem]:
    """The number's own check, and its birth date and sex beside the recorded ones: real registers do hold errors."""
    if person.id_type != "01" or not person.id_number:
        return
    reading = examine(person.id_number)
    if not reading.ok:
        yield Problem(
            "id_number",
            f"「证件号码」不对：{'；'.join(reading.reasons)}。可以先保存，标为「证件号待核」。",
            True,
        )
        return
    if reading.birth_date and person.birth_date and reading.birth_date != person.birth_date:
        yield Problem("birth_date", f"「出生日期」和身份证上的 {reading.birth_date.isoformat()} 不一样，请核对。", True)
    if reading.sex and person.sex and reading.sex != person.sex:
        yield Problem("sex", "「性别」和身份证号码不一样，请核对。", True)


@record("person", "人员", checks=[identity_agrees])
@dataclass(frozen=True, kw_only=True, slots=True)
class Person(Record):
    """Who somebody is, wherever they live; filed under the division of the family (``org``).

    Source: domain.md 2.6.1, 2.7, 6.1–6.5. The ID number is optional and never a key.
    """

    org: str | None = text("所属村（社区）", required=True, merge=Merge.ASK, section="基本情况")
    village_group: str | None = text("村民小组", limit=30, section="基本情况")
    name: str | None = text("姓名", required=True, limit=NAME_LIMIT, private=True, section="基本情况")
    other_names: tuple[str, ...] = lines("曾用名、小名", private=True, section="基本情况")
    sex: str | None = choice("性别", "sex", required=True, section="基本情况")
    ethnic_group: str | None = choice("民族", "ethnic_group", section="基本情况")
    birth_date: date | None = day("出生日期", group="birth", private=True, check=plausible_birth, section="基本情况")
    birth_precision: str | None = choice("出生日期准到", "birth_precision", group="birth", section="基本情况")
    birth_source: str | None = choice("出生日期依据", "birth_source", group="birth", section="基本情况")
    lunar_text: str | None = text("农历生日", group="birth", limit=30, private=True, section="基本情况")
    id_type: str | None = choice("证件类型", "id_type", group="identity", merge=Merge.ASK, section="证件")
    id_number: str | None = text("证件号码", group="identity", merge=Merge.ASK, limit=30, private=True, section="证件")
    id_state: str | None = choice("证件情况", "id_state", group="identity", merge=Merge.ASK, section="证件")
    id_to_verify: bool | None = flag("证件号待核", group="identity", merge=Merge.ASK, section="证件")
    id_text: str | None = text(
        "导入时的原文", group="identity", merge=Merge.ASK, limit=60, private=True, section="证件"
    )
    hukou_class: str | None = choice("户口分类", "hukou_class", section="户籍和住址")
    hukou_nature: str | None = choice("户籍性质", "hukou_nature", section="户籍和住址")
    registered_division: str | None = text("户籍所在地（区划）", group="registered_place", section="户籍和住址")
    registered_address: str | None = text(
        "户籍详细地址", group="registered_place", limit=100, private=True, section="户籍和住址"
    )
    lives_at_registered: bool | None = flag("户籍地同现住址", group="current_place", section="户籍和住址")
    current_division: str | None = text("现住址（区划）", group="current_place", section="户籍和住址")
    current_address: str | None = text(
        "现住详细地址", group="current_place", limit=100, private=True, section="户籍和住址"
    )
    residence_since: date | None = day("在现住地居住自", group="residence", section="户籍和住址")
    residence_proof: str | None = choice("居住证明", "residence_proof", group="residence", section="户籍和住址")
    # Two people who replace a number differently must be asked which one rings, so the list is no union.
    phones: tuple[str, ...] = lines("联系电话", merge=Merge.LATEST, private=True, section="联系和家庭")
    household: str | None = ref("所在家庭", "household", group="household", section="联系和家庭")
    relation_to_head: str | None = choice("与户主关系", "relation", group="household", section="联系和家庭")
    work_place: str | None = text("务工地点", limit=60, section="联系和家庭")
    income_sources: tuple[str, ...] = choices("经济来源", "economy_source", section="联系和家庭")
    marital: str | None = choice("婚姻状况", "marital", section="联系和家庭")
    education: str | None = choice("文化程度", "education", section="联系和家庭")
    health: str | None = choice("健康状况", "health", group="health", section="健康")
    disability_types: tuple[str, ...] = choices("残疾类型", "disability_type", section="健康")
    disability_level: str | None = choice("残疾等级", "disability_level", group="health", section="健康")
    disability_card: str | None = text("残疾人证号", limit=20, private=True, section="健康")
    serious_illnesses: tuple[str, ...] = lines("重病", private=True, section="健康")
    chronic_illnesses: tuple[str, ...] = lines("慢性病", private=True, section="健康")
    health_other: str | None = text("其他健康情况", limit=50, private=True, group="health", section="健康")
    died_on: date | None = day("去世日期", group="death", merge=Merge.ASK, check=not_in_the_future, section="变动")
    death_note: str | None = text("去世说明", group="death", merge=Merge.ASK, limit=100, private=True, section="变动")
    moved_out_on: date | None = day("迁出日期", group="leaving", merge=Merge.ASK, section="变动")
    moved_out_to: str | None = text("迁往何处", group="leaving", merge=Merge.ASK, limit=100, section="变动")
    photo: str | None = ref("照片", "attachment", section="基本情况")
    same_as: str | None = ref("在别处也登记为", "person", section="变动")
    note: str | None = long_text("备注", private=True, section="变动")
