"""Which columns an export has, in which order, under which headings: kept by the user, plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.exchange.headings import targets

DEFAULT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "child": (
        "subject.name", "subject.sex", "subject.ethnic_group", "subject.birth_date", "subject.id_number",
        "subject.village_group", "subject.categories", "subject.risk_level", "subject.school", "subject.grade",
        "subject.boards_at_school", "subject.health", "subject.current_address", "father.name", "father.id_number",
        "father.phones", "father.situation", "father.work_place", "mother.name", "mother.id_number", "mother.phones",
        "mother.situation", "mother.work_place", "caregiver.name", "caregiver.relation", "caregiver.phones",
        "household.head_name", "household.address", "household.phones", "subject.help_measures", "subject.note",
    ),
    "elder": (
        "subject.name", "subject.sex", "subject.ethnic_group", "subject.birth_date", "subject.id_number",
        "subject.village_group", "subject.categories", "subject.risk_level", "subject.living_situation",
        "subject.self_care", "subject.health", "subject.phones", "subject.current_address",
        "subject.emergency_contacts", "household.head_name", "household.address", "subject.help_measures",
        "subject.note",
    ),
}  # fmt: skip
WIDTHS = {"name": 10, "sex": 6, "id_number": 21, "birth_date": 12, "phones": 15, "address": 28, "note": 28}
USUAL_WIDTH = 13


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``width`` in characters."""

    target: str
    heading: str
    width: float = USUAL_WIDTH


@dataclass(frozen=True, slots=True)
class Layout:
    """A named set of columns for "child" or "elder"."""

    name: str
    kind: str
    columns: tuple[Column, ...]

    def to_json(self) -> dict[str, Any]:
        """The layout as the store keeps it."""
        columns = [{"target": c.target, "heading": c.heading, "width": c.width} for c in self.columns]
        return {"name": self.name, "kind": self.kind, "columns": columns}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Layout:
        """A kept layout; columns that this version does not know are left out."""
        known = targets(found["kind"])
        columns = [Column(c["target"], c["heading"], c["width"]) for c in found["columns"] if c["target"] in known]
        return cls(found["name"], found["kind"], tuple(columns))


def layout_of(kind: str, chosen: Sequence[str] = (), name: str = "常用") -> Layout:
    """A layout of these targets under their usual headings; without any, the usual columns."""
    labels = targets(kind)
    columns = [Column(target, labels[target], _width(target)) for target in chosen or DEFAULT_COLUMNS[kind]]
    return Layout(name, kind, tuple(columns))


def _width(target: str) -> float:
    name = target.partition(".")[2]
    return next((width for word, width in WIDTHS.items() if name.endswith(word)), USUAL_WIDTH)
