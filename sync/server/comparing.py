"""Help a desk find where it differs: sums over parts of what it may see, and single records by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.errors import CountyRefused
from sync.drill import ID, LEAF, MOST_NAMES, MOST_PARTS, Detail, Name, Part
from sync.messages import Page
from sync.server import tables
from sync.server.giving import Giving

record = tables.record


def look(giving: Giving, parts: Sequence[Part]) -> list[Detail]:
    """What the device may see of each part, by its next digit, or one by one. Raises CountyRefused."""
    if len(parts) > MOST_PARTS:
        raise _too_much()
    return [_detail(giving, part) for part in parts]


def _detail(giving: Giving, part: Part) -> Detail:
    _, _, end = part
    (count,) = _found(giving, part, sa.func.count())
    if count[0] <= LEAF:
        return Detail(
            ids={id_: (h1, h2) for id_, h1, h2 in _found(giving, part, record.c.id, record.c.h1, record.c.h2)}
        )
    digit = sa.func.substr(record.c.id, ID - len(end), 1)
    sums = (digit, sa.func.count(), sa.func.sum(record.c.h1), sa.func.sum(record.c.h2))
    grouped = _found(giving, part, *sums, by=digit)
    return Detail({next_: (n, int(h1), int(h2)) for next_, n, h1, h2 in grouped})


def _found(giving: Giving, part: Part, *columns: Any, by: Any = None) -> Sequence[Any]:
    org, type_, end = part
    query = sa.select(*columns).where(
        record.c.county == giving.ledger.county, record.c.org == org, record.c.type == type_
    )
    if end:
        query = query.where(sa.func.substr(record.c.id, ID + 1 - len(end)) == end)
    if by is not None:
        query = query.group_by(by)
    return giving.connection.execute(giving.visible(query)).all()


def named(giving: Giving, names: Sequence[Name]) -> Page:
    """These records, as far as the device may see them. Raises CountyRefused."""
    if len(names) > MOST_NAMES:
        raise _too_much()
    return giving.named(names)


def _too_much() -> CountyRefused:
    return CountyRefused("资料都在这台电脑上。一次问得太多。", advice="请升级程序再试。", code="C11")
