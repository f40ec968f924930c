"""Read comma, tab or semicolon separated text whose encoding nobody wrote down."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from app.exchange import refusals
from app.exchange.unfolding import MOST_CELLS, MOST_COLUMNS

DELIMITERS = (",", "\t", ";", "，", "；", "|")
ENCODINGS = ("utf-8-sig", "gb18030")
SNIFFED_LINES = 50
LONGEST_CELL = 1 << 20


def read_delimited(path: Path) -> list[list[str]]:
    """The rows of a text file. Chinese Windows writes GBK, phones write UTF-8, "Unicode text" is UTF-16."""
    text = decoded(path.read_bytes())
    if "\x00" in text:
        raise refusals.not_a_spreadsheet("可能是照片或别的文件")
    csv.field_size_limit(LONGEST_CELL)
    try:
        return list(_bounded(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))))
    except csv.Error as error:
        raise refusals.damaged() from error


def decoded(content: bytes) -> str:
    """The text of the bytes in the first encoding that fits all of them."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refusals.not_a_spreadsheet("里面的文字认不出来")


def delimiter_of(text: str) -> str:
    """The mark that most evenly divides the first lines."""
    lines = [line for line in text[: 1 << 16].splitlines()[:SNIFFED_LINES] if line.strip()]
    return max(DELIMITERS, key=lambda mark: _evenness(lines, mark))


def _evenness(lines: list[str], mark: str) -> tuple[int, int]:
    counts = Counter(len(next(csv.reader([line], delimiter=mark))) - 1 for line in lines)
    counts.pop(0, None)
    if not counts:
        return (0, 0)
    columns, agreeing = counts.most_common(1)[0]
    return (agreeing, columns)


def _bounded(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    cells = 0
    for row in rows:
        cells += len(row)
        if len(row) > MOST_COLUMNS:
            raise refusals.too_wide(len(row))
        if cells > MOST_CELLS:
            raise refusals.too_many_cells()
        yield row
