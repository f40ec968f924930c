"""Cells of every make, and what comes of them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.headings import part_fields
from app.exchange.identities import read_identity, settle
from app.exchange.values import (
    Severity,
    read_added_code,
    read_disability,
    read_name_and_phones,
    read_value,
    yes_or_no,
)
from tests.app.exchange.workbooks import an_id

FIELDS = {**part_fields("child", "household"), **part_fields("child", "father"), **part_fields("child", "subject")}
ELDER = part_fields("elder", "subject")


def value(name: str, cell) -> object:
    return read_value(FIELDS[name], cell).values.get(name)


def problem(name: str, cell) -> str:
    return read_value(FIELDS[name], cell).problem


@pytest.mark.parametrize(
    "name, cell, kept",
    [
        ("name", " 王　芳 ", "王芳"),
        ("name", "阿・木．乃", "阿·木·乃"),
        ("name", "<b>王&芳</b>", "<b>王&芳</b>"),
        ("name", "=1+王芳", "=1+王芳"),
        ("name", "/", None),
        ("sex", "男孩", "1"),
        ("sex", 2, "2"),
        ("ethnic_group", "汉", "01"),
        ("ethnic_group", "彝族", "07"),
        ("ethnic_group", 7, "07"),
        ("birth_date", "1990.5.3", date(1990, 5, 3)),
        ("birth_date", "1990年5月3日", date(1990, 5, 3)),
        ("birth_date", "19900503", date(1990, 5, 3)),
        ("birth_date", 42370, date(2016, 1, 1)),
        ("birth_date", datetime(2015, 4, 12, 8), date(2015, 4, 12)),
        ("phones", 13900000001, ("13900000001",)),
        ("phones", "13900000001、13900000002", ("13900000001", "13900000002")),
        ("phones", "13900000001 13900000002", ("13900000001", "13900000002")),
        ("phones", "无", None),
        ("boards_at_school", "是", True),
        ("boards_at_school", "走读", False),
        ("boards_at_school", "√", True),
        ("categories", "留守儿童、孤儿", ("left_behind_rural", "orphan")),
        ("grade", "三年级（2）班", "p3"),
        ("member_count", "5人", 5),
        ("annual_income", "1.2万元", 12000),
        ("annual_income", "12,000", 12000),
        ("risk_level", "高", "high"),
        ("situation", "在广东务工", "working_away"),
        ("work_place", "——", None),
        ("relation", "奶奶", "62"),
    ],
)
def test_usual_cells_are_understood(name, cell, kept):
    assert value(name, cell) == kept


@pytest.mark.parametrize(
    "name, cell, words",
    [
        ("birth_date", "2014-13-45", "没有"),
        ("birth_date", "90-5-3", "90-5-3"),
        ("sex", "不男不女", "不是"),
        ("boards_at_school", "也许", "看不出"),
        ("member_count", "很多", "不是数字"),
        ("phones", "打不通", "没有电话"),
        ("phones", "138000", "不像"),
        ("situation", "在广东务工", "请核对"),
        ("categories", "留守、外星人", "外星人"),
        ("current_address", "村" * 101, "101"),
    ],
)
def test_what_is_not_understood_is_said_in_words(name, cell, words):
    assert words in problem(name, cell)


def test_a_name_of_sixty_characters_refuses_the_row():
    found = read_value(FIELDS["name"], "名" * 60)
    assert (found.severity, found.values) == (Severity.REFUSED, {})
    assert "60" in found.problem


def test_a_word_in_place_of_a_name_is_what_became_of_the_person():
    assert read_value(FIELDS["name"], "已故").values == {"situation": "dead"}
    assert read_value(FIELDS["name"], "王大山（失联）").values == {"name": "王大山", "situation": "lost_contact"}


def test_a_month_without_a_day_says_how_exact_it_is():
    found = read_value(FIELDS["birth_date"], "2013年5月").values
    assert found == {"birth_date": date(2013, 5, 1), "birth_precision": "month"}


def test_a_lunar_birthday_keeps_its_words():
    assert read_value(FIELDS["birth_date"], "农历1950年腊月初八").values["birth_source"] == "stated_lunar"


@pytest.mark.parametrize(
    "text, answer", [("是", True), ("√", True), ("Ｙ", True), ("否", False), ("×", False), ("也许", None)]
)
def test_ticks_and_crosses(text, answer):
    assert yes_or_no(text) is answer


def test_a_column_that_asks_whether_adds_its_code():
    field = FIELDS["help_measures"]
    assert read_added_code(field, "dibao", "是").values == {"help_measures": ("dibao",)}
    assert read_added_code(field, "dibao", "否").values == {}
    assert read_added_code(field, "dibao", "三类低保").problem


def test_name_and_phone_in_one_cell_are_parted():
    found = read_name_and_phones("赵秀英（奶奶）13900000003", FIELDS["name"], FIELDS["phones"])
    assert found.values == {"name": "赵秀英", "phones": ("13900000003",)}


@pytest.mark.parametrize(
    "cell, kept",
    [
        ("肢体二级", {"health": "60", "disability_types": ("64",), "disability_level": "2"}),
        ("智力残疾3级", {"health": "60", "disability_types": ("65",), "disability_level": "3"}),
        ("无", {}),
        ("否", {}),
    ],
)
def test_kind_and_level_of_a_disability_stand_in_one_cell(cell, kept):
    assert read_disability(cell).values == kept


def test_a_good_number_gives_type_birth_and_sex():
    values = dict(read_identity(an_id("20150412", "002")).values)
    assert settle(values) == []
    assert values == {
        "id_type": "01", "id_number": an_id("20150412", "002"), "id_state": "has_id", "birth_date": date(2015, 4, 12),
        "birth_precision": "day", "birth_source": "id_card", "sex": "2",
    }  # fmt: skip


def test_full_width_digits_blanks_and_a_small_x_are_the_same_number():
    number = next(n for n in (an_id("20150412", f"{i:03}") for i in range(200)) if n.endswith("X"))
    wide = str.maketrans("0123456789X", "０１２３４５６７８９x")
    odd = f"'{number[:6]} {number[6:].translate(wide)}"
    assert read_identity(odd).values["id_number"] == number


@pytest.mark.parametrize(
    "cell", [532128201504120011, 5.3212820150412e17, "5.32128E+17", "532128201504120000", an_id()[:-1] + "?"]
)
def test_a_damaged_or_wrong_number_keeps_the_cells_text(cell):
    found = read_identity(cell)
    assert found.severity is Severity.UNVERIFIED
    assert found.values["id_to_verify"] is True
    assert found.values["id_text"]
    assert "id_number" not in found.values
    assert "证件号待核" in found.problem


def test_the_birth_date_survives_in_a_number_that_lost_its_end():
    values = dict(read_identity(532128201504120011).values)
    settle(values)
    assert values["birth_date"] == date(2015, 4, 12)


def test_birth_and_sex_that_disagree_with_the_number_are_warnings_and_stay():
    values = {**read_identity(an_id("20150412", "002")).values, "birth_date": date(2015, 4, 21), "sex": "1"}
    assert [name for name, _ in settle(values)] == ["birth_date", "sex"]
    assert (values["birth_date"], values["sex"]) == (date(2015, 4, 21), "1")


def test_no_hukou_in_the_number_column_is_a_state():
    assert read_identity("未上户").values == {"id_state": "no_hukou"}


@given(
    st.sampled_from([*FIELDS.values(), *ELDER.values()]),
    st.one_of(st.none(), st.text(max_size=60), st.integers(), st.floats(allow_nan=False), st.dates(), st.datetimes()),
)
def test_no_cell_whatever_ends_the_import(field, cell):
    found = read_value(field, cell)
    assert isinstance(found.problem, str)
    assert None not in found.values.values()


@given(st.one_of(st.none(), st.text(max_size=40), st.integers(), st.floats(allow_nan=False), st.dates()))
def test_no_number_whatever_ends_the_import(cell):
    found = read_identity(cell)
    assert not ("id_number" in found.values and "id_text" in found.values)
    read_disability(cell)
    read_name_and_phones(cell, FIELDS["name"], FIELDS["phones"])
