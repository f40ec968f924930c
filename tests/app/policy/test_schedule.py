"""Who is due, when, how and why: term time, summer, Spring Festival, and everything that happens in between."""

import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policy.rules import Rules, load
from app.policy.schedule import (
    Due,
    Facts,
    Mode,
    StaySpan,
    as_of,
    overdue_days,
    plan,
    plan_call,
    plan_lead,
)

RULES = load()
KNOWN = date(2026, 1, 5)
VISITED = date(2026, 3, 2)  # a Monday
TERM = StaySpan("boarding_school", date(2026, 3, 1), date(2026, 7, 3))
SUMMER_IN_GUANGDONG = StaySpan("with_parents", date(2026, 7, 10), date(2026, 8, 25))
SPRING_FESTIVAL = StaySpan("with_parents", date(2026, 2, 10), date(2026, 2, 28))


def a_child(**changes: object) -> Facts:
    facts = Facts(
        subject="a" * 32, kind="child", known_since=KNOWN, categories=("left_behind_rural",), last_visited_on=VISITED
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def an_elder(**changes: object) -> Facts:
    return replace(a_child(), **{"kind": "elder", "categories": ("alone",), **changes})  # type: ignore[arg-type]


def due(facts: Facts) -> Due:
    found = plan(facts, RULES)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "risk, days, rule",
    [
        ("high", 7, "child-high"),
        ("medium", 30, "child-medium"),
        ("low", 90, "child-low"),
        ("none", 180, "child-none"),
        (None, 90, "child-unassessed"),
    ],
)
def test_the_risk_level_sets_the_interval(risk: str | None, days: int, rule: str) -> None:
    found = due(a_child(risk_level=risk))
    assert found.due_on == VISITED + timedelta(days=days)
    assert found.rule == rule


def test_the_reason_is_said_in_words() -> None:
    assert due(a_child(risk_level="high")).words == "高风险，该走访了"
    assert "每月" in due(an_elder()).words


@pytest.mark.parametrize(
    "facts",
    [
        a_child(categories=("ordinary",)),
        a_child(categories=()),
        a_child(categories=("ordinary",), risk_level="none"),
        a_child(risk_level="high", ended=True),
        an_elder(categories=()),
    ],
)
def test_who_is_only_registered_is_not_due(facts: Facts) -> None:
    assert plan(facts, RULES) is None


def test_an_ordinary_child_at_risk_is_due() -> None:
    assert due(a_child(categories=("ordinary",), risk_level="medium")).rule == "child-medium"
    assert due(a_child(categories=("ordinary",), priority_watch=True)).rule == "child-watch"


def test_the_strictest_rule_counts() -> None:
    assert due(a_child(risk_level="low", priority_watch=True)).due_on == VISITED + timedelta(days=30)
    assert due(a_child(risk_level="high", priority_watch=True)).rule == "child-high"
    assert due(an_elder(risk_level="high")).due_on == VISITED + timedelta(days=7)
    assert due(an_elder(risk_level="low")).rule == "elder-special"


def test_elders_in_special_difficulty_are_visited_monthly_since_the_document_of_2022() -> None:
    assert due(an_elder()).due_on == VISITED + timedelta(days=30)
    before = an_elder(known_since=date(2022, 1, 1), last_visited_on=date(2022, 3, 1))
    assert plan(before, RULES) is None


def test_a_visit_that_met_nobody_moves_nothing() -> None:
    assert due(a_child(last_visited_on=None)) == due(a_child(last_visited_on=None))
    assert due(a_child(last_visited_on=None)).due_on <= KNOWN + timedelta(days=90)


def test_first_visits_after_an_import_are_spread_and_not_late() -> None:
    dates = [due(a_child(subject=f"{n:032x}", risk_level="medium", last_visited_on=None)).due_on for n in range(600)]
    assert min(dates) > KNOWN
    assert max(dates) <= KNOWN + timedelta(days=30)
    busiest = max(dates.count(day) for day in set(dates))
    assert busiest < 60
    assert len(set(dates)) == 30


def test_a_date_agreed_at_the_last_visit_comes_before_the_interval() -> None:
    agreed = date(2026, 3, 10)
    assert due(a_child(agreed_on=agreed)) == Due(agreed, "agreed", "上次约好的日子")
    assert due(a_child(agreed_on=date(2027, 1, 1))).rule == "child-unassessed"
    assert due(a_child(categories=("ordinary",), agreed_on=agreed)).due_on == agreed
    assert due(a_child(agreed_on=VISITED)).rule == "child-unassessed"


def test_a_major_change_makes_a_visit_due_within_a_day() -> None:
    found = due(a_child(risk_level="low", changed_on=date(2026, 3, 20), stays=(TERM,)))
    assert (found.due_on, found.rule, found.mode) == (date(2026, 3, 21), "major-change", Mode.HOME)
    assert due(a_child(changed_on=date(2026, 7, 20), stays=(SUMMER_IN_GUANGDONG,))).mode is Mode.PHONE
    assert due(a_child(categories=("ordinary",), changed_on=date(2026, 3, 20))).rule == "major-change"


def test_a_visit_after_the_change_settles_it() -> None:
    assert due(a_child(changed_on=VISITED)).rule == "child-unassessed"
    assert due(a_child(changed_on=VISITED - timedelta(days=1))).rule == "child-unassessed"


@pytest.mark.parametrize(
    "risk, stays, due_on, mode",
    [
        # term time: Monday 9 March, the boarder is at home on Saturday the 14th
        ("high", (TERM,), date(2026, 3, 14), Mode.WEEKEND),
        ("high", (), date(2026, 3, 9), Mode.HOME),
        ("medium", (TERM,), date(2026, 4, 4), Mode.WEEKEND),
        # 2 March + 180 days is 29 August: back from Guangdong since the 25th
        ("none", (TERM, SUMMER_IN_GUANGDONG), date(2026, 8, 29), Mode.HOME),
        # and if they stay until September, by phone
        ("none", (TERM, StaySpan("with_parents", date(2026, 7, 10), date(2026, 9, 10))), date(2026, 8, 29), Mode.PHONE),
        ("none", (TERM, StaySpan("away", date(2026, 7, 10))), date(2026, 8, 29), Mode.PHONE),
        # an institution pauses; the day after it ends is in term time again
        ("high", (StaySpan("institution", date(2026, 3, 3), date(2026, 3, 31)),), date(2026, 4, 1), Mode.HOME),
        ("high", (StaySpan("institution", date(2026, 3, 3), date(2026, 3, 31)), TERM), date(2026, 4, 4), Mode.WEEKEND),
        ("high", (StaySpan("hospital", date(2026, 3, 3)),), date(2026, 3, 9), Mode.PHONE),
        ("high", (StaySpan("home", date(2026, 3, 3)),), date(2026, 3, 9), Mode.HOME),
        # a stay that is over, or not begun, changes nothing
        ("high", (SPRING_FESTIVAL, SUMMER_IN_GUANGDONG), date(2026, 3, 9), Mode.HOME),
    ],
)
def test_where_somebody_is_decides_how(risk: str, stays: tuple[StaySpan, ...], due_on: date, mode: Mode) -> None:
    found = due(a_child(risk_level=risk, stays=stays))
    assert (found.due_on, found.mode) == (due_on, mode)


def test_spring_festival_with_the_parents_is_a_call() -> None:
    found = due(a_child(risk_level="medium", last_visited_on=date(2026, 1, 20), stays=(SPRING_FESTIVAL,)))
    assert (found.due_on, found.mode) == (date(2026, 2, 19), Mode.PHONE)


def test_an_institution_without_an_end_pauses_visits() -> None:
    assert plan(a_child(risk_level="high", stays=(StaySpan("institution", date(2026, 3, 3)),)), RULES) is None


@pytest.mark.parametrize(
    "today, mode",
    [
        (date(2026, 6, 1), Mode.WEEKEND),
        (date(2026, 7, 20), Mode.PHONE),
        (date(2026, 9, 1), Mode.HOME),
        (date(2026, 3, 1), Mode.WEEKEND),
    ],
)
def test_what_is_overdue_is_made_where_they_are_now(today: date, mode: Mode) -> None:
    stays = (TERM, SUMMER_IN_GUANGDONG)
    found = due(a_child(risk_level="high", stays=stays))
    assert as_of(found, stays, today).mode is mode
    assert as_of(found, stays, today).due_on == found.due_on


@pytest.mark.parametrize("today, days", [(date(2026, 3, 8), 0), (date(2026, 3, 9), 0), (date(2026, 3, 18), 9)])
def test_days_overdue_are_counted_from_the_day_after(today: date, days: int) -> None:
    assert overdue_days(due(a_child(risk_level="high")), today) == days


def test_parents_who_work_away_are_called_monthly() -> None:
    found = plan_call(a_child(last_called_on=VISITED), RULES)
    assert found == Due(VISITED + timedelta(days=30), "parent-call", "留守儿童，每月给父母打一次电话", Mode.PHONE)
    first = plan_call(a_child(), RULES)
    assert first is not None
    assert KNOWN < first.due_on <= KNOWN + timedelta(days=30)
    assert plan_call(a_child(categories=("orphan",)), RULES) is None
    assert plan_call(a_child(ended=True), RULES) is None


def test_a_new_lead_is_looked_into_within_three_days() -> None:
    found = plan_lead(VISITED, RULES)
    assert found is not None
    assert found.due_on == VISITED + timedelta(days=3)


def with_summer_round() -> Rules:
    rounds = tuple(replace(rule, ground=replace(rule.ground, enabled=True)) for rule in RULES.rounds)
    return Rules(RULES.intervals, RULES.events, rounds, RULES.definitions, RULES.ages)


@pytest.mark.parametrize(
    "visited, due_on, rule",
    [
        (date(2026, 6, 1), date(2026, 8, 31), "round-summer"),  # 180 days would be in November
        (date(2026, 7, 15), date(2027, 1, 11), "child-none"),  # this summer is done
        (date(2026, 1, 10), date(2026, 7, 9), "child-none"),  # the interval falls into the summer by itself
    ],
)
def test_an_extra_round_is_made_once_in_its_span_if_the_county_wants_it(visited: date, due_on: date, rule: str) -> None:
    found = plan(a_child(risk_level="none", last_visited_on=visited), with_summer_round())
    assert found is not None
    assert (found.due_on, found.rule) == (due_on, rule)


def test_extra_rounds_are_switched_off_until_the_county_confirms_them() -> None:
    assert due(a_child(risk_level="none", last_visited_on=date(2026, 6, 1))).rule == "child-none"


dates = st.dates(date(2023, 1, 1), date(2028, 1, 1))
places = st.sampled_from(["home", "boarding_school", "with_parents", "institution", "away"])
stays = st.lists(st.builds(StaySpan, places, dates, st.none() | dates), max_size=4).map(tuple)


@given(st.sampled_from(["high", "medium", "low", "none", None]), st.none() | dates, stays)
def test_nobody_is_due_before_they_were_known_or_last_visited(
    risk: str | None, last: date | None, where: tuple[StaySpan, ...]
) -> None:
    found = plan(a_child(risk_level=risk, last_visited_on=last, known_since=date(2022, 1, 1), stays=where), RULES)
    assert found is None or found.due_on > (last or date(2022, 1, 1))


def test_a_county_of_a_hundred_thousand_is_planned_at_once() -> None:
    people = [
        a_child(subject=f"{n:032x}", risk_level=("high", "low", None)[n % 3], stays=(TERM,) if n % 5 == 0 else ())
        for n in range(20_000)
    ]
    begun = time.process_time()
    assert sum(plan(person, RULES) is not None for person in people) == len(people)
    assert time.process_time() - begun < 1.5  # a fifth of them in the time allowed for all: the machine is shared
