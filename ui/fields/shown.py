"""A value in words, as lists, last answers and histories show it."""

from __future__ import annotations

from datetime import date, datetime

from app.clock import CHINA
from app.records.codes import code_list
from app.records.record import Field, Kind, Value

YES, NO = "是", "否"


def shown(field: Field, value: Value) -> str:
    """The value in Chinese, in one line; empty for nothing. References show as their id: ask for a name first."""
    if value is None or value == "" or value == ():
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, tuple):
        return "、".join(_word(field, item) for item in value)
    if isinstance(value, datetime):
        return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return _word(field, value)


def _word(field: Field, value: str | int) -> str:
    if field.kind in (Kind.CHOICE, Kind.CHOICES) and isinstance(value, str):
        return code_list(field.of).label(value)
    return " ".join(str(value).split("\n"))
