"""What came back from the county on the command line: proposals of other villages, and what was not taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.records import Person, Proposal, Rejection
from app.store.workspace import open_store
from tests.support.command_line import PASSPHRASE, VILLAGE, Shouwang, assert_refused
from tests.support.desks import WORKER


@pytest.fixture
def proposal(desk: Shouwang, tmp_path: Path) -> str:
    """The county has sent one about a child that is here."""
    child = "c" * 32
    content = {"changes": [{"type": "person", "record": child, "bases": {"*": "e:1"},
                            "after": {"work_place": "浙江", "note": "搬来了"}}]}  # fmt: skip
    store = open_store(tmp_path / "desk", PASSPHRASE)
    store.save(WORKER, (None, Person(id=child, org=VILLAGE, name="测试童", work_place="广东")))
    made = Proposal(id="d" * 32, subject=child, unit="u", content=json.dumps(content), author="丙", state="open")
    with store.transaction() as work:
        work.lay(Proposal, [made])
    store.close()
    return made.id


def test_each_item_is_shown_as_it_is_and_as_proposed(desk: Shouwang, proposal: str) -> None:
    [found] = desk("proposals", "--json").value
    assert [(item["now"], item["proposed"]) for item in found["items"]] == [("广东", "浙江"), ("（空）", "搬来了")]
    assert "1 务工地点　现在「广东」，提议「浙江」" in desk("proposals").out


def test_some_of_it_is_taken_by_its_number(desk: Shouwang, proposal: str) -> None:
    assert desk("answer", proposal, "--accept", "2").status == 0
    person = desk("get", "person", "c" * 32, "--json").value
    assert (person["work_place"], person["note"]) == ("广东", "搬来了")
    assert desk("proposals", "--json").value == []
    assert desk("answer", proposal, "--decline").status == 1


def test_neither_both_nor_a_number_that_is_none(desk: Shouwang, proposal: str) -> None:
    for words in ((), ("--accept", "--decline"), ("--accept", "3")):
        told = desk("answer", proposal, *words)
        assert told.status == 1
        assert "没有改动" in told.err
    assert desk("answer", proposal, "--decline").status == 0


def test_what_was_refused_is_shown_with_what_was_in_it_and_put_aside(desk: Shouwang, tmp_path: Path) -> None:
    store = open_store(tmp_path / "desk", PASSPHRASE)
    store.save(WORKER, (None, Person(id="c" * 32, org=VILLAGE, name="测试童")))
    content = {"changes": [{"type": "person", "record": "c" * 32, "bases": {}, "after": {"note": "迁走了"}}]}
    made = Rejection(
        id="r" * 32, subject="c" * 32, unit="u1", about_type="person", about="c" * 32, reason="foreign_village",
        explanation="这个人已经迁到别的村。", content=json.dumps(content), author="丙", state="open",
    )  # fmt: skip
    with store.transaction() as work:
        work.lay(Rejection, [made])
    store.close()
    said = desk("rejections").out
    assert all(words in said for words in (made.id, "测试童", "已经迁到别的村", "备注：迁走了"))
    wrong = desk("put-aside", made.id, "--as", "lost")
    assert (wrong.status, "mended" in wrong.err) == (2, True)
    assert desk("put-aside", made.id, "--as", "withdrawn").status == 0
    assert desk("rejections", "--json").value == []
    assert_refused(desk("put-aside", made.id, "--as", "mended"), "已经处理过")
