"""Names: kept whole, compared kindly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records.names import (
    NAME_LIMIT,
    is_placeholder,
    similarity,
    sounds,
    tidy_name,
    unmapped_characters,
)


@pytest.mark.parametrize(
    "typed",
    [
        "阿·木·乃",
        "阿•木•乃",
        "阿・木・乃",
        "阿．木．乃",
        "阿.木.乃",
        "阿●木●乃",
        " 阿 · 木 · 乃 ",
        "·阿··木·乃·",
        "阿‧木‧乃",
    ],
)
def test_every_middle_dot_becomes_the_one_of_the_rule(typed: str) -> None:
    assert tidy_name(typed) == "阿\u00b7木\u00b7乃"


@pytest.mark.parametrize("name", ["𠅤", "㛃", "䶮", "𬭎", "李䶮", "阿·木·乃"])
def test_rare_characters_stay_as_they_are(name: str) -> None:
    assert tidy_name(name) == name


def test_a_rare_character_counts_as_one() -> None:
    assert len(tidy_name("王𬭎")) == 2
    assert len(tidy_name("吾" * 25)) == 25 <= NAME_LIMIT


def test_blanks_inside_a_short_name_are_layout() -> None:
    assert tidy_name("王  芳") == "王芳"
    assert tidy_name("王\u3000芳") == "王芳"
    assert tidy_name("John  Smith Jr.") == "John Smith Jr."


def test_private_use_characters_of_old_systems_become_the_standard_ones() -> None:
    assert tidy_name("王\ue863\ue864") == "王\ue863\u9fbb"
    assert unmapped_characters("王\ue863\ue864") == ("\ue863",)
    assert tidy_name("王\ue83b") == tidy_name("王\U0002298f")


def test_composed_and_decomposed_letters_are_one_name() -> None:
    assert tidy_name("Jose\u0301") == tidy_name("José")
    assert tidy_name("\uf9a4".join("王芳")) != tidy_name("\u5ff5".join("王芳"))
    assert tidy_name("\uf9a8") == "\u4ee4"


def test_two_empty_names_are_not_the_same_person() -> None:
    assert similarity("", " ") == 0
    assert similarity("", "王芳") == 0


@pytest.mark.parametrize("cell", ["", " ", "无", "不详", "未起名", "—"])
def test_a_cell_that_says_there_is_no_name_is_no_name(cell: str) -> None:
    assert is_placeholder(cell)


def test_names_that_sound_the_same_are_nearly_the_same() -> None:
    assert similarity("王芳", "王芳") == 1
    assert similarity("张伟", "章玮") == pytest.approx(0.9)
    assert similarity("单晓", "善小") == pytest.approx(0.9)
    assert 0.3 < similarity("王小芳", "王大芳") < 0.9
    assert similarity("王芳", "李强") < 0.3


def test_every_reading_of_a_surname_is_heard() -> None:
    assert {"dan", "shan"} <= {sound.split()[0] for sound in sounds("单")}


@given(st.text(max_size=60))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy_name(tidy_name(text)) == tidy_name(text)
