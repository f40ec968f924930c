"""A person's page: who, what happened, what is next; changed in place, nothing lost, everything undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.records import Child, Elder, Household, Kinship, Person, Stay, record_type
from tests.ui import showing, village
from ui.context import Context
from ui.dialogs.history import describe
from ui.dialogs.kin import KinDialog
from ui.dialogs.life_event import CHILD_LEFT, DIED, RETURNED, WENT, LifeEventDialog
from ui.models.generations import tree
from ui.models.person_file import gather
from ui.models.story import story
from ui.pages.facts import Facts
from ui.pages.page import VisitWanted
from ui.pages.person import PersonPage
from ui.pages.person_order import SECTIONS

Settled = Callable[[], None]
Open = Callable[[str], PersonPage]


@pytest.fixture
def person(desk: Context, qtbot: QtBot, settled: Settled) -> Open:
    pages: list[PersonPage] = []

    def show(id_: str) -> PersonPage:
        page = showing.in_front(PersonPage(desk), qtbot)
        pages.append(page)
        page.show_what(id_)
        settled()
        qtbot.waitUntil(lambda: page.is_whole)
        return page

    return show


def section(page: PersonPage, name: str) -> Facts:
    return next(each for each in page.sections if name in each.names)


def fill(facts: Facts, **values: Any) -> None:
    assert facts.form
    for name, value in values.items():
        facts.form.editors[name].set_value(value)
        facts.form.editors[name]._touched()


def test_the_family_stands_in_generations_with_what_must_be_known(desk: Context) -> None:
    file = gather(desk.store, "c1")
    assert file
    rows = [[(place.person.name, place.word, place.note) for place in row] for row in tree(file)]
    assert rows == [
        [("罗有珍", "祖母", "")],
        [("王建军", "父", "外出务工"), ("阿·木·乃", "母", "失联")],
        [("王小满", "本人", ""), ("王大寒", "弟弟", "")],
    ]
    assert [place.person.name for row in tree(file) for place in row if place.is_caregiver] == ["罗有珍"]


def test_a_grandmother_sees_her_grandchildren(desk: Context) -> None:
    file = gather(desk.store, "gm")
    assert file
    words = {place.person.name: place.word for row in tree(file) for place in row}
    assert words["王小满"] == "孙女"
    assert words["王大寒"] == "孙子"


def test_the_story_begins_with_the_last_visit(desk: Context) -> None:
    file = gather(desk.store, "c1")
    assert file
    steps = story(file)
    assert steps[0].title == "入户走访：见到了"
    assert steps[0].opens == ("child_visit", "v1")
    assert steps[-1].title == "登记为儿童"


def test_what_is_next_stands_on_top(qtbot: QtBot, person: Open) -> None:
    page = person("c1")
    assert "过 9 天" in page.head._lines[0].accessibleName()
    with qtbot.waitSignal(page.open_visit) as asked:
        qtbot.keyClick(page, Qt.Key.Key_V)
    assert asked.args == [VisitWanted(("c1",), "child_visit")]


def test_phones_are_in_the_open_and_one_key_hides_the_page(qtbot: QtBot, person: Open) -> None:
    page = person("c1")
    assert "13900000003" in page.head.reach.text()
    page.hide_or_show()
    assert page.curtain.isVisible()
    assert page.curtain.geometry() == page.rect()
    page.hide_or_show()
    assert not page.curtain.isVisible()


def test_a_section_is_changed_in_place_and_can_be_undone(
    person: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    page = person("c1")
    facts = section(page, "school")
    facts.edit()
    fill(facts, school="王家寨中心校")
    facts.save()
    settled()
    assert not facts.is_open
    assert desk.store.require(Child, "c1").school == "王家寨中心校"
    change = desk.store.history("child", "c1")[-1]
    assert describe(change, [Child.spec]) == ["学校：王家寨小学 → 王家寨中心校"]
    desk.undo(_changes(change.batch))
    settled()
    assert desk.store.require(Child, "c1").school == "王家寨小学"


def _changes(batch: str) -> Any:
    from app.store import Changes

    return Changes(batch=batch)


def test_problems_of_a_section_stand_under_their_fields(person: Open, desk: Context, settled: Settled) -> None:
    page = person("c1")
    facts = section(page, "birth_date")
    facts.edit()
    fill(facts, birth_date=date(2030, 1, 1))
    facts.save()
    settled()
    assert facts.form
    assert "还没有到" in facts.form.editors["birth_date"].problem_line.text()
    assert desk.store.require(Person, "c1").birth_date == date(2015, 5, 21)


def test_what_was_typed_in_a_section_is_there_after_leaving(person: Open, settled: Settled) -> None:
    page = person("c1")
    facts = section(page, "work_place")
    facts.edit()
    fill(facts, phones=("13900000009",))
    page.leaving()
    settled()
    again = section(person("c1"), "work_place")
    assert again.is_open
    assert again.form
    assert again.form.editors["phones"].value() == ("13900000009",)


def test_an_exchange_under_an_open_form_loses_nothing(person: Open, desk: Context, settled: Settled) -> None:
    """A phone is being typed while the school is changed elsewhere: both stay."""
    page = person("c1")
    facts = section(page, "grade")
    facts.edit()
    fill(facts, grade="p6")
    child = desk.store.require(Child, "c1")
    desk.write(page, lambda store: store.save(village.ME, (child, _with_school(child)))).run()
    settled()
    page.refresh()
    settled()
    assert facts.is_open
    facts.save()
    settled()
    now = desk.store.require(Child, "c1")
    assert now.grade == "p6"


def _with_school(child: Child) -> Child:
    from dataclasses import replace

    return replace(child, student_number="G5306001")


def test_changes_to_relatives_concern_the_page(person: Open, desk: Context) -> None:
    from app.store import Changes

    page = person("c1")
    assert page.concerns(Changes(subjects=frozenset({"fa"})))
    assert not page.concerns(Changes(subjects=frozenset({"n1"})))


def test_a_death_of_the_caregiver_makes_the_visit_to_the_child_urgent(
    person: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    said = []
    desk.changes.said.connect(lambda notice: said.append((notice.text, notice.advice)))
    page = person("gm")
    assert page.file
    dialog = LifeEventDialog(desk, page.file.person, DIED, page)
    qtbot.addWidget(dialog)
    dialog.commit()
    settled()
    assert desk.store.require(Person, "gm").died_on == village.TODAY
    assert desk.store.require(Child, "c1").changed_on == village.TODAY
    assert any("24 小时内走访王小满" in advice for _, advice in said)
    page.refresh()
    settled()
    assert page.file.ended
    assert not page.visit_button.isEnabled()


def test_being_away_and_coming_back_are_verbs(person: Open, desk: Context, settled: Settled, qtbot: QtBot) -> None:
    page = person("c1")
    assert page.file
    assert WENT in page.verbs.events()
    dialog = LifeEventDialog(desk, page.file.person, WENT, page)
    qtbot.addWidget(dialog)
    dialog.commit()
    assert "还没有填" in dialog.form.editors["place"].problem_line.text()
    dialog.form.editors["place"].set_value("with_parents")
    dialog.form.editors["since"].set_value(date(2026, 3, 1))
    dialog.form.editors["whereabouts"].set_value("东莞")
    dialog.commit()
    settled()
    assert desk.store.find(Stay, subject="c1")[0].whereabouts == "东莞"
    page.refresh()
    settled()
    assert "东莞" in page.head.reach.text()
    assert RETURNED in page.verbs.events()


def test_leaving_the_register_needs_a_reason(person: Open, desk: Context, settled: Settled, qtbot: QtBot) -> None:
    page = person("c1")
    assert page.file
    dialog = LifeEventDialog(desk, page.file.person, CHILD_LEFT, page)
    qtbot.addWidget(dialog)
    dialog.commit()
    settled()
    assert desk.store.require(Child, "c1").exited_on is None
    dialog.form.editors["exit_reason"].set_value("parents_returned")
    dialog.commit()
    settled()
    assert desk.store.require(Child, "c1").exited_on == village.TODAY


def test_a_relative_is_opened_from_the_tree(qtbot: QtBot, person: Open, desk: Context) -> None:
    page = person("c1")
    father = next(node for node in page.tree.nodes() if node.name == "王建军")
    with qtbot.waitSignal(page.open_person) as opened:
        father.click()
    assert opened.args == ["fa"]
    assert desk.store.count(Kinship, relative="fa") == 2


def test_a_parents_situation_is_corrected_where_the_family_stands(
    person: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    page = person("c1")
    assert page.file
    mother = next(kin for kin in page.file.kin if kin.relation == "52")
    dialog = KinDialog(desk, page.file.person, mother, page)
    qtbot.addWidget(dialog)
    dialog.form.editors["situation"].set_value("dead")
    dialog.form.editors["situation_since"].set_value(date(2025, 12, 1))
    dialog.commit()
    settled()
    tie = next(each for each in desk.store.of_subject(Kinship, "c1") if each.relation == "52")
    assert (tie.situation, tie.situation_since) == ("dead", date(2025, 12, 1))


def test_a_relative_is_added_from_those_on_file_or_written_down(
    person: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    page = person("c1")
    assert page.file
    dialog = KinDialog(desk, page.file.person, None, page)
    qtbot.addWidget(dialog)
    dialog.commit()
    assert "姓名" in dialog.person.editors["name"].problem_line.text() + dialog.words.text()
    dialog.person.editors["name"].set_value("王二叔")
    dialog.form.editors["relation"].set_value("83")
    dialog.commit()
    settled()
    ties = {tie.relation: tie for tie in desk.store.of_subject(Kinship, "c1")}
    assert desk.store.require(Person, ties["83"].relative or "").org == village.ORG
    again = KinDialog(desk, page.file.person, None, page)
    qtbot.addWidget(again)
    again.known.set_value("n1")
    again.form.editors["relation"].set_value("92")
    again.commit()
    settled()
    assert {tie.relative for tie in desk.store.of_subject(Kinship, "c1")} >= {"n1"}
    assert desk.store.count(Person, name="赵一一") == 1


def test_a_grandfather_on_file_is_registered_as_an_elder(person: Open, desk: Context, settled: Settled) -> None:
    page = person("fa")
    page.verbs._add_profile("elder")
    settled()
    assert desk.store.get(Elder, "fa")
    assert desk.store.count(Person, name="王建军") == 1


def test_the_household_is_changed_on_the_page_of_whoever_lives_in_it(
    person: Open, desk: Context, settled: Settled
) -> None:
    page = person("c1")
    facts = section(page, "housing")
    facts.edit()
    fill(facts, housing="砖房，三间")
    page.leaving()
    settled()
    assert section(person("c2"), "housing").is_open
    facts.save()
    settled()
    assert desk.store.require(Household, "h1").housing == "砖房，三间"


def test_a_photo_becomes_the_portrait(person: Open, desk: Context, settled: Settled, tmp_path: Path) -> None:
    page = person("c1")
    image = QImage(400, 500, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    image.save(str(tmp_path / "one.png"))
    page.verbs.set_photo(tmp_path / "one.png")
    settled()
    page.refresh()
    settled()
    assert desk.store.require(Person, "c1").photo
    assert page.head.portrait.accessibleName() == "王小满的照片"


def test_the_sections_name_fields_that_exist() -> None:
    for plan in SECTIONS:
        assert set(plan.names) <= set(record_type(plan.type_name).spec.by_name), plan.title


def test_a_file_is_handed_over_by_the_name_of_the_village(
    person: Open, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    from app.records.divisions import children, parent_code
    from ui.dialogs.life_event import TRANSFERRED

    page = person("c1")
    assert page.file
    here = page.file.person.org or ""
    other = next(each for each in children(parent_code(here) or "") if each.code != here)
    dialog = LifeEventDialog(desk, page.file.person, TRANSFERRED, page)
    qtbot.addWidget(dialog)
    dialog.commit()
    assert "还没有填" in dialog.form.editors["org"].problem_line.text()
    dialog.form.editors["org"].line.setText(other.name)  # type: ignore[attr-defined]
    dialog.commit()
    settled()
    assert desk.store.require(Person, "c1").org == other.code
