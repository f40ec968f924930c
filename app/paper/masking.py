"""Hide most of a number on paper that is carried about or may be left in a village."""

from __future__ import annotations

LONG_ENOUGH = 15
"""From this length a number is masked as an identity number is: the region in front, four digits behind."""


def masked_number(number: str) -> str:
    """530602201503140010 → 530***********0010; a short one keeps its ends only (domain.md, 5.2)."""
    if len(number) >= LONG_ENOUGH:
        return _masked(number, 3, 4)
    return _masked(number, 1, 2) if len(number) > 3 else "*" * len(number)


def masked_phone(number: str) -> str:
    """13812341234 → 138****1234; a landline or a short number keeps its last two."""
    digits = sum(char.isdigit() for char in number)
    if digits >= 11 and number[:1] != "0":
        return _masked(number, 3, 4)
    return "*" * max(len(number) - 2, 0) + number[-2:] if len(number) > 2 else "*" * len(number)


def _masked(text: str, front: int, back: int) -> str:
    return text[:front] + "*" * (len(text) - front - back) + text[-back:]
