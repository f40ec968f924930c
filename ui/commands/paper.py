"""Paper: which forms there are, and printing them into a PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import NotFound, UserError
from ui.commands.answer import Answer, Asked
from ui.commands.usage import Parser

if TYPE_CHECKING:
    from app.paper import PrintedForm
    from app.store.reader import Reader
    from ui.print_job import Printing, Wanted


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
    from app.paper import printed_form
    from ui import print_job

    form, today = printed_form(asked.form), asked.today()
    with asked.writing() as (store, by), _file_to_be(Path(asked.output)) as put:
        wanted = wanted_of(store, form, asked.id, today, blank=asked.blank, elders=asked.elder)
        made = print_job.pages(store, wanted, by, today, how="pdf")
        put(made.document.pdf)
    return _told(asked, made)


def _told(asked: Asked, made: Printing) -> Answer:
    document = made.document
    sheets = len(document.sheets)
    numbers = [sheet.number for sheet in document.sheets if sheet.number]
    value = {"file": asked.output, "sheets": sheets, "pages": document.page_count, "numbers": numbers,
             "empty_required": list(document.red_fields), "missing_glyphs": list(document.missing_glyphs)}  # fmt: skip
    notes = []
    if made.left_out:
        notes.append(f"这种表不是给他们用的，没有印：{'、'.join(made.left_out)}")
    if document.red_fields and not asked.blank:
        notes.append(f"必填还空着：{'、'.join(document.red_fields)}")
    if document.missing_glyphs:
        notes.append(f"这些字没有字形，请用笔补上：{'、'.join(document.missing_glyphs)}")
    return Answer(value, (f"已写好 {sheets} 张 {document.page_count} 页：{asked.output}",), notes)


def wanted_of(
    reader: Reader, form: PrintedForm, ids: Sequence[str], today: date, *, blank: bool = False, elders: bool = False
) -> Wanted:
    """What to print for these people; nobody named: the day's visit sheets, the whole register. Raises NotFound."""
    from app.cases.papers import sheets_of_the_day
    from app.paper import Subject
    from app.store import ListQuery
    from ui.print_job import NUMBERED, Wanted

    kind = "elder" if elders else "child"
    if blank:
        if not form.can_be_blank:
            raise UserError(f"没有打印。「{form.title}」没有空白的。", advice="请写上人的编号。")
        return Wanted(form.name, blanks=1, kind=kind)
    if ids:
        _require_known(reader, ids)
    elif form.name == NUMBERED:
        ids = [file.person.id for file in sheets_of_the_day(reader, today)]
    elif form.subject is Subject.LIST:
        ids = reader.listing(ListQuery(kind)).ids()
    return Wanted(form.name, tuple(ids), kind=kind if form.subject is Subject.LIST else "")


def _require_known(reader: Reader, ids: Sequence[str]) -> None:
    from app.records import ChildVisit, ElderVisit, Person

    known = {**reader.many(Person, ids), **reader.many(ChildVisit, ids), **reader.many(ElderVisit, ids)}
    for id_ in ids:
        if id_ not in known:
            raise NotFound(f"没有打印。找不到编号是 {id_[:40]} 的人。", advice="请用 find 查编号。")


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
