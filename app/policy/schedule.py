"""When the next visit is due, and how: facts in, a date with its reason out, without looking at the clock.

The result can be stored and stays right until something about the person changes: it depends on days only through
the facts. Not having met somebody is no fact here: only visits that met the person move the date.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from app.policy.rules import IntervalRule, RoundRule, Rules

ORDINARY_CATEGORIES = frozenset({"ordinary"})
"""Children who are registered and not due (ux.md, place 1)."""

PHONE_PLACES = frozenset({"with_parents", "away", "hospital"})
PAUSED_PLACES = frozenset({"institution"})
BOARDING = "boarding_school"
SATURDAY = 5


class Mode(StrEnum):
    """How the visit that is due can be made."""

    HOME = "home"
    WEEKEND = "weekend"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class StaySpan:
    """A time at a place (``stay_place``), both days included; ``until`` None is open."""

    place: str
    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the person is there on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the schedule must know about one child or elder.

    ``known_since`` is the day on which the desk came to know them (entered or imported), not the date on an old
    paper: first visits are spread from there. ``last_visited_on`` counts only visits that met the person.
    ``agreed_on`` is the next date that the last visit named.
    """

    subject: str
    kind: str
    known_since: date
    risk_level: str | None = None
    categories: tuple[str, ...] = ()
    priority_watch: bool = False
    last_visited_on: date | None = None
    agreed_on: date | None = None
    changed_on: date | None = None
    last_called_on: date | None = None
    stays: tuple[StaySpan, ...] = ()
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """A visit or call that is due; ``rule`` is the id of the rule that says so, ``words`` say it in Chinese."""

    due_on: date
    rule: str
    words: str
    mode: Mode = Mode.HOME


def plan(facts: Facts, rules: Rules) -> Due | None:
    """The next visit, or None for who is not due: gone, ordinary, or in an institution without an end."""
    if facts.ended:
        return None
    if urgent := _after_a_change(facts, rules):
        away = _place(facts.stays, urgent.due_on) in PHONE_PLACES
        return replace(urgent, mode=Mode.PHONE) if away else urgent  # neither weekends nor pauses hold it up
    found = _earliest(_by_interval(facts, rules), _agreed(facts), _extra_round(facts, rules))
    return _fitted(found, facts.stays) if found else None


def plan_call(facts: Facts, rules: Rules) -> Due | None:
    """The next call to a parent who works away, or None."""
    rule = rules.event("call")
    if rule is None or facts.ended or rule.categories.isdisjoint(facts.categories):
        return None
    since = facts.last_called_on
    on = since + timedelta(days=rule.days) if since else _first(facts, rule.days)
    return Due(on, rule.ground.id, rule.words, Mode.PHONE)


def plan_lead(found_on: date, rules: Rules) -> Due | None:
    """By when a new lead is to be looked into."""
    rule = rules.event("lead")
    return Due(found_on + timedelta(days=rule.days), rule.ground.id, rule.words) if rule else None


def overdue_days(due: Due, today: date) -> int:
    """Days past the date; 0 on the day itself and before."""
    return max(0, (today - due.due_on).days)


def as_of(due: Due, stays: Iterable[StaySpan], today: date) -> Due:
    """An overdue visit as it can be made today: who has left since is phoned, a boarder waits for the weekend."""
    if due.due_on >= today:
        return due
    place = _place(stays, today)
    if place in PHONE_PLACES:
        return replace(due, mode=Mode.PHONE)
    return replace(due, mode=Mode.WEEKEND) if place == BOARDING else replace(due, mode=Mode.HOME)


def _after_a_change(facts: Facts, rules: Rules) -> Due | None:
    """A major change that no visit has followed yet comes before everything else."""
    changed, rule = facts.changed_on, rules.event("major_change")
    if changed is None or rule is None or (facts.last_visited_on and facts.last_visited_on >= changed):
        return None
    return Due(changed + timedelta(days=rule.days), rule.ground.id, rule.words)


def _by_interval(facts: Facts, rules: Rules) -> Due | None:
    special = not ORDINARY_CATEGORIES.issuperset(facts.categories)
    fitting = _fitting(rules, facts.kind, facts.risk_level or "", special, facts.priority_watch)
    return _earliest(*[_due_by(rule, facts) for rule in fitting])


@lru_cache(maxsize=256)
def _fitting(rules: Rules, kind: str, risk: str, special: bool, watched: bool) -> tuple[IntervalRule, ...]:
    """The rules for one sort of person; there are few sorts and many people."""
    return tuple(
        rule
        for rule in rules.intervals
        if rule.subject == kind
        and rule.risk_level in (None, risk)
        and (special or not rule.any_category)
        and (watched or not rule.priority_watch)
    )


def _due_by(rule: IntervalRule, facts: Facts) -> Due | None:
    last = facts.last_visited_on
    on = last + timedelta(days=rule.days) if last else _first(facts, rule.days)
    return Due(on, rule.ground.id, rule.words) if rule.ground.holds(on) else None


def _first(facts: Facts, days: int) -> date:
    """The first visit falls anywhere in the first interval, the same day for the same person at every desk."""
    return facts.known_since + timedelta(days=1 + zlib.crc32(facts.subject.encode()) % days)


def _agreed(facts: Facts) -> Due | None:
    agreed, last = facts.agreed_on, facts.last_visited_on
    if agreed is None or (last and agreed <= last):
        return None
    return Due(agreed, "agreed", "上次约好的日子")


def _extra_round(facts: Facts, rules: Rules) -> Due | None:
    """Rounds are for those whom the categories single out."""
    rounds = [rule for rule in rules.rounds if rule.ground.enabled]
    if not rounds or ORDINARY_CATEGORIES.issuperset(facts.categories):
        return None
    since = facts.last_visited_on or facts.known_since
    return _earliest(*[_round_after(rule, facts.kind, since) for rule in rounds])


def _round_after(rule: RoundRule, kind: str, since: date) -> Due | None:
    """The last day of the next span that begins after the last visit."""
    if rule.subject != kind:
        return None
    year = since.year if since < date.fromisoformat(f"{since.year}-{rule.first_day}") else since.year + 1
    on = date.fromisoformat(f"{year}-{rule.last_day}")
    return Due(on, rule.ground.id, rule.words) if rule.ground.holds(on) else None


def _earliest(*found: Due | None) -> Due | None:
    best: Due | None = None
    for due in found:
        if due and (best is None or due.due_on < best.due_on):
            best = due
    return best


def _fitted(due: Due, stays: tuple[StaySpan, ...]) -> Due | None:
    """The visit where the person will be on that day; moved only by a stay, so at most once for each."""
    for _ in range(len(stays) + 1):
        stay = next((stay for stay in stays if stay.covers(due.due_on)), None)
        if stay is None:
            break
        if stay.place in PAUSED_PLACES:
            if stay.until is None:
                return None
            due = replace(due, due_on=stay.until + timedelta(days=1))
            continue
        return _at_stay(due, stay)
    return due


def _at_stay(due: Due, stay: StaySpan) -> Due:
    if stay.place in PHONE_PLACES:
        return replace(due, mode=Mode.PHONE)
    if stay.place == BOARDING:
        weekend = due.due_on + timedelta(days=max(0, SATURDAY - due.due_on.weekday()))
        return replace(due, due_on=weekend, mode=Mode.WEEKEND)
    return due


def _place(stays: Iterable[StaySpan], day: date) -> str | None:
    return next((stay.place for stay in stays if stay.covers(day)), None)
