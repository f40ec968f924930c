"""What happens to laptops: copied, put back to an image, destroyed, stopped; and their clocks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from app.store import open_store
from sync.server import accounts
from tests.schedules.chance import DAY
from tests.schedules.office import held_by_county, knows
from tests.schedules.seat import MOST_SEATS, Image, Seat, copy_disk
from tests.support.desks import PASSPHRASE

if TYPE_CHECKING:
    from tests.schedules.world import World

YEARS = 10 * 365 * DAY


def clone(world: World, seat: Seat) -> None:
    """The disk is copied to a second laptop, and both go on."""
    if len(world.seats) < MOST_SEATS:
        world.fired["clone"] += 1
        folder = copy_disk(seat.folder, world.new_folder())
        seat.is_copied, seat.is_twin = True, seat.is_twin or seat.awaits_an_answer
        twin = Seat(folder, open_store(folder, PASSPHRASE), world.line(), own=set(seat.own), is_copied=True,
                    is_twin=seat.is_twin, edition=seat.edition)  # fmt: skip
        world.seats.append(twin)


def put_back(world: World, seat: Seat) -> None:
    """The laptop is put back to an image of its disk; the first time the image is made."""
    image, seat.image = seat.image, None
    if image is None:
        disk = copy_disk(seat.folder, world.new_folder())
        seat.image = Image(disk, frozenset(seat.own), seat.awaits_an_answer, seat.edition, tuple(seat.asked))
        return
    world.fired["image put back"] += 1
    seat.store.close()
    shutil.rmtree(seat.folder)
    copy_disk(image.folder, seat.folder)
    seat.store = open_store(seat.folder, PASSPHRASE)
    seat.edition = image.edition
    speaks_for_what_was = image.awaits_an_answer or not {*seat.asked} <= {*image.asked}
    seat.form, seat.is_copied, seat.is_twin = None, True, seat.is_twin or speaks_for_what_was
    world.judge.destroyed |= seat.own
    seat.own = set(image.own)
    mourn(world)


def destroy(world: World, seat: Seat) -> None:
    """The laptop is gone; the county stops it, mostly, and its post gets a new one."""
    world.fired["laptop destroyed"] += 1
    if world.random.random() < 0.7 and knows(world.county, seat.device):
        accounts.revoke(world.county.ledger, seat.device)
    seat.store.close()
    shutil.rmtree(seat.folder)
    world.seats[world.seats.index(seat)] = world.new_seat(seat.store.post.org)
    world.judge.destroyed |= seat.own
    mourn(world)


def stop(world: World, seat: Seat) -> None:
    """The county stops a laptop that is still in use: its worker comes for a new code."""
    if knows(world.county, seat.device):
        world.fired["stopped"] += 1
        accounts.revoke(world.county.ledger, seat.device)


def upgrade(world: World, seat: Seat) -> None:
    """The program of today is put on a laptop that has an older one."""
    if seat.is_older:
        world.fired["upgrade"] += 1
        seat.upgrade()


def set_clock(world: World, seat: Seat) -> None:
    """A flat battery, or a slip of the hand: the clock is wrong by up to ten years."""
    world.fired["clock set"] += 1
    seat.clock_off = world.random.randrange(-YEARS, YEARS)


def mourn(world: World) -> None:
    """What neither the county nor any disk holds any more cannot be asked for."""
    if world.judge.destroyed:
        world.judge.mourn(held_by_county(world.county).union(*(seat.own for seat in world.seats)))
