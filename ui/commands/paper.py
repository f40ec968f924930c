"""Paper: which forms there are, and printing them into a PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import NotFound, UserError
from app.records.divisions import full_name
from ui.commands.answer import Answer, Asked
from ui.commands.usage import Parser

if TYPE_CHECKING:
    from app.paper import PrintedDocument, PrintedForm
    from app.paper.sheets import RegisterList
    from app.policy.access import Actor
    from app.records.files import PersonFile
    from app.store.workspace import Workspace


def add(parser: Parser) -> None:
    """Describe the verbs of this file."""
    parser.verb("forms", forms, "能打印哪些表")
    printed = parser.verb("print", print_, "把表打印成 PDF")
    printed.takes("form", metavar="表格", help="表格的名字，见 forms")
    printed.takes("id", nargs="*", default=[], metavar="编号", help="人或走访的编号；走访单不写就是今天该走访的")
    printed.takes("-o", "--output", required=True, metavar="文件", help="写到哪个 PDF")
    printed.takes("--blank", action="store_true", help="空白的表，手填用")
    printed.takes("--elder", action="store_true", help="台账列老人，不写就是儿童")


def forms(asked: Asked) -> Answer:
    """The printed forms by name."""
    from app.paper import PRINTED_FORMS

    value = [{"name": form.name, "title": form.title, "version": form.version} for form in PRINTED_FORMS]
    return Answer(value, [f"{form.name:24}{form.title}（{form.version}）" for form in PRINTED_FORMS])


def print_(asked: Asked) -> Answer:
    """One PDF; carried sheets get their numbers, and the print log a line."""
    from app.cases.papers import log_print
    from app.paper import printed_form

    form, today = printed_form(asked.form), asked.today()
    with asked.writing() as (store, by), _file_to_be(Path(asked.output)) as put:
        document = document_of(store, by, form, asked.id, today, blank=asked.blank, elders=asked.elder)
        put(document.pdf)
        masked = form.handling.value == "carried"
        sheets = len(document.sheets)
        log_print(store, by, form.name, sheets=sheets, pages=document.page_count, masked=masked, how="pdf")
    numbers = [sheet.number for sheet in document.sheets if sheet.number]
    value = {"file": asked.output, "sheets": sheets, "pages": document.page_count, "numbers": numbers,
             "empty_required": list(document.red_fields), "missing_glyphs": list(document.missing_glyphs)}  # fmt: skip
    notes = []
    if document.red_fields and not asked.blank:
        notes.append(f"必填还空着：{'、'.join(document.red_fields)}")
    if document.missing_glyphs:
        notes.append(f"这些字没有字形，请用笔补上：{'、'.join(document.missing_glyphs)}")
    return Answer(value, (f"已写好 {sheets} 张 {document.page_count} 页：{asked.output}",), notes)


def document_of(
    store: Workspace,
    by: Actor,
    form: PrintedForm,
    ids: Sequence[str],
    today: date,
    *,
    blank: bool = False,
    elders: bool = False,
) -> PrintedDocument:
    """The pages of a form for these people. Raises NothingToPrint, NotFound, NotAllowed."""
    from app.paper import Setting, render

    setting = Setting(
        practice=store.setting("kind") == "practice", unit=full_name(store.post.org), today=today, filled_by=by.name
    )
    if blank:
        if not form.can_be_blank:
            raise UserError(f"没有打印。「{form.title}」没有空白的。", advice="请写上人的编号。")
        return render(form, [form.blank], setting)
    return render(form, _files(store, by, form, ids, today, elders=elders), setting)


def _files(
    store: Workspace, by: Actor, form: PrintedForm, ids: Sequence[str], today: date, *, elders: bool
) -> Sequence[Any]:
    from app.paper import Subject
    from app.policy import access

    if form.subject is Subject.LIST:
        return [_register(store, by, "elder" if elders else "child", ids)]
    if form.subject is Subject.PERSON:
        return _carried(store, by, form, ids, today)
    kind = "elder" if form.subject is Subject.ELDER else "child"
    files: list[Any] = [_file(store, id_, kind, form) for id_ in ids]
    for file in files:
        access.require(by, "print", kind, file.person.org or "")
    return [_report(file) for file in files] if form.subject is Subject.REPORT else files


def _carried(store: Workspace, by: Actor, form: PrintedForm, ids: Sequence[str], today: date) -> Sequence[PersonFile]:
    """The day's visit sheets, or those of some people, each with a number."""
    from app.cases.papers import number_sheets, sheets_of_the_day

    files = [_file(store, id_, "", form) for id_ in ids] if ids else sheets_of_the_day(store, today)
    return number_sheets(store, by, files, form.name, form.version).files if files else ()


def _file(store: Workspace, id_: str, kind: str, form: PrintedForm) -> PersonFile:
    """The file of a person; for a visit record, of the visit with this id or of the person's last visit."""
    from app.cases.papers import file_of_visit, gather
    from app.cases.visits import VISITS, last_visit
    from app.records import Child

    if kind and form.name.endswith("_visit_record"):
        visit = store.get(VISITS[kind], id_) or last_visit(store, id_, kind)
        if visit is None:
            raise NotFound(f"没有打印。{id_} 还没有走访记录。", advice="请先完成一次走访，或用 --blank 打空白的。")
        return file_of_visit(store, visit)
    kind = kind or ("child" if store.get(Child, id_) else "elder")
    found = gather(store, [id_], kind)
    if not found:
        raise NotFound(f"没有打印。找不到编号是 {id_[:40]} 的人。", advice="请用 find 查编号。")
    return found[0]


def _report(file: Any) -> Any:
    from app.paper.sheets import ReportFile

    return ReportFile(child=file)


def _register(store: Workspace, by: Actor, kind: str, ids: Sequence[str]) -> RegisterList:
    """The landscape list, of the whole register or of some people."""
    from app.cases.papers import gather
    from app.paper.register_list import listed
    from app.policy import access
    from app.records.divisions import short_name
    from app.store import ListQuery

    files = gather(store, ids or store.listing(ListQuery(kind)).ids(), kind)
    for org in {file.person.org or "" for file in files}:
        access.require(by, "print", kind, org)
    return listed(files, elders=kind == "elder", place=short_name(store.post.org))


@contextmanager
def _file_to_be(path: Path) -> Iterator[Callable[[bytes], object]]:
    """A place for the file, found before any number is given out; it gets its name when everything is done."""
    if not path.parent.is_dir():
        raise NotFound(f"没有打印，什么都没有改动。没有文件夹「{path.parent}」。", advice="请检查路径。")
    if path.exists() and not path.is_file():  # a device must not become a file
        raise UserError(f"没有打印，什么都没有改动。「{path}」不是文件。", advice="请写一个文件名，如 走访单.pdf。")
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            yield file.write
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
