"""The end of a day: a good line, then does everybody hold the same, and is every edit somewhere?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from app.records import Conflict, Person, Proposal, Rejection
from app.store import Post, Workspace, create_store
from app.store.changes import writing
from sync.client.engine import exchange
from sync.server import tables
from tests.schedules.judge import Cell
from tests.schedules.line import NONE, Line
from tests.schedules.seat import move
from tests.schedules.work import ASKED, SET, SINGLE, shown, shown_row
from tests.support.desks import PASSPHRASE

if TYPE_CHECKING:
    from tests.schedules.world import World

ROUNDS = 4
"""What a restored county gets back goes on to the others with their next contacts, and their proposals with those."""


def verdict(world: World) -> list[str]:
    """What was found wrong."""
    Line.is_stormy = False
    for seat in world.seats:
        seat.line = Line(lambda: world.county, world.random, NONE, Counter(), world.clock)
    unfinished: list[str] = []
    for number in range(ROUNDS):
        if number == ROUNDS // 2:  # the first half with old programs, the rest after their upgrade
            for seat in world.seats:
                if seat.is_older:
                    seat.upgrade()
        for place, seat in enumerate(world.seats):
            if not world.talk_well(seat) and number == ROUNDS - 1:
                unfinished.append(f"desk {place} does not agree with the county")
    with closing(_officer(world)) as truth:
        return [
            *unfinished, *world.differences, *_identities(world), *_apart(world, truth), *_lost(world, truth),
            *_photos(world, truth),
        ]  # fmt: skip


def _officer(world: World) -> Workspace:
    """Somebody at the county, who sees it all with a fresh laptop."""
    post = Post(world.org, "officer", "测试岗位")
    store = create_store(world.folder / "officer", PASSPHRASE, post=post, holder_name="测试官").store
    world.join(store)
    exchange(world.county, store)
    return store


def _identities(world: World) -> Iterator[str]:
    """No two go by one name, and none took a new one that never had a copy."""
    names = Counter(seat.device for seat in world.seats)
    yield from (f"{count} desks go by the name {name}" for name, count in names.items() if count > 1)
    for place, seat in enumerate(world.seats):
        renamed = seat.store.audit_log("renewed_identity")
        if renamed and not seat.is_copied:
            yield f"desk {place} was taken for a copy"
        world.fired["copy noticed"] += len(renamed)


def _apart(world: World, truth: Workspace) -> Iterator[str]:
    """Each desk shows exactly what the county has of its villages."""
    everything, aliases, filed = _rows(truth), _aliases(truth), _filed(world)
    listed = set(_listed(truth))
    refused = {record for (record, part), _ in listed if part == "@refused"} - aliases.keys()
    for place, seat in enumerate(world.seats):
        orgs = world.county.device(seat.device).orgs
        if set(orgs) != set(seat.store.divisions):
            yield f"desk {place} serves {seat.store.divisions}, at the county {orgs}"
        # Where the registration itself is lost no org is told: such a person lies where the county files them.
        due = {id_: row for id_, row in everything.items() if (row["org"] or filed["person", id_]) in orgs}
        here = _rows(seat.store)
        # Who was brought here by a move that is lost, or only proposed since the county lost the grant of whoever made
        # it, stays, perhaps as the last copy: nobody else's word moves a file.
        came = {
            id_ for id_ in here for org in orgs
            if world.judge.may_be_missing(move(id_, org)) or ((id_, "org"), org) in listed
        }  # fmt: skip
        # Of who was emptied nothing is left but that it was so, in whichever village it lies.
        came |= {id_ for id_, row in here.items() if id_ in world.judge.erased and _is_bare(row)}
        here = {id_: row for id_, row in here.items() if id_ in due or id_ not in came}
        yield from (f"desk {place}: {id_}" for id_ in due.keys() | here.keys() if due.get(id_) != here.get(id_))
        pairs = {id_: told for id_, told in aliases.items() if filed["alias", id_] in orgs}
        # A refused pair stays at its desk to be put right; one that is lost, and whose person is elsewhere, as they do.
        told = {id_: said for id_, said in _aliases(seat.store).items() if id_ not in refused}
        told = {id_: said for id_, said in told.items() if id_ in pairs or not world.judge.may_be_missing(id_)}
        yield from (f"desk {place}: {id_}" for id_ in pairs.keys() | told.keys() if pairs.get(id_) != told.get(id_))


def _lost(world: World, truth: Workspace) -> list[str]:
    rows, judge = _rows(truth), world.judge
    current = {(id_, part): row[part] for id_, row in rows.items() for part in (*SINGLE, ASKED)}
    sets = {(id_, SET): row[SET] for id_, row in rows.items()}
    buried = {id_: shown_row(row) for id_, row in rows.items() if row["deleted"]}
    buried = {id_: body for id_, body in buried.items() if not (id_ in judge.erased and _is_bare(rows[id_]))}
    listed: dict[Cell, set[str]] = {}
    for cell, value in _listed(truth):
        listed.setdefault(cell, set()).add(value)
    known = {*rows, *_aliases(truth), *(id_ for id_, part in listed if part == "@refused")}
    missing = [f"{id_} is gone" for id_ in (*world.ids, *world.pairs)
               if id_ not in known and not judge.may_be_missing(id_)]  # fmt: skip
    return missing + judge.lost(current, sets, listed, buried)


def _is_bare(row: dict[str, Any]) -> bool:
    return row["deleted"] and shown_row(row) == dict.fromkeys((*SINGLE, ASKED)) | {SET: ()}


def _photos(world: World, truth: Workspace) -> Iterator[str]:
    """Every photo is whole at the county, and on each desk that looks after its person."""
    blob, use = tables.blob, tables.blob_use
    with world.county.ledger.reading() as at:
        whole = set(at.execute(world.county.ledger.of(blob, blob.c.sha256, complete=1)).scalars())
        used = set(at.execute(world.county.ledger.of(use, use.c.sha256)).scalars())
    told = {value for cell, value in _listed(truth) if cell[1] == "sha256"}
    places = {id_: row["org"] for id_, row in _rows(truth).items() if not row["deleted"]}
    for digest, (person, content) in world.photos.items():
        if world.judge.may_be_missing(digest):
            continue
        if digest not in told and not (digest in whole and digest in used):
            yield f"a photo of {person} is gone"
        elif digest not in told:
            for place, seat in enumerate(world.seats):
                has_it = seat.store.has_blob(digest) and seat.store.blob(digest) == content
                if places.get(person) in seat.store.divisions and not has_it:
                    yield f"desk {place} has no photo of {person}"


def _filed(world: World) -> dict[tuple[str, str], str]:
    """Where the county files each record."""
    record = tables.record
    with world.county.ledger.reading() as at:
        found = at.execute(world.county.ledger.of(record, record.c.type, record.c.id, record.c.org)).all()
    return {(type_, id_): org for type_, id_, org in found}


def _rows(store: Workspace) -> dict[str, dict[str, Any]]:
    """Every person, deleted ones too, as the screens would show them."""
    with writing(store) as work:
        ids = [row[0] for row in work.db.execute("SELECT id FROM person")]
        found = work._work.rows(Person, ids)
    return {id_: {"org": person.org, "deleted": deleted, **shown(person)} for id_, (person, deleted) in found.items()}


def _aliases(store: Workspace) -> dict[str, tuple[str, str]]:
    """Who was said to be, or not to be, one person with somebody else."""
    with writing(store) as work:
        found = work.db.execute("SELECT id, subject, state FROM alias").fetchall()
    return {id_: (subject, state) for id_, subject, state in found}


def _listed(truth: Workspace) -> Iterator[tuple[Cell, str]]:
    """Every value that stands in a conflict, a rejection or a proposal."""
    for conflict in truth.every(Conflict):
        for text in (conflict.other, conflict.current):
            yield from _values(conflict.about or "", conflict.part or "", json.loads(text or "null"))
    for each in (*truth.every(Rejection), *truth.every(Proposal)):
        for change in json.loads(each.content or "{}").get("changes", ()):
            yield (change["record"], "@refused"), ""
            for part, value in change["after"].items():
                yield from _values(change["record"], part, value)


def _values(record: str, part: str, value: Any) -> Iterator[tuple[Cell, str]]:
    entries = value.get("add", ()) if isinstance(value, dict) and "add" in value else [value]
    for entry in entries:
        text = entry.get("death_note") if isinstance(entry, dict) else entry
        if isinstance(text, str):
            yield (record, part), text
