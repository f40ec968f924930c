"""The faces that are embedded in printed pages, and which of them has a character."""

from __future__ import annotations

import io
import lzma
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from app.errors import EnvironmentFault
from app.paper import unicode_map
from app.paths import resource

MISSING = "〓"
"""Stands where no face has the character, as printers have always marked a missing type."""


class Face(StrEnum):
    """The voices of a printed page."""

    SONG = "NotoSerifSC-Regular.ttf"  # what the form says
    TITLE = "NotoSerifSC-Bold-reduced.ttf"  # its name
    KAI = "ShouwangKai-Regular.ttf"  # what was filled in
    RARE = "HanaMinB.ttf.xz"  # the characters of the supplementary planes that the others lack


FALLBACKS = {
    Face.SONG: (Face.SONG, Face.KAI, Face.RARE),
    Face.TITLE: (Face.TITLE, Face.SONG, Face.KAI, Face.RARE),
    Face.KAI: (Face.KAI, Face.SONG, Face.RARE),
    Face.RARE: (Face.RARE, Face.SONG),
}
RARE_RANGE = range(0x20000, 0x2EBF0)
"""Extensions B to F: outside it the compressed face need not be unpacked to know that it has nothing."""


class FontMissing(EnvironmentFault):
    """A face of the program is not where it was installed."""

    code = "P1"


Run = tuple[Face, str]


@cache
def reportlab_font(face: Face) -> Any:
    """The face as reportlab holds it, registered; read once a process, for reading takes 0.05 s (RARE: 1 s)."""
    from reportlab.pdfbase import pdfmetrics, ttfonts

    unicode_map.install()
    path = resource("fonts", face.value)
    try:
        data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    except (OSError, lzma.LZMAError):
        raise FontMissing("数据都在，没有变动。程序自带的字体读不出来，打不了表。", advice="请重新安装程序。") from None
    font = ttfonts.TTFont(face.name, io.BytesIO(data), asciiReadable=0)
    pdfmetrics.registerFont(font)
    return font


@cache
def _widths(face: Face) -> dict[int, float]:
    """Widths by code point in em, of the characters that the face has."""
    metrics = reportlab_font(face).face
    default = metrics.defaultWidth
    return {code: metrics.charWidths.get(code, default) / 1000 for code in metrics.charToGlyph}


@lru_cache(maxsize=20_000)
def place(face: Face, char: str) -> tuple[Face, str, float]:
    """Which face prints a character asked for in ``face``, what is printed, and its width in em."""
    code = ord(char)
    for candidate in FALLBACKS[face]:
        if candidate is Face.RARE and code not in RARE_RANGE:
            continue
        width = _widths(candidate).get(code)
        if width is not None:
            return candidate, char, width
    return Face.SONG, MISSING, 1.0


def width(face: Face, text: str) -> float:
    """The width of a text in em."""
    return sum(place(face, char)[2] for char in text)


def runs(face: Face, text: str) -> list[Run]:
    """The text in stretches of one face each, with 〓 for what no face has."""
    found: list[Run] = []
    for char in text:
        actual, printed, _ = place(face, char)
        if found and found[-1][0] is actual:
            found[-1] = (actual, found[-1][1] + printed)
        else:
            found.append((actual, printed))
    return found


def missing(face: Face, text: str) -> set[str]:
    """The characters of a text that will print as 〓."""
    return {char for char in set(text) if char != MISSING and place(face, char)[1] == MISSING}
