"""110 stands first, and the numbers of the place are kept."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from ui.context import Context
from ui.look import Label
from ui.pages.emergency import EmergencyPage


def test_the_national_numbers_are_there_without_any_line(desk: Context, qtbot: QtBot) -> None:
    page = EmergencyPage(desk)
    qtbot.addWidget(page)
    shown = [label.text() for label in page.findChildren(Label)]
    assert [number for number in shown if number in ("110", "12345", "12309")] == ["110", "12345", "12309"]


def test_a_local_number_is_kept_as_soon_as_one_leaves_the_field(
    desk: Context, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    page = EmergencyPage(desk)
    qtbot.addWidget(page)
    page.local["police"].setText("0870-0000110")
    page.local["police"].left.emit()
    settled()
    again = EmergencyPage(desk)
    qtbot.addWidget(again)
    again.refresh()
    assert again.local["police"].text() == "0870-0000110"


def test_the_blank_report_form_is_one_press_away(desk: Context, qtbot: QtBot) -> None:
    page = EmergencyPage(desk)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.open_print) as wanted:
        page.blank.click()
    assert wanted.args[0].form == "mandatory_report"
