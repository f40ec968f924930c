"""What this desk saw of others' saves, kept ready for a county that was restored and has lost them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.records import BY_NAME, RECORD_TYPES
from app.store.outbox import OwnChange, milliseconds, stamp_text
from app.store.parts import Held
from app.store.rows import DELETED

if TYPE_CHECKING:
    from sqlite_utils import Database

    from app.store.changes import Writing

Name = tuple[str, str]
REST = "*"
COUNTY_MADE = frozenset({"conflict", "proposal", "rejection"})
"""Made by the county because of somebody's save: giving that save back need not make them again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What bears one stamp here: the values, who set them and when (milliseconds since 1970)."""

    stamp: str
    verb: str
    subject: str
    author: str
    author_name: str
    made_at: int
    changes: tuple[OwnChange, ...]


def foreign_stamps(work: Writing, durable_epoch: str, durable_seq: int) -> list[str]:
    """The stamps of values that others set and that no copy of the county is known to hold, in order."""
    db = work.db
    query = "SELECT epoch, stamp FROM unit WHERE seq IS NOT NULL AND stamp IS NOT NULL"
    own = {stamp_text(*row) for row in db.execute(query)}
    found: set[str] = set()
    for type_, _, stamps in _all_stamps(db):
        found |= set(stamps.values()) - (set() if type_ in COUNTY_MADE else own)
    lost = (stamp for stamp in found if not stamp.startswith("~") and not _is_held(stamp, durable_epoch, durable_seq))
    return sorted(lost, key=lambda stamp: (stamp.partition(":")[0], int(stamp.partition(":")[2] or 0)))


def _is_held(stamp: str, durable_epoch: str, durable_seq: int) -> bool:
    epoch, _, number = stamp.partition(":")
    return epoch == durable_epoch and number.isdigit() and int(number) <= durable_seq


def _all_stamps(db: Database) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What the county says of every record, beneath own changes that wait."""
    for cls in RECORD_TYPES:
        name = cls.spec.name
        query = (
            f"SELECT t.id, coalesce(s.stamps, t.stamps) FROM {name} AS t "
            "LEFT JOIN shadow AS s ON s.type = ? AND s.record = t.id"
        )
        for id_, stamps in db.execute(query, [name]):
            yield name, id_, json.loads(stamps)


def names_by_stamp(work: Writing, stamps: Collection[str]) -> dict[str, list[Name]]:
    """Which records bear these stamps."""
    wanted, found = set(stamps), dict[str, list[Name]]()
    for type_, id_, held in _all_stamps(work.db):
        for stamp in wanted & set(held.values()):
            found.setdefault(stamp, []).append((type_, id_))
    return found


def seen(work: Writing, names: Mapping[str, Sequence[Name]]) -> list[Seen]:
    """What these records hold of each stamp."""
    records = {name for some in names.values() for name in some}
    held = {**work.held(records), **work.shadows(records)}
    told = []
    for stamp, some in names.items():
        (verb, author, author_name, made_at), steps = _history(work.db, stamp)
        changes = [_change(name, held[name], stamp, *steps.get(name, ({}, {}))) for name in some if name in held]
        subject = next((_subject(name, held[name]) for name in some if name in held), "")
        told.append(Seen(stamp, verb, subject, author, author_name, made_at, tuple(changes)))
    return told


def _history(db: Database, stamp: str) -> tuple[tuple[str, str, str, int], dict[Name, tuple[Any, Any]]]:
    """Who set what bears a stamp, and what stood there before, as far as this desk saw it."""
    epoch, _, number = stamp.partition(":")
    query = "SELECT n, verb, author, author_name, made_at FROM unit WHERE epoch = ? AND stamp = ? ORDER BY n"
    row = db.execute(query, [epoch, int(number or 0)]).fetchone()
    if row is None:
        return ("save", "", "", 0), {}
    n, verb, author, author_name, made_at = row
    steps = db.execute("SELECT type, record, before, bases FROM change WHERE unit = ?", [n]).fetchall()
    known = {(type_, id_): (json.loads(before), json.loads(bases)) for type_, id_, before, bases in steps}
    return (verb, author, author_name, milliseconds(made_at)), known


def _change(name: Name, held: Held, stamp: str, before: Mapping[str, Any], known: Mapping[str, str]) -> OwnChange:
    body, stamps = held
    rest = stamps.get(REST, "")
    parts = [part for part in sorted({*body, *stamps} - {REST}) if stamps.get(part, rest) == stamp]
    after = {part: _told(name[0], part, body.get(part), before.get(part)) for part in parts}
    bases = {part: base for part, base in known.items() if part in after and not base.startswith("~")}
    if after.get(DELETED):
        # The county let the deletion stand over all of this: whoever deleted it had seen it.
        bases |= {part: stamps.get(part, rest) for part in body if part != DELETED and stamps.get(part, rest) != stamp}
    return OwnChange(*name, after, bases)


def _told(type_: str, name: str, value: Any, before: Any) -> Any:
    """A set travels as what was put in and taken out."""
    part = BY_NAME[type_].spec.parts.get(name)
    if part is not None and part.is_set:
        now, then = set(value or ()), set(before or ())
        return {"add": sorted(now), "remove": sorted(then - now)}
    return value


def _subject(name: Name, held: Held) -> str:
    found = held[0].get("subject")
    return name[1] if name[0] in ("person", "child", "elder") else found if isinstance(found, str) else ""
