"""The bin: ninety days of county time after a deletion nothing is left of a record but that it was deleted."""

from __future__ import annotations

import hmac
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any

import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.engine import Connection

from sync.merge import DELETED, EMPTIED, NEVER, REST, Stamp, State
from sync.messages import Change, Unit
from sync.server import passing, tables
from sync.server.database import BUSY
from sync.server.ledger import Ledger, chunks, now_ms
from sync.server.shape import Refused, subject_of
from sync.server.sitting import TELLS_OF, Kept, Name, Sitting, decode

DAYS = 90
DAY = 86_400_000
AT_WORK = 30
"""On so many different days desks must have handed something over since: a clock that jumps ahead has none of them."""
BLOCK = 500
"""So many records, or files, in one transaction: pushes come in between."""


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many records of each type, how many photos; how many persons stay because somebody wrote about them since,
    or because another registration of the same person lives."""

    records: Mapping[str, int]
    photos: int
    staying: int


def empty(ledger: Ledger, at: int | None = None) -> Emptied:
    """Empty the bin of what was deleted ninety days before ``at``, in milliseconds since 1970 (see ``sure_now``).

    Each record is erased in one transaction with its history, and with what conflicts and rejections hold of it.
    """
    at = at or sure_now(ledger)
    records, photos = Counter[str](), 0
    while _is_anything_due(ledger, at):
        with ledger.writing() as connection:
            names = [name for file in islice(filter(None, _due(ledger, connection, at)), BLOCK) for name in file]
            last = ledger.advance(connection, len(names))
            sitting = Sitting(ledger, connection)
            photos += erase(sitting, dict(zip(names, range(last - len(names) + 1, last + 1), strict=True)))
            sitting.write()
            records.update(type_ for type_, _ in names)
    return Emptied(records, photos, foresee(ledger, at).staying)


def foresee(ledger: Ledger, at: int | None = None) -> Emptied:
    """What ``empty`` would do."""
    at = at or sure_now(ledger)
    with ledger.reading() as connection:
        found = list(_due(ledger, connection, at))
        names = dict.fromkeys(name for file in found if file for name in file)
        shared = _photos_of(ledger, connection, names)
    photos = sum(users <= names.keys() for users in shared.values())
    return Emptied(Counter(type_ for type_, _ in names), photos, found.count(None))


def sure_now(ledger: Ledger) -> int:
    """The county's time as far as its own work bears it out, in milliseconds since 1970.

    What was erased in error is gone: so ninety days have passed since a deletion only if the clock says so and desks
    were served on thirty days in between. They count from the beginning of this life of the data at the earliest:
    after a restore, who was away must still be able to say that somebody is needed.
    """
    unit, now = tables.unit, now_ms()
    day = unit.c.arrived_at // DAY
    with ledger.reading() as connection:
        days = ledger.of(unit, sa.func.max(unit.c.arrived_at)).group_by(day).order_by(sa.desc(day)).limit(AT_WORK)
        worked = [int(at) for (at,) in connection.execute(days) if at is not None]
        began = ledger.one(connection, tables.space)["life_at"] or 0
    if len(worked) < AT_WORK or now - began < DAYS * DAY:
        return 0
    return min(now, worked[-1] + DAYS * DAY)


def _is_anything_due(ledger: Ledger, at: int) -> bool:
    with ledger.reading() as connection:
        return any(_due(ledger, connection, at))


def _due(ledger: Ledger, connection: Connection, at: int) -> Iterator[list[Name] | None]:
    """What is to be emptied together: a record, a person with the whole file; None for each person who stays."""
    record = tables.record
    query = ledger.of(record, record.c.type, record.c.id, record.c.seq)
    due = query.where(record.c.deleted_at <= at - DAYS * DAY)
    passed: set[Name] = set()
    alive = _alive_elsewhere(ledger, connection)
    # Persons first: what goes with one goes in the same transaction, and need not go by itself.
    order = (record.c.type != "person", record.c.deleted_at, record.c.type, record.c.id)
    for type_, id_, seq in connection.execute(due.order_by(*order)).fetchall():
        file: list[Name] | None = [(type_, id_)]
        if type_ == "person":
            file = None if id_ in alive else _file(ledger, connection, id_, seq)
        fresh = None if file is None else [name for name in file if name not in passed]
        passed.update(fresh or ())
        if fresh or fresh is None:
            yield fresh


def _alive_elsewhere(ledger: Ledger, connection: Connection) -> set[str]:
    """Deleted registrations of people who have another one that lives: it shows what is in the files of all."""
    tied: dict[str, set[str]] = {}
    for (body,) in connection.execute(ledger.of(tables.record, tables.record.c.body, type="alias")):
        content = decode(body)
        one, another = content.get("subject"), content.get("other")
        if content.get("state") == "same" and DELETED not in content and one and another:
            group = tied.setdefault(one, {one}) | tied.setdefault(another, {another})
            tied.update(dict.fromkeys(group, group))
    record, living = tables.record, set[str]()
    for some in chunks(tied):
        query = ledger.of(record, record.c.id, record.c.body, type="person").where(record.c.id.in_(some))
        living |= {id_ for id_, body in connection.execute(query) if DELETED not in decode(body)}
    return {id_ for id_, group in tied.items() if group & living}


def _file(ledger: Ledger, connection: Connection, person: str, deleted_seq: int) -> list[Name] | None:
    """What goes with a person: visits and papers of somebody who was erased would belong to nobody.

    None when somebody has written about the person since: then it was not known that the person is gone.
    """
    record = tables.record
    query = ledger.of(record, record.c.type, record.c.id, record.c.seq, record.c.body, subject=person)
    found = []
    for type_, id_, seq, body in connection.execute(query):
        content = decode(body)
        # A record about a record is no sign that somebody works with a person.
        if seq > deleted_seq and type_ not in TELLS_OF and DELETED not in content:
            return None
        if EMPTIED not in content and (type_, id_) != ("person", person):
            found.append((type_, id_))
    return [("person", person), *found]


@contextmanager
def emptied_daily(ledger: Ledger, pause: float = DAY / 1000) -> Iterator[None]:
    """Empty the bin now – a county that was restored does so before any desk speaks – and then once a day; parts of
    what nobody comes back for go with it."""
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(pause):
            _tidy(ledger)

    _tidy(ledger)
    thread = threading.Thread(target=go_on, name="bin", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _tidy(ledger: Ledger) -> None:
    with suppress(*BUSY):  # busy, or no room: tomorrow is another day
        empty(ledger)
        passing.forget_old(ledger)


# Erasing, also of what a desk bears witness to after a restore


def erase(sitting: Sitting, names: Mapping[Name, int], *, since: Stamp = NEVER) -> int:
    """Leave of these records, each under a new number, only that they were deleted; gives how many photos went.

    ``since``: an earlier life had erased them under this stamp; what was refused, or proposed, after that stays.
    """
    sitting.load(names)
    seal, epoch = sealer(sitting.ledger, sitting.connection), sitting.ledger.terms(sitting.connection).epoch
    told, last = _told_of(sitting, names, since), max(names.values(), default=0)
    gone = {**names, **{name: last for name, left in told.items() if not left}}
    for name, seq in gone.items():
        if (kept := sitting.get(name)) is not None:
            sitting.put(name, _renewed(kept, _tombstone(kept, seal(name)), {REST: f"{epoch}:{seq}"}, seq))
    for name, left in told.items():
        if left and (kept := sitting.get(name)) is not None:
            stamps = {**kept.state.stamps, "content": f"{epoch}:{last}"}
            sitting.put(name, _renewed(kept, {**kept.state.body, "content": left}, stamps, last))
    _forget_changes(sitting, [*gone, *told])
    return _forget_photos(sitting, gone.keys())


def is_over(sitting: Sitting, unit: Unit, change: Change) -> bool:
    """Whether nothing is left of the record, or of its person, and the change wants nothing of it that is new.

    Raises Refused when it does: then all that is in it travels back to its author.
    """
    if EMPTIED in change.after:
        raise Refused("bad_value", "只有县里能清空回收站。")
    kept, subject = sitting.get((change.type, change.record)), subject_of(change)
    person = sitting.get(("person", subject)) if subject else None
    if not (kept is not None and kept.is_emptied) and not (person is not None and person.is_emptied):
        return False
    is_new = not unit.stamp or any(_came_after(unit.stamp, each) for each in (kept, person) if each is not None)
    if is_new and any(part != DELETED or not value for part, value in change.after.items()):
        raise Refused("emptied", "这条记录删除满 90 天，县里已经清空。")
    return True


def _came_after(stamp: Stamp, emptied: Kept) -> bool:
    """Whether a save that is given back got its number after this was emptied: it was made in a later life, which knew
    of a later word, or waited as a proposal, and was never erased.

    Numbers go up from life to life, as far as the clock is right.
    """
    _, _, when = str(emptied.state.body.get(EMPTIED, "")).partition(" ")
    return emptied.is_emptied and _number(stamp) > _number(when or emptied.state.stamp(REST))


def _number(stamp: Stamp) -> int:
    number = stamp.partition(":")[2]
    return int(number) if number.isdecimal() else 0


def is_sealed(sitting: Sitting, change: Change) -> bool:
    """Whether a desk gives back, after a restore, a tombstone that this county itself made."""
    seal, _, _ = str(change.after.get(EMPTIED, "")).partition(" ")
    return bool(seal) and seal == sealer(sitting.ledger, sitting.connection)((change.type, change.record))


def dated(seal: str, stamp: Stamp) -> str:
    """A seal that is given back, with the stamp under which it was first made: what was saved later was not erased."""
    return seal if " " in seal else f"{seal} {stamp}"


def is_written_since(sitting: Sitting, change: Change, epoch: str, sealed: Stamp) -> bool:
    """Whether somebody has written in a record, or in a person's file, since an earlier life emptied it (``sealed``),
    in this one (``epoch``) or in between: then it is a deletion like any other, and what was written stands against it.

    Numbers go up from life to life, as far as the clock is right.
    """
    names = [(change.type, change.record), *(sitting.file_of(change.record) if change.type == "person" else ())]
    found = (kept for name in names if name[0] not in TELLS_OF and (kept := sitting.get(name)) is not None)
    stamps = [stamp for kept in found for stamp in kept.state.stamps.values()]
    return any(stamp.startswith(f"{epoch}:") or _number(stamp) > _number(sealed) for stamp in stamps)


def unsealed(after: Mapping[str, Any]) -> dict[str, Any]:
    """A change without a seal: whatever anybody else says is a deletion like any other."""
    return {part: value for part, value in after.items() if part != EMPTIED}


def sealer(ledger: Ledger, connection: Connection) -> Callable[[Name], str]:
    """What the county signs a tombstone with: after a restore a desk gives it back, and no desk can make one.

    The secret comes back from every copy of the county.
    """
    secret = ledger.parcel_secret(connection)
    return lambda name: hmac.new(secret, "\0".join((EMPTIED, *name)).encode(), sha256).hexdigest()[:32]


def _tombstone(kept: Kept, seal: str) -> dict[str, Any]:
    """What is left: whose it was and where it is filed, for the tombstone still goes where its person goes."""
    place = {part: kept.state.body[part] for part in ("org", "subject", "about_type") if part in kept.state.body}
    return {**place, DELETED: True, EMPTIED: seal}


def _renewed(kept: Kept, body: Mapping[str, Any], stamps: Mapping[str, str], seq: int) -> Kept:
    return structs.replace(kept, state=State(body, stamps), seq=seq, device="", prior=seq)


def _told_of(sitting: Sitting, names: Mapping[Name, int], since: Stamp) -> dict[Name, str]:
    """Conflicts, rejections and proposals that hold something of these records, and what is left of their content."""
    ledger, column = sitting.ledger, tables.record.c.subject
    subjects = {"", *(kept.subject for name in names if (kept := sitting.get(name)) is not None)}
    found: dict[Name, str] = {}
    for some in chunks(subjects):
        query = ledger.of(tables.record, tables.record.c.type, tables.record.c.id).where(
            column.in_(some), tables.record.c.type.in_(sorted(TELLS_OF))
        )
        told = [(type_, id_) for type_, id_ in sitting.connection.execute(query)]
        sitting.load(told)
        for name in told:
            kept = sitting.get(name)
            if kept is None or name in names or (since and _is_told_after(kept, since)):
                continue
            if (left := _left(kept.state.body, names)) is not None:
                found[name] = left
    return found


def _is_told_after(kept: Kept, erased: Stamp) -> bool:
    """Numbers go up from life to life, as far as the clock is right."""
    return kept.state.body.get("reason") == "emptied" or _number(kept.state.stamp(REST)) > _number(erased)


def _left(body: Mapping[str, Any], names: Mapping[Name, int]) -> str | None:
    """The content without what concerns these records, empty when that was all of it; None: nothing concerns them."""
    about = (body.get("about_type"), body.get("about")) in names
    try:
        unit = json.loads(body.get("content") or "{}")
        changes = list(unit.get("changes", ()))
        staying = [each for each in changes if (each["type"], each["record"]) not in names]
    except (ValueError, TypeError, KeyError, AttributeError):
        return "" if about else None
    if len(staying) == len(changes):
        return "" if about else None
    told = {name: unit[name] for name in Unit.__struct_fields__ if name in unit}
    return json.dumps({**told, "changes": staying}, ensure_ascii=False) if staying else ""


def _forget_changes(sitting: Sitting, names: Iterable[Name]) -> None:
    forgotten = set(names)
    for name in forgotten:
        sitting.changes.pop(name, None)
        sitting.pasts.pop(name, None)
    change = tables.change
    for type_, ids in _by_type(forgotten):
        same = (change.c.county == sitting.ledger.county, change.c.type == type_, change.c.record.in_(ids))
        sitting.connection.execute(sa.delete(change).where(*same))


def _forget_photos(sitting: Sitting, names: Iterable[Name]) -> int:
    """Uses by these records, and the photos that nothing else uses; gives how many of those."""
    gone = set(names)
    sitting.blob_uses = {use for use in sitting.blob_uses if use[1:] not in gone}
    shared = _photos_of(sitting.ledger, sitting.connection, gone)
    use, county = tables.blob_use, sitting.ledger.county
    for type_, ids in _by_type(gone):
        sitting.connection.execute(
            sa.delete(use).where(use.c.county == county, use.c.type == type_, use.c.record.in_(ids))
        )
    unused = {digest for digest, users in shared.items() if users <= gone} - {one[0] for one in sitting.blob_uses}
    for some in chunks(sorted(unused)):
        for table in (tables.blob, tables.blob_part):
            sitting.connection.execute(sa.delete(table).where(table.c.county == county, table.c.sha256.in_(some)))
    return len(unused)


def _photos_of(ledger: Ledger, connection: Connection, names: Iterable[Name]) -> dict[str, set[Name]]:
    """The photos that these records use, each with all records that use it."""
    use = tables.blob_use
    found: dict[str, set[Name]] = {}
    for type_, ids in _by_type(names):
        ours = ledger.of(use, use.c.sha256, type=type_).where(use.c.record.in_(ids))
        for some in chunks({digest for (digest,) in connection.execute(ours)}):
            users = ledger.of(use, use.c.sha256, use.c.type, use.c.record).where(use.c.sha256.in_(some))
            for digest, *user in connection.execute(users):
                found.setdefault(digest, set()).add((user[0], user[1]))
    return found


def _by_type(names: Iterable[Name]) -> Iterator[tuple[str, list[str]]]:
    gathered: dict[str, list[str]] = {}
    for type_, id_ in sorted(names):
        gathered.setdefault(type_, []).append(id_)
    for type_, ids in gathered.items():
        for some in chunks(ids):
            yield type_, some
