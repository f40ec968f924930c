"""What the county could not take, and why: it travels back to its author and waits to be put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.records.record import Record, choice, long_text, moment, record, ref, text


@record("rejection", "县里没有收下")
@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection(Record):
    """One unit that was refused. ``content`` is the unit as JSON, so that nothing of it is lost (sync.md)."""

    subject: str | None = ref("谁的", "person")
    unit: str | None = text("哪一次保存", required=True, limit=64)
    about_type: str | None = text("记录种类")
    about: str | None = text("记录", limit=32)
    reason: str | None = choice("原因", "rejection_reason", required=True)
    explanation: str | None = long_text("说明", limit=0)
    content: str | None = long_text("内容", limit=0, private=True)
    author: str | None = text("谁写的", private=True)
    refused_at: datetime | None = moment("何时")
    state: str | None = choice("处理情况", "rejection_state", group="settlement")
    settled_by: str | None = text("谁处理的", private=True, group="settlement")
    settled_at: datetime | None = moment("何时处理", group="settlement")
