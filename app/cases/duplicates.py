"""People who were registered twice: suggested with reasons, joined by a person, and taken apart again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations, takewhile

from app.errors import UserError
from app.policy import access
from app.policy.access import Actor
from app.records import Alias, ChildVisit, ElderVisit, Kinship, Person
from app.records.alias import alias_id
from app.records.identity import examine, match_key
from app.records.part_values import part_value
from app.records.record import Part
from app.store.reader import Reader
from app.store.repository import Edit, Store
from app.store.results import Changes
from app.store.same import Groups
from app.store.saving import with_parts
from app.store.search import spellings

SAME, DIFFERENT = "same", "different"
JOINED, PARTED = "same_person", "different_people"
"""The verbs that histories show."""
NEAR_DAYS = 31
MOST_ALIKE = 40
"""A name that more people of one village share says nothing; whoever is meant is found by number or birth date."""
NOT_CHOSEN = frozenset({"org", "same_as", "photo"})
"""Where a person is filed is a transfer, not a correction; a portrait is a paper of one of the two."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two registrations that may be one person, and why; the one who would stand for both is named first."""

    one: Person = field(repr=False)
    another: Person = field(repr=False)
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One part of two registrations side by side; ``differs``: both say something, and not the same."""

    part: Part
    one: object = field(repr=False)
    another: object = field(repr=False)

    @property
    def differs(self) -> bool:
        return self.one is not None and self.another is not None and self.one != self.another

    @property
    def only_another(self) -> bool:
        """Whether only the registration that would not be seen any more says something."""
        return self.one is None and self.another is not None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What somebody needs to see before saying that two are one."""

    likeness: Likeness
    items: tuple[Item, ...]
    visits: tuple[int, int]
    kin: tuple[int, int]


def suggestions(reader: Reader, org: str = "") -> list[Likeness]:
    """Pairs that may be one person, the surest first; never more than a suggestion.

    Nobody is suggested who was said to be somebody else, who is kin, or whose own valid number differs.
    """
    same, settled = reader.same(), _settled(reader)
    people = [each for each in reader.every(Person) if _counts(each, org) and same.stands_for(each.id) == each.id]
    found: dict[tuple[str, str], Likeness] = {}
    for one, another in _candidates(people):
        low, high = sorted((one, another), key=lambda person: person.id)
        if (low.id, high.id) not in found and not settled(same, low.id, high.id) and (why := reasons(low, high)):
            found[low.id, high.id] = Likeness(low, high, why)
    kin = _tied(reader, same, {id_ for pair in found for id_ in pair})
    left = (each for each in found.values() if frozenset((each.one.id, each.another.id)) not in kin)
    return sorted(left, key=lambda each: (not _number(each.one), each.one.id, each.another.id))


def reasons(one: Person, another: Person) -> tuple[str, ...]:
    """Why two registrations may be one person; empty when nothing speaks for it, or their numbers against it."""
    numbers = _number(one), _number(another)
    if all(numbers):
        return ("身份证号码相同",) if numbers[0] == numbers[1] else ()
    if (one.sex and another.sex and one.sex != another.sex) or not _sounds(one) & _sounds(another):
        return ()
    name = "姓名相同" if one.name == another.name else "姓名读音相同"
    here = "同一个村" if one.org and one.org == another.org else ""
    if one.birth_date and one.birth_date == another.birth_date:
        return tuple(filter(None, (name, "出生日期相同", here)))
    if here and one.birth_date and another.birth_date and _near(one.birth_date, another.birth_date):
        return (name, "出生日期相近", here)
    return ()


def compare(reader: Reader, one_id: str, another_id: str) -> Comparison:
    """Both registrations side by side, item by item. Raises NotFound, UserError when they are one already."""
    one, another = _two(reader, one_id, another_id)
    parts = [part for name, part in Person.spec.parts.items() if name not in NOT_CHOSEN]
    told = [(part, part_value(one, part) or None, part_value(another, part) or None) for part in parts]
    items = [Item(part, left, right) for part, left, right in told if left is not None or right is not None]
    ids = (one.id, another.id)
    visits = [sum(reader.count(cls, subject=id_) for cls in (ChildVisit, ElderVisit)) for id_ in ids]
    kin = [reader.count(Kinship, subject=id_) for id_ in ids]
    likeness = Likeness(one, another, reasons(one, another))
    return Comparison(likeness, tuple(items), (visits[0], visits[1]), (kin[0], kin[1]))


def mark_same(store: Store, actor: Actor, one_id: str, another_id: str, take: Iterable[str] = ()) -> Changes:
    """Say that two registrations are one person: the earlier one stands for both, with all visits, kin and papers.

    ``take`` names the parts to take over from the later one. One batch, so that undoing it brings both back as they
    were. Raises NotFound, NotAllowed, UserError when they are one already.
    """
    one, another = _two(store, one_id, another_id)
    _require_both(actor, one, another)
    chosen = {name: _taken_over(one, another, Person.spec.parts[name]) for name in take if name not in NOT_CHOSEN}
    joined = _aliased(store, one.id, another.id, SAME)
    return store.save(actor, joined, (one, with_parts(one, chosen)), verb=JOINED)


def mark_different(store: Store, actor: Actor, one_id: str, another_id: str) -> Changes:
    """Say that two registrations are two people: nobody is asked again. Raises NotFound, NotAllowed."""
    one, another = _two(store, one_id, another_id)
    _require_both(actor, one, another)
    return store.save(actor, _aliased(store, one.id, another.id, DIFFERENT), verb=PARTED)


def separate(store: Store, actor: Actor, person_id: str) -> Changes:
    """Take everybody apart who was said to be this person: each comes back with their own visits.

    What was taken over from another when they were joined goes back, where nobody changed it since. Raises
    NotAllowed, UserError when nobody is joined to this person.
    """
    members = store.same().all_of(person_id)
    people = store.many(Person, members)
    aliases = [each for each in store.every(Alias) if each.state == SAME and each.subject in members]
    if not aliases:
        raise UserError("没有改动。这个人只登记了一次。")
    for person in people.values():
        access.require(actor, "write", "alias", person.org or "")
    edits: list[Edit] = [(each, replace(each, state=DIFFERENT)) for each in aliases]
    edits += [(person, _given_back(store, person)) for person in people.values()]
    return store.save(actor, *edits, verb=PARTED)


def _given_back(reader: Reader, person: Person) -> Person:
    """The person without what was taken over from others since they were last taken apart."""
    steps = list(takewhile(lambda step: step.verb != PARTED, reversed(reader.history("person", person.id))))
    for step in (step for step in steps if step.verb == JOINED):
        for name, value in step.after.items():
            part = Person.spec.parts.get(name)
            if part is None:
                continue
            if part.is_set:
                person = with_parts(person, {name: {"add": value["remove"], "remove": value["add"]}})
            elif part_value(person, part) == value:
                person = with_parts(person, {name: step.before[name]})
    return person


def disputed(reader: Reader) -> list[Likeness]:
    """Pairs that somebody called two people while others joined both to a third: to be looked at."""
    same = reader.same()
    pairs = [
        (each.subject or "", each.other or "")
        for each in reader.every(Alias)
        if each.state == DIFFERENT and each.other in same.all_of(each.subject or "")
    ]
    people = reader.many(Person, {id_ for pair in pairs for id_ in pair})
    return [
        Likeness(people[one], people[another], ("有人说不是同一个人，又都和另一份登记合并了",))
        for one, another in pairs
        if one in people and another in people
    ]


def _two(reader: Reader, one_id: str, another_id: str) -> tuple[Person, Person]:
    same = reader.same()
    ids = sorted({same.stands_for(one_id), same.stands_for(another_id)})
    if len(ids) < 2:
        raise UserError("没有改动。这两份登记已经是同一个人了。")
    return reader.require(Person, ids[0]), reader.require(Person, ids[1])


def _require_both(actor: Actor, one: Person, another: Person) -> None:
    for person in (one, another):
        access.require(actor, "write", "alias", person.org or "")


def _aliased(reader: Reader, one: str, another: str, state: str) -> Edit:
    low, high = sorted((one, another))
    id_ = alias_id(low, high)
    known = reader.get(Alias, id_)
    fresh = known or Alias(id=id_, subject=low, other=high)
    return known, replace(fresh, state=state)


def _taken_over(one: Person, another: Person, part: Part) -> object:
    """The later one's value; of lists, everything that either says."""
    value = part_value(another, part)
    return sorted({*part_value(one, part), *value}) if part.holds_many else value


def _settled(reader: Reader) -> _Settled:
    return _Settled({(each.subject or "", each.other or "") for each in reader.every(Alias) if each.state == DIFFERENT})


@dataclass(frozen=True, slots=True)
class _Settled:
    """What was said to be two people: it holds for everybody who is one with either of them."""

    apart: set[tuple[str, str]]

    def __call__(self, same: Groups, one: str, another: str) -> bool:
        pairs = ((low, high) for low in same.all_of(one) for high in same.all_of(another))
        return any(tuple(sorted(pair)) in self.apart for pair in pairs)


def _counts(person: Person, org: str) -> bool:
    return bool(person.name) and (person.org or "").startswith(org)


def _candidates(people: Iterable[Person]) -> Iterator[tuple[Person, Person]]:
    """Pairs worth looking at: with one number, or with names that sound alike and one birth date or one village."""
    alike: dict[tuple[str, object], list[Person]] = {}
    for person in people:
        keys = {(sound, told) for sound in _sounds(person) for told in (person.birth_date, person.org) if told}
        for key in (*keys, *([(_number(person), "")] if _number(person) else [])):
            alike.setdefault(key, []).append(person)
    for found in alike.values():
        if len(found) <= MOST_ALIKE:
            yield from combinations(found, 2)


def _sounds(person: Person) -> set[str]:
    return {spelling for name in (person.name, *person.other_names) if name for spelling in spellings(name)}


def _number(person: Person) -> str:
    """The person's own valid number; empty when there is none to rely on."""
    if not person.id_number or person.id_to_verify:
        return ""
    return match_key(person.id_number) if examine(person.id_number).ok else ""


def _near(one: date, another: date) -> bool:
    """A slip of days, or the year counted the old way."""
    same_day = (one.month, one.day) == (another.month, another.day) and abs(one.year - another.year) == 1
    return same_day or abs((one - another).days) <= NEAR_DAYS


def _tied(reader: Reader, same: Groups, ids: set[str]) -> set[frozenset[str]]:
    """Pairs who are kin: a grandson may bear a name that sounds like his uncle's."""
    ties = reader.of_subjects(Kinship, ids)
    return {
        frozenset((id_, same.stands_for(tie.relative))) for id_, found in ties.items() for tie in found if tie.relative
    }
