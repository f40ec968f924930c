"""Own saves as they wait to be sent, and as they went."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from app.store.repository import Store

if TYPE_CHECKING:
    from sqlite_utils import Database

Name = tuple[str, str]


class OwnChange(NamedTuple):
    """What an own save did to one record."""

    type: str
    record: str
    after: Mapping[str, Any]
    bases: Mapping[str, str]


class OwnUnit(NamedTuple):
    """An own save; ``made_at`` in milliseconds since 1970, ``stamp`` empty until the county gave one."""

    n: int
    seq: int
    verb: str
    subject: str
    author: str
    author_name: str
    made_at: int
    stamp: str
    changes: tuple[OwnChange, ...]


def unsent(store: Store, limit: int, *, after: int = 0) -> list[OwnUnit]:
    """Own saves that the county has not acknowledged, in the order they were made; those after a number."""
    query = (
        "SELECT n, seq, verb, subject, author, author_name, made_at, epoch, stamp FROM unit "
        "WHERE state IN ('unsent', 'sent') AND seq > ? ORDER BY seq LIMIT ?"
    )
    with store.transaction() as work:
        heads = work.db.execute(query, [after, limit]).fetchall()
        changes = changes_of(work.db, [head[0] for head in heads])
    return [own_unit(head, changes.get(head[0], ())) for head in heads]


def own_units(db: Database, seqs: Collection[int]) -> dict[int, OwnUnit]:
    """Own saves by their number."""
    query = (
        "SELECT u.n, u.seq, u.verb, u.subject, u.author, u.author_name, u.made_at, u.epoch, u.stamp "
        "FROM json_each(?) AS asked CROSS JOIN unit AS u ON u.seq = asked.value"
    )
    heads = db.execute(query, [json.dumps(sorted(seqs))]).fetchall()
    changes = changes_of(db, [head[0] for head in heads])
    return {head[1]: own_unit(head, changes[head[0]]) for head in heads if head[0] in changes}


def own_unit(head: Sequence[Any], changes: Iterable[OwnChange]) -> OwnUnit:
    """A save of its row: n, seq, verb, subject, author, author_name, made_at, epoch, stamp."""
    n, seq, verb, subject, author, name, made_at, epoch, stamp = head
    told = (verb, subject or "", author, name, milliseconds(made_at), stamp_text(epoch, stamp))
    return OwnUnit(n, seq, *told, tuple(changes))


def changes_of(db: Database, units: Sequence[int]) -> dict[int, list[OwnChange]]:
    """What these saves did, by the number of their row."""
    if not units:
        return {}
    query = (
        "SELECT c.unit, c.place, c.type, c.record, c.after, c.bases FROM json_each(?) AS asked "
        "CROSS JOIN change AS c ON c.unit = asked.value"
    )
    found: dict[int, list[OwnChange]] = {}
    # They come nearly in order: to sort them here costs less than ORDER BY. Unit and place decide.
    for unit, _, type_, record, after, bases in sorted(db.execute(query, [json.dumps(units)])):
        found.setdefault(unit, []).append(OwnChange(type_, record, _read(after), {} if bases == "{}" else _read(bases)))
    for done in found.values():
        done[:] = _resolved(db, done)
    refused = _refused_before(db, found)
    for unit, done in found.items() if refused else ():
        found[unit] = [_on_top(change, refused.get((unit, change.type, change.record), ())) for change in done]
    return found


def _resolved(db: Database, done: Iterable[OwnChange]) -> Iterator[OwnChange]:
    """A base that is an own save travels as the stamp it was given, or, if it was refused, as what that was based on.

    Only what still waits goes by its number, ahead of what is based on it: a county that knows two copies of this
    desk knows two saves of the same number.
    """
    for change in done:
        if any(base.startswith("~") for base in change.bases.values()):
            told = {part: _meant(db, change, part, base) for part, base in change.bases.items()}
            change = change._replace(bases={part: base for part, base in told.items() if base})
        yield change


def _meant(db: Database, change: OwnChange, part: str, base: str) -> str:
    query = (
        "SELECT u.state, u.epoch, u.stamp, c.bases FROM unit AS u LEFT JOIN change AS c "
        "ON c.unit = u.n AND c.type = ? AND c.record = ? WHERE u.seq = ?"
    )
    while base.startswith("~"):
        row = db.execute(query, [change.type, change.record, int(base[1:])]).fetchone()
        state, epoch, stamp, bases = row or ("rejected", None, None, None)
        if state in ("unsent", "sent"):
            return base
        base = stamp_text(epoch, stamp) if state != "rejected" else json.loads(bases or "{}").get(part, "")
    return base


def _refused_before(
    db: Database, found: Mapping[int, Sequence[OwnChange]]
) -> dict[tuple[int, str, str], list[dict[str, Any]]]:
    """(unit, type, record) → what the county refused of a record that it never had, and which this unit mends."""
    if not db.execute("SELECT 1 FROM rejection LIMIT 1").fetchone():
        return {}
    query = (
        "SELECT c.type, c.record, c.unit, u.state, c.created, c.after FROM json_each(?) AS asked "
        "CROSS JOIN change AS c ON c.record = asked.value CROSS JOIN unit AS u ON u.n = c.unit "
        "WHERE u.seq IS NOT NULL ORDER BY u.seq, c.place"
    )
    names = {(change.type, change.record) for done in found.values() for change in done}
    waiting: dict[Name, list[dict[str, Any]]] = {}
    mended: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    for type_, record, unit, state, created, after in db.execute(query, [json.dumps([id_ for _, id_ in names])]):
        if created:
            waiting[type_, record] = []
        if state == "rejected" and (type_, record) in waiting:
            waiting[type_, record].append(json.loads(after))
        elif earlier := waiting.pop((type_, record), None):
            mended[unit, type_, record] = earlier
    return mended


def _on_top(change: OwnChange, refused: Sequence[Mapping[str, Any]]) -> OwnChange:
    """The change with what was refused before beneath it: together they make the record that the county has not."""
    if not refused:
        return change
    whole: dict[str, Any] = {}
    for after in (*refused, change.after):
        for part, value in after.items():
            is_steps = isinstance(value, dict) and value.keys() == {"add", "remove"}
            before = set(whole.get(part, {}).get("add", ())) if is_steps else set()
            steps = (before | set(value["add"])) - set(value["remove"]) if is_steps else before
            whole[part] = {"add": sorted(steps), "remove": []} if is_steps else value
    return OwnChange(change.type, change.record, whole, {})


# JSON as the store wrote it; a first exchange reads tens of thousands of values.
_read = msgspec.json.Decoder().decode


@lru_cache(1_000)
def milliseconds(made_at: str) -> int:
    """An instant's ISO text as milliseconds since 1970."""
    return int(datetime.fromisoformat(made_at).timestamp() * 1000)


def stamp_text(epoch: str | None, number: int | None) -> str:
    """A stamp of its two columns; empty when there is none."""
    return f"{epoch}:{number}" if epoch and number is not None else ""
