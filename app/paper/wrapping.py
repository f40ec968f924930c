"""Break text into lines as Chinese typesetting asks: no mark at the start of a line, no open bracket at its end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from app.paper import fonts
from app.paper.fonts import Face

NOT_AT_START = frozenset("，。、；：？！）》」』】〕〉”’％‰…—～·℃,.;:?!)]}%»›’”ー々・．〗〞︶︸︺")
NOT_AT_END = frozenset("（《「『【〔〈“‘([{«‹‘“〖〝￥$＄")


@lru_cache(maxsize=50_000)
def lines(face: Face, text: str, room: float) -> tuple[str, ...]:
    """The text's lines, each at most ``room`` em wide; a newline of the writer starts a new one."""
    return tuple(line for paragraph in plain(text).split("\n") for line in _paragraph(face, paragraph, room))


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """The text without what has no ink: control and direction marks, tabs; line ends are newlines."""
    if text.isprintable():
        return text
    joined = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "　")
    return "".join(
        char for char in joined if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp")
    )


def _paragraph(face: Face, text: str, room: float) -> Iterator[str]:
    if fonts.width(face, text) <= room:
        yield text
        return
    line, used = "", 0.0
    for word in words(face, text, room):
        wide = fonts.width(face, word)
        if line and used + wide > room:
            yield line.rstrip()
            line, used, word = "", 0.0, word.lstrip()
            wide = fonts.width(face, word)
        line, used = line + word, used + wide
    if line.strip():
        yield line.rstrip()


def words(face: Face, text: str, room: float) -> Iterator[str]:
    """The pieces between which a line may end, none wider than the room."""
    word = ""
    for char in text:
        if word and _may_break(word[-1], char):
            yield from _cut(face, word, room)
            word = ""
        word += char
    if word:
        yield from _cut(face, word, room)


def _may_break(before: str, after: str) -> bool:
    if after in NOT_AT_START or before in NOT_AT_END:
        return False
    if unicodedata.combining(after):
        return False
    return not (_latin(before) and _latin(after))


def _latin(char: str) -> bool:
    return char.isascii() and not char.isspace()


def _cut(face: Face, word: str, room: float) -> Iterator[str]:
    """A piece that no line can hold is cut where the line ends."""
    if fonts.width(face, word) <= room:
        yield word
        return
    part, used = "", 0.0
    for char in word:
        wide = fonts.width(face, char)
        if part and used + wide > room:
            yield part
            part, used = "", 0.0
        part, used = part + char, used + wide
    yield part
