"""Administrative divisions: 12-digit codes, their names, what lies within what, and what a code was before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from app.paths import resource

PRACTICE_COUNTY = "539900000000"
"""The invented county; no real code begins with 5399."""


class Level(StrEnum):
    """Codes of ``division_level``; a village group is text below the village and has no code."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


_PREFIX = {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6, Level.TOWN: 9, Level.VILLAGE: 12}


@dataclass(frozen=True, slots=True)
class Division:
    """One division. ``predecessors`` are codes whose place it took; ``successor`` took its own."""

    code: str
    name: str
    level: Level
    full_name: str = ""
    initials: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    predecessors: tuple[str, ...] = ()
    successor: str | None = None

    def is_valid(self, on: date) -> bool:
        """Whether it exists on a day; unknown bounds are open."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


class Divisions:
    """A list of divisions, such as the shipped one or a county's own."""

    def __init__(self, rows: Iterable[Division]) -> None:
        self._by_code = {row.code: row for row in sorted(rows, key=lambda row: row.code)}
        self._link()
        self._children: dict[str, list[Division]] = {}
        for row in self._by_code.values():
            if row.valid_to is None:
                self._children.setdefault(parent_code(row.code) or "", []).append(row)

    def __iter__(self) -> Iterator[Division]:
        return iter(self._by_code.values())

    def get(self, code: str) -> Division | None:
        """The division, abolished ones included."""
        return self._by_code.get(code)

    def children(self, code: str) -> tuple[Division, ...]:
        """The divisions right below, as they are today, in the order of their codes."""
        return tuple(self._children.get(code, ()))

    def search(self, text: str, within: str = "", limit: int = 20) -> tuple[Division, ...]:
        """Divisions by name parts (雨河 龙井), pinyin initials (ljc) or the first digits of the code.

        Names that begin with the text come first, villages before the townships they lie in.
        """
        words = text.lower().split()
        found = [row for row in self._by_code.values() if words and _fits(row, words) and is_within(row.code, within)]
        found.sort(key=lambda row: (not row.name.startswith(words[-1]), row.valid_to is not None, row.code))
        return tuple(found[:limit])

    def _link(self) -> None:
        """Fill in full names and predecessors, which follow from the rows together."""
        before: dict[str, list[str]] = {}
        for row in self._by_code.values():
            if row.successor:
                before.setdefault(row.successor, []).append(row.code)
        for code, row in self._by_code.items():
            above = self._by_code.get(parent_code(code) or "")
            full = (above.full_name if above else "") + row.name
            found = tuple(before.get(code, row.predecessors))
            self._by_code[code] = replace(row, full_name=full, predecessors=found)


def division(code: str) -> Division | None:
    """The division of a 12-digit code, abolished ones included; None if the data do not know it."""
    return _list_of(code).get(code)


def children(code: str) -> tuple[Division, ...]:
    """The divisions right below a code."""
    return _list_of(code).children(code)


def search(text: str, within: str = "", limit: int = 20) -> tuple[Division, ...]:
    """See ``Divisions.search``; the practice county is found only within itself."""
    return _list_of(within).search(text, within, limit)


def full_name(code: str | None) -> str:
    """云南省昭通市镇雄县雨河镇龙井村; a code that is not known shows as it is."""
    found = division(code) if code else None
    return found.full_name if found else code or ""


def short_name(code: str | None) -> str:
    """龙井村; a code that is not known shows as it is."""
    found = division(code) if code else None
    return found.name if found else code or ""


def level_of(code: str) -> Level:
    """What a 12-digit code names, from its zeros; the practice county is one although it looks like a city."""
    if code == PRACTICE_COUNTY:
        return Level.COUNTY
    return next(level for level in Level if set(code[_PREFIX[level] :]) <= {"0"})


def parent_code(code: str) -> str | None:
    """The code one level up, or None above the province."""
    levels = list(Level)
    place = levels.index(level_of(code))
    if code == PRACTICE_COUNTY or place == 0:
        return None
    above = code[: _PREFIX[levels[place - 1]]]
    return above.ljust(12, "0")


def county_of(code: str) -> str:
    """The county in which a division lies, or which it is."""
    while level_of(code) in (Level.TOWN, Level.VILLAGE) and (above := parent_code(code)):
        code = above
    return code


def subtree_prefix(code: str) -> str:
    """What every code within the division begins with; the empty code means everywhere."""
    return code[: _PREFIX[level_of(code)]] if code else ""


def common_prefix(codes: Iterable[str]) -> str:
    """What every code within any of the divisions begins with."""
    prefixes = [subtree_prefix(code) for code in codes]
    first, last = min(prefixes), max(prefixes)
    same = next((at for at, digit in enumerate(first) if not last.startswith(digit, at)), len(first))
    return first[:same]


def is_within(code: str, subtree: str) -> bool:
    """Whether a division is the other one or lies in it."""
    return code.startswith(subtree_prefix(subtree))


def is_practice(code: str) -> bool:
    """Whether a code belongs to the invented county."""
    return is_within(code, PRACTICE_COUNTY)


def is_code(text: str) -> bool:
    """Whether a text has the form of a division code."""
    return len(text) == 12 and text.isascii() and text.isdecimal()


def _fits(row: Division, words: list[str]) -> bool:
    return all(
        word in row.full_name or row.initials.startswith(word) or (word.isdecimal() and row.code.startswith(word))
        for word in words
    )


def _list_of(code: str) -> Divisions:
    return _practice() if code and is_practice(code) else _shipped()


@cache
def _shipped() -> Divisions:
    return Divisions(_read("divisions.json"))


@cache
def _practice() -> Divisions:
    return Divisions(_read("divisions-practice.json"))


def _read(name: str) -> list[Division]:
    content: Mapping[str, Any] = json.loads(resource("data", name).read_text(encoding="utf-8"))
    rows = [Division(code, label, level_of(code), initials=initials) for code, label, initials in content["divisions"]]
    return rows + [_abolished(entry) for entry in content["abolished"]]


def _abolished(entry: Mapping[str, str]) -> Division:
    code = entry["code"]
    return Division(
        code,
        entry["name"],
        level_of(code),
        valid_to=date.fromisoformat(entry["valid_to"]),
        successor=entry["successor"],
    )
