"""Records leave the laptop for good: rows, history, drafts and photos; own saves that may be asked for stay, sealed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.records import RECORD_TYPES
from app.records.divisions import subtree_prefix
from app.store import search
from app.store.erasing import GONE, photos_only_of
from app.store.outbox import OwnUnit, own_units

if TYPE_CHECKING:
    from sqlite_utils import Database

    from app.store.changes import Writing

Name = tuple[str, str]
Seal = Callable[[OwnUnit, Sequence[str]], bytes | None]
"""A save and the attachments it brought, as only the county can open it; None when there is nothing to seal to, or it
was refused and its rejection is here."""
SEALED, OFFERED, FORGOTTEN = "sealed", "offered", "gone"
"""States of an own save of which only the shell is left: kept sealed, sealed and asked for, of no use any more."""
NOT_YET = 1 << 62
"""In place of a sealed save's number, until it is known from which number on a copy of the county holds all of it: its
photos, or what came of its being refused."""
STAYS = frozenset({"rejection", "proposal"})
"""These lie where the county files them and do not go with their person, whom the county may never have taken."""


@dataclass(frozen=True, slots=True)
class Left:
    """What left: how many records of each type, and how many forms that nobody had finished."""

    types: Mapping[str, int] = field(default_factory=dict)
    drafts: int = 0


def outside(work: Writing, orgs: Collection[str]) -> dict[bool, set[Name]]:
    """Records that the county files in none of these subtrees; by True, those that were to leave before anyway."""
    prefixes = tuple(map(subtree_prefix, orgs))
    found: dict[bool, set[Name]] = {True: set(), False: set()}
    if lost := [org for org in work.places() if not org.startswith(prefixes)]:
        query = "SELECT type, record, org FROM county_row WHERE org IN (SELECT value FROM json_each(?))"
        for type_, id_, org in work.db.execute(query, [json.dumps(lost)]):
            found[not org].add((type_, id_))
    return found


def not_told_again(work: Writing) -> set[Name]:
    """Records of people whom the county shows, and that it showed before all was asked for anew, but not since."""
    # Below nought: its digest was forgotten (forget_county_rows) and has not come again.
    query = "SELECT type, record FROM county_row WHERE h1 < 0 AND org != ''"
    found = {(type_, id_) for type_, id_ in work.db.execute(query)}
    whose = {name: str(body.get("subject") or name[1]) for name, (body, _) in work.said(found).items()}
    here = work.county_has({("person", person) for person in whose.values()})
    return {name for name, person in whose.items() if ("person", person) in here}


def never_sent(work: Writing, orgs: Collection[str]) -> set[Name]:
    """Records in none of these subtrees that the county never had: what it refused, and nobody put right."""
    prefixes = tuple(map(subtree_prefix, orgs))
    known = {(type_, id_) for type_, id_ in work.db.execute("SELECT type, record FROM county_row")}
    places = {id_: org or "" for id_, org in work.db.execute("SELECT id, org FROM person")}
    found = (row for row in _rows(work.db) if row[0] not in known and row[0][0] not in STAYS)
    return {name for name, subject, org in found if not (org or places.get(subject) or "").startswith(prefixes)}


def leave(work: Writing, names: Collection[Name], seal: Seal) -> Left:
    """Take these away, a person with the whole file; what own saves that still wait are about leaves after them."""
    going, later = _parted(work, set(names))
    _mark_for_later(work.db, later)
    if not going:
        return Left()
    _let_photos_go(work.db, going)
    _seal_saves(work.db, going, seal)
    drafts = _drop_drafts(work.db, going)
    work.drop_shadows(going)
    known = work.held(going).keys() | _carried(work.db, going)
    work.remove(going)
    search.scrub(work.db)
    return Left(Counter(type_ for type_, _ in known), drafts)


def to_leave(work: Writing, names: Iterable[Name]) -> None:
    """These are to leave with the end of this answer, wherever the county files them."""
    _mark_for_later(work.db, set(names))


# Which


def files_of(work: Writing, persons: Collection[str]) -> dict[str, set[Name]]:
    """Person → all records of the file."""
    found: dict[str, set[Name]] = {person: {("person", person)} for person in persons}
    asked = json.dumps(sorted(persons))
    for cls in RECORD_TYPES:
        spec = cls.spec
        column = "subject" if "subject" in spec.by_name else "id" if spec.is_profile else ""
        if column and spec.name not in STAYS:
            query = f"SELECT id, {column} FROM {spec.name} WHERE {column} IN (SELECT value FROM json_each(?))"
            for id_, person in work.db.execute(query, [asked]):
                found[person].add((spec.name, id_))
    query = "SELECT type, record, subject FROM carried WHERE subject IN (SELECT value FROM json_each(?))"
    for type_, id_, person in work.db.execute(query, [asked]):
        found[person].add((type_, id_))
    return found


def _rows(db: Database) -> Iterator[tuple[Name, str, str | None]]:
    """Every record here: its name, its person, its own division."""
    for cls in RECORD_TYPES:
        spec = cls.spec
        subject = "subject" if "subject" in spec.by_name else "id" if spec.is_profile or spec.name == "person" else "''"
        org = "org" if "org" in spec.by_name else "NULL"
        for id_, whose, place in db.execute(f"SELECT id, {subject}, {org} FROM {spec.name}"):
            yield (spec.name, id_), whose or "", place
    for type_, id_, whose, place in db.execute("SELECT type, record, subject, org FROM carried"):
        yield (type_, id_), whose or "", place


def _parted(work: Writing, names: set[Name]) -> tuple[set[Name], set[Name]]:
    """What can go now, and what has to wait for own saves; a person's file goes as a whole."""
    query = (
        "SELECT c.type, c.record FROM unit AS u CROSS JOIN change AS c ON c.unit = u.n "
        "WHERE u.state IN ('unsent', 'sent')"
    )
    waiting = {(type_, id_) for type_, id_ in work.db.execute(query)} if names else set()
    files = files_of(work, {id_ for type_, id_ in names if type_ == "person"}).values()
    whole = names.union(*files)
    later = (whole & waiting).union(*(file for file in files if file & waiting))
    return whole - later, later


def _mark_for_later(db: Database, names: Collection[Name]) -> None:
    db.conn.executemany("INSERT OR REPLACE INTO county_row VALUES (?, ?, '', -1, -1)", sorted(names))


# What


def _let_photos_go(db: Database, names: Collection[Name]) -> None:
    """Photos that only these records bear; what still has to reach the county stays until it has."""
    photos = [(digest,) for digest in photos_only_of(db, names)]
    db.conn.executemany("DELETE FROM transfer WHERE sha256 = ? AND direction = 'down'", photos)
    db.conn.executemany(f"INSERT OR IGNORE INTO transfer VALUES (?, '{GONE}', 0, 0)", photos)


def _seal_saves(db: Database, names: Collection[Name], seal: Seal) -> None:
    """Seal own saves that no copy of the county is known to hold with their photos; of the others too nothing readable
    stays."""
    own = _own_saves(db, names)
    units = own_units(db, {seq for _, seq in own.values()})
    rows, shells = [], []
    for n, (state, seq) in own.items():
        unit = units.get(seq)
        photos = _photos_of(unit) if unit else []
        may_be_asked_for = state in ("accepted", "proposed", "rejected") or (state == "durable" and photos)
        content = seal(unit, photos) if unit and may_be_asked_for else None
        if unit and content is not None:
            epoch, _, number = unit.stamp.partition(":")
            rows.append((seq, epoch, NOT_YET if photos or not number else int(number), content))
        if state != "rejected" or content is not None:  # a refusal that this desk has heard of can be put right
            shells.append((SEALED if content is not None else FORGOTTEN, n))
    db.conn.executemany("INSERT OR REPLACE INTO sealed VALUES (?, ?, ?, ?)", rows)
    db.conn.executemany("UPDATE unit SET state = ?, batch = NULL WHERE n = ?", shells)
    _drop_history(db, names)


def seal_refused(work: Writing, names: Collection[Name], seal: Seal) -> None:
    """Before these are erased: what was refused of own saves about them, as far as its rejection has not come here."""
    refused = [seq for state, seq in _own_saves(work.db, names).values() if state == "rejected"] if names else []
    for seq, unit in own_units(work.db, refused).items():
        if (content := seal(unit, _photos_of(unit))) is not None:
            work.db.execute("INSERT OR REPLACE INTO sealed VALUES (?, '', ?, ?)", [seq, NOT_YET, content])
            work.db.execute("UPDATE unit SET state = ? WHERE seq = ?", [SEALED, seq])


def _own_saves(db: Database, names: Collection[Name]) -> dict[int, tuple[str, int]]:
    """Row → (state, number) of the own saves that touched these records."""
    query = (
        "SELECT c.type, c.record, u.n, u.state, u.seq FROM json_each(?) AS asked "
        "CROSS JOIN change AS c ON c.record = asked.value CROSS JOIN unit AS u ON u.n = c.unit WHERE u.seq IS NOT NULL"
    )
    found = db.execute(query, [json.dumps([id_ for _, id_ in names])])
    return {n: (state, seq) for type_, id_, n, state, seq in found if (type_, id_) in names}


def _photos_of(unit: OwnUnit) -> list[str]:
    digests = (change.after.get("sha256") for change in unit.changes if change.type == "attachment")
    return [digest for digest in digests if isinstance(digest, str)]


def _drop_history(db: Database, names: Collection[Name]) -> None:
    query = "SELECT DISTINCT unit FROM change WHERE record IN (SELECT value FROM json_each(?))"
    touched = json.dumps([row[0] for row in db.execute(query, [json.dumps([id_ for _, id_ in names])])])
    db.conn.executemany("DELETE FROM change WHERE type = ? AND record = ?", sorted(names))
    bare = "n IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM change WHERE change.unit = unit.n)"
    # The shell of an own save stays: its number must never be given to another.
    db.execute(f"DELETE FROM unit WHERE seq IS NULL AND {bare}", [touched])
    db.execute(f"UPDATE unit SET subject = NULL WHERE seq IS NOT NULL AND {bare}", [touched])


def _drop_drafts(db: Database, names: Collection[Name]) -> int:
    persons = {id_ for type_, id_ in names if type_ == "person"}
    drafts = db.execute("SELECT type, record, subject FROM draft").fetchall()
    going = [(type_, id_) for type_, id_, subject in drafts if (type_, id_) in names or subject in persons]
    db.conn.executemany("DELETE FROM draft WHERE type = ? AND record = ?", going)
    return len(going)


def _carried(db: Database, names: Collection[Name]) -> set[Name]:
    found: set[Any] = set(db.execute("SELECT type, record FROM carried").fetchall())
    return found & set(names)


# Sealed saves


def waiting_sealed(work: Writing, most_bytes: int) -> dict[int, bytes]:
    """Sealed saves that the county has lost, in their order, as many as go together; at least one if there is any."""
    # CROSS JOIN: SQLite begins with the few that are sealed, not with all saves.
    query = (
        "SELECT s.seq, s.content FROM sealed AS s CROSS JOIN unit AS u ON u.seq = s.seq "
        "WHERE u.state = ? ORDER BY s.seq"
    )
    found: dict[int, bytes] = {}
    for seq, content in work.db.execute(query, [OFFERED]):
        most_bytes -= len(content)
        if found and most_bytes < 0:
            break
        found[seq] = content
    return found


def note_handed_over(work: Writing, seqs: Iterable[int], epoch: str = "", seq: int = 0) -> None:
    """The county has these again; every copy of this life's data holds them from this number on."""
    kept = {row[0] for row in work.db.execute("SELECT seq FROM sealed")}
    told = [(each,) for each in seqs if each in kept]
    work.db.conn.executemany(f"UPDATE unit SET state = '{SEALED}' WHERE seq = ? AND state = '{OFFERED}'", told)
    if epoch:
        work.db.conn.executemany(
            "UPDATE sealed SET epoch = ?, stamp = ? WHERE seq = ?", [(epoch, seq, each) for (each,) in told]
        )


def offer_sealed(db: Database, durable_epoch: str, durable_seq: int) -> None:
    """The county was restored: what its copy did not hold is asked for."""
    query = "SELECT seq FROM sealed WHERE NOT (epoch = ? AND stamp <= ?)"
    lost = db.execute(query, [durable_epoch, durable_seq]).fetchall()
    db.conn.executemany(f"UPDATE unit SET state = '{OFFERED}' WHERE seq = ?", lost)


def drop_sealed(db: Database, durable_epoch: str, durable_seq: int) -> None:
    """A verified copy of the county holds them: nobody will ask again."""
    done = db.execute("SELECT seq FROM sealed WHERE epoch = ? AND stamp <= ?", [durable_epoch, durable_seq]).fetchall()
    db.conn.executemany(f"UPDATE unit SET state = '{FORGOTTEN}' WHERE seq = ?", done)
    db.conn.executemany("DELETE FROM sealed WHERE seq = ?", done)


def note_arrived(work: Writing, epoch: str, seq: int) -> None:
    """Once no photo is on its way up, sealed saves without a number get the next one: a copy from there on holds them.

    Those that are asked for are left out.
    """
    under_way = "SELECT 1 FROM transfer WHERE direction = 'up' AND (done < size OR size = 0)"
    asked_for = f"SELECT seq FROM unit WHERE state = '{OFFERED}'"
    work.db.execute(
        f"UPDATE sealed SET epoch = ?, stamp = ? WHERE stamp = ? AND NOT EXISTS ({under_way}) "
        f"AND seq NOT IN ({asked_for})",
        [epoch, seq + 1, NOT_YET],
    )
