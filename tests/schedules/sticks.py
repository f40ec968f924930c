"""What a laptop exchanges by stick: packed, handed in and unpacked at any time, in any order, once or twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import CountyRefused
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
    seat.asked = [*seat.asked, parcel.pack(seat.store).content][-MOST_STICKS:]
    world.fired["stick packed"] += 1


def _hand_in(world: World, seat: Seat) -> None:
    asked = _taken(world, seat.asked)
    with world.clock.wrong_by(0), TODAY.speaks():
        seat.answers = [*seat.answers, parcels.answer(world.county, asked)][-MOST_STICKS:]
    world.fired["stick handed in"] += 1


def _unpack(world: World, seat: Seat) -> None:
    answer = _taken(world, seat.answers)
    parcel.unpack(seat.store, answer)
    world.fired["stick unpacked"] += 1


def _taken(world: World, files: list[bytes]) -> bytes:
    """Any of them; it may stay on the stick and be taken again."""
    found = world.random.choice(files)
    if world.random.random() < 0.7:
        files.remove(found)
    return found
