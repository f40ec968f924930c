"""Make units ready to be taken: what can be told of them before anything that the county holds is looked at."""

from __future__ import annotations

from collections.abc import Iterable

from sync.messages import Raw, Unit
from sync.server.accounts import Device
from sync.server.shape import Refused, check_shape
from sync.server.sitting import encode
from sync.wire import Unreadable


class Ready(Unit, frozen=True, gc=False):
    """A unit with its id, what each change made of the parts as bytes, and whether all of it has the right shape.

    A long upload's are made by the thread that reads it, while the one that takes them waits for the database.
    """

    id: bytes = b""
    told: tuple[bytes, ...] = ()
    is_sound: bool = False


def made_ready(device: Device, units: Iterable[Unit]) -> tuple[Ready, ...]:
    """Units of this device. Raises Unreadable when what is in them is no JSON value."""
    return tuple(unit if isinstance(unit, Ready) else _ready(device, unit) for unit in units)


def _ready(device: Device, unit: Unit) -> Ready:
    try:
        told = tuple([encode(change.after) for change in unit.changes])
    except (TypeError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from error
    id_ = unit.identity(device.id, device.nonce, map(Raw, told))
    return Ready(
        unit.seq, unit.verb, unit.subject, unit.author, unit.author_name, unit.made_at, unit.changes, unit.stamp,
        id_, told, _is_sound(unit),
    )  # fmt: skip


def _is_sound(unit: Unit) -> bool:
    try:
        for change in unit.changes:
            check_shape(change)
    except Refused:
        return False
    return True
