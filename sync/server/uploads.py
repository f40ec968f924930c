"""Long uploads across a line: blocks are proven and taken while the next are on their way, and answered meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from itertools import chain
from queue import Empty, SimpleQueue

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.responses import Response
from starlette.types import Message, Receive

from sync import stream, wire
from sync.messages import Page, Unit
from sync.server.accounts import Device
from sync.server.ready import made_ready

LARGEST_STREAM = 64 << 20
FIRST, TOGETHER, PAUSE_SECONDS = 250, 2_000, 0.03
"""About so many units go into one transaction when blocks come one upon the other, more each time; a pause ends it."""
STALL_SECONDS = 120.0
MOST_STREAMS = 200
SETTLE_SECONDS = 10.0
END = b""
Answer = Callable[[bytes], Response]


Block = tuple[Unit, ...]
Waiting = SimpleQueue[Block | Exception | None]
"""Blocks that have been read; then the end, or why there is none."""


class LineCut(Exception):
    """The stream broke off; what was complete has been taken."""


class Upload:
    """One stream between the line, which an event loop reads, and a thread that works on it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._pieces = stream.Pieces()
        self._come: SimpleQueue[bytes | LineCut] = SimpleQueue()
        self._out: asyncio.Queue[Response | bytes | Exception | None] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._begun = asyncio.Event()
        self._size = 0
        self._over = threading.Event()

    # In the event loop

    async def listen(self, receive: Receive) -> None:
        """Take in what comes, however far the county is with it: what was read before a cut is not lost."""
        while (message := await receive())["type"] == "http.request":
            try:
                self._add(message)
            except wire.Unreadable:
                break
        self.cut()
        self._gone.set()
        self._begun.set()

    async def begun(self) -> bool:
        """Whether a hello has come in good time: until then a stream costs no thread, whoever opened it."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._begun.wait(), STALL_SECONDS)
        return self._begun.is_set()

    def _add(self, message: Message) -> None:
        chunk = message.get("body", b"")
        self._size += len(chunk)
        if self._size > LARGEST_STREAM:
            raise wire.Unreadable("too large")
        for found in self._pieces.add(chunk):
            self._come.put(found)
            self._begun.set()
        if not message.get("more_body", False):
            self._come.put(END)
            self._begun.set()

    async def response(self) -> Response | None:
        """The answer's beginning, once the first block has been taken, or refused; None when the desk hung up."""
        found = await self._out.get()
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Response) else None

    async def answer(self) -> AsyncIterator[bytes]:
        """What the thread says, as it says it."""
        while (found := await self._out.get()) is not None:
            if isinstance(found, Exception):
                raise found
            if isinstance(found, bytes):
                yield found

    async def gone(self) -> Message:
        """For whoever wants to hear when the desk has hung up."""
        await self._gone.wait()
        return {"type": "http.disconnect"}

    # In the thread

    def work(self, answered: Answer) -> None:
        """Answer it: ``answered`` gives the response, whose body ``pages`` has begun if all is well."""
        self._rest: Iterator[bytes] = iter(())
        try:
            self._say(answered(self._next()))
            for piece in self._rest:
                self._say(piece)
            self._say(None)
        except LineCut:
            self._say(None)
        except Exception as error:
            self._say(error)
        finally:
            self._over.set()

    def begin(self, pages: Iterator[Page]) -> AsyncIterator[bytes]:
        """The body of the answer, made as far as its first page; from now on only the stream can break off."""
        self._rest = wire.encode_pages(chain([next(pages)], pages))
        return self.answer()

    def blocks(self, device: Device, proof: bytes) -> Iterator[Block]:
        """Units as they come, each block proven before it is read. Raises InvalidSignature, Unreadable, LineCut.

        They are read by a thread of their own: while the database writes one block the next is made ready.
        """
        key = Ed25519PublicKey.from_public_bytes(device.public_key)
        reader, own = stream.Blocks(), stream.Chain(device.id, proof, key.verify)
        waiting: Waiting = SimpleQueue()
        read = (lambda found: made_ready(device, reader.read(own.proven(found))), waiting)
        threading.Thread(target=self._read, args=read, name="reading", daemon=True).start()
        most = FIRST
        while True:
            found = _together(waiting, most)
            most = min(2 * most, TOGETHER)
            if units := tuple(unit for each in found if isinstance(each, tuple) for unit in each):
                yield units
            if isinstance(found[-1], Exception):
                raise found[-1]
            if found[-1] is None:
                return

    def _read(self, read: Callable[[bytes], Block], waiting: Waiting) -> None:
        try:
            while found := self._next():
                waiting.put(read(found))
            waiting.put(None)
        except Exception as error:  # whoever takes the blocks is to hear of it
            waiting.put(error)

    def _next(self) -> bytes:
        """The next piece, empty at the end. Raises LineCut."""
        try:
            found = self._come.get(timeout=STALL_SECONDS)
        except Empty:
            raise LineCut from None
        if isinstance(found, LineCut):
            raise found
        return found

    def _say(self, found: Response | bytes | Exception | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._out.put_nowait, found)

    # For others

    def cut(self) -> None:
        """Nothing more comes."""
        self._come.put(LineCut())

    def settle(self) -> None:
        """End it and wait until what had come is taken."""
        self.cut()
        self._over.wait(SETTLE_SECONDS)


class Uploads:
    """The streams under way, one of each device: a new word from it tells that the line of the last one is no more."""

    def __init__(self) -> None:
        self._by_device: dict[str, Upload] = {}
        self._turn = threading.Lock()
        self.under_way = 0

    @property
    def are_too_many(self) -> bool:
        """Whether who comes now had better come later: each stream holds a thread and what has come of it."""
        return self.under_way >= MOST_STREAMS

    def begin(self, device: str, upload: Upload | None = None) -> None:
        """This device speaks anew: what it said last is worked on to its end before it is answered."""
        with self._turn:
            last = self._by_device.pop(device, None)
            if upload is not None:
                self._by_device[device] = upload
        if last is not None and last is not upload:
            last.settle()


def _together(waiting: Waiting, most: int) -> list[Block | Exception | None]:
    """The next block, and those that follow close upon it: a transaction costs as much as a hundred units."""
    found, units = [waiting.get()], 0
    while isinstance(found[-1], tuple) and (units := units + len(found[-1])) < most:
        try:
            found.append(waiting.get(timeout=PAUSE_SECONDS))
        except Empty:
            break
    return found
