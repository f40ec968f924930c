"""What an import would do, row by row, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from app.records.family_values import FamilyValues, in_word
from app.records.record import Field, Record, Value

Place = tuple[str, int]
"""A row of the file: its sheet and its number there."""

NEW, SKIP = "new", "skip"
"""What a user may decide for a doubtful row, beside the id of the person it is."""


class RowProblem(Protocol):
    """Something that reading the file found wrong with a row; ``str`` says where and what."""

    @property
    def severity(self) -> str: ...
    @property
    def message(self) -> str: ...


class ImportedRow(FamilyValues, Protocol):
    """One row of a file as values of record fields; ``app.exchange`` reads them."""

    @property
    def sheet(self) -> str: ...
    @property
    def row_number(self) -> int: ...
    @property
    def problems(self) -> Sequence[RowProblem]: ...


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DOUBTFUL = "doubtful"  # held back until the user decides
    REFUSED = "refused"


OUTCOME_LABELS: Mapping[Outcome, str] = {
    Outcome.NEW: "新增",
    Outcome.CHANGED: "有变化",
    Outcome.SAME: "没有变化",
    Outcome.DOUBTFUL: "可能重复，请您决定",
    Outcome.REFUSED: "不能导入",
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, in words; ``whose`` is 本人, 父亲 and so on, ``name`` the field's."""

    whose: str
    name: str
    label: str
    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the register who may be the person of the row, and why."""

    person: str
    name: str = field(repr=False)
    why: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What the import would do with one row. ``reasons`` say why it is doubtful or refused, or point something out."""

    row: ImportedRow = field(repr=False)
    outcome: Outcome
    person: str = ""
    changes: tuple[FieldChange, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    reasons: tuple[str, ...] = field(default=(), repr=False)
    to_verify: bool = False

    @property
    def place(self) -> Place:
        """Where the row stands in the file."""
        return self.row.sheet, self.row.row_number

    @property
    def name(self) -> str:
        """Whom the row is about."""
        return str(self.row.subject.get("name") or "")


@dataclass(slots=True)
class Draft:
    """A record that the import makes or changes; values that one row has settled are not changed by a later one."""

    cls: type[Record]
    id: str
    loaded: Record | None = None
    values: dict[str, Value] = field(default_factory=dict)

    def now(self, name: str) -> Value:
        """The value as the plan has it so far."""
        if name in self.values:
            return self.values[name]
        value: Value = getattr(self.loaded, name) if self.loaded else None
        return value

    def put(self, given: Mapping[str, Value]) -> list[tuple[str, Value, Value]]:
        """Lay a row's values over the record; what changed as (field, before, after), nothing for a fresh record."""
        if self.loaded is None and not self.values:
            self.values.update((name, value) for name, value in given.items() if value is not None and value != ())
            return []
        changed = []
        for name, value in given.items():
            before = self.now(name)
            after = _joined(name, before, value)
            if after == before or (name in self.values and before not in (None, ()) and not _grows(name, value)):
                continue
            self.values[name] = after
            changed.append((name, before, after))
        return changed

    def record(self) -> Record:
        """The record as it will be saved."""
        if self.loaded is None:
            filled: dict[str, Any] = {name: value for name, value in self.values.items() if value is not None}
            return self.cls(id="" if ">" in self.id else self.id, **filled)  # a tie gets its id when saved
        changed: dict[str, Any] = self.values
        return replace(self.loaded, **changed)


def _grows(name: str, value: Value) -> bool:
    return isinstance(value, tuple) or name == "note"


def _joined(name: str, before: Value, value: Value) -> Value:
    """Sets grow, notes are continued, anything else is replaced; an empty cell never empties a field."""
    if value is None or value == ():
        return before
    if isinstance(value, tuple):
        return _union(before if isinstance(before, tuple) else (), value)
    if name == "note" and isinstance(before, str) and isinstance(value, str):
        return before if value in before else f"{before}；{value}"
    return value


def _union(before: tuple[str, ...], added: tuple[str, ...]) -> tuple[str, ...]:
    """Both sets; a phone that is there with a word beside it is not added once more without."""
    known = {item.split(" ")[0] for item in before}
    return tuple(sorted({*before, *(item for item in added if item.split(" ")[0] not in known)}))


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A whole import, decided and not yet done. Nothing of it is written before ``apply_import``."""

    kind: str
    org: str
    rows: tuple[RowPlan, ...]
    drafts: tuple[Draft, ...] = field(default=(), repr=False)

    def counts(self) -> dict[Outcome, int]:
        """How many rows end how; every outcome is there."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def to_verify(self) -> int:
        """How many rows bring somebody whose number must be verified (证件号待核)."""
        return sum(row.to_verify for row in self.rows)

    def of(self, outcome: Outcome) -> tuple[RowPlan, ...]:
        """The rows that end so."""
        return tuple(row for row in self.rows if row.outcome is outcome)

    @property
    def refused(self) -> Mapping[Place, tuple[str, ...]]:
        """Rows that stay out, with the reasons, for the workbook that gives them back."""
        held = (Outcome.REFUSED, Outcome.DOUBTFUL)
        return {row.place: row.reasons for row in self.rows if row.outcome in held}


def told(field_: Field, value: Value) -> str:
    """A value in words, for old → new."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(in_word(field_, item) for item in value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return in_word(field_, str(value))
