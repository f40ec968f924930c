"""A printing as values: which form, of whom, how; and the steps from records to pages. Needs no window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cases import agenda, papers
from app.errors import UserError
from app.policy import access
from app.policy.access import Actor
from app.records import Child, ChildVisit, Elder, ElderVisit, Person, Sheet
from app.records.divisions import full_name
from app.records.files import ChildFile, ElderFile, PersonFile
from app.records.sheet_numbers import make
from app.store.reader import Reader
from app.store.results import Changes
from app.store.workspace import Workspace
from ui.words import tr

if TYPE_CHECKING:
    from app.paper import PrintedDocument, PrintedForm, Setting

Tell = Callable[[int, int], None]
"""How many sheets are done, of how many; may raise Cancelled."""

NUMBERED = "visit_sheet"
"""The form that is carried, comes back filled in by hand, and is typed in by its number."""

VISIT_FORMS: Mapping[str, type[ChildVisit] | type[ElderVisit]] = {
    "child_visit_record": ChildVisit,
    "elder_visit_record": ElderVisit,
}
LIST_FORM, REPORT_FORM = "register_list", "mandatory_report"
PACKAGE_LIST = "清单.txt"
MOST_DUE = 200


def unheard(done: int, of: int) -> None:
    """Nobody watches how far the pages have come."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be printed: a form for these persons (or visits), or so many blank ones.

    ``kind`` is "child" or "elder" where a form takes both: a list of these persons, blank sheets; empty: as they are.
    """

    form: str
    ids: tuple[str, ...] = ()
    blanks: int = 0
    kind: str = ""

    def __bool__(self) -> bool:
        return bool(self.ids or self.blanks)


@dataclass(frozen=True, slots=True)
class Printing:
    """Pages in memory, the sheets that were written down for them, and who did not belong on this form."""

    document: PrintedDocument = field(repr=False)
    masked: bool
    left_out: tuple[str, ...] = field(default=(), repr=False)
    changes: Changes = field(default_factory=Changes, repr=False)


def preview(store: Workspace, wanted: Wanted, actor: Actor, today: date, tell: Tell) -> Printing:
    """The pages as they will be printed, empty required fields in red; nothing is written down."""
    form = _form(wanted.form)
    files, left_out = files_for(store, wanted, today)
    if form.name == NUMBERED:
        files = _with_numbers_to_come(store, files)
    setting = _setting(store, wanted, actor, today, preview=True)
    return Printing(_rendered(form, files, setting, tell), _masks(form, setting), left_out)


def pages(store: Workspace, wanted: Wanted, actor: Actor, today: date, *, how: str, tell: Tell = unheard) -> Printing:
    """The pages for paper. Carried sheets get their numbers; the printing is written into the log.

    ``how`` is printer, pdf or package. Raises NotAllowed, NothingToPrint, Cancelled; then no number is in use.
    """
    setting = _setting(store, wanted, actor, today, preview=False)
    with _on_paper(store, wanted, actor, today) as (form, files, left_out, changes):
        document = _rendered(form, files, setting, tell)
    _log(store, actor, form, document, setting, how)
    return Printing(document, _masks(form, setting), left_out, changes)


@contextmanager
def _on_paper(
    store: Workspace, wanted: Wanted, actor: Actor, today: date
) -> Iterator[tuple[PrintedForm, list[Any], tuple[str, ...], Changes]]:
    """The files with their numbers, and who is left out; when no page comes of it, no number stays in use."""
    form = _form(wanted.form)
    _require(store, actor, wanted)
    files, left_out = files_for(store, wanted, today)
    changes = Changes()
    if form.name == NUMBERED:
        numbered = papers.number_sheets(store, actor, files, form.name, form.version)
        files, changes = list(numbered.files), numbered.changes
    try:
        yield form, files, left_out, changes
    except BaseException:
        spoil(store, actor, changes)
        raise


def spoil(store: Workspace, actor: Actor, changes: Changes) -> None:
    """The sheets of a printing that came to nothing."""
    sheets = [record for record in changes.records if isinstance(record, Sheet)]
    if sheets:
        papers.spoil(store, actor, sheets)


def package(store: Workspace, wanted: Wanted, actor: Actor, today: date, folder: Path, tell: Tell) -> int:
    """打印包: one PDF for each sheet, named by its number and never by a person, and a list of them; gives how many."""
    setting = _setting(store, wanted, actor, today, preview=False)
    with _on_paper(store, wanted, actor, today) as (form, files, _, _):
        return _write_package(store, actor, form, files, setting, folder, tell)


def _write_package(
    store: Workspace, actor: Actor, form: PrintedForm, files: Sequence[Any], setting: Setting, folder: Path, tell: Tell
) -> int:
    from app.paper import render

    folder.mkdir(parents=True, exist_ok=True)
    lines, pages_in_all = [], 0
    for place, file in enumerate(files, 1):
        document = render(form, [file], setting)
        name = f"{getattr(file, 'number', '') or f'{form.title} {place:03}'}.pdf"
        (folder / name).write_bytes(document.pdf)
        lines.append(tr("{name}　{n} 页", name=name, n=document.page_count))
        pages_in_all += document.page_count
        tell(place, len(files))
    _write_list(folder, form, lines, pages_in_all)
    masked = _masks(form, setting)
    papers.log_print(store, actor, form.name, sheets=len(files), pages=pages_in_all, masked=masked, how="package")
    return len(files)


def _write_list(folder: Path, form: PrintedForm, lines: Sequence[str], pages_in_all: int) -> None:
    head = tr("{title}　{n} 份，一共 {pages} 页（A4，单面）", title=form.title, n=len(lines), pages=pages_in_all)
    foot = tr("印完请把这个文件夹从 U 盘和打印店的电脑里都删掉。")
    text = "\r\n".join([head, "", *lines, "", foot, ""])
    (folder / PACKAGE_LIST).write_text(text, encoding="utf-8-sig", newline="")  # the mark tells Notepad what it is


# Whom


def files_for(reader: Reader, wanted: Wanted, today: date) -> tuple[list[Any], tuple[str, ...]]:
    """What the form is made of, in the order asked, and the names of those whom it is not for."""
    form = _form(wanted.form)
    if wanted.blanks:
        blank = ElderFile() if form.name == NUMBERED and wanted.kind == "elder" else form.blank
        return [blank] * wanted.blanks, ()
    visits = _visits(reader, wanted)
    if visits:
        return [papers.file_of_visit(reader, visit) for visit in visits], ()
    fit, left_out = _fitting(reader, form, wanted)
    if left_out and not fit:
        raise UserError(tr("选的人都不能用这种表，没有排。"), advice=tr("请换一种表，或者换人。"))
    return _files(reader, form, fit, today), left_out


def _visits(reader: Reader, wanted: Wanted) -> list[ChildVisit | ElderVisit]:
    """The visits that were asked for by their own ids."""
    cls = VISIT_FORMS.get(wanted.form)
    found: Mapping[str, ChildVisit | ElderVisit] = reader.many(cls, wanted.ids) if cls else {}
    return [found[id_] for id_ in wanted.ids if id_ in found]


def _fitting(reader: Reader, form: PrintedForm, wanted: Wanted) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """(id, kind) of those whom the form is for; the names of the others."""
    ids = wanted.ids
    children, elders = reader.many(Child, ids), reader.many(Elder, ids)
    kinds = _kinds(form, wanted.kind or ("child" if children else "elder"))
    fit: list[tuple[str, str]] = []
    others: list[str] = []
    for id_ in ids:
        kind = next((kind for kind in kinds if id_ in (children if kind == "child" else elders)), "")
        if kind:
            fit.append((id_, kind))
        else:
            others.append(id_)
    people = reader.many(Person, others)
    return fit, tuple(people[id_].name or "" for id_ in others if id_ in people)


def _kinds(form: PrintedForm, listed: str) -> tuple[str, ...]:
    """Which kinds of people a form takes; a list holds children or elders, not both."""
    from app.paper import Subject

    if form.subject is Subject.PERSON:
        return ("child", "elder")
    if form.subject is Subject.LIST:
        return (listed,)
    return ("elder",) if form.subject is Subject.ELDER else ("child",)


def _files(reader: Reader, form: PrintedForm, fit: Sequence[tuple[str, str]], today: date) -> list[Any]:
    reasons = _reasons(reader, today) if form.name == NUMBERED else {}
    gathered: dict[str, PersonFile] = {}
    for kind in ("child", "elder"):
        ids = [id_ for id_, own in fit if own == kind]
        gathered.update((file.person.id, file) for file in papers.gather(reader, ids, kind, reasons=reasons))
    files = [gathered[id_] for id_, _ in fit if id_ in gathered]
    if form.name == LIST_FORM:
        from app.paper.register_list import listed

        return [listed(files, elders=isinstance(files[0], ElderFile))] if files else []
    if form.name == REPORT_FORM:
        from app.paper.sheets import ReportFile

        return [ReportFile(file) for file in files if isinstance(file, ChildFile)]
    return [_with_last_visit(reader, file) for file in files] if form.name in VISIT_FORMS else files


def _with_last_visit(reader: Reader, file: PersonFile) -> PersonFile:
    """The record of the last visit; without one, the form with only the person's own facts filled in."""
    last = file.last if isinstance(file, ChildFile | ElderFile) else None
    return papers.file_of_visit(reader, last) if last is not None else file


def _reasons(reader: Reader, today: date) -> dict[str, str]:
    visits = agenda.whom_to_visit(reader, today, days_ahead=7, limit=MOST_DUE).visits
    return {visit.id: visit.reason for visit in visits}


def _with_numbers_to_come(store: Workspace, files: Sequence[PersonFile]) -> list[PersonFile]:
    """The numbers that these sheets would get if they were printed now."""
    from dataclasses import replace

    prefix, first = papers.laptop_prefix(store), int(store.setting("sheet.next", 1))
    return [replace(file, number=make(prefix, first + place)) for place, file in enumerate(files)]


# How


def _form(name: str) -> PrintedForm:
    from app.paper import printed_form

    return printed_form(name)


def _setting(store: Workspace, wanted: Wanted, actor: Actor, today: date, *, preview: bool) -> Setting:
    from app.paper import Setting

    blank = bool(wanted.blanks)
    return Setting(
        preview=preview and not blank, practice=store.setting("kind") == "practice", unit=full_name(store.post.org),
        today=None if blank else today, filled_by="" if blank else actor.name,
    )  # fmt: skip


def _masks(form: PrintedForm, setting: Setting) -> bool:
    return bool(setting.for_form(form).masked)


def _rendered(form: PrintedForm, files: Sequence[Any], setting: Setting, tell: Tell) -> PrintedDocument:
    from app.paper import render

    return render(form, files, setting, lambda done: tell(done, len(files)))


def _require(store: Workspace, actor: Actor, wanted: Wanted) -> None:
    """Whether the post may print what is asked for. Raises NotAllowed."""
    if wanted.blanks:
        return
    cls = VISIT_FORMS.get(wanted.form)
    type_name = cls.spec.name if cls else "mandatory_report" if wanted.form == REPORT_FORM else "person"
    for org in {person.org or "" for person in store.many(Person, wanted.ids).values()}:
        access.require(actor, access.Action.PRINT, type_name, org)


def _log(
    store: Workspace, actor: Actor, form: PrintedForm, document: PrintedDocument, setting: Setting, how: str
) -> None:
    papers.log_print(
        store, actor, form.name, sheets=len(document.sheets), pages=document.page_count,
        masked=_masks(form, setting), how=how,
    )  # fmt: skip


def names_of(reader: Reader, ids: Sequence[str]) -> list[tuple[str, str]]:
    """(id, words) of persons, or of whom a visit was paid to, in the order asked."""
    people = reader.many(Person, ids)
    visits: dict[str, ChildVisit | ElderVisit] = {}
    if len(people) < len(set(ids)):
        visits = {**reader.many(ChildVisit, ids), **reader.many(ElderVisit, ids)}
    visited = reader.many(Person, [visit.subject for visit in visits.values() if visit.subject])
    found = []
    for id_ in ids:
        if id_ in people:
            found.append((id_, _name(people[id_])))
        elif id_ in visits and (person := visited.get(visits[id_].subject or "")):
            found.append((id_, f"{person.name}　{visits[id_].visited_on}"))
    return found


def _name(person: Person) -> str:
    return "　".join(part for part in (person.name or "", person.village_group or "") if part)
