"""Set the pieces of one cell into lines: words in their faces, boxes, lines to write on, each at its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from app.paper import fonts, wrapping
from app.paper.blocks import Blank, Piece, Text, Tick
from app.paper.fonts import Face

POINTS = 72 / 25.4
"""Points in a millimetre."""
BOX = 0.8
"""The side of a tick box, in em."""
GAP_IN_TICK = 0.2
GAP_AFTER_TICK = 0.6


@dataclass(slots=True)
class Line:
    """One line; places are in points from the left edge of the cell's room."""

    words: list[tuple[float, Face, str]] = field(default_factory=list)
    boxes: list[tuple[float, bool]] = field(default_factory=list)
    rules: list[tuple[float, float]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    wide: float = 0.0


@lru_cache(maxsize=30_000)
def set_pieces(pieces: tuple[Piece, ...], room: float, size: float) -> tuple[Line, ...]:
    """The lines of a cell that is ``room`` points wide. The result is shared: it is never changed."""
    if not pieces:
        return ()
    if len(pieces) == 1 and isinstance(pieces[0], Text):
        return _plain_lines(pieces[0], room, size)
    flow = _Flow(room, size)
    for piece in pieces:
        flow.put(piece)
    return tuple(flow.lines)


def _plain_lines(text: Text, room: float, size: float) -> tuple[Line, ...]:
    return tuple(_line_of(text.face, words, size) for words in wrapping.lines(text.face, text.words, room / size))


def _line_of(face: Face, words: str, size: float) -> Line:
    line = Line()
    _append(line, face, words, 0.0, size)
    return line


def _append(line: Line, face: Face, words: str, x: float, size: float) -> None:
    """Add words at ``x``, in one stretch for each face that prints them."""
    for actual, stretch in fonts.runs(face, words):
        line.words.append((x, actual, stretch))
        x += fonts.width(actual, stretch) * size
        if fonts.MISSING in stretch:
            line.missing.extend(fonts.missing(face, words))
    line.wide = max(line.wide, x)


class _Flow:
    """Pieces one after the other, with a new line where the room ends."""

    def __init__(self, room: float, size: float) -> None:
        self.room, self.size = room, size
        self.lines = [Line()]
        self.x = 0.0

    def put(self, piece: Piece) -> None:
        if isinstance(piece, Tick):
            self._tick(piece)
        elif isinstance(piece, Blank):
            self._blank(piece)
        else:
            self._text(piece)

    def _need(self, wide: float) -> None:
        if self.x > 0 and self.x + wide > self.room + 0.01:
            self._new_line()

    def _new_line(self) -> None:
        self.lines.append(Line())
        self.x = 0.0

    def _tick(self, tick: Tick) -> None:
        indent = (BOX + GAP_IN_TICK) * self.size
        words = wrapping.lines(Face.SONG, tick.words, max(self.room - indent, self.size) / self.size)
        self._need(indent + fonts.width(Face.SONG, words[0]) * self.size)
        self.lines[-1].boxes.append((self.x, tick.ticked))
        for place, part in enumerate(words):
            if place:
                self._new_line()
            _append(self.lines[-1], Face.SONG, part, self.x + indent, self.size)
            self.x = self.lines[-1].wide
        self.x += GAP_AFTER_TICK * self.size

    def _blank(self, blank: Blank) -> None:
        wide = max(blank.wide * POINTS, fonts.width(Face.KAI, wrapping.plain(blank.words)) * self.size)
        self._need(wide)
        line = self.lines[-1]
        if blank.words:
            _append(line, Face.KAI, wrapping.plain(blank.words), self.x + 1, self.size)
        line.rules.append((self.x, self.x + wide))
        self.x += wide
        line.wide = self.x

    def _text(self, text: Text) -> None:
        for word in wrapping.words(text.face, wrapping.plain(text.words), self.room / self.size):
            wide = fonts.width(text.face, word) * self.size
            self._need(wide)
            _append(self.lines[-1], text.face, word, self.x, self.size)
            self.x += wide
