"""Divisions: names, nesting, and counties that became something else."""

from datetime import date

import pytest

from app.records.divisions import (
    PRACTICE_COUNTY,
    Level,
    children,
    common_prefix,
    division,
    full_name,
    is_code,
    is_practice,
    is_within,
    level_of,
    parent_code,
    search,
    short_name,
    subtree_prefix,
)

ZHAOTONG = "530600000000"
VILLAGE = "530627109203"


def test_zhaotong_has_its_counties_towns_and_villages() -> None:
    counties = children(ZHAOTONG)
    towns = [town for county in counties for town in children(county.code)]
    villages = [village for town in towns for village in children(town.code)]
    assert (len(counties), len(towns), len(villages)) == (11, 150, 1402)
    assert {village.level for village in villages} == {Level.VILLAGE}


def test_a_village_says_where_it_lies() -> None:
    village = division(VILLAGE)
    assert village is not None
    assert village.full_name == "云南省昭通市镇雄县雨河镇龙井村"
    assert village.level is Level.VILLAGE
    assert short_name(VILLAGE) == "龙井村"


def test_a_code_nobody_knows_shows_as_it_is() -> None:
    assert division("510100000000") is None
    assert full_name("510100000000") == "510100000000"
    assert full_name(None) == ""


@pytest.mark.parametrize(
    "code, level, prefix, parent",
    [
        ("530000000000", Level.PROVINCE, "53", None),
        ("530600000000", Level.CITY, "5306", "530000000000"),
        ("530627000000", Level.COUNTY, "530627", "530600000000"),
        ("530627109000", Level.TOWN, "530627109", "530627000000"),
        (VILLAGE, Level.VILLAGE, VILLAGE, "530627109000"),
        ("530600100000", Level.TOWN, "530600100", "530600000000"),
    ],
)
def test_a_code_tells_its_level(code: str, level: Level, prefix: str, parent: str | None) -> None:
    assert level_of(code) is level
    assert subtree_prefix(code) == prefix
    assert parent_code(code) == parent


@pytest.mark.parametrize(
    "code, subtree, inside",
    [
        (VILLAGE, "530627109000", True),
        (VILLAGE, ZHAOTONG, True),
        (VILLAGE, VILLAGE, True),
        (VILLAGE, "", True),
        (VILLAGE, "530621000000", False),
        ("530627109000", VILLAGE, False),
        (VILLAGE, PRACTICE_COUNTY, False),
    ],
)
def test_what_lies_within_what(code: str, subtree: str, inside: bool) -> None:
    assert is_within(code, subtree) is inside


def test_a_county_that_became_a_city_is_known_by_both_codes() -> None:
    old, new = division("530630000000"), division("530681000000")
    assert old is not None
    assert new is not None
    assert (old.name, old.successor) == ("水富县", new.code)
    assert (new.name, new.predecessors) == ("水富市", (old.code,))
    assert old.is_valid(date(2018, 1, 1))
    assert not old.is_valid(date(2019, 1, 1))
    assert old not in children(ZHAOTONG)


def test_a_village_is_found_by_parts_of_names_initials_or_code() -> None:
    assert [row.code for row in search("雨河 龙井")] == [VILLAGE]
    assert VILLAGE in [row.code for row in search("ljc", within="530627000000")]
    assert search("530627109203")[0].code == VILLAGE
    assert search("龙井", within="530627109000")[0].code == VILLAGE
    assert search("") == ()
    assert search("没有这个村") == ()


def test_search_puts_the_name_itself_first_and_keeps_to_its_limit() -> None:
    assert search("镇雄县")[0].name == "镇雄县"
    assert len(search("村", limit=5)) == 5


def test_the_practice_county_never_mixes_with_real_places() -> None:
    assert search("练习") == ()
    assert PRACTICE_COUNTY not in [row.code for row in children("530000000000")]
    towns = children(PRACTICE_COUNTY)
    villages = [village for town in towns for village in children(town.code)]
    assert len(towns) == 2
    assert len(villages) >= 3
    assert all("练习" in row.name and is_practice(row.code) for row in (*towns, *villages))
    assert full_name(villages[1].code) == "练习县练习镇练习村"
    assert search("练习村", within=PRACTICE_COUNTY)[0].level is Level.VILLAGE
    assert level_of(PRACTICE_COUNTY) is Level.COUNTY
    assert not is_practice(VILLAGE)


@pytest.mark.parametrize(
    "text, good", [(VILLAGE, True), ("530627", False), ("53062710920x", False), ("５" * 12, False)]
)
def test_the_form_of_a_code(text: str, good: bool) -> None:
    assert is_code(text) is good


def test_what_codes_of_several_divisions_begin_with() -> None:
    assert common_prefix(["530602001001"]) == "530602001001"
    assert common_prefix(["530602001001", "530602001000"]) == "530602001"
    assert common_prefix(["530602001001", "530602002000"]) == "53060200"
    assert common_prefix(["530000000000", "120000000000"]) == ""
