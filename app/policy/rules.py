"""The rules with a date and a place: read from data, checked, and handed out as plain values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from app.errors import EnvironmentFault
from app.paths import resource


class RulesDamaged(EnvironmentFault):
    """A rule file cannot be read or contradicts itself."""

    code = "P1"


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a rule comes from and when it holds. ``default``: our own suggestion, not a rule of the county.

    ``mark``: S found in a source, K general knowledge, U uncertain, D our choice. Dates are inclusive.
    """

    id: str
    valid_from: date | None
    valid_to: date | None
    legal_basis: str
    source: str
    mark: str
    default: bool
    confirmed_by_county: bool
    enabled: bool

    def holds(self, on: date) -> bool:
        """Whether the rule is switched on and in force on a day."""
        return (
            self.enabled
            and (self.valid_from is None or self.valid_from <= on)
            and (self.valid_to is None or on <= self.valid_to)
        )


@dataclass(frozen=True, slots=True)
class IntervalRule:
    """Days between two visits for whoever it fits; ``risk_level`` "" fits who has not been assessed."""

    ground: Ground
    subject: str
    days: int
    words: str
    risk_level: str | None
    any_category: bool
    priority_watch: bool


@dataclass(frozen=True, slots=True)
class EventRule:
    """Days after an event: major_change, lead, call (the last call to a parent)."""

    ground: Ground
    event: str
    days: int
    words: str
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class RoundRule:
    """An extra round within a span of every year, given as MM-DD."""

    ground: Ground
    subject: str
    first_day: str
    last_day: str
    words: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What makes a child belong to a category; the parameters are those of its function in ``categories``."""

    ground: Ground
    category: str
    definition: str
    under_age: int
    months: int
    situations: frozenset[str]
    rural_only: bool
    outside_county: bool


@dataclass(frozen=True, slots=True)
class AgeRule:
    """An age that changes something; ``birthday``: the day itself is worth a word on 今日."""

    ground: Ground
    subject: str
    age: int
    words: str
    notice_days: int
    birthday: bool


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """All rules of one place; two readings are two values, so that one can be a key at no cost."""

    intervals: tuple[IntervalRule, ...]
    events: tuple[EventRule, ...]
    rounds: tuple[RoundRule, ...]
    definitions: tuple[Definition, ...]
    ages: tuple[AgeRule, ...]

    def event(self, name: str) -> EventRule | None:
        """The rule of an event if it is switched on."""
        return next((rule for rule in self.events if rule.event == name and rule.ground.enabled), None)

    def definition(self, category: str, on: date) -> Definition | None:
        """The definition in force on a day."""
        held = (rule for rule in self.definitions if rule.category == category)
        return next((rule for rule in held if rule.ground.holds(on)), None)


@cache
def load() -> Rules:
    """The rules that come with the program."""
    return load_rules(resource("rules"))


def fingerprint() -> str:
    """Changes whenever the rules that come with the program do."""
    told = sha256()
    for name in _FILES:
        told.update(resource("rules", name).read_bytes())
    return told.hexdigest()


def load_rules(folder: Path, county: Path | None = None) -> Rules:
    """Read the rule files of a folder; entries of the county's folder replace those with the same id.

    Raises RulesDamaged.
    """
    entries = _entries(folder, "visits.json", "categories.json", "ages.json")
    if county is not None:
        _lay_over(entries, _entries(county, *(name for name in _FILES if (county / name).exists())))
    return Rules(
        _read(entries["intervals"], _interval),
        _read(entries["events"], _event),
        _read(entries["rounds"], _round),
        _read(entries["definitions"], _definition),
        _read(entries["alarms"], _age),
    )


_FILES = ("visits.json", "categories.json", "ages.json")
_GROUPS = ("intervals", "events", "rounds", "definitions", "alarms")
_Entry = Mapping[str, Any]
_Entries = dict[str, dict[str, _Entry]]
_Rule = TypeVar("_Rule")


def _entries(folder: Path, *names: str) -> _Entries:
    found: _Entries = {group: {} for group in _GROUPS}
    for name in names:
        content = _json(folder / name)
        for group in _GROUPS:
            for entry in content.get(group, ()):
                if entry.get("id") in found[group]:
                    raise _damaged(f"{name} 里有两条 {entry['id']}")
                found[group][entry["id"]] = entry
    return found


def _json(path: Path) -> _Entry:
    try:
        content: _Entry = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(f"{path.name}：{error}") from error
    return content


def _lay_over(entries: _Entries, county: _Entries) -> None:
    for group, own in county.items():
        entries[group].update(own)


def _read(entries: Mapping[str, _Entry], read: Callable[[_Entry, Ground], _Rule]) -> tuple[_Rule, ...]:
    rules: list[_Rule] = []
    for name, entry in entries.items():
        try:
            rules.append(read(entry, _ground(entry)))
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(f"{name}：{error!r}") from error
    return tuple(rules)


def _ground(entry: _Entry) -> Ground:
    ground = Ground(
        id=entry["id"],
        valid_from=_day(entry["valid_from"]),
        valid_to=_day(entry["valid_to"]),
        legal_basis=entry["legal_basis"],
        source=entry["source"],
        mark=entry["mark"],
        default=entry["default"],
        confirmed_by_county=entry["confirmed_by_county"],
        enabled=entry["enabled"],
    )
    if ground.mark not in ("S", "K", "U", "D") or not ground.source:
        raise ValueError("no source or mark")
    if ground.valid_from and ground.valid_to and ground.valid_to < ground.valid_from:
        raise ValueError("ends before it begins")
    return ground


def _interval(entry: _Entry, ground: Ground) -> IntervalRule:
    return IntervalRule(
        ground=ground,
        subject=_one_of(entry["subject"], ("child", "elder")),
        days=_days(entry),
        words=entry["words"],
        risk_level=entry.get("risk_level"),
        any_category=entry.get("any_category", False),
        priority_watch=entry.get("priority_watch", False),
    )


def _event(entry: _Entry, ground: Ground) -> EventRule:
    event = _one_of(entry["event"], ("major_change", "lead", "call"))
    return EventRule(ground, event, _days(entry), entry["words"], frozenset(entry.get("categories", ())))


def _round(entry: _Entry, ground: Ground) -> RoundRule:
    for end in ("first_day", "last_day"):
        date.fromisoformat(f"2025-{entry[end]}")
    return RoundRule(ground, entry["subject"], entry["first_day"], entry["last_day"], entry["words"])


def _definition(entry: _Entry, ground: Ground) -> Definition:
    parameters = entry["parameters"]
    return Definition(
        ground=ground,
        category=entry["category"],
        definition=entry["definition"],
        under_age=parameters["under_age"],
        months=parameters.get("months", 0),
        situations=frozenset(parameters.get("situations", ())),
        rural_only=parameters.get("rural_only", False),
        outside_county=parameters.get("outside_county", False),
    )


def _age(entry: _Entry, ground: Ground) -> AgeRule:
    subject = _one_of(entry["subject"], ("child", "elder", "person"))
    return AgeRule(ground, subject, entry["age"], entry["words"], entry["notice_days"], entry["birthday"])


def _days(entry: _Entry) -> int:
    days: int = entry["days"]
    if days < 1:
        raise ValueError("days below one")
    return days


def _one_of(value: str, allowed: Iterable[str]) -> str:
    if value not in allowed:
        raise ValueError(value)
    return value


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _damaged(detail: str) -> RulesDamaged:
    return RulesDamaged(
        f"您的资料没有受影响。走访和类别的规则文件读不出来（{detail}）。",
        advice="请重新安装程序，或换回原来的规则文件。",
    )
