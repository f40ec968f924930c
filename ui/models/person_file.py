"""Everything a person's page shows, gathered in one go off the window's thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.records.attachment import Attachment
from app.records.child import Child
from app.records.child_visit import ChildVisit
from app.records.elder import Elder
from app.records.elder_visit import ElderVisit
from app.records.household import Household
from app.records.kinship import Kinship
from app.records.person import Person
from app.records.record import Record
from app.records.sheet import Sheet
from app.records.stay import Stay

if TYPE_CHECKING:
    from app.store.reader import Reader
    from app.store.results import Change, Draft


PARENT_CODES = frozenset({"50", "51", "52", "57", "58", "59"})
"""GB/T 4761: father, mother and those in their place."""


@dataclass(frozen=True, slots=True)
class Kin:
    """How another person stands to this one; ``kinship`` is None for somebody who only lives in the household."""

    person: Person
    kinship: Kinship | None = None
    relation: str | None = None

    @property
    def is_caregiver(self) -> bool:
        """Whether this relative looks after the person."""
        return bool(self.kinship and self.kinship.is_caregiver)


@dataclass(frozen=True, slots=True)
class PersonFile:
    """One person with all that hangs on them; ``cared_for`` are those who name this person as their relative."""

    person: Person
    child: Child | None
    elder: Elder | None
    household: Household | None
    kin: tuple[Kin, ...]
    siblings: tuple[Person, ...]
    housemates: tuple[Person, ...]
    cared_for: tuple[Kin, ...]
    stays: tuple[Stay, ...]
    child_visits: tuple[ChildVisit, ...]
    elder_visits: tuple[ElderVisit, ...]
    attachments: tuple[Attachment, ...]
    sheets: tuple[Sheet, ...]
    drafts: tuple[Draft, ...]
    changes: tuple[Change, ...]
    portrait: bytes = b""
    registrations: int = 1
    """How many times the person was registered; they are one now."""

    @property
    def editable(self) -> tuple[Record, ...]:
        """What sections of the page may change: the person, the profiles, the household."""
        return (*self.records, *([self.household] if self.household else []))

    @property
    def records(self) -> tuple[Record, ...]:
        """The person and the profiles."""
        return tuple(each for each in (self.person, self.child, self.elder) if each is not None)

    @property
    def visits(self) -> tuple[ChildVisit | ElderVisit, ...]:
        """All visits, the last one first."""
        every: list[ChildVisit | ElderVisit] = [*self.child_visits, *self.elder_visits]
        return tuple(sorted(every, key=lambda visit: visit.visited_on or date.min, reverse=True))

    @property
    def ended(self) -> str:
        """Why this person is no longer visited, in words; empty while they are."""
        if self.person.died_on:
            return f"{self.person.died_on.isoformat()} 去世"
        if self.person.moved_out_on:
            return f"{self.person.moved_out_on.isoformat()} 迁出"
        gone = next((profile for profile in (self.child, self.elder) if profile and profile.exited_on), None)
        return f"{gone.exited_on.isoformat()} 退出" if gone and gone.exited_on else ""

    def stay_on(self, day: date) -> Stay | None:
        """Where the person is on a day, if not simply at home."""
        begun = [stay for stay in self.stays if stay.since and stay.since <= day]
        held = [stay for stay in begun if stay.until is None or day <= stay.until]
        return next((stay for stay in reversed(held) if stay.place != "home"), None)


def gather(reader: Reader, id_: str) -> PersonFile | None:
    """The file of a person; None when they are not here (any more)."""
    registered = reader.same().all_of(id_)
    id_ = registered[0]
    person = reader.get(Person, id_)
    if person is None:
        return None
    ties = reader.of_subject(Kinship, id_)
    back = reader.find(Kinship, relative=id_)
    home = reader.get(Household, person.household) if person.household else None
    mates = reader.find(Person, household=home.id) if home else []
    siblings = _siblings(reader, id_, ties)
    others = reader.standing({tie.relative or "" for tie in ties} | {tie.subject or "" for tie in back})
    return PersonFile(
        person=person,
        child=reader.get(Child, id_),
        elder=reader.get(Elder, id_),
        household=home,
        kin=tuple(_once(Kin(others[tie.relative], tie, tie.relation) for tie in ties if tie.relative in others)),
        siblings=siblings,
        housemates=tuple(mate for mate in mates if mate.id != id_),
        cared_for=tuple(_once(Kin(others[tie.subject], tie, tie.relation) for tie in back if tie.subject in others)),
        stays=tuple(sorted(reader.of_subject(Stay, id_), key=lambda stay: stay.since or date.min)),
        child_visits=tuple(reader.of_subject(ChildVisit, id_)),
        elder_visits=tuple(reader.of_subject(ElderVisit, id_)),
        attachments=tuple(reader.of_subject(Attachment, id_)),
        sheets=tuple(reader.find(Sheet, person=id_)),
        drafts=_drafts(reader, id_, home),
        changes=tuple(
            change
            for name in ("person", "child", "elder", "stay")
            for each in registered
            for change in reader.history(name, each)
        ),
        registrations=len(registered),
    )


def _once(found: Iterable[Kin]) -> Iterable[Kin]:
    """A relative who was registered twice is one, when the tie is the same."""
    return {(kin.person.id, kin.relation): kin for kin in found}.values()


def _siblings(reader: Reader, id_: str, ties: list[Kinship]) -> tuple[Person, ...]:
    """Who shares a father or a mother."""
    parents = [tie.relative for tie in ties if tie.relative and tie.relation in PARENT_CODES]
    found = [tie for parent in parents for tie in reader.find(Kinship, relative=parent)]
    ids = {tie.subject for tie in found if tie.subject and tie.relation in PARENT_CODES} - {id_}
    return tuple(sorted(reader.many(Person, ids).values(), key=lambda person: person.birth_date or date.max))


def _drafts(reader: Reader, id_: str, home: Household | None) -> tuple[Draft, ...]:
    """What is half typed about the person or the household."""
    about = {id_, home.id if home else id_}
    drafts = reader.drafts()
    return tuple(each for each in drafts if {each.edited.spec.subject_of(each.edited), each.edited.id} & about)
