"""Dates as spreadsheets and people write them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records.dates import SERIAL_START, birthday, chinese_date, full_age, read_date, turns
from app.records.lunar import birthday_in, lunar_words, read_lunar, to_gregorian


@pytest.mark.parametrize(
    "cell",
    [
        "1990.5.3",
        "1990-05-03",
        "1990/5/3",
        "1990年5月3日",
        "1990 年 5 月 3 日",
        "19900503",
        "1990-5-3 00:00:00",
        "1990-05-03T08:30:00",
        "１９９０．５．３",
        "'1990-05-03",
        "1990.05.03。",
        "公历1990年5月3日",
        "1990年5月3号",
        "一九九〇年五月三日",
        "1990-05-03 星期四",
        "1990 5 3",
        "1990\\5\\3",
        "1990。5。3",
        "19900503出生",
        19900503,
        32996,
        32996.4,
        "32996",
        date(1990, 5, 3),
        datetime(1990, 5, 3, 8),
    ],
)
def test_the_same_day_in_many_hands(cell: str | int | float | date) -> None:
    assert read_date(cell).day == date(1990, 5, 3)
    assert read_date(cell).precision == "day"


@pytest.mark.parametrize(
    "cell, day",
    [
        ("二〇一五年十二月二十三日", date(2015, 12, 23)),
        ("二零一五年十月十日", date(2015, 10, 10)),
        ("二〇一五年四月三十一日", None),
        ("2015年十一月三十日", date(2015, 11, 30)),
    ],
)
def test_dates_in_chinese_numerals(cell: str, day: date | None) -> None:
    assert read_date(cell).day == day


@pytest.mark.parametrize(
    "cell, day, precision",
    [
        ("1990.5", date(1990, 5, 1), "month"),
        ("1990年5月", date(1990, 5, 1), "month"),
        ("199005", date(1990, 5, 1), "month"),
        (199005, date(1990, 5, 1), "month"),
        ("1990", date(1990, 1, 1), "year"),
        ("1990年", date(1990, 1, 1), "year"),
        ("约1990年", date(1990, 1, 1), "year"),
        ("1990年左右", date(1990, 1, 1), "year"),
        (1990, date(1990, 1, 1), "year"),
    ],
)
def test_a_month_or_a_year_says_how_exact_it_is(cell: str | int, day: date, precision: str) -> None:
    assert (read_date(cell).day, read_date(cell).precision) == (day, precision)


@pytest.mark.parametrize("cell", ["90-5-3", "90.5.3", "05/03/90", "3/5/1990"])
def test_an_ambiguous_year_is_not_guessed(cell: str) -> None:
    assert read_date(cell).day is None
    assert read_date(cell).reason


@pytest.mark.parametrize(
    "cell",
    [
        "1990-02-30",
        "19901301",
        "1990.0.3",
        "九〇后",
        "不详",
        "",
        None,
        35,
        3.5,
        "0503",
        float("nan"),
        "1234.5.6",
        1e300,
    ],
)
def test_what_is_no_day_says_why(cell: str | float | None) -> None:
    assert read_date(cell).day is None
    assert read_date(cell).reason


@given(st.dates(date(1928, 1, 1), date(2060, 1, 1)))
def test_serial_numbers_and_every_way_of_writing_come_back(day: date) -> None:
    assert read_date((day - SERIAL_START).days).day == day
    for form in ("%Y-%m-%d", "%Y%m%d", "%Y.%m.%d", "%Y/%m/%d"):
        assert read_date(day.strftime(form)).day == day
    assert read_date(chinese_date(day)).day == day


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    reading = read_date(text)
    assert reading.day or reading.reason


def test_a_year_of_age_is_complete_on_the_day_after_the_birthday() -> None:
    born = date(2010, 9, 1)
    assert full_age(born, date(2026, 9, 1)) == 15
    assert full_age(born, date(2026, 9, 2)) == 16
    assert turns(born, 16) == date(2026, 9, 2)
    assert full_age(born, born) == 0


def test_a_leap_day_birthday_is_kept_on_the_28th() -> None:
    assert birthday(date(2012, 2, 29), 2026) == date(2026, 2, 28)
    assert turns(date(2012, 2, 29), 14) == date(2026, 3, 1)
    assert birthday(date(2012, 2, 29), 2028) == date(2028, 2, 29)


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.integers(1, 100))
def test_the_day_somebody_turns_an_age_is_the_first_with_that_age(born: date, age: int) -> None:
    first = turns(born, age)
    assert full_age(born, first) == age
    assert full_age(born, first - timedelta(days=1)) == age - 1


@pytest.mark.parametrize(
    "text, words, day",
    [
        ("农历腊月初八", "农历腊月初八", None),
        ("阴历1962年腊月初八", "农历腊月初八", date(1963, 1, 3)),
        ("1962年农历正月初一", "农历正月初一", date(1962, 2, 5)),
        ("农历一九六二年正月初一", "农历正月初一", date(1962, 2, 5)),
        ("2023年闰二月初一", "农历闰二月初一", date(2023, 3, 22)),
        ("农历2023.2.1", "农历二月初一", date(2023, 2, 20)),
        ("腊月廿三", "农历腊月廿三", None),
        ("1956年三月十二（农历）", "农历三月十二", date(1956, 4, 22)),
        ("农历八月二十五", "农历八月廿五", None),
    ],
)
def test_lunar_birthdays_are_read(text: str, words: str, day: date | None) -> None:
    reading = read_date(text)
    assert reading.lunar_text == words
    assert reading.day == day


def test_a_lunar_day_without_a_year_says_that_the_year_is_missing() -> None:
    assert read_date("农历腊月初八").reason == "只有农历月日，没有年份"


def test_a_lunar_day_that_the_year_does_not_have_is_said() -> None:
    assert to_gregorian(2024, 2, 1, leap=True) is None
    assert read_date("2024年闰二月初一").reason


def test_words_that_name_no_lunar_day_are_not_guessed() -> None:
    assert read_lunar("农历腊月") is None
    assert read_date("农历某天").day is None


@given(st.dates(date(1930, 1, 1), date(2050, 1, 1)))
def test_a_day_in_lunar_words_reads_back(day: date) -> None:
    reading = read_lunar(lunar_words(day))
    assert reading is not None
    candidates = [
        to_gregorian(year, reading.month, reading.day_of_month, leap=reading.is_leap_month)
        for year in (day.year - 1, day.year)
    ]
    assert day in candidates


def test_a_birthday_in_a_leap_month_is_kept_in_the_ordinary_one() -> None:
    assert birthday_in(2023, 2, 1, leap=True) == date(2023, 3, 22)
    assert birthday_in(2024, 2, 1, leap=True) == to_gregorian(2024, 2, 1)


def test_the_thirtieth_is_kept_on_the_29th_of_a_short_month() -> None:
    short = next(year for year in range(2000, 2030) if to_gregorian(year, 12, 30) is None)
    assert birthday_in(short, 12, 30) == to_gregorian(short, 12, 29)


def test_a_number_of_thousands_of_digits_is_no_day() -> None:
    assert read_date("1" * 5_000).day is None
