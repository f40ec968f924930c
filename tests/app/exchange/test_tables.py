"""The table in a sheet, whatever stands around it."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.errors import NoTableFound
from app.exchange.reading import Grid, Span, Workbook, open_workbook
from app.exchange.tables import Table, find_table, find_tables, group_of
from tests.app.exchange.workbooks import Format, final_ledger

HEADINGS = ["序号", "姓名", "性别", "父亲姓名", "联系电话"]


def table_of(*rows: list, name: str = "Sheet1", merged: tuple[Span, ...] = ()) -> Table:
    found = find_table(Grid(name, rows, merged))
    assert found is not None
    return found


def people(table: Table) -> list:
    return [row.cells[1] for row in table.rows]


def test_titles_above_the_headings_are_passed_over():
    table = table_of(["练习村留守儿童台账"], ["填报单位：练习村", None, "2026年9月"], [], HEADINGS, [1, "王芳", "女"])
    assert table.heading_rows == (3, 3)
    assert [(row.number, row.cells) for row in table.rows] == [(5, (1, "王芳", "女"))]


def test_two_rows_of_headings_with_merged_cells_say_whose_phone_it_is():
    first = ["序号", "姓名", "父亲", None, "母亲", None]
    second = [None, None, "姓名", "电话", "姓名", "电话"]
    merged = (Span(0, 0, 1, 0), Span(0, 1, 1, 1), Span(0, 2, 0, 3), Span(0, 4, 0, 5))
    table = table_of(first, second, [1, "王芳", "王大", "139", "李花", "138"], merged=merged)
    assert [h.texts for h in table.headings] == [
        ("序号",), ("姓名",), ("父亲", "姓名"), ("父亲", "电话"), ("母亲", "姓名"), ("母亲", "电话"),
    ]  # fmt: skip


def test_two_rows_of_headings_in_a_text_file_are_understood_without_merging():
    first = ["序号", "姓名", "父亲", None, "母亲", None]
    table = table_of(first, [None, None, "姓名", "电话", "姓名", "电话"], [1, "王芳", "王大", "139", "李花", "138"])
    assert [h.label for h in table.headings][2:] == ["父亲 · 姓名", "父亲 · 电话", "母亲 · 姓名", "母亲 · 电话"]
    assert people(table) == ["王芳"]


def test_three_rows_of_headings_are_read_together():
    rows = [
        ["儿童基本情况", None, "监护情况", None],
        ["姓名", "性别", "监护人", None],
        [None, None, "姓名", "联系电话"],
        ["王芳", "女", "赵秀英", "139"],
    ]
    merged = (Span(0, 0, 0, 1), Span(0, 2, 0, 3), Span(1, 0, 2, 0), Span(1, 1, 2, 1), Span(1, 2, 1, 3))
    table = table_of(*rows, merged=merged)
    assert table.heading_rows == (0, 2)
    assert table.headings[3].texts == ("监护情况", "监护人", "联系电话")
    assert len(table.rows) == 1


@pytest.mark.parametrize("word", ["同上", "〃", '"', "″"])
def test_same_as_above_takes_what_stands_above(word):
    table = table_of(HEADINGS, [1, "王芳", "女", "王大", "139"], [2, "王强", "男", word, word], [3, "王明", "男", word])
    assert [row.cells[3] for row in table.rows] == ["王大", "王大", "王大"]


def test_merged_cells_are_filled_down():
    rows = [[1, "王芳", "女", "王大"], [2, "王强", "男", None], [3, "李明", "男", None]]
    table = table_of(HEADINGS, *rows, merged=(Span(1, 3, 2, 3),))
    assert [row.cells[3] for row in table.rows] == ["王大", "王大", None]


def test_totals_signatures_repeated_headings_and_numbered_blank_rows_are_no_people():
    table = table_of(
        HEADINGS, [1, "王芳", "女"], [2], ["小计", 1], ["练习村留守儿童台账"], HEADINGS, [3, "李明", "男"],
        ["合  计", 2], [None, "制表人：张三", None, None, "审核："], ["说明：本表一式两份"],
    )  # fmt: skip
    assert people(table) == ["王芳", "李明"]
    assert [(row.number, row.why) for row in table.dropped] == [
        (4, "合计行"), (5, "标题或分组行"), (6, "重复的表头"), (8, "合计行"),
        (9, "制表人、说明等"), (10, "制表人、说明等"),
    ]  # fmt: skip


def test_a_row_with_nothing_but_a_name_is_not_lost():
    assert people(table_of(HEADINGS, [None, "王芳"])) == ["王芳"]


@pytest.mark.parametrize(
    "name, group",
    [("三组", "三组"), ("练习村三组", "三组"), ("第十二村民小组", "第十二村民小组"), ("3组", "3组"),
     ("大湾子社", "大湾子社"), ("练习村大坪组", "大坪组"), ("Sheet1", ""), ("留守儿童台账", ""), ("十三组", "十三组")],
)  # fmt: skip
def test_a_sheet_is_named_after_its_village_group(name, group):
    assert group_of(name) == group
    assert table_of(HEADINGS, [1, "王芳"], name=name).rows[0].group == group


def test_a_line_between_rows_names_the_group_of_those_below():
    table = table_of(HEADINGS, [1, "王芳", "女"], ["二组"], [2, "李明", "男"], name="一组")
    assert [row.group for row in table.rows] == ["一组", "二组"]


def test_a_workbook_without_headings_is_refused(tmp_path: Path):
    book = Workbook(tmp_path, Format.XLSX, (Grid("Sheet1", [["买菜", 3], ["打油", 5]]),))
    with pytest.raises(NoTableFound, match="表头"):
        find_tables(book)


def test_sheets_without_a_table_are_passed_over(tmp_path: Path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    book.add_worksheet("说明").write(0, 0, "填表说明：……")
    book.add_worksheet("二组").write_row(0, 0, HEADINGS)
    book.close()
    assert [table.sheet for table in find_tables(open_workbook(tmp_path / "a.xlsx"))] == ["二组"]


def test_the_final_final_ledger_is_read(tmp_path: Path):
    tables = find_tables(open_workbook(final_ledger(tmp_path / "留守儿童台账(最终版3).xls")))
    assert [(table.group, len(table.rows)) for table in tables] == [("一组", 3), ("三组", 3)]
    assert tables[0].headings[13].label == "监护人情况 · 与儿童关系"
    assert tables[0].rows[1].cells[8:15] == tables[0].rows[0].cells[8:15]


WORDS = [*HEADINGS, "父亲", "合计", "同上", "三组", "制表人："]
CELLS = st.one_of(st.none(), st.sampled_from(WORDS), st.text(max_size=8), st.integers(), st.dates())
SPANS = st.builds(lambda top, left, down, right: Span(top, left, top + down, left + right), *[st.integers(0, 6)] * 4)


@given(st.lists(st.lists(CELLS, max_size=8), max_size=12), st.lists(SPANS, max_size=4))
def test_no_sheet_whatever_ends_the_search(rows, spans):
    found = find_table(Grid("三组", rows, tuple(spans)))
    if found:
        assert all(found.heading_rows[1] + 1 < row.number <= len(rows) for row in found.rows)
