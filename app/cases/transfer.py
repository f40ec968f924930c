"""Hand somebody's whole file over to another village or township of the county, with the family that goes along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.cases.life import Event
from app.cases.register import household_members
from app.errors import BadValue, Problem
from app.policy import access
from app.policy.access import Actor
from app.records import Child, Elder, Household, Kinship, Person
from app.records.divisions import (
    Level,
    county_of,
    division,
    full_name,
    is_code,
    is_within,
    level_of,
    search,
    short_name,
)
from app.records.record import Record
from app.store.reader import Reader
from app.store.repository import Edit, Store


def village_named(text: str, near: str) -> str:
    """The code of a village of the county in which ``near`` lies, by name, initials or code. Raises BadValue."""
    told = text.strip()
    county = county_of(near)
    if is_code(told):
        found = [told] if division(told) and level_of(told) is Level.VILLAGE else []
    else:
        rows = search(told, county)
        villages = [row for row in rows if row.level is Level.VILLAGE and row.valid_to is None]
        exact = [row for row in villages if row.name == told]
        found = [row.code for row in exact or villages]
    if len(found) == 1 and is_within(found[0], county):
        return found[0]
    raise _no_village(told, found, county)


def _no_village(told: str, found: list[str], county: str) -> BadValue:
    if found and not is_within(found[0], county):
        said = "那是外县的村，县里管不到。转到外县，请打印档案交给那边。"
    elif found:
        said = "有几个村都对得上：" + "、".join(map(full_name, found[:5])) + "。请写 12 位代码。"
    else:
        said = f"本县没有找到「{told}」这个村。请写村名，或 12 位代码。"
    return BadValue(f"没有转。{said}", problems=[Problem("org", said)])


def transfer(store: Store, actor: Actor, person_id: str, org: str) -> Event:
    """File somebody in another village; with the next exchange the whole file goes there and leaves this laptop.

    Who is on file only as family of theirs goes along, and so does the household if nobody stays in it. Of family
    that stays the tie keeps name and phone. Raises NotAllowed, BadValue.
    """
    person = store.require(Person, person_id)
    access.require(actor, "write", "person", person.org or "")
    if org == person.org:
        said = f"{person.name or ''}就在{short_name(org)}，没有转。"
        raise BadValue(said, problems=[Problem("org", said)])
    family = {each.id: each for each in _family_only(store, person)}
    going = {**_registrations(store, person), **family}
    moves: list[Edit] = [(each, replace(each, org=org)) for each in going.values()]
    edits = [*moves, *_households(store, going, org), *_ties_across(store, going)]
    changes = store.save(actor, *edits, verb="transfer")
    return Event(changes, tuple(_to_do(family, org, stays=actor.serves(org))))


def _registrations(reader: Reader, person: Person) -> dict[str, Person]:
    """The person, under every number that they were registered with in this village: they are one, and go together."""
    found = reader.many(Person, reader.same().all_of(person.id))
    return {person.id: person, **{id_: each for id_, each in found.items() if each.org == person.org}}


def _to_do(family: dict[str, Person], org: str, *, stays: bool) -> Iterator[str]:
    if family:
        yield f"一起转的家人：{'、'.join(each.name or '' for each in family.values())}。"
    here = "这台电脑上也还看得到" if stays else "这台电脑上不再有"
    yield f"下次收发后，档案就到{short_name(org)}，{here}。"


def _family_only(reader: Reader, person: Person) -> Iterator[Person]:
    """Relatives of this person alone, filed in the same village, who are on no register themselves."""
    ties = reader.of_subject(Kinship, person.id)
    for relative in reader.many(Person, {tie.relative for tie in ties if tie.relative}).values():
        is_registered: list[Record | None] = [reader.get(Child, relative.id), reader.get(Elder, relative.id)]
        others = [tie for tie in reader.find(Kinship, relative=relative.id) if tie.subject != person.id]
        if relative.org == person.org and not any(is_registered) and not others:
            yield relative


def _households(reader: Reader, going: dict[str, Person], org: str) -> Iterator[Edit]:
    for id_ in sorted({each.household for each in going.values() if each.household}):
        household = reader.get(Household, id_)
        if household and all(member.id in going for member in household_members(reader, id_)):
            yield household, replace(household, org=org)


def _ties_across(reader: Reader, going: dict[str, Person]) -> Iterator[Edit]:
    """Ties to family that stays: their file cannot be seen from the new village, so the tie says who it is."""
    for person in going.values():
        ties = reader.of_subject(Kinship, person.id)
        people = reader.many(Person, {tie.relative for tie in ties if tie.relative})
        for tie in ties:
            relative = people.get(tie.relative or "")
            if relative is not None and relative.id not in going:
                told = " ".join((relative.name or "", *relative.phones, f"（在{short_name(relative.org)}）"))
                if told not in (tie.note or ""):
                    yield tie, replace(tie, note="；".join(filter(None, (tie.note, told))))
