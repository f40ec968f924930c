"""The carried face shows the names of real people."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.settings import TYPE_SIZES, Preferences
from ui import look


def test_rare_characters_of_names_are_never_boxes(qtbot: QtBot) -> None:
    assert look.missing("李䶮 㛃 𬭚 阿·木·乃") == set()


def test_every_type_size_can_be_worn(qapp: object) -> None:
    for size in TYPE_SIZES:
        look.apply(qapp, Preferences(type_size=size))  # type: ignore[arg-type]
        assert look.type_size() == size
        assert look.face(size).pointSize() == size
    look.apply(qapp, Preferences())  # type: ignore[arg-type]


def test_an_icon_turns_with_the_palette(qapp: object) -> None:
    look.apply(qapp, Preferences(palette="light"))  # type: ignore[arg-type]
    icon = look.icon("today", "text")
    light = icon.pixmap(24, 24).toImage()
    look.apply(qapp, Preferences(palette="dark"))  # type: ignore[arg-type]
    dark = icon.pixmap(24, 24).toImage()
    look.apply(qapp, Preferences())  # type: ignore[arg-type]
    assert light != dark
