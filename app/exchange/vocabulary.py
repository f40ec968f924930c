"""The words that ledgers use in their headings, and what each of them can mean."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from app.paths import resource

NOISE = re.compile(r"[\s*＊:：,，、.。;；/／|_\-—()\[\]【】〔〕<>《》“”\"'?？!！№]+")
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
CLOSE_ENOUGH = 0.72


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one text of a heading says: whose (``part``, empty if it does not say) and what (``field``)."""

    part: str = ""
    field: str = ""
    parts: tuple[str, ...] = ()
    likeness: float = 1.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words by what they mean. ``fields`` gives for each word its field and whose it can be."""

    fields: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
    part_words: tuple[tuple[str, str], ...]
    part_endings: frozenset[str]
    ignored: frozenset[str]
    kin_fields: frozenset[str]
    close_fields: frozenset[str]

    def knows(self, text: str) -> bool:
        """Whether the text is a heading for sure."""
        word = plain(text)
        return word in self.ignored or self.meaning(text) is not None

    def is_ignored(self, text: str) -> bool:
        """Whether this is a column that holds nothing to keep, such as the row's number."""
        return plain(text) in self.ignored

    def meaning(self, text: str) -> Meaning | None:
        """What the text means, exactly; None if it is not known."""
        for word in (plain(text), plain(BRACKETED.sub("", unicodedata.normalize("NFKC", text)))):
            if word and (found := self._exact(word) or self._with_part(word)):
                return found
        return None

    def likely(self, text: str) -> Meaning | None:
        """What the text resembles; None if nothing comes near."""
        part, rest = self._without_part(plain(text))
        words = get_close_matches(rest, self.fields, n=1, cutoff=CLOSE_ENOUGH) if len(rest) > 1 else []
        if not words:
            return None
        field, parts = self.fields[words[0]][0]
        likeness = 2.0 * len(set(rest) & set(words[0])) / (len(set(rest)) + len(set(words[0])))
        return Meaning(part, field, parts, likeness)

    def _exact(self, word: str, part: str = "") -> Meaning | None:
        for field, parts in self.fields.get(word, ()):
            if not part or part in parts:
                return Meaning(part, field, parts)
        return None

    def _with_part(self, word: str) -> Meaning | None:
        for part_word, part in self.part_words:
            if not word.startswith(part_word) and not word.endswith(part_word):
                continue
            rest = word.removeprefix(part_word) if word.startswith(part_word) else word.removesuffix(part_word)
            if not rest or rest in self.part_endings:
                return Meaning(part, "")
            if found := self._exact(rest, part) or self._exact(rest.removeprefix("的"), part):
                return found
        return None

    def _without_part(self, word: str) -> tuple[str, str]:
        for part_word, part in self.part_words:
            if word.startswith(part_word) and len(part_word) > 1 and word != part_word:
                return part, word.removeprefix(part_word)
        return "", word


def plain(text: str) -> str:
    """A heading without widths, blanks, stars and brackets."""
    return NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


@cache
def vocabulary() -> Vocabulary:
    """The words of the data file; read once."""
    found: dict[str, Any] = json.loads(resource("data", "headings.json").read_text(encoding="utf-8"))
    fields: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for entry in found["fields"]:
        for word in entry["words"]:
            fields.setdefault(plain(word), []).append((entry["field"], tuple(entry["parts"])))
    part_words = [(plain(word), part) for part, words in found["parts"].items() for word in words]
    return Vocabulary(
        fields={word: tuple(meanings) for word, meanings in fields.items()},
        part_words=tuple(sorted(part_words, key=lambda pair: -len(pair[0]))),
        part_endings=frozenset(found["part_endings"]),
        ignored=frozenset(plain(word) for word in found["ignored"]),
        kin_fields=frozenset(found["kin_fields"]),
        close_fields=frozenset(found["close_fields"]),
    )
