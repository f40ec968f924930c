"""The small parts of messages as arrays without names: a quiet exchange is hardly anything else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

import msgspec

from sync.messages import Hello, Terms

H = TypeVar("H", Hello, Terms)
_HEX = re.compile(r"(?:[0-9a-f]{2})+").fullmatch


def pack_head(head: Hello | Terms) -> list[Any]:
    """Its fields in their order, ids and codes as bytes, without the defaults at the end.

    New fields are put at the end and have a default: who is older reads past them, who is newer does without.
    """
    found = [(getattr(head, each.name), _default(each)) for each in fields(head)]
    while found and found[-1][0] == found[-1][1]:
        found.pop()
    return [shortened(value) for value, _ in found]


def unpack_head(kind: type[H], packed: Any) -> H:
    """The head that ``pack_head`` was given, by this program or by an older or newer one. Raises what is wrong."""
    if isinstance(packed, Mapping):  # the first desks named every field
        return msgspec.convert(packed, kind)
    if not isinstance(packed, list):
        raise TypeError("a head must be an array")
    values = {each.name: _as_told(each, value) for each, value in zip(fields(kind), packed, strict=False)}
    return msgspec.convert(values, kind)


def shortened(value: Any) -> Any:
    """Text that is hexadecimal takes half as many bytes; so do names in a mapping."""
    if isinstance(value, str) and _HEX(value):
        return bytes.fromhex(value)
    if isinstance(value, Mapping):
        return {shortened(name): inner for name, inner in value.items()}
    return value


def lengthened(value: Any) -> Any:
    """What ``shortened`` was given, where text was due."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {lengthened(name): inner for name, inner in value.items()}
    return value


def _as_told(each: Field[Any], value: Any) -> Any:
    return value if each.type == "bytes" else lengthened(value)


def _default(each: Field[Any]) -> Any:
    if each.default_factory is not MISSING:
        return each.default_factory()
    return each.default


def exactly(found: Sequence[Any], *defaults: Any) -> list[Any]:
    """As many values as there are defaults: more came from a newer program, fewer from an older one."""
    return [*found[: len(defaults)], *defaults[len(found) :]]
