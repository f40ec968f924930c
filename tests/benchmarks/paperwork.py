"""Ledgers read to their preview, and forms printed by the thousand."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from app.records import Child
from app.records.identity import check_character
from app.training import names
from tests.benchmarks.country import ACTOR, TODAY, made, reopened, village
from tests.benchmarks.figures import Figure, median, megabytes, peak_megabytes

ROWS = 10_000
Cell = Callable[[Random, int], Any]


def _id(chance: Random, number: int, first: int = 2008, years: int = 16) -> str:
    """An invented number that holds together; no county has the code 539901."""
    born = date(first + chance.randrange(years), 1, 1) + timedelta(days=chance.randrange(365))
    digits = f"539901{born:%Y%m%d}{number % 999:03d}"
    return digits + check_character(digits)


def _name(chance: Random, number: int) -> str:
    return names.adult(chance, names.surname(chance), "1")


def _phone(chance: Random, number: int) -> str:
    return f"139{chance.randrange(10**8):08d}"


def _always(*values: Any) -> Cell:
    return lambda chance, number: values[number % len(values)]


COLUMNS: dict[str, Cell] = {
    "姓名": _name, "性别": _always("男", "女"), "民族": _always("汉族", "苗族", "彝族"), "身份证号": _id,
    "村民小组": lambda chance, number: f"{number * 20 // ROWS + 1}组", "户口性质": _always("农业"),
    "户籍详细地址": lambda chance, number: f"练习村{number}号",
    "现住详细地址": lambda chance, number: f"练习村{number}号", "联系电话": _phone, "健康状况": _always("健康"),
    "儿童类别": _always("农村留守儿童"), "风险等级": _always("低", "中", "高"),
    "登记日期": _always("2024-9-1", "2025.3.5"), "学业状况": _always("在校"), "就学情况": _always("小学三年级"),
    "学校": _always("练习村小学"), "在校寄宿": _always("是", "否"),
    "学籍号": lambda chance, number: f"G{number:08d}", "单亲": _always("否"),
    "最近与父母联系": _always("2026-10-1"), "救助措施": _always("低保", ""),
    "生活状况概述": _always("和爷爷奶奶一起住，生活稳定。"), "备注": _always("", "同上次"), "父亲姓名": _name,
    "父亲身份证号": lambda chance, number: _id(chance, number, 1975, 15), "父亲联系电话": _phone,
    "父亲务工地点": _always("广东东莞", "浙江宁波"), "父亲健康状况": _always("健康"),
    "父亲当前情况": _always("外出务工"), "母亲姓名": _name,
    "母亲身份证号": lambda chance, number: _id(chance, number, 1977, 15), "母亲联系电话": _phone,
    "母亲务工地点": _always("广东东莞", ""), "母亲当前情况": _always("外出务工", "在家"),
    "监护照料人姓名": _name, "监护照料人关系": _always("奶奶", "爷爷"), "监护照料人联系电话": _phone,
    "户主姓名": _name, "家庭住址": lambda chance, number: f"练习村{number}号", "家庭人口": _always(4, 5, 6),
}  # fmt: skip


def ledger(path: Path) -> Path:
    """10,000 invented children, 40 columns, one sheet."""
    import xlsxwriter

    chance = Random(11)
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet("台账")
    sheet.write_row(0, 0, list(COLUMNS))
    for number in range(ROWS):
        sheet.write_row(number + 1, 0, [cell(chance, number) for cell in COLUMNS.values()])
    book.close()
    return path


def importing(folder: Path) -> list[Figure]:
    """From the file to the preview, against a register of 2,000 persons."""
    store = reopened(village(folder / "importing"))
    path = ledger(folder / "ledger.xlsx")
    before = megabytes()
    from app.cases.imports import plan_import
    from app.exchange.ledger import open_ledger, read_rows, targets_of

    begun = time.perf_counter()
    opened = open_ledger(path, "child")
    rows = read_rows(opened, TODAY)
    read = time.perf_counter()
    plan = plan_import(store, rows, ACTOR, TODAY)
    done = time.perf_counter()
    targets = [target for each in targets_of(opened).values() for target in each]
    understood = sum(bool(target) for target in targets)
    store.close()
    assert len(plan.rows) == ROWS
    return [
        Figure("import 10,000 rows × 40 columns with duplicates checked, to preview", done - begun, "s", 5,
               note=f"reading {read - begun:.1f} s, planning {done - read:.1f} s; {understood} of {len(targets)} "
               "columns understood"),
        Figure("… most memory held", peak_megabytes(), "MB", 300, note=f"{before:.0f} MB before"),
    ]  # fmt: skip


def printing(folder: Path) -> list[Figure]:
    """The registration forms of every child of a village of 1,431 children."""
    from app.cases.papers import gather
    from app.paper import printed_form, render
    from app.training.desks import plant
    from app.training.village import big_village

    store = made(folder / "printing")
    plant(store, big_village(TODAY))
    children = [child.id for child in store.find(Child)]
    form = printed_form("child_registration")
    render(form, gather(store, children[:1], "child"))  # fonts are read once in the life of a window
    speeds, gathered = [], 0.0
    for _ in range(3):
        begun = time.perf_counter()
        files = gather(store, children, "child")
        gathered = time.perf_counter() - begun
        document = render(form, files)
        speeds.append(document.page_count / (time.perf_counter() - begun))
    store.close()
    embedded = _embedded(document.pdf)
    return [
        Figure(f"{len(children):,} child forms to one PDF, gathering included", median(speeds), "pages/s", 180,
               at_least=True, note=f"{document.page_count:,} pages, {len(document.pdf) / 1e6:.1f} MB; "
               f"gathering {gathered:.1f} s; {embedded}"),
        Figure("… most memory held", peak_megabytes(), "MB", 400),
    ]  # fmt: skip


def _embedded(pdf: bytes) -> str:
    """Whether every font of the first and the last page is embedded and cut down to what is used."""
    from io import BytesIO

    from pypdf import PdfReader

    pages = PdfReader(BytesIO(pdf)).pages
    fonts = [font.get_object() for page in (pages[0], pages[-1]) for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    whole = [font["/BaseFont"] for font in fonts if "+" not in font["/BaseFont"]]
    return f"fonts not embedded: {whole}" if whole else "every font embedded and subset"
