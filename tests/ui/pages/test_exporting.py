"""Excel out: columns of one's own choosing, kept under a name; the county's own table filled and left as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.context import Context
from ui.export_job import LAYOUTS
from ui.pages.exporting import ExportPage

Settled = Callable[[], None]


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> ExportPage:
    page = ExportPage(desk)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    page.show_what(("c1", "c2", "gm"))
    settled()
    settled()
    return page


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    """A county's table: a title across, an unknown column, a place to sign."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.merge_cells("A1:E1")
    sheet["A1"] = "昭阳区留守儿童信息汇总表"
    for place, heading in enumerate(("序号", "姓名", "性别", "年龄", "挂包干部"), 1):
        sheet.cell(2, place, heading)
    sheet["A6"] = "填表人："
    path = tmp_path / "汇总表.xlsx"
    book.save(path)
    return path


def cells(path: Path) -> list[list[object]]:
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_chosen_children_go_out_in_the_ticked_columns(
    page: ExportPage, tmp_path: Path, settled: Settled, desk: Context
) -> None:
    assert page.wanted().ids == ("c1", "c2", "gm")
    for row in range(2, page.columns.list.count()):
        page.columns.list.item(row).setCheckState(Qt.CheckState.Unchecked)
    page.write_list(tmp_path / "名单.xlsx")
    settled()
    assert cells(tmp_path / "名单.xlsx") == [
        ["王家寨村儿童名单", None], ["姓名", "性别"], ["王小满", "女"], ["王大寒", "男"],
    ]  # fmt: skip
    [entry] = desk.reader.audit_log("export")
    assert entry.detail == {"kind": "child", "rows": 2}


def test_alt_and_an_arrow_move_a_column(page: ExportPage, qtbot: QtBot) -> None:
    before = page.columns.list.chosen()
    page.columns.list.setCurrentRow(1)
    qtbot.keyClick(page.columns.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert page.columns.list.chosen()[:2] == [before[1], before[0]]


def test_a_layout_is_kept_under_its_name_and_dropped_again(
    page: ExportPage, desk: Context, settled: Settled
) -> None:
    page.columns.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    page.columns.name.setText("乡里要的")
    page.columns.keep.click()
    settled()
    assert page.columns.names.currentText() == "乡里要的"
    assert "subject.name" not in page.columns.list.chosen()
    page.columns.names.setCurrentIndex(0)
    assert "subject.name" in page.columns.list.chosen()
    page.columns.names.setCurrentIndex(1)
    page.columns.drop.click()
    settled()
    assert desk.reader.setting(LAYOUTS) == []
    assert page.columns.names.count() == 1


def test_the_filter_of_the_register_is_one_of_the_choices(
    page: ExportPage, desk: Context, settled: Settled
) -> None:
    desk.store.set_setting("register", {"filter": {"kind": "child", "risk_levels": ["high"]}})
    page.refresh()
    settled()
    assert page.whom.chips["filtered", "child"].text() == "高风险的儿童，共 1 人"


def test_the_countys_table_comes_back_filled_and_the_blank_stays(
    page: ExportPage, blank: Path, tmp_path: Path, settled: Settled
) -> None:
    untouched = blank.read_bytes()
    page.take_file(blank)
    settled()
    assert page.right.currentWidget() is page.mapping
    marks = [words.text() for _, words, _ in page.mapping._marks.values()]
    assert marks == ["自动填", "确定", "确定", "自动填", "台账里没有，留空"]
    page.write_filled(tmp_path / "填好.xlsx")
    settled()
    found = cells(tmp_path / "填好.xlsx")
    assert found[0][0] == "昭阳区留守儿童信息汇总表"
    assert found[2] == [1, "王小满", "女", 10, None]
    assert found[3] == [2, "王大寒", "男", 8, None]
    assert any(row[0] == "填表人：" for row in found)
    assert blank.read_bytes() == untouched


def test_an_old_xls_is_refused_with_what_to_do(page: ExportPage, tmp_path: Path, settled: Settled) -> None:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for place, heading in enumerate(("姓名", "性别", "出生日期")):
        sheet.write(0, place, heading)
    book.save(str(tmp_path / "老表.xls"))
    page.take_file(tmp_path / "老表.xls")
    settled()
    page.write_filled(tmp_path / "填好.xlsx")
    settled()
    assert page.blank.problem.isVisible()
    assert "另存为 .xlsx" in page.blank.problem.text()
    assert not (tmp_path / "填好.xlsx").exists()
