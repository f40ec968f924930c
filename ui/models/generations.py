"""Who stands where in a small family tree, by the codes of GB/T 4761."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.records.codes import code_list
from app.records.person import Person
from ui.models.person_file import Kin, PersonFile
from ui.words import tr

OLDEST, PARENTS, OWN, CHILDREN = range(4)

# The first digit of a relation read from the person says the generation; 8 and 9 are named below.
_BY_DIGIT = {"0": OWN, "1": OWN, "2": CHILDREN, "3": CHILDREN, "4": CHILDREN, "5": PARENTS, "6": OLDEST, "7": OWN,
             "8": PARENTS}  # fmt: skip
_BY_CODE = {"90": PARENTS, "91": OWN, "92": OWN, "93": CHILDREN, "94": CHILDREN, "95": CHILDREN, "96": CHILDREN}


@dataclass(frozen=True, slots=True)
class Place:
    """One person in the tree: who, how they are called from the subject, and what must be known of them."""

    person: Person
    word: str
    generation: int
    note: str = ""
    is_subject: bool = False
    is_caregiver: bool = False


def generation_of(relation: str | None) -> int:
    """The row of a relation; what is not known stands beside the person."""
    code = relation or ""
    return _BY_CODE.get(code, _BY_DIGIT.get(code[:1], OWN))


def tree(file: PersonFile) -> tuple[tuple[Place, ...], ...]:
    """The rows of the tree from the oldest down, empty ones left out, everybody once."""
    places = [Place(file.person, tr("本人"), OWN, is_subject=True)]
    seen = {file.person.id}
    for kin in file.kin:
        _add(places, seen, kin)
    for mate in _shown_from_others(file):
        if mate.person.id not in seen:
            seen.add(mate.person.id)
            places.append(mate)
    rows = (tuple(place for place in places if place.generation == row) for row in range(4))
    return tuple(row for row in rows if row)


def _add(places: list[Place], seen: set[str], kin: Kin) -> None:
    if kin.person.id in seen:
        return
    seen.add(kin.person.id)
    word = code_list("relation").label(kin.relation)
    places.append(Place(kin.person, word, generation_of(kin.relation), _situation(kin), False, kin.is_caregiver))


def _situation(kin: Kin) -> str:
    if kin.person.died_on:
        return tr("已去世")
    situation = kin.kinship.situation if kin.kinship else None
    return code_list("parent_situation").label(situation) if situation and situation != "normal" else ""


def _shown_from_others(file: PersonFile) -> Iterable[Place]:
    """Those who name this person as their relative, and who else lives in the house."""
    for kin in file.cared_for:
        mirrored = {OLDEST: CHILDREN, PARENTS: CHILDREN, OWN: OWN, CHILDREN: PARENTS}[generation_of(kin.relation)]
        yield Place(kin.person, _turned(kin, mirrored), mirrored)
    for sibling in file.siblings:
        yield Place(sibling, _sibling_word(sibling, file.person), OWN)
    for mate in file.housemates:
        yield Place(mate, tr("同住"), _by_age(mate, file.person))


def _turned(kin: Kin, generation: int) -> str:
    """What somebody is to the person who is their father, grandmother …"""
    sex = kin.person.sex
    if generation_of(kin.relation) == OLDEST:
        return {"1": tr("孙子"), "2": tr("孙女")}.get(sex or "", tr("孙辈"))
    if generation == CHILDREN:
        return {"1": tr("儿子"), "2": tr("女儿")}.get(sex or "", tr("子女"))
    return tr("亲属")


def _sibling_word(sibling: Person, person: Person) -> str:
    """哥哥, 弟弟, 姐姐, 妹妹; 同胞 where an age or a sex is not known."""
    if sibling.birth_date is None or person.birth_date is None:
        return tr("同胞")
    older = sibling.birth_date < person.birth_date
    words = {("1", True): tr("哥哥"), ("1", False): tr("弟弟"), ("2", True): tr("姐姐"), ("2", False): tr("妹妹")}
    return words.get((sibling.sex or "", older), tr("同胞"))


def _by_age(mate: Person, person: Person) -> int:
    """Without a recorded relation, a difference of 16 years makes a generation of its own."""
    if not mate.birth_date or not person.birth_date:
        return OWN
    years = (person.birth_date - mate.birth_date).days // 365
    return OLDEST if years >= 40 else PARENTS if years >= 16 else CHILDREN if years <= -16 else OWN
