"""What the county did not take: shown whole, put aside once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cases.rejections import MENDED, open_rejections, settle_rejection
from app.errors import UserError
from app.policy.access import Actor
from app.records import Person, Rejection
from app.store import Post, Workspace, create_store

ORG = "530602101203"
ME = Actor("me", "陆大桥", "child_director", ORG)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    made = create_store(
        tmp_path / "workspace", "四个词的口令甲乙", post=Post(ORG, "child_director", "王家寨村"), holder_name="陆大桥"
    ).store
    made.save(ME, (None, Person(id="p1", org=ORG, name="王小满")))
    yield made
    made.close()


def refused(store: Workspace, after: object, type_name: str = "person") -> None:
    content = {"changes": [{"type": type_name, "record": "p1", "after": after, "bases": {}}]}
    record = Rejection(
        id="r1", subject="p1", unit="u1", about_type=type_name, about="p1", reason="bad_value",
        content=json.dumps(content), author="陆大桥", state="open",
    )  # fmt: skip
    store.save(ME, (None, record))


def test_everything_in_it_is_said_in_words(store: Workspace) -> None:
    refused(store, {"name": "王小曼", "sex": "2", "phones": {"add": ["139"], "remove": ["138"]}, "@deleted": True})
    [shown] = open_rejections(store)
    assert (shown.person, shown.reason) == ("王小满", "有一栏内容不对")
    assert shown.lines == (("姓名", "王小曼"), ("性别", "女"), ("联系电话", "加 139；去 138"), ("删除", "删除这条记录"))


def test_who_was_never_taken_is_called_by_the_name_in_what_came_back(store: Workspace) -> None:
    registered = {"type": "person", "record": "p2", "after": {"name": "安新来"}, "bases": {}}
    visited = {"type": "child_visit", "record": "v1", "after": {"visited_on": "2026-03-10"}, "bases": {}}
    for id_, change in (("r1", registered), ("r2", visited)):
        content = json.dumps({"changes": [change]})
        back = Rejection(id=id_, subject="p2", reason="foreign_village", content=content, state="open")
        store.save(ME, (None, back))
    assert [shown.person for shown in open_rejections(store)] == ["安新来", "安新来"]


def test_a_type_from_a_newer_program_is_shown_as_it_came(store: Workspace) -> None:
    refused(store, {"colour": "blue"}, "kite")
    assert open_rejections(store)[0].lines == (("colour", "blue"),)


def test_content_that_cannot_be_read_still_shows_the_reason(store: Workspace) -> None:
    store.save(ME, (None, Rejection(id="r1", unit="u1", reason="other", content="{", state="open")))
    [shown] = open_rejections(store)
    assert (shown.reason, shown.lines) == ("其他", ())


def test_it_is_put_aside_once_and_by_name(store: Workspace) -> None:
    refused(store, {"name": "王小曼"})
    [shown] = open_rejections(store)
    settle_rejection(store, ME, shown.rejection, MENDED)
    settled = store.require(Rejection, "r1")
    assert (settled.state, settled.settled_by) == (MENDED, "陆大桥")
    assert open_rejections(store) == []
    with pytest.raises(UserError):
        settle_rejection(store, ME, settled, MENDED)
