"""The way between a real desk and a real county: every byte of the protocol, and everything that can happen to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

from app.errors import CountyRefused
from sync import stream, wire
from sync.messages import Page, Request, Unit
from sync.protocol import LineBroke
from sync.server.county import CountyServer
from tests.schedules.chance import Clock
from tests.sync.editions import TODAY

CHUNK = 700
LONGEST_BEFORE_A_CUT = 3
FRAGILE = {"put_blob": "photo_cut", "get_blob": "photo_cut", "introduce": "introduction_lost"}
"""Besides exchanges: what loses its answers, and to which fault."""
BROKE = "资料都在这台电脑上。线路断了。"


class Crash(Exception):
    """The laptop goes off in the middle of an exchange."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How often what goes wrong, for each request; ``request_cut`` for each that goes as a stream."""

    request_lost: float = 0.07
    request_cut: float = 0.3
    answer_lost: float = 0.08
    answer_cut: float = 0.08
    repeated: float = 0.08
    delayed: float = 0.05
    crash: float = 0.05
    photo_cut: float = 0.1
    introduction_lost: float = 0.2


NONE = Faults(0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as bytes: what stands at its beginning, and the blocks that follow, as far as they got."""

    head: bytes
    blocks: tuple[bytes, ...] = ()
    is_whole: bool = True


class Line:
    """A ``County`` that packs and unpacks as across a line, with faults by chance."""

    is_stormy: ClassVar[bool] = True
    """Until the end of a day, when everything is compared on a good line."""

    def __init__(
        self, county: Callable[[], CountyServer], random: Random, faults: Faults, fired: Counter[str], clock: Clock
    ) -> None:
        self._county = county
        self._clock = clock
        self._random = random
        self._faults = faults
        self._fired = fired
        self.late: list[Asked] = []

    def __getattr__(self, name: str) -> Any:
        call, fault = getattr(self._county(), name), FRAGILE.get(name)

        def asked(*told: Any) -> Any:
            with self._clock.wrong_by(0), TODAY.speaks():
                answer = call(*told)
            if fault and self._happens(fault):
                raise LineBroke(BROKE)
            return answer

        return asked

    def exchange(self, request: Request) -> Iterator[Page]:
        """One request; each fault as often as it is said to be."""
        if self._happens("request_lost"):
            raise LineBroke(BROKE)
        asked = self._packed(request)
        if self._happens("delayed"):
            self.late.append(asked)
            raise LineBroke(BROKE)
        answer = self._heard(asked)
        if not asked.is_whole:
            raise LineBroke(BROKE)
        if self._happens("repeated"):
            answer = self._heard(asked)
        if self._happens("answer_lost"):
            raise LineBroke(BROKE)
        yield from self._brought(answer)

    def _packed(self, request: Request) -> Asked:
        """The bytes that leave the desk; a stream may break off after any of its first blocks.

        A request that is no stream is read only when it is whole: half of one is none.
        """
        head, blocks = wire.encode_request(request), list[bytes]()
        if not request.blocks:
            return Asked(head)
        cut = self._random.randrange(LONGEST_BEFORE_A_CUT) if self._random.random() < self._faults.request_cut else None
        for block in stream.encode_blocks(request.blocks):
            if len(blocks) == cut:
                self._fired["request cut"] += 1
                self._fired["blocks before a cut"] += len(blocks)
                return Asked(head, tuple(blocks), is_whole=False)
            blocks.append(block)
        self._fired["stream"] += 1
        return Asked(head, tuple(blocks))

    def _brought(self, answer: bytes) -> Iterator[Page]:
        crashes = self._happens("crash")
        whole = len(answer)
        if self._happens("answer_cut") or crashes:
            whole = self._random.randrange(len(answer))
        pages = 0
        for page in wire.decode_pages(answer[at : min(at + CHUNK, whole)] for at in range(0, whole, CHUNK)):
            yield page
            pages += 1
        if whole < len(answer):
            self._fired["pages before a cut"] += pages
        if crashes:
            raise Crash
        if whole < len(answer):
            raise LineBroke(BROKE)

    def deliver_late(self) -> None:
        """A request that everybody had given up arrives after all; nobody hears the answer."""
        if self.late:
            self._fired["delivered late"] += 1
            asked = self.late.pop(self._random.randrange(len(self.late)))
            try:
                self._heard(asked)
            except CountyRefused:
                self._fired["late and refused"] += 1

    def _heard(self, asked: Asked) -> bytes:
        """What the county answers to as much as arrived."""
        request = wire.decode_request(asked.head)
        if asked.blocks or not asked.is_whole:
            request = replace(request, blocks=_read(asked))
        answer = bytearray()
        with self._clock.wrong_by(0), TODAY.speaks(), suppress(StreamBroke):
            for piece in wire.encode_pages(self._county().exchange(request)):
                answer += piece
        return bytes(answer)

    def _happens(self, fault: str) -> bool:
        happens = self._random.random() < getattr(self._faults, fault)
        self._fired[fault.replace("_", " ")] += happens
        return happens


class StreamBroke(Exception):
    """Nothing more comes of a stream: the county keeps what it took and answers nobody."""


def _read(asked: Asked) -> Iterator[tuple[Unit, ...]]:
    reader = stream.Blocks()
    yield from map(reader.read, asked.blocks)
    if not asked.is_whole:
        raise StreamBroke
