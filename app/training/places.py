"""Where the practice county is, and who works there: divisions beginning with 5399, which no real code does."""

from __future__ import annotations

from app.records.divisions import PRACTICE_COUNTY, full_name, short_name
from app.store.results import Post

COUNTY = PRACTICE_COUNTY
TOWN = "539900101000"
VILLAGE = "539900101200"
SECOND_VILLAGE = "539900101201"
BIG_VILLAGE = "539900101001"

AREA = "539901"
"""What the invented identity numbers begin with; no county has this code."""

PASSPHRASE = "练习口令不保密"
"""Of every practice workspace: there is nothing in it to keep secret."""

DIRECTOR = "罗明灯"
SECOND_DIRECTOR = "段晓雾"
SUPERVISOR = "钟守义"
SOCIAL_WORKER = "林知夏"
BIG_DIRECTOR = "宋千里"

ROLE_WORDS = {
    "child_director": "儿童主任",
    "child_supervisor": "儿童督导员",
    "social_worker": "社工",
    "officer": "民政干部",
}


def post(org: str, role: str) -> Post:
    """A post in the practice county, named as people say it: 练习村儿童主任."""
    return Post(org, role, f"{short_name(org)}{ROLE_WORDS[role]}")


def address(org: str, group: str, door: int) -> str:
    """An address in a practice village."""
    return f"{full_name(org).removeprefix('练习县')}{group}{door}号"
