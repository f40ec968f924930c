"""Who is already known, found by number, by facts, or by the family they belong to; all looked up in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.records.household import Household
from app.records.identity import match_key
from app.records.kinship import Kinship
from app.records.names import similarity
from app.records.person import Person
from app.records.record import Value
from app.store.reader import Reader

Facts = tuple[Value, Value, Value]
Token = tuple[str, ...]
"""Something that two rows of one family share: a phone, the head of household, both parents' names."""

FATHER, MOTHER = "51", "52"
SOUNDS_ALIKE = 0.9


@dataclass(slots=True)
class KnownPeople:
    """The people of the store and those of the rows already planned, by everything that identifies them."""

    persons: dict[str, Person] = field(default_factory=dict)
    households: dict[str, Household] = field(default_factory=dict)
    kinships: dict[str, dict[str, Kinship]] = field(default_factory=dict)
    by_number: dict[str, str] = field(default_factory=dict)
    by_facts: dict[Facts, list[str]] = field(default_factory=dict)
    by_birth: dict[tuple[Value, Value], list[str]] = field(default_factory=dict)
    by_name: dict[Value, list[str]] = field(default_factory=dict)
    in_family: dict[tuple[Value, Token], str] = field(default_factory=dict)
    household_of: dict[str, str] = field(default_factory=dict)
    household_by: dict[Token, str] = field(default_factory=dict)

    @classmethod
    def of(cls, reader: Reader) -> KnownPeople:
        """Everybody in the store."""
        known = cls()
        for household in reader.every(Household):
            known.households[household.id] = household
            known.add_household(household.id, values_of_household(household))
        same = reader.same()
        for person in reader.every(Person):
            known.persons[person.id] = person
            known.add(same.stands_for(person.id), _identifying(person))
            if person.household:
                known.household_of[person.id] = person.household
        for kinship in reader.every(Kinship):
            if kinship.subject and kinship.relative:
                known.kinships.setdefault(kinship.subject, {})[kinship.relative] = kinship
        for subject in known.kinships:
            known.add_family(subject)
        return known

    def add(self, id_: str, values: Mapping[str, Value]) -> None:
        """Make a person findable."""
        number = values.get("id_number")
        if isinstance(number, str) and not values.get("id_to_verify"):
            self.by_number.setdefault(_key(number), id_)
        name, sex, birth = values.get("name"), values.get("sex"), values.get("birth_date")
        _note(self.by_name, name, id_)
        if birth:
            _note(self.by_facts, (name, sex, birth), id_)
            _note(self.by_birth, (sex, birth), id_)

    def add_to_family(self, id_: str, name: Value, tokens: Iterable[Token]) -> None:
        """Make a relative findable by what the family shares."""
        for token in tokens:
            self.in_family.setdefault((name, token), id_)

    def add_household(self, id_: str, values: Mapping[str, Value]) -> None:
        """Make a household findable by its number and its head."""
        for token in household_tokens(values):
            self.household_by.setdefault(token, id_)

    def numbered(self, values: Mapping[str, Value]) -> str:
        """The person with this verified number, or ""."""
        number = values.get("id_number")
        return self.by_number.get(_key(number), "") if isinstance(number, str) else ""

    def relative(self, subject: str, relation: str) -> str:
        """The father (51) or mother (52) that the store knows of a person, or ""."""
        ties = self.kinships.get(subject, {})
        return next((id_ for id_, tie in ties.items() if tie.relation == relation), "")

    def kin_named(self, subject: str, name: Value) -> str:
        """A relative of the person by name, or ""."""
        ties = self.kinships.get(subject, {})
        return next((id_ for id_ in ties if id_ in self.persons and self.persons[id_].name == name), "")

    def has_kin_named(self, subject: str, names: Iterable[Value]) -> bool:
        """Whether one of the names is that of a known relative of the person."""
        return any(name and self.kin_named(subject, name) for name in names)

    def sounding_like(self, values: Mapping[str, Value]) -> list[str]:
        """People of the same sex and birth date whose names sound the same; only ever a suggestion."""
        near = self.by_birth.get((values.get("sex"), values.get("birth_date")), ())
        name = str(values.get("name"))
        return [id_ for id_ in near if id_ in self.persons and _alike(name, self.persons[id_].name or "")]

    def add_family(self, subject: str) -> None:
        """Every relative of a known child is findable by what any of the family's rows would show."""
        ties = self.kinships[subject]
        kin = [self.persons[id_] for id_ in (subject, *ties) if id_ in self.persons]
        tokens: set[Token] = {("phone", number) for person in kin for number in numbers(person.phones)}
        household = self.households.get(self.household_of.get(subject, ""))
        if household:
            tokens |= {("phone", number) for number in numbers(household.phones)}
            tokens |= household_tokens(values_of_household(household))
        names = [self.persons.get(self.relative(subject, relation)) for relation in (FATHER, MOTHER)]
        pair = parents_token(*(person.name if person else None for person in names))
        for person in kin[1:]:
            self.add_to_family(person.id, person.name, tokens | pair)


def _note(found: dict[Any, list[str]], key: Any, id_: str) -> None:
    """Once: two registrations of one person may say the same."""
    ids = found.setdefault(key, [])
    if id_ not in ids:
        ids.append(id_)


def same_name_or_sound(one: Value, other: Value) -> bool:
    """Whether one name may be the other with a slip of the input method."""
    return one == other or _alike(str(one or ""), str(other or ""))


def numbers(phones: Value) -> tuple[str, ...]:
    """The bare numbers, without the words beside them."""
    return tuple(phone.split(" ")[0] for phone in phones) if isinstance(phones, tuple) else ()


def household_tokens(values: Mapping[str, Value]) -> set[Token]:
    """A household's own number, or its head together with the village group."""
    found: set[Token] = set()
    if number := values.get("household_number"):
        found.add(("number", str(number)))
    if head := values.get("head_name"):
        found.add(("head", str(head), str(values.get("village_group") or "")))
    return found


def values_of_household(household: Household) -> dict[str, Value]:
    """What a household is recognised by."""
    return {
        "household_number": household.household_number,
        "head_name": household.head_name,
        "village_group": household.village_group,
    }


def parents_token(father: Value, mother: Value) -> set[Token]:
    """Both parents' names together; one alone is shared by too many."""
    return {("parents", str(father), str(mother))} if father and mother else set()


def _key(number: str) -> str:
    """A number of 18 is its own key; the reader of the file has already tidied it."""
    return number if len(number) == 18 else match_key(number)


def _identifying(person: Person) -> dict[str, Value]:
    names = ("name", "sex", "birth_date", "id_number", "id_to_verify")
    return {name: getattr(person, name) for name in names}


def _alike(one: str, other: str) -> bool:
    return len(one) == len(other) and one != other and similarity(one, other) >= SOUNDS_ALIKE
