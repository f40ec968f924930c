"""Registering from paper: the whole family in one go, nothing lost, nobody twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.records import Child, Elder, Household, Kinship, Person
from app.records.divisions import children, parent_code
from app.records.identity import check_character
from tests.ui import showing
from ui.context import Context
from ui.fields import Form
from ui.pages.new_person import NewPersonPage
from ui.pages.registering import NewPersonWanted, SiblingWanted

Settled = Callable[[], None]
Open = Callable[[object], NewPersonPage]


@pytest.fixture
def registering(desk: Context, qtbot: QtBot, settled: Settled) -> Open:
    pages: list[NewPersonPage] = []

    def show(wanted: object) -> NewPersonPage:
        page = showing.in_front(NewPersonPage(desk), qtbot)
        pages.append(page)
        page.show_what(wanted)
        settled()
        qtbot.waitUntil(lambda: page.is_whole)
        return page

    return show


def fill(form: Form[Any] | None, **values: Any) -> None:
    assert form
    for name, value in values.items():
        form.editors[name].set_value(value)
        form.editors[name]._touched()


def test_a_child_comes_with_its_family_in_one_go(
    registering: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    page = registering(NewPersonWanted("child"))
    fill(page.person, name="孟小川", sex="1", village_group="四组", current_address="四组 3 号")
    fill(page.profile, categories=("left_behind_rural",), risk_level="medium")
    father, mother, carer = page.relatives
    fill(father.person, name="孟大川", phones=("13900000011",))
    fill(father.tie, situation="working_away")
    fill(carer.person, name="孟奶奶")
    fill(carer.tie, relation="62")
    with qtbot.waitSignal(page.open_person) as opened:
        page.commit()
    settled()
    assert opened.args
    child = desk.store.require(Person, opened.args[0])
    assert desk.store.require(Child, child.id).risk_level == "medium"
    ties = {tie.relation: tie for tie in desk.store.of_subject(Kinship, child.id)}
    assert set(ties) == {"51", "62"}
    assert ties["62"].is_caregiver
    assert ties["51"].situation == "working_away"
    home = desk.store.require(Household, child.household or "")
    assert (home.head_name, home.address) == ("孟奶奶", "四组 3 号")
    assert not mother.named


def test_all_problems_show_at_once(registering: Open, desk: Context) -> None:
    page = registering(NewPersonWanted("child"))
    page.commit()
    assert "2 处" in page.problem_list.heading.text()
    assert page.person
    assert "还没有填" in page.person.editors["name"].problem_line.text()


def test_birth_date_and_sex_come_from_the_number(registering: Open) -> None:
    page = registering(NewPersonWanted("child"))
    number = "53210119491231002"
    fill(page.person, id_number=number + check_character(number))
    assert page.person
    page.person.editors["id_number"].left.emit()
    assert page.person.editors["birth_date"].value() == date(1949, 12, 31)
    assert page.person.editors["sex"].value() == "2"


def test_a_number_that_does_not_hold_together_is_kept_and_marked(
    registering: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    page = registering(NewPersonWanted("elder"))
    fill(page.person, name="高老三", sex="1", id_number="530602195003051234")
    page.commit()
    page._confirm("id_number")
    settled()
    person = desk.store.find(Person, name="高老三")[0]
    assert (person.id_number, person.id_to_verify) == ("530602195003051234", True)
    assert desk.store.get(Elder, person.id)


def test_who_is_registered_already_is_said_and_opened_with_a_click(
    registering: Open, settled: Settled, desk: Context
) -> None:
    page = registering(NewPersonWanted("child"))
    fill(page.person, name="王芳")
    page._look_for_alike()
    settled()
    (name,) = [each for each in page.alike.findChildren(QPushButton) if each.isVisible()]
    assert "王芳（二组" in name.text()
    opened: list[str] = []
    page.open_person.connect(opened.append)
    name.click()
    assert opened == [desk.store.find(Person, name="王芳")[0].id]
    fill(page.person, name="没有登记过的人")
    page._look_for_alike()
    settled()
    assert not page.alike.isVisible()


def test_what_was_typed_is_there_after_leaving(registering: Open, settled: Settled, desk: Context) -> None:
    page = registering(NewPersonWanted("child"))
    fill(page.person, name="孟小川")
    fill(page.relatives[0].person, name="孟大川")
    page.leaving()
    settled()
    again = registering(NewPersonWanted("child"))
    assert again.person
    assert again.person.editors["name"].value() == "孟小川"
    assert again.relatives[0].person.editors["name"].value() == "孟大川"
    assert desk.store.find(Person, name="孟小川") == []


def test_a_brother_shares_household_and_kin(registering: Open, desk: Context, settled: Settled, qtbot: QtBot) -> None:
    page = registering(SiblingWanted("c1"))
    fill(page.person, name="王谷雨", sex="1")
    with qtbot.waitSignal(page.open_person) as opened:
        page.commit()
    assert opened.args
    brother = desk.store.require(Person, opened.args[0])
    assert brother.household == "h1"
    assert {tie.relative for tie in desk.store.of_subject(Kinship, brother.id)} == {"fa", "mo", "gm"}
    assert desk.store.count(Person, name="王建军") == 1


def test_enter_goes_from_field_to_field_down_to_the_button(registering: Open, qtbot: QtBot) -> None:
    page = registering(NewPersonWanted("elder"))
    page.relatives[0].tie.editors["relation"].focus()
    qtbot.keyClick(page.relatives[0].tie.editors["relation"].focus_target(), Qt.Key.Key_Return)
    assert page.done_button.hasFocus()


def test_a_post_with_two_villages_says_in_which_one_somebody_lives(
    registering: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    own = desk.actor.org
    other = next(each for each in children(parent_code(own) or "") if each.code != own)
    desk.actor = replace(desk.actor, orgs=(own, other.code))
    page = registering(NewPersonWanted("child"))
    fill(page.person, name="孟小川", sex="1")
    fill(page.profile, categories=("left_behind_rural",), risk_level="medium")
    page.commit()
    settled()
    assert page.person
    assert "所属村" in page.person.editors["org"].problem_line.text()
    page.person.editors["org"].line.setText(other.name)  # type: ignore[attr-defined]
    with qtbot.waitSignal(page.open_person) as opened:
        page.commit()
    settled()
    assert opened.args
    assert desk.store.require(Person, opened.args[0]).org == other.code
