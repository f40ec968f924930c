"""Give a device what it may see and does not have: records, leavings, who wrote them, and the sums of it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.policy.access import PERMISSIONS, Action
from sync.merge import Stamp
from sync.messages import Gone, Page, Request, Result, Row, Signature, Sums, Terms, total
from sync.server import tables
from sync.server.accounts import Device
from sync.server.ledger import Ledger, chunks
from sync.server.scope import NOTHING, Reach, within_any
from sync.server.sitting import decode

PAGE = 1_000


class Giving:
    """What one device may see, in one snapshot."""

    def __init__(self, ledger: Ledger, connection: Connection, device: Device) -> None:
        self.ledger = ledger
        self.connection = connection
        self.device = device
        self.terms: Terms = ledger.terms(connection)

    def pages(self, request: Request, results: Sequence[Result]) -> Iterator[Page]:
        """The answer: the first page bears the results, the last one the digest and where to go on from."""
        hello = request.hello
        first = Page(self.terms, tuple(results), last=self.ledger.last(self.connection))
        if not hello.limit or (hello.epoch and hello.epoch != self.terms.epoch):
            yield first
            return
        reach = Reach(self.device.orgs, hello.cursors)
        rows, reached, more = self._rows(reach, hello.limit)
        pieces = [rows[at : at + PAGE] for at in range(0, len(rows), PAGE)] or [[]]
        for number, piece in enumerate(pieces):
            is_last = number == len(pieces) - 1
            page = Page(
                self.terms,
                first.results if number == 0 else (),
                tuple(_row(each) for each in piece),
                tuple(self._gone(reach, reached)) if is_last else (),
                tuple(self._signatures(piece, reach)),
                reach.gone_to(reached if is_last else _reached(piece, pieces[number + 1])),
                first.last,
                more or not is_last,
            )
            yield replace(page, digest=total(self.sums())) if is_last and not more else page

    def _rows(self, reach: Reach, limit: int) -> tuple[list[Any], int, bool]:
        """Records changed since, whole numbers of the sequence at a time; how far this goes; whether there is more."""
        record = tables.record
        own_only = sa.and_(record.c.device == self.device.id, reach.had(record.c.org, record.c.prior))
        query = (
            self._visible(self.ledger.of(record))
            .where(reach.unseen(record.c.org, record.c.seq), sa.not_(own_only))
            .order_by(record.c.seq, record.c.type, record.c.id)
            .limit(limit + 1)
        )
        rows = list(self.connection.execute(query).mappings())
        if len(rows) <= limit:
            return rows, self.terms.seq, False
        last = rows[-1]["seq"]
        whole = [row for row in rows if row["seq"] < last]
        if whole:
            return whole, whole[-1]["seq"], True
        # One unit alone is larger than a page: it goes whole, or the cursor could never pass it.
        return list(self.connection.execute(query.where(record.c.seq == last).limit(None)).mappings()), last, True

    def _visible(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Within the device's subtrees, of types its post may read, and what only its own people may see."""
        record = tables.record
        open_types, own_types = self._types()
        return query.where(
            within_any(record.c.org, self.device.orgs),
            sa.or_(
                record.c.type.in_(open_types),
                sa.and_(
                    record.c.home == self.device.id,
                    sa.or_(record.c.type.in_(own_types), record.c.type.not_in(list(PERMISSIONS))),
                ),
            ),
        )

    def _types(self) -> tuple[list[str], list[str]]:
        """Types that the post reads; and types of which it reads what its own people wrote."""
        readable = {
            name: posts[self.device.role].own_only
            for name, posts in PERMISSIONS.items()
            if self.device.role in posts and Action.READ in posts[self.device.role].actions
        }
        return [name for name, own in readable.items() if not own], [name for name, own in readable.items() if own]

    def _gone(self, reach: Reach, reached: int) -> Iterator[Gone]:
        """What was in the subtrees, left them, and is not back."""
        leaving, record = tables.leaving, tables.record
        query = (
            self.ledger.of(leaving, leaving.c.type, leaving.c.id)
            .where(reach.may_have_held(leaving.c.org), reach.unseen(leaving.c.org, leaving.c.seq))
            .where(leaving.c.seq <= reached)
            .where(record.c.county == leaving.c.county, record.c.type == leaving.c.type, record.c.id == leaving.c.id)
            .where(sa.not_(within_any(record.c.org, self.device.orgs)))
        )
        yield from (Gone(*name) for name in sorted({(type_, id_) for type_, id_ in self.connection.execute(query)}))

    def _signatures(self, rows: Sequence[Any], reach: Reach) -> Iterator[Signature]:
        """Who set what is new in these rows."""
        known: dict[str, int] = {}
        for row in rows:
            had = reach.of(row["org"])
            known.update((stamp, min(had, known.get(stamp, had))) for stamp in decode(row["stamps"]).values())
        by_epoch: dict[str, list[int]] = {}
        for stamp, had in sorted(known.items()):
            epoch, _, number = stamp.partition(":")
            if epoch != self.terms.epoch or int(number) > had:
                by_epoch.setdefault(epoch, []).append(int(number))
        for epoch, numbers in by_epoch.items():
            yield from self._signed(epoch, sorted(numbers))

    def _signed(self, epoch: str, numbers: Iterable[int]) -> Iterator[Signature]:
        unit = tables.unit
        columns = (unit.c.stamp, unit.c.author, unit.c.author_name, unit.c.verb, unit.c.arrived_at)
        for some in chunks(numbers):
            query = self.ledger.of(unit, *columns, epoch=epoch).where(unit.c.stamp.in_(some)).order_by(unit.c.stamp)
            for number, author, name, verb, at in self.connection.execute(query):
                yield Signature(_stamp(epoch, number), author, name, verb, at)

    def sums(self) -> Sums:
        """Counts and sums of digests of everything the device may see."""
        record = tables.record
        columns = (record.c.org, record.c.type, sa.func.count(), sa.func.sum(record.c.h1), sa.func.sum(record.c.h2))
        query = self._visible(sa.select(*columns).where(record.c.county == self.ledger.county))
        grouped = query.group_by(record.c.org, record.c.type)
        return {
            (org, type_): (int(count), int(h1), int(h2))
            for org, type_, count, h1, h2 in self.connection.execute(grouped)
        }

    def may_see_blob(self, sha256: str) -> bool:
        """Whether a record that the device may see bears this attachment."""
        use, record = tables.blob_use, tables.record
        query = self._visible(sa.select(record.c.id).where(record.c.county == self.ledger.county)).where(
            use.c.county == record.c.county,
            use.c.type == record.c.type,
            use.c.record == record.c.id,
            use.c.sha256 == sha256,
        )
        return self.connection.execute(query.limit(1)).first() is not None


def _reached(piece: Sequence[Any], following: Sequence[Any]) -> int:
    """How far a page goes: not into a number of the sequence that the next page goes on with."""
    upcoming = following[0]["seq"]
    return max((row["seq"] for row in piece if row["seq"] < upcoming), default=NOTHING)


def _row(row: Any) -> Row:
    return Row(row["type"], row["id"], row["subject"], row["org"], decode(row["body"]), decode(row["stamps"]))


def _stamp(epoch: str, number: int) -> Stamp:
    return f"{epoch}:{number}"
