"""The parts that pages are composed of."""

from __future__ import annotations

import gc
import weakref

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui import look


class _Sheet(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.pressed = 0
        self.button: QPushButton = look.button("做", self.press)
        self.setLayout(look.row(self.button))

    def press(self) -> None:
        self.pressed += 1


def test_a_widget_is_not_kept_alive_by_its_own_buttons(qtbot: QtBot) -> None:
    sheet = _Sheet()
    sheet.button.click()
    assert sheet.pressed == 1
    gone = weakref.ref(sheet)
    del sheet
    gc.collect()
    assert gone() is None


def test_a_name_with_markup_is_shown_as_it_is(qtbot: QtBot) -> None:
    label = look.Label("<b>李&䶮</b>")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_risk_is_a_word_too(qtbot: QtBot) -> None:
    badge = look.RiskBadge("high", "高风险")
    qtbot.addWidget(badge)
    assert badge.accessibleName() == "高风险"
    assert not badge.grab().isNull()


def test_a_banner_offers_the_way_back(qtbot: QtBot) -> None:
    undone: list[int] = []
    banner = look.Banner("已把 3 人改为返乡。", undo=lambda: undone.append(1))
    qtbot.addWidget(banner)
    with qtbot.waitSignal(banner.undone):
        banner.undo_button.click()
    assert undone == [1]


def test_an_empty_place_says_what_to_do(qtbot: QtBot) -> None:
    empty = look.EmptyState("还没有名单。", "导入表格", lambda: None, picture="register")
    qtbot.addWidget(empty)
    assert empty.accessibleName() == "还没有名单。"
