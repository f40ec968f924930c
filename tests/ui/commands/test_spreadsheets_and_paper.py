"""Ledgers in and out, and paper, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.support.command_line import Shouwang, assert_refused


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


def test_a_blank_sheet_for_the_bag_has_a_number_and_nobody(village: Shouwang, tmp_path: Path) -> None:
    said = village("print", "visit_sheet", "--blank", "-o", str(tmp_path / "blank.pdf"), "--json").value
    (sheet,) = village("list", "sheet", "--json").value
    assert (said["numbers"], sheet.get("person")) == ([sheet["number"]], None)


def test_whom_a_form_is_not_for_is_named_and_who_is_nobody_is_refused(village: Shouwang, tmp_path: Path) -> None:
    target = str(tmp_path / "form.pdf")
    child, elder = (village("find", name, "--json").value[0]["id"] for name in ("周谷雨", "郑秀兰"))
    said = village("print", "child_registration", child, elder, "-o", target)
    assert said.status == 0
    assert "郑秀兰" in said.err
    assert_refused(village("print", "child_registration", child, "none", "-o", target), "找不到编号是 none")


def test_the_register_is_printed_of_children_or_of_elders(village: Shouwang, tmp_path: Path) -> None:
    for title, option in (("儿童台账", ()), ("老年人台账", ("--elder",))):
        target = tmp_path / f"{title}.pdf"
        assert village("print", "register_list", *option, "-o", str(target)).status == 0
        words = "".join(page.extract_text() for page in PdfReader(target).pages)
        assert (title in words, "周谷雨" in words) == (True, not option)


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
