"""What a visit's page needs before it can be filled in, gathered off the window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from app.cases import papers, visits
from app.cases.visits import AnyVisit, Member, VisitForm
from app.errors import UserError
from app.policy.access import Actor
from app.records import Child, Elder, Person, Sheet, record_type
from app.records.record import Value

if TYPE_CHECKING:
    from app.store.reader import Reader
    from ui.pages.page import VisitWanted


@dataclass(frozen=True, slots=True)
class Opened:
    """One person's visit as it is opened: the form, what an amended visit was loaded as, and who it is."""

    person: Person
    form: VisitForm
    loaded: AnyVisit | None
    is_draft: bool = False

    @property
    def answers(self) -> dict[str, Value]:
        """The last answers that may be kept with one key."""
        return {name: getattr(self.form.last, name) for name in self.form.keepable} if self.form.last else {}


@dataclass(frozen=True, slots=True)
class Opening:
    """The visits of one outing, and who else of the household could be visited on the same page."""

    opened: tuple[Opened, ...]
    others: tuple[Member, ...]


def open_visits(reader: Reader, actor: Actor, wanted: VisitWanted, today: date) -> Opening:
    """What was asked for: an existing visit, the empty one of a printed sheet, or new ones. Raises UserError."""
    if wanted.sheet:
        opened = [_by_sheet(reader, actor, wanted.sheet, today)]
    elif wanted.record:
        opened = [_by_record(reader, wanted.type, wanted.record)]
    else:
        outing = visits.start_outing() if len(wanted.subjects) > 1 else ""
        opened = [start(reader, actor, id_, wanted.type, today, outing) for id_ in wanted.subjects]
    here = {each.person.id for each in opened}
    members = visits.members_to_visit(reader, opened[0].person.id) if opened else []
    return Opening(tuple(opened), tuple(member for member in members if member.person.id not in here))


def start(reader: Reader, actor: Actor, person_id: str, type_name: str, today: date, outing: str = "") -> Opened:
    """A new visit to a person, or the draft of one that was left behind."""
    person = reader.require(Person, person_id)
    kind = type_name.removesuffix("_visit") or _kind(reader, person_id)
    form = visits.start_visit(reader, actor, person_id, kind, today, outing=outing)
    draft = reader.draft(form.visit.spec.name, form.visit.id)
    loaded = draft.loaded if draft else None
    return Opened(person, form, loaded if isinstance(loaded, type(form.visit)) else None, draft is not None)


def _by_record(reader: Reader, type_name: str, id_: str) -> Opened:
    cls = record_type(type_name)
    draft = reader.draft(type_name, id_)
    found = draft.edited if draft else reader.require(cls, id_)
    assert isinstance(found, tuple(visits.VISITS.values()))
    visit: AnyVisit = found  # type: ignore[assignment]
    loaded: AnyVisit | None = draft.loaded if draft else visit  # type: ignore[assignment]
    kind = type_name.removesuffix("_visit")
    last = visits.last_visit(reader, visit.subject or "", kind, before=visit)
    form = VisitForm(visit, last, visits.keepable_answers(last), ())
    return Opened(reader.require(Person, visit.subject or ""), form, loaded, draft is not None)


def _by_sheet(reader: Reader, actor: Actor, typed: str, today: date) -> Opened:
    """The empty visit of a carried sheet, dated by the user; or the visit it was typed in as."""
    sheet = papers.sheet_by_number(reader, typed)
    kind = "elder" if (sheet.form or "").startswith("elder") else "child"
    if sheet.typed_record:
        return _by_record(reader, f"{kind}_visit", sheet.typed_record)
    if not sheet.person:
        raise UserError("这张表是空白表，没有写着是谁的。", advice="请按姓名找到人，再按 V 录入。")
    opened = start(reader, actor, sheet.person, _type_of(reader, sheet, kind), today)
    return replace(opened, form=replace(opened.form, visit=replace(opened.form.visit, sheet=sheet.id)))


def _type_of(reader: Reader, sheet: Sheet, kind: str) -> str:
    """Sheets of the day serve children and elders alike: then the register says which."""
    if "visit_sheet" in (sheet.form or ""):
        return f"{_kind(reader, sheet.person or '')}_visit"
    return f"{kind}_visit"


def _kind(reader: Reader, person_id: str) -> str:
    if reader.get(Child, person_id):
        return "child"
    if reader.get(Elder, person_id):
        return "elder"
    raise UserError("这个人还没有登记为儿童或老年人，不能走访。", advice="请先在这个人的页面里登记。")


def names(members: Sequence[Member]) -> str:
    """Who, in one line."""
    return "、".join(member.person.name or "" for member in members)
