"""A long upload as one stream: a hello, then blocks of units out of one compressed stream, each signed as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

import msgspec
import zstandard

from sync.messages import Unit
from sync.unit_table import units_of, units_table
from sync.wire import LARGEST, LEVEL, Unreadable, readable

PATH = "/v1/stream"
PROOF = 64
"""An Ed25519 signature stands before each block."""
HEAD = 4
LARGEST_PIECE = 16 << 20
SIP = 1 << 10
"""So little is unpacked at a time that a block which would fill the memory is noticed long before (T11)."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def chained(device: str, proof: bytes, block: bytes) -> bytes:
    """What a device signs of a block: all that went before, by its signature, and every byte of this one."""
    return b"\n".join((device.encode(), PATH.encode(), proof.hex().encode(), sha256(block).hexdigest().encode()))


def piece(content: bytes) -> bytes:
    """A hello, or a signature with its block, as it stands in the stream."""
    return len(content).to_bytes(HEAD, "big") + content


class Pieces:
    """The pieces of a stream that comes in chunks of any size."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def add(self, chunk: bytes) -> Iterator[bytes]:
        """The pieces that are complete with this chunk. Raises Unreadable when one is larger than any honest one."""
        self._waiting += chunk
        while len(self._waiting) >= HEAD:
            size = int.from_bytes(self._waiting[:HEAD], "big")
            if size > LARGEST_PIECE:
                raise Unreadable("too large")
            if len(self._waiting) < HEAD + size:
                return
            found = bytes(self._waiting[HEAD : HEAD + size])
            del self._waiting[: HEAD + size]
            yield found


def encode_blocks(blocks: Iterable[Sequence[Unit]]) -> Iterator[bytes]:
    """Blocks as parts of one compressed stream: each can be read once it is there, and knows all before it."""
    packer = zstandard.ZstdCompressor(level=LEVEL).compressobj()
    for units in blocks:
        packed = packer.compress(_encode(units_table(units)))
        yield packed + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def signed(
    device: str, proof: bytes, sign: Callable[[bytes], bytes], blocks: Iterable[Sequence[Unit]]
) -> Iterator[bytes]:
    """The pieces that follow on a hello whose signature is ``proof``."""
    for block in encode_blocks(blocks):
        proof = sign(chained(device, proof, block))
        yield piece(proof + block)


class Chain:
    """Proves of block after block that it is the device's own, whole and in its turn, before anything else is done."""

    def __init__(self, device: str, proof: bytes, verify: Callable[[bytes, bytes], None]) -> None:
        self._device = device
        self._proof = proof
        self._verify = verify

    def proven(self, found: bytes) -> bytes:
        """The block of a piece. Raises what ``verify(signature, text)`` raises."""
        proof, block = found[:PROOF], found[PROOF:]
        self._verify(proof, chained(self._device, self._proof, block))
        self._proof = proof
        return block


class Blocks:
    """Reads what ``encode_blocks`` made, block by block in its order."""

    def __init__(self) -> None:
        self._unpacker = zstandard.ZstdDecompressor().decompressobj()

    def read(self, block: bytes) -> tuple[Unit, ...]:
        """The units of the next block. Raises Unreadable, whatever it is."""
        with readable():
            return units_of(_decode(self._unpacked(block)))

    def _unpacked(self, block: bytes) -> bytes:
        plain = bytearray()
        for at in range(0, len(block), SIP):
            plain += self._unpacker.decompress(block[at : at + SIP])
            if len(plain) > LARGEST:
                raise Unreadable("too large")
        return bytes(plain)
