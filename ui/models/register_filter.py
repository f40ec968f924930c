"""Whom a register list shows: a filter that turns into a query and reads as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from app.records.codes import code_list
from app.store.listing import ListQuery
from ui.words import tr

KINDS = {"child": "儿童", "elder": "老年人", "household": "家庭"}
CATEGORIES = {"child": "child_category", "elder": "elder_category"}
AGES: Mapping[str, tuple[tuple[int, int], ...]] = {
    "child": ((0, 5), (6, 7), (8, 13), (14, 15), (16, 17)),
    "elder": ((60, 69), (70, 79), (80, 89), (90, 130)),
}


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """What narrows a list; empty conditions do not. ``ages`` are completed years, both included."""

    kind: str = "child"
    village_group: str | None = None
    risk_levels: tuple[str, ...] = ()
    category: str = ""
    ages: tuple[int, int] | None = None
    due_only: bool = False
    left_too: bool = False
    order: str = "place"

    def query(self, today: date) -> ListQuery:
        """The same for the store."""
        return ListQuery(
            self.kind,
            village_group=self.village_group,
            risk_levels=self.risk_levels,
            category=self.category,
            born_from=_birthday(today, self.ages[1] + 1, 0) if self.ages else "",
            born_until=_birthday(today, self.ages[0], -1) if self.ages else "",
            due_before=today.isoformat() if self.due_only else "",
            active=None if self.left_too else True,
            order=self.order,
        )

    def cleared(self) -> RegisterFilter:
        """Everybody again, in the same order."""
        return RegisterFilter(self.kind, order=self.order)

    @property
    def narrows(self) -> bool:
        """Whether anybody is left out."""
        return self != self.cleared()

    def sentence(self, count: int) -> str:
        """What stands above the list: 三组、高风险、该走访的儿童，共 12 人。"""
        parts = [word for word in (self.group_words, self.risk_words, self.category_words, self.age_words) if word]
        parts += [tr("该走访")] if self.due_only else []
        whom = "、".join(parts) + (tr("的") if parts else tr("全部")) + KINDS[self.kind]
        more = tr("，含已退出的") if self.left_too else ""
        return tr("{whom}，共 {count} 人", whom=whom, count=f"{count:,}") + more

    @property
    def group_words(self) -> str:
        """The village group, or nothing."""
        return "" if self.village_group is None else self.village_group or tr("没有写组")

    @property
    def risk_words(self) -> str:
        """The risk levels, or nothing."""
        levels = code_list("risk_level")
        return tr("或").join(levels.label(level) for level in self.risk_levels)

    @property
    def category_words(self) -> str:
        """The category, or nothing."""
        return code_list(CATEGORIES[self.kind]).label(self.category) if self.category else ""

    @property
    def age_words(self) -> str:
        """The ages, or nothing."""
        return say_ages(self.ages) if self.ages else ""

    def to_json(self) -> dict[str, Any]:
        """For keeping it until next time."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> RegisterFilter:
        """From what was kept; anything that no longer fits is left out."""
        fields = {name: found[name] for name in cls.__dataclass_fields__ if name in found}
        risks = tuple(fields.get("risk_levels") or ())
        ages = fields.get("ages")
        return replace(cls(**{**fields, "risk_levels": risks, "ages": tuple(ages) if ages else None}))


def say_ages(ages: tuple[int, int]) -> str:
    """14–15 岁; 90 岁以上 where there is no end."""
    return tr("{low} 岁以上", low=ages[0]) if ages[1] > 120 else tr("{low}–{high} 岁", low=ages[0], high=ages[1])


def _birthday(today: date, years: int, days: int) -> str:
    """Who has this birthday today, shifted by days: years are full the day after the birthday (domain.md 6.5)."""
    try:
        born = today.replace(year=today.year - years)
    except ValueError:  # 29 February
        born = date(today.year - years, 3, 1)
    return (born + timedelta(days=days)).isoformat()
