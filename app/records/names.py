"""Names as people write them: the middle dot, rare characters, and names that only sound the same."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from functools import cache

from app.paths import resource

MIDDLE_DOT = "·"
"""U+00B7, the only separator that 民委发〔2016〕33号 permits (GB 18030 A1A4)."""

NAME_LIMIT = 50
"""The same document: a name field holds at least 50 characters; counted here by code point."""

_DOTS = str.maketrans(dict.fromkeys("・•‧∙⋅●．｡.。∘◦᛫⸱ꞏ", MIDDLE_DOT))
_PLACEHOLDERS = frozenset({"", "无", "无名", "不详", "未知", "—", "-", "/", "暂无", "未起名"})


def tidy_name(text: str) -> str:
    """The name as it is kept: NFC, one kind of middle dot, no blanks between or around Chinese characters.

    Characters of the private use area become the standard ones where the table knows them.
    """
    plain = unicodedata.normalize("NFC", text).translate(_private_use())
    plain = "".join(ch for ch in plain if unicodedata.category(ch) not in ("Cc", "Cf"))
    plain = _without_blanks(plain)
    return _with_middle_dots(plain) if _has_han(plain) else plain


def is_placeholder(name: str) -> bool:
    """Whether the cell says that there is no name, rather than a name."""
    return tidy_name(name) in _PLACEHOLDERS


def unmapped_characters(name: str) -> tuple[str, ...]:
    """Private-use characters that the table does not know: another program's own drawing of a rare character."""
    return tuple(ch for ch in tidy_name(name) if unicodedata.category(ch) == "Co")


def sounds(name: str) -> frozenset[str]:
    """Every way to say the name without tones, as pinyin syllables joined by blanks (at most 16 ways)."""
    from pypinyin import Style, pinyin  # slow to import: only duplicates and search need it

    letters = tidy_name(name).replace(MIDDLE_DOT, "")
    said = [""]
    for readings in pinyin(letters, style=Style.NORMAL, heteronym=True):
        said = [f"{start} {reading}".strip() for start in said for reading in dict.fromkeys(readings)][:16]
    return frozenset(said)


def similarity(one: str, other: str) -> float:
    """How alike two names are, 0 to 1: 1 the same, 0.9 the same sound, less for each character that differs.

    A guess for showing possible duplicates side by side; it never decides.
    """
    first, second = tidy_name(one), tidy_name(other)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    if sounds(first) & sounds(second):
        return 0.9
    return 0.8 * (1 - _distance(first, second) / max(len(first), len(second)))


def _without_blanks(text: str) -> str:
    """王 芳 is 王芳; the blanks of a name in Latin letters stay, one each."""
    return "".join(text.split()) if _has_han(text) else " ".join(text.split())


def _with_middle_dots(name: str) -> str:
    """Stray dots become the one separator; at the ends they are slips of the typist."""
    parts = [part for part in name.translate(_DOTS).split(MIDDLE_DOT) if part]
    return MIDDLE_DOT.join(parts)


def _has_han(text: str) -> bool:
    return any("\u3400" <= ch <= "\u9fff" or "\U00020000" <= ch <= "\U0003ffff" for ch in text)


def _distance(one: str, other: str) -> int:
    """Characters to insert, delete or replace."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row, above = [i], row
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b)))
    return row[-1]


@cache
def _private_use() -> Mapping[int, str]:
    table = json.loads(resource("data", "private_use.json").read_text(encoding="utf-8"))
    return {int(point, 16): standard for point, standard in table["characters"].items()}
