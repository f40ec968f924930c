"""Make a blank table as long as it must be: what stands below moves down whole, new lines look like the old ones."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl.worksheet.cell_range import CellRange
    from openpyxl.worksheet.worksheet import Worksheet

REFERENCE = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)(?![\d(])")


@dataclass(frozen=True, slots=True)
class Body:
    """The lines of a table for people, counted from 1; ``below`` is where signatures or totals begin, 0 for none."""

    first: int
    last: int
    below: int


def make_room(sheet: Worksheet, body: Body, needed: int) -> None:
    """Give the table ``needed`` lines. Cells merged downwards among the lines are parted: each person has one line."""
    _part_lines(sheet, body)
    extra = needed - max(0, body.last - body.first + 1)
    if extra <= 0:
        return
    pattern = _merged_in_line(sheet, body.first) if body.last >= body.first else []
    if body.below:
        _move_down(sheet, body.below, extra)
    for line in range(body.last + 1, body.last + extra + 1):
        _like(sheet, body.first, line)
        for left, right in pattern:
            sheet.merge_cells(start_row=line, end_row=line, start_column=left, end_column=right)
    _lengthen_rules(sheet, body, extra)
    _lengthen_print_area(sheet, extra)


def _part_lines(sheet: Worksheet, body: Body) -> None:
    for merged in list(sheet.merged_cells.ranges):
        if merged.min_row >= body.first and merged.max_row <= body.last and merged.max_row > merged.min_row:
            sheet.unmerge_cells(merged.coord)


def _merged_in_line(sheet: Worksheet, line: int) -> list[tuple[int, int]]:
    return [(r.min_col, r.max_col) for r in sheet.merged_cells.ranges if r.min_row == r.max_row == line]


def _move_down(sheet: Worksheet, first: int, extra: int) -> None:
    """Everything from a row on: cells with their looks, merged cells, heights of rows, sums over what grew."""
    last = sheet.max_row
    moved = [merged for merged in list(sheet.merged_cells.ranges) if merged.min_row >= first]
    for merged in moved:
        sheet.unmerge_cells(merged.coord)
    heights = {row: sheet.row_dimensions[row].height for row in range(first, last + 1)}
    for row in range(last, first - 1, -1):
        for column in range(1, sheet.max_column + 1):
            _move_cell(sheet, row, column, row + extra, first)
        sheet.row_dimensions[row + extra].height = heights[row]
    for merged in moved:
        _merge_lower(sheet, merged, extra)


def _move_cell(sheet: Worksheet, row: int, column: int, to: int, first: int) -> None:
    source, target = sheet.cell(row, column), sheet.cell(to, column)
    value = source.value
    if isinstance(value, str) and source.data_type == "f":
        value = _shifted(value, first, to - row)
    target.value = value
    _take_look(source, target)
    source.value = None


def _shifted(formula: str, first: int, extra: int) -> str:
    """The formula after the lines above it have grown: what ended at the last line ends at the new last line."""

    def moved(found: re.Match[str]) -> str:
        row = int(found[2])
        return f"{found[1]}{row + extra if row >= first - 1 else row}"

    return REFERENCE.sub(moved, formula)


def _merge_lower(sheet: Worksheet, merged: CellRange, extra: int) -> None:
    sheet.merge_cells(
        start_row=merged.min_row + extra,
        end_row=merged.max_row + extra,
        start_column=merged.min_col,
        end_column=merged.max_col,
    )


def _like(sheet: Worksheet, line: int, new: int) -> None:
    """Give a new line the look and height of the first."""
    sheet.row_dimensions[new].height = sheet.row_dimensions[line].height
    for column in range(1, sheet.max_column + 1):
        cell = sheet.cell(new, column)
        cell.value = None
        _take_look(sheet.cell(line, column), cell)


def _take_look(source: Any, target: Any) -> None:
    """Border, font, fill and format; the library's own way, which its type notes leave out."""
    target._style = copy(source._style)


def _lengthen_rules(sheet: Worksheet, body: Body, extra: int) -> None:
    """Drop-down lists that stand on the last line stand on the new ones too."""
    for rule in sheet.data_validations.dataValidation:
        for reach in rule.sqref.ranges:
            if body.first <= reach.max_row and reach.min_row <= body.last <= reach.max_row:
                reach.expand(down=extra)


def _lengthen_print_area(sheet: Worksheet, extra: int) -> None:
    area = sheet.print_area
    if not area:
        return
    longer = []
    for part in area.split(","):
        start, _, end = part.rpartition("!")[2].replace("$", "").partition(":")
        column, row = re.sub(r"\d", "", end), re.sub(r"\D", "", end)
        longer.append(f"{start}:{column}{int(row) + extra}" if row else f"{start}:{end}")
    sheet.print_area = ",".join(longer)
