"""Records one by one on the command line: what is kept, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import VILLAGE, Shouwang, assert_refused, save


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


def test_a_file_is_handed_over_to_another_village_of_the_county(desk: Shouwang) -> None:
    from app.records.divisions import children, parent_code

    other = next(each for each in children(parent_code(VILLAGE) or "") if each.code != VILLAGE)
    id_ = save(desk).out.strip()
    assert_refused(desk("transfer", id_, "--to", "530602001001"), "外县")
    said = desk("transfer", id_, "--to", other.code)
    assert "这台电脑上不再有" in said.out
    assert desk("get", "person", id_, "--json").value["org"] == other.code


def test_who_looks_after_both_villages_is_not_told_that_the_file_goes_away(shouwang: Shouwang) -> None:
    from app.records.divisions import children, parent_code

    town = parent_code(VILLAGE) or ""
    assert shouwang("init", "--org", town, "--role", "child_supervisor", "--name", "甲").status == 0
    other = next(each for each in children(town) if each.code != VILLAGE)
    said = shouwang("transfer", save(shouwang).out.strip(), "--to", other.code)
    assert (said.status, "也还看得到" in said.out, "不再有" in said.out) == (0, True, False)
