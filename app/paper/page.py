"""The paper itself: its size and margins, and a page with everything on it at its place."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.paper.fonts import Face
from app.paper.lines import POINTS

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper's size and the room on it, in points; y counts upwards from the lower edge."""

    wide: float
    high: float
    left: float
    right: float
    top: float
    bottom: float


def _sheet(wide: float, high: float, left: float, right: float, top: float, bottom: float) -> Sheet:
    return Sheet(
        wide * POINTS,
        high * POINTS,
        left * POINTS,
        (wide - right) * POINTS,
        (high - top) * POINTS,
        bottom * POINTS,
    )


# A4; the wider margin is where the file is bound: left of a form, above a landscape list.
PORTRAIT = _sheet(210, 297, left=23, right=17, top=16, bottom=16)
LANDSCAPE = _sheet(297, 210, left=15, right=15, top=20, bottom=14)


@dataclass(slots=True)
class Page:
    """Everything on one page, ready to be drawn."""

    words: list[tuple[float, float, float, Face, str]] = field(default_factory=list)  # x, y, size, face, words
    boxes: list[tuple[float, float, float, bool]] = field(default_factory=list)  # x, y, side, ticked
    rules: list[Rect] = field(default_factory=list)  # from x, y to x, y
    frames: list[Rect] = field(default_factory=list)  # x, y, wide, high
    dashed: list[Rect] = field(default_factory=list)
    tints: list[Rect] = field(default_factory=list)
    codes: list[tuple[float, float, float, str]] = field(default_factory=list)  # x, y, side, number
    red: list[str] = field(default_factory=list)  # names of required fields that are empty
    missing: list[str] = field(default_factory=list)  # characters that print as 〓
