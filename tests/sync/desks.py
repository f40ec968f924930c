"""A desk in a test: a real encrypted store, and the few things its user does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from app.records import Person
from app.records.record import Record, amended
from app.store import Post, Workspace, create_store
from sync.client.engine import Outcome, exchange, join
from sync.protocol import County
from sync.server import accounts
from sync.server.county import CountyServer

COUNTY = "530602000000"
TOWN = "530602001000"
VILLAGE, NEXT_VILLAGE = "530602001001", "530602001002"
PASSPHRASE = "四个词的口令 很长"
R = TypeVar("R", bound=Record)


@dataclass
class Desk:
    """One laptop and whoever sits at it."""

    store: Workspace

    def save(self, record: R, **fields: Any) -> R:
        """Save a new record, or an edited one, as a form would."""
        loaded = record if record.id else None
        changes = self.store.save(self.store.holder, (loaded, amended(record, fields)))
        return self.get(type(record), record.id or next(iter(changes.ids)))

    def person(self, name: str = "王小明", **fields: Any) -> Person:
        """Register somebody in the desk's own village."""
        return self.save(Person(), **{"name": name, "org": self.store.post.org, **fields})

    def get(self, cls: type[R], id_: str) -> R:
        return self.store.require(cls, id_)

    def join(self, server: CountyServer, through: County | None = None, url: str = "") -> None:
        code = accounts.make_code(server.ledger, self.store.post.org, self.store.post.role, "测试")
        join(through or server, self.store, url, code)

    def exchange(self, county: County) -> Outcome:
        return exchange(county, self.store)


OpenDesk = Callable[..., Desk]
"""Opens one more desk: of which division, in which role."""


def new_desk(folder: Path, org: str, role: str, *, holder: str = "李娟", kind: str = "real") -> Desk:
    made = create_store(folder, PASSPHRASE, post=Post(org, role, "测试岗位"), holder_name=holder, kind=kind)
    return Desk(made.store)


def joined(county: CountyServer, *desks: Desk) -> tuple[Desk, ...]:
    """The desks, when each has joined the county."""
    for desk in desks:
        desk.join(county)
    return desks


def contents(desk: Desk, cls: type[Record]) -> dict[str, Record]:
    """All records of a type, without the stamps, for comparing two desks."""
    return {each.id: replace(each, stamps={}) for each in desk.store.every(cls)}
