"""Measure what an .xlsx would unfold to, piece by piece, before a parser lays it out in memory."""

from __future__ import annotations

import copy
import lzma
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from app.exchange import refusals
from app.exchange.errors import NotASpreadsheet

MOST_ENTRIES = 5_000
LARGEST_DIRECTORY = 2 << 20
LARGEST_UNFOLDED = 300 << 20
LARGEST_RATIO = 250
RATIO_COUNTS_FROM = 8 << 20
MOST_CELLS = 2_000_000
MOST_COLUMNS = 702  # column ZZ
LARGEST_AREA = 8_000_000  # the parser lays a sheet out as a full rectangle up to its farthest filled cell
LONG_TEXT = 256
MOST_REPEATED_TEXT = 100 << 20
CHUNK = 1 << 20
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)

# A cell that holds something; one that only carries a border closes itself and takes no room.
FILLED = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br\s*=\s*[\"']([A-Za-z]+)([0-9]+)[\"'][^<>]*(?<!/)>")
ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\br\s*=\s*[\"']([0-9]+)")
TEXT_ENDS = re.compile(rb"</(?:\w+:)?si>|<(?:\w+:)?si\s*/>")
SHARED = re.compile(rb"<(?:\w+:)?v>\s*(\d+)\s*</")


def check_zip(path: Path) -> None:
    """SpreadsheetRefused when the file is no .xlsx, encrypted, damaged, or would take unreasonable memory."""
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            _check_names(infos)
            _check_sizes(infos)
            _measure(archive, infos)
    except UNREADABLE as error:
        raise refusals.damaged() from error


def _check_directory(path: Path) -> None:
    """The list of parts must itself be small, because it is read in one piece."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_600))
        tail = file.read()
        found = tail.rfind(b"PK\x05\x06")
        if found < 0:
            raise refusals.damaged()
        entries, length = struct.unpack("<HL", tail[found + 10 : found + 16])
        if tail[max(0, found - 20) : found].startswith(b"PK\x06\x07"):
            entries, length = _zip64_counts(file, tail[found - 20 : found])
    if entries > MOST_ENTRIES or length > LARGEST_DIRECTORY:
        raise refusals.bomb()


def _zip64_counts(file: IO[bytes], locator: bytes) -> tuple[int, int]:
    file.seek(struct.unpack("<Q", locator[8:16])[0])
    entries, length = struct.unpack("<QQ", file.read(56)[32:48])
    return int(entries), int(length)


def _check_names(infos: list[zipfile.ZipInfo]) -> None:
    names = {info.filename.replace("\\", "/").lower() for info in infos}
    if any(info.flag_bits & 1 for info in infos):
        raise refusals.encrypted()
    if names & {"xl/workbook.bin", "content.xml"}:
        raise NotASpreadsheet(
            f"{refusals.UNCHANGED}这种表格（.xlsb 或 .ods）读不了。", advice=refusals.SAVE_AS_XLSX
        )
    if "xl/workbook.xml" not in names:
        raise refusals.not_a_spreadsheet("可能是压缩包或 Word 文档")


def _check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_ENTRIES or sum(info.file_size for info in infos) > LARGEST_UNFOLDED:
        raise refusals.bomb()
    for info in infos:
        if info.file_size > RATIO_COUNTS_FROM and info.file_size > LARGEST_RATIO * max(1, info.compress_size):
            raise refusals.bomb()


@dataclass(slots=True)
class _Measure:
    """What the parts add up to, counted while they stream by."""

    unfolded: int = 0
    cells: int = 0
    long_texts: dict[int, int] = field(default_factory=dict)
    used: Counter[int] = field(default_factory=Counter)

    def check(self) -> None:
        if self.unfolded > LARGEST_UNFOLDED:
            raise refusals.bomb()
        if self.cells > MOST_CELLS:
            raise refusals.too_many_cells()
        if sum(self.long_texts[index] * count for index, count in self.used.items()) > MOST_REPEATED_TEXT:
            raise refusals.bomb()


def _measure(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> None:
    measure = _Measure()
    shared = [info for info in infos if info.filename.lower().endswith("sharedstrings.xml")]
    for info in shared:
        measure.long_texts.update(_long_texts(_pieces(archive, info, measure)))
    for info in infos:
        if info not in shared:
            _measure_part(_pieces(archive, info, measure), measure)


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo, measure: _Measure) -> Iterator[bytes]:
    """A part piece by piece, cut before a tag; the size that it claims is not believed."""
    unclaimed = copy.copy(info)
    unclaimed.file_size = 2 * LARGEST_UNFOLDED
    rest = b""
    with archive.open(unclaimed) as part:
        while read := part.read(CHUNK):
            measure.unfolded += len(read)
            measure.check()
            chunk = rest + read
            cut = max(chunk.rfind(b"<"), len(chunk) - CHUNK, 0)
            rest = chunk[cut:]
            yield _without_entities(chunk[:cut])
    yield _without_entities(rest)


def _without_entities(piece: bytes) -> bytes:
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
        raise refusals.bomb()
    return piece


def _long_texts(pieces: Iterator[bytes]) -> dict[int, int]:
    """Places in the list of shared texts where long ones stand, and their lengths: each use is a copy."""
    long: dict[int, int] = {}
    index, length = 0, 0
    for piece in pieces:
        *finished, rest = TEXT_ENDS.split(piece)
        for text in finished:
            if length + len(text) > LONG_TEXT:
                long[index] = length + len(text)
            index, length = index + 1, 0
        length += len(rest)
    return long


def _measure_part(pieces: Iterator[bytes], measure: _Measure) -> None:
    rows, columns = 0, 0
    for piece in pieces:
        filled = FILLED.findall(piece)
        values = piece.count(b"</v>") + piece.count(b"</is>") + piece.count(b":v>")
        measure.cells += max(len(filled), values)
        if measure.long_texts:
            numbers = map(int, SHARED.findall(piece))
            measure.used.update(number for number in numbers if number in measure.long_texts)
        measure.check()
        letters, digits = zip(*filled, strict=True) if filled else ((), ())
        columns = max(columns, *map(_column, set(letters)), 0)
        rows = max(rows, *map(int, set(digits)), 0)
        if values > len(filled):  # cells that do not say where they are stand where their row says it is
            rows = max(rows, *(int(digits) for digits in ROW.findall(piece)), 0)
            columns = max(columns, *(line.count(b"v>") for line in piece.split(b"</row>")))
        _check_area(rows, columns)


def _check_area(rows: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise refusals.too_wide(columns)
    if rows * columns > LARGEST_AREA:
        raise refusals.too_many_cells()


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number
