"""What desk and county say to each other: plain values, whatever carries them.

Those of which a first exchange makes tens of thousands are structs, which cost a tenth of what a dataclass costs.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from sync.merge import Stamp

PROTOCOL = 1
canonical = msgspec.msgpack.Encoder(order="deterministic").encode
"""A value as the same bytes everywhere. Where bytes are at hand already, ``Raw`` of them stands for the value."""
Raw = msgspec.Raw
_two_numbers = struct.Struct(">II").unpack


class Change(msgspec.Struct, frozen=True, gc=False):
    """What one save did to one record: the parts' values (None: emptied; a set: {add, remove}) and what was seen.

    A base is a stamp, or ``~n`` for a value that came from this desk's own unit n.
    """

    type: str
    record: str
    after: Mapping[str, Any]
    bases: Mapping[str, Stamp] = {}


class Unit(msgspec.Struct, frozen=True, gc=False):
    """The changes of one save on one subject, taken whole or refused whole.

    ``seq`` counts the desk's own saves, ``made_at`` is the desk's clock in milliseconds since 1970 (for display
    only), ``stamp`` is empty until the county has given one.
    """

    seq: int
    verb: str
    subject: str
    author: str
    author_name: str
    made_at: int
    changes: tuple[Change, ...]
    stamp: Stamp = ""

    def identity(self, device: str, nonce: bytes, afters: Iterable[Any] | None = None) -> bytes:
        """The unit's id, the same at both ends without travelling.

        Its bases are no part of it: one that is an own save travels as ``~n`` until that save has got its stamp, and
        what is sent again must be known again. ``afters``: what the changes made of the parts as ``Raw``, where that
        has been encoded already.
        """
        told = [change.after for change in self.changes] if afters is None else afters
        changes = [(one.type, one.record, after) for one, after in zip(self.changes, told, strict=True)]
        plain = (device, nonce, self.seq, self.made_at, self.verb, self.subject, self.author, changes)
        return hashlib.sha256(canonical(plain)).digest()


def op_id(unit_id: bytes, index: int) -> str:
    """The id of one op of a unit; what is made because of it, a conflict for one, is named after it."""
    return hashlib.sha256(unit_id + index.to_bytes(4, "big")).hexdigest()[:32]


class Row(NamedTuple):
    """A record as the county holds it. ``body`` is by part, without what is empty; ``org`` is its place."""

    type: str
    record: str
    subject: str
    org: str
    body: Mapping[str, Any]
    stamps: Mapping[str, Stamp]

    def digest(self) -> tuple[int, int]:
        """Two numbers of 32 bits; sums of them do not depend on order (sync.md, Digest)."""
        return digest_of(self.type, self.record, self.org, self.body, self.stamps)


def digest_of(type_: str, record: str, org: str, body: Any, stamps: Any) -> tuple[int, int]:
    """A row's digest; body and stamps may be ``Raw``."""
    plain = canonical((type_, record, org, body, stamps))
    h1, h2 = _two_numbers(hashlib.blake2b(plain, digest_size=8).digest())
    return h1, h2


class Patch(msgspec.Struct, frozen=True, gc=False):
    """What is new of a record that the desk holds: the parts that changed (None: emptied), each with its stamp."""

    type: str
    record: str
    after: Mapping[str, Any]
    stamps: Mapping[str, Stamp]


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that has left what this desk may see."""

    type: str
    record: str


class Signature(NamedTuple):
    """Who set the values that bear a stamp, and when the county took them (milliseconds since 1970)."""

    stamp: Stamp
    author: str
    author_name: str
    verb: str
    at: int


@dataclass(frozen=True, slots=True)
class Hello:
    """Who speaks, what it has, and how much it wants.

    ``last`` is what the county calls the newest unit this desk knows (a server rolled back in silence does not know
    it, or has it under another number); ``limit`` is how many records one answer may bring, 0 for none yet because
    more units follow. ``device`` may be empty where it stands before the words already (``protocol.signed_words``).
    ``token`` and ``proposed`` tell a clone from a retry (``sync.fork``); what goes by stick has neither. ``needs_key``:
    this desk joined before there were sticks, and has nothing to seal them to. ``is_resumed``: the line broke in an
    answer, so that before a cursor too lies what this desk has not heard: whole records, please, and everything that
    left.
    """

    device: str
    server_id: str
    epoch: str
    cursors: Mapping[str, int] = field(default_factory=dict)
    last: str = ""
    limit: int = 0
    protocol: int = PROTOCOL
    token: bytes = b""
    proposed: bytes = b""
    needs_key: bool = False
    is_resumed: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One exchange.

    ``sealed``: own saves about people who have left this desk, which a county that was restored lost
    (``sync.sealed``); they come before ``units``, in their order. A long one begins with ``asks_after``: what became
    of this desk's units after that number, which may have arrived although no answer came back; then ``blocks``
    follow on the units, each taken as it arrives.
    """

    hello: Hello
    units: tuple[Unit, ...] = ()
    sealed: tuple[bytes, ...] = ()
    asks_after: int | None = None
    blocks: Iterable[tuple[Unit, ...]] = ()


MOST_TOLD = 5_000
"""Of so many units the county tells at once what became of them."""
PROPOSED = "proposed"
"""The reason of a unit that waits, as a proposal, for whoever looks after the record now."""


class Result(msgspec.Struct, frozen=True, gc=False):
    """What became of one unit. ``stamp`` is empty when it was refused; ``clean`` when nothing else came of it.

    ``reason`` says why it changed nothing: refused, or ``PROPOSED``.
    """

    seq: int
    stamp: Stamp
    clean: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What every answer says first: which county this is, which life of its data, how far it is, what day it is.

    ``upgrade``: what the desk sends is taken, and it gets nothing before its program is a newer one. ``parcel_key``
    is told to who lacks it.
    """

    server_id: str
    kind: str
    county: str
    name: str
    epoch: str
    seq: int
    durable_seq: int
    time: int
    durable_epoch: str = ""
    upgrade: bool = False
    parcel_key: bytes = b""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of an answer that a desk writes in one transaction.

    ``digest`` sums everything the county lets this desk see, as of the last page; empty on earlier ones. Where the
    results answer ``asks_after``, ``meant`` says of which units they speak (``ids_digest``).
    """

    terms: Terms
    results: tuple[Result, ...] = ()
    rows: tuple[Row, ...] = ()
    gone: tuple[Gone, ...] = ()
    signatures: tuple[Signature, ...] = ()
    cursors: Mapping[str, int] = field(default_factory=dict)
    last: str = ""
    more: bool = False
    digest: bytes = b""
    patches: tuple[Patch, ...] = ()
    meant: bytes = b""

    @property
    def brings_news(self) -> bool:
        """Whether it brings something, or tells what became of something."""
        return bool(self.results or self.rows or self.patches or self.gone)


def ids_digest(ids: Iterable[bytes]) -> bytes:
    """One short value for the ids of units in their order: numbers alone could mean those of a laptop's clone."""
    return hashlib.sha256(b"".join(ids)).digest()[:16]


Sums = dict[tuple[str, str], tuple[int, int, int]]
"""(division, type) → how many records, and the two sums of their digests."""


def total(sums: Sums) -> bytes:
    """One short value for all of a desk's sums: what both sides compare before 已全部送到 is said."""
    plain = sorted((org, type_, *numbers) for (org, type_), numbers in sums.items() if numbers[0])
    return hashlib.sha256(canonical(plain)).digest()[:16]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A desk's request to join: the one-time code, its public key, the nonce of its incarnation."""

    code: str
    public_key: bytes
    device: str
    nonce: bytes
    kind: str
    org: str
    role: str
    holder: str
    holder_name: str
    protocol: int = PROTOCOL


@dataclass(frozen=True, slots=True)
class Introduction:
    """A desk whose name another one uses takes a new one: ``device`` vouches for ``fresh`` with its old key."""

    device: str
    fresh: str
    public_key: bytes
    nonce: bytes
    signature: bytes = b""

    def signed_text(self) -> bytes:
        """What the old key signs."""
        told = (self.device, self.fresh, self.public_key.hex(), self.nonce.hex())
        return "\n".join(("shouwang introduction", *told)).encode()


@dataclass(frozen=True, slots=True)
class Welcome:
    """The county's answer to an enrolment: where the desk belongs, and what to seal parcels to and know answers by."""

    terms: Terms
    org: str
    role: str
    name: str
    parcel_key: bytes = b""


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a carried file was answered: how large the answer is, what it is known by, and how it begins."""

    size: int
    sha256: str
    beginning: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the county says no, in a sentence that the desk can show as it is."""

    code: str
    message: str
    advice: str = ""
    retry_after: int = 0
