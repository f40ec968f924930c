"""Own saves about people who left a laptop, as only the county can open them: kept there until they are safe here."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import zstandard

from sync import parcel
from sync.messages import Unit
from sync.unit_table import units_of, units_table

LARGEST = 16 << 20
"""One save and its photos."""


class NotOurs(ValueError):
    """It was not sealed to this county, was changed since, or is no save."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A save as it was sent, the content of the attachments that it brought, and how much that was unpacked."""

    unit: Unit
    photos: tuple[bytes, ...] = field(default=(), repr=False)
    size: int = 0


def seal(kept: Kept, box: bytes) -> bytes:
    """Sealed to the county's key."""
    plain = msgspec.msgpack.encode([units_table([kept.unit]), kept.photos])
    return parcel.seal_to(box, zstandard.compress(plain))


def unsealed(data: bytes, keys: parcel.Keys) -> Kept:
    """What was sealed to this county. Raises NotOurs."""
    try:
        packed = parcel.opened_by(keys, data)
        plain = zstandard.ZstdDecompressor().stream_reader(packed).read(LARGEST)
        table, photos = msgspec.msgpack.decode(plain)
        (unit,) = units_of(table)
        return Kept(unit, tuple(msgspec.convert(photos, list[bytes])), len(plain))
    except Exception as error:
        raise NotOurs(type(error).__name__) from error
