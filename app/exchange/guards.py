"""Look at a file from outside, before anything in it is unfolded or handed to a parser."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from app.exchange import old_workbook, refusals, unfolding
from app.exchange.errors import NotASpreadsheet, SpreadsheetTooLarge

LARGEST_FILE = 200 << 20
LARGEST_XLS = 60 << 20
LARGEST_TEXT = 60 << 20

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WEB_PAGE = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")
DOCUMENT = (b"%pdf", b"{\\rtf")
PICTURE_OR_ARCHIVE = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


class Format(StrEnum):
    """What kind of spreadsheet a file really is, whatever its name says."""

    XLSX = "xlsx"
    XLS = "xls"
    TEXT = "text"


def format_of(path: Path) -> Format:
    """Which reader a file needs; SpreadsheetRefused when it is too large, encrypted or none."""
    size = _size(path)
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK\x03\x04"):
        _at_most(LARGEST_FILE, size)
        unfolding.check_zip(path)
        return Format.XLSX
    if head.startswith(OLE):
        _at_most(LARGEST_XLS, size)
        _check_ole(path)
        return Format.XLS
    _check_text(head)
    _at_most(LARGEST_TEXT, size)
    return Format.TEXT


def _size(path: Path) -> int:
    if path.is_dir():
        raise NotASpreadsheet(f"{refusals.UNCHANGED}这是一个文件夹。", advice="请选里面的表格文件。")
    try:
        size = path.stat().st_size
    except OSError:
        raise NotASpreadsheet(
            f"{refusals.UNCHANGED}找不到这个文件，或者读不了它。",
            advice="请看看它是不是被移走了，U 盘是不是还插着。",
        ) from None
    if size == 0:
        raise NotASpreadsheet(f"{refusals.UNCHANGED}这个文件是空的。", advice="请重新拷贝一次。")
    return size


def _at_most(limit: int, size: int) -> None:
    if size > limit:
        message = f"{refusals.UNCHANGED}这个文件有 {size >> 20} MB，这种文件最多能读 {limit >> 20} MB。"
        raise SpreadsheetTooLarge(message, advice=refusals.SPLIT_IT)


def _check_ole(path: Path) -> None:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():  # an .xlsx with a password is wrapped this way
        raise refusals.encrypted()
    old_workbook.check_xls(path)


def _check_text(head: bytes) -> None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(WEB_PAGE):
        raise NotASpreadsheet(
            f"{refusals.UNCHANGED}这个文件其实是网页，不是真正的表格（有些系统导出的就是这样）。",
            advice=refusals.SAVE_AS_XLSX,
        )
    if start.startswith(DOCUMENT):
        raise refusals.not_a_spreadsheet("是 PDF 或文档")
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if head.startswith(PICTURE_OR_ARCHIVE) or (b"\x00" in head and not is_utf16):
        raise refusals.not_a_spreadsheet("可能是照片或别的文件")
