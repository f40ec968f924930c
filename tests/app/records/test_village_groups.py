"""Village groups in the order in which people count them."""

from __future__ import annotations

import pytest

from app.records.village_groups import group_order


def test_groups_stand_in_the_order_people_count_them() -> None:
    groups = ["十组", "大寨子", "二组", "10组", "一组", "二十一组", "十二组", "三组", "第四村民小组", "２组"]
    groups.append("一百零三组")
    assert sorted(groups, key=group_order) == [
        "一组", "二组", "２组", "三组", "第四村民小组", "十组", "10组", "十二组", "二十一组", "一百零三组", "大寨子",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "组", "十", "上寨", "九十九组", "二〇三组", "123456789组"])
def test_every_name_has_a_place(name: str) -> None:
    assert isinstance(group_order(name), str)


def test_one_number_has_one_place_however_it_is_written() -> None:
    assert group_order("二十组") == group_order("20组") == group_order("２０组")
