"""An exchange as two files on a stick: sealed to whom it is for, signed by whom it is from, opaque to the carrier."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import UserError

ASKING, ANSWER = b"SWP1", b"SWA1"
"""How a file begins: what a desk sends, what the county sends back."""
KEPT = b"SWK1"
"""What a desk keeps sealed to the county is bound to this purpose."""
LARGEST = 64 << 20
PHOTOS_ASKING, PHOTOS_ANSWER = 16 << 20, 24 << 20
"""Bytes of photos that one file carries; the rest goes with the next."""
ID, KEY, SIGNATURE, ADDRESS = 16, 32, 64, 8
"""Bytes of a desk's id, of a key, of a signature, and of what says for whom a file is."""
_suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_encode, _decode = msgspec.msgpack.encode, msgspec.msgpack.decode
M = TypeVar("M")
NOT_OPENED, NOT_WELCOME, NOT_FOR_US = "U1", "U2", "U3"
"""Why a county did not take a file that somebody carried: it was changed, its writer is not known, it is another's."""


class ParcelRefused(UserError):
    """The file is no parcel, was changed on the way, or is for somebody else."""

    code = NOT_OPENED


@dataclass(frozen=True, slots=True)
class Keys:
    """The two keys that one secret of 32 bytes gives: to open what is sealed, and to sign."""

    box: X25519PrivateKey
    pen: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """What the other side keeps: to seal to this one, and to know its signature."""
        return self.box.public_key().public_bytes_raw() + self.pen.public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class Call:
    """One thing asked of the county, as across a line; of a photo: ``held``, ``put`` and ``get``.

    ``sha256`` names the photo; of an exchange it is whatever the desk wants to find in the answer again.
    """

    name: str
    content: bytes = b""
    sha256: str = ""
    start: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Asking:
    """What a desk sends. ``box`` is where the answer is sealed to; ``epoch`` and ``cursors`` come back in it."""

    box: bytes
    epoch: str
    cursors: Mapping[str, int]
    owes_witness: bool
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one call; a refusal as its sentence."""

    content: bytes = b""
    refused: str = ""
    advice: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the county sends back, with what it was asked."""

    epoch: str
    cursors: Mapping[str, int]
    owes_witness: bool
    calls: tuple[Call, ...]
    replies: tuple[Reply, ...]


def county_keys(secret: bytes) -> Keys:
    """The county's keys."""
    return Keys(X25519PrivateKey.from_private_bytes(_derived(secret, b"county box")),
                Ed25519PrivateKey.from_private_bytes(_derived(secret, b"county pen")))  # fmt: skip


def desk_keys(secret: bytes) -> Keys:
    """A desk signs a parcel with the key that it signs requests with."""
    box = X25519PrivateKey.from_private_bytes(_derived(secret, b"desk box"))
    return Keys(box, Ed25519PrivateKey.from_private_bytes(secret))


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY, None, b"shouwang parcel " + purpose).derive(secret)


def seal(kind: bytes, content: bytes, device: str, keys: Keys, box: bytes) -> bytes:
    """A file for whoever holds the key of ``box``; ``device`` is the desk's id both ways. Raises ParcelRefused."""
    plain = bytes.fromhex(device) + keys.pen.sign(_signed(kind, device, box, content)) + content
    if len(plain) > LARGEST:
        raise ParcelRefused("资料都在。这一次的内容太多，一个文件装不下。", advice="请先在有网络的地方收发一次。")
    head = kind + address(box)
    return head + _suite.encrypt(plain, X25519PublicKey.from_public_bytes(box), info=head)


def address(box: bytes) -> bytes:
    """For whom a file is, and nothing of who wrote it: one for somebody else is told from one that was changed."""
    return hashlib.sha256(b"shouwang parcel address " + box).digest()[:ADDRESS]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was sealed to us and not changed since; who it says it is from is not proven yet."""

    kind: bytes
    device: str
    signature: bytes
    content: bytes
    box: bytes

    def require_signature(self, pen: bytes) -> None:
        """Raise ParcelRefused unless the holder of this key signed it."""
        try:
            signed = _signed(self.kind, self.device, self.box, self.content)
            Ed25519PublicKey.from_public_bytes(pen).verify(self.signature, signed)
        except (InvalidSignature, ValueError):
            raise ParcelRefused(
                "没有读入，什么都没有改动。这个文件不是它说的那台电脑写的。", advice="请重新存一次。"
            ) from None


def open_sealed(kind: bytes, data: bytes, keys: Keys) -> Opened:
    """Any changed bit is noticed here, before a byte of the content is looked at. Raises ParcelRefused."""
    if len(data) > LARGEST + 4_096 or not data.startswith(kind):
        raise ParcelRefused("没有读入，什么都没有改动。这不是守望的 U 盘文件。", advice="请选对文件再试。")
    box = keys.public[:KEY]
    head, sealed = data[: len(kind) + ADDRESS], data[len(kind) + ADDRESS :]
    if head != kind + address(box):
        raise ParcelRefused("没有读入，什么都没有改动。这个文件不是给这里的。", advice="请选对文件。", code=NOT_FOR_US)
    try:
        plain = _suite.decrypt(sealed, keys.box, info=head)
    except (InvalidTag, ValueError):
        raise ParcelRefused(
            "没有读入，什么都没有改动。这个文件在路上变了。", advice="请重新拷贝，或重新存一次。"
        ) from None
    if len(plain) < ID + SIGNATURE:
        raise ParcelRefused("没有读入，什么都没有改动。这个文件不完整。", advice="请重新存一次。")
    rest = plain[ID:]
    return Opened(kind, plain[:ID].hex(), rest[:SIGNATURE], rest[SIGNATURE:], box)


def seal_to(box: bytes, content: bytes) -> bytes:
    """A piece of what a desk keeps for the county's eyes alone; who kept it is told by the request that brings it."""
    return _suite.encrypt(content, X25519PublicKey.from_public_bytes(box[:KEY]), info=KEPT)


def opened_by(keys: Keys, sealed: bytes) -> bytes:
    """What ``seal_to`` was given. Raises InvalidTag, ValueError."""
    return _suite.decrypt(sealed, keys.box, info=KEPT)


def _signed(kind: bytes, device: str, box: bytes, content: bytes) -> bytes:
    """To whom is signed too, so that nobody can seal a desk's words to another county."""
    return b"\n".join((kind, device.encode(), box, hashlib.sha256(content).digest()))


def encode_asking(asking: Asking) -> bytes:
    """The content of a desk's file."""
    return _encode(asking)


def encode_answer(asking: Asking, replies: Sequence[Reply]) -> bytes:
    """The content of the county's file: what was asked, without the bytes, and the answers."""
    calls = tuple(Call(each.name, b"", each.sha256, each.start, each.size) for each in asking.calls)
    return _encode(Answer(asking.epoch, asking.cursors, asking.owes_witness, calls, tuple(replies)))


def decode_asking(content: bytes) -> Asking:
    """What is asked in a desk's file. Raises ParcelRefused."""
    return _decoded(content, Asking)


def decode_answer(content: bytes) -> Answer:
    """What is answered in a county's file. Raises ParcelRefused."""
    return _decoded(content, Answer)


def _decoded(content: bytes, kind: type[M]) -> M:
    try:
        return _decode(content, type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise ParcelRefused("没有读入，什么都没有改动。这个文件读不懂。", advice="请升级程序再试。") from error
