"""Turn one cell into what a field holds, or say in words why it cannot be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.exchange.reading import Cell, text_of
from app.records.codes import CodeList, code_list
from app.records.dates import read_date
from app.records.names import is_placeholder, tidy_name
from app.records.phones import MOBILE, read_phones
from app.records.record import Field, Kind, Value

NOTHING = frozenset(["/", "\\", "-", "--", "－", "—", "——", "／", "0", "无", "没有", "暂无", "不详", "未知", "空"])
YES = frozenset({"是", "有", "√", "✓", "✔", "☑", "对", "y", "yes", "true", "1", "在", "享受", "已享受"})
NO = frozenset({"否", "不是", "无", "没有", "×", "✗", "x", "n", "no", "false", "0", "不", "未", "未享受", "☐"})
ITEM_MARKS = re.compile(r"[、，,;；/／\n+＋|]+")
BRACKETED = re.compile(r"[(（]([^()（）]*)[)）]")
LEVEL = re.compile(r"([一二三四1-4壹贰叁肆])\s*级")


class Severity(StrEnum):
    """How much a problem weighs: the row stays out, an ID is to be verified, or something is only pointed out."""

    REFUSED = "refused"
    UNVERIFIED = "unverified"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell gives: values by field name, and what is wrong with it (empty when nothing is)."""

    values: Mapping[str, Value]
    problem: str = ""
    severity: Severity = Severity.WARNING


EMPTY = Reading({})


def read_value(field: Field, cell: Cell) -> Reading:
    """The cell as the field holds it. Unreadable cells give no value and a sentence, never an exception."""
    text = clean(text_of(cell))
    if not text:
        return EMPTY
    if field.name in NAMED_READERS:
        return NAMED_READERS[field.name](field, cell, text)
    return KIND_READERS[field.kind](field, cell, text)


def clean(text: str) -> str:
    """The text without control characters and with plain blanks; line breaks stay."""
    kept = unicodedata.normalize("NFC", text).replace("\u3000", " ").replace("\xa0", " ").strip()
    if kept.isprintable():
        return kept
    return "".join(ch for ch in kept if ch in "\n\t" or unicodedata.category(ch) != "Cc").strip()


def is_nothing(text: str) -> bool:
    """Whether the cell says in a word or a stroke that there is nothing."""
    return text in NOTHING


def _text(field: Field, cell: Cell, text: str) -> Reading:
    if is_nothing(text):
        return EMPTY
    kept = text if field.kind is Kind.LONG else " ".join(text.split())
    if field.limit and len(kept) > field.limit:
        return Reading({field.name: kept}, f"有 {len(kept)} 个字，最多应是 {field.limit} 个，请以后缩短")
    return Reading({field.name: kept})


def _name(field: Field, cell: Cell, text: str) -> Reading:
    """A name; what stands in brackets behind it or in its place, such as 已故, is the person's situation."""
    situation = code_list("parent_situation").code_of(text)
    if situation and situation not in ("normal", "unknown"):
        return Reading({"situation": situation})
    values: dict[str, Value] = {}
    if (bracket := BRACKETED.search(text)) and (found := code_list("parent_situation").code_of(bracket[1])):
        values["situation"] = found
        text = BRACKETED.sub("", text)
    name = tidy_name(text)
    if is_placeholder(name) or is_nothing(name):
        return Reading(values)
    if field.limit and len(name) > field.limit:
        return Reading(values, f"有 {len(name)} 个字，姓名最多 {field.limit} 个字", Severity.REFUSED)
    if not any(ch.isalpha() for ch in name):
        return Reading(values, f"「{name[:20]}」不像姓名", Severity.REFUSED)
    return Reading({**values, field.name: name})


def _choice(field: Field, cell: Cell, text: str) -> Reading:
    codes = code_list(field.of)
    code = codes.code_of(text) or codes.code_of(text.zfill(2) if text.isdecimal() else text)
    if code is None and is_nothing(text):
        return EMPTY
    if code:
        return Reading({field.name: code})
    if found := _one_within(codes, text):
        return Reading({field.name: found}, f"「{text[:30]}」按「{codes.label(found)}」导入，请核对")
    return Reading({}, f"「{text[:30]}」不是{codes.title}里的选项，这一格没有导入")


def _one_within(codes: CodeList, text: str) -> str | None:
    """The only choice whose words stand in the text; the longest words win."""
    words = {w: item.code for item in codes for w in (item.label, item.short, *item.synonyms) if len(w) > 1}
    within = [word for word in words if word in text]
    longest = {words[w] for w in within if not any(w != other and w in other for other in within)}
    return longest.pop() if len(longest) == 1 else None


def _choices(field: Field, cell: Cell, text: str) -> Reading:
    codes = code_list(field.of)
    if whole := codes.code_of(text):
        return Reading({field.name: (whole,)})
    if is_nothing(text):
        return EMPTY
    items = [item.strip() for item in ITEM_MARKS.split(text) if item.strip()]
    found = {item: codes.code_of(item) or _one_within(codes, item) for item in items}
    unknown = "、".join(item for item, code in found.items() if not code)
    kept = tuple(sorted({code for code in found.values() if code}))
    problem = f"「{unknown[:40]}」不是{codes.title}里的选项，没有导入" if unknown else ""
    return Reading({field.name: kept} if kept else {}, problem)


def _lines(field: Field, cell: Cell, text: str) -> Reading:
    if is_nothing(text):
        return EMPTY
    items = {" ".join(item.split()) for item in ITEM_MARKS.split(text)} - {""}
    return Reading({field.name: tuple(sorted(items))} if items else {})


def _phones(field: Field, cell: Cell, text: str) -> Reading:
    if is_nothing(text):
        return EMPTY
    if MOBILE.fullmatch(text):  # nearly all are
        return Reading({field.name: (text,)})
    phones = read_phones(text)
    if not phones:
        return Reading({}, f"「{text[:30]}」里没有电话号码，这一格没有导入")
    odd = "、".join(phone.number for phone in phones if not phone.ok)
    kept = tuple(sorted({f"{phone.number} {phone.note}".strip() for phone in phones}))
    return Reading({field.name: kept}, f"「{odd}」不像常见的电话号码，请核对" if odd else "")


def _day(field: Field, cell: Cell, text: str) -> Reading:
    if is_nothing(text):
        return EMPTY
    found = read_date(cell)
    if found.day is None:
        return Reading({}, f"「{text[:30]}」{found.reason or '不是日期'}，这一格没有导入")
    return Reading({field.name: found.day})


def _birth(field: Field, cell: Cell, text: str) -> Reading:
    if is_nothing(text):
        return EMPTY
    found = read_date(cell)
    lunar: dict[str, Value] = {"lunar_text": found.lunar_text} if found.lunar_text else {}
    if found.day is None:
        return Reading(lunar, f"「{text[:30]}」{found.reason or '不是日期'}，出生日期没有导入")
    if lunar:
        lunar["birth_source"] = "stated_lunar"
    return Reading({field.name: found.day, "birth_precision": found.precision, **lunar})


def _number(field: Field, cell: Cell, text: str) -> Reading:
    if is_nothing(text) and text != "0":
        return EMPTY
    digits = re.search(r"-?\d+(?:\.\d+)?", text.replace(",", "").replace("，", ""))
    if digits is None:
        return Reading({}, f"「{text[:30]}」不是数字，这一格没有导入")
    number = float(digits[0]) * (10_000 if "万" in text else 1)
    if abs(number) > 1e12:
        return Reading({}, f"「{text[:30]}」大得不可能，这一格没有导入")
    return Reading({field.name: round(number)})


def _flag(field: Field, cell: Cell, text: str) -> Reading:
    answer = yes_or_no(text)
    if answer is None:
        return Reading({}, f"「{text[:30]}」看不出是还是否，这一格没有导入")
    return Reading({field.name: answer})


def _boards(field: Field, cell: Cell, text: str) -> Reading:
    code = code_list("boarding").code_of(text)
    return Reading({field.name: code == "yes"}) if code else _flag(field, cell, text)


def yes_or_no(text: str) -> bool | None:
    """是 or 否 in any of the ways people tick; None when it is neither."""
    word = unicodedata.normalize("NFKC", text).strip().casefold()
    if word in YES:
        return True
    return False if word in NO else None


def read_added_code(field: Field, code: str, cell: Cell) -> Reading:
    """A column such as 是否低保 adds one code to a set when the cell does not say no."""
    text = clean(text_of(cell))
    if not text or yes_or_no(text) is False or is_nothing(text):
        return EMPTY
    if yes_or_no(text) or code_list(field.of).code_of(text) == code:
        return Reading({field.name: (code,)})
    return Reading({field.name: (code,)}, f"「{text[:30]}」按「是」导入，请核对")


def read_name_and_phones(cell: Cell, name: Field, phones: Field) -> Reading:
    """王大明 13900001111 in one cell."""
    text = clean(text_of(cell))
    first = re.split(r"[\d+(（:：]", text, maxsplit=1)[0]
    found = read_phones(text[len(first) :])
    numbers = tuple(sorted({phone.number for phone in found}))
    named = read_value(name, first.strip(" ,，、;；/"))
    return Reading({**named.values, **({phones.name: numbers} if numbers else {})}, named.problem)


def read_disability(cell: Cell) -> Reading:
    """肢体二级, 智力残疾3级: kind and level in one cell."""
    text = clean(text_of(cell))
    if not text or is_nothing(text) or yes_or_no(text) is False:
        return EMPTY
    values: dict[str, Value] = {"health": "60"}
    types = code_list("disability_type")
    kinds = {item.code for item in types for word in (item.label, *item.synonyms) if len(word) > 1 and word in text}
    if kinds:
        values["disability_types"] = tuple(sorted(kinds))
    if level := LEVEL.search(text):
        values["disability_level"] = code_list("disability_level").code_of(f"{level[1]}级")
    told = len(values) > 1 or yes_or_no(text)
    return Reading(values, "" if told else f"「{text[:30]}」看不出残疾类型和等级，请核对")


def not_yet(value: Value, today: date) -> bool:
    """Whether something that has happened is dated in the future."""
    return isinstance(value, date) and value > today


Reader = Callable[[Field, Cell, str], Reading]
NAMED_READERS: Mapping[str, Reader] = {
    "name": _name,
    "phones": _phones,
    "birth_date": _birth,
    "boards_at_school": _boards,
}
KIND_READERS: Mapping[Kind, Reader] = {
    Kind.TEXT: _text,
    Kind.LONG: _text,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.LINES: _lines,
    Kind.DAY: _day,
    Kind.MOMENT: _day,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.REF: _text,
}
