"""The command line: what it prints, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.clock import Clock, FixedClock
from tests.support.desks import NOW
from ui import cli

VILLAGE = "539900101200"
PASSPHRASE = "练习口令不保密"


@dataclass
class Said:
    """What one call answered."""

    status: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


Shouwang = Callable[..., Said]


@pytest.fixture
def shouwang(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shouwang:
    """Carry out a verb on the test's own workspace."""
    monkeypatch.setenv("SHOUWANG_PASSPHRASE", PASSPHRASE)

    def say(*words: str, stdin: str = "", clock: Clock | None = None, workspace: str = "desk") -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        status = cli.main([*words, "--workspace", str(tmp_path / workspace)], clock or FixedClock(NOW))
        told = capsys.readouterr()
        return Said(status, told.out, told.err)

    return say


@pytest.fixture
def desk(shouwang: Shouwang) -> Shouwang:
    """The same with a workspace of the practice village."""
    assert shouwang("init", "--org", VILLAGE, "--name", "罗明灯").status == 0
    return shouwang


def save(shouwang: Shouwang, type_name: str = "person", *options: str, **fields: Any) -> Said:
    given = {"org": VILLAGE, "name": "何芒种", "sex": "1", **fields} if type_name == "person" else fields
    return shouwang("save", type_name, *options, stdin=json.dumps(given, ensure_ascii=False))


def assert_refused(said: Said, words: str) -> None:
    assert said.status == 1
    assert words in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_new_workspace_gives_its_recovery_code_once(shouwang: Shouwang) -> None:
    said = shouwang("init", "--org", VILLAGE, "--json")
    assert said.status == 0
    assert said.value["kind"] == "practice"
    assert len(said.value["recovery_code"]) == 41


def test_a_second_workspace_in_the_same_folder_is_refused(desk: Shouwang) -> None:
    assert_refused(desk("init", "--org", VILLAGE), "已经有一份资料")


def test_what_was_saved_can_be_got_listed_found_and_deleted(desk: Shouwang) -> None:
    said = save(desk, birth_date="2021-06-05")
    id_ = said.out.strip()
    assert said.status == 0
    assert desk("get", "person", id_, "--json").value["birth_date"] == "2021-06-05"
    assert [row["id"] for row in desk("list", "person", "--where", "name=何芒种", "--json").value] == [id_]
    assert [row["id"] for row in desk("find", "hmz", "--json").value] == [id_]
    assert desk("delete", "person", id_).status == 0
    assert desk("list", "person", "--json").value == []


def test_a_partial_record_changes_only_what_it_names(desk: Shouwang) -> None:
    id_ = save(desk, phones=["19900006101"]).out.strip()
    desk("save", "person", stdin=json.dumps({"id": id_, "village_group": "六组"}))
    found = desk("get", "person", id_, "--json").value
    assert (found["phones"], found["village_group"]) == (["19900006101"], "六组")
    assert [change["after"] for change in desk("history", "person", id_, "--json").value][1:] == [
        {"village_group": "六组"}
    ]


def test_a_save_can_be_undone_by_its_batch(desk: Shouwang) -> None:
    batch = json.loads(
        desk("save", "person", "--json", stdin=json.dumps({"org": VILLAGE, "name": "甲", "sex": "1"})).out
    )["batch"]
    assert desk("undo", batch).status == 0
    assert desk("list", "person", "--json").value == []
    assert_refused(desk("undo", "没有这一批"), "没有可以撤销的")


def test_the_check_and_a_backup_that_is_restored(desk: Shouwang, tmp_path: Path) -> None:
    save(desk)
    assert desk("check", "--json").value["sound"] is True
    assert desk("backup", str(tmp_path / "copy.swb")).status == 0
    assert desk("restore", str(tmp_path / "copy.swb"), workspace="again").status == 0
    assert len(desk("list", "person", "--json", workspace="again").value) == 1
    assert_refused(desk("restore", str(tmp_path / "copy.swb"), workspace="again"), "不是空的")


# What bad input gets

BAD_PEOPLE = [
    ({"birth_date": "2095-01-01"}, "还没有到"),
    ({"birth_date": "2015年"}, "日期请写成"),
    ({"name": "名" * 60}, "最多 50 个字，现在是 60 个字"),
    ({"org": "999999999999"}, "没有区划代码"),
    ({"org": "539900101201"}, "不归练习村管"),
    ({"sex": "男男"}, "没有 男男 这一项"),
    ({"shoe_size": 43}, "没有叫 shoe_size 的项目"),
    ({"name": ""}, "「姓名」还没有填"),
    ({"id": "not-an-id"}, "不是记录的编号"),
    ({"id_type": "01", "id_number": "539901202106050011"}, "对不上"),
    ({"id_type": "01", "id_number": "539901202106050018", "birth_date": "2020-06-05"}, "不一样"),
]


@pytest.mark.parametrize("fields, words", BAD_PEOPLE)
def test_a_person_with_something_wrong_is_refused_and_nobody_is_saved(
    desk: Shouwang, fields: dict[str, Any], words: str
) -> None:
    assert_refused(save(desk, **fields), words)
    assert desk("list", "person", "--json").value == []


def test_one_bad_line_keeps_all_lines_out(desk: Shouwang) -> None:
    lines = [{"org": VILLAGE, "name": "甲", "sex": "1"}, {"org": VILLAGE, "name": "乙", "sex": "1", "birth_date": "x"}]
    said = desk("save", "person", stdin="\n".join(json.dumps(line) for line in lines))
    assert_refused(said, "读不懂")
    assert desk("list", "person", "--json").value == []


def test_a_warning_can_be_confirmed_an_error_cannot(desk: Shouwang) -> None:
    fields = {"id_type": "01", "id_number": "539901202106050018", "birth_date": "2020-06-05"}
    assert_refused(save(desk, **fields), "可以确认")
    assert save(desk, "person", "--confirm", "birth_date", **fields).status == 0
    assert_refused(save(desk, "person", "--confirm", "birth_date", birth_date="2095-01-01"), "还没有到")


def test_markup_in_a_name_is_a_name(desk: Shouwang) -> None:
    id_ = save(desk, name="<b>何&").out.strip()
    assert desk("get", "person", id_, "--json").value["name"] == "<b>何&"


def test_a_line_that_is_no_record_is_refused(desk: Shouwang) -> None:
    for line in ("[1]", "{", "一行字"):
        assert_refused(desk("save", "person", stdin=line), "不是一个 JSON 对象")


def test_a_profile_of_nobody_is_refused(desk: Shouwang) -> None:
    assert_refused(save(desk, "child", risk_level="low"), "请先存人")


@pytest.mark.parametrize(
    "words, said",
    [
        (("list", "persons"), "没有叫 persons 的记录种类"),
        (("list", "person", "--where", "shoes=1"), "没有叫 shoes 的项目"),
        (("list", "person", "--where", "name"), "要写成 栏目=值"),
        (("get", "person", "0" * 32), "找不到"),
        (("delete", "person", "0" * 32), "找不到"),
        (("due", "--on", "昨天"), "不是日期"),
        (("restore", "/nowhere/copy.swb"), "不是空的"),
    ],
)
def test_what_is_not_there_is_said_plainly(desk: Shouwang, words: tuple[str, ...], said: str) -> None:
    assert_refused(desk(*words), said)


# Spreadsheets and paper


@pytest.fixture
def village(shouwang: Shouwang, tmp_path: Path) -> Shouwang:
    """The whole practice village."""
    from app.training.desks import village_desk
    from app.training.village import practice_village

    clock = FixedClock(NOW)
    village_desk(tmp_path / "desk", practice_village(clock.today()), clock=clock, portraits=False).close()
    return shouwang


def test_the_messy_ledger_comes_in_and_goes_out_again(village: Shouwang, tmp_path: Path) -> None:
    from app.training.workbooks import ledger

    before = village("list", "person", "--json").value
    looked = village("import", "child", str(ledger()), "--dry-run", "--json").value
    assert {key: looked[key] for key in ("rows", "new", "changed", "same", "doubtful", "refused", "to_verify")} == {
        "rows": 11, "new": 5, "changed": 1, "same": 2, "doubtful": 1, "refused": 2, "to_verify": 2,
    }  # fmt: skip
    assert village("list", "person", "--json").value == before
    brought = village("import", "child", str(ledger()), "--json", "--refused", str(tmp_path / "back.xlsx")).value
    assert len(village("list", "person", "--json").value) > len(before)
    assert (tmp_path / "back.xlsx").exists()
    assert village("undo", brought["batch"]).status == 0
    assert village("list", "person", "--json").value == before


def test_a_doubtful_row_is_decided_on_the_command_line(village: Shouwang) -> None:
    from app.training.workbooks import ledger

    looked = village("import", "child", str(ledger()), "--dry-run", "--json").value
    (doubtful,) = [row for row in looked["details"] if row["outcome"] == "doubtful"]
    place = f"{doubtful['sheet']}:{doubtful['row']}"
    decided = village("import", "child", str(ledger()), "--dry-run", "--json", "--decide", f"{place}=new").value
    assert (decided["doubtful"], decided["new"]) == (0, 6)
    assert_refused(village("import", "child", str(ledger()), "--decide", "六组=new"), "看不懂")


def test_the_register_goes_out_in_three_formats_and_into_the_countys_table(village: Shouwang, tmp_path: Path) -> None:
    from app.training.workbooks import blank_table

    counts = {village("export", "child", str(tmp_path / f"out{end}"), "--json").value["rows"]
              for end in (".xlsx", ".csv", ".jsonl")}  # fmt: skip
    assert len(counts) == 1
    filled = village("fill", "child", str(blank_table()), "-o", str(tmp_path / "full.xlsx"), "--json").value
    assert counts == {filled["rows"]}
    assert filled["unknown"] == []


def test_the_days_sheets_are_printed_with_numbers(village: Shouwang, tmp_path: Path) -> None:
    said = village("print", "visit_sheet", "-o", str(tmp_path / "day.pdf"), "--json").value
    assert said["sheets"] == 5
    assert len(set(said["numbers"])) == 5
    assert (tmp_path / "day.pdf").read_bytes().startswith(b"%PDF")
    sheets = village("list", "sheet", "--where", "state=printed", "--json").value
    assert {sheet["number"] for sheet in sheets} == set(said["numbers"])


def test_every_form_prints_for_a_child_or_blank(village: Shouwang, tmp_path: Path) -> None:
    child = village("find", "周谷雨", "--json").value[0]["id"]
    for form in village("forms", "--json").value:
        who = () if form["name"] in ("register_list", "elder_visit_record") else (child,)
        blank = ("--blank",) if form["name"] == "elder_visit_record" else ()
        target = tmp_path / f"{form['name']}.pdf"
        assert village("print", form["name"], *who, *blank, "-o", str(target)).status == 0, form
        assert target.stat().st_size > 1_000


def test_a_pdf_that_cannot_be_written_gives_out_no_number(village: Shouwang, tmp_path: Path) -> None:
    assert_refused(village("print", "visit_sheet", "-o", str(tmp_path / "none" / "day.pdf")), "没有文件夹")
    assert village("list", "sheet", "--json").value == []


def test_what_is_due_comes_with_its_rule(village: Shouwang) -> None:
    found = village("due", "--json").value
    assert {(row["name"], row["rule"]) for row in found} >= {("杨石头", "child-high"), ("郑秀兰", "elder-special")}


BAD_FILES = {
    "letter.docx": (b"PK\x03\x04 a letter", "不是"),
    "photo.xlsx": (b"\x89PNG\r\n\x1a\n", "不是"),
    "empty.csv": (b"", ""),
    "prose.csv": ("今天天气很好\n明天也好\n".encode(), "没有在这个文件里找到表头"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_ledger_is_refused(desk: Shouwang, tmp_path: Path, name: str) -> None:
    content, words = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    assert_refused(desk("import", "child", str(tmp_path / name)), words)
    assert desk("list", "person", "--json").value == []


def test_hostile_workbooks_are_refused(desk: Shouwang, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bag:
        bag.writestr("[Content_Types].xml", "<Types/>")
        bag.writestr("xl/workbook.xml", "<workbook/>")
        bag.writestr("xl/worksheets/sheet1.xml", b"0" * 600_000_000)
    assert_refused(desk("import", "child", str(tmp_path / "bomb.xlsx")), "大得不正常")
    (tmp_path / "wide.csv").write_text("姓名" + ",x" * 1_000_000 + "\n甲\n", "utf-8")
    assert_refused(desk("import", "child", str(tmp_path / "wide.csv")), "列")


def test_a_numeric_id_a_formula_and_markup_keep_the_person(desk: Shouwang, tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(tmp_path / "odd.xlsx", {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ("姓名", "性别", "身份证号码", "备注"))
    sheet.write_row(1, 0, ("<b>何&", "男", 539901201501010011, "=1+1"))
    sheet.write_row(2, 0, ("名" * 60, "女", "", ""))
    book.close()
    said = desk("import", "child", str(tmp_path / "odd.xlsx"), "--json").value
    assert (said["new"], said["refused"], said["to_verify"]) == (1, 1, 1)
    (person,) = desk("list", "person", "--json").value
    assert person["name"] == "<b>何&"
    assert "id_number" not in person


def test_only_ledgers_of_children_and_elders_come_in(desk: Shouwang, tmp_path: Path) -> None:
    assert_refused(desk("import", "person", str(tmp_path)), "请写 child")
    assert_refused(desk("import", "child", str(tmp_path / "none.xlsx")), "找不到文件")
    assert_refused(desk("export", "child", str(tmp_path / "out.doc")), "不认识")
    assert_refused(desk("print", "poem", "-o", str(tmp_path / "x.pdf")), "没有叫 poem 的表格")
    assert_refused(desk("print", "child_registration", "-o", str(tmp_path / "x.pdf")), "没有选人")


def test_a_wrong_passphrase_is_refused(desk: Shouwang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_PASSPHRASE", "不是这个口令")
    assert_refused(desk("list", "person"), "口令不对")


def test_without_a_passphrase_and_a_terminal_nothing_happens(desk: Shouwang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOUWANG_PASSPHRASE")
    assert_refused(desk("list", "person"), "没有口令")


def test_a_workspace_that_is_open_elsewhere_is_refused(desk: Shouwang, tmp_path: Path) -> None:
    from app.training.desks import reopened

    store = reopened(tmp_path / "desk", clock=FixedClock(NOW))
    try:
        assert_refused(desk("list", "person"), "已经开着")
    finally:
        store.close()


def test_a_folder_without_a_workspace_is_refused(shouwang: Shouwang) -> None:
    said = shouwang("list", "person", workspace="nowhere")
    assert said.status == 1
    assert "Traceback" not in said.err


def test_a_clock_in_2016_is_put_right_first(desk: Shouwang) -> None:
    clock = FixedClock(datetime(2016, 3, 1, tzinfo=UTC))
    said = desk("save", "person", stdin=json.dumps({"org": VILLAGE, "name": "甲", "sex": "1"}), clock=clock)
    assert_refused(said, "2016-03-01")
    assert desk("list", "person", "--json").value == []


@pytest.mark.parametrize(
    "fault, words",
    [
        (OSError(errno.ENOSPC, "No space left on device"), "硬盘满了"),
        (PermissionError(errno.EACCES, "Permission denied", "/a/place"), "「/a/place」不能读写"),
        (OSError(errno.EROFS, "Read-only file system", "/a/place"), "不能读写"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/a/place"), "是文件夹"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (MemoryError(), "内存不够"),
    ],
)
def test_what_the_computer_refuses_is_said_in_a_sentence(
    desk: Shouwang, monkeypatch: pytest.MonkeyPatch, fault: BaseException, words: str
) -> None:
    def refuse(asked: object) -> None:
        raise fault

    monkeypatch.setattr("ui.commands.records.list_", refuse)
    assert_refused(desk("list", "person"), words)


def test_a_folder_that_cannot_be_made_holds_no_workspace(shouwang: Shouwang, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    assert_refused(shouwang("init", "--org", VILLAGE, workspace="a file/desk"), "不能写")
    assert_refused(shouwang("init", "--org", VILLAGE, workspace="OneDrive/desk"), "网盘")


def test_a_practice_never_clears_a_folder_that_is_not_its_own(shouwang: Shouwang, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    assert_refused(shouwang("demo", "--no-window", "--dir", str(tmp_path / "mine")), "有别的文件")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep me"


def test_stopping_with_ctrl_c_is_no_fault(desk: Shouwang, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(asked: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ui.commands.records.list_", interrupted)
    assert_refused(desk("list", "person"), "已停下")


def test_an_unknown_place_makes_no_workspace(shouwang: Shouwang, tmp_path: Path) -> None:
    assert_refused(shouwang("init", "--org", "000000000001"), "没有区划代码")
    assert_refused(shouwang("init", "--org", VILLAGE, "--role", "king"), "没有岗位 king")
    assert not (tmp_path / "desk").exists()


@pytest.mark.parametrize("words", [(), ("fly",), ("save",), ("list", "person", "--wherever", "x")])
def test_wrong_usage_is_status_two_and_says_how(shouwang: Shouwang, words: tuple[str, ...]) -> None:
    said = shouwang(*words)
    assert said.status == 2
    assert "用法" in said.err


def test_help_is_chinese_and_no_error(shouwang: Shouwang) -> None:
    said = shouwang("save", "--help")
    assert said.status == 0
    assert "用法：shouwang save" in said.out


def test_the_command_line_never_loads_qt() -> None:
    import subprocess
    import sys

    code = "import sys, ui.cli; ui.cli.make_parser(); sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
