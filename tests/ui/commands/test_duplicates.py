"""People who were registered twice, on the command line."""

from __future__ import annotations

from tests.support.command_line import Shouwang, assert_refused, save


def test_two_are_suggested_joined_and_taken_apart(desk: Shouwang) -> None:
    one = save(desk, birth_date="2021-06-05", village_group="一组").out.strip()
    another = save(desk, name="何忙种", birth_date="2021-06-05", village_group="二组").out.strip()
    (pair,) = desk("duplicates", "list", "--json").value
    assert (pair["one"], pair["another"]) == (one, another)
    assert "姓名读音相同" in desk("duplicates", "list").out
    done = desk("duplicates", "same", another, one, "--take", "village_group", "--json").value
    assert done["stands"] == one
    assert desk("get", "person", one, "--json").value["village_group"] == "二组"
    assert desk("duplicates", "list", "--json").value == []
    assert [row["id"] for row in desk("find", "hmz", "--json").value] == [one]
    assert_refused(desk("duplicates", "same", another, one), "已经是同一个人")
    assert desk("duplicates", "separate", one).status == 0
    assert desk("get", "person", one, "--json").value["village_group"] == "一组"
    assert len(desk("find", "hmz", "--json").value) == 2
    assert_refused(desk("duplicates", "separate", one), "只登记了一次")


def test_two_people_stay_two_people(desk: Shouwang) -> None:
    ids = [save(desk, birth_date="2021-06-05").out.strip() for _ in range(2)]
    assert desk("duplicates", "different", *ids).status == 0
    assert "没有看到" in desk("duplicates", "list").out
    assert_refused(desk("duplicates", "same", *ids, "--take", "no_such"), "没有叫 no_such 的项目")
