"""A change to a record that its author no longer looks after: the new owner takes it over or leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.records.record import Record, choice, long_text, moment, record, ref, text


@record("proposal", "转来的修改")
@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal(Record):
    """One unit of a desk that the record has left. ``content`` is the unit as JSON (sync.md, "At the county").

    The county makes it where the record is now; any desk there settles it, offline too.
    """

    subject: str | None = ref("谁的", "person")
    unit: str | None = text("哪一次保存", required=True, limit=64)
    about_type: str | None = text("记录种类")
    about: str | None = text("记录", limit=32)
    content: str | None = long_text("内容", limit=0, private=True)
    author: str | None = text("谁写的", private=True)
    from_org: str | None = text("从哪里转来", limit=12)
    proposed_at: datetime | None = moment("何时")
    state: str | None = choice("处理情况", "proposal_state", group="settlement")
    settled_by: str | None = text("谁处理的", private=True, group="settlement")
    settled_at: datetime | None = moment("何时处理", group="settlement")
