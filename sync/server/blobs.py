"""Attachments at the county: by parts as lines bring them, whole from sticks and seals, and what their name says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from app.errors import CountyRefused
from sync.sealed import Kept
from sync.server import tables
from sync.server.ledger import Ledger

LARGEST = 4 << 20
"""Bytes of an attachment."""


class Blobs:
    """In one transaction; who may see what is asked before."""

    def __init__(self, ledger: Ledger, connection: Connection) -> None:
        self._ledger = ledger
        self._connection = connection

    def held(self, sha256: str) -> int:
        """How many bytes are here."""
        row = self._row(sha256)
        return int(row["held"]) if row else 0

    def put(self, sha256: str, start: int, size: int, part: bytes) -> int:
        """Keep a part that follows on what is held, or the whole; when all is there it must be what its name says.

        Gives how many bytes are held now. Raises CountyRefused.
        """
        if not 0 < size <= LARGEST or start + len(part) > size:
            raise CountyRefused("照片还在这台电脑上。这个文件太大，县里不收。", advice="请缩小后再附上。", code="C12")
        row = self._row(sha256)
        held = int(row["held"]) if row else 0
        if not part or (row is not None and row["complete"]):
            return held  # what is whole stays as it is, whoever may see it
        if held and len(part) == size and hashlib.sha256(part).hexdigest() == sha256:
            self._keep_whole(sha256, part)  # from a stick, which cannot ask how far a line had come
            return size
        if start != held:
            return held
        if row is None:
            self._add(tables.blob, sha256, size=size, held=0, complete=0)
        self._add(tables.blob_part, sha256, start=start, content=part)
        return self._grown(sha256, held + len(part), size)

    def part(self, sha256: str, start: int, length: int) -> bytes:
        """A part of what is complete, of so many bytes at most; empty at its end, or while some is missing."""
        row = self._row(sha256)
        return self._content(sha256)[start : start + length] if row and row["complete"] else b""

    def keep_sealed(self, kept: Sequence[Kept]) -> None:
        """What came sealed with the saves that name it, unless it is here already."""
        for each in kept:
            named = {change.after.get("sha256") for change in each.unit.changes}
            for content in each.photos:
                digest = hashlib.sha256(content).hexdigest()
                row = self._row(digest)
                if digest in named and not (row and row["complete"]) and 0 < len(content) <= LARGEST:
                    self._keep_whole(digest, content)

    def _row(self, sha256: str) -> RowMapping | None:
        return self._ledger.first(self._connection, tables.blob, sha256=sha256)

    def _content(self, sha256: str) -> bytes:
        parts = self._ledger.every(self._connection, tables.blob_part, sha256=sha256)
        return b"".join(part["content"] for part in sorted(parts, key=lambda part: int(part["start"])))

    def _grown(self, sha256: str, held: int, size: int) -> int:
        complete = held == size
        if complete and hashlib.sha256(self._content(sha256)).hexdigest() != sha256:
            self._drop(sha256)  # something went wrong on the way: it is asked for again from the beginning
            return 0
        own = (tables.blob.c.county == self._ledger.county, tables.blob.c.sha256 == sha256)
        self._connection.execute(sa.update(tables.blob).where(*own).values(held=held, complete=int(complete)))
        return held

    def _keep_whole(self, sha256: str, content: bytes) -> None:
        """In place of what had come of it by parts."""
        self._drop(sha256)
        self._add(tables.blob, sha256, size=len(content), held=len(content), complete=1)
        self._add(tables.blob_part, sha256, start=0, content=content)

    def _add(self, table: sa.Table, sha256: str, **values: object) -> None:
        self._ledger.add(self._connection, table, [{"sha256": sha256, **values}])

    def _drop(self, sha256: str) -> None:
        for table in (tables.blob, tables.blob_part):
            own = sa.and_(table.c.county == self._ledger.county, table.c.sha256 == sha256)
            self._connection.execute(sa.delete(table).where(own))
