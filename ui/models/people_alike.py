"""Who is registered already under the same name or number, said while somebody is being registered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.records import Person, identity
from app.records.names import tidy_name
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader

_MOST = 5


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody on file who may be the same person, and what they are recognised by."""

    id: str
    words: str


def people_alike(reader: Reader, name: str, id_number: str) -> tuple[Alike, ...]:
    """The same number first, then the same name."""
    found: dict[str, Alike] = {}
    if id_number:
        key = identity.match_key(id_number)
        for person in _standing(reader, reader.find(Person, id_number=key, limit=_MOST)):
            found[person.id] = Alike(person.id, tr("{who}，证件号码相同", who=_recognised(person)))
    if name:
        for person in _standing(reader, reader.find(Person, name=tidy_name(name), limit=_MOST)):
            found.setdefault(person.id, Alike(person.id, _recognised(person)))
    return tuple(found.values())[:_MOST]


def _standing(reader: Reader, found: Iterable[Person]) -> Iterable[Person]:
    """Whoever was registered twice is one person, by whichever registration they were found."""
    return {person.id: person for person in reader.standing(each.id for each in found).values()}.values()


def _recognised(person: Person) -> str:
    born = person.birth_date.isoformat() if person.birth_date else ""
    words = "，".join(word for word in (person.village_group or "", born) if word)
    return f"{person.name}（{words}）" if words else person.name or ""
