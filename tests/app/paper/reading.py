"""Read a printed PDF back: its text, its fonts, its colours."""

import io
from functools import cache

from pypdf import PdfReader

from app.paper import PrintedDocument, Setting, printed_form, render


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
