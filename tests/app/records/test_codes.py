"""Code lists: whole, unambiguous, and readable for what was once chosen."""

import json
from datetime import date

import pytest

from app.paths import resource
from app.records.codes import MARKS, Code, CodeList, code_list, code_list_names

NAMES = code_list_names()


@pytest.mark.parametrize("name", NAMES)
def test_no_word_means_two_codes(name: str) -> None:
    seen: dict[str, str] = {}
    for item in code_list(name):
        for word in {item.code, item.label, item.short, *item.synonyms}:
            assert seen.setdefault(word, item.code) == item.code, f"{name}: {word}"
            assert code_list(name).code_of(word) == item.code


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_says_how_well_it_is_founded(name: str) -> None:
    found = code_list(name)
    assert found.source
    assert found.title
    assert all(item.mark in MARKS for item in found)
    assert len({item.code for item in found}) == len(found)


def test_no_list_is_defined_twice() -> None:
    names: list[str] = []

    def read(pairs: list[tuple[str, object]]) -> dict[str, object]:
        """Of two lists of one name in one file, a plain reader would keep only the last."""
        names.extend(name for name, found in pairs if isinstance(found, dict) and "entries" in found)
        return dict(pairs)

    for path in resource("data", "codes").glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=read)
    assert sorted(names) == sorted(NAMES)


@pytest.mark.parametrize(
    "name, written, code",
    [
        ("sex", "男孩", "1"),
        ("sex", "f", "2"),
        ("sex", "Ｆ", "2"),
        ("sex", " 女 ", "2"),
        ("ethnic_group", "彝", "07"),
        ("ethnic_group", "彝族", "07"),
        ("relation", "奶奶", "62"),
        ("relation", "外公", "63"),
        ("relation", "爸爸", "51"),
        ("hukou_class", "没有户口", "4"),
        ("yes_no", "√", "yes"),
        ("grade", "七年级", "j1"),
        ("disability_level", "2级", "2"),
        ("risk_level", "红色", "high"),
        ("health", "残疾", "60"),
    ],
)
def test_the_words_people_write_are_understood(name: str, written: str, code: str) -> None:
    assert code_list(name).code_of(written) == code


def test_an_unknown_word_is_not_guessed() -> None:
    assert code_list("sex").code_of("大概是男") is None
    assert code_list("sex").code_of("") is None


def test_a_code_of_a_newer_desk_is_shown_as_it_is() -> None:
    assert code_list("sex").label("77") == "77"
    assert code_list("sex").label(None) == ""


def test_a_retired_code_stays_readable_but_is_no_longer_offered() -> None:
    kinds = CodeList("x", "x", "x", "D", (Code("a", "旧的", retired_on=date(2024, 1, 1)), Code("b", "新的")))
    assert kinds.label("a") == "旧的"
    assert kinds.code_of("旧的") == "a"
    assert [item.code for item in kinds.current(date(2024, 1, 1))] == ["b"]
    assert [item.code for item in kinds.current(date(2023, 12, 31))] == ["a", "b"]


def test_the_ethnic_groups_are_fifty_six_and_two_more() -> None:
    assert len(code_list("ethnic_group")) == 58


def test_long_labels_have_a_short_form() -> None:
    assert code_list("mandatory_report_situation").short("6") == "遗弃或无人照料"
    assert code_list("sex").short("1") == "男"
