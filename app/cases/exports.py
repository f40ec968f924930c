"""Gather people with kin and household, for spreadsheets and for the county's own tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.cases.import_rows import PROFILES
from app.cases.known_people import FATHER, MOTHER
from app.policy import access
from app.policy.access import Actor
from app.records.household import Household
from app.records.kinship import Kinship
from app.records.person import Person
from app.records.record import Record, Value
from app.store.reader import Reader

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One person with kin and household as values of record fields: the counterpart of an imported row."""

    id: str
    subject: Values = field(repr=False)
    father: Values = field(default_factory=dict, repr=False)
    mother: Values = field(default_factory=dict, repr=False)
    caregiver: Values = field(default_factory=dict, repr=False)
    household: Values = field(default_factory=dict, repr=False)


def export_rows(reader: Reader, actor: Actor, kind: str, ids: Sequence[str]) -> list[ExportRow]:
    """The people of these ids in this order, "child" or "elder"; who is not there is left out. Raises NotAllowed."""
    persons = reader.many(Person, ids)
    for org in {person.org or "" for person in persons.values()}:
        access.require(actor, access.Action.EXPORT, kind, org)
    profiles = reader.many(PROFILES[kind], ids)
    ties = reader.of_subjects(Kinship, persons)
    relatives = reader.many(Person, {tie.relative for found in ties.values() for tie in found if tie.relative})
    households = reader.many(Household, {person.household for person in persons.values() if person.household})
    return [
        _row(persons[id_], profiles.get(id_), ties.get(id_, ()), relatives, households) for id_ in ids if id_ in persons
    ]


def _row(
    person: Person,
    profile: Record | None,
    ties: Sequence[Kinship],
    relatives: Mapping[str, Person],
    households: Mapping[str, Household],
) -> ExportRow:
    subject = {**_values(person), **(_values(profile) if profile else {})}
    father = next((tie for tie in ties if tie.relation == FATHER), None)
    mother = next((tie for tie in ties if tie.relation == MOTHER), None)
    household = households.get(person.household or "")
    return ExportRow(
        person.id,
        subject,
        father=_kin(father, relatives),
        mother=_kin(mother, relatives),
        caregiver=_kin(_caregiver(ties), relatives),
        household=_values(household) if household else {},
    )


def _caregiver(ties: Iterable[Kinship]) -> Kinship | None:
    """Who looks after the child; a guardian when nobody is marked as the one who does."""
    found = list(ties)
    caring = [tie for tie in found if tie.is_caregiver] or [tie for tie in found if tie.is_guardian]
    return caring[0] if caring else None


def _kin(tie: Kinship | None, relatives: Mapping[str, Person]) -> Values:
    if tie is None:
        return {}
    person = relatives.get(tie.relative or "")
    return {**(_values(person) if person else {}), **_values(tie)}


def _values(record: Record) -> dict[str, Value]:
    """What is filled in a record, by field name."""
    found = ((name, getattr(record, name)) for name in record.spec.by_name)
    return {name: value for name, value in found if value is not None and value != ()}
