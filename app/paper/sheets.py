"""What the forms are given beside a person's file: a report, a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from app.records.files import FATHER, GRANDPARENTS, MOTHER, ChildFile, ElderFile, PersonFile, Relative

__all__ = [
    "FATHER", "GRANDPARENTS", "MOTHER", "ChildFile", "Column", "ElderFile", "PersonFile", "RegisterList", "Relative",
    "ReportFile",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A mandatory report as far as it is known; the report itself is written by hand."""

    child: ChildFile = field(default_factory=ChildFile)
    number: str = ""


class ColumnKind(StrEnum):
    """What a column holds: numbers and days have a width of their own, and two kinds can be masked."""

    WORDS = "words"
    SHORT = "short"  # a word or a figure, centred
    ID_NUMBER = "id_number"
    PHONE = "phone"
    DAY = "day"


class Column(NamedTuple):
    """A column of a printed list. ``wide`` shares out what the columns of fixed width leave."""

    heading: str
    wide: float = 1.0
    kind: ColumnKind = ColumnKind.WORDS


class RegisterList(NamedTuple):
    """A landscape list: its title, its columns, its rows as words."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    subtitle: str = ""
    counted: str = "人"
