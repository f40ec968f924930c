"""照这张表填: the county's own blank table comes back filled, with its titles, merged cells, styles and signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.exchange import refusals
from app.exchange.cells import Written, is_number_text, starts_a_formula, written
from app.exchange.errors import NoTableFound, TemplateRefused
from app.exchange.guards import Format, format_of
from app.exchange.headings import Heading, signature, suggest
from app.exchange.making_room import Body, make_room
from app.exchange.reading import Cell, Grid, Span, text_of
from app.exchange.tables import FOOTER, TOTAL, find_headings, read_headings
from app.exchange.vocabulary import plain, vocabulary
from app.exchange.writing import safely
from app.records.family_values import FamilyValues

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

SURE_ENOUGH = 0.55
LONGEST_IN_BLANK = 20
COUNTING = frozenset({"序号", "序", "编号", "号"})
AGES = frozenset({"年龄", "周岁", "年龄岁", "年龄周岁", "现年龄", "岁数"})


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of the county's table. ``unknown`` are headings that were left empty."""

    sheet: str
    rows: int
    columns: Mapping[str, str]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """The table that was found in a blank workbook: its headings, what is put under them, and where."""

    sheet: str
    headings: tuple[Heading, ...]
    targets: tuple[str, ...]
    body: Body


def fill(
    blank: Path,
    filled: Path,
    rows: Sequence[FamilyValues],
    today: date,
    *,
    kind: str = "child",
    remembered: Mapping[str, Sequence[str]] | None = None,
) -> Filled:
    """Write people into a copy of a blank .xlsx; the blank itself stays as it is.

    Raises SpreadsheetRefused when the blank cannot be used, NotWritten when the copy cannot be written.
    """
    book = _opened(blank)
    sheet, template = _template(book, kind, remembered or {})
    make_room(sheet, template.body, len(rows))
    for place, row in enumerate(rows):
        _fill_row(sheet, template, template.body.first + place, place + 1, row, kind, today)

    def save(path: Path) -> int:
        book.save(path)
        return len(rows)

    safely(filled, save, source=blank)
    return _report(template, len(rows))


def _opened(blank: Path) -> Workbook:
    import openpyxl

    if format_of(blank) is not Format.XLSX:
        raise TemplateRefused(
            "什么都没有改动。只能照 .xlsx 的表填，这张是别的格式（例如老的 .xls）。", advice=refusals.SAVE_AS_XLSX
        )
    try:
        return openpyxl.load_workbook(blank)
    except Exception as error:  # the reader of templates fails in many ways; the user can only save it anew
        raise refusals.damaged() from error


def _template(book: Workbook, kind: str, remembered: Mapping[str, Sequence[str]]) -> tuple[Worksheet, Template]:
    for sheet in book.worksheets:
        grid = _grid(sheet)
        block = find_headings(grid, vocabulary()) if grid.rows else None
        if block is None:
            continue
        headings = tuple(read_headings(grid, *block))
        guesses = suggest(headings, kind, remembered)
        known = signature(headings) in remembered
        targets = tuple(guess.target if known or guess.confidence >= SURE_ENOUGH else "" for guess in guesses)
        return sheet, Template(sheet.title, headings, targets, _body(grid, block[1] + 1, targets))
    raise NoTableFound(
        "什么都没有改动。没有在这张表里找到表头（例如「姓名」那一行）。", advice="请检查是不是选错了文件。"
    )


def _grid(sheet: Worksheet) -> Grid:
    merged = tuple(
        Span(r.min_row - 1, r.min_col - 1, r.max_row - 1, r.max_col - 1) for r in sheet.merged_cells.ranges
    )
    rows = [[_value(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    return Grid(sheet.title, rows, merged)


def _value(value: object) -> Cell:
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, (int, float, date)) else None


def _body(grid: Grid, start: int, targets: Sequence[str]) -> Body:
    """The blank lines under the headings, in rows of the sheet counted from 1: up to the signatures or totals.

    Lines in which somebody stands already, such as an example, are left as they are.
    """
    named = targets.index("subject.name") if "subject.name" in targets else -1
    while named >= 0 and start < len(grid.rows) and _is_taken(grid.rows[start], named):
        start += 1
    end = start
    for place in range(start, len(grid.rows)):
        texts = ["".join(text_of(cell).split()) for cell in grid.rows[place] if cell is not None]
        if any(TOTAL.match(text) or FOOTER.match(text) for text in texts):
            return Body(start + 1, place, place + 1)
        if any(len(text) > LONGEST_IN_BLANK for text in texts):
            return Body(start + 1, place, place + 1)
        end = place + 1
    return Body(start + 1, end, 0)


def _is_taken(row: Sequence[Cell], named: int) -> bool:
    text = text_of(row[named]) if named < len(row) else ""
    return bool(text) and not TOTAL.match(text) and not FOOTER.match(text)


def _fill_row(
    sheet: Worksheet, template: Template, line: int, number: int, row: FamilyValues, kind: str, today: date
) -> None:
    for heading, target in zip(template.headings, template.targets, strict=True):
        name = plain(heading.texts[-1]) if heading.texts else ""
        cell = sheet.cell(line, heading.column + 1)
        if name in COUNTING:
            _put(cell, number, "")
        elif name in AGES:
            _put(cell, written(row, "subject.age", kind, today), "")
        elif target:
            _put(cell, written(row, target, kind, today), target)


def _put(cell: SheetCell | MergedCell, value: Written, target: str) -> None:
    """One value; text is marked as text, or the spreadsheet program would take =1+1 for a formula."""
    from openpyxl.cell.cell import MergedCell

    if value is None or isinstance(cell, MergedCell):
        return
    if isinstance(value, int) and is_number_text(target):
        value = str(value)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = starts_a_formula(value)
        if is_number_text(target):
            cell.number_format = "@"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd" if cell.number_format == "General" else cell.number_format


def _report(template: Template, count: int) -> Filled:
    named = [(h, t) for h, t in zip(template.headings, template.targets, strict=True) if h.texts]
    own = COUNTING | AGES
    unknown = tuple(h.label for h, t in named if not t and plain(h.texts[-1]) not in own)
    return Filled(template.sheet, count, {h.label: t for h, t in named if t}, unknown)
