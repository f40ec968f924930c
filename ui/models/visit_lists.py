"""The four lists of the visits' place: whom to visit, what is half filled in, sheets in the bag, what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from app.cases import agenda, papers
from app.cases.visits import VISITS, AnyVisit
from app.clock import CHINA
from app.policy.access import Actor
from app.records import ChildVisit, ElderVisit, Person, Sheet
from app.records.codes import code_list
from app.store.results import Draft
from ui.models.columns import Column, plain_reason
from ui.pages.page import PeopleToVisit, VisitWanted
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader

DAYS_AHEAD, DAYS_BACK = 7, 30
FOREVER = "9999-12-31"

COLUMNS = (
    Column("name", tr("姓名"), lambda line: line.name, 7),
    Column("village_group", tr("村民小组"), lambda line: line.village_group, 6),
    Column("on", tr("日期"), lambda line: line.on, 6),
    Column("what", tr("方式"), lambda line: line.what, 7),
    Column("why", tr("情况"), lambda line: line.why, 30),
)


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One line; ``wanted`` is what Enter opens, ``held`` the draft or sheet itself."""

    name: str
    village_group: str
    on: str
    what: str
    why: str
    wanted: VisitWanted
    is_late: bool = False
    held: Draft | Sheet | None = None


class VisitLines(Sequence[VisitLine]):
    """Lines that are all here already, shown like those of a big list."""

    def __init__(self, lines: Sequence[VisitLine] = ()) -> None:
        self._lines = tuple(lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, place: int) -> VisitLine:  # type: ignore[override]  # a slice is never asked for
        return self._lines[place]

    def page(self, first: int, count: int) -> Sequence[VisitLine]:
        """Lines ``first`` to ``first + count``."""
        return self._lines[first : first + count]


@dataclass(frozen=True, slots=True)
class VisitLists:
    """All of them, by name; ``picked`` are those whom the user has picked from the register."""

    planned: VisitLines
    drafts: VisitLines
    sheets: VisitLines
    done: VisitLines
    picked: VisitLines = VisitLines()  # noqa: RUF009  # it cannot be changed


def gather(reader: Reader, actor: Actor, today: date, picked: PeopleToVisit | None = None) -> VisitLists:
    """Read all the lists."""
    return VisitLists(
        VisitLines(_planned(reader, today)),
        VisitLines(_drafts(reader, actor)),
        VisitLines(_sheets(reader)),
        VisitLines(_done(reader, today)),
        VisitLines(_picked(reader, picked) if picked else ()),
    )


def _picked(reader: Reader, picked: PeopleToVisit) -> list[VisitLine]:
    people = reader.many(Person, picked.ids)
    due = {line.id: line for line in reader.due(FOREVER) if line.kind == picked.kind}
    lines = []
    for person in (people[id_] for id_ in picked.ids if id_ in people):
        line, last = due.get(person.id), reader.latest(VISITS[picked.kind], person.id, "visited_on")
        visited = tr("上次 {day}", day=last.visited_on.isoformat()) if last and last.visited_on else tr("还没有走访过")
        reason = "；".join(word for word in (plain_reason(line.reason) if line else "", visited) if word)
        lines.append(VisitLine(person.name or "", person.village_group or "", line.due_on if line else "", "", reason,
                               VisitWanted((person.id,), f"{picked.kind}_visit")))  # fmt: skip
    return lines


def _planned(reader: Reader, today: date) -> list[VisitLine]:
    modes = {"home": tr("入户"), "weekend": tr("周末入户"), "phone": tr("电话")}
    return [
        VisitLine(
            visit.name, visit.village_group, visit.due_on.isoformat(), modes[visit.mode], visit.reason,
            VisitWanted((visit.id,), f"{visit.kind}_visit"), visit.overdue > 0,
        )
        for visit in agenda.whom_to_visit(reader, today, days_ahead=DAYS_AHEAD).visits
    ]  # fmt: skip


def _drafts(reader: Reader, actor: Actor) -> list[VisitLine]:
    drafts = [draft for draft in reader.drafts(actor.id) if isinstance(draft.edited, (ChildVisit, ElderVisit))]
    people = reader.many(Person, [_subject(draft.edited) for draft in drafts])
    lines = []
    for draft in drafts:
        visit = draft.edited
        assert isinstance(visit, (ChildVisit, ElderVisit))
        kept = draft.updated_at.astimezone(CHINA).strftime("%m-%d %H:%M")
        wanted = VisitWanted((visit.subject or "",), visit.spec.name, visit.id)
        why = tr("没填完，{kept} 存的草稿", kept=kept)
        lines.append(_line(people, visit, code_list("visit_mode").label(visit.mode), why, wanted, draft))
    return lines


def _sheets(reader: Reader) -> list[VisitLine]:
    sheets = papers.sheets_not_typed_in(reader)
    people = reader.many(Person, [sheet.person for sheet in sheets if sheet.person])
    lines = []
    for sheet in sheets:
        person = people.get(sheet.person or "")
        printed = sheet.printed_at.astimezone(CHINA).date().isoformat() if sheet.printed_at else ""
        name, group = (person.name or "", person.village_group or "") if person else (tr("（空白表）"), "")
        number = sheet.number or ""
        why = tr("打印了，还没有录入")
        lines.append(VisitLine(name, group, printed, tr("表 {number}", number=number), why,
                               VisitWanted(sheet=number), False, sheet))  # fmt: skip
    return lines


def _done(reader: Reader, today: date) -> list[VisitLine]:
    met = reader.met_days((today - timedelta(days=DAYS_BACK)).isoformat(), today.isoformat())
    people = reader.many(Person, {subject for subject, _ in met})
    lines = []
    here = {each for each in met if each[0] in people}  # whoever is in the bin is visited again when they are back
    for subject, on in sorted(here, key=lambda each: each[1], reverse=True):
        day = date.fromisoformat(on)
        found: list[AnyVisit] = [*reader.find(ChildVisit, subject=subject, visited_on=day)]
        found += reader.find(ElderVisit, subject=subject, visited_on=day)
        for visit in found:
            wanted = VisitWanted((subject,), visit.spec.name, visit.id)
            lines.append(_line(people, visit, code_list("visit_mode").label(visit.mode), _said(visit), wanted))
    return lines


def _said(visit: AnyVisit) -> str:
    outcome = code_list("visit_outcome").label(visit.outcome)
    return "；".join(word for word in (outcome, "、".join(visit.visitors)) if word)


def _line(
    people: dict[str, Person], visit: AnyVisit, what: str, why: str, wanted: VisitWanted, held: Draft | None = None
) -> VisitLine:
    person = people.get(visit.subject or "")
    name, group = (person.name or "", person.village_group or "") if person else ("", "")
    on = visit.visited_on.isoformat() if visit.visited_on else ""
    return VisitLine(name, group, on, what, why, wanted, False, held)


def _subject(record: object) -> str:
    subject: str | None = getattr(record, "subject", None)
    return subject or ""


