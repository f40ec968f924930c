"""Exports: every digit kept, nothing that can run, and a way back in."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange.errors import NotWritten
from app.exchange.layouts import Column, Layout, layout_of
from app.exchange.ledger import open_ledger, read_rows
from app.exchange.reading import open_workbook
from app.exchange.writing import safely, write_people, write_refused
from tests.app.exchange.workbooks import TODAY, an_id, xlsx


@dataclass(frozen=True)
class Family:
    subject: dict[str, Any]
    father: dict[str, Any] = field(default_factory=dict)
    mother: dict[str, Any] = field(default_factory=dict)
    caregiver: dict[str, Any] = field(default_factory=dict)
    household: dict[str, Any] = field(default_factory=dict)


GIRL = Family(
    {"name": "王芳", "sex": "2", "birth_date": date(2015, 4, 12), "id_type": "01",
     "id_number": an_id("20150412", "002"),
     "categories": ("left_behind_rural",), "boards_at_school": True, "village_group": "一组"},
    father={"name": "王大山", "phones": ("08702222222", "13900000001"), "situation": "working_away"},
    household={"address": "练习村一组5号"},
)  # fmt: skip


def sheet_of(path) -> list[list[Any]]:
    return [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]


def test_what_was_exported_is_imported_again_as_it_was(tmp_path):
    assert write_people(tmp_path / "a.xlsx", layout_of("child"), [GIRL], TODAY, title="练习村儿童台账") == 1
    [row] = read_rows(open_ledger(tmp_path / "a.xlsx"), TODAY)
    assert {name: row.subject[name] for name in GIRL.subject} == GIRL.subject
    assert {name: row.father[name] for name in GIRL.father} == GIRL.father
    assert row.household["address"] == "练习村一组5号"
    assert row.problems == ()


def test_columns_come_in_the_users_order_under_the_users_headings(tmp_path):
    layout = Layout("镇里要的", "child", (Column("father.phones", "家长电话"), Column("subject.name", "娃娃")))
    write_people(tmp_path / "a.xlsx", layout, [GIRL], TODAY)
    assert sheet_of(tmp_path / "a.xlsx") == [["家长电话", "娃娃"], ["08702222222、13900000001", "王芳"]]


def test_a_layout_is_kept_and_forgets_what_is_no_longer_known():
    layout = layout_of("child", ["subject.name", "father.phones"], "镇里要的")
    kept = layout.to_json()
    kept["columns"].append({"target": "subject.shoe_size", "heading": "鞋码", "width": 5})
    assert Layout.from_json(json.loads(json.dumps(kept))) == layout


def test_ids_and_phones_are_text_cells(tmp_path):
    write_people(tmp_path / "a.xlsx", layout_of("child", ["subject.id_number", "father.phones"]), [GIRL], TODAY)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert [(cell.data_type, cell.number_format) for cell in sheet[2]] == [("s", "@"), ("s", "@")]


DANGEROUS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠A", '=HYPERLINK("http://x","y")', "=cmd|'/c calc'!A1",
]  # fmt: skip


@pytest.mark.parametrize("text", DANGEROUS)
def test_nothing_exported_can_run(tmp_path, text):
    villain = Family({"name": text, "note": "\t" + text})
    layout = layout_of("child", ["subject.name", "subject.note"])
    write_people(tmp_path / "a.xlsx", layout, [villain], TODAY)
    write_people(tmp_path / "a.csv", layout, [villain], TODAY)
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A2"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", text, True)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert all(shown.startswith("'") for shown in list(csv.reader(file))[1])
    assert open_workbook(tmp_path / "a.csv").sheets[0].rows[1] == [text, text]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=20), min_size=1, max_size=30))
def test_no_text_becomes_a_formula(tmp_path, texts):
    write_people(tmp_path / "a.xlsx", layout_of("child", ["subject.note"]), [Family({"note": t}) for t in texts], TODAY)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_lines_of_json_hold_codes_under_field_names(tmp_path):
    write_people(tmp_path / "a.jsonl", layout_of("child"), [GIRL], TODAY)
    found = json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8"))
    assert found["subject"]["birth_date"] == "2015-04-12"
    assert found["father"]["situation"] == "working_away"


def test_an_unknown_kind_of_file_and_a_folder_that_is_not_there_are_said(tmp_path):
    with pytest.raises(NotWritten, match="没有导出"):
        write_people(tmp_path / "a.pdf", layout_of("child"), [GIRL], TODAY)
    with pytest.raises(NotWritten, match="没有写成"):
        write_people(tmp_path / "none" / "a.xlsx", layout_of("child"), [GIRL], TODAY)


def test_an_old_file_survives_a_write_that_fails(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("旧的", encoding="utf-8")

    def rows():
        yield GIRL
        raise OSError("disk full")

    with pytest.raises(NotWritten):
        write_people(path, layout_of("child"), rows(), TODAY)
    assert path.read_text(encoding="utf-8") == "旧的"
    assert list(tmp_path.iterdir()) == [path]


def test_refused_rows_come_back_in_their_columns_with_the_reason(tmp_path):
    source = xlsx(
        tmp_path / "a.xlsx",
        [["台账"], ["姓名", "性别", "身份证号"], ["王芳", "女", an_id()], [None, "女", 532128201504120011]],
        names=["三组"],
    )
    ledger = open_ledger(source)
    assert write_refused(tmp_path / "b.xlsx", ledger, {("三组", 4): ("没有姓名", "号码坏了")}) == 1
    assert sheet_of(tmp_path / "b.xlsx") == [
        ["姓名", "性别", "身份证号", "没有导入的原因", "原来的行号"],
        [None, "女", "532128201504120000", "没有姓名；号码坏了", 4],
    ]


def test_mended_refused_rows_are_imported_with_their_group(tmp_path):
    ledger = open_ledger(xlsx(tmp_path / "a.xlsx", [["姓名", "性别"], [None, "女"], ["李明", "男"]], names=["三组"]))
    write_refused(tmp_path / "b.xlsx", ledger, {("三组", 2): ("没有姓名",)})
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    book.worksheets[0]["A2"] = "王芳"
    book.save(tmp_path / "b.xlsx")
    [row] = read_rows(open_ledger(tmp_path / "b.xlsx"), TODAY)
    assert row.subject == {"name": "王芳", "sex": "2", "village_group": "三组"}


def test_refused_rows_of_two_sheets_whose_names_become_one_are_both_given_back(tmp_path):
    """Sheet names differ only in case in some old files; the format of what is written does not allow that."""
    ledger = open_ledger(xlsx(tmp_path / "a.xlsx", [["姓名", "性别"], ["", "女"], ["", "男"]], names=["Zu"]))
    table = ledger.tables[0]
    twice = replace(ledger, tables=(table, replace(table, sheet="zU")))
    places = {(sheet, row.number): ("没有姓名",) for sheet in ("Zu", "zU") for row in table.rows}
    assert write_refused(tmp_path / "b.xlsx", twice, places) == 2 * len(table.rows)


def test_a_device_or_a_folder_is_never_replaced_by_a_file(tmp_path):
    (tmp_path / "folder.xlsx").mkdir()
    for place in (tmp_path / "folder.xlsx", Path(os.devnull)):
        with pytest.raises(NotWritten):
            safely(place, lambda to: to.write_bytes(b"x"))
        assert not place.is_file()


def test_the_refused_rows_never_overwrite_the_ledger_they_came_from(tmp_path):
    path = xlsx(tmp_path / "台账.xlsx", [["姓名", "性别"], ["", "女"], ["", "男"]])
    before = path.read_bytes()
    ledger = open_ledger(path)
    (tmp_path / "同一个.xlsx").symlink_to(path)
    for name in ("台账.xlsx", "同一个.xlsx"):
        with pytest.raises(NotWritten):
            write_refused(tmp_path / name, ledger, {(ledger.tables[0].sheet, 2): ("没有姓名",)})
    assert path.read_bytes() == before
