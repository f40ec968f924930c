"""What a laptop exchanges by stick: packed, handed in and unpacked at any time, in any order, once or twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.errors import CountyRefused
from app.store.changes import unsent, writing
from app.store.leaving import FORGOTTEN, OFFERED, SEALED
from sync.client import parcel
from sync.parcel import ParcelRefused
from sync.server import parcels
from tests.schedules.seat import Seat
from tests.sync.editions import TODAY

if TYPE_CHECKING:
    from tests.schedules.world import World

MOST_STICKS = 3


def carry(world: World, seat: Seat) -> None:
    """One of the three steps, whichever can be taken."""
    steps = [_pack, *([_hand_in] if seat.asked else []), *([_unpack] if seat.answers else [])]
    try:
        world.random.choice(steps)(world, seat)
    except (CountyRefused, ParcelRefused):
        world.fired["stick refused"] += 1


def _pack(world: World, seat: Seat) -> None:
    for twin in world.seats:
        twin.is_twin |= twin is not seat and twin.device == seat.device  # a stick does not tell the county of two
    content = parcel.pack(seat.store).content
    seat.asked = [*seat.asked, content][-MOST_STICKS:]
    seat.packed[content] = frozenset(unit.seq for unit in unsent(seat.store, parcel.ALL_UNITS))
    world.fired["stick packed"] += 1


def _hand_in(world: World, seat: Seat) -> None:
    asked = _taken(world, seat.asked)
    seat.is_twin |= _tells_of_what_was_emptied(seat, asked)
    with world.clock.wrong_by(0), TODAY.speaks():
        seat.answers = [*seat.answers, parcels.answer(world.county, asked)][-MOST_STICKS:]
    world.fired["stick handed in"] += 1


def _unpack(world: World, seat: Seat) -> None:
    answer = _taken(world, seat.answers)
    parcel.unpack(seat.store, answer)
    world.fired["stick unpacked"] += 1


def _tells_of_what_was_emptied(seat: Seat, asked: bytes) -> bool:
    """Whether saves on the stick were erased on the disk since, with somebody who was emptied out of the bin.

    A county that was put back to before that takes them for what this laptop has.
    """
    query = (
        "SELECT 1 FROM json_each(?) AS asked CROSS JOIN unit AS u ON u.seq = asked.value "
        f"WHERE u.state NOT IN ('{SEALED}', '{OFFERED}', '{FORGOTTEN}') "
        "AND u.n NOT IN (SELECT unit FROM change) LIMIT 1"
    )
    with writing(seat.store) as work:
        return bool(work.db.execute(query, [json.dumps(sorted(seat.packed.get(asked, ())))]).fetchone())


def _taken(world: World, files: list[bytes]) -> bytes:
    """Any of them; it may stay on the stick and be taken again."""
    found = world.random.choice(files)
    if world.random.random() < 0.7:
        files.remove(found)
    return found
