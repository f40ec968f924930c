"""Lines end where Chinese typesetting lets them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paper import fonts, wrapping
from app.paper.fonts import Face


def test_a_line_holds_as_many_characters_as_it_has_room_for():
    assert wrapping.lines(Face.SONG, "一二三四五六七", 3) == ("一二三", "四五六", "七")


def test_no_line_begins_with_a_closing_mark():
    assert wrapping.lines(Face.SONG, "一二三，四五", 3) == ("一二", "三，四", "五")


def test_no_line_ends_with_an_opening_mark():
    assert wrapping.lines(Face.SONG, "一二（三四）", 3) == ("一二", "（三", "四）")


def test_a_number_is_not_torn():
    assert wrapping.lines(Face.SONG, "电话13812341234。", 8) == ("电话", "13812341234。")


def test_a_word_that_no_line_can_hold_is_cut():
    lines = wrapping.lines(Face.SONG, "A" * 50, 10)
    assert "".join(lines) == "A" * 50
    assert all(fonts.width(Face.SONG, line) <= 10 for line in lines)


def test_the_writers_own_lines_are_kept():
    assert wrapping.lines(Face.SONG, "一\r\n二\n三", 9) == ("一", "二", "三")


def test_marks_without_ink_leave_nothing():
    assert wrapping.plain("名\u202e反\x00转\u200b") == "名反转"


@pytest.mark.parametrize("text", ["", "。" * 30, "（" * 30, "·" * 30])
def test_nothing_but_marks_still_makes_lines(text):
    assert "".join(wrapping.lines(Face.SONG, text, 4)) == text


@given(st.text(alphabet="一二三，。（）《》abc 1·𬭚龘\n", max_size=60), st.integers(2, 20))
def test_no_ink_is_lost_and_no_line_is_too_long(text, room):
    lines = wrapping.lines(Face.SONG, text, room)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(fonts.width(Face.SONG, line) <= room + 1e-6 for line in lines)
