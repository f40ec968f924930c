"""Lines that break again and again, or are slow, while something large is on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sync.client.http import STALL_SECONDS
from sync.protocol import LineBroke

BEARS = 100_000
PHOTO = b"".join(sha256(bytes([n % 251, n // 251])).digest() for n in range(20_000))
"""640 kB that repeat nowhere."""


@dataclass
class BreakingLine:
    """A county at the end of a line that bears so many bytes of photos and files from one break to the next: 0, and it
    stays broken."""

    county: Any
    bears: int = BEARS
    left: int = BEARS
    moved: int = 0
    broke: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.county, name)

    def put_blob(self, device: str, sha256: str, start: int, size: int, part: bytes) -> int:
        self._bear(part)
        return int(self.county.put_blob(device, sha256, start, size, part))

    def get_blob(self, device: str, sha256: str, start: int, length: int) -> bytes:
        return self._bear(self.county.get_blob(device, sha256, start, length))

    def put_parcel(self, sha256: str, start: int, part: bytes) -> int:
        self._bear(part)
        return int(self.county.put_parcel(sha256, start, part))

    def parcel_answer(self, sha256: str, start: int, length: int) -> bytes:
        return self._bear(self.county.parcel_answer(sha256, start, length))

    def _bear(self, part: bytes) -> bytes:
        self.moved += min(len(part), self.left)
        self.left -= len(part)
        if self.left < 0:
            self.left, self.broke = self.bears, self.broke + 1
            raise LineBroke("资料都在这台电脑上，没有丢。线路断了。")
        return part


@dataclass
class SlowLine(BreakingLine):
    """One that bears so many bytes a second, by a clock of its own; a minute without an answer breaks it."""

    rate: int = 8_000
    seconds: float = 0.0
    took: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    def _bear(self, part: bytes) -> bytes:
        self.took.append(len(part) / self.rate)
        self.seconds += self.took[-1]
        if self.took[-1] >= STALL_SECONDS:
            self.broke += 1
            raise LineBroke("资料都在这台电脑上，没有丢。线路断了。")
        return part
