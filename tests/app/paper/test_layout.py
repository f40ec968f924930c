"""Everything stands on the paper, in its column, whatever was typed."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.paper import PRINTED_FORMS, Setting, fonts
from app.paper.blocks import Band, Cell, Composition, Heading, Row, Text
from app.paper.fonts import Face
from app.paper.layout import pages
from app.paper.page import LANDSCAPE, PORTRAIT, Page, Sheet
from tests.app.paper.people import FILES, child_file, child_visit
from tests.app.paper.reading import compositions_of

FORMS = pytest.mark.parametrize("form", PRINTED_FORMS, ids=lambda form: form.name)


def strays(page: Page, sheet: Sheet) -> list[str]:
    """Words that leave the room between the margins."""
    found = []
    for x, y, size, face, words in page.words:
        end = x + fonts.width(face, words) * size
        if x < sheet.left - 1 or end > sheet.right + 1 or y > sheet.top or y < sheet.bottom - 20:
            found.append(words)
    return found


def boxed(lines: int, *, height: float = 8.0) -> Band:
    cell = Cell((Text("\n".join(f"第{number}行" for number in range(lines)), Face.KAI),), 24)
    return Band((Row((cell,), height),), "很长的答案")


@FORMS
def test_the_cells_of_every_row_fill_the_columns(form):
    for composition in compositions_of(form):
        for band in composition.bands:
            columns = len(band.widths) or band.columns
            for place, row in enumerate(band.rows):
                photo = band.photo.span if band.photo and place < band.photo.rows else 0
                assert sum(cell.span for cell in row.cells) + photo == columns, (band.name, place)


@FORMS
def test_no_word_leaves_the_paper(form):
    sheet = LANDSCAPE if form.landscape else PORTRAIT
    for composition in compositions_of(form):
        for page in pages(composition, sheet):
            assert strays(page, sheet) == []


HOSTILE = st.text(alphabet="字，。（）ab19·𬭚😀 \n\t<&", max_size=120)


@settings(max_examples=25, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_word_leaves_the_paper_whatever_was_typed(name, unit, living, address):
    person = replace(child_file().person, name=name, registered_address=address, phones=(name, unit))
    file = child_file(
        person=person, visit=child_visit(living=living, informant=name, visitors=(unit, name)), village=unit
    )
    for form in PRINTED_FORMS[:2]:
        composition = form.compose(file, Setting(unit=unit, today=date(2026, 11, 23)))
        for page in pages(composition, PORTRAIT):
            assert strays(page, PORTRAIT) == []


def test_an_answer_longer_than_a_page_is_cut_between_lines_and_loses_none():
    laid = pages(Composition(Heading("长表"), (boxed(130),)), PORTRAIT)
    assert len(laid) == 3
    printed = [words for page in laid for _, _, _, _, words in page.words if words.startswith("第") and "行" in words]
    assert printed == [f"第{number}行" for number in range(130)]


def test_the_name_of_a_band_stands_on_every_page_that_it_reaches():
    laid = pages(Composition(Heading("长表"), (boxed(130),)), PORTRAIT)
    for page in laid:
        assert "很" in {words for _, _, _, _, words in page.words}


def test_a_short_band_is_not_torn():
    bands = (boxed(2, height=190), Band(tuple(Row((Cell((Text(f"行{n}"),), 24),), 12.0) for n in range(6)), "短"))
    laid = pages(Composition(Heading("表"), bands), PORTRAIT)
    assert len(laid) == 2
    assert {"行0", "行5"} <= {words for _, _, _, _, words in laid[1].words}


def test_rows_are_drawn_in_to_save_a_page_that_would_hold_little():
    bands = tuple(Band((Row((Cell((Text("答"),), 24),), 25.0),), "栏") for _ in range(10))
    assert len(pages(Composition(Heading("表"), bands), PORTRAIT)) == 1


def test_a_long_title_becomes_smaller_and_a_long_unit_is_cut():
    composition = Composition(Heading("题" * 60, "填报单位：" + "某" * 90, "", "编号：0001"), (boxed(1),))
    (page,) = pages(composition, PORTRAIT)
    assert strays(page, PORTRAIT) == []
    assert any(words.endswith("…") for _, _, _, _, words in page.words)


def test_page_numbers_count_the_pages_of_this_sheet():
    laid = pages(Composition(Heading("长表"), (boxed(130),)), PORTRAIT)
    for number, page in enumerate(laid, 1):
        assert f"第 {number} 页  共 3 页" in {words for _, _, _, _, words in page.words}


def test_the_files_of_the_tests_cover_every_form():
    assert set(FILES) == {form.name for form in PRINTED_FORMS}
