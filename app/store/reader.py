"""Reading the store: records, histories, searches, drafts, settings. Several threads may hold a reader each."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from app.errors import NotFound, StoreDamaged, UnknownField
from app.records import Alias, Person, record_type
from app.records.record import Record, from_body, to_json
from app.store import search
from app.store.connection import plain_errors
from app.store.listing import DueLine, Listing, ListQuery, due_count, due_lines
from app.store.results import AuditEntry, Change, Draft, PersonHit
from app.store.rows import codec, held
from app.store.same import Groups, groups

if TYPE_CHECKING:
    from sqlite_utils import Database

R = TypeVar("R", bound=Record)
NOBODY_TWICE = Groups()
RECOGNISED_BY = frozenset({"id", "id_number", "name"})


class Reader:
    """What can be asked of an open store. Deleted records are not seen, except in histories and the bin."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turn = threading.RLock()

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        with self._turn, plain_errors():
            yield self._db

    def close(self) -> None:
        """Give the connection back."""
        with self._turn:
            self._db.conn.close()

    # Records

    def get(self, cls: type[R], id_: str) -> R | None:
        """The record of this id, or None."""
        return self.many(cls, [id_]).get(id_)

    def require(self, cls: type[R], id_: str) -> R:
        """The record of this id; NotFound when there is none."""
        found = self.get(cls, id_)
        if found is None:
            raise NotFound(f"找不到这条「{cls.spec.label}」，可能已经删除。", advice="什么都没有改动。")
        return found

    def many(self, cls: type[R], ids: Iterable[str]) -> dict[str, R]:
        """The records of these ids that are here, by id."""
        asked = list(ids)
        with self._reading() as db:
            found = {record.id: record for record, deleted in held(db, cls, asked) if not deleted}
            same = groups(db) if cls.spec.is_profile and len(found) < len(asked) else NOBODY_TWICE
            if same.members:
                found |= self._of_the_same(db, cls, same, [id_ for id_ in asked if id_ not in found])
            return found

    @staticmethod
    def _of_the_same(db: Database, cls: type[R], same: Groups, ids: Sequence[str]) -> dict[str, R]:
        """Profiles that only another registration of the same person has; each keeps its own id."""
        others = {record.id: record for record, deleted in held(db, cls, same.with_all(ids)) if not deleted}
        first = {id_: next((others[each] for each in same.all_of(id_) if each in others), None) for id_ in ids}
        return {id_: record for id_, record in first.items() if record is not None}

    def same(self) -> Groups:
        """Who was registered twice or more, and which registration stands for all."""
        with self._reading() as db:
            return groups(db)

    def standing(self, ids: Iterable[str]) -> dict[str, Person]:
        """Each of these persons as the registration that stands for them."""
        same, asked = self.same(), list(ids)
        people = self.many(Person, {same.stands_for(id_) for id_ in asked})
        return {id_: people[same.stands_for(id_)] for id_ in asked if same.stands_for(id_) in people}

    def find(self, cls: type[R], *, limit: int = -1, **equal: Any) -> list[R]:
        """Records whose fields equal what is given (None finds empty ones), oldest first. UnknownField."""
        rows = codec(cls)
        with self._reading() as db:
            where, values = _conditions(cls, equal, groups(db))
            query = f"SELECT {rows.select} FROM {rows.name} WHERE {where} ORDER BY n LIMIT ?"
            return [rows.record(row) for row in db.execute(query, [*values, limit])]

    def of_subject(self, cls: type[R], subject: str) -> list[R]:
        """The records of a type that belong to a person, oldest first."""
        return self.find(cls, subject=subject)

    def of_subjects(self, cls: type[R], subjects: Iterable[str]) -> dict[str, list[R]]:
        """The same for many persons at once."""
        rows = codec(cls)
        query = (
            f"SELECT {', '.join('t.' + name for name in rows.columns)} FROM json_each(?) AS asked "
            f"CROSS JOIN {rows.name} AS t ON t.subject = asked.value WHERE t.deleted = 0 ORDER BY t.n"
        )
        asked, gathered = list(subjects), dict[str, list[R]]()
        with self._reading() as db:
            same = groups(db)
            for row in db.execute(query, [json.dumps(same.with_all(asked))]):
                found = rows.record(row)
                gathered.setdefault(same.stands_for(rows.subject(found)), []).append(found)
        return {id_: gathered[same.stands_for(id_)] for id_ in asked if same.stands_for(id_) in gathered}

    def every(self, cls: type[R], batch: int = 1_000) -> Iterator[R]:
        """All records of a type in the order they came, a page at a time."""
        rows = codec(cls)
        query = f"SELECT n, {rows.select} FROM {rows.name} WHERE n > ? AND deleted = 0 ORDER BY n LIMIT ?"
        last = 0
        while True:
            with self._reading() as db:
                page = db.execute(query, [last, batch]).fetchall()
            yield from (rows.record(row[1:]) for row in page)
            if len(page) < batch:
                return
            last = page[-1][0]

    def count(self, cls: type[Record], **equal: Any) -> int:
        """How many records ``find`` would give."""
        with self._reading() as db:
            where, values = _conditions(cls, equal, groups(db))
            return int(db.execute(f"SELECT count(*) FROM {cls.spec.name} WHERE {where}", values).fetchone()[0])

    def latest(self, cls: type[R], subject: str, by: str) -> R | None:
        """The record of a person with the greatest ``by``: the last visit."""
        cls.spec.field(by)
        rows = codec(cls)
        where = "subject IN (SELECT value FROM json_each(?)) AND deleted = 0"
        query = f"SELECT {rows.select} FROM {rows.name} WHERE {where} ORDER BY {by} DESC, n DESC LIMIT 1"
        with self._reading() as db:
            row = db.execute(query, [json.dumps(groups(db).all_of(subject))]).fetchone()
        return rows.record(row) if row else None

    # Lists, search, history

    def search(self, text: str, limit: int = 50) -> list[PersonHit]:
        """People by name, pinyin, initials, village group or last four of the ID."""
        with self._reading() as db:
            same, found = groups(db), dict[str, PersonHit]()
            for hit in search.find(db, text, limit):
                stands = same.stands_for(hit.id)
                if stands == hit.id or stands not in found:
                    found[stands] = hit
            for stands, hit in found.items():
                if stands != hit.id:
                    found[stands] = search.hit_of(db, stands) or hit
            return list(found.values())

    def listing(self, query: ListQuery) -> Listing:
        """A big list: the keys of all its lines at once, the lines by page."""
        with self._reading() as db:
            return Listing.of(db, query, self._reading)

    def due(self, until: str, org: str = "", limit: int = -1) -> list[DueLine]:
        """Visits due until a day (ISO text) below a division, the longest overdue first."""
        with self._reading() as db:
            return due_lines(db, until, org, limit)

    def due_count(self, until: str, org: str = "") -> int:
        """How many visits are due until a day."""
        with self._reading() as db:
            return due_count(db, until, org)

    def met_days(self, since: str, until: str, org: str = "") -> list[tuple[str, str]]:
        """Each person below a division met within the days given, and the day (ISO text): (subject, day), by day."""
        query = " UNION ALL ".join(
            f"SELECT v.subject, v.visited_on FROM {table} AS v JOIN person AS p ON p.id = v.subject AND p.org >= ?3 "
            "AND p.org < ?4 WHERE v.visited_on BETWEEN ?1 AND ?2 AND v.outcome = 'met' AND v.deleted = 0"
            for table in ("child_visit", "elder_visit")
        )
        with self._reading() as db:
            found, same = db.execute(f"{query} ORDER BY 2", [since, until, org, org + "~"]).fetchall(), groups(db)
        return [(same.stands_for(row[0]), row[1]) for row in found]

    def birthdays(self, from_month_day: str, until_month_day: str, org: str = "") -> list[tuple[str, str, str]]:
        """Active people whose birthday lies between two days of the year ("03-01"): (id, kind, birth date)."""
        query = (
            "SELECT id, kind, birth_date FROM roll WHERE active = 1 AND kind IN ('child', 'elder') "
            "AND substr(birth_date, 6) BETWEEN ? AND ? AND org >= ? AND org < ? ORDER BY substr(birth_date, 6)"
        )
        with self._reading() as db:
            return [
                tuple(row) for row in db.execute(query, [from_month_day, until_month_day, org, org + "~"]).fetchall()
            ]

    def came(self, since: datetime) -> list[tuple[str, str, str]]:
        """What the county brought since an instant: (type, record id, verb), newest first."""
        query = (
            "SELECT c.type, c.record, u.verb FROM unit AS u JOIN change AS c ON c.unit = u.n "
            "WHERE u.state = 'county' AND u.made_at >= ? ORDER BY u.n DESC"
        )
        with self._reading() as db:
            found = db.execute(query, [since.isoformat()]).fetchall()
        return [(row[0], row[1], row[2]) for row in found]

    def history(self, type_name: str, id_: str) -> list[Change]:
        """Every change of a record, oldest first: who, when, before, after."""
        record_type(type_name)
        query = (
            "SELECT u.made_at, u.author_name, u.verb, u.state, c.created, c.before, c.after, u.batch FROM change AS c "
            "JOIN unit AS u ON u.n = c.unit WHERE c.record = ? AND c.type = ? ORDER BY c.unit, c.place"
        )
        with self._reading() as db:
            return [_change(row) for row in db.execute(query, [id_, type_name])]

    def bin(self) -> list[Record]:
        """Deleted records that can be brought back, the last deleted first; not what an undo took away."""
        query = (
            "SELECT DISTINCT c.type, c.record FROM change AS c JOIN unit AS u ON u.n = c.unit "
            "WHERE u.verb = 'delete' ORDER BY c.n DESC"
        )
        with self._reading() as db:
            found = [self._deleted(db, type_name, id_) for type_name, id_ in db.execute(query).fetchall()]
        return [record for record in found if record is not None]

    def _deleted(self, db: Database, type_name: str, id_: str) -> Record | None:
        rows = codec(record_type(type_name))
        row = db.execute(f"SELECT {rows.select} FROM {rows.name} WHERE id = ? AND deleted = 1", [id_]).fetchone()
        return rows.record(row) if row else None

    # Drafts, settings, log

    def drafts(self, author: str | None = None) -> list[Draft]:
        """Half-filled forms, the last touched first."""
        query = "SELECT * FROM draft WHERE ?1 IS NULL OR author = ?1 ORDER BY updated_at DESC"
        with self._reading() as db:
            return [_draft(row) for row in db.execute(query, [author])]

    def draft(self, type_name: str, id_: str) -> Draft | None:
        """The half-filled form of a record, also of one that is not made yet."""
        with self._reading() as db:
            row = db.execute("SELECT * FROM draft WHERE type = ? AND record = ?", [type_name, id_]).fetchone()
        return _draft(row) if row else None

    def setting(self, name: str, default: Any = None) -> Any:
        """A JSON value kept inside the store."""
        with self._reading() as db:
            row = db.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row else default

    def audit_log(self, verb: str | None = None, limit: int = 1_000) -> list[AuditEntry]:
        """The access and print log, newest first."""
        query = "SELECT at, who, verb, detail FROM audit WHERE ?1 IS NULL OR verb = ?1 ORDER BY n DESC LIMIT ?2"
        with self._reading() as db:
            return [
                AuditEntry(datetime.fromisoformat(at), who, done, json.loads(detail))
                for at, who, done, detail in db.execute(query, [verb, limit])
            ]

    def pending(self) -> int:
        """How many own saves the county has not yet accepted."""
        with self._reading() as db:
            waiting = int(db.execute("SELECT count(*) FROM unit WHERE state IN ('unsent', 'sent')").fetchone()[0])
            # CROSS JOIN: SQLite begins with the few that are sealed, not with all saves.
            sealed = "SELECT count(*) FROM sealed AS s CROSS JOIN unit AS u ON u.seq = s.seq WHERE u.state = 'offered'"
            return waiting + int(db.execute(sealed).fetchone()[0])


def _conditions(cls: type[Record], equal: dict[str, Any], same: Groups) -> tuple[str, list[Any]]:
    """SQL for equality on known fields; names come from the record type, never from outside.

    Who was registered twice is one person: what names one of the registrations names them all, and only the one
    who stands for all is a member of a household, or counts. Yet by number and name each of them is found.
    """
    parts, values = ["deleted = 0"], list[Any]()
    for name, value in equal.items():
        if name != "id" and name not in cls.spec.by_name:
            raise UnknownField(f"什么都没有改动。「{cls.spec.label}」里没有叫 {name} 的项目。")
        if value is None:
            parts.append(f"{name} IS NULL")
        elif _names_a_person(cls, name) and value in same.members:
            parts.append(f"{name} IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(same.all_of(value)))
        else:
            parts.append(f"{name} = ?")
            values.append(_plain(value))
    if cls is Person and same.members and not equal.keys() & RECOGNISED_BY:
        parts.append("id NOT IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(same.hidden()))
    return " AND ".join(parts), values


def _names_a_person(cls: type[Record], name: str) -> bool:
    """Whether a field names a person, who may have been registered twice; an alias means just the one it names."""
    field = cls.spec.by_name.get(name)
    return field is not None and field.of == "person" and cls is not Alias


def _plain(value: Any) -> Any:
    plain = to_json(value)
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, list) else plain


def _draft(row: Sequence[Any]) -> Draft:
    type_name, id_, _subject, author, typed, loaded, stamps, updated_at = row
    cls = record_type(type_name)
    edited, before = (
        replace(from_body(cls, id_, json.loads(text)), stamps=json.loads(stamps)) if text else None
        for text in (typed, loaded)
    )
    if edited is None:
        raise StoreDamaged("一份草稿读不出来，其他资料没有受影响。")
    return Draft(edited, before, author, datetime.fromisoformat(updated_at))


def _change(row: Sequence[Any]) -> Change:
    at, author, verb, state, created, before, after, batch = row
    return Change(
        datetime.fromisoformat(at),
        author,
        verb,
        state,
        bool(created),
        json.loads(before),
        json.loads(after),
        batch or "",
    )
