"""Life events and what follows from them: birth, death, moving, going out, coming home, going up in school, leaving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.cases.register import change, require_finished, require_sound, wards_of
from app.policy import access
from app.policy.access import Actor
from app.records import Child, Elder, Person, Stay
from app.records.codes import code_list
from app.records.ids import new_id
from app.store.reader import Reader
from app.store.repository import Edit, Store
from app.store.results import Changes

LEAVES_HOME = frozenset({"with_parents", "away", "boarding_school", "hospital", "institution"})


@dataclass(frozen=True, slots=True)
class Event:
    """What an event changed, and what the worker should now do, in words."""

    changes: Changes
    to_do: tuple[str, ...] = ()


def record_death(store: Store, actor: Actor, person_id: str, on: date, *, note: str = "", today: date) -> Event:
    """Somebody died: visits stop, allowances are to be reported, and whom they looked after is due within 24 hours."""
    person = store.require(Person, person_id)
    _may_write(actor, person)
    gone = replace(person, died_on=on, death_note=note or None)
    require_sound(person, gone, today)  # of relatives often little is known, and they die all the same
    edits: list[Edit] = [(person, gone)]
    to_do = ["核对津贴、补贴是否要停发或注销。"] if store.get(Elder, person_id) or store.get(Child, person_id) else []
    # Who is a grandmother's ward twice over, as guardian and as caregiver, is visited once.
    wards = {ward.id: ward for _, ward in wards_of(store, person_id) if not (ward.died_on or ward.moved_out_on)}
    for ward in wards.values():
        child = store.get(Child, ward.id)
        if child and child.exited_on is None:
            edits.append((child, replace(child, changed_on=on, change_note="照料人或监护人去世")))
            to_do.append(f"24 小时内走访{ward.name}：照料人去世，先落实谁来照看。")
    return Event(store.save(actor, *edits, verb="death"), tuple(to_do))


def move_out(store: Store, actor: Actor, person_id: str, on: date, to: str, *, today: date) -> Event:
    """Somebody moved away for good; the file stays until the new place takes it over. Raises Unfinished."""
    person = store.require(Person, person_id)
    _may_write(actor, person)
    moved = replace(person, moved_out_on=on, moved_out_to=to or None)
    require_sound(person, moved, today)
    return Event(store.save(actor, (person, moved), verb="move_out"), ("把档案转给迁入地，或提醒对方登记。",))


def move_back(store: Store, actor: Actor, person_id: str) -> Event:
    """Somebody who had moved away lives here again."""
    person = store.require(Person, person_id)
    _may_write(actor, person)
    back = replace(person, moved_out_on=None, moved_out_to=None)
    return Event(store.save(actor, (person, back), verb="move_back"))


def go_out(store: Store, actor: Actor, stay: Stay, *, today: date) -> Event:
    """Somebody is elsewhere for a while: boarding, with parents, in hospital. Visits due follow. Raises Unfinished."""
    person = store.require(Person, stay.subject or "")
    _may_write(actor, person)
    stay = stay if stay.id else replace(stay, id=new_id())
    require_finished([stay], today)
    edits: list[Edit] = [
        _ended(earlier, stay.since) for earlier in _open_stays(store, person.id, stay.since) if earlier.id != stay.id
    ]
    return Event(store.save(actor, *edits, (store.get(Stay, stay.id), stay), verb="go_out"))


def come_home(store: Store, actor: Actor, person_ids: Iterable[str], on: date) -> Event:
    """People came back: their open stays end the day before, and visits at home are due again."""
    edits: list[Edit] = []
    for person_id in person_ids:
        _may_write(actor, store.require(Person, person_id))
        edits += [_ended(stay, on) for stay in _open_stays(store, person_id, on)]
    return Event(store.save(actor, *edits, verb="come_home"))


def _open_stays(reader: Reader, person_id: str, on: date | None) -> list[Stay]:
    stays = reader.of_subject(Stay, person_id)
    return [
        stay
        for stay in stays
        if stay.place in LEAVES_HOME and on and (stay.since or on) <= on and (stay.until is None or stay.until >= on)
    ]


def _ended(stay: Stay, on: date | None) -> Edit:
    end = on - timedelta(days=1) if on and on > date.min else on
    return stay, replace(stay, until=max(end, stay.since) if end and stay.since else end)


def leave_register(
    store: Store, actor: Actor, person_id: str, kind: str, on: date, reason: str, *, last_paid_month: str = "",
    today: date,
) -> Event:  # fmt: skip
    """A child or an elder leaves the register: aged out, parent back, moved, and so on. Raises Unfinished."""
    if kind == "child":
        child = store.require(Child, person_id)
        gone = replace(child, exited_on=on, exit_reason=reason, last_paid_month=last_paid_month or None)
        return Event(change(store, actor, child, gone, today=today))
    elder = store.require(Elder, person_id)
    return Event(change(store, actor, elder, replace(elder, exited_on=on, exit_reason=reason), today=today))


@dataclass(frozen=True, slots=True)
class GradeStep:
    """One child's step up: what it was and what it would become; ``after`` empty: nobody can know, it must be asked."""

    child: Child
    name: str
    before: str
    after: str


def plan_going_up(reader: Reader, person_ids: Iterable[str]) -> list[GradeStep]:
    """升学: what each child's grade becomes; where school stages meet, it is left to be asked."""
    children = reader.many(Child, person_ids)
    names = reader.many(Person, children)
    return [
        GradeStep(child, (names[id_].name or "") if id_ in names else "", child.grade or "", next_grade(child.grade))
        for id_, child in children.items()
    ]


def next_grade(grade: str | None) -> str:
    """The grade a year later within one school; empty at the end of a stage or when it is not known."""
    codes = [code.code for code in code_list("grade").items]
    if grade not in codes[:-1]:
        return ""
    following = codes[codes.index(grade) + 1]
    return following if following[:-1] == grade[:-1] else ""


def go_up(store: Store, actor: Actor, steps: Sequence[GradeStep]) -> Event:
    """Carry out the steps that were confirmed; as one batch, so that it can be undone as a whole."""
    edits: list[Edit] = []
    for step in steps:
        if step.after:
            access.require(actor, "write", "child", store.require(Person, step.child.id).org or "")
            edits.append((step.child, replace(step.child, grade=step.after)))
    return Event(store.save(actor, *edits, verb="go_up"))


def _may_write(actor: Actor, person: Person) -> None:
    access.require(actor, "write", "person", person.org or "")
