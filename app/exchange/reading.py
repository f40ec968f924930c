"""Open a spreadsheet of any of the kinds that villages have, as plain cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

from app.errors import Cancelled
from app.exchange import refusals
from app.exchange.delimited import read_delimited
from app.exchange.errors import SpreadsheetRefused
from app.exchange.guards import Format, format_of

Cell = str | int | float | date | None

EXACT_DIGITS = 15  # a spreadsheet keeps a number to 15 digits; what follows are zeros of its own
LONGEST_CELL = 32_767
FORMULA_MARKS = "=+-@\t\r\n＝＋－＠"
"""What makes a spreadsheet program take a text for a formula, in both widths (ASVS 1.2.10)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A rectangle of merged cells, counted from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: row 0 is the sheet's first row, whether or not something stands in it."""

    name: str
    rows: Sequence[Sequence[Cell]]
    merged: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """The visible sheets of a file."""

    path: Path
    format: Format
    sheets: tuple[Grid, ...]


def open_workbook(path: Path) -> Workbook:
    """All visible sheets with their values; formulas give what they last showed, macros are not looked at.

    Raises SpreadsheetRefused with a sentence for the user when the file cannot or must not be opened.
    """
    kind = format_of(path)
    if kind is Format.TEXT:
        rows = [[_unguarded(text.strip()) or None for text in row] for row in read_delimited(path)]
        return Workbook(path, kind, (Grid("", rows),))
    return Workbook(path, kind, tuple(_binary_sheets(path, kind)))


def text_of(cell: Cell) -> str:
    """The cell as a person would read it off the screen: no 1.0, no 5.3E+17, no midnight."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e20 else repr(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def has_lost_digits(cell: Cell) -> bool:
    """Whether the cell holds a number so long that the spreadsheet has rounded it."""
    return isinstance(cell, (int, float)) and abs(cell) >= 10**EXACT_DIGITS


def _unguarded(text: str) -> str:
    """An apostrophe before a mark of formulas or a digit was put there so that nothing runs and no digit is lost."""
    return text[1:] if text[:1] == "'" and (text[1:2] in FORMULA_MARKS or text[1:2].isdecimal()) else text


def _binary_sheets(path: Path, kind: Format) -> Iterable[Grid]:
    from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        # By its path the parser believes the file's name; a misnamed file must be handed over as bytes.
        is_named_rightly = path.suffix.lower() == f".{kind}"
        source = str(path) if is_named_rightly else BytesIO(path.read_bytes())
        with CalamineWorkbook.from_object(source) as book:
            wanted = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
            ]
            return [_grid(book, name) for name in wanted]
    except PasswordError as error:
        raise refusals.encrypted() from error
    except (SpreadsheetRefused, Cancelled, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of the parser is no Exception
        raise refusals.damaged() from error


def _grid(book: object, name: str) -> Grid:
    from python_calamine import CalamineWorkbook

    assert isinstance(book, CalamineWorkbook)
    sheet = book.get_sheet_by_name(name)
    merged = tuple(Span(*start, *end) for start, end in sheet.merged_cell_ranges or ())
    rows = [[_plain(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    return Grid(name, rows, merged)


def _plain(value: object) -> Cell:
    if isinstance(value, str):
        return value[:LONGEST_CELL].strip() or None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e18 else value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, (int, date)) or value is None:
        return value
    if isinstance(value, (time, timedelta)):
        return str(value)
    return str(value)
