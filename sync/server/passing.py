"""What comes by parts because a line does not bear it at once: what came before the line broke has come."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.errors import CountyUnreachable
from sync import parcel, wire
from sync.messages import Receipt
from sync.protocol import ASKING, LOAD
from sync.server import tables
from sync.server.ledger import Ledger, now_ms

LARGEST = parcel.LARGEST + (4 << 10)
BEGINNING = 8 << 10
"""An answer no larger than this is given at once and kept nowhere."""
PART = 1 << 20
KEPT = 7 * 86_400_000
"""Milliseconds for which what nobody comes back for stays here."""
ANSWER = "answer"
"""What another desk's file is answered, beside it."""


class Passing:
    """What one device has under way: one file of another desk with its answer, or (``LOAD``) one load of its own.

    Another file, or another load, puts it out of mind.
    """

    def __init__(self, ledger: Ledger, device: str, way: str = ASKING) -> None:
        self._ledger = ledger
        self._device = device
        self._way = way

    def held(self, digest: str) -> int:
        """How many bytes have come; all, for as long as the answer is kept."""
        with self._ledger.reading() as connection:
            return self._held(connection, digest, self._way)

    def put(self, digest: str, start: int, part: bytes) -> int:
        """Keep the part that follows on what has come; gives how many bytes are here now. Raises Unreadable."""
        if start + len(part) > (wire.LARGEST_REQUEST if self._way == LOAD else LARGEST):
            raise wire.Unreadable("too large")
        with self._ledger.writing() as connection:
            held = self._held(connection, digest, self._way)
            if start != held or not part or self._held(connection, digest, ANSWER):
                return held
            if not held:
                self._forget(connection)
            self._keep(connection, digest, self._way, start, part)
            return held + len(part)

    def whole(self, digest: str) -> bytes:
        """All of it, as often as it is asked for. Raises CountyUnreachable when it is not: then it is begun anew."""
        with self._ledger.reading() as connection:
            found = self._content(connection, digest, self._way)
        if sha256(found).hexdigest() != digest:
            with self._ledger.writing() as connection:
                self._forget(connection)
            raise CountyUnreachable("资料都在这台电脑上，没有丢。送来的东西县里没有收全。", advice="会自动再试。")
        return found

    def answered(self, digest: str, rest: bytes, work: Callable[[bytes], bytes]) -> Receipt:
        """The file's last bytes are here: what ``work`` answers. Asked again it is the same answer.

        Raises Unreadable when it is another file than was said, and what ``work`` raises.
        """
        with self._ledger.reading() as connection:
            asked, answer = (self._content(connection, digest, way) for way in (ASKING, ANSWER))
        if not answer:
            answer = self._answer(digest, asked + rest, work)
        return Receipt(len(answer), sha256(answer).hexdigest(), answer[:BEGINNING])

    def part(self, digest: str, start: int, length: int) -> bytes:
        """A part of the answer to a file, of so many bytes at most; empty at its end."""
        with self._ledger.reading() as connection:
            return self._content(connection, digest, ANSWER, start, length)

    def _answer(self, digest: str, asked: bytes, work: Callable[[bytes], bytes]) -> bytes:
        try:
            if sha256(asked).hexdigest() != digest:
                raise wire.Unreadable("another file")
            answer = work(asked)
        except Exception:
            with self._ledger.writing() as connection:  # the next try begins anew
                self._forget(connection)
            raise
        with self._ledger.writing() as connection:
            self._forget(connection)
            if len(answer) > BEGINNING:
                self._keep(connection, digest, ASKING, len(asked), b"")  # all has come: no part of it comes again
                for start in range(0, len(answer), PART):
                    self._keep(connection, digest, ANSWER, start, answer[start : start + PART])
        return answer

    def _keep(self, connection: Connection, digest: str, way: str, start: int, content: bytes) -> None:
        named = {"device": self._device, "sha256": digest, "way": way, "start": start}
        self._ledger.add(connection, tables.passing, [{**named, "content": content, "came_at": now_ms()}])

    def _forget(self, connection: Connection) -> None:
        passing = tables.passing.c
        ways = (LOAD,) if self._way == LOAD else (ASKING, ANSWER)
        whose = (passing.county == self._ledger.county, passing.device == self._device, passing.way.in_(ways))
        connection.execute(sa.delete(tables.passing).where(*whose))

    def _held(self, connection: Connection, digest: str, way: str) -> int:
        end = sa.func.max(tables.passing.c.start + sa.func.length(tables.passing.c.content))
        return int(connection.execute(self._rows(digest, way, end)).scalar_one() or 0)

    def _content(
        self, connection: Connection, digest: str, way: str, start: int = 0, length: int = LARGEST
    ) -> bytes:
        passing = tables.passing.c
        within = (passing.start < start + length, passing.start + sa.func.length(passing.content) > start)
        rows = self._rows(digest, way, passing.start, passing.content).where(*within).order_by(passing.start)
        found = connection.execute(rows).all()
        before = start - found[0].start if found else 0
        return b"".join(row.content for row in found)[before : before + length]

    def _rows(self, digest: str, way: str, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        return self._ledger.of(tables.passing, *columns, device=self._device, sha256=digest, way=way)


def forget_old(ledger: Ledger) -> None:
    """What nobody came back for: of a file of which something came since, nothing."""
    passing = tables.passing
    file = (passing.c.device, passing.c.sha256, passing.c.way)
    with ledger.writing() as connection:
        newest = ledger.of(passing, *file).group_by(*file).having(sa.func.max(passing.c.came_at) < now_ms() - KEPT)
        for device, digest, way in connection.execute(newest).all():
            named = (passing.c.device == device, passing.c.sha256 == digest, passing.c.way == way)
            connection.execute(sa.delete(passing).where(passing.c.county == ledger.county, *named))
