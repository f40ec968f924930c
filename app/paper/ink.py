"""Draw laid-out pages into a PDF: the one place where a user's words become part of a PDF file."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from app.paper import fonts
from app.paper.fonts import Face
from app.paper.page import Page, Sheet

HAIRLINE = 0.5
FRAME = 1.2
RED = "1 0.84 0.84 rg"
PALE = "0.91 g"
WATERMARK = "练习"
BLACK = "0 g"

# The page's operators are written here and not through reportlab's text objects: a form has 200 short strings, and
# 180 pages a second leave 25 microseconds for each of them.


class Ink:
    """One PDF in the making."""

    def __init__(self, title: str, sheet: Sheet) -> None:
        from reportlab import rl_config
        from reportlab.pdfgen.canvas import Canvas

        rl_config.useA85 = 0  # text armour doubles neither safety nor anything else but the size
        fonts.reportlab_font(Face.SONG)
        self._file = io.BytesIO()
        self._sheet = sheet
        self._canvas: Any = Canvas(
            self._file,
            pagesize=(sheet.wide, sheet.high),
            pageCompression=1,
            initialFontName=Face.SONG.name,  # otherwise Helvetica is named and not embedded
        )
        self._canvas.setTitle(title)
        self._canvas.setCreator("守望")
        self._strings: dict[tuple[Face, str], tuple[tuple[str, str], ...]] = {}

    def page(self, page: Page, *, tinted: bool = False, practice: bool = False) -> None:
        """Draw one page; ``tinted`` shows required empty fields in red, ``practice`` writes 练习 across it."""
        code: list[str] = []
        if practice:
            code.extend(self._watermark())
        if tinted and page.tints:
            code.append(RED)
            code.extend(_rects(page.tints, "f"))
        code.append(BLACK)
        code.extend(_lines(page))
        code.extend(_ticks(page))
        for x, y, side, number in page.codes:
            code.extend(_qr(x, y, side, number))
        code.extend(self._words(page))
        self._canvas._code.extend(code)
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The PDF."""
        self._canvas.save()
        return self._file.getvalue()

    def _words(self, page: Page) -> list[str]:
        code = ["BT"]
        current = ""
        for x, y, size, face, words in page.words:
            code.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
            for name, string in self._encoded(face, words):
                wanted = f"{name} {size:g} Tf"
                if wanted != current:
                    code.append(wanted)
                    current = wanted
                code.append(string)
        code.append("ET")
        return code

    def _encoded(self, face: Face, words: str) -> tuple[tuple[str, str], ...]:
        """The words as codes of the document's subsets. Hexadecimal strings leave nothing to escape."""
        found = self._strings.get((face, words))
        if found is None:
            font, document = fonts.reportlab_font(face), self._canvas._doc
            parts = font.splitString(words, document)
            found = tuple((font.getSubsetInternalName(n, document), f"<{text.hex()}> Tj") for n, text in parts)
            self._strings[face, words] = found
        return found

    def _watermark(self) -> list[str]:
        """练习 over the middle of the page, pale, beneath everything: practice paper is never taken for real."""
        size = 150.0
        x = self._sheet.wide / 2 - size * 0.69
        y = self._sheet.high / 2 - size * 0.81
        code = [PALE, "BT", f"0.8660 0.5 -0.5 0.8660 {x:.1f} {y:.1f} Tm"]
        for name, string in self._encoded(Face.TITLE, WATERMARK):
            code += [f"{name} {size:g} Tf", string]
        return [*code, "ET"]


def _rects(rects: list[tuple[float, float, float, float]], paint: str) -> list[str]:
    return [f"{x:.2f} {y:.2f} {wide:.2f} {high:.2f} re {paint}" for x, y, wide, high in rects]


def _lines(page: Page) -> list[str]:
    code = [f"0 G {HAIRLINE} w"]
    code += [f"{x:.2f} {y:.2f} m {end:.2f} {low:.2f} l" for x, y, end, low in page.rules]
    code.append("S")
    if page.dashed:
        code += ["[2 2] 0 d", *_rects(page.dashed, "S"), "[] 0 d"]
    return [*code, f"{FRAME} w", *_rects(page.frames, "S")]


def _ticks(page: Page) -> list[str]:
    """Boxes are drawn: few faces have ☑, and a drawn one looks the same everywhere."""
    if not page.boxes:
        return []
    code = ["0.6 w"]
    for x, y, side, ticked in page.boxes:
        code.append(f"{x:.2f} {y:.2f} {side:.2f} {side:.2f} re S")
        if ticked:
            code.append(
                f"1.3 w {x + side * 0.18:.2f} {y + side * 0.52:.2f} m {x + side * 0.42:.2f} {y + side * 0.2:.2f} l "
                f"{x + side * 0.95:.2f} {y + side * 1.02:.2f} l S 0.6 w"
            )
    return code


def _qr(x: float, y: float, side: float, number: str) -> list[str]:
    """The number's QR code as rectangles, one for each stretch of dark modules, with its quiet zone kept free."""
    rows = _modules(number)
    unit = side / (len(rows) + 4)
    code = []
    for down, row in enumerate(rows):
        start = None
        for across, dark in enumerate((*row, 0)):
            if dark and start is None:
                start = across
            elif not dark and start is not None:
                left, low = x + (start + 2) * unit, y + side - (down + 3) * unit
                code.append(f"{left:.3f} {low:.3f} {(across - start) * unit:.3f} {unit:.3f} re")
                start = None
    return [*code, "f"]


@cache
def _segno() -> Any:
    import segno

    return segno


def _modules(number: str) -> tuple[tuple[int, ...], ...]:
    from app.records.sheet_numbers import qr_text

    code = _segno().make(qr_text(number), error="m", micro=False)
    return tuple(tuple(row) for row in code.matrix)
