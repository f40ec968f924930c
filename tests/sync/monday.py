"""``python -m tests.sync.monday 10000``: a Monday morning at half past eight.

So many desks call one county in the same second, each with the saves of a week, on a line of 64 kbit/s up and 256 down
on which a fifth of the calls break; and the county is killed again and again while it serves them. Each desk tries
again as ``sync.client.http`` and the window do. Asked afterwards: was every save taken once, how long did the last
desks wait, how often did they call. The desks are sockets and saves, without a store of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.records.ids import new_id
from sync import wire
from sync.client import http
from sync.client.credentials import Ties, new_key, public_key, signed
from sync.messages import Change, Enrolment, Hello, Refusal, Request, Unit
from sync.protocol import EXCHANGE, signed_text, signed_words
from sync.server import accounts, tables
from sync.server.county import CountyServer, county_init, open_county

COUNTY = "530602000000"
WEEK = 20
UP, DOWN = 64_000 / 8, 256_000 / 8
"""Bytes a second."""
TURN = 0.3
"""Seconds that a call is under way before its first byte arrives, and again before the answer does."""
BREAKS = 0.2
SIP = 512
PAUSE, LONGEST = 60.0, 1_800.0
"""Seconds: as the window waits."""


class Broke(Exception):
    """The line, or the county."""


@dataclass
class Busy(Exception):
    """The county asks for a call after so many seconds."""

    seconds: float


@dataclass
class Desk:
    """One desk with a week's saves; ``scale`` shortens what it waits between calls."""

    known: Ties
    org: str
    scale: float = 1.0
    calls: int = 0
    told: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def persons(self) -> list[str]:
        """Whom it registered."""
        return [f"{self.known.device[:-4]}{number:04x}" for number in range(WEEK)]

    def words(self) -> bytes:
        """All that it says."""
        units = tuple(
            Unit(at, "save", id_, "a" * 32, "李娟", 0, (Change("person", id_, {"org": self.org, "name": f"王{at}"}),))
            for at, id_ in enumerate(self.persons, 1)
        )
        hello = Hello("", self.known.server_id, self.known.epoch, {self.org: 0}, limit=20_000)
        content = wire.encode_request(Request(hello, units))
        proof = signed(self.known, signed_text(self.known.device, "POST", EXCHANGE, content))
        return signed_words(self.known.device, proof, content)

    async def call(self, port: int) -> None:
        """Until all is taken."""
        words, began, pause = self.words(), time.monotonic(), PAUSE
        while True:
            told = await self._exchange(port, words)
            if told is None:
                self.seconds = time.monotonic() - began
                return
            await self._wait(max(random.uniform(0, pause), told + random.uniform(0, told)))
            pause = min(2 * pause, LONGEST)

    async def _exchange(self, port: int, words: bytes) -> float | None:
        """One exchange with its few tries; gives how long it is to be left alone, or None when it is done."""
        for attempt in range(http.TRIES):
            try:
                await self._once(port, words)
                return None
            except Busy as busy:
                self.told["later"] += 1
                if attempt == http.TRIES - 1 or busy.seconds > http.LONGEST_WAIT:
                    return busy.seconds
                await self._wait(busy.seconds + random.uniform(0, busy.seconds))
            except (Broke, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                self.told[type(error).__name__] += 1
                await self._wait(random.uniform(0, 2.0**attempt))
        return 0.0

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self.scale)

    async def _once(self, port: int, words: bytes) -> None:
        self.calls += 1
        breaks = random.random() < BREAKS
        upto = random.choice((len(words), random.randrange(len(words)))) if breaks else len(words)
        reading, writing = await asyncio.wait_for(
            asyncio.open_connection("127.0.0.1", port), http.CONNECT_SECONDS
        )
        try:
            await asyncio.sleep(TURN)
            writing.write(f"POST {EXCHANGE} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(words)}\r\n\r\n".encode())
            for at in range(0, upto, SIP):
                writing.write(words[at : min(upto, at + SIP)])
                await writing.drain()
                await asyncio.sleep(SIP / UP)
            if breaks:
                raise Broke
            async with asyncio.timeout(http.STALL_SECONDS):
                status, answer = await _answer(reading)
            await asyncio.sleep(TURN + len(answer) / DOWN)
        finally:
            writing.close()
        if status != 200:
            refusal = wire.decode_plain(Refusal, answer)
            if status not in http.LATER_STATUS:
                raise RuntimeError(refusal.message)
            raise Busy(float(refusal.retry_after))
        pages = list(wire.decode_pages([answer]))
        if not all(result.stamp for page in pages for result in page.results):
            raise RuntimeError("a save was refused")


async def _answer(reading: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reading.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    fields = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    status = int(head[0].split()[1])
    if "content-length" in fields:
        return status, await reading.readexactly(int(fields["content-length"]))
    found = bytearray()
    while size := int(await reading.readuntil(b"\r\n"), 16):
        found += await reading.readexactly(size)
        await reading.readexactly(2)
    return status, bytes(found)


class Served:
    """A county in a process of its own, which may be killed at any moment and is started again."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.start()

    def start(self) -> None:
        """Serve; returns once it listens."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sync.server", str(self.data), str(self.port)], stderr=subprocess.DEVNULL
        )
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the county did not start")

    def kill(self) -> None:
        """As a power cut does to a program."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def served(data: Path) -> Iterator[Served]:
    """Until the block ends."""
    county = Served(data)
    try:
        yield county
    finally:
        county.kill()


def enrolled(county: CountyServer, count: int, scale: float) -> list[Desk]:
    """Desks of as many villages."""
    desks = []
    for number in range(count):
        org = f"{COUNTY[:6]}{number // 500 + 1:03d}{number % 500 + 1:03d}"
        known = Ties(new_id(), new_key(), "00" * 16)
        code = accounts.make_code(county.ledger, org, "child_director", "测试")
        asked = Enrolment(code, public_key(known), known.device, bytes(16), "real", org, "child_director", "", "")
        desks.append(Desk(known.met(county.enrol(asked).terms), org, scale))
    return desks


async def called(desks: list[Desk], county: Served, kills: int, between: float) -> int:
    """All of them call at once, until the last has come through; gives how often the county was killed meanwhile."""
    killed = 0

    async def kill() -> None:
        nonlocal killed
        while killed < kills:
            await asyncio.sleep(random.uniform(0, 2 * between))
            await asyncio.to_thread(county.kill)
            killed += 1
            await asyncio.to_thread(county.start)

    killing = asyncio.create_task(kill())
    await asyncio.gather(*(desk.call(county.port) for desk in desks))
    killing.cancel()
    return killed


def run(count: int, *, kills: int = 0, between: float = 3.0, scale: float = 1.0) -> dict[str, Any]:
    """So many desks at one county; what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "county"
        county = county_init(data, COUNTY, "测试县")
        desks = enrolled(county, count, scale)
        county.ledger.close()
        with served(data) as there:
            began = time.monotonic()
            killed = asyncio.run(called(desks, there, kills, between))
            seconds = time.monotonic() - began
        county = open_county(data)
        with county.ledger.reading() as connection:
            found = Counter(connection.execute(county.ledger.of(tables.record, tables.record.c.id)).scalars())
            units = len(connection.execute(county.ledger.of(tables.unit, tables.unit.c.id)).all())
        county.ledger.close()
    waits, calls = sorted(desk.seconds for desk in desks), sorted(desk.calls for desk in desks)
    wanted = Counter(person for desk in desks for person in desk.persons)
    return {
        "desks": count, "kills": killed, "seconds": round(seconds), "lost": sum((wanted - found).values()),
        "twice": units - count * WEEK, "median wait": round(waits[count // 2], 1),
        "p99 wait": round(waits[count * 99 // 100], 1), "longest wait": round(waits[-1], 1),
        "calls": sum(calls), "median calls": calls[count // 2], "most calls": calls[-1],
        "what happened": dict(sum((desk.told for desk in desks), Counter[str]())),
    }  # fmt: skip


def main() -> int:
    """1 when something was lost."""
    reader = argparse.ArgumentParser(prog="python -m tests.sync.monday", description=__doc__)
    reader.add_argument("desks", type=int, nargs="?", default=10_000)
    reader.add_argument("--kills", type=int, default=20)
    asked = reader.parse_args()
    done = run(asked.desks, kills=asked.kills)
    print(json.dumps(done, ensure_ascii=False, indent=1))
    return 1 if done["lost"] or done["twice"] else 0


if __name__ == "__main__":
    sys.exit(main())
