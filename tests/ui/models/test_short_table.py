"""A short table's columns: as wide as was asked, and wider when there is room."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.models.short_table import ShortColumn, ShortTableView


def test_what_is_left_beside_the_columns_is_shared_among_them(qtbot: QtBot) -> None:
    columns = (ShortColumn("谁", str, 5), ShortColumn("记录", str, 10), ShortColumn("谁写的", str, 5))
    view = ShortTableView(columns, "待送的")
    qtbot.addWidget(view)
    view.resize(100, 200)
    view.show()
    narrow = [view.columnWidth(place) for place in range(3)]
    view.resize(3 * sum(narrow), 200)
    wide = [view.columnWidth(place) for place in range(3)]
    assert all(now > 2 * before for now, before in zip(wide[:2], narrow[:2], strict=True))
    assert sum(wide) == view.viewport().width()
    view.resize(100, 200)
    assert [view.columnWidth(place) for place in range(2)] == narrow[:2]
