"""Papers: gathering what a form needs, giving out sheet numbers, and the log of what was printed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.cases import agenda
from app.cases.visits import last_visit
from app.errors import UserError
from app.policy import access
from app.policy.access import Actor
from app.records import Child, ChildVisit, Elder, ElderVisit, Household, Kinship, Person, Sheet
from app.records.divisions import division
from app.records.files import ChildFile, ElderFile, PersonFile, Relative
from app.records.ids import new_id
from app.records.sheet_numbers import make, read
from app.store.reader import Reader
from app.store.repository import Store
from app.store.results import Changes


def gather(reader: Reader, ids: Sequence[str], kind: str, *, reasons: Mapping[str, str] = {}) -> list[PersonFile]:
    """The files of children or elders for a form, in the order asked; people who are not on file are left out.

    ``reasons``: why a visit is due, by person id, for the sheets that are carried.
    """
    people = reader.standing(ids)
    households = reader.many(Household, {person.household for person in people.values() if person.household})
    ties = reader.of_subjects(Kinship, ids)
    relatives = reader.standing({tie.relative for each in ties.values() for tie in each if tie.relative})
    children, elders = reader.many(Child, ids), reader.many(Elder, ids)
    files: list[PersonFile] = []
    for id_ in ids:
        if id_ not in people:
            continue
        person = people[id_]
        common = PersonFile(
            person=person,
            household=households.get(person.household or ""),
            relatives=tuple(_relatives(ties.get(id_, ()), relatives)),
            registered_place=_place(person.registered_division),
            current_place=_place(person.current_division or person.registered_division),
            village=_place(person.org),
        )
        last = last_visit(reader, id_, kind)
        if kind == "elder":
            files.append(_as_elder(common, elders.get(id_), last, reasons.get(id_, "")))
        else:
            files.append(_as_child(common, children.get(id_), last, reasons.get(id_, "")))
    return files


def _relatives(ties: Sequence[Kinship], people: Mapping[str, Person]) -> Iterable[Relative]:
    """Whoever was registered twice and is tied twice in the same way is named once."""
    found: dict[tuple[str, str | None], Relative] = {}
    for tie in ties:
        if person := people.get(tie.relative or ""):
            found.setdefault((person.id, tie.relation), Relative(person, tie))
    return found.values()


def _fields(file: PersonFile) -> dict[str, object]:
    return {name: getattr(file, name) for name in PersonFile.__dataclass_fields__}


def _as_child(file: PersonFile, child: Child | None, last: object, reason: str) -> ChildFile:
    shown = last if isinstance(last, ChildVisit) else None
    return ChildFile(**_fields(file), child=child or Child(), last=shown, reason=reason)  # type: ignore[arg-type]


def _as_elder(file: PersonFile, elder: Elder | None, last: object, reason: str) -> ElderFile:
    shown = last if isinstance(last, ElderVisit) else None
    return ElderFile(**_fields(file), elder=elder or Elder(), last=shown, reason=reason)  # type: ignore[arg-type]


def file_of_visit(reader: Reader, visit: ChildVisit | ElderVisit) -> PersonFile:
    """The file for printing one finished visit as its form."""
    kind = "elder" if isinstance(visit, ElderVisit) else "child"
    found = gather(reader, [visit.subject or ""], kind)
    if not found:
        raise UserError("没有打印。找不到这次走访的人，可能已经删除。")
    before = last_visit(reader, visit.subject or "", kind, before=visit)
    return replace(found[0], visit=visit, last=before)  # type: ignore[call-arg]


def _place(code: str | None) -> str:
    found = division(code) if code else None
    return found.full_name if found else (code or "")


@dataclass(frozen=True, slots=True)
class NumberedFiles:
    """Files with a short number each, ready to be printed, and the sheets that were written down for them."""

    files: tuple[PersonFile, ...]
    changes: Changes


def number_sheets(
    store: Store, actor: Actor, files: Sequence[PersonFile], form: str, form_version: str
) -> NumberedFiles:
    """Give each carried sheet a short number and write it down, so that any laptop of the post can type it in."""
    access.require(actor, "write", "sheet", actor.org)
    prefix, first = laptop_prefix(store), int(store.setting("sheet.next", 1))
    sheets = [
        Sheet(
            id=new_id(), org=file.person.org or actor.org, number=make(prefix, first + place), form=form,
            form_version=form_version, person=file.person.id or None, printed_at=store.clock.now(),
            printed_by=actor.name, state="printed",
        )
        for place, file in enumerate(files)
    ]  # fmt: skip
    with store.together():  # a number is never given out twice
        store.set_setting("sheet.next", first + len(sheets))
        changes = store.save(actor, *((None, sheet) for sheet in sheets), verb="print")
    numbered = tuple(replace(file, number=sheet.number or "") for file, sheet in zip(files, sheets, strict=True))
    return NumberedFiles(numbered, changes)


def laptop_prefix(store: Store) -> str:
    """The two letters of this laptop on every sheet number; drawn once, without letters that look like digits."""
    prefix: str | None = store.setting("sheet.prefix")
    if prefix is None:
        prefix = "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(2))
        store.set_setting("sheet.prefix", prefix)
    return prefix


def sheets_of_the_day(reader: Reader, today: date, *, org: str = "", limit: int = 40) -> list[PersonFile]:
    """The files for the day's visit sheets, in the order of the walk, each with the reason that it is due."""
    visits = agenda.whom_to_visit(reader, today, org=org, limit=limit).visits
    reasons = {visit.id: visit.reason for visit in visits}
    gathered: dict[str, dict[str, PersonFile]] = {}
    for kind in ("child", "elder"):
        files = gather(reader, [visit.id for visit in visits if visit.kind == kind], kind, reasons=reasons)
        gathered[kind] = {file.person.id: file for file in files}
    return [gathered[visit.kind][visit.id] for visit in visits if visit.id in gathered[visit.kind]]


def sheet_by_number(reader: Reader, typed: str) -> Sheet:
    """The sheet whose number was typed or scanned. Raises UserError that says whether it is a slip or not here yet."""
    number = read(typed)
    if number is None:
        raise UserError(f"表号「{typed[:20]}」不对。", advice="请对照纸上右上角再输一遍，最后一位是核对用的。")
    found = reader.find(Sheet, number=number)
    if not found:
        raise UserError(f"这台电脑上没有表号 {number}。", advice="可能是别的电脑打印、还没有传过来；可以按姓名录入。")
    return found[-1]


def sheets_not_typed_in(reader: Reader) -> list[Sheet]:
    """Carried sheets that are still in a bag, the oldest first: 12 张未录入."""
    return reader.find(Sheet, state="printed")


def spoil(store: Store, actor: Actor, sheets: Iterable[Sheet], state: str = "spoiled") -> Changes:
    """Sheets that will never be typed in: spoiled or lost."""
    return store.save(actor, *((sheet, replace(sheet, state=state)) for sheet in sheets), verb="spoil")


def log_print(store: Store, actor: Actor, form: str, *, sheets: int, pages: int, masked: bool, how: str) -> None:
    """Write down that something was printed or saved as PDF: which form, how many, by whom; never of whom."""
    store.audit(actor, "print", form=form, sheets=sheets, pages=pages, masked=masked, how=how)
