"""What this desk saw of others' saves, kept ready for a county that was restored and has lost them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.records import BY_NAME, RECORD_TYPES
from app.records.shown import SHOWN, as_shown
from app.store.outbox import OwnChange, milliseconds, stamp_text
from app.store.parts import Held
from app.store.rows import DELETED

if TYPE_CHECKING:
    from sqlite_utils import Database

    from app.store.changes import Writing

Name = tuple[str, str]
Replaced = dict[str, dict[Name, tuple[dict[str, Any], dict[str, str]]]]
"""stamp → record → the values that it set and what stood there before, as stamps."""
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
    """The stamps of values that others set and that no copy of the county is known to hold."""
    db = work.db
    own = _own_stamps(db)
    found = replaced(work).keys() - own.keys()
    for type_, _, stamps in _all_stamps(db):
        found |= set(stamps.values()) - (set() if type_ in COUNTY_MADE else own.keys())
    return [each for each in found if not each.startswith("~") and not _is_held(each, durable_epoch, durable_seq)]


def _own_stamps(db: Database, which: str = "") -> dict[str, int]:
    """The stamps that own saves were given, with their numbers."""
    query = f"SELECT epoch, stamp, seq FROM unit WHERE seq IS NOT NULL AND stamp IS NOT NULL {which}"
    return {stamp_text(epoch, stamp): seq for epoch, stamp, seq in db.execute(query)}


def offered_again(work: Writing) -> dict[str, int]:
    """The numbers of own saves that a county took once and has lost, by the stamps that it gave them."""
    return _own_stamps(work.db, "AND state IN ('unsent', 'sent')")


def in_order(work: Writing, stamps: Iterable[str]) -> list[str]:
    """As the county gave them: by its lives, as this desk came to know them, and in each by number."""
    query = "SELECT epoch FROM unit WHERE epoch IS NOT NULL GROUP BY epoch ORDER BY min(n)"
    lives = {epoch: place for place, (epoch,) in enumerate(work.db.execute(query))}

    def place(stamp: str) -> tuple[int, str, int]:
        epoch, _, number = stamp.partition(":")
        return lives.get(epoch, len(lives)), epoch, int(number or 0)

    return sorted(stamps, key=place)


def replaced(work: Writing) -> Replaced:
    """Values that stood here until another save replaced them, by the stamp that they bore, as the history tells it."""
    query = (
        "SELECT u.seq, u.epoch, u.stamp, c.type, c.record, c.before, c.after, c.bases "
        "FROM change AS c JOIN unit AS u ON u.n = c.unit ORDER BY u.n, c.place"
    )
    found: Replaced = {}
    for seq, epoch, number, type_, id_, before, after, bases in work.db.execute(query):
        if type_ in COUNTY_MADE or type_ not in BY_NAME:
            continue
        told = {part: base for part, base in json.loads(bases).items() if _is_plain(type_, part)}
        was = json.loads(before)
        for part, base in told.items():
            if base and not base.startswith("~") and part in was:
                _values(found, base, (type_, id_))[0].setdefault(part, was[part])
        if seq is None and number is not None:
            values, seen_before = _values(found, stamp_text(epoch, number), (type_, id_))
            values |= {part: value for part, value in json.loads(after).items() if _is_plain(type_, part)}
            seen_before |= {part: base for part, base in told.items() if base}
    return found


def _values(found: Replaced, stamp: str, name: Name) -> tuple[dict[str, Any], dict[str, str]]:
    return found.setdefault(stamp, {}).setdefault(name, ({}, {}))


def _is_plain(type_: str, name: str) -> bool:
    """Whether a part's value replaces another: entries of a set stay beside each other, a deletion is no value."""
    part = BY_NAME[type_].spec.parts.get(name)
    return not name.startswith(("@", SHOWN)) and not (part is not None and part.is_set)


def _is_held(stamp: str, durable_epoch: str, durable_seq: int) -> bool:
    epoch, _, number = stamp.partition(":")
    return epoch == durable_epoch and number.isdigit() and int(number) <= durable_seq


def _all_stamps(db: Database) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What the county says of every record, beneath own changes that wait, and of what this program only carries."""
    for cls in RECORD_TYPES:
        name = cls.spec.name
        query = (
            f"SELECT t.id, coalesce(s.stamps, t.stamps) FROM {name} AS t "
            "LEFT JOIN shadow AS s ON s.type = ? AND s.record = t.id"
        )
        for id_, stamps in db.execute(query, [name]):
            yield name, id_, json.loads(stamps)
    for name, id_, stamps in db.execute("SELECT type, record, stamps FROM carried"):
        yield name, id_, json.loads(stamps)


def names_by_stamp(work: Writing, stamps: Collection[str]) -> dict[str, list[Name]]:
    """Which records bear these stamps."""
    wanted, found = set(stamps), dict[str, list[Name]]()
    for type_, id_, held in _all_stamps(work.db):
        for stamp in wanted & set(held.values()):
            found.setdefault(stamp, []).append((type_, id_))
    return found


def seen(work: Writing, names: Mapping[str, Sequence[Name]], before: Replaced) -> list[Seen]:
    """What these records hold of each stamp, or held until somebody replaced it (``before``)."""
    records = {name for some in names.values() for name in some}
    records |= {name for stamp in names for name in before.get(stamp, ())}
    held = work.said(records)
    told = []
    for stamp, some in names.items():
        (verb, author, author_name, made_at), steps = _history(work.db, stamp)
        gone = before.get(stamp, {})
        here = [name for name in dict.fromkeys((*some, *gone)) if name in held]
        changes = [_change(name, held[name], stamp, *steps.get(name, ({}, {}))) for name in here]
        changes = [_with(change, *gone.get(name, ({}, {}))) for name, change in zip(here, changes, strict=True)]
        subject = next((_subject(name, held[name]) for name in here), "")
        told.append(Seen(stamp, verb, subject, author, author_name, made_at, tuple(filter(_says_something, changes))))
    return [each for each in told if each.changes]


def _with(change: OwnChange, values: Mapping[str, Any], bases: Mapping[str, str]) -> OwnChange:
    """And what somebody has replaced since."""
    return change._replace(after={**values, **change.after}, bases={**bases, **change.bases})


def _says_something(change: OwnChange) -> bool:
    return bool(change.after)


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
    # What an earlier life of the county had shown in its place is not what this save took out (``known``: its ground).
    then = {part: before.get(part) for part in known}
    after = {part: _told(name[0], part, body.get(part), then.get(part)) for part in parts}
    bases = {part: base for part, base in known.items() if part in after and not base.startswith("~")}
    if after.get(DELETED):
        # The county let the deletion stand over all of this: whoever deleted it had seen it.
        bases |= {part: stamps.get(part, rest) for part in body if part != DELETED and stamps.get(part, rest) != stamp}
        cls = BY_NAME.get(name[0])
        bases |= as_shown(cls.spec if cls else None, body)
    return OwnChange(*name, after, bases)


def _told(type_: str, name: str, value: Any, before: Any) -> Any:
    """A set travels as what was put in and taken out; whatever else another program put in its place, as it is."""
    part = BY_NAME[type_].spec.parts.get(name) if type_ in BY_NAME else None
    if part is not None and part.is_set and _is_entries(value) and _is_entries(before):
        now, then = set(value or ()), set(before or ())
        return {"add": sorted(now), "remove": sorted(then - now)}
    return value


def _is_entries(value: Any) -> bool:
    return value is None or (isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value))


def _subject(name: Name, held: Held) -> str:
    found = held[0].get("subject")
    return name[1] if name[0] in ("person", "child", "elder") else found if isinstance(found, str) else ""
