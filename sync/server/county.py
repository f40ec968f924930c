"""The county itself: the same protocol that desks speak across a line, on its ledger."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.engine import Connection

from app.errors import CountyRefused, UserError
from app.records.divisions import is_code, is_practice
from sync import fork
from sync.drill import Detail, Name, Part
from sync.messages import Enrolment, Hello, Introduction, Page, Request, Result, Sums, Unit, Welcome
from sync.parcel import county_keys
from sync.protocol import CLONED
from sync.sealed import Kept, NotOurs, unsealed
from sync.server import accounts, comparing, ledger
from sync.server.accounts import Device
from sync.server.blobs import Blobs
from sync.server.decided import told_after
from sync.server.giving import Giving
from sync.server.ledger import Ledger, number_of
from sync.server.ready import made_ready
from sync.server.taking import Taking
from sync.wire import LARGEST, Unreadable

log = logging.getLogger(__name__)
MOST_UNITS, AT_ONCE = 5_000, 250
OLDEST_THAT_GETS = 1
"""Desks of an earlier protocol hand over what they have, for ever, and get nothing until they are upgraded."""
MOST_RECORDS = 20_000
"""One answer is made in one snapshot; across a line it is made ahead of its sending (``http``)."""


@dataclass(frozen=True, slots=True)
class CountyServer:
    """A ``County``. Devices are taken at their word here; it is ``http`` that checks their signatures."""

    ledger: Ledger

    def enrol(self, enrolment: Enrolment) -> Welcome:
        """Let a device in with a one-time code."""
        with self.ledger.writing() as connection:
            terms = self.ledger.terms(connection)
            if enrolment.kind != terms.kind:
                raise CountyRefused("资料没有动。练习用的资料和真实的县不能连在一起。", code="C10")
            post = accounts.redeem(self.ledger, connection, enrolment)
            keys = county_keys(self.ledger.parcel_secret(connection))
            return Welcome(terms, post["org"], post["role"], post["name"], parcel_key=keys.public)

    def exchange(self, request: Request) -> Iterator[Page]:
        """Take the units, then give what the device does not have."""
        hello = request.hello
        kept = self._opened(request.sealed)
        _require_few(request.units)
        speaker, is_known_by_it = self._notice_rollback(hello)
        units = made_ready(speaker, (*(each.unit for each in kept), *request.units))
        results = self._heard(hello, units, kept) if units or not is_known_by_it else []
        for block in request.blocks:
            yield self._block(hello, block)
        with self.ledger.reading() as connection:
            # A long upload takes an hour on some lines: who speaks now, and for which places, is asked again.
            device = self._welcome(connection, hello.device, hello.server_id)
            if request.asks_after is not None:
                yield told_after(self.ledger, connection, device, request.asks_after)
                return
            if hello.protocol < OLDEST_THAT_GETS:
                terms = replace(self.ledger.terms(connection), upgrade=True)
                yield Page(terms, tuple(results), last=self.ledger.last(connection))
                return
            asked = replace(hello, limit=max(0, min(hello.limit, MOST_RECORDS)))
            yield from Giving(self.ledger, connection, device).pages(asked, results)

    def _heard(self, hello: Hello, units: Sequence[Unit], kept: Sequence[Kept]) -> list[Result]:
        """What came with the request itself: who speaks, saves, and their photos. In transactions of ``AT_ONCE`` saves,
        so that others get their turn in between."""
        with self.ledger.writing() as connection:
            device = self._welcome(connection, hello.device, hello.server_id)
            self._agree_on_token(connection, device, hello)
            results = self._taken(connection, device, units[:AT_ONCE])
            Blobs(self.ledger, connection).keep_sealed(kept)
        for at in range(AT_ONCE, len(units), AT_ONCE):
            results += self._block(hello, units[at : at + AT_ONCE]).results
        return results

    def _block(self, hello: Hello, units: Sequence[Unit]) -> Page:
        """One block of a long upload, in a transaction of its own: what came before a cut has come."""
        _require_few(units)
        with self.ledger.writing() as connection:
            device = self._welcome(connection, hello.device, hello.server_id)
            results = self._taken(connection, device, units)
            return Page(self.ledger.terms(connection), tuple(results), last=self.ledger.last(connection), more=True)

    def _taken(self, connection: Connection, device: Device, units: Sequence[Unit]) -> list[Result]:
        if not units:
            return []
        results = Taking(self.ledger, connection, device).take(units)
        accounts.note_contact(self.ledger, connection, device)
        return results

    def _opened(self, sealed: Sequence[bytes]) -> list[Kept]:
        """What a desk kept sealed for this county; what cannot be opened stays with the desk."""
        if not sealed:
            return []
        with self.ledger.reading() as connection:
            keys = county_keys(self.ledger.parcel_secret(connection))
        found = []
        for each in sealed:
            try:
                found.append(unsealed(each, keys))
            except NotOurs:
                log.warning("有一次封好的修改打不开，没有收下，其余的照收")
            if sum(one.size for one in found) > LARGEST:
                raise Unreadable("too large")  # a few kilobytes could unpack to more than the memory holds (T11)
        return found

    def introduce(self, introduction: Introduction) -> Welcome:
        """Let a device go on under a new name: another one goes by its old name."""
        with self.ledger.writing() as connection:
            device = accounts.introduce(self.ledger, connection, introduction)
            keys = county_keys(self.ledger.parcel_secret(connection))
            terms = self.ledger.terms(connection)
        log.warning("电脑 %s 的资料有另一台也在用，那一台以后叫 %s", introduction.device, introduction.fresh)
        return Welcome(terms, device.org, device.role, device.name, parcel_key=keys.public)

    def _agree_on_token(self, connection: Connection, device: Device, hello: Hello) -> None:
        """Before anything is taken: whether this is who it was last time. Raises CountyRefused."""
        known = bytes.fromhex(device.token or "")
        token = fork.agreed(known, hello.token, hello.proposed)
        if token is None:
            raise CountyRefused(
                "资料都在这台电脑上，没有丢。另一台电脑在用同一份资料和县里收发。",
                advice="请再收发一次，县里会把这台当作另外一台。",
                code=CLONED,
            )
        if token != known:
            accounts.keep_token(self.ledger, connection, device, token)

    def _notice_rollback(self, hello: Hello) -> tuple[Device, bool]:
        """A desk that knows a unit, or a life, which this county does not: its disk was put back, and it lives anew.

        Nothing counts as durable then, for a copy made since may bear numbers that were given twice. Gives who speaks,
        and whether what the desk is known by stays as it is.
        """
        with self.ledger.reading() as connection:
            device = self._welcome(connection, hello.device, hello.server_id)
            is_known = self._has_heard(connection, hello)
        if not is_known:
            with self.ledger.writing() as connection:
                if not self._has_heard(connection, hello):
                    accounts.note_claim(self.ledger, connection, device)
                    self.ledger.note_life(connection, hello.epoch)
                    self.ledger.begin_life(connection)
        known = bytes.fromhex(device.token or "")
        return device, is_known and fork.agreed(known, hello.token, hello.proposed) == known

    def _has_heard(self, connection: Connection, hello: Hello) -> bool:
        """Whether what the desk has heard was said here. A copy that was made after the disk had been put back in
        silence lacks what it says it holds: also of the life of that copy the unit is asked for."""
        terms = self.ledger.terms(connection)
        if hello.epoch == terms.epoch:
            return self.ledger.knows(connection, hello.last)
        if hello.epoch == terms.durable_epoch and number_of(hello.last) <= terms.durable_seq:
            return self.ledger.knows(connection, hello.last)
        return self.ledger.knows_life(connection, hello.epoch)

    def sums(self, device: str) -> Sums:
        """The sums of all that the device may see."""
        with self.ledger.reading() as connection:
            return Giving(self.ledger, connection, accounts.device(self.ledger, connection, device)).sums()

    def look(self, device: str, parts: Sequence[Part]) -> list[Detail]:
        """What the device may see of some parts, to find where two sides differ."""
        with self.ledger.reading() as connection:
            giving = Giving(self.ledger, connection, accounts.device(self.ledger, connection, device))
            return comparing.look(giving, parts)

    def named(self, device: str, names: Sequence[Name]) -> Page:
        """Single records, as far as the device may see them."""
        with self.ledger.reading() as connection:
            giving = Giving(self.ledger, connection, accounts.device(self.ledger, connection, device))
            return comparing.named(giving, names)

    def device(self, id_: str) -> Device:
        """Who speaks. Raises CountyRefused."""
        with self.ledger.reading() as connection:
            return accounts.device(self.ledger, connection, id_)

    def key_of(self, device: str) -> bytes:
        """What the device's signatures are known by. Raises CountyRefused."""
        with self.ledger.reading() as connection:
            return accounts.key_of(self.ledger, connection, device)

    def has_blob(self, device: str, sha256: str) -> int:
        """How many bytes are held already."""
        with self.ledger.reading() as connection:
            self._require_sight(connection, device, sha256, brings=True)
            return Blobs(self.ledger, connection).held(sha256)

    def put_blob(self, device: str, sha256: str, start: int, size: int, part: bytes) -> int:
        """Keep a part that follows on what is held, or the whole; gives how many bytes are held now."""
        with self.ledger.writing() as connection:
            self._require_sight(connection, device, sha256, brings=True)
            return Blobs(self.ledger, connection).put(sha256, start, size, part)

    def get_blob(self, device: str, sha256: str, start: int, length: int) -> bytes:
        """A part of a complete attachment; empty at its end, or while the county does not have it all."""
        with self.ledger.reading() as connection:
            self._require_sight(connection, device, sha256)
            return Blobs(self.ledger, connection).part(sha256, start, length)

    def _require_sight(self, connection: Connection, device: str, sha256: str, *, brings: bool = False) -> None:
        giving = Giving(self.ledger, connection, accounts.device(self.ledger, connection, device))
        if not (giving.may_bring_blob(sha256) if brings else giving.may_see_blob(sha256)):
            raise CountyRefused("资料没有动。这个附件不归这台电脑看。", code="C13")

    def _welcome(self, connection: Connection, id_: str, server_id: str) -> Device:
        if server_id and server_id != self.ledger.terms(connection).server_id:
            raise CountyRefused(
                "资料都在这台电脑上，没有丢。这不是原来加入的那个县级服务器，没有和它收发。",
                advice="请核对服务器地址，或和县里联系。",
                code="C14",
            )
        return accounts.device(self.ledger, connection, id_)


def county_init(data: Path, org: str, name: str, *, practice: bool = False, database: str = "") -> CountyServer:
    """Make a county's server in a folder, on PostgreSQL if a database is named; practice divisions make a practice
    county. Raises UserError, DatabaseUnreachable."""
    if not is_code(org):
        raise UserError(f"什么都没有改动。「{org}」不是 12 位区划代码。", advice="例如 530602000000。")
    if practice != is_practice(org):
        raise UserError("什么都没有改动。练习县用 5399 开头的代码，真实的县不能用。")
    return CountyServer(ledger.create(data, org, name, "practice" if practice else "real", database))


def open_county(data: Path) -> CountyServer:
    """Open the county in a folder. Raises WorkspaceMissing."""
    return CountyServer(ledger.open_ledger(data))


def _require_few(units: Sequence[Unit]) -> None:
    """Raises CountyRefused."""
    if len(units) > MOST_UNITS:
        raise CountyRefused("资料都在这台电脑上。一次送得太多。", advice="请升级程序再试。", code="C11")
