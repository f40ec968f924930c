"""Say for each column of a ledger whose field it holds, and how sure that is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from app.exchange.vocabulary import Meaning, Vocabulary, plain, vocabulary
from app.records.child import Child
from app.records.elder import Elder
from app.records.household import Household
from app.records.kinship import Kinship
from app.records.person import Person
from app.records.record import Field, Record

PARTS = ("subject", "father", "mother", "caregiver", "household")
PART_LABELS = {"father": "父亲", "mother": "母亲", "caregiver": "监护照料人", "household": "家庭"}
KIN = ("father", "mother", "caregiver")
PROFILES: Mapping[str, type[Record]] = {"child": Child, "elder": Elder}
SURE, BY_CONTEXT, A_GUESS, UNKNOWN = 1.0, 0.8, 0.6, 0.0
REPEATABLE = frozenset({"phones", "note", "help_measures", "categories"})
MADE_OF_SEVERAL: Mapping[str, str] = {
    "name+phones": "姓名和电话",
    "disability": "残疾类型和等级",
    "village": "村（社区）",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading from the top row down, such as ("父亲", "联系电话")."""

    column: int
    texts: tuple[str, ...]

    @property
    def label(self) -> str:
        """The heading as the mapping screen shows it."""
        return " · ".join(" ".join(text.split()) for text in self.texts)


@dataclass(frozen=True, slots=True)
class Guess:
    """Where a column goes: "father.phones", or "" for nowhere; confidence from 0 to 1, and why in words."""

    heading: Heading
    target: str
    confidence: float
    why: str = ""


def targets(kind: str) -> Mapping[str, str]:
    """Everything that a column can be mapped to for "child" or "elder", with its label, in reading order."""
    found: dict[str, str] = {}
    for part in PARTS:
        prefix = PART_LABELS.get(part, "")
        found.update({f"{part}.{name}": prefix + field.label for name, field in part_fields(kind, part).items()})
        own = MADE_OF_SEVERAL if part == "subject" else {} if part == "household" else {"name+phones": "姓名和电话"}
        found.update({f"{part}.{name}": prefix + label for name, label in own.items()})
    return found


@cache
def part_fields(kind: str, part: str) -> Mapping[str, Field]:
    """The record fields that a part of the row holds; a field of the profile goes before one of the person."""
    types: tuple[type[Record], ...] = (Person, Kinship)
    if part in ("subject", "household"):
        types = (Person, PROFILES[kind]) if part == "subject" else (Household,)
    own = {"org", "household", "photo", "same_as", "subject", "relative", "head"}
    return {name: field for cls in types for name, field in cls.spec.by_name.items() if name not in own}


def signature(headings: Sequence[Heading]) -> str:
    """A name for this set of headings in this order, under which a confirmed mapping is remembered."""
    texts = "|".join("/".join(plain(text) for text in heading.texts) for heading in headings)
    return hashlib.sha256(texts.encode()).hexdigest()[:24]


def suggest(
    headings: Sequence[Heading], kind: str = "child", remembered: Mapping[str, Sequence[str]] | None = None
) -> tuple[Guess, ...]:
    """A target for every column. A mapping that was confirmed for the same headings is taken as it was.

    ``remembered`` maps a signature to the targets of the columns in order.
    """
    known = (remembered or {}).get(signature(headings))
    if known is not None and len(known) == len(headings):
        return tuple(Guess(h, t, SURE, "和上次一样") for h, t in zip(headings, known, strict=True))
    reader = _Reader(kind, vocabulary())
    return tuple(reader.read(heading) for heading in headings)


class _Reader:
    """Reads headings from left to right, because "姓名、电话" after "父亲" are the father's."""

    def __init__(self, kind: str, words: Vocabulary) -> None:
        self.kind = kind
        self.words = words
        self.allowed = {part: part_fields(kind, part) for part in PARTS}
        self.taken: set[str] = set()
        self.current = ""

    def read(self, heading: Heading) -> Guess:
        if not heading.texts or self.words.is_ignored(heading.texts[-1]):
            return Guess(heading, "", SURE, "不用导入")
        meaning = self._meaning(heading)
        if meaning is None:
            self.current = ""
            return Guess(heading, "", UNKNOWN, "不认识这一列")
        return self._place(heading, meaning)

    def _meaning(self, heading: Heading) -> Meaning | None:
        above = self._part_above(heading)
        leaf = heading.texts[-1]
        found = self.words.meaning(leaf) or self.words.meaning("".join(heading.texts)) or self.words.likely(leaf)
        if found is None:
            return None
        if not found.field:
            return self._whole_part(found, leaf)
        if not found.part and above in found.parts:
            return Meaning(above, found.field, found.parts, found.likeness)
        return found

    def _part_above(self, heading: Heading) -> str:
        for text in reversed(heading.texts[:-1]):
            found = self.words.meaning(text)
            if found and found.part:
                return found.part
        return ""

    def _whole_part(self, found: Meaning, leaf: str) -> Meaning:
        """A column that is only called 父亲 holds his name; 父亲情况 says what has become of him."""
        if found.part in KIN and plain(leaf).endswith("情况"):
            return Meaning(found.part, "situation", KIN)
        return Meaning(found.part, "head_name" if found.part == "household" else "name", (found.part,))

    def _place(self, heading: Heading, meaning: Meaning) -> Guess:
        part, confidence, why = self._whose(meaning)
        target = f"{part}.{meaning.field}"
        if not self._fits(part, meaning.field):
            return Guess(heading, "", UNKNOWN, "这里不记这一项")
        if target in self.taken and meaning.field not in REPEATABLE:
            return Guess(heading, "", UNKNOWN, "和前面的列重复")
        self.taken.add(target)
        self.current = part if part != "subject" and (meaning.part or self.current == part) else ""
        if meaning.likeness < 1:
            confidence, why = min(confidence, round(meaning.likeness * A_GUESS, 2)), "看着像，请核对"
        return Guess(heading, target, confidence, why)

    def _whose(self, meaning: Meaning) -> tuple[str, float, str]:
        if meaning.part:
            return meaning.part, SURE, ""
        if self.current in meaning.parts and self._continues(meaning.field):
            return self.current, BY_CONTEXT, f"跟在「{PART_LABELS[self.current]}」后面"
        if meaning.field == "phones" and self.kind == "child" and "subject" in meaning.parts:
            return "household", BY_CONTEXT, "没写是谁的，当作家庭电话"
        first = meaning.parts[0]
        if first == "subject" or len(meaning.parts) == 1:
            return first, SURE, ""
        return first, A_GUESS, "没写是谁的，请核对"

    def _continues(self, field: str) -> bool:
        if field in self.words.close_fields:
            return True
        return field in self.words.kin_fields and f"subject.{field}" in self.taken

    def _fits(self, part: str, field: str) -> bool:
        name = field.partition("=")[0]
        return name in self.allowed[part] or (name in MADE_OF_SEVERAL and part != "household")
