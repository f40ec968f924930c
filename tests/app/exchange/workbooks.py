"""Workbooks as villages keep them, written for a test."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt

from app.exchange.guards import Format as Format
from app.records.identity import check_character

TODAY = date(2026, 11, 24)


def an_id(born: str = "20150412", sequence: str = "003", area: str = "530627") -> str:
    """A number that holds together and belongs to nobody: its digits are made up here."""
    first = f"{area}{born}{sequence}"
    return first + check_character(first)


def xlsx(path: Path, *sheets: Sequence[Sequence[Any]], names: Sequence[str] = ()) -> Path:
    """Rows as an .xlsx; strings stay strings, even those that look like formulas."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_numbers": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for place, rows in enumerate(sheets):
        sheet = book.add_worksheet(names[place] if names else None)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell, *([day] if isinstance(cell, date) else []))
    book.close()
    return path


def xls(path: Path, rows: Sequence[Sequence[Any]], name: str = "Sheet1") -> Path:
    """Rows as an old .xls."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(name)
    day = xlwt.easyxf(num_format_str="yyyy/m/d")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell, *([day] if isinstance(cell, date) else []))
    book.save(str(path))
    return path


def repacked(source: Path, target: Path, part: str, content: bytes) -> Path:
    """The workbook with one part exchanged, as somebody with bad intentions would do it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, content if info.filename == part else old.read(info))
    return target


def final_ledger(path: Path) -> Path:
    """留守儿童台账(最终版3).xls: two village groups, two rows of headings, 同上, a damaged number, totals."""
    book = xlwt.Workbook(encoding="utf-8")
    for group, people in (("一组", FIRST_GROUP), ("三组", THIRD_GROUP)):
        sheet = book.add_sheet(group)
        sheet.write_merge(0, 0, 0, 13, "练习村农村留守儿童台账（最终版3）")
        sheet.write(1, 0, "填报单位：练习村村委会")
        sheet.write(1, 10, "填报日期：2026年9月1日")
        for column, text in enumerate(("序号", "姓名", "性别", "民族", "出生年月", "身份证号码", "就读学校", "年级")):
            sheet.write_merge(2, 3, column, column, text)
        sheet.write_merge(2, 2, 8, 9, "父亲")
        sheet.write_merge(2, 2, 10, 11, "母亲")
        sheet.write_merge(2, 2, 12, 14, "监护人情况")
        sheet.write_merge(2, 3, 15, 15, "备注")
        for column, text in enumerate(("姓名", "联系电话", "姓名", "联系电话", "姓名", "与儿童关系", "联系电话"), 8):
            sheet.write(3, column, text)
        for row, person in enumerate(people, 4):
            for column, cell in enumerate(person):
                if cell is not None:
                    sheet.write(row, column, cell)
        end = 4 + len(people)
        sheet.write(end, 0, "合  计")
        sheet.write(end, 1, len(people))
        sheet.write(end + 1, 1, "制表人：")
        sheet.write(end + 1, 8, "审核：")
    book.save(str(path))
    return path


FIRST_GROUP: tuple[tuple[Any, ...], ...] = (
    (1, "王芳", "女", "汉", "2015.4.12", an_id("20150412", "002"), "练习小学", "五年级", "王大山", "13900000001",
     "李桂花", "13900000002、0870-2222222", "赵秀英", "奶奶", "13900000003"),
    (2, "王强", "男", "汉", 42370, an_id("20160101", "003"), "同上", "四年级", "同上", "〃", "同上", "同上", "同上",
     "同上", "同上", "王芳的弟弟"),
    (3, "阿·木·乃", "男", "彝族", "2013年5月", 530627201305010011, "练习中学", "七年级", "阿木·日黑", "/", "已故",
     None, "外婆", "外婆", 13900000004),
)  # fmt: skip
THIRD_GROUP: tuple[tuple[Any, ...], ...] = (
    (1, "䶮小军", "男", "汉族", "20170830", "530627201708300000", "练习小学", "三年级", "失联", None, "张红", "无"),
    (2, "<b>陈&丽</b>", "女", "苗", "2014-13-45", None, "练习小学", "六年级", "陈大", "138000", "周二", "13900000006"),
    (3, "名" * 60, "女", "苗", "2014-1-4"),
)
