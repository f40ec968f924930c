"""The table of posts: what each may do where, and how a refusal reads."""

import pytest

from app.errors import NotAllowed
from app.policy.access import PERMISSIONS, TABLE, Action, Actor, Role, is_restricted, refusal, require
from app.records import RECORD_TYPES
from app.records.codes import code_list

VILLAGE, NEXT_VILLAGE = "530627109203", "530627109204"
TOWN, COUNTY = "530627109000", "530627000000"
DIRECTOR = Actor("d", "刘一", "child_director", VILLAGE)
SUPERVISOR = Actor("s", "陈二", "child_supervisor", TOWN)
WORKER = Actor("w", "杨三", "social_worker", TOWN)
OFFICER = Actor("o", "赵四", "officer", COUNTY)


def test_every_record_type_is_in_the_table() -> None:
    assert {cls.spec.name for cls in RECORD_TYPES} <= set(PERMISSIONS)


def test_the_heading_of_the_table_names_the_posts_in_their_order() -> None:
    assert TABLE.split()[2:6] == list(Role)
    assert [item.code for item in code_list("role")] == list(Role)


@pytest.mark.parametrize(
    "actor, action, type_name, org, allowed",
    [
        (DIRECTOR, "write", "child_visit", VILLAGE, True),
        (DIRECTOR, "write", "child_visit", NEXT_VILLAGE, False),
        (DIRECTOR, "read", "case", VILLAGE, False),
        (DIRECTOR, "export", "child", VILLAGE, True),
        (SUPERVISOR, "write", "child", NEXT_VILLAGE, True),
        (SUPERVISOR, "write", "child", "530627110200", False),
        (SUPERVISOR, "write", "case", VILLAGE, False),
        (SUPERVISOR, "read", "health_confidential", VILLAGE, False),
        (WORKER, "write", "case_note", VILLAGE, True),
        (WORKER, "read", "benefit_account", VILLAGE, False),
        (OFFICER, "write", "child_visit", VILLAGE, False),
        (OFFICER, "read", "child_visit", VILLAGE, True),
        (OFFICER, "delete", "person", VILLAGE, False),
        (OFFICER, "read", "child", "530621001000", False),
        (DIRECTOR, "write", "activity", "", True),
    ],
)
def test_the_table_decides(actor: Actor, action: str, type_name: str, org: str, allowed: bool) -> None:
    assert (not refusal(actor, action, type_name, org)) is allowed


@pytest.mark.parametrize("actor", [DIRECTOR, SUPERVISOR, WORKER, OFFICER])
def test_nobody_exports_reports_or_confidential_health(actor: Actor) -> None:
    assert refusal(actor, Action.EXPORT, "mandatory_report", actor.org)
    assert refusal(actor, Action.EXPORT, "health_confidential", actor.org)


def test_a_report_is_seen_by_its_author_the_supervisor_and_the_county() -> None:
    assert not refusal(DIRECTOR, "read", "mandatory_report", VILLAGE, author="d")
    assert not refusal(DIRECTOR, "write", "mandatory_report", VILLAGE)
    assert refusal(DIRECTOR, "read", "mandatory_report", VILLAGE, author="somebody else")
    assert refusal(WORKER, "read", "mandatory_report", VILLAGE, author="d")
    assert not refusal(SUPERVISOR, "read", "mandatory_report", VILLAGE, author="d")
    assert not refusal(OFFICER, "read", "mandatory_report", VILLAGE, author="d")


def test_types_of_a_narrower_circle_are_known() -> None:
    assert all(
        is_restricted(name)
        for name in ("case", "case_note", "benefit_account", "mandatory_report", "health_confidential")
    )
    assert not is_restricted("child_visit")


def test_a_refusal_says_the_reason_in_words() -> None:
    assert refusal(DIRECTOR, "write", "child", NEXT_VILLAGE) is not None
    assert "龙井村" in str(refusal(DIRECTOR, "write", "child", NEXT_VILLAGE))
    assert refusal(OFFICER, "delete", "person", VILLAGE) == "您的岗位不能删除这一类记录。"
    assert "填写人" in str(refusal(DIRECTOR, "read", "mandatory_report", VILLAGE, author="x"))


def test_what_is_not_allowed_says_first_that_nothing_changed() -> None:
    with pytest.raises(NotAllowed, match=r"^什么都没有改动。"):
        require(DIRECTOR, Action.WRITE, "child", NEXT_VILLAGE)
    require(DIRECTOR, Action.WRITE, "child", VILLAGE)


def test_a_type_or_a_post_of_a_newer_program_is_refused() -> None:
    assert "更新程序" in str(refusal(DIRECTOR, "read", "moon_visit", VILLAGE))
    assert "更新程序" in str(refusal(Actor("x", "某", "astronaut", VILLAGE), "read", "child", VILLAGE))


def test_an_action_that_does_not_exist_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="fly"):
        refusal(DIRECTOR, "fly", "child", VILLAGE)


def test_a_post_without_a_place_is_not_one_for_the_whole_country() -> None:
    assert refusal(Actor("x", "无名", "officer", ""), "read", "child", VILLAGE)


def test_a_post_with_several_divisions_works_in_each_of_them() -> None:
    two = Actor("a" * 32, "李娟", "child_director", "530602001001", ("530602001001", "530602002000"))
    assert not refusal(two, "write", "person", "530602002007")
    assert not refusal(two, "write", "person", "530602001001")
    assert refusal(two, "write", "person", "530602001002")
