"""A whole ledger, from file to rows."""

from __future__ import annotations

import time
from datetime import date

import pytest

from app.exchange.errors import NoTableFound
from app.exchange.ledger import column_letters, open_ledger, read_rows, targets_of
from app.exchange.values import Severity
from tests.app.exchange.workbooks import TODAY, an_id, final_ledger, xlsx


def test_the_final_final_ledger_gives_families(tmp_path):
    rows = read_rows(open_ledger(final_ledger(tmp_path / "留守儿童台账(最终版3).xls")), TODAY)
    girl, boy, third, fourth, _, refused = rows
    assert girl.subject["village_group"] == "一组"
    assert girl.mother["phones"] == ("08702222222", "13900000002")
    assert (boy.father, boy.caregiver) == (girl.father, girl.caregiver)
    assert boy.subject["birth_date"] == date(2016, 1, 1)
    assert (third.subject["name"], third.subject["id_to_verify"]) == ("阿·木·乃", True)
    assert third.mother == {"situation": "dead"}
    assert (fourth.subject["name"], fourth.subject["village_group"]) == ("䶮小军", "三组")
    assert [row.refused for row in rows] == [False] * 5 + [True]
    assert str(refused.problems[0]) == "B 列「姓名」：有 60 个字，姓名最多 50 个字"


def test_a_row_without_a_name_is_refused_with_row_and_column(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [["姓名", "性别"], [None, "女"], ["王芳", "女"]])
    nameless, _ = read_rows(open_ledger(path), TODAY)
    assert (nameless.row_number, nameless.problems[0].column, nameless.problems[0].severity) == (2, 0, Severity.REFUSED)


def test_a_future_birth_date_is_left_out_and_said(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [["姓名", "出生日期"], ["王芳", date(2027, 1, 1)]])
    [row] = read_rows(open_ledger(path), TODAY)
    assert "birth_date" not in row.subject
    assert "还没有到" in str(row.problems[0])


def test_a_birth_date_that_disagrees_names_its_column(tmp_path):
    rows = [["姓名", "出生日期", "身份证号"], ["王芳", "2015-4-21", an_id("20150412", "002")]]
    path = xlsx(tmp_path / "a.xlsx", rows)
    [row] = read_rows(open_ledger(path), TODAY)
    assert str(row.problems[0]).startswith("B 列「出生日期」：和身份证上的 2015-04-12 不一样")


def test_a_mapping_from_the_screen_overrules_the_suggestion(tmp_path):
    ledger = open_ledger(xlsx(tmp_path / "a.xlsx", [["姓名", "性别", "奇怪的列"], ["王芳", "女", "喜欢画画"]]))
    [(name, targets)] = targets_of(ledger).items()
    assert targets == ["subject.name", "subject.sex", ""]
    [row] = read_rows(ledger, TODAY, {name: ["subject.name", "", "subject.note"]})
    assert row.subject == {"name": "王芳", "note": "喜欢画画"}


def test_a_remembered_mapping_is_used_for_the_same_headings(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [["姓名", "性别", "奇怪的列"], ["王芳", "女", "喜欢画画"]])
    [name] = targets_of(open_ledger(path))
    ledger = open_ledger(path, remembered={name: ["subject.name", "subject.sex", "subject.note"]})
    assert read_rows(ledger, TODAY)[0].subject["note"] == "喜欢画画"


def test_a_mapping_to_a_field_of_a_newer_version_is_passed_over(tmp_path):
    ledger = open_ledger(xlsx(tmp_path / "a.xlsx", [["姓名", "性别"], ["王芳", "女"]]))
    [name] = targets_of(ledger)
    assert read_rows(ledger, TODAY, {name: ["subject.name", "subject.shoe_size"]})[0].subject == {"name": "王芳"}


def test_a_table_without_names_is_refused(tmp_path):
    ledger = open_ledger(xlsx(tmp_path / "a.xlsx", [["性别", "民族"], ["女", "汉"]]))
    with pytest.raises(NoTableFound, match="姓名"):
        read_rows(ledger, TODAY)


def test_elders_are_read_with_their_own_words(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [["老人姓名", "类别", "自理能力"], ["赵秀英", "独居、空巢", "半自理"]])
    [row] = read_rows(open_ledger(path, "elder"), TODAY)
    assert row.subject == {"name": "赵秀英", "categories": ("alone", "empty_nest"), "self_care": "partial"}


def test_progress_is_told_along_the_way(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [["姓名", "性别"], *(["王芳", "女"] for _ in range(1_200))])
    told: list[tuple[int, int]] = []
    read_rows(open_ledger(path), TODAY, progress=lambda done, total: told.append((done, total)))
    assert told == [(500, 1_200), (1_000, 1_200)]


@pytest.mark.parametrize("column, letters", [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_called_as_in_the_spreadsheet_program(column, letters):
    assert column_letters(column) == letters


def test_five_thousand_rows_are_read_quickly(tmp_path):
    head = ["姓名", "性别", "出生日期", "身份证号", "父亲姓名", "电话", "监护人", "与儿童关系", "电话", "备注"]
    body = [
        [f"王芳{i}", "女", "2015.4.12", an_id("20150412", f"{i % 1000:03}"), f"王大{i}", "13900000001",
         "赵秀英", "奶奶", f"139{i:08}", f"备注{i}"]
        for i in range(5_000)
    ]  # fmt: skip
    ledger = open_ledger(xlsx(tmp_path / "a.xlsx", [head, *body]))
    start = time.process_time()
    assert len(read_rows(ledger, TODAY)) == 5_000
    assert time.process_time() - start < 3  # 0.3 s measured on a quiet machine
