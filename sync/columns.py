"""Many alike things side by side: columns compress twice as well as rows, and decode faster (sync.md, The exchange)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from sync.descent import OWN, Stamp

_HEX = re.compile(r"[0-9a-f]*").fullmatch

Column = Any
"""What stands for a list of values in a message: the list itself, or a shorter form of it (see ``pack``)."""


def pack(values: Sequence[Any]) -> Column:
    """A list of JSON values, None where there is none: ids as bytes, groups as a column for each of their fields."""
    filled = values if None not in values else [value for value in values if value is not None]
    if _are_ids(filled):
        return {"ids": bytes.fromhex("".join(filled)), "gaps": _gaps(values)}
    if filled and all(type(value) is dict and value and _is_plain(value) for value in filled):
        names = sorted({name for value in filled for name in value})
        whole = [value or {} for value in values]
        fields = {name: pack(_of_each(whole, name)) for name in names}
        return {"fields": fields}
    return list(values)


def unpack(column: Column, count: int) -> list[Any]:
    """The list that ``pack`` was given; ValueError if it is not ``count`` long."""
    values: Any = column
    if isinstance(column, dict):
        values = _unpack_ids(column, count) if "ids" in column else _unpack_fields(column["fields"], count)
    if not isinstance(values, list) or len(values) != count:
        raise ValueError("a column is not as long as its table")
    return values


def check_count(count: Any, column: Sequence[Any]) -> None:
    """Whether a table is as long as it says, asked before any list is made: the number alone costs its writer nothing.
    Raises ValueError."""
    if type(column) is not list or len(column) != count:
        raise ValueError("a table is not as long as it says")


def _are_ids(values: Sequence[Any]) -> bool:
    """Whether all are ids; asked of all together, for a first exchange has a hundred thousand."""
    if not values or type(values[0]) is not str or len(values[0]) != 32:
        return False  # nearly every column
    return set(map(type, values)) == {str} and set(map(len, values)) == {32} and bool(_HEX("".join(values)))


def _is_plain(value: Mapping[Any, Any]) -> bool:
    return all(type(name) is str and inner is not None for name, inner in value.items())


def _gaps(values: Sequence[Any]) -> list[int]:
    return deltas([place for place, value in enumerate(values) if value is None])


def _unpack_ids(column: Mapping[str, Any], count: int) -> list[Any]:
    text = column["ids"].hex()
    ids: list[Any] = [text[at : at + 32] for at in range(0, len(text), 32)]
    gaps = set(sums(column["gaps"]))
    if not gaps:
        return ids
    found = iter(ids)
    return [None if place in gaps else next(found) for place in range(count)]


def _unpack_fields(fields: Mapping[str, Column], count: int) -> list[Any]:
    values: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, column in fields.items():
        for value, inner in zip(values, unpack(column, count), strict=True):
            if inner is not None:
                value[name] = inner
    return [value or None for value in values]


def deltas(numbers: Iterable[int]) -> list[int]:
    """Each number less the one before it."""
    found, last = [], 0
    for number in numbers:
        found.append(number - last)
        last = number
    return found


def sums(steps: Iterable[int]) -> list[int]:
    """The numbers that ``deltas`` was given."""
    found, last = [], 0
    for step in steps:
        last += step
        found.append(last)
    return found


class Words:
    """Short texts that come up again and again, each written once per message."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.listed = list(known)
        self._places = {word: place for place, word in enumerate(self.listed)}

    def place(self, word: str) -> int:
        """Where the word stands in the list; it is put there when it is new."""
        place = self._places.get(word)
        if place is None:
            place = self._places[word] = len(self.listed)
            self.listed.append(word)
        return place

    def pack(self, words: Sequence[str]) -> Column:
        """A column of words: their places, or one place when all are the same."""
        if len(set(words)) == 1:
            return self.place(words[0])
        return [self.place(word) for word in words]

    def unpack(self, column: Column, count: int) -> list[str]:
        """The words of a column."""
        if isinstance(column, int):
            return [self.listed[column]] * count
        if len(column) != count:
            raise ValueError("a column is not as long as its table")
        return [self.listed[place] for place in column]

    def pack_stamps(self, stamps: Sequence[Stamp]) -> Column:
        """A column of stamps ``epoch:seq``, own bases ``~n`` and empty ones: a word and a number each."""
        parted = [(stamp, stamp.partition(":")) for stamp in stamps]
        split = [(epoch + sign, int(number)) if sign else _split(stamp) for stamp, (epoch, sign, number) in parted]
        return [self.pack([head for head, _ in split]), deltas(number for _, number in split)]

    def unpack_stamps(self, column: Column, count: int) -> list[Stamp]:
        """The stamps of a column."""
        heads, steps = column
        numbers = sums(steps)
        if len(numbers) != count:
            raise ValueError("a column is not as long as its table")
        return [
            f"{head}{number}" if head else "" for head, number in zip(self.unpack(heads, count), numbers, strict=True)
        ]


def _split(base: Stamp) -> tuple[str, int]:
    return (OWN, int(base[1:])) if base else ("", 0)


def pack_maps(maps: Sequence[Mapping[str, Any]], *, with_none: bool = False) -> Column:
    """Mappings as one column for each name; ``with_none`` tells a name that maps to None from one that is missing."""
    columns = {name: _of_each(maps, name) for name in dict.fromkeys(chain.from_iterable(maps))}
    packed = {name: pack(values) for name, values in columns.items()}
    if not with_none:
        return packed
    emptied = {
        name: deltas(place for place, each in enumerate(maps) if name in each and each[name] is None)
        for name, values in columns.items() if None in values
    }  # fmt: skip
    return [packed, {name: places for name, places in emptied.items() if places}]


def _of_each(maps: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), maps))
    except KeyError:
        return [each.get(name) for each in maps]


def unpack_maps(column: Column, count: int, *, with_none: bool = False) -> list[dict[str, Any]]:
    """The mappings that ``pack_maps`` was given."""
    packed, emptied = column if with_none else (column, {})
    maps: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, inner in packed.items():
        for each, value in zip(maps, unpack(inner, count), strict=True):
            if value is not None:
                each[name] = value
    for name, places in emptied.items():
        for place in sums(places):
            maps[place][name] = None
    return maps
