"""The places are loaded while the user looks at 今日."""

from __future__ import annotations

import sys

from pytestqt.qtbot import QtBot

from ui.context import Context
from ui.windows.preload import LIBRARIES, PARTS, Preload


def test_everything_named_is_there_and_loaded_in_turn(desk: Context, qtbot: QtBot) -> None:
    preload = Preload(desk)
    qtbot.waitUntil(lambda: not preload.left)
    assert {*LIBRARIES, *PARTS} <= set(sys.modules)
