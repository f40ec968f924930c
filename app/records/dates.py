"""Dates as the field writes them: typed in many ways, spreadsheet serials, lunar birthdays, and full years of age."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

SERIAL_START = date(1899, 12, 30)
"""Day 0 of spreadsheets' serial numbers after 1900-02-28 (they count a 29th of February 1900 that never was)."""

# 1927-05-18 to 2064-04-08: a plain number outside is an amount or an age rather than a day.
SERIAL_RANGE = range(10_000, 60_000)

_SEPARATED = re.compile(
    r"(\d{4})(?:\s*[.\-/\\年,。]\s*|\s+)(\d{1,2})(?:(?:\s*[.\-/\\月,。]\s*|\s+)(\d{1,2})\s*[日号]?)?\s*月?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_YEAR = re.compile(r"(\d{4})\s*年?")
_AROUND = re.compile(r"^(?:大约|大概|约)|(?:左右|前后|出生|生)$")
_SHORT_YEAR = re.compile(r"\d{2}\s*[.\-/年]\s*\d{1,2}\s*[.\-/月]\s*\d{1,2}\s*日?")
_CLOCK = re.compile(r"(?:\s+|T)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_WEEKDAY = re.compile(r"[（(]?(?:星期|周)[一二三四五六日天][)）]?$")
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_LUNAR_WORDS = ("农历", "阴历", "旧历", "腊月", "正月", "冬月", "初", "廿", "闰")


@dataclass(frozen=True, slots=True)
class DateReading:
    """What a cell says. ``precision`` is a code of ``birth_precision``; a month or year stands for its first day.

    ``day`` is None when it cannot be told, with ``reason`` in Chinese. ``lunar_text`` is what was given in the
    lunar calendar: with a year it has a Gregorian ``day``, without one it only goes with a date that is known.
    """

    day: date | None
    precision: str = "day"
    lunar_text: str = ""
    reason: str = ""


def read_date(cell: str | int | float | date | None) -> DateReading:
    """Read a day from a cell of a spreadsheet or from what somebody typed."""
    if isinstance(cell, datetime):
        return DateReading(cell.date())
    if isinstance(cell, date):
        return DateReading(cell)
    if isinstance(cell, (int, float)):
        return _read_number(cell)
    return _read_text(cell or "")


def full_age(born: date, on: date) -> int:
    """周岁: a year is complete on the day after the birthday (domain.md, 6.5), never below 0."""
    return max(0, on.year - born.year - ((on.month, on.day) <= (born.month, born.day)))


def turns(born: date, age: int) -> date:
    """The first day on which somebody has the age: the day after the birthday; 29 February counts as 1 March."""
    return birthday(born, born.year + age) + timedelta(days=1)


def birthday(born: date, year: int) -> date:
    """The birthday in a year; who was born on 29 February has it on the 28th of a common year."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def chinese_date(day: date) -> str:
    """2026年11月24日, as letters and forms write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def _read_number(number: int | float) -> DateReading:
    if number != number or abs(number) > 1e9:
        return DateReading(None, reason="不是日期")
    whole = int(number)
    if whole in SERIAL_RANGE:
        return DateReading(SERIAL_START + timedelta(days=whole))
    if number == whole:
        return _read_text(str(whole))
    return _read_text(str(number))  # 1990.5 in a number cell: May, though 1990.10 has become 1990.1


def _read_text(text: str) -> DateReading:
    plain = _plain(text)
    if not plain:
        return DateReading(None, reason="没有填")
    if any(word in plain for word in _LUNAR_WORDS):
        return _read_lunar(plain)
    plain = _western_digits(plain)
    if len(plain) == 5 and plain.isdecimal() and int(plain) in SERIAL_RANGE:
        return _read_number(int(plain))
    for pattern in (_SEPARATED, _COMPACT, _YEAR):
        if match := pattern.fullmatch(plain):
            return _from_parts(*match.groups())
    if _SHORT_YEAR.fullmatch(plain):
        return DateReading(None, reason=f"「{text.strip()}」的年份只有两位，请写成四位")
    return DateReading(None, reason=f"「{text.strip()}」看不出是哪一天")


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("'")
    plain = _AROUND.sub("", _WEEKDAY.sub("", _CLOCK.sub("", plain)).strip())
    return plain.replace("公历", "").replace("阳历", "").strip(" 。.") if len(plain) > 4 else plain


def _from_parts(year: str, month: str | None = None, day: str | None = None) -> DateReading:
    precision = "day" if day else "month" if month else "year"
    try:
        found = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return DateReading(None, reason=f"没有 {'-'.join(filter(None, (year, month, day)))} 这一天")
    if not 1850 <= found.year <= 2200:
        return DateReading(None, reason=f"年份 {year} 不对")
    return DateReading(found, precision)


def _western_digits(text: str) -> str:
    """二〇一五年四月十二日 with western digits; text without Chinese numerals comes back as it is."""

    def value(match: re.Match[str]) -> str:
        tens, ones = match[1], match[2]
        return str((_digit(tens) if tens else 1) * 10 + (_digit(ones) if ones else 0))

    text = re.sub(r"([二三])?十([一二三四五六七八九])?", value, text)
    return text.translate(_CHINESE_DIGITS)


def _digit(numeral: str) -> int:
    return int(numeral.translate(_CHINESE_DIGITS))


def _read_lunar(text: str) -> DateReading:
    from app.records.lunar import read_lunar  # the calendar's tables are slow to import

    reading = read_lunar(text)
    if reading is None:
        return DateReading(None, reason=f"「{text}」看不出是农历哪一天")
    if reading.day is None and reading.year is not None:
        return DateReading(None, lunar_text=reading.text, reason=f"那一年没有{reading.text}这一天")
    reason = "" if reading.day else "只有农历月日，没有年份"
    return DateReading(reading.day, lunar_text=reading.text, reason=reason)
