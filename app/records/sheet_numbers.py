"""The short number on a printed sheet: the laptop's two letters, a running number, and a check character."""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which a hand writes as 1 and 0; they are read as what they look like."""
QR_MARK = "SW1:"
"""What the code on the sheet holds before the number; no fact about a person is in it."""
DIGITS = 4
MOST_DIGITS = 9
TO_DIGIT = str.maketrans("OI", "01")


def make(prefix: str, sequence: int) -> str:
    """The number as printed, ``AB-0042-7``. Raises ValueError for a prefix that is not two letters of ALPHABET."""
    if not (len(prefix) == 2 and prefix.isalpha() and set(prefix) <= set(ALPHABET)) or sequence < 1:
        raise ValueError(f"no sheet number from {prefix!r} and {sequence}")
    digits = f"{sequence:0{DIGITS}d}"
    return f"{prefix}-{digits}-{check_character(prefix + digits)}"


def read(text: str) -> str | None:
    """The number that somebody typed or a camera read, in its printed form; None when the check does not hold.

    Full-width characters, missing or other dashes, lower case, the QR mark, and O for 0 or I for 1 are taken as
    they are meant.
    """
    typed = unicodedata.normalize("NFKC", text).upper().strip().removeprefix(QR_MARK).translate(TO_DIGIT)
    bare = "".join(char for char in typed if char in ALPHABET)
    prefix, digits, mark = bare[:2], bare[2:-1], bare[-1:]
    if not (prefix.isalpha() and digits.isdigit() and DIGITS <= len(digits) <= MOST_DIGITS and int(digits) > 0):
        return None
    return f"{prefix}-{digits}-{mark}" if check_character(prefix + digits) == mark else None


def check(text: str) -> bool:
    """Whether it is a sheet number without a slip."""
    return read(text) is not None


def qr_text(number: str) -> str:
    """What the QR code of a sheet holds."""
    return QR_MARK + number


def check_character(bare: str) -> str:
    """The hybrid scheme of ISO/IEC 7064 (its MOD 37,36) over 34 characters: every single slip is found."""
    size = len(ALPHABET)
    carry = size
    for char in bare:
        carry = ((carry + ALPHABET.index(char)) % size or size) * 2 % (size + 1)
    return ALPHABET[(1 - carry) % size]
