"""The order of village groups: 二组 before 十组, 2组 before 10组, whichever way the number is written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_NUMBER = re.compile("[0-9]+|[〇零一二两三四五六七八九十百]+")


@lru_cache(maxsize=4096)
def group_order(name: str) -> str:
    """A text to sort groups by: numbers come first and in their order, names without one after them."""
    plain = unicodedata.normalize("NFKC", name).strip().removeprefix("第")
    return _NUMBER.sub(lambda found: f"{_value(found[0]):06d}", plain, count=1)


def _value(number: str) -> int:
    """1431, 二十一 or 一百零三 as an integer; digits that merely follow each other (二〇三) are read one by one."""
    if number.isdecimal():
        return int(number)
    if not set(number) & {"十", "百"}:
        return int("".join(str(_DIGITS[digit]) for digit in number))
    total, digit = 0, 0
    for character in number:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit
