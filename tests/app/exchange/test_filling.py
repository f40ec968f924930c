"""照这张表填: a county's blank table and what comes back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Border, Font, Side
from openpyxl.worksheet.datavalidation import DataValidation

from app.exchange.errors import NoTableFound, NotWritten, TemplateRefused
from app.exchange.filling import fill
from app.exchange.ledger import open_ledger, read_rows
from tests.app.exchange.test_writing import GIRL, Family
from tests.app.exchange.workbooks import TODAY, xls, xlsx

PEOPLE = [GIRL, *(Family({"name": f"李明{i}", "sex": "1"}) for i in range(7))]


def county_table(path: Path, blank_lines: int = 5) -> Path:
    """A county's blank: title, two rows of headings, a few bordered lines, a total and signatures, A3 across."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "附件2"
    sheet.merge_cells("A1:I1")
    sheet["A1"] = "××县农村留守儿童信息统计表"
    sheet["A1"].font = Font(name="方正小标宋简体", size=22)
    sheet.row_dimensions[1].height = 42
    sheet["A2"] = "填报单位（盖章）："
    for column, text in zip("ABCDE", ("序号", "姓名", "年龄", "身份证号", "血型"), strict=True):
        sheet.merge_cells(f"{column}3:{column}4")
        sheet[f"{column}3"] = text
    sheet.merge_cells("F3:G3")
    sheet["F3"] = "父亲"
    sheet["F4"], sheet["G4"] = "姓名", "联系电话"
    sheet.merge_cells("H3:I4")
    sheet["H3"] = "备注"
    thin = Side(style="thin")
    for line in range(5, 5 + blank_lines):
        sheet.row_dimensions[line].height = 24
        sheet.merge_cells(start_row=line, end_row=line, start_column=8, end_column=9)
        for column in range(1, 10):
            sheet.cell(line, column).border = Border(thin, thin, thin, thin)
    end = 5 + blank_lines
    sheet.cell(end, 1, "合计")
    sheet.cell(end, 2, f"=COUNTA(B5:B{end - 1})")
    sheet.merge_cells(start_row=end + 1, end_row=end + 1, start_column=1, end_column=4)
    sheet.cell(end + 1, 1, "制表人：")
    sheet.cell(end + 1, 6, "审核人：")
    sheet.row_dimensions[end + 1].height = 33
    sheet.print_area = f"A1:I{end + 1}"
    rule = DataValidation(type="list", formula1='"男,女"')
    rule.add(f"E5:E{end - 1}")
    sheet.add_data_validation(rule)
    book.save(path)
    return path


def filled(tmp_path: Path, people: list[Family], blank_lines: int = 5):
    report = fill(county_table(tmp_path / "空表.xlsx", blank_lines), tmp_path / "填好.xlsx", people, TODAY)
    return report, openpyxl.load_workbook(tmp_path / "填好.xlsx").worksheets[0]


def test_people_stand_under_the_countys_own_headings(tmp_path):
    report, sheet = filled(tmp_path, [GIRL])
    line = [cell.value for cell in sheet[5]]
    assert line[:7] == [1, "王芳", 11, GIRL.subject["id_number"], None, "王大山", "08702222222、13900000001"]
    assert (report.sheet, report.rows, report.unknown) == ("附件2", 1, ("血型",))
    assert report.columns["父亲 · 联系电话"] == "father.phones"


def test_title_heights_and_merged_cells_are_kept(tmp_path):
    _, sheet = filled(tmp_path, [GIRL])
    assert sheet["A1"].value == "××县农村留守儿童信息统计表"
    assert (sheet["A1"].font.name, sheet.row_dimensions[1].height) == ("方正小标宋简体", 42)
    assert {"A1:I1", "A3:A4", "F3:G3", "H3:I4", "A11:D11"} <= {merged.coord for merged in sheet.merged_cells.ranges}
    assert sheet["A11"].value == "制表人："


def test_more_people_than_lines_push_the_signatures_down(tmp_path):
    _, sheet = filled(tmp_path, PEOPLE)
    assert [sheet.cell(line, 2).value for line in range(5, 13)] == [person.subject["name"] for person in PEOPLE]
    assert (sheet["A13"].value, sheet["B13"].value) == ("合计", "=COUNTA(B5:B12)")
    assert (sheet["A14"].value, sheet["F14"].value, sheet.row_dimensions[14].height) == ("制表人：", "审核人：", 33)
    merged = {area.coord for area in sheet.merged_cells.ranges}
    assert "A14:D14" in merged
    assert "A11:D11" not in merged


def test_new_lines_look_like_the_old_ones(tmp_path):
    _, sheet = filled(tmp_path, PEOPLE)
    assert sheet["C12"].border.left.style == "thin"
    assert sheet.row_dimensions[12].height == 24
    assert "H12:I12" in {area.coord for area in sheet.merged_cells.ranges}
    assert sheet.print_area == "'附件2'!$A$1:$I$14"
    assert str(sheet.data_validations.dataValidation[0].sqref) == "E5:E12"


def test_a_single_blank_line_is_enough(tmp_path):
    _, sheet = filled(tmp_path, PEOPLE, blank_lines=1)
    assert sheet["B12"].value == "李明6"
    assert sheet["A13"].value == "合计"


def test_the_blank_itself_is_not_touched(tmp_path):
    blank = county_table(tmp_path / "空表.xlsx")
    before = blank.read_bytes()
    fill(blank, tmp_path / "填好.xlsx", PEOPLE, TODAY)
    assert blank.read_bytes() == before


def test_an_example_line_stays_and_people_come_below(tmp_path):
    blank = xlsx(tmp_path / "空表.xlsx", [["姓名", "性别"], ["（例）张三", "男"]])
    fill(blank, tmp_path / "填好.xlsx", [GIRL], TODAY)
    sheet = openpyxl.load_workbook(tmp_path / "填好.xlsx").worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()][1:] == [["（例）张三", "男"], ["王芳", "女"]]


def test_what_was_filled_can_be_imported(tmp_path):
    filled(tmp_path, PEOPLE)
    rows = read_rows(open_ledger(tmp_path / "填好.xlsx"), TODAY)
    assert [row.subject["name"] for row in rows] == [person.subject["name"] for person in PEOPLE]
    assert rows[0].father["phones"] == GIRL.father["phones"]


def test_nothing_filled_in_can_run(tmp_path):
    _, sheet = filled(tmp_path, [Family({"name": "=1+1", "note": "@x"})])
    assert [(sheet[place].data_type, sheet[place].quotePrefix) for place in ("B5", "H5")] == [("s", True)] * 2


def test_the_phone_is_looked_for_where_the_family_has_one(tmp_path):
    blank = xlsx(tmp_path / "空表.xlsx", [["姓名", "家庭住址", "联系电话"]])
    fill(blank, tmp_path / "填好.xlsx", [GIRL], TODAY)
    sheet = openpyxl.load_workbook(tmp_path / "填好.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["王芳", "练习村一组5号", "08702222222、13900000001"]


def test_an_old_blank_must_be_saved_anew_first(tmp_path):
    with pytest.raises(TemplateRefused, match="另存为"):
        fill(xls(tmp_path / "空表.xls", [["姓名", "性别"]]), tmp_path / "b.xlsx", [GIRL], TODAY)


def test_a_blank_without_headings_is_refused(tmp_path):
    with pytest.raises(NoTableFound):
        fill(xlsx(tmp_path / "a.xlsx", [["通知"]]), tmp_path / "b.xlsx", [GIRL], TODAY)


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(NotWritten):
        fill(county_table(tmp_path / "a.xlsx"), tmp_path / "none" / "b.xlsx", [GIRL], TODAY)


def test_the_countys_blank_table_is_never_filled_over(tmp_path):
    blank = county_table(tmp_path / "空表.xlsx")
    before = Path(blank).read_bytes()
    with pytest.raises(NotWritten):
        fill(blank, blank, PEOPLE, TODAY)
    assert Path(blank).read_bytes() == before
