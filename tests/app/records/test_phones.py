"""Telephone cells of real spreadsheets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records.phones import Phone, read_phones


@pytest.mark.parametrize(
    "cell, numbers",
    [
        ("13811112222", ["13811112222"]),
        ("138 1111 2222", ["13811112222"]),
        ("138-1111-2222", ["13811112222"]),
        ("１３８１１１１２２２２", ["13811112222"]),
        ("13811112222.0", ["13811112222"]),
        ("+86 13811112222", ["13811112222"]),
        ("8613811112222", ["13811112222"]),
        ("13811112222/13933334444", ["13811112222", "13933334444"]),
        ("1381111222213933334444", ["13811112222", "13933334444"]),
        ("13811112222 13933334444", ["13811112222", "13933334444"]),
        ("13811112222-13933334444", ["13811112222", "13933334444"]),
        ("13811112222、0870-3212345", ["13811112222", "08703212345"]),
        ("13811112222\n13933334444", ["13811112222", "13933334444"]),
        ("无", []),
        ("", []),
        ("没有电话", []),
        ("3岁", []),
    ],
)
def test_a_cell_gives_its_numbers(cell: str, numbers: list[str]) -> None:
    assert [phone.number for phone in read_phones(cell)] == numbers


def test_words_beside_a_number_are_kept_with_it() -> None:
    assert read_phones("父：13811112222；母：13933334444") == (
        Phone("13811112222", "mobile", "父"),
        Phone("13933334444", "mobile", "母"),
    )
    assert read_phones("13811112222（奶奶，晚上打）") == (Phone("13811112222", "mobile", "奶奶，晚上打"),)


def test_a_landline_of_zhaotong_is_a_landline() -> None:
    assert read_phones("(0870)3212345")[0].kind == "landline"
    assert read_phones("3212345")[0].kind == "landline"


def test_an_unusual_number_is_kept_and_marked() -> None:
    (phone,) = read_phones("1381111222")
    assert phone.number == "1381111222"
    assert not phone.ok


@given(st.text(max_size=50))
def test_no_cell_breaks_the_reading(cell: str) -> None:
    assert all(phone.number for phone in read_phones(cell))
