"""The roll: one line for each child and elder, derived from the records, that lists and due dates are read from.

It can be thrown away and rebuilt at any time. Its indexes cover the questions asked of it, so that who is due among
100,000 persons is answered without touching a record. What makes someone due is handed in (``Planner``): the store
keeps, the policy decides.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.records.village_groups import group_order
from app.store import search
from app.store.same import Groups, groups, linked

if TYPE_CHECKING:
    from sqlite_utils import Database

CHUNK = 5_000
VISITS: Mapping[str, str] = {"child": "child_visit", "elder": "elder_visit"}


@dataclass(frozen=True, slots=True)
class RollStay:
    """One span away from home, dates as ISO text."""

    place: str
    since: str
    until: str | None


@dataclass(frozen=True, slots=True)
class RollFacts:
    """What deciding about visits needs to know of one person in one capacity; dates as ISO text."""

    id: str
    kind: str
    org: str
    risk_level: str | None
    categories: tuple[str, ...]
    priority_watch: bool
    registered_on: str | None
    changed_on: str | None
    ended_on: str | None
    birth_date: str | None
    last_visited_on: str | None
    next_visit_on: str | None
    stays: tuple[RollStay, ...]


@dataclass(frozen=True, slots=True)
class RollDue:
    """When the next visit is due, how, by which rule and why in words."""

    due_on: str
    mode: str
    rule: str
    reason: str


Planner = Callable[[RollFacts], RollDue | None]


def nobody_due(facts: RollFacts) -> RollDue | None:
    """The planner of a store that only keeps."""
    return None


def refresh(db: Database, subjects: Collection[str], planner: Planner) -> None:
    """Make the lines of these persons anew, search index included, and of all who are, or were, the same."""
    for chunk in _chunks(linked(db, subjects)):
        _refresh_chunk(db, chunk, planner)


def rebuild(db: Database, planner: Planner) -> None:
    """Make the whole roll and the search index anew, after the rules or the program changed."""
    with db.atomic():
        db.execute("DELETE FROM roll")
        db.execute("DELETE FROM search")
        refresh(db, [row[0] for row in db.execute("SELECT id FROM person")], planner)


def differing(db: Database, planner: Planner) -> int:
    """How many lines would be others if the roll were made anew; it is left as it was."""
    before = _all_lines(db)
    db.execute("SAVEPOINT examine")
    try:
        rebuild(db, planner)
        fresh = _all_lines(db)
    finally:
        db.execute("ROLLBACK TO examine")
        db.execute("RELEASE examine")
    return len(before ^ fresh)


def _all_lines(db: Database) -> set[tuple[Any, ...]]:
    return set(db.execute("SELECT * FROM roll").fetchall())


def _chunks(subjects: Collection[str]) -> Iterator[list[str]]:
    listed = list(subjects)
    for at in range(0, len(listed), CHUNK):
        yield listed[at : at + CHUNK]


def _refresh_chunk(db: Database, subjects: list[str], planner: Planner) -> None:
    asked = json.dumps(subjects)
    persons = db.execute(
        "SELECT p.n, p.id, p.name, p.other_names, p.village_group, p.current_address, p.id_number, p.org, "
        "p.birth_date, p.died_on, p.moved_out_on, p.deleted "
        "FROM json_each(?) AS asked CROSS JOIN person AS p ON p.id = asked.value",
        [asked],
    ).fetchall()
    search.forget(db, [row[0] for row in persons if row[11]])
    search.index(db, [(row[0], row[2], row[3], row[4], row[5], row[6]) for row in persons if not row[11]])
    db.conn.executemany("DELETE FROM roll WHERE person = ?", [(row[0],) for row in persons])
    same = groups(db)
    lines = [line for kind in VISITS for line in _lines(db, kind, persons, asked, planner, same)]
    db.conn.executemany(f"INSERT INTO roll VALUES ({', '.join('?' * 16)})", lines)


def _lines(
    db: Database, kind: str, persons: Iterable[Any], asked: str, planner: Planner, same: Groups
) -> Iterator[tuple[Any, ...]]:
    profiles = _profiles(db, kind, asked)
    visited = _last_visits(db, VISITS[kind], asked)
    stays = _stays(db, asked) if profiles else {}
    for stands, *others in set(same.members.values()):
        _gather(stands, others, profiles, visited, stays)
    for n, id_, name, _others, group, _address, _number, org, birth, died, moved, deleted in persons:
        profile = profiles.get(id_)
        if profile is None or deleted:
            continue
        risk, categories, watch, registered, changed, exited = profile
        last, following = visited.get(id_, (None, None))
        ended = min((day for day in (died, moved, exited) if day), default=None)
        facts = RollFacts(
            id_, kind, org or "", risk, tuple(json.loads(categories or "[]")), bool(watch), registered, changed,
            ended, birth, last, following, stays.get(id_, ()),
        )  # fmt: skip
        due = planner(facts)
        yield (
            n, kind, id_, org or "", group or "", group_order(group or ""), search.sort_key(name or ""), risk or "",
            categories or "[]", birth, last, due.due_on if due else None, due.mode if due else None,
            due.rule if due else None, due.reason if due else None, 0 if ended else 1,
        )  # fmt: skip


def _gather(
    stands: str,
    others: Sequence[str],
    profiles: dict[str, tuple[Any, ...]],
    visited: dict[str, tuple[str | None, str | None]],
    stays: dict[str, tuple[RollStay, ...]],
) -> None:
    """Who was registered twice has one line: with the profile that there is, and with everybody's visits."""
    everybody = (stands, *others)
    if found := [profiles[each] for each in everybody if each in profiles]:
        profiles[stands] = found[0]
    if met := [visited[each] for each in everybody if each in visited]:
        visited[stands] = max(met, key=lambda each: each[0] or "")
    if away := [stay for each in everybody for stay in stays.get(each, ())]:
        stays[stands] = tuple(sorted(away, key=lambda stay: stay.since))
    for each in others:
        profiles.pop(each, None)


def _profiles(db: Database, kind: str, asked: str) -> dict[str, tuple[Any, ...]]:
    found = db.execute(
        "SELECT t.id, t.risk_level, t.categories, t.priority_watch, t.registered_on, t.changed_on, t.exited_on "
        f"FROM json_each(?) AS asked CROSS JOIN {kind} AS t ON t.id = asked.value WHERE t.deleted = 0",
        [asked],
    )
    return {row[0]: row[1:] for row in found}


def _last_visits(db: Database, table: str, asked: str) -> dict[str, tuple[str | None, str | None]]:
    """The last day on which the person was met, and the next date agreed then; not met never counts (design.md)."""
    found = db.execute(
        "SELECT asked.value, (SELECT max(v.visited_on) FROM "
        f"{table} AS v WHERE v.subject = asked.value AND v.deleted = 0 AND v.outcome = 'met') AS last "
        "FROM json_each(?) AS asked WHERE last IS NOT NULL",
        [asked],
    ).fetchall()
    agreed = db.execute(
        f"SELECT v.subject, v.visited_on, v.next_visit_on FROM json_each(?) AS asked CROSS JOIN {table} AS v "
        "ON v.subject = asked.value WHERE v.deleted = 0 AND v.outcome = 'met' AND v.next_visit_on IS NOT NULL",
        [asked],
    )
    following = {(subject, visited): on for subject, visited, on in agreed}
    return {subject: (last, following.get((subject, last))) for subject, last in found}


def _stays(db: Database, asked: str) -> dict[str, tuple[RollStay, ...]]:
    found = db.execute(
        "SELECT t.subject, t.place, t.since, t.until FROM json_each(?) AS asked CROSS JOIN stay AS t "
        "ON t.subject = asked.value WHERE t.deleted = 0 AND t.place IS NOT NULL AND t.since IS NOT NULL",
        [asked],
    )
    gathered: defaultdict[str, list[RollStay]] = defaultdict(list)
    for subject, place, since, until in found:
        gathered[subject].append(RollStay(place, since, until))
    return {subject: tuple(sorted(stays, key=lambda stay: stay.since)) for subject, stays in gathered.items()}
