"""Give a device what it may see and does not have: records, leavings, who wrote them, and the sums of it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.policy.access import PERMISSIONS, Action
from sync.merge import Stamp
from sync.messages import Gone, Hello, Page, Patch, Result, Row, Signature, Sums, Terms, total
from sync.parcel import county_keys
from sync.server import tables
from sync.server.accounts import Device
from sync.server.ledger import Ledger, by_epoch, chunks
from sync.server.scope import NOTHING, Reach, within_any
from sync.server.sitting import decode

PAGE, FIRST_PAGE = 1_000, 100
"""Rows of a page; of the first ones few, so that the desk has something to do while the county reads on."""
LARGEST_PAGE = 8 << 20
record = tables.record
ROW = (record.c.type, record.c.id, record.c.subject, record.c.org, record.c.body, record.c.stamps, record.c.seq,
       record.c.placed)  # fmt: skip
BODY, SEQ = 4, 6
_decode_stamps = msgspec.msgpack.Decoder(dict[str, str]).decode

unit = tables.unit
SIGNED = (unit.c.stamp, unit.c.author, unit.c.author_name, unit.c.verb, unit.c.arrived_at)


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows for one page, how far it goes – not into a number that the next page goes on with – and what follows."""

    rows: Sequence[Any]
    reached: int
    more: bool = True


class Giving:
    """What one device may see, in one snapshot."""

    def __init__(self, ledger: Ledger, connection: Connection, device: Device) -> None:
        self.ledger = ledger
        self.connection = connection
        self.device = device
        self.terms: Terms = ledger.terms(connection)
        self.is_resumed = False

    def pages(self, hello: Hello, results: Sequence[Result]) -> Iterator[Page]:
        """The answer: the first page bears the results, the last one the digest and where to go on from."""
        if hello.needs_key:
            keys = county_keys(self.ledger.parcel_secret(self.connection))
            self.terms = replace(self.terms, parcel_key=keys.public)
        first = Page(self.terms, tuple(results), last=self.ledger.last(self.connection))
        if not hello.limit or (hello.epoch and hello.epoch != self.terms.epoch):
            yield first
            return
        reach = Reach(self.device.orgs, hello.cursors)
        self.is_resumed = hello.is_resumed
        for number, piece in enumerate(self._pieces(reach, hello.limit)):
            news = [self._news(row, reach) for row in piece.rows]
            page = Page(
                self.terms,
                first.results if number == 0 else (),
                tuple(each for each in news if isinstance(each, Row)),
                tuple(self._gone(reach, piece)),
                tuple(self._signatures(news)),
                reach.gone_to(piece.reached),
                first.last,
                piece.more,
                patches=tuple(each for each in news if isinstance(each, Patch)),
            )
            yield page if piece.more else replace(page, digest=self._total(page.last))

    def _pieces(self, reach: Reach, limit: int) -> Iterator[Piece]:
        """Records changed since, page by page as they are read; the last page ends with a whole number."""
        if self._is_idle(reach):
            yield Piece((), self.terms.seq, more=False)
            return
        own_only = sa.and_(record.c.device == self.device.id, reach.had(record.c.org, record.c.prior))
        query = (
            self.visible(self.ledger.of(record, *ROW))
            .where(reach.unseen(record.c.org, record.c.seq))
            .order_by(record.c.seq, record.c.type, record.c.id)
        )
        if not self.is_resumed:  # what another hand did to it may lie before a cursor and not have been heard
            query = query.where(sa.not_(own_only))
        count, reached, waiting = 0, NOTHING, list[Any]()
        with self.connection.execute(query.limit(limit + 1), execution_options={"yield_per": PAGE}) as found:
            for rows in _in_sizes(_growing(found)):
                if waiting:
                    reached = next((row[SEQ] for row in reversed(waiting) if row[SEQ] < rows[0][SEQ]), reached)
                    yield Piece(waiting, reached)
                count, waiting = count + len(rows), list(rows)
        if count <= limit:
            yield Piece(waiting, self.terms.seq, more=False)
            return
        last = waiting[-1].seq
        whole = [row for row in waiting if row.seq < last]
        if whole or reached > NOTHING:
            yield Piece(whole, whole[-1].seq if whole else reached)
            return
        # One unit alone is larger than a page: it goes whole, or the cursor could never pass it.
        rest = self.connection.execute(query.where(record.c.seq == last).limit(None).offset(count))
        yield Piece([*waiting, *rest], last)

    def named(self, names: Sequence[tuple[str, str]]) -> Page:
        """These records, as far as the device may see them."""
        by_type: dict[str, list[str]] = {}
        for type_, id_ in names:
            by_type.setdefault(type_, []).append(id_)
        rows: list[Row] = []
        for type_, ids in by_type.items():
            query = self.visible(self.ledger.of(record, *ROW, type=type_))
            for some in chunks(ids):
                rows += map(_whole, self.connection.execute(query.where(record.c.id.in_(some))))
        return Page(self.terms, rows=tuple(rows), signatures=tuple(self._signatures(rows)))

    def visible(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Within the device's subtrees, and of what its post may know."""
        return query.where(within_any(record.c.org, self.device.orgs), self._is_for_the_post())

    def _is_for_the_post(self) -> sa.ColumnElement[bool]:
        """Types that the post may read; what tells of another record goes to who may read that."""
        return _is_for(self.device.role, self.device.names, tuple(PERMISSIONS))

    def _gone(self, reach: Reach, piece: Piece) -> Iterator[Gone]:
        """What was in the subtrees, left them, and is not back; from who was given nothing yet, what it had brought.

        At the end of an answer that goes on with one that broke off, all of it: what went from one subtree to another
        may have been on its way when that other one was taken away.
        """
        if self._is_idle(reach):
            return
        leaving = tables.leaving
        query = (
            self.ledger.of(leaving, leaving.c.type, leaving.c.id)
            .where(sa.or_(reach.may_have_held(leaving.c.org), record.c.home.in_(self.device.names)))
            .where(leaving.c.seq <= piece.reached)
            .where(record.c.county == leaving.c.county, record.c.type == leaving.c.type, record.c.id == leaving.c.id)
            .where(sa.not_(within_any(record.c.org, self.device.orgs)), self._is_for_the_post())
        )
        if piece.more or not self.is_resumed:
            query = query.where(reach.unseen(leaving.c.org, leaving.c.seq))
        yield from (Gone(*name) for name in sorted({(type_, id_) for type_, id_ in self.connection.execute(query)}))

    def _is_idle(self, reach: Reach) -> bool:
        """Whether the desk has heard of everything that has a number."""
        return reach.least >= self.terms.seq and not self.is_resumed

    def _news(self, row: Sequence[Any], reach: Reach) -> Row | Patch:
        """A record, or what is new of one that the desk has: it had it at its cursor if it was in its place by then."""
        type_, id_, _, org, body, stamps, _, placed = row
        had = reach.of(org)
        if self.is_resumed or placed is None or placed > had:
            return _whole(row)
        fresh = {part: stamp for part, stamp in _decode_stamps(stamps).items() if self._is_new(stamp, had)}
        values = decode(body)
        return Patch(type_, id_, {part: values.get(part) for part in fresh}, fresh)

    def _is_new(self, stamp: Stamp, had: int) -> bool:
        """Whether a stamp was given after the desk's cursor; one of an earlier life is as old as its record's place."""
        epoch, _, number = stamp.partition(":")
        return epoch == self.terms.epoch and int(number) > had

    def _signatures(self, news: Sequence[Row | Patch]) -> Iterator[Signature]:
        """Who set what is in these rows."""
        stamps = {stamp for each in news for stamp in each.stamps.values()}
        for epoch, numbers in by_epoch(stamps).items():
            yield from self._signed(epoch, numbers)

    def _signed(self, epoch: str, numbers: Sequence[int]) -> Iterator[Signature]:
        stamp, wanted = unit.c.stamp, set(numbers)
        query = self.ledger.of(unit, *SIGNED, epoch=epoch).order_by(stamp)
        is_dense = numbers[-1] - numbers[0] < 2 * len(numbers)
        asked = [stamp.between(numbers[0], numbers[-1])] if is_dense else [stamp.in_(some) for some in chunks(numbers)]
        for where in asked:
            for number, *told in self.connection.execute(query.where(where)).all():
                if number in wanted:
                    yield Signature(f"{epoch}:{number}", *told)

    def _total(self, last: str) -> bytes:
        """What both sides compare. It was read through already if nothing has got a number since; a database that was
        put back behind this program's back gives numbers twice, but to other saves."""
        at = (self.terms.epoch, self.terms.seq, last)
        whose = (self.device.orgs, self.device.role, self.device.names, tuple(PERMISSIONS))
        return self.ledger.totals.of(at, whose, lambda: total(self.sums()))

    def sums(self) -> Sums:
        """Counts and sums of digests of everything the device may see."""
        columns = (record.c.org, record.c.type, sa.func.count(), sa.func.sum(record.c.h1), sa.func.sum(record.c.h2))
        query = self.visible(sa.select(*columns).where(record.c.county == self.ledger.county))
        grouped = query.group_by(record.c.org, record.c.type)
        return {
            (org, type_): (int(count), int(h1), int(h2))
            for org, type_, count, h1, h2 in self.connection.execute(grouped)
        }

    def may_see_blob(self, sha256: str) -> bool:
        """Whether a record that the device may see bears this attachment."""
        return self._is_borne(self.visible(self._records()), sha256)

    def may_bring_blob(self, sha256: str) -> bool:
        """Whether it belongs to what the device may see, or wrote: that may have gone elsewhere, or be proposed."""
        own = self._records().where(record.c.home.in_(self.device.names))
        return self.may_see_blob(sha256) or self._is_borne(own, sha256) or self._has_written(sha256)

    def _has_written(self, sha256: str) -> bool:
        """Whether a save of the device wrote it in, although another was the first to give it back."""
        use, change = tables.blob_use, tables.change
        query = self.ledger.of(use, change.c.stamp, sha256=sha256).where(
            change.c.county == use.c.county, change.c.type == use.c.type, change.c.record == use.c.record
        )
        stamps, own = by_epoch(self.connection.execute(query).scalars()), unit.c.device.in_(self.device.names)
        pieces = [(epoch, some) for epoch, numbers in stamps.items() for some in chunks(numbers)]
        saved = (self.ledger.of(unit, unit.c.id, epoch=at).where(unit.c.stamp.in_(some), own) for at, some in pieces)
        return any(self.connection.execute(each.limit(1)).first() is not None for each in saved)

    def _records(self) -> sa.Select[Any]:
        return sa.select(record.c.id).where(record.c.county == self.ledger.county)

    def _is_borne(self, records: sa.Select[Any], sha256: str) -> bool:
        use = tables.blob_use
        query = records.where(
            use.c.county == record.c.county,
            use.c.type == record.c.type,
            use.c.record == record.c.id,
            use.c.sha256 == sha256,
        )
        return self.connection.execute(query.limit(1)).first() is not None


@lru_cache(1_000)
def _is_for(role: str, homes: tuple[str, ...], known: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """Made once for each device: to say it again for each question took longer than to answer an idle desk."""
    is_home = record.c.home.in_(homes)
    about = sa.or_(record.c.about.is_(None), is_home, _may_read(role, record.c.about, is_home, known))
    return sa.and_(_may_read(role, record.c.type, is_home, known), about)


def _may_read(
    role: str, type_: sa.Column[Any], is_home: sa.ColumnElement[bool], known: tuple[str, ...]
) -> sa.ColumnElement[bool]:
    """Types that the post may read, and what only its own people may see."""
    open_types, own_types = _types(role)
    is_own = sa.or_(type_.in_(own_types), type_.not_in(known))
    return sa.or_(type_.in_(open_types), sa.and_(is_home, is_own))


def _types(role: str) -> tuple[list[str], list[str]]:
    """Types that the post reads; and types of which it reads what its own people wrote."""
    readable = {
        name: posts[role].own_only
        for name, posts in PERMISSIONS.items()
        if role in posts and Action.READ in posts[role].actions
    }
    return [name for name, own in readable.items() if not own], [name for name, own in readable.items() if own]


def _growing(found: sa.Result[Any]) -> Iterator[Sequence[Any]]:
    """All rows: few at first, twice as many each time as long as a page bears them."""
    size = min(FIRST_PAGE, PAGE)
    while rows := found.fetchmany(size):
        yield rows
        size = min(2 * size, PAGE)


def _in_sizes(partitions: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """No page of more bytes than a desk unpacks at once, however large records are."""
    for rows in partitions:
        some, size = list[Any](), 0
        for row in rows:
            length = len(row[BODY])
            if some and size + length > LARGEST_PAGE:
                yield some
                some, size = [], 0
            some.append(row)
            size += length
        yield some


def _whole(row: Sequence[Any]) -> Row:
    type_, id_, subject, org, body, stamps = row[:6]
    return Row(type_, id_, subject, org, decode(body), _decode_stamps(stamps))
