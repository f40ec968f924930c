"""F1 opens the page of the manual that belongs to the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.paths import resource
from ui.pages import PLACES
from ui.windows.manual import PAGES, Manual


@pytest.mark.parametrize("name, title", PAGES)
def test_every_page_of_the_manual_can_be_read(qtbot: QtBot, name: str, title: str) -> None:
    manual = Manual()
    qtbot.addWidget(manual)
    manual.open(name)
    assert manual.list.currentItem().text() == title
    assert len(manual.text.toPlainText()) > 40


def test_the_list_holds_every_file_and_only_those() -> None:
    files = {path.stem for path in Path(resource("help")).glob("*.md")}
    assert {name for name, _ in PAGES} == files


def test_every_place_has_its_page() -> None:
    assert {place.name for place in PLACES if place.word} <= {name for name, _ in PAGES}


def test_an_unknown_place_opens_the_first_page(qtbot: QtBot) -> None:
    manual = Manual()
    qtbot.addWidget(manual)
    manual.open("nowhere")
    assert manual.list.currentRow() == 0
