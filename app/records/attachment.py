"""A photo or a paper that belongs to a person's file; the bytes lie encrypted beside the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.records.record import Record, choice, day, number, record, ref, text


@record("attachment", "附件")
@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment(Record):
    """What a stored blob is; found by its SHA-256. At most 1600 px and 300 kB, location data removed (sync.md)."""

    subject: str | None = ref("谁的", "person", required=True)
    about: str | None = text("属于哪条记录", limit=32)
    kind: str | None = choice("种类", "attachment_kind")
    title: str | None = text("名称", limit=100, private=True)
    sha256: str | None = text("内容校验", required=True, limit=64)
    size: int | None = number("大小（字节）")
    media_type: str | None = text("格式", limit=40)
    taken_on: date | None = day("拍摄日期")
