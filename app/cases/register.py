"""Putting people on the register: a child with its family at once, an elder, a brother or sister."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from app.errors import Unfinished
from app.policy import access
from app.policy.access import Actor
from app.records import Child, Elder, Household, Kinship, Person
from app.records.ids import new_id
from app.records.record import Record, problems
from app.store.reader import Reader
from app.store.repository import Edit, Store
from app.store.results import Changes

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class NewRelative:
    """Somebody who belongs to a newly registered person; ``person`` may be known already (it has an id then)."""

    person: Person
    tie: Kinship


def register_child(
    store: Store,
    actor: Actor,
    person: Person,
    child: Child,
    *,
    household: Household | None = None,
    relatives: Sequence[NewRelative] = (),
    today: date,
    confirmed: Iterable[str] = (),
) -> Changes:
    """Put a child on the register with household and kin in one go. Raises Unfinished, NotAllowed."""
    return _register(store, actor, person, child, household, relatives, today, confirmed)


def register_elder(
    store: Store,
    actor: Actor,
    person: Person,
    elder: Elder,
    *,
    household: Household | None = None,
    relatives: Sequence[NewRelative] = (),
    today: date,
    confirmed: Iterable[str] = (),
) -> Changes:
    """Put an elder on the register; a person who is known already gets the profile beside. Raises Unfinished."""
    return _register(store, actor, person, elder, household, relatives, today, confirmed)


def _register(
    store: Store,
    actor: Actor,
    person: Person,
    profile: Child | Elder,
    household: Household | None,
    relatives: Sequence[NewRelative],
    today: date,
    confirmed: Iterable[str],
) -> Changes:
    access.require(actor, "write", "person", person.org or actor.org)
    person = person if person.id else replace(person, id=new_id())
    edits: list[Edit] = []
    if household is not None:
        household = household if household.id else replace(household, id=new_id())
        edits.append((_as_loaded(store, household), household))
        person = replace(person, household=household.id)
    profile = replace(profile, id=person.id, registered_on=profile.registered_on or today)
    require_finished([person, profile], today, confirmed)
    edits += [(_as_loaded(store, person), person), (_as_loaded(store, profile), profile)]
    for relative in relatives:
        edits += _relative(store, person, relative)
    return store.save(actor, *edits, verb="register")


def _relative(store: Store, subject: Person, relative: NewRelative) -> list[Edit]:
    person = relative.person
    # Relatives are filed under the division of the family, wherever they live (design.md).
    filed = replace(person, id=person.id or new_id(), org=person.org or subject.org)
    tie = replace(relative.tie, id=relative.tie.id or new_id(), subject=subject.id, relative=filed.id)
    return [(_as_loaded(store, filed), filed), (_as_loaded(store, tie), tie)]


def _as_loaded(store: Store, edited: R) -> R | None:
    """The record as it is here, under the versions that the form had seen: what came meanwhile is then noticed."""
    known = store.get(type(edited), edited.id)
    if known is None or known.id != edited.id:  # a profile may be that of another registration of the same person
        return None
    return replace(known, stamps=edited.stamps or known.stamps)


def require_finished(records: Iterable[Record], today: date, confirmed: Iterable[str] = ()) -> None:
    """Raise Unfinished with all open problems at once; warnings that the user confirmed (by field) do not count."""
    accepted = set(confirmed)
    found = [problem for record in records for problem in problems(record, today)]
    open_ones = [problem for problem in found if not (problem.warning and problem.field in accepted)]
    if open_ones:
        raise Unfinished("还没有存为正式记录，草稿都在。", advice=f"还有 {len(open_ones)} 处要补。", problems=open_ones)


def sibling_of(reader: Reader, child_id: str) -> tuple[Person, Child, tuple[NewRelative, ...]]:
    """加同胞: a new child with the household, address and kin of one who is registered, ready to be filled in.

    The relatives are the same persons, so that a changed phone changes for all of them.
    """
    person = reader.require(Person, child_id)
    ties = reader.of_subject(Kinship, child_id)
    people = reader.many(Person, [tie.relative for tie in ties if tie.relative])
    kept = ("org", "village_group", "ethnic_group", "hukou_nature", "registered_division", "registered_address",
            "lives_at_registered", "current_division", "current_address", "household")  # fmt: skip
    sibling = Person(**{name: getattr(person, name) for name in kept})
    relatives = tuple(
        NewRelative(people[tie.relative], replace(tie, id="", stamps={})) for tie in ties if tie.relative in people
    )
    return sibling, Child(), relatives


def change(store: Store, actor: Actor, loaded: R, edited: R, *, today: date, confirmed: Iterable[str] = ()) -> Changes:
    """Save an edited section of a person's page; only what was changed is checked, for old records may have gaps.

    Raises Unfinished, NotAllowed.
    """
    access.require(actor, "write", loaded.spec.name, place_of(store, loaded))
    require_sound(loaded, edited, today, confirmed)
    return store.save(actor, (loaded, edited))


def require_sound(loaded: Record, edited: Record, today: date, confirmed: Iterable[str] = ()) -> None:
    """Raise Unfinished with what an edit makes wrong; gaps that an old record had before are not its fault."""
    changed = {field.name for field in edited.spec.fields if getattr(edited, field.name) != getattr(loaded, field.name)}
    before = {problem.message for problem in problems(loaded, today)}
    accepted = set(confirmed)
    found = [
        problem
        for problem in problems(edited, today)
        if (problem.field in changed or problem.message not in before)
        and not (problem.warning and problem.field in accepted)
    ]
    if found:
        raise Unfinished("还没有保存，写的都在。", advice=f"有 {len(found)} 处要改。", problems=found)


def place_of(reader: Reader, record: Record) -> str:
    """The division a record belongs to: its own, or its person's; empty when the person is not here."""
    own = getattr(record, "org", None)
    if own:
        return str(own)
    subject = record.spec.subject_of(record)
    person = reader.get(Person, subject) if subject else None
    return (person.org or "") if person else ""


def remove(store: Store, actor: Actor, record: Record) -> Changes:
    """Put a record into the bin; it can be taken out for 90 days. Raises NotAllowed."""
    access.require(actor, "delete", record.spec.name, place_of(store, record))
    return store.delete(actor, record)


def family_of(reader: Reader, person_id: str) -> list[tuple[Kinship, Person]]:
    """The relatives of a person who are on file, each with the tie."""
    ties = reader.of_subject(Kinship, person_id)
    people = reader.standing(tie.relative for tie in ties if tie.relative)
    return [(tie, people[tie.relative]) for tie in ties if tie.relative in people]


def wards_of(reader: Reader, person_id: str) -> list[tuple[Kinship, Person]]:
    """Whose guardian or caregiver a person is."""
    ties = [tie for tie in reader.find(Kinship, relative=person_id) if tie.is_caregiver or tie.is_guardian]
    people = reader.standing(tie.subject for tie in ties if tie.subject)
    return [(tie, people[tie.subject]) for tie in ties if tie.subject in people]


def household_members(reader: Reader, household_id: str) -> list[Person]:
    """Everyone who names the household as theirs."""
    return reader.find(Person, household=household_id)
