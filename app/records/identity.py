"""Identity numbers: what they say, whether they hold together, and whether a spreadsheet has damaged them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11643-1999: ISO 7064 MOD 11-2, one weight for each of the first 17 digits."""

CHECK_CHARACTERS = "10X98765432"

_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")

# People type a multiplication sign, a star or a Cyrillic letter where the last character is an X.
_X_LOOKALIKES = str.maketrans("×✕╳хХ*", "XXXXXX")
_EXPONENT = re.compile(r"\d(?:\.\d+)?E\+?\d+")


class IdKind(StrEnum):
    """What a number looks like; a birth certificate and a passport cannot always be told apart."""

    RESIDENT = "resident"
    RESIDENT_OLD = "resident_old"  # 15 digits, before 1999
    HMT_RESIDENT = "hmt_resident"  # 81, 82, 83: Hong Kong, Macao and Taiwan
    FOREIGN_RESIDENT = "foreign_resident"
    DISABILITY_CARD = "disability_card"
    BIRTH_CERTIFICATE = "birth_certificate"
    PASSPORT = "passport"
    UNKNOWN = "unknown"
    EMPTY = "empty"


_OTHER_PAPERS = (
    (IdKind.FOREIGN_RESIDENT, re.compile(r"[A-Z]{3}\d{12}")),
    (IdKind.BIRTH_CERTIFICATE, re.compile(r"[A-Z]\d{9}")),
    (IdKind.PASSPORT, re.compile(r"[A-Z]{1,2}\d{7,8}")),
)


@dataclass(frozen=True, slots=True)
class IdReading:
    """What one text tells. ``ok``: it may be kept as a number that holds together.

    ``damaged``: digits were lost on the way, so the person comes in without it. ``reasons`` are Chinese,
    without a full stop; ``hints`` are doubts that never make a number wrong, such as an unknown region.
    """

    kind: IdKind
    normalised: str
    ok: bool
    damaged: bool = False
    birth_date: date | None = None
    sex: str | None = None
    reasons: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DisabilityCard:
    """A 20-character card: the holder's number, and codes of ``disability_type`` and ``disability_level``."""

    id_number: str
    disability_type: str
    disability_level: str


def normalised(text: str) -> str:
    """The number without full-width digits, blanks, dashes, a leading apostrophe or a lower-case x."""
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("'‘’`").removesuffix(".0")
    plain = re.sub(r"[\s\u200b-\u200f\u2060\ufeff\-‐-―_·.]+", "", plain) if not _exponent(plain) else plain
    return plain.upper().translate(_X_LOOKALIKES)


def check_character(first_17: str) -> str:
    """The 18th character that belongs to 17 digits."""
    return CHECK_CHARACTERS[sum(w * int(d) for w, d in zip(WEIGHTS, first_17, strict=True)) % 11]


def examine(text: str, *, stored_as_number: bool = False) -> IdReading:
    """Read an identity number of any kind.

    ``stored_as_number``: the spreadsheet cell held a number, which keeps only 15 digits of 18.
    """
    number = normalised(text)
    if not number:
        return IdReading(IdKind.EMPTY, "", ok=False, reasons=("没有填",))
    if _exponent(number):
        return _lost(number, "表格把号码变成了科学计数，后几位已经丢失")
    if stored_as_number and number.isdecimal() and len(number) > 15:
        return _lost(number, "表格把号码存成了数字，最后几位已经丢失")
    if re.fullmatch(r"\d{17}[\dX]", number):
        return _examine_18(number)
    if re.fullmatch(r"\d{15}", number):
        return _examine_15(number)
    return _examine_other(number)


def match_key(text: str) -> str:
    """The form in which two spellings of one number are equal; 15 digits become the 18 of today."""
    number = normalised(text)
    return _to_18(number) if re.fullmatch(r"\d{15}", number) else number


def examine_disability_card(text: str) -> DisabilityCard | None:
    """The parts of a disability card number, or None if it does not hold together."""
    number = normalised(text)
    if not re.fullmatch(r"\d{17}[\dX][1-7][1-4]", number) or not examine(number[:18]).ok:
        return None
    return DisabilityCard(number[:18], f"6{number[18]}", number[19])


def _exponent(number: str) -> bool:
    return _EXPONENT.fullmatch(number.upper()) is not None


def _lost(number: str, reason: str) -> IdReading:
    return IdReading(IdKind.UNKNOWN, number, ok=False, damaged=True, reasons=(reason,))


def _examine_18(number: str) -> IdReading:
    kind = _kind_18(number)
    born = _birth(number[6:14])
    sex = "1" if int(number[16]) % 2 else "2"
    fits = number[17] == check_character(number[:17])
    damaged = not fits and number.endswith("000")
    reasons: list[str] = []
    if damaged:
        reasons.append("最后三位是 000，多半是表格丢了数字")
    elif not fits:
        reasons.append("最后一位和前面对不上，可能有一位抄错了")
    if born is None:
        reasons.append("里面的出生日期不存在")
    ok = fits and born is not None
    hints = () if _PROVINCES.match(number) or kind is IdKind.FOREIGN_RESIDENT else ("开头的地区代码没见过",)
    return IdReading(kind, number, ok, damaged, born, sex if ok else None, tuple(reasons), hints)


def _kind_18(number: str) -> IdKind:
    if number[:2] in ("81", "82", "83"):
        return IdKind.HMT_RESIDENT
    return IdKind.FOREIGN_RESIDENT if number[0] == "9" else IdKind.RESIDENT


def _examine_15(number: str) -> IdReading:
    born = _birth("19" + number[6:12])
    if born is None:
        return IdReading(IdKind.UNKNOWN, number, ok=False, reasons=("只有 15 位，号码不完整",))
    sex = "1" if int(number[14]) % 2 else "2"
    reason = "是 15 位的旧号码，请换成 18 位的"
    return IdReading(IdKind.RESIDENT_OLD, number, ok=False, birth_date=born, sex=sex, reasons=(reason,))


def _examine_other(number: str) -> IdReading:
    if examine_disability_card(number):
        holder = _examine_18(number[:18])
        return IdReading(IdKind.DISABILITY_CARD, number, True, birth_date=holder.birth_date, sex=holder.sex)
    for kind, pattern in _OTHER_PAPERS:
        if pattern.fullmatch(number):
            return IdReading(kind, number, ok=True)
    return IdReading(IdKind.UNKNOWN, number, ok=False, reasons=(_what_is_odd(number),))


def _what_is_odd(number: str) -> str:
    if re.fullmatch(r"\d+X?", number):
        return f"有 {len(number)} 位，身份证号码应是 18 位"
    return "不像身份证号码"


def _to_18(number: str) -> str:
    first_17 = number[:6] + "19" + number[6:]
    return first_17 + check_character(first_17)


def _birth(digits: str) -> date | None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return born if born.year >= 1850 else None
