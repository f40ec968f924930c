"""Visits: starting one from yesterday's answers, keeping what did not change, finishing, visiting a household."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.cases.register import require_finished
from app.errors import UserError
from app.policy import access
from app.policy.access import Actor
from app.records import Child, ChildVisit, Elder, ElderVisit, Kinship, Person, Sheet, child_visit, elder_visit
from app.records.ids import new_id
from app.store.reader import Reader
from app.store.repository import Edit, Store
from app.store.results import Changes

AnyVisit = ChildVisit | ElderVisit
VISITS: Mapping[str, type[ChildVisit] | type[ElderVisit]] = {"child": ChildVisit, "elder": ElderVisit}
SAFETY: Mapping[str, tuple[str, ...]] = {
    "child_visit": child_visit.SAFETY_QUESTIONS,
    "elder_visit": elder_visit.SAFETY_QUESTIONS,
}
# What belongs to the day and not to the person's situation is never carried over.
OF_THE_DAY = frozenset(
    {"subject", "visited_on", "mode", "purpose", "outcome", "not_met_reason", "visitors", "place", "concerns",
     "concern_note", "actions", "next_visit_on", "kept_answers", "outing", "sheet", "typed_by", "typed_at",
     "finished_at", "present", "policies_explained", "referral", "photo_consent", "note", "priority_watch",
     "last_parent_contact_on", "last_child_contact_on"}
)  # fmt: skip
HARM = frozenset({"unexplained", "serious"})
STALE_AFTER = 3
"""Answers kept this many visits in a row are pointed out (ux.md, place 4)."""


@dataclass(frozen=True, slots=True)
class VisitForm:
    """A visit about to be written: what it starts from, the last visit, and which answers may be kept from it."""

    visit: AnyVisit
    last: AnyVisit | None
    keepable: tuple[str, ...]
    stale: tuple[str, ...]


def start_visit(reader: Reader, actor: Actor, person_id: str, kind: str, today: date, *, outing: str = "") -> VisitForm:
    """A fresh visit of a child or an elder, dated today, by the person at the desk; or the draft left behind."""
    cls = VISITS[kind]
    last = last_visit(reader, person_id, kind)
    drafts = (draft for draft in reader.drafts(actor.id) if draft.loaded is None)  # not the mending of an old visit
    draft = next((draft for draft in drafts if _is_open_visit(draft.edited, cls, person_id)), None)
    if draft is not None:
        visit = draft.edited
    else:
        visit = cls(
            id=new_id(), subject=person_id, visited_on=today, mode="home", purpose="routine", outcome="met",
            visitors=(actor.name,), outing=outing or None,
        )  # fmt: skip
    assert isinstance(visit, (ChildVisit, ElderVisit))
    return VisitForm(visit, last, keepable_answers(last), stale_answers(reader, person_id, kind))


def _is_open_visit(record: object, cls: type[Any], person_id: str) -> bool:
    return isinstance(record, cls) and getattr(record, "subject", None) == person_id


def last_visit(reader: Reader, person_id: str, kind: str, *, before: AnyVisit | None = None) -> AnyVisit | None:
    """The last finished visit of a person in a capacity at which somebody was met; or the one ``before`` another."""
    visits: Iterable[AnyVisit] = reader.find(VISITS[kind], subject=person_id, outcome="met")
    earlier = [visit for visit in visits if visit.visited_on and (before is None or _when(visit) < _when(before))]
    return max(earlier, key=_when, default=None)


def _when(visit: AnyVisit) -> tuple[date, str]:
    """The order of visits; one that has no day yet is being written now."""
    return visit.visited_on or date.max, visit.id


def keepable_answers(last: AnyVisit | None) -> tuple[str, ...]:
    """The fields whose last answer may be kept with one key: not the safety questions, not what is of the day."""
    if last is None:
        return ()
    closed = OF_THE_DAY | set(SAFETY[last.spec.name])
    return tuple(
        field.name
        for field in last.spec.fields
        if field.name not in closed and getattr(last, field.name) not in (None, ())
    )


def stale_answers(reader: Reader, person_id: str, kind: str) -> tuple[str, ...]:
    """Fields that were merely kept in each of the last visits: worth asking afresh."""
    visits: Sequence[AnyVisit] = reader.of_subject(VISITS[kind], person_id)
    met = [visit for visit in visits if visit.outcome == "met" and visit.visited_on]  # an empty house keeps nothing
    latest = sorted(met, key=_when)[-STALE_AFTER:]
    if len(latest) < STALE_AFTER:
        return ()
    return tuple(sorted(set.intersection(*(set(visit.kept_answers) for visit in latest))))


def keep_answer(visit: AnyVisit, last: AnyVisit, name: str) -> AnyVisit:
    """没有变化: take the last answer, and say that it was kept. Raises UserError for a safety question."""
    if name not in keepable_answers(last):
        raise UserError("这一项每次都要重新问，没有改动。")
    kept = tuple(sorted({*visit.kept_answers, name}))
    return replace(visit, **{name: getattr(last, name), "kept_answers": kept})


def keep_all_answers(visit: AnyVisit, last: AnyVisit) -> AnyVisit:
    """Everything that may be kept and is still empty."""
    for name in keepable_answers(last):
        if getattr(visit, name) in (None, ()):
            visit = keep_answer(visit, last, name)
    return visit


def answered(visit: AnyVisit, name: str, value: Any) -> AnyVisit:
    """A fresh answer: no longer one that was kept."""
    kept = tuple(kept for kept in visit.kept_answers if kept != name)
    return replace(visit, **{name: value, "kept_answers": kept})


def suggests_harm(visit: AnyVisit) -> bool:
    """Whether the page with 110 and local numbers comes first, the form afterwards (domain.md 2.9)."""
    if isinstance(visit, ElderVisit):
        return False
    return visit.injuries in HARM or "harm" in visit.concerns or "alone" in visit.concerns


def finish(
    store: Store,
    actor: Actor,
    loaded: AnyVisit | None,
    visit: AnyVisit,
    *,
    today: date,
    confirmed: Iterable[str] = (),
    beside: Sequence[Edit] = (),
    batch: str = "",
) -> Changes:
    """完成走访: check everything at once, save, and let the profile follow what was found. The draft is dropped.

    ``beside`` are edits made on the same page, such as a changed phone; visits finished with the same ``batch`` are
    undone together. Raises Unfinished with every open problem.
    """
    person = store.require(Person, visit.subject or "")
    access.require(actor, "write", visit.spec.name, person.org or "")
    now = store.clock.now()
    done = replace(visit, typed_by=visit.typed_by or actor.name, typed_at=visit.typed_at or now, finished_at=now)
    require_finished([done], today, confirmed)
    edits: list[Edit] = [(loaded, done), *beside, *_profile_follows(store, done), *_sheet_follows(store, done)]
    with store.together():
        store.drop_draft(done.spec.name, done.id)
        return store.save(actor, *edits, verb="visit", batch=batch)


def _profile_follows(reader: Reader, visit: AnyVisit) -> list[Edit]:
    """What a visit says of the person for longer than the day; an old sheet typed in late says nothing new."""
    kind = "elder" if isinstance(visit, ElderVisit) else "child"
    last = last_visit(reader, visit.subject or "", kind)
    if last is not None and last.id != visit.id and _when(visit) < _when(last):
        return []
    if isinstance(visit, ElderVisit):
        elder = reader.get(Elder, visit.subject or "")
        follows = elder is not None and visit.risk_level and visit.risk_level != elder.risk_level
        return [(elder, replace(elder, risk_level=visit.risk_level))] if elder and follows else []
    child = reader.get(Child, visit.subject or "")
    if child is None:
        return []
    followed = replace(
        child,
        priority_watch=child.priority_watch if visit.priority_watch is None else visit.priority_watch,
        last_parent_contact_on=visit.last_parent_contact_on or child.last_parent_contact_on,
        schooling=visit.schooling or child.schooling,
    )
    return [(child, followed)]


def _sheet_follows(store: Store, visit: AnyVisit) -> list[Edit]:
    sheet = store.get(Sheet, visit.sheet) if visit.sheet else None
    if sheet is None:
        return []
    return [(sheet, replace(sheet, state="entered", typed_at=store.clock.now(), typed_record=visit.id))]


def save_draft(store: Store, actor: Actor, loaded: AnyVisit | None, visit: AnyVisit) -> None:
    """Keep what is typed so far; it makes no change that anyone else sees."""
    store.put_draft(actor, loaded, visit)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a household who is visited, and in which capacity."""

    person: Person
    kind: str


def members_to_visit(reader: Reader, person_id: str) -> list[Member]:
    """Who can be visited on the same page: the household, and who cares for the person, if they are on the register."""
    person = reader.require(Person, person_id)
    people = {person.id: person}
    if person.household:
        people |= {member.id: member for member in reader.find(Person, household=person.household)}
    carers = [tie.relative for tie in reader.of_subject(Kinship, person_id) if tie.is_caregiver and tie.relative]
    people |= reader.many(Person, carers)
    profiles: list[tuple[str, Child | Elder]] = [("child", child) for child in reader.many(Child, people).values()]
    profiles += [("elder", elder) for elder in reader.many(Elder, people).values()]
    found = [
        Member(people[profile.id], kind)
        for kind, profile in profiles
        if profile.exited_on is None and people[profile.id].died_on is None and people[profile.id].moved_out_on is None
    ]
    return sorted(found, key=lambda member: (member.person.id != person_id, member.kind, member.person.name or ""))


def start_outing() -> str:
    """An id that ties the visits of one household on one day."""
    return new_id()
