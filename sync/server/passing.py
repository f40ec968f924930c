"""Files that a station carries for villages, on their way by parts: what came before the line broke has come."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.errors import CountyUnreachable
from sync import parcel, wire
from sync.messages import Receipt
from sync.server import tables
from sync.server.ledger import Ledger, now_ms

LARGEST = parcel.LARGEST + (4 << 10)
BEGINNING = 8 << 10
"""An answer no larger than this is given at once and kept nowhere."""
PART = 1 << 20
KEPT = 7 * 86_400_000
ASKING, ANSWER = "asking", "answer"


class Passing:
    """What one station has under way: one file and its answer. Another file puts it out of mind."""

    def __init__(self, ledger: Ledger, carrier: str) -> None:
        self._ledger = ledger
        self._carrier = carrier

    def held(self, digest: str) -> int:
        """How many bytes of a file have come; all, for as long as its answer is kept."""
        with self._ledger.reading() as connection:
            return self._held(connection, digest, ASKING)

    def put(self, digest: str, start: int, part: bytes) -> int:
        """Keep the part that follows on what has come; gives how many bytes are here now. Raises Unreadable."""
        if start + len(part) > LARGEST:
            raise wire.Unreadable("too large")
        with self._ledger.writing() as connection:
            held = self._held(connection, digest, ASKING)
            if start != held or not part or self._held(connection, digest, ANSWER):
                return held
            if not held:
                self._forget(connection)
            self._keep(connection, digest, ASKING, start, part)
            return held + len(part)

    def answered(self, digest: str, rest: bytes, work: Callable[[bytes], bytes]) -> Receipt:
        """The file's last bytes are here: what ``work`` answers. Asked again it is the same answer.

        Raises Unreadable when it is another file than was said, and what ``work`` raises.
        """
        with self._ledger.reading() as connection:
            asked, answer = (self._content(connection, digest, way) for way in (ASKING, ANSWER))
        if not answer:
            answer = self._answer(digest, asked + rest, work)
        return Receipt(len(answer), sha256(answer).hexdigest(), answer[:BEGINNING])

    def whole(self, digest: str) -> bytes:
        """A file of which all has come. Raises CountyUnreachable when it has not."""
        with self._ledger.reading() as connection:
            found = self._content(connection, digest, ASKING)
        if sha256(found).hexdigest() != digest:
            raise CountyUnreachable("资料都在这台电脑上，没有丢。送来的东西县里没有收全。", advice="会自动再试。")
        return found

    def part(self, digest: str, start: int, length: int) -> bytes:
        """A part of the answer to a file; empty at its end."""
        with self._ledger.reading() as connection:
            return self._content(connection, digest, ANSWER)[start : start + length]

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
        named = {"device": self._carrier, "sha256": digest, "way": way, "start": start}
        self._ledger.add(connection, tables.passing, [{**named, "content": content, "came_at": now_ms()}])

    def _forget(self, connection: Connection) -> None:
        """What this station had under way, and what others did not come back for within a week."""
        passing = tables.passing.c
        which = sa.or_(passing.device == self._carrier, passing.came_at < now_ms() - KEPT)
        connection.execute(sa.delete(tables.passing).where(passing.county == self._ledger.county, which))

    def _held(self, connection: Connection, digest: str, way: str) -> int:
        end = sa.func.max(tables.passing.c.start + sa.func.length(tables.passing.c.content))
        named = {"device": self._carrier, "sha256": digest, "way": way}
        return int(connection.execute(self._ledger.of(tables.passing, end, **named)).scalar_one() or 0)

    def _content(self, connection: Connection, digest: str, way: str) -> bytes:
        named = {"device": self._carrier, "sha256": digest, "way": way}
        query = self._ledger.of(tables.passing, tables.passing.c.content, **named).order_by(tables.passing.c.start)
        return b"".join(connection.execute(query).scalars())

