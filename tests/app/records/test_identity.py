"""Identity numbers as they arrive: typed, pasted, and mangled by spreadsheets."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records.identity import (
    IdKind,
    check_character,
    examine,
    examine_disability_card,
    match_key,
    normalised,
)

EXAMPLE = "11010519491231002X"  # the example printed in GB 11643-1999


def a_number(area: str = "530627", born: str = "20150401", sequence: str = "012") -> str:
    first = area + born + sequence
    return first + check_character(first)


def test_the_example_of_the_standard_holds_together() -> None:
    reading = examine(EXAMPLE)
    assert reading.ok
    assert reading.kind is IdKind.RESIDENT
    assert reading.birth_date == date(1949, 12, 31)
    assert reading.sex == "2"
    assert reading.reasons == ()


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        " 110105 19491231 002X ",
        "'11010519491231002X",
        "110105-19491231-002X",
        "11010519491231002×",
        "11010519491231002Х",
        "11010519491231002*",
        "11010519491231002X\u200b",
    ],
)
def test_the_ways_people_type_a_number_are_one_number(typed: str) -> None:
    assert normalised(typed) == EXAMPLE
    assert examine(typed).ok


@given(st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(place: int, shift: int) -> None:
    wrong = EXAMPLE[:place] + str((int(EXAMPLE[place]) + shift) % 10) + EXAMPLE[place + 1 :]
    assert not examine(wrong).ok


@given(st.integers(0, 15))
def test_two_neighbouring_digits_swapped_are_noticed(place: int) -> None:
    swapped = EXAMPLE[:place] + EXAMPLE[place + 1] + EXAMPLE[place] + EXAMPLE[place + 2 :]
    assert swapped == EXAMPLE or not examine(swapped).ok


@pytest.mark.parametrize("mangled", ["5.30627E+17", "5.3E+17", "5.3e17", "5.30627201504010E+17"])
def test_scientific_notation_has_lost_digits(mangled: str) -> None:
    reading = examine(mangled)
    assert reading.damaged
    assert not reading.ok


def test_three_zeros_at_the_end_are_a_number_that_a_spreadsheet_cut() -> None:
    cut = a_number()[:15] + "000"
    assert examine(cut).damaged
    assert not examine(cut).ok
    assert not examine(a_number()[:17] + "5").damaged


def test_a_number_cell_has_lost_digits_even_if_the_check_happens_to_fit() -> None:
    fits_by_chance = next(
        number
        for day in range(1, 29)
        if (number := a_number(born=f"201504{day:02}", sequence="100")).endswith("000")
    )
    assert examine(fits_by_chance).ok
    assert examine(fits_by_chance, stored_as_number=True).damaged
    assert examine(fits_by_chance + ".0", stored_as_number=True).damaged


def test_a_county_that_became_a_city_does_not_make_a_number_wrong() -> None:
    assert examine(a_number(area="530630")).ok
    assert examine(a_number(area="530630")).hints == ()


def test_an_unknown_province_is_only_a_hint() -> None:
    reading = examine(a_number(area="990101"))
    assert reading.kind is IdKind.FOREIGN_RESIDENT
    assert examine(a_number(area="160101")).ok
    assert examine(a_number(area="160101")).hints


@pytest.mark.parametrize("born", ["20150230", "20151301", "00000000", "17990101"])
def test_a_birth_date_that_never_was_is_said(born: str) -> None:
    reading = examine(a_number(born=born))
    assert not reading.ok
    assert reading.birth_date is None
    assert reading.reasons == ("里面的出生日期不存在",)


@pytest.mark.parametrize("area", ["810000", "820000", "830000"])
def test_residents_from_hong_kong_macao_and_taiwan_have_the_same_number(area: str) -> None:
    reading = examine(a_number(area=area))
    assert reading.ok
    assert reading.kind is IdKind.HMT_RESIDENT


def test_an_old_number_is_for_matching_only() -> None:
    old = EXAMPLE[:6] + EXAMPLE[8:17]
    reading = examine(old)
    assert reading.kind is IdKind.RESIDENT_OLD
    assert not reading.ok
    assert reading.birth_date == date(1949, 12, 31)
    assert match_key(old) == EXAMPLE
    assert match_key("11010519491231002x") == EXAMPLE


@pytest.mark.parametrize(
    "typed, kind",
    [
        ("S530123456", IdKind.BIRTH_CERTIFICATE),
        ("E12345678", IdKind.PASSPORT),
        ("USA310086070803", IdKind.FOREIGN_RESIDENT),
    ],
)
def test_other_papers_are_accepted(typed: str, kind: IdKind) -> None:
    assert examine(typed).ok
    assert examine(typed).kind is kind


@pytest.mark.parametrize(
    "typed", ["5306272015040101", "无", "不详", "1234567890123456789", "53062720150401001Y"]
)
def test_what_is_no_number_says_so(typed: str) -> None:
    assert not examine(typed).ok
    assert examine(typed).reasons


def test_an_empty_cell_is_empty_and_not_wrong_digits() -> None:
    assert examine("  ").kind is IdKind.EMPTY


def test_a_disability_card_tells_kind_and_level() -> None:
    card = examine_disability_card(EXAMPLE.lower() + "62")
    assert card is not None
    assert (card.id_number, card.disability_type, card.disability_level) == (EXAMPLE, "66", "2")
    assert examine_disability_card(EXAMPLE + "85") is None
    assert examine(EXAMPLE + "62").kind is IdKind.DISABILITY_CARD


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert examine(text).kind in IdKind
