"""What every printed form has: its name, its version, who it is about, and how its paper is handled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from app.paper.blocks import Composition

__all__ = ["Composition", "Handling", "PrintedForm", "Setting", "Subject"]


class Handling(StrEnum):
    """Whether the paper is carried about in a village, or goes to an authority or the file."""

    CARRIED = "carried"  # numbers are masked: a bag can be lost
    AUTHORITY = "authority"  # full and unmarked


class Subject(StrEnum):
    """What one sheet is about."""

    CHILD = "child"
    ELDER = "elder"
    PERSON = "person"  # a child or an elder
    REPORT = "report"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Setting:
    """How this printing is to be done."""

    masked: bool | None = None
    """None: as the form's handling says."""
    preview: bool = False
    """Required and empty fields are red; on paper they are blank."""
    practice: bool = False
    unit: str = ""
    """填报单位, such as the village committee."""
    today: date | None = None
    """The day of filling in; left to the pen when None."""
    filled_by: str = ""

    def for_form(self, form: PrintedForm) -> Setting:
        """The setting with the form's own masking where none was chosen."""
        if self.masked is not None:
            return self
        return replace(self, masked=form.handling is Handling.CARRIED)


class PrintedForm(NamedTuple):
    """One form. ``blank`` is the file that prints it empty; ``compose`` makes a sheet of a file."""

    name: str
    title: str
    version: str
    subject: Subject
    handling: Handling
    compose: Callable[[Any, Setting], Composition]
    blank: Any = None
    landscape: bool = False

    @property
    def can_be_blank(self) -> bool:
        """Whether an empty one is of use in the bag."""
        return self.blank is not None
