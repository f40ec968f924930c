"""Many at once: seen first, done as one batch, taken back as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.cases import life
from app.records import Child, Stay
from tests.ui import village
from ui.context import Context
from ui.dialogs.bulk import ComingHomeDialog, GoingUpDialog, who_is_away

Settled = Callable[[], None]


def test_a_year_on_is_known_and_the_end_of_a_school_is_asked(desk: Context, qtbot: QtBot, settled: Settled) -> None:
    dialog = GoingUpDialog(desk, life.plan_going_up(desk.store, ["c1", "c2", "n0"]))
    qtbot.addWidget(dialog)
    shown = {line.name: line.after for line in dialog.table.lines}
    assert shown == {"王小满": "小学六年级", "王大寒": "小学三年级", "李䶮": ""}
    assert "1 人要先选好" in dialog.words.text()
    dialog.commit()
    settled()
    assert desk.store.require(Child, "c1").grade == "p6"
    assert desk.store.require(Child, "n0").grade == "p6"


def test_the_user_says_where_stages_meet(desk: Context, qtbot: QtBot, settled: Settled) -> None:
    dialog = GoingUpDialog(desk, life.plan_going_up(desk.store, ["n0", "n1"]))
    qtbot.addWidget(dialog)
    dialog.view.selectAll()
    dialog.set_grade("j1")
    assert dialog.done_button.text() == "升学 2 人"
    dialog.commit()
    settled()
    assert desk.store.require(Child, "n1").grade == "j1"


def test_all_of_it_is_taken_back_at_once(desk: Context, qtbot: QtBot, settled: Settled) -> None:
    said = []
    desk.changes.said.connect(said.append)
    dialog = GoingUpDialog(desk, life.plan_going_up(desk.store, ["c1", "c2"]))
    qtbot.addWidget(dialog)
    dialog.commit()
    settled()
    said[-1].undo()
    settled()
    assert [desk.store.require(Child, id_).grade for id_ in ("c1", "c2")] == ["p5", "p2"]


def test_an_unticked_line_stays_as_it_is(desk: Context, qtbot: QtBot, settled: Settled) -> None:
    dialog = GoingUpDialog(desk, life.plan_going_up(desk.store, ["c1", "c2"]))
    qtbot.addWidget(dialog)
    dialog.table.setData(dialog.table.index(0, 0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    left_out = dialog.table.lines[0].id
    dialog.commit()
    settled()
    assert desk.store.require(Child, left_out).grade == {"c1": "p5", "c2": "p2"}[left_out]


def test_coming_home_ends_the_stay(desk: Context, qtbot: QtBot, settled: Settled) -> None:
    stay = Stay(subject="c1", place="with_parents", since=date(2026, 1, 20))
    life.go_out(desk.store, village.ME, stay, today=village.TODAY)
    lines = who_is_away(desk.store, ["c1", "c2"], village.TODAY)
    assert [(line.name, line.chosen) for line in lines] == [("王小满", True), ("王大寒", False)]
    dialog = ComingHomeDialog(desk, lines)
    qtbot.addWidget(dialog)
    dialog.commit()
    settled()
    assert desk.store.find(Stay, subject="c1")[0].until == date(2026, 3, 4)
