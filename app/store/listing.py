"""Big tables: the keys of all lines at once from a covering index, the lines themselves a page at a time."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.records.village_groups import group_order

if TYPE_CHECKING:
    from sqlite_utils import Database

Turn = Callable[[], "AbstractContextManager[Database]"]

# What the roll can be put in order by: each is answered from an index or by sorting small keys.
ORDERS = {
    "place": "group_key, sort_key",
    "name": "sort_key",
    "due": "due_on IS NULL, due_on, group_key, sort_key",
    "birth": "birth_date, sort_key",
    "risk": "CASE risk_level WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 WHEN 'none' THEN 3 ELSE 4 END, "
    "group_key, sort_key",
}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which lines of the roll, in which order. ``org`` is a division prefix; empty conditions do not narrow.

    ``due_before`` keeps who is due on that day (ISO text) or earlier.
    """

    kind: str
    org: str = ""
    village_group: str | None = None
    risk_levels: tuple[str, ...] = ()
    category: str = ""
    born_from: str = ""
    born_until: str = ""
    due_before: str = ""
    active: bool | None = True
    order: str = "place"


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of a register list; dates as ISO text."""

    id: str
    name: str
    village_group: str
    org: str
    sex: str | None
    birth_date: str | None
    id_to_verify: bool
    phones: str | None
    address: str | None
    risk_level: str
    categories: str
    last_visited_on: str | None
    due_on: str | None
    due_mode: str | None
    due_reason: str | None
    active: bool


class Listing:
    """The lines that a query found. ``len`` is known at once; ``page`` reads some of them."""

    def __init__(self, kind: str, persons: Sequence[int], turn: Turn) -> None:
        self.kind = kind
        self._persons = persons
        self._turn = turn

    @classmethod
    def of(cls, db: Database, query: ListQuery, turn: Turn) -> Listing:
        where, values = _where(query)
        found = db.execute(f"SELECT person FROM roll WHERE {where} ORDER BY {ORDERS[query.order]}", values)
        return cls(query.kind, array("q", (row[0] for row in found.fetchall())), turn)

    def __len__(self) -> int:
        return len(self._persons)

    def page(self, first: int, count: int) -> list[ListLine]:
        """Lines ``first`` to ``first + count``; shorter at the end. One whose person went meanwhile is left out."""
        asked = list(self._persons[first : first + count])
        marks = ", ".join("?" * len(asked))
        with self._turn() as db:
            rows = db.execute(
                "SELECT p.n, p.id, p.name, p.village_group, p.org, p.sex, p.birth_date, p.id_to_verify, p.phones, "
                "p.current_address, r.risk_level, r.categories, r.last_visited_on, r.due_on, r.due_mode, r.due_reason, "
                f"r.active FROM person AS p JOIN roll AS r ON r.person = p.n AND r.kind = ? WHERE p.n IN ({marks})",
                [self.kind, *asked],
            ).fetchall()
        lines = {row[0]: _line(row[1:]) for row in rows}
        return [lines[n] for n in asked if n in lines]

    def ids(self) -> list[str]:
        """The ids of all lines, in order: for printing and exporting a selection."""
        with self._turn() as db:
            found = dict(db.execute("SELECT person, id FROM roll WHERE kind = ?", [self.kind]).fetchall())
        return [found[n] for n in self._persons if n in found]

    def place_of(self, id_: str) -> int | None:
        """At which line a person stands, or None."""
        with self._turn() as db:
            row = db.execute("SELECT n FROM person WHERE id = ?", [id_]).fetchone()
        try:
            return self._persons.index(row[0]) if row else None
        except ValueError:
            return None


def _where(query: ListQuery) -> tuple[str, list[Any]]:
    parts: list[str] = ["kind = ?"]
    values: list[Any] = [query.kind]

    def narrow(condition: str, *given: Any) -> None:
        parts.append(condition)
        values.extend(given)

    if query.active is not None:
        narrow("active = ?", int(query.active))
    if query.org:
        narrow("org >= ? AND org < ?", query.org, query.org + "~")
    if query.village_group is not None:
        # The key leads the index; the name tells 十组 from 10组, which share it.
        narrow("group_key = ? AND village_group = ?", group_order(query.village_group), query.village_group)
    if query.risk_levels:
        narrow(f"risk_level IN ({', '.join('?' * len(query.risk_levels))})", *query.risk_levels)
    if query.category:
        narrow("instr(categories, ?) > 0", f'"{query.category}"')
    if query.born_from:
        narrow("birth_date >= ?", query.born_from)
    if query.born_until:
        narrow("birth_date <= ?", query.born_until)
    if query.due_before:
        narrow("due_on <= ?", query.due_before)
    return " AND ".join(parts), values


def _line(row: Sequence[Any]) -> ListLine:
    id_, name, group, org, sex, birth, to_verify, phones, address, risk, categories, *visits, active = row
    last, due_on, due_mode, due_reason = visits
    return ListLine(
        id_, name or "", group or "", org or "", sex, birth, bool(to_verify), phones, address, risk, categories,
        last, due_on, due_mode, due_reason, bool(active),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DueLine:
    """One visit that is due; dates as ISO text."""

    id: str
    kind: str
    name: str
    village_group: str
    org: str
    risk_level: str
    due_on: str
    mode: str
    rule: str
    reason: str
    last_visited_on: str | None


KINDS = ("child", "elder")
TOWN = 9
"""From so many digits on a division is small enough to be looked through whole; above it the days come first."""
_RANGE = "kind = ? AND active = 1 AND due_on <= ? AND org >= ? AND org < ?"


def due_lines(db: Database, until: str, org: str, limit: int) -> list[DueLine]:
    """Visits due until a day, the longest overdue first; what is shown is fetched for the lines that are shown only."""
    keys = f"SELECT due_on, person, kind FROM roll INDEXED BY {_index(org)} WHERE {_RANGE} ORDER BY due_on LIMIT ?"
    # A kind at a time: only then does the index give the days in order, and the limit ends the search.
    found = [row for kind in KINDS for row in db.execute(keys, [kind, until, org, org + "~", limit]).fetchall()]
    found.sort()
    asked = [row[1:] for row in (found if limit < 0 else found[:limit])]
    rows = db.execute(
        "SELECT r.id, r.kind, p.name, r.village_group, r.org, r.risk_level, r.due_on, r.due_mode, r.due_rule, "
        "r.due_reason, r.last_visited_on FROM json_each(?) AS asked "
        "CROSS JOIN roll AS r ON r.person = asked.value ->> 0 AND r.kind = asked.value ->> 1 "
        "CROSS JOIN person AS p ON p.n = r.person",
        [json.dumps(asked)],
    ).fetchall()
    lines = [DueLine(row[0], row[1], row[2] or "", *row[3:]) for row in rows]
    return sorted(lines, key=lambda line: (line.due_on, group_order(line.village_group), line.id))


def due_count(db: Database, until: str, org: str) -> int:
    """How many visits are due until a day, from the covering index alone."""
    query = f"SELECT count(*) FROM roll INDEXED BY {_index(org)} WHERE {_RANGE}"
    return sum(int(db.execute(query, [kind, until, org, org + "~"]).fetchone()[0]) for kind in KINDS)


def _index(org: str) -> str:
    """Both cover the question. In a whole county the days narrow it best, in a village the place does."""
    return "roll_by_org" if len(org) >= TOWN else "roll_by_due"
