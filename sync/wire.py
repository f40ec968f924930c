"""Messages as bytes and back: what they say in MessagePack, long ones as columns, compressed as one stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
import zstandard

from sync.heads import exactly, pack_head, unpack_head
from sync.messages import Enrolment, Hello, Introduction, Page, Receipt, Refusal, Request, Sums, Unit, Welcome
from sync.page_table import page_of, page_table
from sync.unit_table import units_of, units_table

LEVEL = 6
MAGIC = zstandard.FRAME_HEADER
WORTH_COMPRESSING = 200
"""What is shorter would only grow."""
LARGEST, LARGEST_REQUEST = 64 << 20, 20 << 20
"""No message, and no request, unpacks to more: a small one that does is an attack (reliability.md, T11)."""
SIP = 4 << 10
"""So little is unpacked at a time that a page which would fill the memory is noticed long before."""

M = TypeVar("M", Enrolment, Introduction, Welcome, Receipt, Refusal)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class Unreadable(ValueError):
    """What came is not a message of this protocol."""


@contextmanager
def readable() -> Iterator[None]:
    """Whatever goes wrong while others' bytes are read: they are no message. Raises Unreadable."""
    try:
        yield
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(type(error).__name__) from error


def encode_plain(message: Enrolment | Introduction | Welcome | Receipt | Refusal) -> bytes:
    """A small message by itself."""
    return _encode(message)


def decode_plain(kind: type[M], data: bytes) -> M:
    """The small message in these bytes. Raises Unreadable."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise Unreadable(str(error)) from error


def encode_request(request: Request) -> bytes:
    """One request: hello, units and what was sealed; blocks that follow go as a stream (``sync.stream``)."""
    units = units_table(request.units) if request.units else None
    told: list[Any] = [units, request.sealed or None, request.asks_after]
    while told and told[-1] is None:
        told.pop()
    plain = _encode([pack_head(request.hello), *told])
    return plain if len(plain) < WORTH_COMPRESSING else zstandard.ZstdCompressor(level=LEVEL).compress(plain)


def encode_load(request: Request) -> bytes:
    """What a request brings, without who says it: whenever it is tried again these are the same bytes."""
    plain = _encode([units_table(request.units) if request.units else None, request.sealed])
    return zstandard.ZstdCompressor(level=LEVEL).compress(plain)


def loaded(request: Request, load: bytes) -> Request:
    """The request with what came before it. Raises Unreadable."""
    with readable():
        units, sealed = exactly(_decode(_unpacked(load)), None, ())
        return replace(request, units=_units(units), sealed=_sealed(sealed))


def decode_request(data: bytes) -> Request:
    """The request in these bytes. Raises Unreadable, whatever they are."""
    with readable():
        hello, units, sealed, asks_after = exactly(_decode(_unpacked(data)), None, None, None, None)
        return Request(unpack_head(Hello, hello), _units(units), _sealed(sealed), _number(asks_after))


def _units(told: Any) -> tuple[Unit, ...]:
    return units_of(told) if told else ()


def _sealed(told: Any) -> tuple[bytes, ...]:
    return tuple(msgspec.convert(told or (), list[bytes]))


def _number(told: Any) -> int | None:
    if told is not None and (type(told) is not int or abs(told) >= 1 << 63):
        raise Unreadable("not a number")
    return told


def _unpacked(data: bytes) -> bytes:
    is_packed = data.startswith(MAGIC)
    plain = zstandard.ZstdDecompressor().stream_reader(data).read(LARGEST_REQUEST + 1) if is_packed else data
    if len(plain) > LARGEST_REQUEST:
        raise Unreadable("too large")
    return plain


def encode_pages(pages: Iterable[Page]) -> Iterator[bytes]:
    """Pages as one compressed stream that can be read up to each page's end."""
    packer = zstandard.ZstdCompressor(level=LEVEL).compressobj()
    for page in pages:
        plain = _encode(page_table(page))
        yield packer.compress(len(plain).to_bytes(4, "big") + plain) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def decode_pages(chunks: Iterable[bytes]) -> Iterator[Page]:
    """Pages as they become complete; what is missing at the end of a broken stream is simply not given.

    Raises Unreadable.
    """
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    waiting = bytearray()
    for chunk in _in_sips(chunks):
        try:
            waiting += unpacker.decompress(chunk)
        except zstandard.ZstdError as error:
            raise Unreadable(str(error)) from error
        while len(waiting) >= 4:
            size = int.from_bytes(waiting[:4], "big")
            if size > LARGEST:
                raise Unreadable("too large")
            if len(waiting) < 4 + size:
                break
            yield _page_of(bytes(waiting[4 : 4 + size]))
            del waiting[: 4 + size]


def _in_sips(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield from (chunk[at : at + SIP] for at in range(0, len(chunk), SIP))


def _page_of(plain: bytes) -> Page:
    try:
        return page_of(_decode(plain))
    except Exception as error:
        raise Unreadable(type(error).__name__) from error


def decode_page(data: bytes) -> Page:
    """The one page in these bytes. Raises Unreadable."""
    for page in decode_pages([data]):
        return page
    raise Unreadable("no page")


def encode_sums(found: Sums) -> bytes:
    """Sums by division and type."""
    return _encode([(org, type_, *numbers) for (org, type_), numbers in found.items()])


def decode_sums(data: bytes) -> Sums:
    """The sums in these bytes. Raises Unreadable."""
    try:
        return {(org, type_): (count, h1, h2) for org, type_, count, h1, h2 in _decode(data)}
    except (ValueError, TypeError, msgspec.DecodeError) as error:
        raise Unreadable(str(error)) from error
