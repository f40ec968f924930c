"""Sheet numbers survive handwriting, full-width typing and cameras, and slips are found."""

import string

import pytest

from app.records import sheet_numbers

NUMBER = sheet_numbers.make("SW", 42)


def test_a_number_has_the_laptops_letters_a_running_number_and_a_check_character():
    assert NUMBER[:8] == "SW-0042-"
    assert len(NUMBER) == 9
    assert sheet_numbers.make("SW", 123456)[:10] == "SW-123456-"


@pytest.mark.parametrize(
    "typed", [NUMBER.lower(), NUMBER.replace("-", ""), f" {NUMBER} ", "SW1:" + NUMBER, "ＳＷ－００４２－" + NUMBER[-1]]
)
def test_a_number_is_read_however_it_is_typed(typed):
    assert sheet_numbers.read(typed) == NUMBER


def test_letters_that_look_like_digits_are_taken_as_they_are_meant():
    assert sheet_numbers.read("SW-OO42-" + NUMBER[-1]) == NUMBER


def test_every_single_wrong_character_is_found():
    bare = NUMBER.replace("-", "")
    reads_as = {"O": "0", "I": "1"}
    for place, right in enumerate(bare):
        for wrong in string.digits + string.ascii_uppercase:
            if reads_as.get(wrong, wrong) == right:
                continue
            assert not sheet_numbers.check(bare[:place] + wrong + bare[place + 1 :]), (place, wrong)


def test_two_digits_in_the_wrong_order_are_found():
    number = sheet_numbers.make("AB", 1234)
    assert sheet_numbers.check(number)
    assert not sheet_numbers.check(number.replace("1234", "2134"))
    assert not sheet_numbers.check(number.replace("1234", "1324"))


@pytest.mark.parametrize("typed", ["", "SW", "SW-0000-0", "二十", "SW-42", "1234567", "SW-0042-?"])
def test_what_is_no_number_is_none(typed):
    assert sheet_numbers.read(typed) is None


@pytest.mark.parametrize("prefix, sequence", [("S", 1), ("sw", 1), ("S1", 1), ("SW", 0), ("守望", 1), ("SI", 1)])
def test_a_number_is_only_made_of_two_letters_and_a_positive_count(prefix, sequence):
    with pytest.raises(ValueError, match="no sheet number"):
        sheet_numbers.make(prefix, sequence)
