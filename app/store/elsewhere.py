"""What was saved at other desks, noted down so that a record's history tells of it here."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from app.store.rows import insert_many

if TYPE_CHECKING:
    from sqlite_utils import Database

Name = tuple[str, str]


class Foreign(NamedTuple):
    """A save of another desk, as the county tells of it."""

    stamp: str
    author: str
    author_name: str
    verb: str
    at: int


class Step(NamedTuple):
    """What a pulled row changed here, under the stamp of one save; ``bases`` are the stamps it replaced here."""

    stamp: str
    name: Name
    created: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    bases: Mapping[str, str] = MappingProxyType({})


_name = attrgetter("name")


def note(db: Database, foreign: Iterable[Foreign], steps: Sequence[Step]) -> None:
    """Who changed what elsewhere, so that a record's history tells of it; what was saved here is told already."""
    numbers, own = _units_of(db, {step.stamp for step in steps})
    told = [step for step in steps if step.stamp not in own]
    signed = {each.stamp: each for each in foreign}
    missing = [stamp for stamp in dict.fromkeys(step.stamp for step in told) if stamp not in numbers]
    last = db.execute("SELECT coalesce(max(n), 0) FROM unit").fetchone()[0]
    numbers |= {stamp: n for n, stamp in enumerate(missing, last + 1)}
    insert_many(
        db, "INSERT INTO unit (n, verb, author, author_name, made_at, epoch, stamp, state)",
        [(numbers[stamp], *_foreign(stamp, signed.get(stamp)), "county") for stamp in missing],
    )  # fmt: skip
    insert_many(
        db, "INSERT INTO change (unit, place, type, record, created, before, after, bases)",
        [
            (numbers[stamp], 0, *name, created, _text(before), _text(after), _text(bases))
            for stamp, name, created, before, after, bases in sorted(told, key=_name)  # as their index lies
        ],
    )  # fmt: skip


def _units_of(db: Database, stamps: Collection[str]) -> tuple[dict[str, int], set[str]]:
    """The numbers of the saves that bear these stamps here, and which of them were made here."""
    by_epoch: dict[str, list[int]] = {}
    for stamp in stamps:
        epoch, _, number = stamp.partition(":")
        by_epoch.setdefault(epoch, []).append(int(number or 0))
    query = (
        "SELECT ? || ':' || u.stamp, u.n, u.seq FROM json_each(?) AS asked "
        "CROSS JOIN unit AS u ON u.epoch = ? AND u.stamp = asked.value"
    )
    found = [
        row for epoch, numbers in by_epoch.items() for row in db.execute(query, [epoch, json.dumps(numbers), epoch])
    ]
    own = {stamp for stamp, _, seq in found if seq is not None}
    return {stamp: n for stamp, n, _ in found if stamp not in own}, own


def _foreign(stamp: str, signed: Foreign | None) -> tuple[Any, ...]:
    epoch, _, number = stamp.partition(":")
    told = (signed.verb, signed.author, signed.author_name, signed.at) if signed else ("save", "", "", 0)
    return (*told[:3], _moment(told[3]), epoch, int(number or 0))


@lru_cache(1_000)
def _moment(at: int) -> str:
    """What arrived together bears one time."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()


# Made once: json.dumps with these wishes makes an encoder for every call, and a first exchange makes 40,000.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _text(value: Any) -> str:
    return _encode(value) if value else "{}"
