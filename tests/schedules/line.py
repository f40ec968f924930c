"""The way between a real desk and a real county: every byte of the protocol, and everything that can happen to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from app.errors import CountyRefused
from sync import wire
from sync.messages import Page, Request
from sync.protocol import LineBroke
from sync.server.county import CountyServer

CHUNK = 700


class Crash(Exception):
    """The laptop goes off in the middle of an exchange."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How often what goes wrong, for each request."""

    request_lost: float = 0.07
    request_cut: float = 0.07
    answer_lost: float = 0.08
    answer_cut: float = 0.08
    repeated: float = 0.08
    delayed: float = 0.05
    crash: float = 0.05


NONE = Faults(0, 0, 0, 0, 0, 0, 0)


class Line:
    """A ``County`` that packs and unpacks as across a line, with faults by chance."""

    is_stormy: ClassVar[bool] = True
    """Until the end of a day, when everything is compared on a good line."""

    def __init__(self, county: Callable[[], CountyServer], random: Random, faults: Faults, fired: Counter[str]) -> None:
        self._county = county
        self._random = random
        self._faults = faults
        self._fired = fired
        self.late: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._county(), name)

    def exchange(self, request: Request) -> Iterator[Page]:
        """One request; each fault as often as it is said to be."""
        asked = wire.encode_request(request)
        if self._happens("request_lost") or self._happens("request_cut"):
            raise LineBroke("资料都在这台电脑上。线路断了。")
        if self._happens("delayed"):
            self.late.append(asked)
            raise LineBroke("资料都在这台电脑上。线路断了。")
        answer = self._heard(asked)
        if self._happens("repeated"):
            answer = self._heard(asked)
        if self._happens("answer_lost"):
            raise LineBroke("资料都在这台电脑上。线路断了。")
        crashes = self._happens("crash")
        whole = len(answer)
        if self._happens("answer_cut") or crashes:
            whole = self._random.randrange(len(answer))
        yield from wire.decode_pages(answer[at : min(at + CHUNK, whole)] for at in range(0, whole, CHUNK))
        if crashes:
            raise Crash
        if whole < len(answer):
            raise LineBroke("资料都在这台电脑上。线路断了。")

    def deliver_late(self) -> None:
        """A request that everybody had given up arrives after all; nobody hears the answer."""
        if self.late:
            self._fired["delivered late"] += 1
            asked = self.late.pop(self._random.randrange(len(self.late)))
            try:
                self._heard(asked)
            except CountyRefused:
                self._fired["late and refused"] += 1

    def _heard(self, asked: bytes) -> bytes:
        return b"".join(wire.encode_pages(self._county().exchange(wire.decode_request(asked))))

    def _happens(self, fault: str) -> bool:
        happens = self._random.random() < getattr(self._faults, fault)
        self._fired[fault.replace("_", " ")] += happens
        return happens
