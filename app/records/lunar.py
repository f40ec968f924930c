"""The lunar calendar of birthdays: 农历腊月初八 into words, into a Gregorian day, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

MONTHS = ("正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月")
_ONES = "一二三四五六七八九十"

DAYS = (
    tuple(f"初{one}" for one in _ONES)
    + tuple(f"十{one}" for one in _ONES[:9])
    + ("二十", *(f"廿{one}" for one in _ONES[:9]), "三十")
)
"""Day 1 is 初一, day 30 is 三十."""

_MONTH_WORDS = {word: number for number, word in enumerate(MONTHS, 1)}
_MONTH_WORDS |= {"一月": 1, "十一月": 11, "十二月": 12} | {f"{number}月": number for number in range(1, 13)}
_DAY_WORDS = {word: number for number, word in enumerate(DAYS, 1)}
_DAY_WORDS |= {"廿": 20, "廿十": 20, "卅": 30} | {f"二十{one}": 20 + n for n, one in enumerate(_ONES[:9], 1)}
_DAY_WORDS |= {str(number): number for number in range(1, 31)} | {one: n for n, one in enumerate(_ONES, 1)}

_TEXT = re.compile(
    r"(?:农历|阴历|旧历)?\s*(?:(?P<year>[\d〇○零一二三四五六七八九]{4})\s*[年.\-/]?)?\s*(?:农历|阴历|旧历)?\s*"
    r"(?P<leap>闰)?(?P<month>正月|冬月|腊月|十[一二]?月|[一二三四五六七八九]月|1[0-2]月|[1-9]月|"
    r"(?:1[0-2]|[1-9])[.\-/])\s*(?P<day>[初廿卅一二三四五六七八九十\d]{1,3})[日号]?(?:[（(](?:农历|阴历|旧历)[）)])?"
)
_YEAR_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


@dataclass(frozen=True, slots=True)
class LunarReading:
    """A lunar day: its usual words, the lunar year if one was given, and the Gregorian day if there is one."""

    month: int
    day_of_month: int
    is_leap_month: bool
    year: int | None
    day: date | None

    @property
    def text(self) -> str:
        """农历腊月初八; a leap month says so."""
        leap = "闰" if self.is_leap_month else ""
        return f"农历{leap}{MONTHS[self.month - 1]}{DAYS[self.day_of_month - 1]}"


def read_lunar(text: str) -> LunarReading | None:
    """Read 农历腊月初八, 1962年闰六月廿三 or 阴历1962.6.23; None if the words name no lunar day."""
    match = _TEXT.fullmatch(text.strip())
    if not match:
        return None
    month = _MONTH_WORDS[re.sub(r"[.\-/]$", "月", match["month"])]
    day = _DAY_WORDS.get(match["day"])
    if day is None:
        return None
    leap = match["leap"] is not None
    year = int(match["year"].translate(_YEAR_DIGITS)) if match["year"] else None
    return LunarReading(month, day, leap, year, to_gregorian(year, month, day, leap=leap) if year else None)


def to_gregorian(year: int, month: int, day: int, *, leap: bool = False) -> date | None:
    """The Gregorian day of a lunar day; None if that year has no such month or day."""
    from lunar_python import Lunar

    try:
        solar = Lunar.fromYmd(year, -month if leap else month, day).getSolar()
    except Exception:  # the library raises plain Exception for a day that does not exist
        return None
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def lunar_words(day: date) -> str:
    """What a Gregorian day is in the lunar calendar: 农历腊月初八."""
    lunar = _lunar(day)
    return LunarReading(abs(lunar[1]), lunar[2], lunar[1] < 0, lunar[0], day).text


def birthday_in(year: int, month: int, day: int, *, leap: bool = False) -> date | None:
    """When a lunar birthday is kept in a lunar year; a leap month is kept in the ordinary one when there is none."""
    return (
        (to_gregorian(year, month, day, leap=True) if leap else None)
        or to_gregorian(year, month, day)
        or (to_gregorian(year, month, 29) if day == 30 else None)
    )


def _lunar(day: date) -> tuple[int, int, int]:
    from lunar_python import Solar

    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return lunar.getYear(), lunar.getMonth(), lunar.getDay()
