"""What people type when they mean a day."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

WORDS = {"今天": 0, "今": 0, "jt": 0, "昨天": 1, "昨": 1, "zt": 1, "前天": 2, "前": 2, "qt": 2}
"""Words and pinyin initials, and how many days back they mean."""

WEEKDAYS = "一二三四五六日"


def read_day(text: str, today: date, *, ahead: bool = False) -> date | None:
    """The day somebody meant, or None: 今天, 5, 3.5, 0305, 2026.3.5, 20260305, 2026年3月5日.

    Without a year it is the last such day that has been, or with ``ahead`` the next one to come.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if plain in WORDS:
        return today - timedelta(days=WORDS[plain])
    numbers = re.findall(r"\d+", plain)
    if not numbers or re.search(r"[^\d.\-/年月日号 ,、]", plain):
        return None
    return _from_numbers(_split(numbers), today, ahead)


def say_day(day: date) -> str:
    """The day as it is read aloud, with its weekday, so that a slip shows."""
    return f"{day.year}年{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"


def _split(numbers: list[str]) -> list[int]:
    """Digits without separators are year, month and day in their usual widths."""
    if len(numbers) == 1:
        digits = numbers[0]
        if len(digits) == 8:
            numbers = [digits[:4], digits[4:6], digits[6:]]
        elif len(digits) == 4:
            numbers = [digits[:2], digits[2:]]
        elif len(digits) == 3:
            numbers = [digits[:1], digits[1:]]
    return [int(number) for number in numbers]


def _from_numbers(numbers: list[int], today: date, ahead: bool) -> date | None:
    if len(numbers) == 3:
        year, month, day = numbers
        return _day(year + 2000 if year < 100 else year, month, day)
    if len(numbers) == 2:
        return _nearest([(today.year + step, *numbers) for step in (0, 1 if ahead else -1)], today, ahead)
    if len(numbers) == 1:
        neighbour = _month_beside(today, 1 if ahead else -1)
        months = [(today.year, today.month), neighbour]
        return _nearest([(year, month, numbers[0]) for year, month in months], today, ahead)
    return None


def _nearest(candidates: list[tuple[int, ...]], today: date, ahead: bool) -> date | None:
    days = [found for found in (_day(*candidate) for candidate in candidates) if found]
    fitting = [day for day in days if (day >= today if ahead else day <= today)]
    return next(iter(fitting or days), None)


def _month_beside(today: date, step: int) -> tuple[int, int]:
    months = today.year * 12 + today.month - 1 + step
    return months // 12, months % 12 + 1


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
