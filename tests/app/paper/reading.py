"""Read a printed PDF back: its text, its fonts, its colours."""

import io
from datetime import date
from functools import cache

from pypdf import PdfReader

from app.paper import PrintedDocument, PrintedForm, Setting, printed_form, render
from app.paper.blocks import Composition
from app.paper.layout import pages as lay_out
from app.paper.page import LANDSCAPE, PORTRAIT, Page
from tests.app.paper.people import FILES


def printed(name: str, *files: object, **setting: object) -> PrintedDocument:
    return render(printed_form(name), files, Setting(**setting))


@cache
def reader(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def pages_of(document: PrintedDocument) -> list[str]:
    return [page.extract_text() for page in reader(document.pdf).pages]


def text_of(document: PrintedDocument) -> str:
    """All text without blanks and line ends, as a search for a name would see it."""
    return "".join("".join(pages_of(document)).split())


def fonts_of(document: PrintedDocument) -> list[dict[str, object]]:
    found = {}
    for page in reader(document.pdf).pages:
        for name, font in page["/Resources"]["/Font"].items():
            found[name] = font.get_object()
    return list(found.values())


def operators_of(document: PrintedDocument, page: int = 0) -> str:
    return reader(document.pdf).pages[page].get_contents().get_data().decode("latin-1")


def compositions_of(form: PrintedForm) -> list[Composition]:
    """The sample of a form, and its blank if it has one."""
    files = [FILES[form.name]] + ([form.blank] if form.can_be_blank else [])
    return [form.compose(file, Setting(today=date(2026, 11, 23)).for_form(form)) for file in files]


def ticked_in(form: PrintedForm, file: object, setting: Setting) -> list[str]:
    """The words beside the ticked boxes of a sheet, in the order of the paper."""
    sheet = LANDSCAPE if form.landscape else PORTRAIT
    return [words for page in lay_out(form.compose(file, setting), sheet) for words in _ticked_on(page)]


def _ticked_on(page: Page) -> list[str]:
    found = []
    for x, y, side, ticked in page.boxes:
        if ticked:
            beside = [word for word in page.words if abs(word[1] - y) < side / 2 and word[0] > x]
            found.append(min(beside)[4])
    return found
