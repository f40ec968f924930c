"""The demonstration's day, with what must have come of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clock import FixedClock
from app.errors import UserError
from app.exchange.reading import open_workbook
from tests.support.desks import NOW
from ui.demo.diary import Diary
from ui.demo.stage import MARK, cleared
from ui.demo.walk import PICTURES, REPORT, walk

CHILDREN = 40


def one_picture(folder: Path) -> object:
    folder.mkdir()
    (folder / "today.png").write_bytes(b"a picture")
    return lambda: 1


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "day"


@pytest.fixture(scope="module")
def day(out: Path) -> Diary:
    return walk(out, FixedClock(NOW), lambda words: None, pictures=one_picture, children=CHILDREN)


def test_the_day_begins_with_five_visits(day: Diary) -> None:
    assert day.figures("打开今日") == {"due": 5, "high": 1, "overdue": 2}


def test_three_people_answer_to_the_same_initials(day: Diary) -> None:
    assert day.figures("按首字母找人") == {"hits": 3}


def test_brother_sister_and_grandmother_are_visited_on_one_page(day: Diary) -> None:
    assert day.figures("走访姐弟和奶奶") == {"members": 3, "left": 2}


def test_the_ledger_comes_in_goes_out_and_comes_in_again(day: Diary) -> None:
    found = day.figures("导入旧台账、撤销、再导入")
    assert {name: found[name] for name in ("new", "changed", "same", "doubtful", "refused", "to_verify")} == {
        "new": 5, "changed": 1, "same": 2, "doubtful": 1, "refused": 2, "to_verify": 2,
    }  # fmt: skip
    assert (found["came"], found["back"], found["returned"]) == (14, 0, 3)


def test_a_printed_sheet_is_typed_in_by_its_number(day: Diary) -> None:
    assert day.figures("打印今天的走访单，再按表号录入") == {"sheets": 2, "waiting": 1}


def test_what_was_done_without_a_line_is_settled_when_it_is_back(day: Diary) -> None:
    found = day.figures("断网、两边都改、连上以后定下来")
    assert found["waiting"] > 0
    assert (found["conflicts"], found["phones"], found["delivered"], found["same"]) == (1, 1, True, True)


def test_the_countys_table_is_filled(day: Diary, out: Path) -> None:
    found = day.figures("照县里的空表填")
    assert found["unknown"] == 0
    (sheet,) = open_workbook(out / "表格" / "县里的表（已填）.xlsx").sheets
    names = [row[1] for row in sheet.rows if isinstance(row[0], (int, float))]
    assert len(names) == found["rows"]
    assert "阿·木·乃" in names
    assert sheet.rows[0][0] == "练习县农村留守儿童信息采集表"


def test_the_supervisor_sees_both_villages(day: Diary) -> None:
    assert day.figures("督导员和社工看到的")["children"] > 100


def test_the_big_village_is_printed_whole(day: Diary) -> None:
    assert day.figures("打印最大的村每个儿童的登记表")["children"] == CHILDREN


def test_everything_that_came_out_can_be_opened(day: Diary, out: Path) -> None:
    from pypdf import PdfReader

    pdfs = sorted((out / "打印").glob("*.pdf"))
    assert len(pdfs) == 7
    assert all(len(PdfReader(path).pages) > 0 for path in pdfs)
    assert "李䶮" in PdfReader(out / "打印" / "儿童基本信息登记表.pdf").pages[0].extract_text()
    assert len(list((out / "表格").iterdir())) == 7
    report = (out / REPORT).read_text("utf-8")
    assert "该走访 5 人" in report
    assert all(entry.title in report for entry in day.entries)
    assert list((out / PICTURES).iterdir())


def test_a_second_day_clears_the_first_and_nothing_else(tmp_path: Path) -> None:
    (cleared(tmp_path / "demo") / "资料").mkdir()
    assert [path.name for path in cleared(tmp_path / "demo").iterdir()] == [MARK]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    with pytest.raises(UserError, match="有别的文件"):
        cleared(tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep me"
