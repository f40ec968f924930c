"""Pinyin initials of short words, so that lx finds 李湘 in a list."""

from __future__ import annotations

from functools import cache


@cache
def initials(text: str) -> str:
    """The first letters, lower case: 走访 → zf. What is not a character stays as it is."""
    from pypinyin import Style, lazy_pinyin  # 0.2 s to import, so not before the first list asks

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower()


def matches(typed: str, *words: str) -> bool:
    """Whether what was typed is part of a word or the beginning of its initials."""
    wanted = typed.strip().lower()
    if not wanted:
        return True
    if wanted.isascii() and wanted.isalpha():
        return any(initials(word).startswith(wanted) or wanted in word.lower() for word in words)
    return any(wanted in word.lower() for word in words)
