"""What a printed page is made of, as plain values: pieces of a line, cells, rows, bands, pages."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from app.paper.fonts import Face

# Named tuples, because a village's forms are made of half a million of these.
# Distances on paper are in millimetres, type sizes in points: that is how people who make forms speak of them.
ROW = 8.0
"""The least height of a row: forms are filled in by hand (domain.md, 5.2: 8 to 10 mm)."""
BODY_SIZE = 10.5
LABEL_SIZE = 9.5
SMALL_SIZE = 9.0
NOTE_SIZE = 8.5
COLUMN = 19.0
"""Points of one of the 24 columns of a portrait form; a cell keeps 8 of its width free."""
TITLE_SIZE = 20.0


class Text(NamedTuple):
    """Words: the form's own in 宋体, what was filled in in 楷体."""

    words: str
    face: Face = Face.SONG


class Tick(NamedTuple):
    """A drawn box with its words, ticked or not."""

    words: str
    ticked: bool = False


class Blank(NamedTuple):
    """A line to write on, ``wide`` millimetres, with what is already known above it."""

    wide: float
    words: str = ""


Piece = Text | Tick | Blank


class Align(StrEnum):
    """Where the lines of a cell stand."""

    LEFT = "left"
    CENTRE = "centre"
    TOP = "top"  # left and from the top, for long answers


class Mark(StrEnum):
    """What is kept free in a cell's lower right corner."""

    NONE = ""
    FINGERPRINT = "fingerprint"
    SEAL = "seal"


class Cell(NamedTuple):
    """One box of the grid, ``span`` columns wide.

    ``missing`` names the field when it must be filled and is not: red in the preview, blank on paper.
    """

    pieces: tuple[Piece, ...] = ()
    span: int = 1
    align: Align = Align.LEFT
    size: float = BODY_SIZE
    missing: str = ""
    mark: Mark = Mark.NONE
    foot: str = ""


class Row(NamedTuple):
    """Cells side by side; it grows with its longest answer, and is cut between lines where a page ends."""

    cells: tuple[Cell, ...]
    height: float = ROW


class Photo(NamedTuple):
    """A box over the last ``span`` columns of a band's first rows, which leave them free."""

    words: str
    span: int
    rows: int


class Band(NamedTuple):
    """Rows that belong together, with their name written downwards at the left."""

    rows: tuple[Row, ...]
    name: str = ""
    photo: Photo | None = None
    columns: int = 24
    widths: tuple[float, ...] = ()
    """Relative widths of the columns; equal when empty."""


class Note(NamedTuple):
    """Running text below the grid, such as how to fill it in."""

    lines: tuple[str, ...]


class Heading(NamedTuple):
    """The name of the form, and the line under it: who files it, when, its number."""

    title: str
    left: str = ""
    middle: str = ""
    right: str = ""
    marking: str = ""
    """Who may see it, at the top right, such as 保密."""


class Composition(NamedTuple):
    """One sheet: a heading, bands, notes. ``repeated`` rows stand again at the top of each further page."""

    heading: Heading
    bands: tuple[Band, ...]
    note: Note = Note(())
    repeated: Band | None = None
    number: str = ""
    """The short number; with one, a QR code stands at the top right."""
    footer: str = ""
    name_column: bool = True


def label(words: str, span: int = 3) -> Cell:
    """A cell that says what stands beside it, a little smaller where that keeps it on one line."""
    size = BODY_SIZE if len(words) * BODY_SIZE <= span * COLUMN - 8 else LABEL_SIZE
    return Cell((Text(words),), span, Align.CENTRE, size)


def value(words: str | None, span: int, *, need: str = "", align: Align = Align.LEFT) -> Cell:
    """A cell with an answer; ``need`` is the name of the field if it must be answered."""
    pieces = (Text(words, Face.KAI),) if words else ()
    return Cell(pieces, span, align, missing="" if words else need)


def ticks(boxes: Iterable[Tick], span: int, *, need: str = "", size: float = BODY_SIZE) -> Cell:
    """A cell of boxes to tick; it is answered when one is ticked."""
    pieces = tuple(boxes)
    answered = any(box.ticked for box in pieces)
    return Cell(pieces, span, size=size, missing="" if answered else need)


def answer(words: str | None, span: int, *, need: str = "") -> Cell:
    """A cell for several lines."""
    return value(words, span, need=need, align=Align.TOP)


def row(*cells: Cell, height: float = ROW) -> Row:
    """Cells side by side."""
    return Row(cells, height)
