"""What a county is to a desk, whether it stands in the same program, across a line, or at the end of a USB stick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Protocol

from app.errors import CountyRefused, CountyUnreachable
from sync.drill import Detail, Name, Part
from sync.messages import Enrolment, Introduction, Page, Request, Sums, Welcome

EXCHANGE, FIRST_EXCHANGE = "/v1/x", "/v1/exchange"
"""Where a county is asked, id and signature before the words; and where the first desks ask, with both in a header."""
ID, PROOF = 16, 64
"""A device's id, and its signature, as they stand before its words."""
UNKNOWN_DEVICE, STOPPED_DEVICE, CLONED = "C8", "C9", "C19"
"""Codes with which a county refuses: it has never heard of this desk, has stopped it, or another goes by its name."""
WRONG_CODE, LATER = "C3", "C16"
"""A one-time code that is none; and that it goes better another time."""
ASKING, LOAD = "asking", "load"
"""What comes by parts: another desk's file that this one carries, or own words that the line does not bear at once."""


class LineBroke(CountyUnreachable):
    """The county was there, and the line broke while something was under way."""


class ProgramTooOld(CountyRefused):
    """The county took everything that was sent, and gives nothing to a program of that age."""

    code = "V1"

    def __init__(self) -> None:
        words = "送出的县里都收下了，资料都在。这台电脑上的程序太旧，收不到县里新的内容。"
        super().__init__(words, advice="请升级程序，升级以后接着收。")


class County(Protocol):
    """One contract test runs against every implementation (tests/sync/contract.py).

    All of these raise ``CountyRefused`` when the county says no and ``CountyUnreachable`` when it says nothing.
    """

    def enrol(self, enrolment: Enrolment) -> Welcome:
        """Join with a one-time code."""
        ...

    def introduce(self, introduction: Introduction) -> Welcome:
        """Go on under a new name that the old one vouches for; the same introduction twice is one."""
        ...

    def exchange(self, request: Request) -> Iterator[Page]:
        """Hand over units and receive pages; each page can be written as it comes, and a cut costs what follows.

        Blocks are taken one by one while the next are on their way, each whole or not at all; a county may answer
        while it takes them.
        """
        ...

    def sums(self, device: str) -> Sums:
        """The sums of all that the device may see, to find where two sides differ."""
        ...

    def look(self, device: str, parts: Sequence[Part]) -> list[Detail]:
        """What the device may see of some parts, as sums over smaller parts or record by record."""
        ...

    def named(self, device: str, names: Sequence[Name]) -> Page:
        """Single records, as far as the device may see them."""
        ...

    def has_blob(self, device: str, sha256: str) -> int:
        """How many bytes of an attachment the county holds already."""
        ...

    def put_blob(self, device: str, sha256: str, start: int, size: int, part: bytes) -> int:
        """Hand over a part of an attachment of ``size`` bytes; returns how many bytes the county holds now."""
        ...

    def get_blob(self, device: str, sha256: str, start: int, length: int) -> bytes:
        """A part of an attachment that belongs to a record this device may see; empty at its end."""
        ...


def signed_text(device: str, method: str, path: str, content: bytes) -> bytes:
    """What a device signs of a request: who, what, where, and every byte that is sent."""
    return "\n".join((device, method, path, sha256(content).hexdigest())).encode()


def signed_words(device: str, proof: bytes, content: bytes) -> bytes:
    """Words with who says them and its signature before them: nothing needs a line of its own, or letters, for it."""
    return bytes.fromhex(device) + proof + content


def parted_words(body: bytes) -> tuple[str, bytes, bytes]:
    """What ``signed_words`` was given, or what somebody made up."""
    return body[:ID].hex(), body[ID : ID + PROOF], body[ID + PROOF :]
