"""Write the two workbooks of this folder (by hand, needs xlwt): a ledger as villages keep it, a county's blank table.

All names, numbers and places in them are invented; the identity numbers begin with a code that no county has.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from app.records.identity import check_character  # noqa: E402

LEDGER = HERE / "留守儿童台账(最终版3).xls"
BLANK = HERE / "县里发的空表.xlsx"
CHILD = ("序号", "姓名", "性别", "民族", "出生年月", "身份证号码", "就读学校", "年级")
KIN = ("姓名", "联系电话", "姓名", "联系电话", "姓名", "与儿童关系", "联系电话")
SCHOOL = "练习小学"


def number(born: str, order: str) -> str:
    """A number that holds together and belongs to nobody."""
    first = f"539901{born}{order}"
    return first + check_character(first)


# The first two are in the practice village already, the second with another phone; 同上 means the line above.
FOURTH_GROUP: tuple[tuple[Any, ...], ...] = (
    (1, "王 芳", "女", "汉", None, None, "练习中学", None, "王永财", "19900004002", None, None,
     "唐桂珍", "奶奶", "19900004001"),
    (2, "吴夏至", "女", "汉族", None, None, SCHOOL, None, "吴德财", "19900004188 微信同号", "彭美玲", "19900004103",
     "曹金花", "奶奶", "19900004101"),
    (3, "龙采薇", "女", "苗", "2016.3.8", number("20160308", "022"), SCHOOL, "四年级", "龙有山", "19900004301",
     "熊桂香", "19900004302、19900004303", "龙德贵", "爷爷", 19900004304),
    (4, "龙春雷", "男", "同上", 43406, number("20181102", "031"), "同上", "二年级", "同上", "〃", "同上", "同上",
     "同上", "同上", "同上", "龙采薇的弟弟"),
    (5, "石海棠", "女", "汉", "2017.9.12", "53990120170912004X", "〃", "三年级", "石永林", "外出", "失联", None,
     "石正贵", "爷爷", "19900004404"),
)  # fmt: skip
SIXTH_GROUP: tuple[tuple[Any, ...], ...] = (
    (1, "阿●木●乃", "女", "彝", None, None, SCHOOL, None, "阿·日·黑", "19900006002", "/", "/", "阿·果·嫫", "奶奶",
     "19900006001"),
    (2, "沙马·布则", "男", "彝族", "2013.5.1", 539901201305010011, "练习中学", "七年级", "沙马·日古", "/", "已故", None,
     "外婆", "外婆", 19900006204),
    (3, "李䶮", "男", "汉", None, None, SCHOOL, "六年级"),
    (4, None, "男", "汉", "2015.6.1", None, SCHOOL, "五年级", "何有才", "19900006304"),
    (5, "石海棠", "女", "汉", "2017.9.12", None, SCHOOL, "三年级", "石永林", None, None, None, "石正贵", "爷爷",
     "19900004404"),
    (6, "柳晚晴", "女", "汉", "2014-13-45", None, SCHOOL, "六年级", "柳长河", "19900006404", "周二妹", "199000",
     "柳长河", "父亲", "19900006404"),
)  # fmt: skip


def write_ledger() -> None:
    """Two village groups, titles, two rows of headings, totals, signatures."""
    book = xlwt.Workbook(encoding="utf-8")
    for group, people in (("四组", FOURTH_GROUP), ("六组", SIXTH_GROUP)):
        sheet = book.add_sheet(group)
        sheet.write_merge(0, 0, 0, 15, "练习村农村留守儿童台账（最终版3）")
        sheet.write(1, 0, "填报单位：练习村村委会")
        sheet.write(1, 10, "填报日期：2026年9月1日")
        for column, text in enumerate(CHILD):
            sheet.write_merge(2, 3, column, column, text)
        sheet.write_merge(2, 2, 8, 9, "父亲")
        sheet.write_merge(2, 2, 10, 11, "母亲")
        sheet.write_merge(2, 2, 12, 14, "监护人情况")
        sheet.write_merge(2, 3, 15, 15, "备注")
        for column, text in enumerate(KIN, len(CHILD)):
            sheet.write(3, column, text)
        for row, person in enumerate(people, 4):
            for column, cell in enumerate(person):
                if cell is not None:
                    sheet.write(row, column, cell)
        end = 4 + len(people)
        sheet.write(end, 0, "合  计")
        sheet.write(end, 1, len(people))
        sheet.write(end + 1, 1, "制表人：")
        sheet.write(end + 1, 8, "审核：")
    book.save(str(LEDGER))


def write_blank() -> None:
    """A table as a county sends it round: merged titles, headings in two rows, a few blank lines, signatures."""
    book = xlsxwriter.Workbook(BLANK)
    title = book.add_format({"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"})
    head = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1, "text_wrap": True})
    line = book.add_format({"border": 1, "valign": "vcenter"})
    sheet = book.add_worksheet("附件1")
    sheet.merge_range(0, 0, 0, 17, "练习县农村留守儿童信息采集表", title)
    sheet.write(1, 0, "填报单位（盖章）：")
    sheet.write(1, 13, "填报日期：    年   月   日")
    single = ("序号", "姓名", "性别", "民族", "出生日期", "身份证号码", "就读学校", "年级", "是否寄宿")
    for column, text in enumerate(single):
        sheet.merge_range(2, column, 3, column, text, head)
    column = len(single)
    for group, parts in (
        ("父亲情况", ("姓名", "联系电话", "务工地点")),
        ("母亲情况", ("姓名", "联系电话", "务工地点")),
        ("监护人情况", ("姓名", "与儿童关系", "联系电话")),
    ):
        sheet.merge_range(2, column, 2, column + len(parts) - 1, group, head)
        for place, text in enumerate(parts):
            sheet.write(3, column + place, text, head)
        column += len(parts)
    for row in range(4, 12):
        for place in range(column):
            sheet.write_blank(row, place, None, line)
    sheet.merge_range(12, 0, 12, 17, "单位负责人：              审核人：              填表人：              联系电话：")
    sheet.set_column(5, 5, 21)
    sheet.set_landscape()
    sheet.set_paper(9)
    book.close()


if __name__ == "__main__":
    write_ledger()
    write_blank()
