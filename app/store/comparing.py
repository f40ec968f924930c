"""What this desk noted of the county's records, part by part, for finding where the two differ."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING

from app.records import RECORD_TYPES

if TYPE_CHECKING:
    from app.store.changes import Writing

Name = tuple[str, str]
Noted = tuple[str, str, str, int, int]
"""A record as the county has it: type, id, division, two digests."""
_ALL = "SELECT type, record, org, h1, h2 FROM county_row"


def sums_beneath(work: Writing, org: str, type_: str, end: str) -> dict[str, tuple[int, int, int]]:
    """Counts and sums by the digit before what the ids end in."""
    query = (
        "SELECT substr(record, length(record) - ?, 1) AS digit, count(*), sum(h1), sum(h2) FROM county_row "
        "WHERE org = ? AND type = ? AND record LIKE ? GROUP BY digit"
    )
    rows = work.db.execute(query, [len(end), org, type_, f"%{end}"])
    return {digit: (count, h1, h2) for digit, count, h1, h2 in rows}


def noted(work: Writing, org: str, type_: str, end: str = "") -> list[Noted]:
    """Each record of a part."""
    query = f"{_ALL} WHERE org = ? AND type = ? AND record LIKE ? ORDER BY record"
    return [tuple(row) for row in work.db.execute(query, [org, type_, f"%{end}"]).fetchall()]


def noted_after(work: Writing, last: Name, most: int) -> list[Noted]:
    """The next records in the order of their names."""
    query = f"{_ALL} WHERE (type, record) > (?, ?) ORDER BY type, record LIMIT ?"
    return [tuple(row) for row in work.db.execute(query, [*last, most]).fetchall()]


def forget_noted(work: Writing, names: Collection[Name]) -> None:
    """What the county said of these is not known any more."""
    work.db.conn.executemany("DELETE FROM county_row WHERE type = ? AND record = ?", sorted(names))


def strays(work: Writing) -> set[Name]:
    """Records that lie here although the county is not known to have them, and that nobody here has changed since."""
    found: set[Name] = set()
    for name in (cls.spec.name for cls in RECORD_TYPES):
        query = (
            f"SELECT t.id FROM {name} AS t LEFT JOIN county_row AS c ON c.type = ? AND c.record = t.id "
            "WHERE c.record IS NULL AND t.stamps NOT LIKE '%~%'"
        )
        found |= {(name, id_) for (id_,) in work.db.execute(query, [name])}
    query = (
        "SELECT t.type, t.record FROM carried AS t LEFT JOIN county_row AS c ON c.type = t.type "
        "AND c.record = t.record WHERE c.record IS NULL AND t.stamps NOT LIKE '%~%'"
    )
    return found | {(type_, id_) for type_, id_ in work.db.execute(query)}


def with_history(work: Writing, names: Collection[Name]) -> set[Name]:
    """Those of which some save is known here."""
    query = (
        "SELECT DISTINCT c.type, c.record FROM json_each(?) AS asked CROSS JOIN change AS c ON c.record = asked.value"
    )
    ids = json.dumps([id_ for _, id_ in names])
    return {(type_, id_) for type_, id_ in work.db.execute(query, [ids])} & set(names)
