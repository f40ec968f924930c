"""Invented names: seasons, weather and plants for children, old-fashioned pairs of characters for adults."""

from __future__ import annotations

from random import Random

SURNAMES = "赵钱孙李周吴郑陈卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁马任袁柳唐罗薛雷贺倪汤段"
"""Without 王 and 方 (which can be read wang), so that the three 王芳 are the only hits of wf."""

_GIRLS = (
    "谷雨", "白露", "小雪", "夏至", "春分", "海棠", "木棉", "杜鹃", "映山", "茉莉", "丁香", "山茶", "银杏", "青禾",
    "朝霞", "晚晴", "新月", "星雨", "云朵", "雪梨", "麦穗", "芦花", "青柠", "石榴", "樱桃", "荞花", "蒲公", "紫苏",
    "采薇", "知了", "初夏", "暖阳",
)  # fmt: skip
_BOYS = (
    "小满", "芒种", "立冬", "清明", "寒露", "霜降", "惊蛰", "大雪", "青松", "白杨", "石竹", "远山", "长风", "晨光",
    "启明", "北斗", "江河", "海浪", "岩石", "稻田", "竹笋", "核桃", "板栗", "花椒", "山鹰", "野鹤", "雨田", "云峰",
    "冬青", "春雷", "秋实", "夏木",
)  # fmt: skip
_MEN = ("大长永有德厚金广正文", "川河山林贵根水田生财")
_WOMEN = ("秀桂春玉金素兰翠美群", "兰花英珍芝莲香芬琼仙")


def child(chance: Random, surname: str, sex: str, taken: set[str]) -> str:
    """A child's name that nobody in the village has yet; a third character when the list runs out."""
    pool = _GIRLS if sex == "2" else _BOYS
    given = chance.choice(pool)
    for tail in ("", *"一二三四五六七八九十东南西北中甲乙丙丁戊己庚辛"):
        name: str = surname + given + tail
        if name not in taken:
            taken.add(name)
            return name
    return child(chance, chance.choice(SURNAMES), sex, taken)


def adult(chance: Random, surname: str, sex: str) -> str:
    """An adult's name; in a village two people may well have the same."""
    first, second = _WOMEN if sex == "2" else _MEN
    return surname + chance.choice(first) + chance.choice(second)


def surname(chance: Random) -> str:
    """Any of the surnames."""
    return chance.choice(SURNAMES)
