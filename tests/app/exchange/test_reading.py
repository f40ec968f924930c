"""Files of every kind that villages have, and files that nobody should open."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange import unfolding
from app.exchange.errors import NotASpreadsheet, SpreadsheetEncrypted, SpreadsheetRefused, SpreadsheetTooLarge
from app.exchange.reading import Cell, open_workbook, text_of
from tests.app.exchange.workbooks import repacked, xls, xlsx

ROWS = [["姓名", "出生日期", "人口"], ["王芳", date(2015, 4, 12), 5]]


def rows_of(path: Path) -> list[list[Cell]]:
    return [list(row) for row in open_workbook(path).sheets[0].rows]


@pytest.mark.parametrize("write, name", [(xlsx, "a.xlsx"), (xls, "a.xls"), (xls, "misnamed.xlsx")])
def test_a_workbook_gives_text_numbers_and_days(tmp_path, write, name):
    assert rows_of(write(tmp_path / name, ROWS)) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "，"])
def test_text_is_read_in_any_encoding_and_with_any_mark(tmp_path, encoding, mark):
    path = tmp_path / "台账.csv"
    rows = [["姓名", "电话", "住址"], ["王芳", "139", "练习村"]]
    path.write_bytes("\r\n".join(mark.join(row) for row in rows).encode(encoding))
    assert rows_of(path) == rows


def test_a_comma_inside_quotes_does_not_divide(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('姓名,住址\n王芳,"练习镇,练习村"\n', encoding="utf-8")
    assert rows_of(path)[1] == ["王芳", "练习镇,练习村"]


def test_a_formula_gives_what_it_last_showed(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "f.xlsx")
    book.add_worksheet().write_formula(0, 0, '=CMD("calc")', None, "王芳")
    book.close()
    assert rows_of(tmp_path / "f.xlsx") == [["王芳"]]


def test_text_that_looks_like_a_formula_or_markup_stays_text(tmp_path):
    texts = ["=1+1", "@SUM(A1)", "<b>王芳</b>", "a&b"]
    assert rows_of(xlsx(tmp_path / "m.xlsx", [texts])) == [texts]


def test_hidden_sheets_are_left_alone(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "h.xlsx")
    book.add_worksheet("看得见").write(0, 0, "姓名")
    book.add_worksheet("看不见").hide()
    book.close()
    assert [sheet.name for sheet in open_workbook(tmp_path / "h.xlsx").sheets] == ["看得见"]


@pytest.mark.parametrize(
    "cell, shown", [(5.0, "5"), (5.5, "5.5"), (532128201203150016, "532128201203150016"), (None, ""), (" a ", "a"),
                    (date(2015, 4, 12), "2015-04-12")],
)  # fmt: skip
def test_a_cell_is_told_as_it_is_seen(cell, shown):
    assert text_of(cell) == shown


@pytest.mark.parametrize(
    "content, word",
    [
        (b"", "空的"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "不是电子表格"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b"abc\x00\x01\x02", "不是电子表格"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "坏了"),
        (b"PK\x03\x04 not really", "坏了"),
        (b"\x81" * 7 + b"\xff\xff", "认不出来"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_in_plain_words(tmp_path, content, word):
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    with pytest.raises(SpreadsheetRefused) as refused:
        open_workbook(path)
    assert str(refused.value).startswith("台账没有任何改动。")
    assert word in str(refused.value)
    assert refused.value.advice


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "gone.xlsx", tmp_path):
        with pytest.raises(NotASpreadsheet):
            open_workbook(path)


def test_an_old_workbook_with_a_password_is_refused(tmp_path):
    path = tmp_path / "locked.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(SpreadsheetEncrypted):
        open_workbook(path)


def test_a_word_document_in_a_zip_is_no_spreadsheet(tmp_path):
    path = tmp_path / "letter.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(NotASpreadsheet):
        open_workbook(path)


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def sheet(cells: bytes) -> bytes:
    return HEAD + cells + b"</sheetData></worksheet>"


HOSTILE = {
    "a cell in the last column": sheet(b'<row r="1"><c r="XFD1"><v>1</v></c></row>'),
    "a cell in the last row of column ZZ": sheet(b'<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>'),
    "the same in small letters": sheet(b"<row r='1'><c r='xfd1'><v>1</v></c></row>"),
    "the same behind many blanks": sheet(b"<row r='1'><c" + b" " * 5_000 + b"r='XFD1'><v>1</v></c></row>"),
    "a row far down, its cells nowhere": sheet(b'<row r="1048576">' + b"<c><v>1</v></c>" * 300 + b"</row>"),
    "entities": b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' + sheet(b""),
    "three million cells": sheet(b'<row r="1">' + b'<c r="A1"><v>1</v></c>' * 3_000_000 + b"</row>"),
    "a part that unfolds a thousandfold": sheet(b" " * (40 << 20)),
}  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_workbook_is_refused_before_it_is_laid_out(tmp_path, content):
    harmless = xlsx(tmp_path / "a.xlsx", ROWS)
    with pytest.raises(SpreadsheetTooLarge):
        open_workbook(repacked(harmless, tmp_path / "b.xlsx", SHEET, content))


def test_an_old_workbook_whose_cells_lie_far_apart_is_refused(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("一组")
    sheet.write(0, 0, "姓名")
    sheet.write(65_535, 255, "王芳")
    book.save(str(tmp_path / "far.xls"))
    with pytest.raises(SpreadsheetTooLarge):
        open_workbook(tmp_path / "far.xls")


def test_a_large_old_workbook_is_read_whole(tmp_path):
    rows = [[f"第{r}行的文字", r] for r in range(20_000)]
    assert len(rows_of(xls(tmp_path / "large.xls", rows))) == 20_000


def test_a_part_that_lies_about_its_size_is_found_out(tmp_path, monkeypatch):
    monkeypatch.setattr(unfolding, "LARGEST_UNFOLDED", 4 << 20)
    path = repacked(xlsx(tmp_path / "a.xlsx", ROWS), tmp_path / "b.xlsx", SHEET, sheet(b" " * (6 << 20)))
    content = bytearray(path.read_bytes())
    size = struct.pack("<L", len(sheet(b" " * (6 << 20))))
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, struct.pack("<L", 100)))
    with pytest.raises(SpreadsheetRefused):
        open_workbook(path)


def test_one_long_text_used_a_million_times_is_a_bomb(tmp_path):
    texts = b"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>%b</t></si></sst>" % (
        b"x" * 30_000
    )
    cells = sheet(b'<row r="1">' + b'<c r="A1" t="s"><v>0</v></c>' * 10_000 + b"</row>")
    first = repacked(xlsx(tmp_path / "a.xlsx", ROWS), tmp_path / "b.xlsx", "xl/sharedStrings.xml", texts)
    with pytest.raises(SpreadsheetTooLarge):
        open_workbook(repacked(first, tmp_path / "c.xlsx", SHEET, cells))


def test_borders_drawn_to_the_last_column_do_no_harm(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "wide.xlsx")
    page = book.add_worksheet()
    page.write(0, 0, "姓名")
    for column in range(1, 16_384):
        page.write_blank(0, column, None, book.add_format({"border": 1}) if column == 1 else book.formats[-1])
    book.close()
    assert rows_of(tmp_path / "wide.xlsx") == [["姓名"]]


@pytest.fixture(scope="module")
def good_files(tmp_path_factory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("good")
    old = xlwt.Workbook()
    old.add_sheet("一组").write(0, 0, "姓名")
    kept = io.BytesIO()
    old.save(kept)
    return [xlsx(folder / "a.xlsx", ROWS).read_bytes(), kept.getvalue(), "姓名,电话\n王芳,1".encode("gbk")]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=6))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path, good_files, which, edits):
    content = bytearray(good_files[which])
    for place, put in edits:
        at = int(place * (len(content) - 1))
        content[at : at + len(put)] = put
    path = tmp_path / "damaged"
    path.write_bytes(content)
    with contextlib.suppress(SpreadsheetRefused):
        assert open_workbook(path).sheets


def test_ten_thousand_rows_of_forty_columns_open_quickly(tmp_path):
    rows = [[f"第{r}行{c}" if c % 2 else r * c for c in range(40)] for r in range(10_000)]
    path = xlsx(tmp_path / "big.xlsx", rows)
    start = time.process_time()
    book = open_workbook(path)
    assert time.process_time() - start < 6  # 1.0 s measured on a quiet machine
    assert len(book.sheets[0].rows) == 10_000
