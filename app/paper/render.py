"""Turn people's records into the pages of a form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from app.errors import UserError
from app.paper.forms import Composition, PrintedForm, Setting


class NothingToPrint(UserError):
    """No person, or an empty list, was handed over."""

    code = "P2"


Progress = Callable[[int], None]
"""Told how many sheets are done; it may raise ``Cancelled``, and then there is no document."""


class PrintedSheet(NamedTuple):
    """Where one person's sheet is in the document, and what it still lacks."""

    first_page: int
    page_count: int
    number: str
    red_fields: tuple[str, ...]


class PrintedDocument(NamedTuple):
    """A PDF in memory. ``missing_glyphs`` are characters that no face has: they print as 〓, and a pen must help."""

    form: str
    pdf: bytes
    page_count: int
    sheets: tuple[PrintedSheet, ...]
    missing_glyphs: tuple[str, ...]

    @property
    def red_fields(self) -> tuple[str, ...]:
        """Every required field that is empty on some sheet, once, in the order of the pages."""
        return tuple(dict.fromkeys(name for sheet in self.sheets for name in sheet.red_fields))


def render(
    form: PrintedForm, files: Iterable[Any], setting: Setting | None = None, tell: Progress = lambda done: None
) -> PrintedDocument:
    """Print a form for each of the files (``app.paper.sheets``), each sheet with page numbers of its own.

    Raises NothingToPrint, FontMissing, and whatever ``tell`` raises.
    """
    from app.paper.ink import Ink
    from app.paper.layout import pages as lay_out
    from app.paper.page import LANDSCAPE, PORTRAIT

    setting = setting or Setting()
    sheet = LANDSCAPE if form.landscape else PORTRAIT
    ink = Ink(form.title, sheet)
    sheets: list[PrintedSheet] = []
    missing: set[str] = set()
    pages_so_far = 0
    for file in files:
        composition = form.compose(file, setting.for_form(form))
        pages = lay_out(composition, sheet)
        for page in pages:
            ink.page(page, tinted=setting.preview, practice=setting.practice)
            missing.update(page.missing)
        sheets.append(_printed(composition, pages_so_far, pages))
        pages_so_far += len(pages)
        tell(len(sheets))
    if not sheets:
        raise NothingToPrint("没有选人，没有可打印的内容。", advice="请先选人，再打印。")
    return PrintedDocument(form.name, ink.finish(), pages_so_far, tuple(sheets), tuple(sorted(missing)))


def _printed(composition: Composition, before: int, pages: list[Any]) -> PrintedSheet:
    red = dict.fromkeys(name for page in pages for name in page.red)
    return PrintedSheet(before, len(pages), composition.number, tuple(red))
