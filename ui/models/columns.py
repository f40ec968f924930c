"""The columns that a list may show, each with its title, its width and how a line gives its text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.records.codes import code_list
from app.records.dates import full_age

Text = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Column:
    """``order`` is the order of ``ListQuery`` that the heading asks for; ``width`` is in characters."""

    name: str
    title: str
    text: Text
    width: int = 8
    order: str = ""
    usual: bool = True


def age(birth: str | None, today: date) -> int | None:
    """Full years as the law counts them; None without a birth date."""
    return full_age(date.fromisoformat(birth), today) if birth else None


def words_of(codes: str | None, name: str) -> str:
    """A JSON list of codes as short words."""
    known = code_list(name)
    return "、".join(known.short(code) for code in json.loads(codes or "[]"))


def plain_reason(words: str | None) -> str:
    """Why a visit is due, without saying once more that it is."""
    return (words or "").removesuffix("，该走访了")


def _phones(line: Any) -> str:
    return "  ".join(json.loads(line.phones or "[]"))


def _risk(line: Any) -> str:
    return code_list("risk_level").label(line.risk_level) if line.risk_level else "未评估"


def _sex(line: Any) -> str:
    return code_list("sex").short(line.sex)


def _due(line: Any) -> str:
    return line.due_on or ""


def _person_columns(categories: str, today: date) -> tuple[Column, ...]:
    def years(line: Any) -> str:
        completed = age(line.birth_date, today)
        return "" if completed is None else f"{completed} 岁"

    return (
        Column("name", "姓名", lambda line: line.name, 7, "name"),
        Column("sex", "性别", _sex, 3),
        Column("age", "年龄", years, 4, "birth"),
        Column("risk_level", "风险", _risk, 6, "risk"),
        Column("village_group", "村民小组", lambda line: line.village_group, 6, "place"),
        Column("categories", "类别", lambda line: words_of(line.categories, categories), 9),
        Column("due_on", "该走访", _due, 6, "due"),
        Column("due_reason", "为什么", lambda line: plain_reason(line.due_reason), 12),
        Column("last_visited_on", "上次走访", lambda line: line.last_visited_on or "", 6),
        Column("phones", "电话", _phones, 9, usual=False),
        Column("address", "住址", lambda line: line.address or "", 14, usual=False),
        Column("birth_date", "出生日期", lambda line: line.birth_date or "", 7, "birth", usual=False),
        Column("id_to_verify", "证件", lambda line: "证件号待核" if line.id_to_verify else "", 6, usual=False),
    )


def child_columns(today: date) -> tuple[Column, ...]:
    """What a list of children may show; ages are those of ``today``."""
    return _person_columns("child_category", today)


def elder_columns(today: date) -> tuple[Column, ...]:
    """What a list of elders may show."""
    return _person_columns("elder_category", today)


HOUSEHOLD_COLUMNS = (
    Column("head_name", "户主", lambda line: line.head_name, 8),
    Column("village_group", "村民小组", lambda line: line.village_group, 8),
    Column("members", "登记在册", lambda line: f"{line.members} 人", 6),
    Column("names", "成员", lambda line: line.names, 24),
    Column("phones", "电话", lambda line: line.phones, 12),
    Column("address", "住址", lambda line: line.address, 20),
)
