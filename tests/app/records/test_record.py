"""Values in and out of JSON: what cannot be kept is said, what no eye sees is not kept."""

from __future__ import annotations

from datetime import date

import pytest

from app.errors import BadValue
from app.records import Attachment, Person
from app.records.ids import made_on
from app.records.record import amended
from app.records.sheet_numbers import make, read


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("王\u202e芳", "王芳"),
        ("\ufeff王\u200b芳\u2060", "王芳"),
        ("王\x00芳\x1b", "王芳"),
        ("王\n芳", "王 芳"),
        ("<b>&王", "<b>&王"),
        ("艾力·买买提", "艾力·买买提"),
        ("\U00020bb7\u9fd4", "\U00020bb7\u9fd4"),
        ("\ue815", "\ue815"),
    ],
)
def test_a_name_is_kept_without_what_no_eye_sees(typed: str, kept: str) -> None:
    assert amended(Person(), {"name": typed}).name == kept


def test_a_name_of_invisible_signs_is_no_name() -> None:
    assert amended(Person(), {"name": "\u200b\u202e\ufeff"}).name is None


def test_a_long_text_keeps_its_lines() -> None:
    assert amended(Person(), {"note": "一\r\n二\u2028三\t四"}).note == "一\n二\n三\t四"


def test_phones_lose_invisible_signs_too() -> None:
    assert amended(Person(), {"phones": ["\u202d13800000000\u202c"]}).phones == ("13800000000",)


@pytest.mark.parametrize("name, value", [("name", "王\ud800"), ("phones", ["\udc00"]), ("phones", {"a": "b"})])
def test_half_a_character_is_refused_with_a_sentence_that_can_be_printed(name: str, value: object) -> None:
    with pytest.raises(BadValue) as refused:
        amended(Person(), {name: value})
    assert str(refused.value).encode()


@pytest.mark.parametrize("number", [10**30, -(10**30), 1e300, "9" * 40, float("inf"), float("nan")])
def test_a_number_that_no_column_holds_is_refused(number: object) -> None:
    with pytest.raises(BadValue):
        amended(Attachment(), {"size": number})


def test_an_identifier_that_no_clock_made_has_some_day() -> None:
    assert made_on("f" * 32) == date(1970, 1, 1)
    assert made_on("01a20ad9e0827d08bc9a5f7561d36b15").year == 2026


def test_a_sheet_number_of_thousands_of_digits_is_a_slip() -> None:
    assert read("AB" + "1" * 5_000 + "7") is None
    assert read(make("AB", 123_456)) == make("AB", 123_456)
