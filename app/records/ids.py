"""Identifiers of records, made at the desk without asking anyone."""

from __future__ import annotations

import re
import secrets
import time
from datetime import date, datetime

from app.clock import CHINA

YEAR_2200 = 7_258_118_400_000
"""In milliseconds since 1970: an identifier of a later time was not made from a clock."""
_ID = re.compile(r"[0-9a-f]{32}").fullmatch


def new_id() -> str:
    """A UUIDv7 (RFC 9562) as 32 hexadecimal digits: unique without a server, near in the index to its contemporaries.

    The clock in it is a hint only; nothing is ever ordered by it.
    """
    milliseconds = time.time_ns() // 1_000_000 & (1 << 48) - 1
    number = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return f"{number:032x}"


def made_on(id_: str) -> date:
    """The day on which an identifier was made, by the clock of the laptop that made it; 1970 when it tells none."""
    milliseconds = int(id_[:12], 16)
    return datetime.fromtimestamp(milliseconds / 1000 if milliseconds < YEAR_2200 else 0, CHINA).date()


def is_id(text: str) -> bool:
    """Whether it has the form of an identifier."""
    return _ID(text) is not None
