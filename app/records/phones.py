"""Telephone numbers out of a cell: several of them, with the words people write beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"(?:0\d{2,3})?[2-9]\d{6,7}")

_HALF_WIDTH = str.maketrans("０１２３４５６７８９＋－", "0123456789+-")  # marks in the words beside stay
_DIGITS = re.compile(r"(?:\+|00)?\d(?:[\d ()（）\-–—]*\d)?")
_CHINA = re.compile(r"^(?:\+86|0086|86(?=1[3-9]\d{9}$))")


@dataclass(frozen=True, slots=True)
class Phone:
    """One number without blanks or dashes; ``kind`` is mobile, landline or other; ``note`` the words beside it."""

    number: str
    kind: str
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is a usual mobile or landline number; others are kept as they are."""
        return self.kind != "other"


def read_phones(cell: str) -> tuple[Phone, ...]:
    """Every number of a cell, in order; words stay with the number they stand before, or else behind."""
    text = _apart(cell.translate(_HALF_WIDTH).strip().removesuffix(".0"))
    found = [match for match in _DIGITS.finditer(text) if sum(map(str.isdigit, match[0])) >= 5]
    phones: list[Phone] = []
    for index, match in enumerate(found):
        before = text[found[index - 1].end() if index else 0 : match.start()]
        after = text[match.end() :] if index == len(found) - 1 else ""
        phones.append(_phone(match[0], _note(before) or _note(after)))
    return tuple(phones)


def phone_kind(number: str) -> str:
    """mobile, landline, or other (foreign, a short number, a slip)."""
    if MOBILE.fullmatch(number):
        return "mobile"
    return "landline" if LANDLINE.fullmatch(number) else "other"


def _phone(text: str, note: str) -> Phone:
    number = _CHINA.sub("", re.sub(r"[^\d+]", "", text))
    return Phone(number, phone_kind(number), note)


def _apart(text: str) -> str:
    """Two numbers with a blank, a dash or nothing between them are two: 13811112222 13933334444."""
    text = re.sub(r"(?<!\d)(1[3-9]\d{9})(?=1[3-9]\d{9}(?!\d))", r"\1;", text)
    return re.sub(r"(?<!\d)(1[3-9]\d{9})[ \-–—]+(?=\d)", r"\1;", text)


def _note(text: str) -> str:
    return text.strip(" \t\n;；,，、/|()（）:：.。")
