"""One person's file: the records that belong together when somebody looks at, or prints, a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from app.records.child import Child
from app.records.child_visit import ChildVisit
from app.records.elder import Elder
from app.records.elder_visit import ElderVisit
from app.records.household import Household
from app.records.kinship import Kinship
from app.records.person import Person

FATHER, MOTHER = "51", "52"
GRANDPARENTS = {"祖父": "61", "祖母": "62", "外祖父": "63", "外祖母": "64"}
"""GB/T 4761, read from the child: code of the relation by its word."""


class Relative(NamedTuple):
    """A relative and the tie."""

    person: Person
    kinship: Kinship


@dataclass(frozen=True, slots=True)
class PersonFile:
    """What any form needs of a person; places are spelt out, for a form has no register of divisions."""

    person: Person = field(default_factory=Person)
    household: Household | None = None
    relatives: tuple[Relative, ...] = ()
    registered_place: str = ""
    current_place: str = ""
    village: str = ""
    number: str = ""
    """The sheet's short number, when one was given out."""

    def related(self, code: str) -> Relative | None:
        """The first relative of this relation."""
        return next((relative for relative in self.relatives if relative.kinship.relation == code), None)

    def caregivers(self) -> Iterator[Relative]:
        """Who looks after the person; first of all who is said to, then a guardian who lives there."""
        yield from (relative for relative in self.relatives if relative.kinship.is_caregiver)
        yield from (
            relative
            for relative in self.relatives
            if relative.kinship.is_guardian and relative.kinship.lives_with and not relative.kinship.is_caregiver
        )

    @property
    def caregiver(self) -> Relative | None:
        """Whom the form names as the one who looks after the person."""
        return next(self.caregivers(), None)


@dataclass(frozen=True, slots=True)
class ChildFile(PersonFile):
    """A child; ``visit`` is the visit to print, ``last`` the one before it."""

    child: Child = field(default_factory=Child)
    visit: ChildVisit | None = None
    last: ChildVisit | None = None
    reason: str = ""
    """Why the visit is due, in the words of 今日."""


@dataclass(frozen=True, slots=True)
class ElderFile(PersonFile):
    """An elder; ``visit`` is the visit to print, ``last`` the one before it."""

    elder: Elder = field(default_factory=Elder)
    visit: ElderVisit | None = None
    last: ElderVisit | None = None
    reason: str = ""
