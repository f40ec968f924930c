"""The colours can be read: contrast is computed, not judged by eye."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from ui.look.palette import SETS, Colours

TEXTS = ("text", "quiet", "accent", "danger", "warning", "good")
GROUNDS = ("paper", "page", "rail", "field")
ON_OWN_GROUND = (
    ("danger", "danger_soft"), ("warning", "warning_soft"), ("good", "good_soft"), ("text", "accent_soft"),
    ("quiet", "accent_soft"), ("accent", "accent_soft"), ("on_accent", "accent"), ("text", "danger_soft"),
    ("quiet", "warning_soft"), ("danger", "accent_soft"),
)  # fmt: skip


def _light(name: str) -> float:
    colour = QColor(name)

    def part(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * part(colour.redF()) + 0.7152 * part(colour.greenF()) + 0.0722 * part(colour.blueF())


def _contrast(one: str, other: str) -> float:
    lights = sorted((_light(one), _light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize("name", SETS)
def test_every_text_can_be_read_on_every_ground(name: str) -> None:
    colours: Colours = SETS[name]
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS] + list(ON_OWN_GROUND)
    poor = {
        (ink, ground): round(_contrast(getattr(colours, ink), getattr(colours, ground)), 2)
        for ink, ground in pairs
        if _contrast(getattr(colours, ink), getattr(colours, ground)) < 4.5
    }
    assert not poor


@pytest.mark.parametrize("name", SETS)
def test_the_edge_of_a_field_can_be_seen(name: str) -> None:
    colours = SETS[name]
    assert _contrast(colours.edge, colours.field) >= 3
    assert _contrast(colours.edge, colours.page) >= 3
