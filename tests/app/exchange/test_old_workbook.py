"""Old workbooks, looked at from outside."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from app.exchange.errors import NotASpreadsheet, SpreadsheetEncrypted, SpreadsheetTooLarge
from app.exchange.old_workbook import check_xls
from tests.app.exchange.workbooks import xls

END, NOTHING = 0xFFFFFFFE, 0xFFFFFFFF


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def entry(name: str, start: int, length: int) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    name_and_size = raw.ljust(64, b"\0") + struct.pack("<H", len(raw))
    return name_and_size + b"\0" * 50 + struct.pack("<II", start, length) + b"\0" * 4


def small_container(stream: bytes, name: str = "Workbook", follows: int = END) -> bytes:
    """A compound file whose only stream is so short that it lies among the mini sectors."""
    minis = -(-len(stream) // 64)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(30, b"\0") + struct.pack("<HH", 9, 6).ljust(18, b"\0")
    header += struct.pack("<IIIIIII", 1, 0, 4096, 2, 1, END, 0) + struct.pack("<I", 0) + b"\xff" * 432
    table = struct.pack("<IIII", 0xFFFFFFFD, END, follows, END) + b"\xff" * 496
    directory = entry("Root Entry", 3, minis * 64) + entry(name, 0, len(stream)) + b"\0" * 256
    chain = struct.pack(f"<{minis}I", *range(1, minis), END).ljust(512, b"\xff")
    return header + table + directory + chain + stream.ljust(512, b"\0")


def checked(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xls").write_bytes(content)
    check_xls(tmp_path / "a.xls")


def test_an_ordinary_old_workbook_passes(tmp_path):
    check_xls(xls(tmp_path / "a.xls", [["姓名"], ["王芳"]]))


def test_a_short_workbook_among_mini_sectors_is_read(tmp_path):
    checked(tmp_path, small_container(record(0x0809) + record(0x0203, struct.pack("<HH", 1, 1)) + record(0x000A)))


def test_a_password_is_seen_in_the_records(tmp_path):
    with pytest.raises(SpreadsheetEncrypted):
        checked(tmp_path, small_container(record(0x0809) + record(0x002F, b"\0" * 6)))


def test_many_sheets_with_one_far_cell_each_are_added_up(tmp_path):
    far = record(0x0809) + record(0x0203, struct.pack("<HH", 20_000, 200))
    checked(tmp_path, small_container(far))
    with pytest.raises(SpreadsheetTooLarge):
        checked(tmp_path, small_container(far * 4))


def test_a_compound_file_without_a_workbook_is_none(tmp_path):
    with pytest.raises(NotASpreadsheet, match="Word"):
        checked(tmp_path, small_container(record(0x0809), name="WordDocument"))


def test_sectors_that_run_in_a_circle_are_refused(tmp_path):
    with pytest.raises(NotASpreadsheet, match="坏了"):
        checked(tmp_path, small_container(record(0x0809), follows=2))
