"""Every editor: what it shows, what it gives back, and that nothing half composed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.records.child_visit import ChildVisit
from app.records.divisions import children
from app.records.elder_visit import ElderVisit
from app.records.person import Person
from app.records.record import Value
from ui.fields import (
    ChoiceEditor,
    ChoicesEditor,
    DayEditor,
    Editor,
    FlagEditor,
    Form,
    IdNumberEditor,
    LongChoiceEditor,
    LongTextEditor,
    NumberEditor,
    PersonPicker,
    PhonesEditor,
    TextEditor,
    VillagePicker,
    commit_composition,
    editor_for,
)
from ui.fields.type_ahead import Found

TODAY = date(2026, 3, 5)
VISIT, ELDER, PERSON = ChildVisit.spec, ElderVisit.spec, Person.spec


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[..., QWidget]:
    windows: list[QWidget] = []

    def show(*editors: Editor) -> QWidget:
        window = QWidget()
        windows.append(window)
        layout = QVBoxLayout(window)
        for editor in editors:
            layout.addWidget(editor)
        window.resize(900, 600)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        return window

    return show


def compose(widget: QWidget, text: str) -> None:
    """What an input method sends while the user has not chosen the characters yet."""
    QCoreApplication.sendEvent(widget, QInputMethodEvent(text, []))


def all_editors() -> list[tuple[Editor, Value]]:
    return [
        (TextEditor(PERSON.field("name")), "阿·木·乃"),
        (LongTextEditor(VISIT.field("living")), "和奶奶住，\n吃得饱。"),
        (ChoiceEditor(VISIT.field("mode"), TODAY), "home"),
        (ChoicesEditor(VISIT.field("concerns"), TODAY), ("health", "safety")),
        (LongChoiceEditor(VISIT.field("informant_relation"), TODAY), "62"),
        (DayEditor(VISIT.field("visited_on"), TODAY), TODAY),
        (PhonesEditor(PERSON.field("phones")), ("13900000001", "13900000002")),
        (FlagEditor(VISIT.field("child_seen")), True),
        (NumberEditor(ELDER.field("falls")), 2),
        (IdNumberEditor(PERSON.field("id_number")), "530602201503051234"),
    ]


def test_every_editor_gives_back_what_it_was_given(qtbot: QtBot) -> None:
    for editor, value in all_editors():
        qtbot.addWidget(editor)
        editor.set_value(value)
        assert editor.value() == value, type(editor)
        editor.set_value(() if isinstance(value, tuple) else None)
        assert editor.is_empty(), type(editor)


def test_every_editor_tells_screen_readers_its_name_and_its_problem(qtbot: QtBot) -> None:
    for editor, _ in all_editors():
        qtbot.addWidget(editor)
        editor.show_problem("还没有填。")
        assert editor.field.label in editor.focus_target().accessibleName()
        assert editor.focus_target().accessibleDescription() == "还没有填。"


def test_showing_a_value_is_not_a_change_by_the_user(qtbot: QtBot) -> None:
    for editor, value in all_editors():
        qtbot.addWidget(editor)
        with qtbot.assertNotEmitted(editor.changed):
            editor.set_value(value)


def test_a_composition_counts_when_the_value_is_read(shown: Callable[..., QWidget]) -> None:
    editor = TextEditor(PERSON.field("name"))
    shown(editor)
    editor.focus()
    compose(editor.line, "王芳")
    assert editor.value() == "王芳"


def test_a_composition_stays_when_the_field_is_left(shown: Callable[..., QWidget]) -> None:
    first, second = LongTextEditor(VISIT.field("living")), TextEditor(PERSON.field("name"))
    shown(first, second)
    first.focus()
    compose(first.box, "吃得饱")
    second.focus()
    assert first.value() == "吃得饱"


def test_enter_and_tab_inside_a_composition_neither_submit_nor_leave(
    qtbot: QtBot, shown: Callable[..., QWidget]
) -> None:
    first, second = TextEditor(PERSON.field("name")), TextEditor(PERSON.field("village_group"))
    shown(first, second)
    first.focus()
    compose(first.line, "wangfang")
    with qtbot.assertNotEmitted(first.advanced):
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape):
            qtbot.keyClick(first.line, key)
    assert QApplication.focusWidget() is first.line
    assert first.line.preedit == "wangfang"


def test_commit_composition_takes_in_what_has_the_focus(shown: Callable[..., QWidget]) -> None:
    editor = TextEditor(PERSON.field("name"))
    shown(editor)
    editor.focus()
    compose(editor.line, "李湘")
    commit_composition()
    assert editor.line.text() == "李湘"


def test_closing_the_window_keeps_the_composition(shown: Callable[..., QWidget]) -> None:
    editor = TextEditor(PERSON.field("name"))
    window = shown(editor)
    editor.focus()
    compose(editor.line, "李湘")
    window.close()
    assert editor.value() == "李湘"


def test_a_number_key_chooses_and_goes_on(qtbot: QtBot, shown: Callable[..., QWidget]) -> None:
    editor = ChoiceEditor(VISIT.field("mode"), TODAY)
    shown(editor)
    editor.focus()
    with qtbot.waitSignal(editor.advanced):
        qtbot.keyClick(editor.focus_target(), Qt.Key.Key_2)
    assert editor.value() == "school"


def test_number_keys_toggle_chips_and_enter_goes_on(qtbot: QtBot, shown: Callable[..., QWidget]) -> None:
    editor = ChoicesEditor(VISIT.field("concerns"), TODAY)
    shown(editor)
    editor.focus()
    for key in (Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_1):
        qtbot.keyClick(QApplication.focusWidget(), key)
    assert editor.value() == ("health",)
    with qtbot.waitSignal(editor.advanced):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)


def test_tab_enters_a_row_of_choices_once(qtbot: QtBot, shown: Callable[..., QWidget]) -> None:
    first, second = ChoiceEditor(VISIT.field("mode"), TODAY), TextEditor(PERSON.field("name"))
    shown(first, second)
    first.focus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is second.line


def test_a_yes_clicked_again_is_taken_back(qtbot: QtBot) -> None:
    editor = FlagEditor(VISIT.field("child_seen"))
    qtbot.addWidget(editor)
    editor.row.buttons[0].click()
    assert editor.value() is True
    editor.row.buttons[0].click()
    assert editor.value() is None


def test_a_code_of_a_newer_desk_stays_chosen(qtbot: QtBot) -> None:
    editor = ChoicesEditor(VISIT.field("concerns"), TODAY)
    qtbot.addWidget(editor)
    editor.set_value(("drones", "safety"))
    assert editor.value() == ("drones", "safety")


def test_initials_find_a_relation_in_the_list(qtbot: QtBot, shown: Callable[..., QWidget]) -> None:
    editor = LongChoiceEditor(VISIT.field("informant_relation"), TODAY)
    shown(editor)
    editor.focus()
    qtbot.keyClicks(editor.line, "zm")
    words = [editor.options.item(row).text() for row in range(editor.options.count())]
    assert "祖母" in " ".join(words)
    editor.options.setCurrentRow(words.index(next(word for word in words if "祖母" in word)))
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.value() == "62"


def test_the_list_of_choices_is_part_of_the_window_and_no_popup(
    qtbot: QtBot, shown: Callable[..., QWidget]
) -> None:
    editor = LongChoiceEditor(VISIT.field("informant_relation"), TODAY)
    window = shown(editor)
    editor.focus()
    qtbot.keyClicks(editor.line, "z")
    assert editor.options.isVisible()
    assert editor.options.window() is window
    assert QApplication.focusWidget() is editor.line


def test_words_that_are_no_choice_are_said_and_stay_in_sight(qtbot: QtBot, shown: Callable[..., QWidget]) -> None:
    editor, other = LongChoiceEditor(VISIT.field("informant_relation"), TODAY), TextEditor(PERSON.field("name"))
    shown(editor, other)
    editor.focus()
    editor.line.setText("隔壁的")
    other.focus()
    assert editor.value() is None
    assert editor.line.text() == "隔壁的"
    assert "还没有记下" in editor.hint_line.text()


def test_a_full_width_identity_number_with_a_small_x_is_put_right(shown: Callable[..., QWidget]) -> None:
    editor, other = IdNumberEditor(PERSON.field("id_number")), TextEditor(PERSON.field("name"))
    shown(editor, other)
    editor.focus()
    editor.line.setText("５３２１０１ 19491231 002x")
    other.focus()
    assert editor.line.text() == "53210119491231002X"


def test_a_wrong_identity_number_is_said_and_kept(qtbot: QtBot) -> None:
    editor = IdNumberEditor(PERSON.field("id_number"))
    qtbot.addWidget(editor)
    editor.set_value("530602201503051234")
    assert "证件号待核" in editor.hint_line.text()
    assert editor.value() == "530602201503051234"


def test_today_and_yesterday_are_one_click(qtbot: QtBot) -> None:
    editor = DayEditor(VISIT.field("visited_on"), TODAY)
    qtbot.addWidget(editor)
    editor._choose(TODAY)
    assert editor.value() == TODAY
    assert editor.reading.text() == "2026年3月5日 星期四"


def test_arrows_move_a_day(qtbot: QtBot, shown: Callable[..., QWidget]) -> None:
    editor = DayEditor(VISIT.field("visited_on"), TODAY)
    shown(editor)
    editor.set_value(TODAY)
    qtbot.keyClick(editor.line, Qt.Key.Key_Down)
    assert editor.value() == date(2026, 3, 4)


def test_a_day_that_cannot_be_read_is_said(shown: Callable[..., QWidget]) -> None:
    editor, other = DayEditor(VISIT.field("visited_on"), TODAY), TextEditor(PERSON.field("name"))
    shown(editor, other)
    editor.focus()
    editor.line.setText("2月30")
    other.focus()
    assert "读不懂" in editor.hint_line.text()
    assert editor.line.text() == "2月30"


def test_two_pasted_phones_become_two(qtbot: QtBot) -> None:
    editor = PhonesEditor(PERSON.field("phones"))
    qtbot.addWidget(editor)
    editor.boxes[0].setText("１３９ 0000 0001、0870-2120000")
    assert editor.value() == ("0870-2120000", "13900000001")


def test_enter_opens_one_more_phone_and_leaves_from_an_empty_one(
    qtbot: QtBot, shown: Callable[..., QWidget]
) -> None:
    editor = PhonesEditor(PERSON.field("phones"))
    shown(editor)
    editor.focus()
    qtbot.keyClicks(editor.boxes[0], "13900000001")
    qtbot.keyClick(editor.boxes[0], Qt.Key.Key_Return)
    assert QApplication.focusWidget() is editor.boxes[1]
    with qtbot.waitSignal(editor.advanced):
        qtbot.keyClick(editor.boxes[1], Qt.Key.Key_Return)


def test_one_key_keeps_the_last_answer_and_typing_ends_it(qtbot: QtBot, shown: Callable[..., QWidget]) -> None:
    editor = LongTextEditor(VISIT.field("living"))
    shown(editor)
    editor.offer("和奶奶住。")
    assert editor.is_empty()
    editor.focus()
    with qtbot.waitSignal(editor.advanced):
        qtbot.keyClick(editor.box, Qt.Key.Key_F4)
    assert (editor.value(), editor.kept) == ("和奶奶住。", True)
    qtbot.keyClicks(editor.box, "x")
    assert not editor.kept


def test_text_beyond_the_limit_is_counted_and_not_cut(qtbot: QtBot) -> None:
    editor = LongTextEditor(VISIT.field("living"))
    qtbot.addWidget(editor)
    editor.set_value("饭" * 203)
    assert "多了 3 个字" in editor.hint_line.text()
    assert len(str(editor.value())) == 203


def test_a_person_is_found_off_the_thread_and_late_answers_are_ignored(
    qtbot: QtBot, shown: Callable[..., QWidget]
) -> None:
    asked: list[tuple[str, Callable[[Found], None]]] = []
    editor = PersonPicker(PERSON.field("same_as"), lambda text, show: asked.append((text, show)), lambda key: "")
    shown(editor)
    editor.focus()
    qtbot.keyClicks(editor.line, "wf")
    qtbot.waitUntil(lambda: len(asked) == 1)
    qtbot.keyClicks(editor.line, "x")
    asked[0][1]([("1", "王芳（一组）")])
    assert not editor.options.isVisible()
    qtbot.waitUntil(lambda: len(asked) == 2)
    asked[1][1]([("2", "吴飞翔（二组）")])
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert (editor.value(), editor.line.text()) == ("2", "吴飞翔（二组）")


def test_every_field_of_a_visit_has_an_editor(qtbot: QtBot) -> None:
    for spec in (VISIT, ELDER):
        for field in spec.fields:
            if field.kind not in ("ref", "moment"):
                qtbot.addWidget(editor_for(field, TODAY))


def test_a_form_returns_the_loaded_record_with_what_was_edited(qtbot: QtBot) -> None:
    loaded = ChildVisit(id="1", mode="home", place="大寨", extra={"newer": 1}, stamps={"mode": "e:1"})
    form = Form(loaded, [editor_for(VISIT.field(name), TODAY) for name in ("mode", "living")])
    form.editors["living"].set_value("好")
    edited = form.record()
    assert (edited.mode, edited.living, edited.place, edited.extra) == ("home", "好", "大寨", {"newer": 1})
    assert edited.stamps == {"mode": "e:1"}
    assert form.loaded is loaded


def test_all_problems_show_at_once_each_under_its_field(qtbot: QtBot) -> None:
    form = Form(ChildVisit(id="1"), [editor_for(VISIT.field(name), TODAY) for name in ("visited_on", "mode")])
    homeless = form.show_problems(VISIT.problems(form.record(), TODAY))
    assert "还没有填" in form.editors["visited_on"].problem_line.text()
    assert "还没有填" in form.editors["mode"].problem_line.text()
    assert {problem.field for problem in homeless} >= {"subject", "outcome"}


def test_a_village_is_found_by_initials_and_only_where_it_is_looked_for(
    qtbot: QtBot, shown: Callable[..., QWidget]
) -> None:
    town = children("530602000000")[0].code
    village = children(town)[0]
    editor = VillagePicker(PERSON.field("org"), [town])
    shown(editor)
    editor.focus()
    qtbot.keyClicks(editor.line, village.initials)
    assert village.name in " ".join(editor.options.item(row).text() for row in range(editor.options.count()))
    editor.line.setText(village.code)
    assert editor.value() == village.code
    elsewhere = VillagePicker(PERSON.field("org"), [village.code[:6] + "999000"])
    elsewhere.line.setText(village.code)
    assert elsewhere.value() is None
