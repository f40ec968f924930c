"""Where two sides that should hold the same differ: sums over ever smaller parts, down to single records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sync.wire import Unreadable

Part = tuple[str, str, str]
"""A division, a record type, and what the ids of the records end in; nothing: all of them."""
Name = tuple[str, str]
"""A record's type and id."""
Numbers = tuple[int, int, int]
"""How many records, and the two sums of their digests."""
LEAF = 64
"""So many records or fewer are told one by one."""
MOST_PARTS, MOST_NAMES = 256, 500
ID = 32
"""Digits of a record's id."""
HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Detail:
    """What is in a part: by the digit before what the ids end in, or, once there are few, each with its digest."""

    parts: Mapping[str, Numbers] = field(default_factory=dict)
    ids: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def encode_parts(parts: Sequence[Part]) -> bytes:
    """What a desk wants to know more of."""
    return msgspec.msgpack.encode(parts)


def decode_parts(data: bytes) -> list[Part]:
    """The parts in these bytes. Raises Unreadable."""
    parts: list[Part] = _decoded(data, list[Part])
    if len(parts) > MOST_PARTS or not all(len(end) < ID and set(end) <= set(HEX) for _, _, end in parts):
        raise Unreadable("parts")
    return parts


def encode_details(details: Sequence[Detail]) -> bytes:
    """What the county has there, in the order in which it was asked."""
    return msgspec.msgpack.encode([[each.parts, _blob(each), _numbers(each)] for each in details])


def _blob(detail: Detail) -> bytes:
    return b"".join(map(bytes.fromhex, detail.ids))


def _numbers(detail: Detail) -> list[int]:
    return [number for both in detail.ids.values() for number in both]


def decode_details(data: bytes) -> list[Detail]:
    """The details in these bytes. Raises Unreadable."""
    found = _decoded(data, list[tuple[dict[str, Numbers], bytes, list[int]]])
    return [Detail(parts, _ids(blob.hex(), numbers)) for parts, blob, numbers in found]


def _ids(text: str, numbers: Sequence[int]) -> dict[str, tuple[int, int]]:
    if len(text) // ID * 2 != len(numbers):
        raise Unreadable("ids")
    ids = [text[at : at + ID] for at in range(0, len(text), ID)]
    return dict(zip(ids, zip(numbers[::2], numbers[1::2], strict=True), strict=True))


def encode_names(names: Sequence[Name]) -> bytes:
    """Records by their types and ids."""
    return msgspec.msgpack.encode(names)


def decode_names(data: bytes) -> list[Name]:
    """The names in these bytes. Raises Unreadable."""
    names: list[Name] = _decoded(data, list[Name])
    if len(names) > MOST_NAMES:
        raise Unreadable("names")
    return names


def _decoded(data: bytes, kind: Any) -> Any:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise Unreadable(str(error)) from error
