"""The short number on a printed sheet: the laptop's two letters, a running number, and a check character."""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
QR_MARK = "SW1:"
"""What the code on the sheet holds before the number; no fact about a person is in it."""
DIGITS = 4
TO_DIGIT = str.maketrans("OI", "01")
TO_LETTER = str.maketrans("01", "OI")


def make(prefix: str, sequence: int) -> str:
    """The number as printed, ``AB-0042-7``. Raises ValueError for a prefix that is not two letters A to Z."""
    if not (len(prefix) == 2 and prefix.isascii() and prefix.isalpha() and prefix.isupper()) or sequence < 1:
        raise ValueError(f"no sheet number from {prefix!r} and {sequence}")
    digits = f"{sequence:0{DIGITS}d}"
    return f"{prefix}-{digits}-{check_character(prefix + digits)}"


def read(text: str) -> str | None:
    """The number that somebody typed or a camera read, in its printed form; None when the check does not hold.

    Full-width characters, missing or other dashes, lower case, the QR mark, and O for 0 or I for 1 are taken as
    they are meant.
    """
    typed = unicodedata.normalize("NFKC", text).upper().strip().removeprefix(QR_MARK)
    bare = "".join(char for char in typed if char in ALPHABET)
    prefix, digits, mark = bare[:2].translate(TO_LETTER), bare[2:-1].translate(TO_DIGIT), bare[-1:]
    if not (prefix.isalpha() and digits.isdigit() and len(digits) >= DIGITS and int(digits) > 0):
        return None
    expected = check_character(prefix + digits)
    return f"{prefix}-{digits}-{expected}" if expected.translate(TO_DIGIT) == mark.translate(TO_DIGIT) else None


def check(text: str) -> bool:
    """Whether it is a sheet number without a slip."""
    return read(text) is not None


def qr_text(number: str) -> str:
    """What the QR code of a sheet holds."""
    return QR_MARK + number


def check_character(bare: str) -> str:
    """ISO/IEC 7064, MOD 37,36: finds every single wrong character and nearly every swap of two neighbours."""
    size = len(ALPHABET)
    carry = size
    for char in bare:
        carry = ((carry + ALPHABET.index(char)) % size or size) * 2 % (size + 1)
    return ALPHABET[(1 - carry) % size]
