"""Write people into spreadsheets: .xlsx, .csv, .jsonl; nothing in a cell can run, no digit is lost."""

from __future__ import annotations

import csv
import errno
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.exchange.cells import Written, is_number_text, starts_a_formula, written
from app.exchange.errors import NotWritten
from app.exchange.headings import PARTS, part_fields
from app.exchange.layouts import Layout
from app.exchange.ledger import Ledger
from app.exchange.reading import Cell, has_lost_digits, text_of
from app.records.family_values import FamilyValues
from app.records.record import to_json

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

REASON_HEADING = "没有导入的原因"
PLACE_HEADING = "原来的行号"
LONGEST_SHEET_NAME = 31


def write_people(path: Path, layout: Layout, rows: Iterable[FamilyValues], today: date, title: str = "") -> int:
    """Write rows into a file whose name ends in .xlsx, .csv or .jsonl; gives how many. NotWritten when it cannot."""
    writers: Mapping[str, Callable[[Path], int]] = {
        ".xlsx": lambda to: _write_xlsx(to, layout, rows, today, title),
        ".csv": lambda to: _write_csv(to, layout, rows, today),
        ".jsonl": lambda to: _write_jsonl(to, layout.kind, rows),
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        advice = "文件名请以 .xlsx、.csv 或 .jsonl 结尾。"
        raise NotWritten(f"没有导出。不认识「{path.suffix}」这种文件。", advice=advice)
    return safely(path, writer)


def write_refused(path: Path, ledger: Ledger, reasons: Mapping[tuple[str, int], Sequence[str]]) -> int:
    """Give refused rows back in their own columns, with the reason, ready to be mended and imported again."""
    return safely(path, lambda to: _write_refused(to, ledger, reasons), source=ledger.path)


def safely(path: Path, write: Callable[[Path], int], *, source: Path | None = None) -> int:
    """Write beside the file and put it in place at the end: there is never half a file, and an old one survives.

    ``source`` is what was read for it, which may be the only copy there is. Raises NotWritten.
    """
    if source and path.exists() and path.samefile(source):
        raise NotWritten(f"没有写成，「{path.name}」没有动：它就是原来的那张表。", advice="请换一个文件名。")
    beside = path.with_name(f".{path.name}.part")
    try:
        if path.exists() and not path.is_file():  # a folder, or a device that a file must not take the place of
            raise OSError(errno.EINVAL, "not a file")
        count = write(beside)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise NotWritten(
            f"没有写成「{path.name}」，别的都没有改动。",
            advice="它可能正在 WPS 或 Excel 里打开着，或者磁盘满了、不能写；请关掉它，或换个地方再试。",
        ) from error
    return count


# .xlsx


class _Styles:
    """The few looks of cells, made once for each workbook."""

    def __init__(self, book: Workbook) -> None:
        edge = {"border": 1, "valign": "vcenter", "text_wrap": True, "font_size": 10}
        self.title: Format = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self.heading: Format = book.add_format({**edge, "bold": True, "align": "center", "bg_color": "#EEEEEE"})
        self.text: Format = book.add_format({**edge, "num_format": "@"})
        self.guarded: Format = book.add_format({**edge, "num_format": "@", "quote_prefix": True})
        self.number: Format = book.add_format(edge)
        self.day: Format = book.add_format({**edge, "num_format": "yyyy-mm-dd", "align": "left"})

    def write(self, sheet: Worksheet, row: int, column: int, value: Written | float) -> None:
        """One cell; text is always written as text, never guessed at."""
        if value is None:
            sheet.write_blank(row, column, None, self.text)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, self.guarded if starts_a_formula(value) else self.text)
        elif isinstance(value, (date, datetime)):
            sheet.write_datetime(row, column, value, self.day)
        else:
            sheet.write_number(row, column, value, self.number)


def _book(path: Path) -> Workbook:
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"author": "", "comments": ""})
    return book


def _close(book: Workbook) -> None:
    from xlsxwriter.exceptions import FileCreateError

    try:
        book.close()
    except FileCreateError as error:
        raise OSError(str(error)) from error


def _write_xlsx(path: Path, layout: Layout, rows: Iterable[FamilyValues], today: date, title: str) -> int:
    book = _book(path)
    styles = _Styles(book)
    sheet = book.add_worksheet("名单")
    top = _write_title(sheet, styles, title, len(layout.columns))
    for place, column in enumerate(layout.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(top, place, column.heading, styles.heading)
    count = 0
    for count, row in enumerate(rows, 1):
        for place, column in enumerate(layout.columns):
            value = written(row, column.target, layout.kind, today)
            styles.write(sheet, top + count, place, _in_text(column.target, value))
    _prepare_for_print(sheet, top)
    _close(book)
    return count


def _write_title(sheet: Worksheet, styles: _Styles, title: str, columns: int) -> int:
    """The title over all columns; gives the row of the headings."""
    if not title:
        return 0
    if columns > 1:
        sheet.merge_range(0, 0, 0, columns - 1, "", styles.title)
    sheet.write_string(0, 0, title, styles.title)
    sheet.set_row(0, 30)
    return 1


def _prepare_for_print(sheet: Worksheet, heading_row: int) -> None:
    sheet.freeze_panes(heading_row + 1, 1)
    sheet.repeat_rows(0, heading_row)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def _in_text(target: str, value: Written) -> Written:
    """Digits of numbers and phones are text, or the spreadsheet program would round them."""
    return str(value) if isinstance(value, int) and is_number_text(target) else value


# Text


def _write_csv(path: Path, layout: Layout, rows: Iterable[FamilyValues], today: date) -> int:
    lines = [
        [guarded(text_of(written(row, column.target, layout.kind, today))) for column in layout.columns] for row in rows
    ]
    # The byte order mark tells Excel and WPS that it is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([[guarded(column.heading) for column in layout.columns], *lines])
    return len(lines)


def guarded(text: str) -> str:
    """A text that no spreadsheet program takes for a formula; reading takes the mark off again."""
    return f"'{text}" if starts_a_formula(text) else text


def _write_jsonl(path: Path, kind: str, rows: Iterable[FamilyValues]) -> int:
    lines = [json.dumps(_as_json(row, kind), ensure_ascii=False) + "\n" for row in rows]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)
    return len(lines)


def _as_json(row: FamilyValues, kind: str) -> dict[str, Any]:
    """All fields by their names, codes as codes: for other programs, not for people."""
    parts: dict[str, Any] = {}
    for part in PARTS:
        fields = part_fields(kind, part)
        values = {name: to_json(value) for name, value in getattr(row, part).items() if name in fields}
        if filled := {name: value for name, value in values.items() if value not in (None, [])}:
            parts[part] = filled
    return parts


# Refused rows


def _write_refused(path: Path, ledger: Ledger, reasons: Mapping[tuple[str, int], Sequence[str]]) -> int:
    book = _book(path)
    styles = _Styles(book)
    count = 0
    for place, table in enumerate(ledger.tables, 1):
        rows = [row for row in table.rows if (table.sheet, row.number) in reasons]
        if not rows:
            continue
        taken = {sheet.get_name().casefold() for sheet in book.worksheets()}
        sheet = book.add_worksheet(_sheet_name(table.sheet, place, taken))
        headings = [*(heading.label for heading in table.headings), REASON_HEADING, PLACE_HEADING]
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading.replace(" · ", ""), styles.heading)
        sheet.set_column(0, len(headings) - 3, 13)
        sheet.set_column(len(headings) - 2, len(headings) - 2, 50)
        for line, row in enumerate(rows, 1):
            why = "；".join(reasons[(table.sheet, row.number)])
            for column, cell in enumerate([*_padded(row.cells, len(table.headings)), why, row.number]):
                styles.write(sheet, line, column, text_of(cell) if has_lost_digits(cell) else cell)
        count += len(rows)
    _close(book)
    return count


def _padded(cells: Sequence[Cell], width: int) -> list[Cell]:
    return [*cells[:width], *[None] * (width - len(cells))]


def _sheet_name(name: str, place: int, taken: Collection[str]) -> str:
    """The name of the sheet it came from, as far as the format and the sheets before it allow."""
    kept = "".join(ch for ch in name if ch not in "[]:*?/\\").strip("'")[:LONGEST_SHEET_NAME]
    return kept if kept and kept.casefold() not in taken else f"第{place}张"


