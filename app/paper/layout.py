"""Divide a sheet into pages and give everything on them its place."""

from __future__ import annotations

from dataclasses import dataclass

from app.paper import fonts
from app.paper.blocks import (
    NOTE_SIZE,
    SMALL_SIZE,
    TITLE_SIZE,
    Align,
    Band,
    Cell,
    Composition,
    Mark,
    Photo,
    Row,
    Text,
)
from app.paper.fonts import Face
from app.paper.lines import BOX, POINTS, Line, set_pieces
from app.paper.page import Page, Rect, Sheet

LEADING = 1.4
PAD_SIDE = 1.4 * POINTS
PAD_TOP = 1.0 * POINTS
NAME_COLUMN = 8.5 * POINTS
QR_SIDE = 15 * POINTS
FINGERPRINT = (17 * POINTS, 15 * POINTS)
SMALLEST_PART = 2
"""Lines of a cut row that stay together."""
TALL = 60 * POINTS
"""A row higher than this may be cut between lines where the page ends; others move to the next page whole."""
KEPT_WHOLE = 0.3
NEARLY_EMPTY = 0.2
TIGHTER = 0.88
"""Rows are drawn in this much when that saves a last page that would hold little but the signatures."""


def pages(composition: Composition, sheet: Sheet) -> list[Page]:
    """The pages of one sheet, with their numbers: 第 1 页 共 2 页."""
    setter = _set_all(composition, sheet, 1.0)
    if len(setter.pages) > 1 and setter.used_of_last_page < NEARLY_EMPTY:
        tighter = _set_all(composition, sheet, TIGHTER)
        if len(tighter.pages) < len(setter.pages):
            setter = tighter
    setter.footers()
    return setter.pages


def _set_all(composition: Composition, sheet: Sheet, squeeze: float) -> _Setter:
    setter = _Setter(composition, sheet, squeeze)
    setter.heading()
    for band in composition.bands:
        setter.band(band)
    setter.close_frame()
    setter.note()
    return setter


@dataclass(slots=True)
class _SetRow:
    """A row's lines, and the places of its cells."""

    row: Row
    places: list[tuple[float, float]]  # x, wide
    lines: list[tuple[Line, ...]]
    high: float


class _Setter:
    """Fills pages from the top; ``y`` is where the next thing begins."""

    def __init__(self, composition: Composition, sheet: Sheet, squeeze: float) -> None:
        self.form, self.sheet, self.squeeze = composition, sheet, squeeze
        self.pages = [Page()]
        self.y = sheet.top
        self.frame_top: float | None = None
        self.reach: dict[int, tuple[float, float]] = {}  # page → top and bottom of the present band's rows on it

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def used_of_last_page(self) -> float:
        """How much of the last page holds something, 0 to 1."""
        return (self.sheet.top - self.y) / (self.sheet.top - self.sheet.bottom)

    @property
    def _grid_left(self) -> float:
        return self.sheet.left + (NAME_COLUMN if self.form.name_column else 0)

    # the heading of the first page and of those that follow

    def heading(self) -> None:
        heading, sheet = self.form.heading, self.sheet
        if heading.marking:
            self._right(heading.marking, sheet.top - SMALL_SIZE, 12.0, Face.TITLE)
        if self.form.number:
            self._number_corner()
        self.y -= TITLE_SIZE + 2 * POINTS
        self._title(heading.title)
        self.y -= 4.5 * POINTS + SMALL_SIZE
        self._under_title()
        self.y -= 1.6 * POINTS

    def _title(self, words: str) -> None:
        """The name of the form, smaller where a long one would leave the page or run into the code."""
        room = self.sheet.right - self.sheet.left - (2 * QR_SIDE + 4 * POINTS if self.form.number else 0)
        size = min(TITLE_SIZE, room / max(fonts.width(Face.TITLE, words), 1))
        self._centred(words, self.y, size, Face.TITLE)

    def _under_title(self) -> None:
        """Who files it, when, its number: a long name of the unit pushes the middle aside and is cut at last."""
        heading, sheet, size = self.form.heading, self.sheet, SMALL_SIZE + 1
        right = "" if self.form.number else heading.right
        middle_wide, right_wide = (fonts.width(Face.SONG, words) * size for words in (heading.middle, right))
        corner = max(right_wide, QR_SIDE + 6 if self.form.number else 0)
        end = sheet.right - corner - (10 if corner else 0)
        room = end - middle_wide - (10 if middle_wide else 0) - sheet.left
        left = _cut_to(heading.left, room / size)
        after_left = sheet.left + fonts.width(Face.SONG, left) * size + 10
        self._words(sheet.left, self.y, size, Face.SONG, left)
        centred = (sheet.left + sheet.right - middle_wide) / 2
        self._words(min(max(centred, after_left), end - middle_wide), self.y, size, Face.SONG, heading.middle)
        self._right(right, self.y, size, Face.SONG)

    def _number_corner(self) -> None:
        sheet = self.sheet
        x = sheet.right - QR_SIDE
        self.page.codes.append((x, sheet.top - QR_SIDE + 4 * POINTS, QR_SIDE, self.form.number))
        self._right(self.form.number, sheet.top - QR_SIDE + 0.5 * POINTS, SMALL_SIZE + 1, Face.SONG)

    def _next_page(self) -> None:
        self.close_frame()
        self.pages.append(Page())
        self.y = self.sheet.top - SMALL_SIZE
        self._words(self.sheet.left, self.y, SMALL_SIZE, Face.SONG, f"{self.form.heading.title}（续）")
        self._right(self.form.number or self.form.heading.right, self.y, SMALL_SIZE, Face.SONG)
        self.y -= 1.8 * POINTS
        if self.form.repeated:
            self._rows(self.form.repeated)
            self.reach.pop(len(self.pages) - 1)

    # the grid

    def band(self, band: Band) -> None:
        """The rows of a band, and its name beside each stretch of them that shares a page."""
        if not band.name:
            self._rows(band)
            return
        if self._should_start_afresh(band):
            self._next_page()
        if band.photo:
            self._photo(band, band.photo)
        self.reach = {}
        self._rows(band)
        for number, (top, bottom) in self.reach.items():
            self._band_name(self.pages[number], band.name, top, bottom)

    def _should_start_afresh(self, band: Band) -> bool:
        """A short band is kept on one page, and a longer one does not leave its first row alone at the foot."""
        heights = [self._set(band, row).high for row in band.rows]
        room = self.y - self.sheet.bottom
        if sum(heights) <= room or self.frame_top is None:
            return False
        if sum(heights) < KEPT_WHOLE * (self.sheet.top - self.sheet.bottom):
            return True
        return len(heights) > 2 and sum(heights[:2]) > room and heights[0] <= TALL

    def _rows(self, band: Band) -> None:
        for row in band.rows:
            self._row(self._set(band, row))

    def _set(self, band: Band, row: Row) -> _SetRow:
        """The row's cells in their columns, and how high it must be."""
        edges = _edges(band, self._grid_left, self.sheet.right)
        places, lines, high, column = [], [], row.height * POINTS * self.squeeze, 0
        for cell in row.cells:
            x, end = edges[column], edges[min(column + cell.span, len(edges) - 1)]
            column += cell.span
            places.append((x, end - x))
            lines.append(set_pieces(cell.pieces, end - x - 2 * PAD_SIDE - _mark_room(cell), cell.size))
            high = max(high, _height(cell, len(lines[-1])))
        return _SetRow(row, places, lines, high)

    def _row(self, row: _SetRow) -> None:
        """Place a row; cut a tall one, or begin a page where it does not fit."""
        room = self.y - self.sheet.bottom
        if row.high > room:
            if row.high > min(TALL, self.sheet.top - self.sheet.bottom):
                self._cut(row, room)
                return
            self._next_page()
        self._draw(row)

    def _cut(self, row: _SetRow, room: float) -> None:
        fitting = int((room - 2 * PAD_TOP) / (max(cell.size for cell in row.row.cells) * LEADING))
        if fitting < SMALLEST_PART:
            self._next_page()
            self._row(row)
            return
        first = [lines[:fitting] for lines in row.lines]
        rest = [lines[fitting:] for lines in row.lines]
        self._draw(_SetRow(_unsigned(row.row), row.places, first, min(room, row.high)))
        if any(rest):
            cells = [cell._replace(missing="") for cell in row.row.cells]
            high = max(_height(cell, len(lines)) for cell, lines in zip(cells, rest, strict=True))
            self._next_page()
            self._row(_SetRow(Row(tuple(cells), 0), row.places, rest, high))

    def _draw(self, row: _SetRow) -> None:
        if self.frame_top is None:
            self.frame_top = self.y
        bottom = self.y - row.high
        page = self.page
        for cell, (x, wide), lines in zip(row.row.cells, row.places, row.lines, strict=True):
            if cell.missing:
                page.red.append(cell.missing)
                page.tints.append((x, bottom, wide, row.high))
            if x > self.sheet.left:
                page.rules.append((x, self.y, x, bottom))
            self._cell(cell, (x, bottom, wide, row.high), lines)
        end = row.places[-1][0] + row.places[-1][1]
        if end < self.sheet.right - 1:
            page.rules.append((end, self.y, end, bottom))
        page.rules.append((row.places[0][0], bottom, end, bottom))
        top, _ = self.reach.get(len(self.pages) - 1, (self.y, bottom))
        self.reach[len(self.pages) - 1] = (top, bottom)
        self.y = bottom

    def _cell(self, cell: Cell, rect: Rect, lines: tuple[Line, ...]) -> None:
        x, bottom, wide, high = rect
        leading = cell.size * LEADING
        room = wide - 2 * PAD_SIDE - _mark_room(cell)
        block = len(lines) * leading
        from_top = cell.align is Align.TOP or cell.mark or cell.foot
        top = bottom + high - PAD_TOP if from_top else bottom + (high + block) / 2
        baseline = top - leading / 2 - cell.size * 0.36
        for line in lines:
            left = x + PAD_SIDE + ((room - line.wide) / 2 if cell.align is Align.CENTRE else 0)
            self._line(line, left, baseline, cell)
            baseline -= leading
        if cell.mark:
            self._mark(cell, rect)
        if cell.foot:
            end = x + wide - PAD_SIDE - _mark_room(cell)
            self._ending(cell.foot, end, bottom + PAD_TOP + 2, cell.size - 0.5, Face.SONG)

    def _line(self, line: Line, left: float, baseline: float, cell: Cell) -> None:
        page = self.page
        size = cell.size
        page.missing.extend(line.missing)
        for x, face, words in line.words:
            page.words.append((left + x, baseline, size, face, words))
        for x, ticked in line.boxes:
            page.boxes.append((left + x, baseline - size * 0.04, size * BOX, ticked))
        for start, end in line.rules:
            page.rules.append((left + start, baseline - 2, left + end, baseline - 2))

    def _mark(self, cell: Cell, rect: Rect) -> None:
        x, bottom, wide, _ = rect
        if cell.mark is Mark.FINGERPRINT:
            box_wide, box_high = FINGERPRINT
            left, low = x + wide - PAD_SIDE - box_wide, bottom + 1.2 * POINTS
            self.page.dashed.append((left, low, box_wide, box_high))
            self._words(left + box_wide / 2 - 8, low + box_high / 2 - 3, 8.0, Face.SONG, "手印")
        else:
            self._ending("（盖章）", x + wide - PAD_SIDE, bottom + PAD_TOP + 17, cell.size - 0.5, Face.SONG)

    def _band_name(self, page: Page, name: str, top: float, bottom: float) -> None:
        left, size = self.sheet.left, 10.5
        page.rules.append((left, bottom, left + NAME_COLUMN, bottom))
        step = size * 1.25
        per_line = 1 if len(name) * step <= top - bottom - 2 else 2
        parts = [name[start : start + per_line] for start in range(0, len(name), per_line)]
        y = (top + bottom) / 2 + len(parts) * step / 2 - size
        for part in parts:
            x = left + (NAME_COLUMN - len(part) * size) / 2
            self._words(x, y, size, Face.SONG, part, page)
            y -= step

    def _photo(self, band: Band, photo: Photo) -> None:
        left = _edges(band, self._grid_left, self.sheet.right)[-1 - photo.span]
        high = sum(self._set(band, row).high for row in band.rows[: photo.rows])
        self.page.rules.append((left, self.y - high, self.sheet.right, self.y - high))
        x = (left + self.sheet.right - fonts.width(Face.SONG, photo.words) * SMALL_SIZE) / 2
        self._words(x, self.y - high / 2 - 3, SMALL_SIZE, Face.SONG, photo.words)

    def close_frame(self) -> None:
        """Draw the strong line around the rows of this page."""
        if self.frame_top is not None:
            left, right = self.sheet.left, self.sheet.right
            self.page.frames.append((left, self.y, right - left, self.frame_top - self.y))
        self.frame_top = None

    # below the grid

    def note(self) -> None:
        lines = [
            line
            for words in self.form.note.lines
            for line in set_pieces((Text(words, Face.KAI),), self.sheet.right - self.sheet.left, NOTE_SIZE)
        ]
        leading = NOTE_SIZE * 1.4
        self.y -= 1.2 * POINTS
        if lines and self.y - len(lines) * leading < self.sheet.bottom - 3 * POINTS:
            self._next_page()
        for line in lines:
            self.y -= leading
            for x, face, words in line.words:
                self.page.words.append((self.sheet.left + x, self.y, NOTE_SIZE, face, words))

    def footers(self) -> None:
        low = self.sheet.bottom - 6 * POINTS
        for number, page in enumerate(self.pages, 1):
            words = f"第 {number} 页  共 {len(self.pages)} 页"
            middle = (self.sheet.left + self.sheet.right - fonts.width(Face.SONG, words) * SMALL_SIZE) / 2
            self._words(middle, low, SMALL_SIZE, Face.SONG, words, page)
            self._words(self.sheet.left, low, 7.5, Face.SONG, self.form.footer, page)

    # words at a place

    def _words(self, x: float, y: float, size: float, face: Face, words: str, page: Page | None = None) -> None:
        page = page or self.page
        for actual, stretch in fonts.runs(face, words):
            page.words.append((x, y, size, actual, stretch))
            x += fonts.width(actual, stretch) * size
            if fonts.MISSING in stretch:
                page.missing.extend(fonts.missing(face, words))

    def _ending(self, words: str, end: float, y: float, size: float, face: Face) -> None:
        self._words(end - fonts.width(face, words) * size, y, size, face, words)

    def _right(self, words: str, y: float, size: float, face: Face) -> None:
        self._ending(words, self.sheet.right, y, size, face)

    def _centred(self, words: str, y: float, size: float, face: Face) -> None:
        middle = (self.sheet.left + self.sheet.right) / 2
        self._words(middle - fonts.width(face, words) * size / 2, y, size, face, words)


def _cut_to(words: str, room: float) -> str:
    """The words, or as many as fit ``room`` em with an ellipsis."""
    if fonts.width(Face.SONG, words) <= room:
        return words
    while words and fonts.width(Face.SONG, words + "…") > room:
        words = words[:-1]
    return words + "…"


def _edges(band: Band, left: float, right: float) -> list[float]:
    """Where the columns of a band begin, and the right edge."""
    widths = band.widths or (1.0,) * band.columns
    unit = (right - left) / sum(widths)
    edges = [left]
    for wide in widths:
        edges.append(edges[-1] + wide * unit)
    return edges


def _mark_room(cell: Cell) -> float:
    return FINGERPRINT[0] + PAD_SIDE if cell.mark is Mark.FINGERPRINT else 0.0


def _height(cell: Cell, lines: int) -> float:
    foot = cell.size * 1.8 if cell.foot else 0.0
    seal = cell.size * 1.6 if cell.mark is Mark.SEAL else 0.0
    least = FINGERPRINT[1] + 2.4 * POINTS if cell.mark is Mark.FINGERPRINT else 0.0
    return max(lines * cell.size * LEADING + 2 * PAD_TOP + foot + seal, least)


def _unsigned(row: Row) -> Row:
    """The first part of a cut row: places to sign and stamp stand at its end."""
    return Row(tuple(cell._replace(foot="", mark=Mark.NONE) for cell in row.cells), row.height)
