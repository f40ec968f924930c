"""Ages that matter, and the day on which somebody has them."""

from datetime import date, timedelta

import pytest

from app.policy.ages import age_alarms, next_age_alarm, notable_birthday
from app.policy.rules import load

RULES = load()


def test_sixteen_is_complete_on_the_day_after_the_birthday_and_announced_before() -> None:
    (alarm,) = age_alarms(date(2010, 12, 1), ["child"], date(2026, 11, 24), date(2026, 11, 30), RULES)
    assert alarm.age == 16
    assert alarm.on == date(2026, 12, 2)
    assert alarm.notice_on == alarm.on - timedelta(days=30)
    assert "16" in alarm.words


def test_an_age_is_said_until_its_day_and_not_after() -> None:
    born = date(2010, 12, 1)
    assert age_alarms(born, ["child"], date(2026, 12, 2), date(2026, 12, 2), RULES)
    assert not age_alarms(born, ["child"], date(2026, 12, 3), date(2026, 12, 31), RULES)


def test_the_ages_of_the_reference_are_all_there() -> None:
    alarms = age_alarms(date(1926, 1, 1), ["child", "elder"], date(1926, 1, 1), date(2100, 1, 1), RULES)
    assert [alarm.age for alarm in alarms] == [3, 6, 8, 14, 16, 18, 60, 65, 80, 100]


def test_an_elder_is_not_asked_to_school() -> None:
    alarms = age_alarms(date(1946, 1, 1), ["elder"], date(1946, 1, 1), date(2100, 1, 1), RULES)
    assert [alarm.age for alarm in alarms] == [60, 65, 80, 100]


@pytest.mark.parametrize("after, age", [(date(2026, 1, 1), 14), (date(2026, 3, 2), 16), (date(2031, 1, 1), 60)])
def test_the_next_age_is_found(after: date, age: int) -> None:
    alarm = next_age_alarm(date(2012, 3, 1), ["child"], after, RULES)
    assert alarm is not None
    assert alarm.age == age


def test_after_a_hundred_nothing_follows() -> None:
    assert next_age_alarm(date(1920, 1, 1), ["elder"], date(2026, 1, 1), RULES) is None


@pytest.mark.parametrize(
    "born, on, age",
    [
        (date(2020, 11, 24), date(2026, 11, 24), 6),
        (date(2019, 11, 24), date(2026, 11, 24), None),
        (date(1946, 11, 24), date(2026, 11, 24), 80),
        (date(1946, 11, 24), date(2026, 11, 25), None),
        (date(2012, 2, 29), date(2026, 2, 28), 14),
        (date(1961, 11, 24), date(2026, 11, 24), None),
    ],
)
def test_birthdays_that_matter(born: date, on: date, age: int | None) -> None:
    assert notable_birthday(born, ["child", "elder"], on, RULES) == age
