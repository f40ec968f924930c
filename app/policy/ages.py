"""Ages that change something: the day on which somebody has one, and the birthdays worth a word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.policy.rules import AgeRule, Rules
from app.records.dates import birthday, turns


@dataclass(frozen=True, slots=True)
class AgeAlarm:
    """Somebody reaches an age: ``on`` is the first day of it, ``notice_on`` when the desk begins to say so."""

    age: int
    on: date
    notice_on: date
    words: str
    rule: str


def age_alarms(born: date, kinds: Iterable[str], first: date, last: date, rules: Rules) -> tuple[AgeAlarm, ...]:
    """Ages whose notice or day falls between two days, both included, the soonest first.

    ``kinds``: "child", "elder" or both, as the person is registered; rules for every person always apply.
    """
    wanted = {"person", *kinds}
    found = [_alarm(rule, born) for rule in rules.ages if rule.subject in wanted]
    held = [alarm for alarm, rule in found if rule.ground.holds(alarm.on) and _meets(alarm, first, last)]
    return tuple(sorted(held, key=lambda alarm: alarm.on))


def next_age_alarm(born: date, kinds: Iterable[str], after: date, rules: Rules) -> AgeAlarm | None:
    """The next age that changes something, after a day."""
    later = age_alarms(born, kinds, after + timedelta(days=1), date.max, rules)
    return next((alarm for alarm in later if alarm.on > after), None)


def notable_birthday(born: date, kinds: Iterable[str], on: date, rules: Rules) -> int | None:
    """The age that a birthday on this day completes, if it is one that matters (6, 8, 14 … 100)."""
    if birthday(born, on.year) != on:
        return None
    ages = {rule.age for rule in rules.ages if rule.birthday and rule.subject in {"person", *kinds}}
    age = on.year - born.year
    return age if age in ages else None


def _alarm(rule: AgeRule, born: date) -> tuple[AgeAlarm, AgeRule]:
    on = turns(born, rule.age)
    return AgeAlarm(rule.age, on, on - timedelta(days=rule.notice_days), rule.words, rule.ground.id), rule


def _meets(alarm: AgeAlarm, first: date, last: date) -> bool:
    return alarm.notice_on <= last and alarm.on >= first
