"""Excel in: columns confirmed once, every row looked at before it is written, the whole taken back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.cases.import_plan import NEW, Outcome
from app.records.person import Person
from tests.ui import showing
from ui.context import Context
from ui.models.import_flow import LATEST, TO_VERIFY, kind_of
from ui.pages.imports import ImportsPage

Settled = Callable[[], None]
HEADINGS = ("序号", "姓名", "性别", "出生日期", "身份证号", "备注")
ROWS = (
    ("1", "王小满", "女", "2015-05-21", "", "画画得了奖"),  # changed
    ("2", "王大寒", "男", "2018-01-20", "", ""),  # the same
    ("3", "林新来", "男", "2016-03-09", "", ""),  # new
    ("4", "王晓满", "女", "2015-05-21", "", ""),  # sounds like 王小满
    ("5", "石号错", "男", "2014-04-04", "530602201404040012", ""),  # a wrong number
    ("6", "", "女", "2013-03-03", "", ""),  # nobody
)


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> ImportsPage:
    return showing.shown(ImportsPage(desk), qtbot, settled)


def a_ledger(folder: Path, rows: Sequence[Sequence[str]] = ROWS, name: str = "留守儿童台账.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    return path


def previewed(page: ImportsPage, path: Path, settled: Settled) -> None:
    page.take_file(path)
    settled()
    if page.steps.currentWidget() is page.mapping:
        page.mapping.accept()
        settled()
    assert page.steps.currentWidget() is page.preview


def counts(page: ImportsPage) -> dict[str, int]:
    assert page.preview.shown is not None
    return {part: len(page.preview.shown.of(part)) for part in page.preview.chips}


def test_the_preview_counts_what_would_happen_and_writes_nothing(
    page: ImportsPage, desk: Context, tmp_path: Path, settled: Settled
) -> None:
    before = desk.reader.count(Person)
    previewed(page, a_ledger(tmp_path), settled)
    assert counts(page) == {
        Outcome.NEW: 2, Outcome.CHANGED: 1, Outcome.SAME: 1, Outcome.DOUBTFUL: 1, TO_VERIFY: 1, Outcome.REFUSED: 1,
    }  # fmt: skip
    assert page.preview.part == Outcome.DOUBTFUL  # what needs a decision is seen first
    assert page.preview.commit.text() == "导入 3 人 (Ctrl+回车)"
    assert desk.reader.count(Person) == before


def test_a_change_is_shown_as_old_and_new(page: ImportsPage, tmp_path: Path, settled: Settled) -> None:
    previewed(page, a_ledger(tmp_path), settled)
    page.preview.show_part(Outcome.CHANGED)
    words = page.preview.list.table.index(0, 2).data()
    assert "备注：（空） → 画画得了奖" in words


def test_a_doubtful_row_is_answered_with_a_number_key(
    page: ImportsPage, qtbot: QtBot, tmp_path: Path, settled: Settled
) -> None:
    previewed(page, a_ledger(tmp_path), settled)
    assert page.preview.detail.acts[0] == ("c1", "就是 王小满（三组，2015 年生）")
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    qtbot.keyClick(page, Qt.Key.Key_2)
    settled()
    assert counts(page)[Outcome.DOUBTFUL] == 0
    assert counts(page)[Outcome.NEW] == 3
    assert page.preview.shown is not None
    assert list(page.preview.shown.decisions.values()) == [NEW]


def test_an_import_is_written_at_once_and_taken_back_as_a_whole(
    page: ImportsPage, desk: Context, tmp_path: Path, settled: Settled
) -> None:
    before = desk.reader.count(Person)
    previewed(page, a_ledger(tmp_path), settled)
    page.preview.accept()
    settled()
    assert page.steps.currentWidget() is page.done
    assert page.done.words.text() == "已经导入 3 人"
    assert desk.reader.count(Person) == before + 2
    [line] = desk.reader.setting(LATEST)
    assert (line["new"], line["changed"]) == (2, 1)
    page.take_back(line["batch"])
    settled()
    assert desk.reader.count(Person) == before
    assert desk.reader.require(Person, "c1").note is None
    assert desk.reader.setting(LATEST) == []


def test_headings_confirmed_once_go_straight_to_the_preview(
    page: ImportsPage, desk: Context, tmp_path: Path, settled: Settled
) -> None:
    page.take_file(a_ledger(tmp_path))
    settled()
    assert page.steps.currentWidget() is page.mapping
    box = page.mapping.boxes[next(iter(page.mapping.boxes))][5]
    box.setCurrentIndex(box.findData("subject.help_measures"))
    page.mapping.accept()
    settled()
    page.preview.accept()
    settled()
    page.start_over()
    page.take_file(a_ledger(tmp_path, ROWS[:2], "新的.csv"))
    settled()
    assert page.steps.currentWidget() is page.preview
    assert page.preview.shown is not None
    assert "subject.help_measures" in next(iter(page.preview.shown.mapping.values()))


def test_without_a_name_column_the_way_on_is_closed_and_says_why(
    page: ImportsPage, tmp_path: Path, settled: Settled
) -> None:
    page.take_file(a_ledger(tmp_path))
    settled()
    box = page.mapping.boxes[next(iter(page.mapping.boxes))][1]
    box.setCurrentIndex(0)
    assert not page.mapping.go_on.isEnabled()
    assert page.mapping.trouble.text() == "还没有指出哪一列是姓名。"


def test_a_file_that_is_no_table_is_refused_on_the_page(page: ImportsPage, tmp_path: Path, settled: Settled) -> None:
    path = tmp_path / "照片.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    page.take_file(path)
    settled()
    assert page.steps.currentWidget() is page.choose
    assert page.choose.problem is not None
    assert page.choose.problem.accessibleName().startswith("台账没有任何改动。")


def test_rows_that_stay_out_come_back_as_a_table_with_the_reason(
    page: ImportsPage, tmp_path: Path, settled: Settled
) -> None:
    from python_calamine import CalamineWorkbook

    previewed(page, a_ledger(tmp_path), settled)
    assert page.preview.shown is not None
    page.write_refused(page.preview.shown, tmp_path / "没收.xlsx")
    settled()
    with CalamineWorkbook.from_path(tmp_path / "没收.xlsx") as book:
        rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert "没有姓名" in " ".join(str(cell) for cell in rows[2])


def test_the_name_of_a_file_tells_elders_from_children() -> None:
    assert kind_of(Path("高龄老人台账.xls")) == "elder"
    assert kind_of(Path("留守儿童台账(最终版3).xls")) == "child"
