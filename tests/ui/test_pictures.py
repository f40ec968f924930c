"""Every place of the window has its picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from ui import pictures
from ui.pages import PLACES


def test_every_place_has_a_scene() -> None:
    assert {place.name for place in PLACES} <= {scene.name for scene in pictures.SCENES}


def test_a_picture_shows_the_window_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: object) -> None:
    monkeypatch.setattr(pictures, "WEARINGS", pictures.WEARINGS[1:2])
    monkeypatch.setattr(pictures, "SCENES", pictures.SCENES[:2])
    files = pictures.take(tmp_path)
    assert [file.name for file in files] == ["unlock-150.png", "first-start-150.png", "today-150.png", "search-150.png"]
    for file in files:
        image = QImage(str(file))
        assert (image.width(), image.height()) == pictures.SIZE
        colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
        assert len(colours) > 10
