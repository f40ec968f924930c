"""A printed sheet: the short number on the paper, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.records.record import Merge, Record, choice, moment, record, ref, text


@record("sheet", "纸质表")
@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet(Record):
    """One sheet of paper with a short number; it travels, so that any laptop of the post can type it in (design.md)."""

    org: str | None = text("所属村（社区）", required=True, merge=Merge.ASK)
    number: str | None = text("表号", required=True, limit=16)
    form: str | None = text("表格", required=True, limit=40)
    form_version: str | None = text("表格版本", limit=20)
    person: str | None = ref("谁的表", "person")
    printed_at: datetime | None = moment("打印时间")
    printed_by: str | None = text("打印人", limit=50, private=True)
    state: str | None = choice("录入情况", "sheet_state")
    typed_at: datetime | None = moment("录入时间")
    typed_record: str | None = text("录入成的记录", limit=32)
