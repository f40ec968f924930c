"""What whoever works at a desk was promised, and whether it holds once the exchange has been carried on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.errors import ShouwangError
from app.records.divisions import is_within
from app.store import Workspace
from app.store.changes import waiting_sealed, writing
from sync.client.carrying import carry
from sync.client.engine import exchange, pending
from sync.client.news import CLONED_WORDS, unread
from sync.client.parcel import unpack
from sync.server.county import CountyServer
from tests.support.exchange_seldom import Station
from tests.support.exchange_work import DESK, GONE, Cell, Moment, Run

LISTING = ("conflict", "rejection", "proposal")
ROUNDS = 4
"""So many exchanges bring everybody to rest."""


@dataclass(frozen=True)
class After:
    """The county and the stores that are there after the power is back, by their names."""

    county: CountyServer
    stores: Mapping[str, Workspace]

    @property
    def desk(self) -> Workspace:
        """The desk of whose disk there is a record."""
        return self.stores[DESK]


Check = Callable[[Run, Moment, After], str]
"""Gives the fault in words, the kind of fault first; nothing when there is none."""


def first_broken(run: Run, moment: Moment, after: After) -> str:
    """Carry on what was under way, then the first promise that is not kept."""
    return next((fault for check in CHECKS if (fault := check(run, moment, after))), "")


def the_errand(_run: Run, moment: Moment, after: After) -> str:
    """A file that is on its way is carried to the end, and its village has nothing left to send."""
    errand = moment.holds.errand
    if errand is None:
        return ""
    village = after.stores[errand.village]
    try:
        unpack(village, carry(Station(after.county, errand.carrier), after.desk, errand.asking))  # type: ignore[arg-type]
    except ShouwangError as error:
        return f"unfinished: the file does not come through: {error.code}"
    return "unfinished: the file did not bring everything" if pending(village) else ""


def the_exchange(_run: Run, _moment: Moment, after: After) -> str:
    """Everybody exchanges until nothing is on its way any more."""
    for _ in range(ROUNDS):
        outcomes = [exchange(after.county, store) for store in after.stores.values()]
        if all(each.delivered and not each.sent + each.received + each.gone for each in outcomes):
            return ""
    return "apart: the desk and the county do not agree, or never come to rest"


def the_comparison(_run: Run, moment: Moment, after: After) -> str:
    """It finds what lies otherwise than it came, and nothing else."""
    found = after.desk.audit_log("digest_differs")
    if len(found) > moment.holds.differences:
        return "mended: the two sides differed until the comparison found it"
    return "" if all(each.detail["mended"] for each in found) else "unfinished: what differed was not mended"


def what_was_saved(run: Run, moment: Moment, after: After) -> str:
    """Every acknowledged value is current at the county or listed there, every photo whole, nobody there twice."""
    with after.county.ledger.reading() as at:
        found = at.exec_driver_sql("SELECT type, id, body FROM record").fetchall()
        whole = set(at.exec_driver_sql("SELECT sha256 FROM blob WHERE complete = 1").scalars())
    records = [(type_, id_, msgspec.msgpack.decode(body)) for type_, id_, body in found]
    bodies = {id_: body for _, id_, body in records}
    listed = json.dumps([body for type_, _, body in records if type_ in LISTING], ensure_ascii=False)
    for (record, name), value in dict(run.promises[: moment.promised]).items():
        now, upcoming = bodies.get(record, {}).get(name), _upcoming(run, moment, (record, name))
        if value is GONE or (GONE in upcoming and now is None):
            continue
        if now != value and str(value) not in listed and now not in upcoming:
            return f"lost: {name} = {value}"
        if name == "sha256" and value not in whole:
            return "lost: a photo"
    names = [body["name"] for type_, _, body in records if type_ == "person" and "name" in body]
    return "doubled: a person" if len(names) != len(set(names)) else ""


def _upcoming(run: Run, moment: Moment, cell: Cell) -> list[Any]:
    """What was being saved when the power went: it may be there, and it may not."""
    return [told for about, told in run.promises[moment.promised :] if about == cell]


def what_is_shown(_run: Run, _moment: Moment, after: After) -> str:
    """The people whom each desk shows are those whom the county files with it, letter for letter."""
    with after.county.ledger.reading() as at:
        found = at.exec_driver_sql("SELECT id, org, body FROM record WHERE type = 'person'").fetchall()
    filed = {id_: (org, body) for id_, org, packed in found if "name" in (body := msgspec.msgpack.decode(packed))}
    for store in after.stores.values():
        theirs = {("person", id_): body for id_, (org, body) in filed.items() if _serves(store, org)}
        with writing(store) as work:
            people = {("person", row[0]) for row in work.db.execute("SELECT id FROM person WHERE name IS NOT NULL")}
            here = {name: body for name, (body, _) in work.held(people).items()}
        if here != theirs:
            return f"apart: {len(theirs)} people at the county, {len(here)} here, or not as they are there"
    return ""


def _serves(store: Workspace, org: str) -> bool:
    return any(is_within(org, each) for each in store.divisions)


def the_names(_run: Run, moment: Moment, after: After) -> str:
    """A copied disk makes one new name, of which its user is told once; nothing else makes one."""
    with after.county.ledger.reading() as at:
        forks = at.exec_driver_sql("SELECT count(*) FROM device WHERE forked_from IS NOT NULL").scalar_one()
    if forks != moment.holds.copies:
        return f"renamed: {forks} new names"
    told = sum(CLONED_WORDS in each.words for store in after.stores.values() for each in unread(store))
    return "" if told == forks else f"renamed: {forks} new names, told {told} times"


def what_was_sealed(_run: Run, _moment: Moment, after: After) -> str:
    """The county has been handed all that it had lost."""
    for store in after.stores.values():
        with writing(store) as work:
            if waiting_sealed(work, 1):
                return "unfinished: sealed saves still wait"
    return ""


def what_left(_run: Run, moment: Moment, after: After) -> str:
    """Of what has left the desk no table holds a word."""
    if not moment.holds.gone:
        return ""
    with writing(after.desk) as work:
        kept = "".join(_written(work.db))
    return next((f"stayed: {word}" for word in moment.holds.gone if word in kept), "")


def _written(db: Any) -> Iterator[str]:
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'search'"
    for (name,) in db.execute(tables).fetchall():
        yield repr(db.execute(f'SELECT * FROM "{name}"').fetchall())


CHECKS: tuple[Check, ...] = (
    the_errand, the_exchange, the_comparison, what_was_saved, what_is_shown, the_names, what_was_sealed, what_left,
)  # fmt: skip
"""The first two carry on; the others look at what has come of it."""
