"""The carried typeface, so that 䶮, 㛃 and 𬭚 are never boxes."""

from __future__ import annotations

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QFont, QFontDatabase, QRawFont

from app.paths import resource

FAMILY = "Noto Sans SC"
_RARE = "HanaMinB.ttf.xz"
_families: list[str] = []


def load() -> list[str]:
    """Make the carried face known to Qt; the families to use, best first."""
    if not _families:
        for weight in ("Regular", "Bold"):
            _add(QFontDatabase.addApplicationFont(str(resource("fonts", f"NotoSansSC-{weight}.ttf"))))
        if not _families:
            _families.append(FAMILY)
    return _families


def _add(number: int) -> None:
    for family in QFontDatabase.applicationFontFamilies(number):
        if family not in _families:
            _families.append(family)


def face(size: int) -> QFont:
    """The interface's font at a size in points."""
    font = QFont(load(), size)
    font.setStyleHint(QFont.StyleHint.SansSerif)
    return font


def missing(text: str) -> set[str]:
    """The characters of a text that none of the loaded faces can show."""
    raws = [QRawFont.fromFont(QFont(family)) for family in load()]
    return {mark for mark in text if mark.isprintable() and not any(raw.supportsCharacter(ord(mark)) for raw in raws)}


def load_rare() -> bool:
    """Unpack the face with the rarest characters; a second of work, so only when a name needs it."""
    import lzma

    path = resource("fonts", _RARE)
    if not path.exists():
        return False
    before = len(_families)
    data = QByteArray(lzma.decompress(path.read_bytes()))
    _add(QFontDatabase.addApplicationFontFromData(data))
    return len(_families) > before
