"""Whom to visit: what is due and overdue, grouped so that a walk makes sense, and what else a day should know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.policy.rules import Rules, fingerprint, load
from app.policy.schedule import Due, Facts, Mode, StaySpan, as_of, overdue_days, plan
from app.records import Person, Stay
from app.records.dates import birthday
from app.records.ids import is_id, made_on
from app.records.village_groups import group_order
from app.store.listing import DueLine
from app.store.reader import Reader
from app.store.roll import RollDue, RollFacts

EARLIEST, LATEST = date(1850, 1, 1), date(2200, 12, 31)


@dataclass(frozen=True, slots=True)
class RulesPlanner:
    """The policy's schedule as the store asks for it; ``made_from`` tells it when all due dates are to be made anew."""

    rules: Rules
    made_from: str = ""

    def __call__(self, facts: RollFacts) -> RollDue | None:
        due = plan(_facts(facts), self.rules)
        return RollDue(due.due_on.isoformat(), due.mode, due.rule, due.words) if due else None


def planner(rules: Rules) -> RulesPlanner:
    """The schedule of some rules: handed in when a workspace is opened."""
    return RulesPlanner(rules)


def default_planner() -> RulesPlanner:
    """The schedule of the rules that ship with the program."""
    return RulesPlanner(load(), fingerprint())


def _facts(facts: RollFacts) -> Facts:
    return Facts(
        subject=facts.id,
        kind=facts.kind,
        known_since=_known_since(facts.id),
        risk_level=facts.risk_level,
        categories=facts.categories,
        priority_watch=facts.priority_watch,
        last_visited_on=_day(facts.last_visited_on),
        agreed_on=_day(facts.next_visit_on),
        changed_on=_day(facts.changed_on),
        stays=tuple(
            StaySpan(stay.place, _near(date.fromisoformat(stay.since)), _day(stay.until)) for stay in facts.stays
        ),
        ended=facts.ended_on is not None,
    )  # fmt: skip


def _known_since(id_: str) -> date:
    """Who was registered while the clock was years ahead must not wait for that year to be visited."""
    today = date.today()
    return min(made_on(id_), today) if is_id(id_) else today


def _day(text: str | None) -> date | None:
    return _near(date.fromisoformat(text)) if text else None


def _near(day: date) -> date:
    """A slip such as the year 9999 must stop neither a save nor an exchange when days are added to it."""
    return min(max(day, EARLIEST), LATEST)


@dataclass(frozen=True, slots=True)
class Visit:
    """A line of 今日: whom to visit, why, and by how many days it is late."""

    id: str
    kind: str
    name: str
    village_group: str
    org: str
    risk_level: str
    due_on: date
    overdue: int
    mode: Mode
    rule: str
    words: str
    last_visited_on: date | None

    @property
    def reason(self) -> str:
        """In one breath: 高风险，该走访了，过 9 天."""
        return f"{self.words}，过 {self.overdue} 天" if self.overdue else self.words


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is due: the visits by village group, how many are late, and how many more there are than fit."""

    groups: tuple[tuple[str, tuple[Visit, ...]], ...]
    overdue: int
    more: int

    @property
    def visits(self) -> tuple[Visit, ...]:
        """All visits that are shown, in the order of the walk."""
        return tuple(visit for _, visits in self.groups for visit in visits)


def whom_to_visit(reader: Reader, today: date, *, org: str = "", days_ahead: int = 0, limit: int = 200) -> Agenda:
    """Visits due until ``days_ahead`` days from today below a division; the longest overdue when not all fit."""
    until = (today + timedelta(days=days_ahead)).isoformat()
    lines = reader.due(until, org, limit)
    stays = reader.of_subjects(Stay, [line.id for line in lines])
    visits = [_visit(line, stays.get(line.id, ()), today) for line in lines]
    overdue = reader.due_count((today - timedelta(days=1)).isoformat(), org)
    return Agenda(_by_group(visits), overdue, max(0, reader.due_count(until, org) - len(lines)))


def _visit(line: DueLine, stays: Iterable[Stay], today: date) -> Visit:
    due = Due(date.fromisoformat(line.due_on), line.rule, line.reason, Mode(line.mode))
    due = as_of(due, _spans(stays), today)
    return Visit(
        line.id, line.kind, line.name, line.village_group, line.org, line.risk_level, due.due_on,
        overdue_days(due, today), due.mode, due.rule, due.words, _day(line.last_visited_on),
    )  # fmt: skip


def _spans(stays: Iterable[Stay]) -> tuple[StaySpan, ...]:
    return tuple(StaySpan(stay.place, stay.since, stay.until) for stay in stays if stay.place and stay.since)


def _by_group(visits: Iterable[Visit]) -> tuple[tuple[str, tuple[Visit, ...]], ...]:
    """By village group, the group with the longest overdue visit first; within it likewise."""
    groups: defaultdict[str, list[Visit]] = defaultdict(list)
    for visit in sorted(visits, key=lambda visit: (visit.due_on, group_order(visit.village_group), visit.name)):
        groups[visit.village_group].append(visit)
    return tuple((name, tuple(group)) for name, group in groups.items())


@dataclass(frozen=True, slots=True)
class MonthProgress:
    """This month's visits: met so far by day, and how many persons are to be met in all."""

    met_by_day: tuple[int, ...]
    met: int
    due: int


def month_progress(reader: Reader, today: date, *, org: str = "") -> MonthProgress:
    """Persons met this month, running total by day up to today, against those met or still due this month."""
    first = today.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    seen: dict[str, int] = {}
    for subject, day in reader.met_days(first.isoformat(), today.isoformat(), org):
        seen.setdefault(subject, date.fromisoformat(day).day)
    totals = [sum(day <= at for day in seen.values()) for at in range(1, today.day + 1)]
    due = {line.id for line in reader.due(last.isoformat(), org)}
    return MonthProgress(tuple(totals), len(seen), len(due | seen.keys()))


@dataclass(frozen=True, slots=True)
class Birthday:
    """Somebody reaches an age that matters."""

    id: str
    kind: str
    name: str
    age: int
    on: date
    words: str


def birthdays_that_matter(
    reader: Reader, rules: Rules, today: date, *, org: str = "", days: int = 14
) -> tuple[Birthday, ...]:
    """Birthdays within the next days that change something (ux.md: 6, 8, 14, 16, 18, 60, 80, 100)."""
    ages = {(rule.subject, rule.age): rule.words for rule in rules.ages if rule.birthday and rule.ground.holds(today)}
    found = []
    for first, last in _spans_of_the_year(today, today + timedelta(days=days)):
        for id_, kind, birth in reader.birthdays(first, last, org):
            on = _this_years(date.fromisoformat(birth), today)
            age = on.year - int(birth[:4])
            if words := ages.get((kind, age)):
                found.append((id_, kind, age, on, words))
    names = reader.many(Person, [row[0] for row in found])
    return tuple(
        Birthday(id_, kind, names[id_].name or "", age, on, words)
        for id_, kind, age, on, words in sorted(found, key=lambda row: row[3])
        if id_ in names
    )


def _spans_of_the_year(first: date, last: date) -> list[tuple[str, str]]:
    if first.year == last.year:
        return [(f"{first:%m-%d}", f"{last:%m-%d}")]
    return [(f"{first:%m-%d}", "12-31"), ("01-01", f"{last:%m-%d}")]


def _this_years(birth: date, today: date) -> date:
    on = birthday(birth, today.year)
    return on if on >= today else birthday(birth, today.year + 1)
