"""Drawn faces for the practice village: a few strokes in soft colours, so that nobody takes them for a photo."""

from __future__ import annotations

from io import BytesIO
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 240, 300
OVERSIZE = 2
_PAPER = ("#EFE6D8", "#E4EAE2", "#E6E8EE", "#F0E2DD", "#EDE9D5")
_SKIN = ("#F1CFAF", "#E8BF9C", "#DDB08A", "#F4D6BC")
_CLOTH = ("#4F6D7A", "#9A5B4F", "#6B7F59", "#7A6890", "#B08642", "#3F5F72")
_INK = "#3A332C"
_GREY = "#A9A39B"


def portrait(name: str, sex: str, age: int) -> bytes:
    """A PNG of 240 × 300; the same person always has the same face."""
    from PIL import Image, ImageDraw

    chance = Random(f"{name}{sex}")
    image = Image.new("RGB", (WIDTH * OVERSIZE, HEIGHT * OVERSIZE), chance.choice(_PAPER))
    pen = ImageDraw.Draw(image)
    hair = _GREY if age >= 60 else _INK
    skin = chance.choice(_SKIN)
    if sex == "2":
        _long_hair(pen, hair, chance, age)
    _shoulders(pen, chance.choice(_CLOTH), age)
    _face(pen, skin)
    _fringe(pen, hair, sex, chance)
    _features(pen, chance, age)
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).quantize(64)
    kept = BytesIO()
    small.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _shoulders(pen: ImageDraw, cloth: str, age: int) -> None:
    wide = 150 if age < 14 else 190
    pen.rounded_rectangle((240 - wide, 430, 240 + wide, 700), radius=110, fill=cloth)
    pen.polygon(((196, 430), (284, 430), (240, 486)), fill="#F7F3EA")


def _face(pen: ImageDraw, skin: str) -> None:
    pen.rectangle((206, 380, 274, 446), fill=skin)
    pen.ellipse((118, 250, 150, 306), fill=skin)
    pen.ellipse((330, 250, 362, 306), fill=skin)
    pen.ellipse((130, 130, 350, 416), fill=skin)


def _long_hair(pen: ImageDraw, hair: str, chance: Random, age: int) -> None:
    if age < 16 and chance.random() < 0.5:
        pen.ellipse((60, 250, 140, 430), fill=hair)
        pen.ellipse((340, 250, 420, 430), fill=hair)
    pen.rounded_rectangle((104, 110, 376, 400 if age < 60 else 300), radius=130, fill=hair)


def _fringe(pen: ImageDraw, hair: str, sex: str, chance: Random) -> None:
    low = chance.randint(196, 226)
    pen.pieslice((118, 96, 362, 96 + 2 * (low - 96)), 180, 360, fill=hair)
    if sex == "1":
        pen.rectangle((128, 180, 152, 236), fill=hair)
        pen.rectangle((328, 180, 352, 236), fill=hair)


def _features(pen: ImageDraw, chance: Random, age: int) -> None:
    apart = chance.randint(44, 54)
    for side in (-1, 1):
        middle = 240 + side * apart
        pen.ellipse((middle - 9, 262, middle + 9, 282), fill=_INK)
        pen.arc((middle - 24, 228, middle + 24, 262), 200, 340, fill=_INK, width=5)
        if age < 18:
            pen.ellipse((middle + side * 16 - 20, 304, middle + side * 16 + 20, 328), fill="#E9A58B")
    pen.arc((228, 282, 252, 316), 20, 160, fill="#B88764", width=5)
    pen.arc((204, 310, 276, 366), 25, 155, fill="#8F4A40", width=6)
    if age >= 60:
        for y in (206, 220):
            pen.arc((196, y, 284, y + 20), 200, 340, fill="#B88764", width=3)
        pen.arc((164, 318, 198, 372), 100, 190, fill="#B88764", width=3)
        pen.arc((282, 318, 316, 372), 350, 80, fill="#B88764", width=3)
