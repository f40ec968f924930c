"""What happens at the county: copies, restores, disks put back, posts granted and ended, the bin emptied."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from app.errors import UserError
from app.store.changes import unsent
from sync.client.credentials import ties
from sync.merge import EMPTIED
from sync.server import accounts, bin, copies, grants, tables
from sync.server.county import CountyServer, open_county
from sync.server.ledger import now_ms
from sync.server.sitting import decode
from tests.schedules.seat import MOST_SEATS, Seat, move

if TYPE_CHECKING:
    from tests.schedules.world import World

TOKEN = re.compile("词[0-9]+|[0-9a-f]{32}".encode())
DIGEST = re.compile(b"[0-9a-f]{64}")
FIRST_COPIES = 3


def held_by_county(county: CountyServer) -> set[str]:
    """Every word that ever arrived in this life of its data, every record, every whole photo, every move."""
    record, change, blob = tables.record, tables.change, tables.blob
    with county.ledger.reading() as at:
        told = [*at.execute(county.ledger.of(record, record.c.type, record.c.id, record.c.body))]
        told += at.execute(county.ledger.of(change, change.c.type, change.c.record, change.c.after))
        photos = set(at.execute(county.ledger.of(blob, blob.c.sha256, complete=1)).scalars())
    # Who is only named by another record is not held: what a save holds is, in a proposal or a rejection.
    named = words_in(content for type_, _, content in told if type_ not in ("proposal", "rejection"))
    words = {word for word in named if word.startswith("词")}
    aside = words_in(content for type_, _, content in told if type_ in ("proposal", "rejection"))
    orgs = {(id_, decode(content).get("org")) for type_, id_, content in told if type_ == "person" and content}
    moves = {move(id_, org) for id_, org in orgs if isinstance(org, str)}
    return photos | {id_ for _, id_, _ in told} | words | aside | moves


def words_in(contents: Iterable[bytes | None]) -> set[str]:
    """Words and ids in the bytes of records."""
    return {token.decode() for content in contents for token in TOKEN.findall(content or b"")}


def knows(county: CountyServer, device: str) -> bool:
    """Whether it has heard of a laptop."""
    return any(each.id == device for each in accounts.devices(county.ledger))


def back_up(world: World) -> None:
    """A verified copy; and a snapshot of the running machine, as an office makes them without thinking."""
    world.fired["backup"] += 1
    world.copies.append(world.folder / f"{world.fired['backup']}.copy")
    copies.back_up(world.data, world.copies[-1])
    world.copies = world.copies[-FIRST_COPIES:]
    if world.chances.do_people_move or world.random.random() < 0.5:
        _take_snapshot(world)


def _take_snapshot(world: World) -> None:
    if not (world.data / "county.db").exists():
        return  # a database elsewhere is not put back together with the folder
    world.snapshot = world.folder / "snapshot"
    shutil.rmtree(world.snapshot, ignore_errors=True)
    world.county.ledger.close()
    shutil.copytree(world.data, world.snapshot)
    world.county = open_county(world.data)


def restore(world: World) -> None:
    """Any of the last copies becomes the county; the newest where people or posts move.

    What has left a laptop is kept there only until a copy holds it: an older one cannot be made good by anybody.
    """
    if world.chances.do_people_move:
        world.copies = world.copies[-1:]
    if world.copies:
        world.fired["restore"] += 1
        world.lives += 1
        world.county.ledger.close()
        world.data = world.folder / f"life{world.lives}"
        copy, key = world.random.choice(world.copies), world.folder / "county.key"
        copies.restore(copy, world.data, key, address=world.database())
        world.county = open_county(world.data)
        world.snapshot = None
        world.mourn()


def roll_back(world: World) -> None:
    """The machine's disk is put back without anybody knowing of it."""
    if world.snapshot is not None:
        world.fired["silent rollback"] += 1
        world.county.ledger.close()
        shutil.rmtree(world.data)
        shutil.copytree(world.snapshot, world.data)
        world.county = open_county(world.data)
        world.mourn()


def regrant(world: World, seat: Seat, places: tuple[str, ...]) -> None:
    """A post is given another village, or gives one up; never the last."""
    change = world.random.choice((grants.grant, grants.ungrant))
    with suppress(UserError):
        change(world.county.ledger, seat.device, world.random.choice(places))
        world.fired[change.__name__] += 1


def change_worker(world: World, seat: Seat) -> None:
    """A worker leaves, who hears of it with the next exchange, and somebody new comes to the post."""
    is_serving = any(each.id == seat.device and each.orgs for each in accounts.devices(world.county.ledger))
    if is_serving and len(world.seats) < MOST_SEATS:
        world.fired["left"] += 1
        grants.leave(world.county.ledger, seat.device)
        world.seats.append(world.new_seat(seat.store.post.org))


def empty_bin(world: World) -> None:
    """Ninety days have passed, and as many since a restore: every desk has given back what it had."""
    if not all(_has_given_back(world.county, seat) for seat in world.seats):
        return
    world.clock.days_pass(bin.DAYS + 1)
    known, before = _known_of_persons(world.county), _emptied(world.county)
    bin.empty(world.county.ledger, now_ms())
    for person in _emptied(world.county) - before:
        world.fired["emptied"] += 1
        world.judge.erased |= known.get(person, set()) | {person}


def _has_given_back(county: CountyServer, seat: Seat) -> bool:
    told = ties(seat.store)
    with county.ledger.reading() as at:
        is_here = told.epoch == county.ledger.terms(at).epoch and county.ledger.knows(at, told.last)
    return is_here and not told.owes_witness and not any(unit.stamp for unit in unsent(seat.store, 1_000))


def _emptied(county: CountyServer) -> set[str]:
    record = tables.record
    with county.ledger.reading() as at:
        found = at.execute(county.ledger.of(record, record.c.id, record.c.body)).all()
    return {id_ for id_, body in found if EMPTIED in decode(body)}


def _known_of_persons(county: CountyServer) -> dict[str, set[str]]:
    """Person → every word, record and photo that the county ever had of them."""
    record, change, use = tables.record, tables.change, tables.blob_use
    found: dict[str, set[str]] = {}
    with county.ledger.reading() as at:
        owners = {}
        for type_, id_, subject, body in at.execute(
            county.ledger.of(record, record.c.type, record.c.id, record.c.subject, record.c.body)
        ):
            owners[type_, id_] = subject or id_
            refused_photos = map(bytes.decode, DIGEST.findall(body))
            found.setdefault(subject or id_, set()).update(words_in([body]), refused_photos, [id_])
        for type_, id_, after in at.execute(county.ledger.of(change, change.c.type, change.c.record, change.c.after)):
            if (type_, id_) in owners:
                found[owners[type_, id_]] |= words_in([after])
        for type_, id_, digest in at.execute(county.ledger.of(use, use.c.type, use.c.record, use.c.sha256)):
            if (type_, id_) in owners:
                found[owners[type_, id_]].add(digest)
    return found
