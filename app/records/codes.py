"""The code lists of the field: what may be chosen, what it is called, and what people write instead."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from app.paths import resource

MARKS = {
    "S": "found in a source",
    "K": "general knowledge, not checked against a text",
    "U": "uncertain, to be confirmed by the county",
    "D": "our own choice",
}
"""How well a list or an entry is founded."""


@dataclass(frozen=True, slots=True)
class Code:
    """One choice. ``retired_on`` is the first day on which it can no longer be chosen; it stays readable."""

    code: str
    label: str
    synonyms: tuple[str, ...] = ()
    short: str = ""
    mark: str = ""
    retired_on: date | None = None

    def __post_init__(self) -> None:
        if not self.short:
            object.__setattr__(self, "short", self.label)


@dataclass(frozen=True, slots=True)
class CodeList:
    """The choices of one kind, in the order in which they are offered."""

    name: str
    title: str
    source: str
    mark: str
    items: tuple[Code, ...]
    _by_code: Mapping[str, Code] = field(init=False, repr=False, compare=False)
    _by_word: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words: dict[str, str] = {}
        for item in self.items:
            for word in (item.code, item.label, item.short, *item.synonyms):
                words.setdefault(_plain(word), item.code)
        object.__setattr__(self, "_by_code", {item.code: item for item in self.items})
        object.__setattr__(self, "_by_word", words)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[Code]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def get(self, code: str | None) -> Code | None:
        """The entry, retired ones included; None for a code that this list never had."""
        return None if code is None else self._by_code.get(code)

    def label(self, code: str | None) -> str:
        """What to show for a code; a code of a newer desk shows as it is, so that nothing disappears."""
        item = self.get(code)
        return item.label if item else code or ""

    def short(self, code: str | None) -> str:
        """What to show where there is little room."""
        item = self.get(code)
        return item.short if item else code or ""

    def code_of(self, text: str) -> str | None:
        """The code that somebody meant by a code, a label or a usual word; None if it is not known."""
        return self._by_word.get(_plain(text))

    def current(self, on: date) -> tuple[Code, ...]:
        """The choices that may still be made on a day."""
        return tuple(item for item in self.items if item.retired_on is None or on < item.retired_on)


def code_list(name: str) -> CodeList:
    """The list of this name. Raises KeyError for a name that no data file defines."""
    return _all_lists()[name]


def code_list_names() -> tuple[str, ...]:
    """Every list there is, in the order of the data files."""
    return tuple(_all_lists())


def _plain(text: str) -> str:
    """The word without the differences that typing makes: width, blanks, case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


@cache
def _all_lists() -> Mapping[str, CodeList]:
    lists: dict[str, CodeList] = {}
    for path in sorted(resource("data", "codes").glob("*.json")):
        content: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        lists.update((name, _read_list(name, entry)) for name, entry in content.items())
    return lists


def _read_list(name: str, entry: dict[str, Any]) -> CodeList:
    items = tuple(_read_code(row, entry["mark"]) for row in entry["entries"])
    return CodeList(name, entry["title"], entry["source"], entry["mark"], items)


def _read_code(row: dict[str, Any], mark: str) -> Code:
    retired = row.get("retired_on")
    return Code(
        code=row["code"],
        label=row["label"],
        synonyms=tuple(row.get("synonyms", ())),
        short=row.get("short", ""),
        mark=row.get("mark", mark),
        retired_on=date.fromisoformat(retired) if retired else None,
    )
