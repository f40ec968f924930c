"""What needs somebody: two values or a third, what another village proposes, what the county did not take."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.records import BY_NAME, RECORD_TYPES, Child, ChildVisit, Conflict, Person, Proposal, Rejection
from app.records.divisions import Level, county_of, search
from app.records.record import Record
from sync.client.engine import Light, light
from tests.ui import showing, village
from ui.context import Context
from ui.fields import VillagePicker
from ui.pages.exchange import ExchangePage
from ui.pages.matter import MatterPanel
from ui.pages.other_value import OtherValue, can_be_typed
from ui.pages.page import VisitWanted
from ui.pages.person import PersonPage
from ui.pages.refused import plain_text

Settled = Callable[[], None]


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> ExchangePage:
    desk.store.set_setting("county", {"server_id": "s", "name": "某县", "private_key": "00" * 32})
    page = showing.shown(ExchangePage(desk), qtbot, settled)
    desk.changes.changed.connect(lambda changes: page.refresh())
    return page


def came(page: ExchangePage, settled: Settled, record: Record) -> None:
    """The county brings a record."""
    with page.context.store.transaction() as work:
        work.lay(type(record), [replace(record, stamps={"*": "e:9"})])
    page.refresh()
    settled()


def conflict(part: str, mine: Any, theirs: Any, **more: Any) -> Conflict:
    return Conflict(
        id="d" * 32, subject="c1", about_type="person", about="c1", part=part, before=json.dumps(None),
        current=json.dumps(theirs), current_by="何督导", other=json.dumps(mine), other_by="陆大桥", state="open",
        **more,
    )  # fmt: skip


def proposal(*changes: dict[str, Any], subject: str = "c1") -> Proposal:
    return Proposal(
        id="f" * 32, subject=subject, unit="u" * 64, content=json.dumps({"changes": changes}), author="安老师",
        from_org="530602101204", proposed_at=village.NOW, state="open",
    )  # fmt: skip


EDIT = {"type": "person", "record": "c1", "after": {"village_group": "五组", "note": "搬来了"}, "bases": {"*": "e:1"}}
VISIT = {
    "type": "child_visit", "record": "9" * 32, "bases": {},
    "after": {"subject": "c1", "visited_on": "2026-03-02", "visitors": {"add": ["安老师"], "remove": []}},
}  # fmt: skip


def refused(*changes: dict[str, Any], reason: str = "bad_value") -> Rejection:
    return Rejection(
        id="r1", subject="c1", unit="u1", reason=reason, content=json.dumps({"changes": changes}), author="陆大桥",
        refused_at=village.NOW, explanation="电话号码不对。", state="open",
    )  # fmt: skip


def words(panel: MatterPanel) -> str:
    return "\n".join(each.text() for each in panel.findChildren(QLabel) if each.isVisible())


def press(panel: MatterPanel, name: str) -> None:
    button = next(each for each in panel.findChildren(QPushButton) if each.text().startswith(name) and each.isVisible())
    button.click()


# What another village proposes


def test_a_proposal_is_shown_beside_what_is_there_and_lights_the_light(page: ExchangePage, settled: Settled) -> None:
    came(page, settled, proposal(EDIT, VISIT))
    panel = page.settling.proposed
    assert page.settling.detail.currentWidget() is panel
    assert light(page.context.store) is Light.ATTENTION
    assert page.state.text() == "1 件需要处理"
    told = words(panel)
    assert "安老师写的" in told
    assert "现在：三组" in told
    assert "提议：五组" in told
    assert "走访日期：2026-03-02" in told
    assert [tick.isChecked() for tick in panel.ticks.values()] == [True, True, True]


def test_only_what_has_a_tick_is_taken_over(page: ExchangePage, settled: Settled) -> None:
    came(page, settled, proposal(EDIT, VISIT))
    page.settling.proposed.ticks["person", "c1", "village_group"].setChecked(False)
    page.refresh()
    settled()
    page.settling.answer(1)
    settled()
    child = page.context.reader.require(Person, "c1")
    assert (child.village_group, child.note) == ("三组", "搬来了")
    assert page.context.reader.require(ChildVisit, "9" * 32).visitors == ("安老师",)
    assert page.settling.list.table.lines == []
    assert light(page.context.store) is Light.WAITING


def test_a_proposal_can_be_left_and_that_can_be_taken_back(
    page: ExchangePage, desk: Context, settled: Settled
) -> None:
    said: list[Any] = []
    desk.changes.said.connect(said.append)
    came(page, settled, proposal(EDIT))
    page.settling.answer(2)
    settled()
    assert desk.reader.require(Person, "c1").village_group == "三组"
    assert desk.reader.require(Proposal, "f" * 32).state == "declined"
    assert said[-1].text.startswith("没有采用")
    said[-1].undo()
    settled()
    assert len(page.settling.list.table.lines) == 1


def test_a_proposal_for_another_village_lights_no_light_here(page: ExchangePage, settled: Settled) -> None:
    neighbour = village.person("z1", "邻村童", "2", date(2015, 1, 1))
    came(page, settled, replace(neighbour, org="530602101204"))
    came(page, settled, proposal({**EDIT, "record": "z1"}, subject="z1"))
    assert light(page.context.store) is Light.WAITING
    assert len(page.settling.list.table.lines) == 1
    assert "一般由这个人现在的村来定" in words(page.settling.proposed)


def test_every_tick_can_be_heard_and_reached_with_the_keyboard(
    page: ExchangePage, settled: Settled, qtbot: QtBot
) -> None:
    came(page, settled, proposal(EDIT, VISIT))
    ticks = page.settling.proposed.ticks.values()
    names = ("村民小组", "备注", "新的儿童入户走访")
    assert [tick.accessibleName() for tick in ticks] == [f"用这一项：{name}" for name in names]
    first = next(iter(ticks))
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Space)
    assert not first.isChecked()


# A third value


def test_a_third_value_is_typed_with_the_items_own_editor(
    page: ExchangePage, settled: Settled, qtbot: QtBot
) -> None:
    came(page, settled, conflict("work_place", "广东", "浙江", must_ask=True))
    panel = page.settling.difference
    press(panel, "另填")
    assert panel.other is not None
    editor = panel.other.form.editors["work_place"]
    editor.set_value("福建泉州 2 号厂")
    page.refresh()
    settled()
    assert panel.other is not None
    qtbot.keyClick(panel.other, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settled()
    assert page.context.reader.require(Person, "c1").work_place == "福建泉州 2 号厂"
    found = page.context.reader.require(Conflict, "d" * 32)
    assert (found.state, found.settled_value) == ("value", '"福建泉州 2 号厂"')


def test_a_third_value_for_fields_that_belong_together(page: ExchangePage, settled: Settled) -> None:
    came(page, settled, conflict("birth", {"birth_date": "2015-05-20"}, {"birth_date": "2015-05-12"}))
    panel = page.settling.difference
    panel.type_other()
    assert panel.other is not None
    panel.other.form.editors["birth_date"].set_value(date(2099, 1, 1))
    panel.other.take()
    assert page.context.reader.require(Conflict, "d" * 32).state == "open"
    panel.other.form.editors["birth_date"].set_value(date(2015, 5, 2))
    panel.other.take()
    settled()
    assert page.context.reader.require(Person, "c1").birth_date == date(2015, 5, 2)


def test_a_third_village_is_chosen_by_its_name(page: ExchangePage, settled: Settled, qtbot: QtBot) -> None:
    here = page.context.actor.org
    found = [each.code for each in search("村", county_of(here), 40) if each.level is Level.VILLAGE]
    there, elsewhere, *_ = [code for code in found if code != here]
    came(page, settled, conflict("org", there, here, must_ask=True))
    panel = page.settling.difference
    press(panel, "另填")
    assert panel.other is not None
    picker = panel.other.form.editors["org"]
    assert isinstance(picker, VillagePicker)
    picker.line.clear()
    qtbot.keyClicks(picker.line, elsewhere)
    panel.other.take()
    settled()
    assert page.context.reader.require(Person, "c1").org == elsewhere


@pytest.mark.parametrize(
    "about, part, is_typed",
    [
        ("person", "work_place", True), ("person", "identity", True), ("person", "org", True),
        ("person", "@deleted", False), ("kinship", "relative", False), ("proposal", "settlement", False),
        ("kite", "colour", False),
    ],
)  # fmt: skip
def test_only_what_has_editors_of_its_own_is_typed_here(about: str, part: str, is_typed: bool) -> None:
    assert can_be_typed(replace(conflict(part, None, None), about_type=about)) is is_typed


@pytest.mark.parametrize("name", [cls.spec.name for cls in RECORD_TYPES])
def test_every_item_that_is_offered_for_typing_has_its_editors(desk: Context, qtbot: QtBot, name: str) -> None:
    for part in BY_NAME[name].spec.parts:
        asked = replace(conflict(part, None, None), about_type=name)
        if can_be_typed(asked):
            typed = OtherValue(desk, asked)
            qtbot.addWidget(typed)
            assert typed.form.editors
            typed.begin()


def test_digits_that_are_typed_settle_nothing(page: ExchangePage, settled: Settled, qtbot: QtBot) -> None:
    came(page, settled, conflict("work_place", "广东", "浙江"))
    panel = page.settling.difference
    panel.type_other()
    assert panel.other is not None
    qtbot.keyClicks(panel.other.form.editors["work_place"].focus_target(), "12")
    settled()
    assert page.context.reader.require(Conflict, "d" * 32).state == "open"
    qtbot.keyClick(panel.other, Qt.Key.Key_Escape)
    assert panel.other is None
    page.settling.answer(1)
    settled()
    assert page.context.reader.require(Person, "c1").work_place == "广东"


def test_two_who_settled_it_differently_are_both_shown(page: ExchangePage, settled: Settled) -> None:
    earlier = [
        {"state": "value", "settled_value": json.dumps(place), "settled_by": who, "settled_at": at}
        for place, who, at in (
            ("广东", "陆大桥", "2026-03-04T01:00:00Z"), ("福建", "何督导", "2026-03-04T02:00:00Z")
        )
    ]
    came(page, settled, conflict("work_place", "广东", "浙江", must_ask=True, earlier=json.dumps(earlier)))
    told = words(page.settling.difference)
    assert "定得不一样" in told
    assert "陆大桥　3 月 4 日 09:00 定为「广东」" in told
    assert "何督导　3 月 4 日 10:00 定为「福建」" in told
    assert "定得不一样" in page.settling.list.table.data(page.settling.list.table.index(0, 1))


def test_what_is_put_off_goes_to_the_end(page: ExchangePage, settled: Settled) -> None:
    came(page, settled, conflict("work_place", "广东", "浙江"))
    came(page, settled, proposal(EDIT))
    first, second = page.settling.list.table.lines
    page.settling.answer(len(page.settling.difference.acts))
    assert page.settling.list.table.lines == [second, first]


# What the county did not take


def test_a_refused_edit_is_opened_with_its_values_laid_in(
    page: ExchangePage, desk: Context, settled: Settled, qtbot: QtBot
) -> None:
    change = {"type": "person", "record": "c1", "after": {"phones": ["1390000"]}, "bases": {"*": "e:1"}}
    came(page, settled, refused(change))
    with qtbot.waitSignal(page.open_person) as asked:
        page.settling.answer(1)
    assert asked.args == ["c1"]
    draft = desk.reader.draft("person", "c1")
    assert draft is not None
    assert isinstance(draft.edited, Person)
    assert draft.edited.phones == ("1390000",)
    assert desk.reader.require(Person, "c1").phones == ("13900000003",)
    person = PersonPage(desk)
    qtbot.addWidget(person)
    person.show()
    person.show_what("c1")
    qtbot.waitUntil(lambda: any(section.is_open for section in person.sections))


def test_what_is_half_typed_already_stays_beneath_what_was_refused(
    page: ExchangePage, desk: Context, settled: Settled
) -> None:
    child = desk.reader.require(Child, "c1")
    desk.store.put_draft(desk.actor, child, replace(child, school="镇中心小学"))
    change = {"type": "child", "record": "c1", "after": {"registered_on": "2025-09-02"}, "bases": {}}
    came(page, settled, refused(change))
    page.settling.answer(1)
    settled()
    draft = desk.reader.draft("child", "c1")
    assert draft is not None
    assert isinstance(draft.edited, Child)
    assert (draft.edited.school, draft.edited.registered_on) == ("镇中心小学", date(2025, 9, 2))


def test_a_refused_visit_is_opened_as_a_visit(page: ExchangePage, settled: Settled, qtbot: QtBot) -> None:
    came(page, settled, refused(VISIT))
    with qtbot.waitSignal(page.open_visit) as asked:
        page.settling.answer(1)
    assert asked.args == [VisitWanted(("c1",), "child_visit", "9" * 32)]


@pytest.mark.parametrize("reason, whom", [("foreign_village", "乡镇督导员"), ("too_large", "县里管系统的人")])
def test_what_is_handed_over_says_to_whom_and_holds_everything(
    page: ExchangePage, settled: Settled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, whom: str
) -> None:
    came(page, settled, refused(EDIT, reason=reason))
    shown = page.settling.refused.shown
    assert shown is not None
    text = plain_text(shown)
    assert f"请交给：{whom}" in text
    assert "备注：搬来了" in text
    file = tmp_path / "there.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    press(page.settling.refused, "存成文件")
    assert file.read_bytes().startswith(b"%PDF")
