"""Measure an old .xls before a parser lays it out: find its stream of records, and how far its cells reach.

Sources: MS-CFB (the container) and MS-XLS (the records), both published by Microsoft.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.exchange import refusals
from app.exchange.unfolding import LARGEST_AREA, MOST_CELLS

FREE = 0xFFFFFFFA  # and above: marks, not sectors
STREAM_NAMES = ("Workbook", "Book")
SMALL_STREAM = 4096
MINI = 64

BEGIN, PASSWORD = 0x0809, 0x002F
FORMULA, LABEL, LABEL_SHARED, NUMBER, SMALL_NUMBER, TRUTH = 0x0006, 0x0204, 0x00FD, 0x0203, 0x027E, 0x0205
SEVERAL_NUMBERS = 0x00BD
CELLS = frozenset({FORMULA, LABEL, LABEL_SHARED, NUMBER, SMALL_NUMBER, TRUTH, SEVERAL_NUMBERS})


def check_xls(path: Path) -> None:
    """SpreadsheetRefused when the workbook has a password, is damaged, or would take unreasonable memory."""
    try:
        stream = _workbook_stream(path.read_bytes())
        _check_records(stream)
    except (struct.error, IndexError, ValueError, OSError) as error:
        raise refusals.damaged() from error


@dataclass(frozen=True, slots=True)
class _Container:
    """The sectors of a compound file, and which follows which."""

    content: bytes
    size: int
    table: Sequence[int]

    def chain(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in _follow(self.table, start))

    def _sector(self, number: int) -> bytes:
        return self.content[(number + 1) * self.size : (number + 2) * self.size]


def _follow(table: Sequence[int], start: int) -> Iterator[int]:
    seen = 0
    while start < FREE:
        seen += 1
        if seen > len(table):
            raise ValueError("the chain of sectors runs in a circle")
        yield start
        start = table[start]


def _workbook_stream(content: bytes) -> bytes:
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    if size not in (512, 4096):
        raise ValueError("no usual size of sectors")
    container = _Container(content, size, _sector_table(content, size))
    directory_at, mini_at = struct.unpack_from("<I8xI", content, 48)[0], struct.unpack_from("<I", content, 60)[0]
    entries = list(_entries(container.chain(directory_at)))
    root = entries[0]
    for name, start, length in entries:
        if name in STREAM_NAMES:
            if length >= SMALL_STREAM:
                return container.chain(start)[:length]
            minis = container.chain(root[1])
            table = _numbers(container.chain(mini_at))
            return b"".join(minis[n * MINI : (n + 1) * MINI] for n in _follow(table, start))[:length]
    raise refusals.not_a_spreadsheet("可能是 Word 文档")


def _sector_table(content: bytes, size: int) -> list[int]:
    """Which sector follows which; the list of its own sectors begins in the header and may go on elsewhere."""
    places = [number for number in struct.unpack_from("<109I", content, 76) if number < FREE]
    more, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, 1_000)):
        if more >= FREE:
            break
        *numbers, more = _numbers(content[(more + 1) * size : (more + 2) * size])
        places.extend(number for number in numbers if number < FREE)
    table: list[int] = []
    for place in places:
        table.extend(_numbers(content[(place + 1) * size : (place + 2) * size]))
    return table


def _numbers(raw: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])


def _entries(directory: bytes) -> Iterator[tuple[str, int, int]]:
    """Name, first sector and length of each entry of the container."""
    for place in range(0, len(directory) - 127, 128):
        entry = directory[place : place + 128]
        length_of_name = min(struct.unpack_from("<H", entry, 64)[0], 64)
        name = entry[: max(0, length_of_name - 2)].decode("utf-16-le", errors="replace")
        start, length = struct.unpack_from("<II", entry, 116)
        yield name, start, length


def _check_records(stream: bytes) -> None:
    cells = area = rows = columns = place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind in CELLS and length >= 4:
            row, column = struct.unpack_from("<HH", stream, place + 4)
            wide = (length - 6) // 6 if kind == SEVERAL_NUMBERS else 1
            cells, rows, columns = cells + wide, max(rows, row + 1), max(columns, column + wide)
        elif kind == BEGIN:
            area, rows, columns = area + rows * columns, 0, 0
        elif kind == PASSWORD:
            raise refusals.encrypted()
        place += 4 + length
    if cells > MOST_CELLS or area + rows * columns > LARGEST_AREA:
        raise refusals.too_many_cells()
