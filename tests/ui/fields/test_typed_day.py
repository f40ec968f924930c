"""What people type when they mean a day."""

from datetime import date

import pytest

from ui.fields.typed_day import read_day, say_day

TODAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    "typed,meant",
    [
        ("今天", TODAY),
        ("昨天", date(2026, 3, 4)),
        ("qt", date(2026, 3, 3)),
        ("3.5", TODAY),
        ("3.6", date(2025, 3, 6)),
        ("0301", date(2026, 3, 1)),
        ("12月30日", date(2025, 12, 30)),
        ("２０２６０３０５", TODAY),
        ("2026-3-5", TODAY),
        ("26.3.5", TODAY),
        ("2012年7月9号", date(2012, 7, 9)),
        ("4", date(2026, 3, 4)),
        ("28", date(2026, 2, 28)),
        ("2.30", None),
        ("三月", None),
        ("", None),
    ],
)
def test_a_day_is_understood_however_it_is_written(typed: str, meant: date | None) -> None:
    assert read_day(typed, TODAY) == meant


def test_a_next_visit_without_a_year_lies_ahead() -> None:
    assert read_day("3.1", TODAY, ahead=True) == date(2027, 3, 1)
    assert read_day("4", TODAY, ahead=True) == date(2026, 4, 4)


def test_a_day_is_said_with_its_weekday_so_that_a_slip_shows() -> None:
    assert say_day(TODAY) == "2026年3月5日 星期四"
