"""Two people changed the same field without seeing each other: what both wrote, until somebody settles it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.records.record import Record, choice, flag, long_text, moment, record, ref, text


@record("conflict", "两边改得不一样")
@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict(Record):
    """The county makes it, any desk in its audience settles it, offline too (sync.md). Values are JSON text.

    ``earlier`` are the settlements of two people who did not know of each other, after which it is open again.
    """

    subject: str | None = ref("谁的", "person")
    about_type: str | None = text("记录种类", required=True)
    about: str | None = text("记录", required=True, limit=32)
    part: str | None = text("项目", required=True)
    must_ask: bool | None = flag("需要核对")
    before: str | None = long_text("改之前", limit=0, private=True)
    current: str | None = long_text("现在的", limit=0, private=True)
    current_by: str | None = text("现在的是谁写的", private=True)
    current_at: datetime | None = moment("现在的何时送到")
    other: str | None = long_text("另一个", limit=0, private=True)
    other_by: str | None = text("另一个是谁写的", private=True)
    other_at: datetime | None = moment("另一个何时送到")
    earlier: str | None = long_text("前面各自定的", limit=0, private=True)
    state: str | None = choice("处理情况", "conflict_state", group="settlement")
    settled_value: str | None = long_text("选定的", limit=0, private=True, group="settlement")
    settled_by: str | None = text("谁处理的", private=True, group="settlement")
    settled_at: datetime | None = moment("何时处理", group="settlement")
