"""A laptop's disk copied while it works, and a county whose answers get lost on the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import CountyUnreachable
from app.store import open_store
from sync.drill import Detail, Name, Part
from sync.messages import Enrolment, Introduction, Page, Request, Sums, Welcome
from sync.protocol import County
from sync.server import accounts
from sync.server.county import CountyServer
from tests.sync.desks import PASSPHRASE, Desk


def image(desk: Desk, folder: Path) -> Path:
    """What a copying program makes of the disk, between two writes."""
    shutil.copytree(desk.store.folder, folder, ignore=shutil.ignore_patterns("*.lock", "*-shm"))
    return folder


def started(folder: Path) -> Desk:
    """A laptop with that disk."""
    return Desk(open_store(folder, PASSPHRASE))


def forks(county: CountyServer) -> int:
    """How many devices the county's staff see as copies."""
    return sum(each.forked_from is not None for each in accounts.devices(county.ledger))


class AnswerLost(CountyUnreachable):
    """The county did what it was asked, and nobody heard of it."""


@dataclass
class Deaf:
    """A ``County`` whose answers are lost where ``loses`` says so; ``before`` and ``after`` each request, a look."""

    county: County
    loses: Callable[[int], bool] = lambda number: False
    asked: int = 0
    lost: int = 0
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    introduced: list[Introduction] = field(default_factory=list)

    def enrol(self, enrolment: Enrolment) -> Welcome:
        return self.county.enrol(enrolment)

    def introduce(self, introduction: Introduction) -> Welcome:
        self.introduced.append(introduction)
        welcome = self.county.introduce(introduction)
        self._maybe_lose()
        return welcome

    def exchange(self, request: Request) -> Iterator[Page]:
        self.before()
        pages = list(self.county.exchange(request))
        self._maybe_lose()
        yield from pages
        self.after()

    def _maybe_lose(self) -> None:
        self.asked += 1
        if self.loses(self.asked):
            self.lost += 1
            raise AnswerLost("资料都在这台电脑上，没有丢。线路断了。")

    def sums(self, device: str) -> Sums:
        return self.county.sums(device)

    def look(self, device: str, parts: Sequence[Part]) -> list[Detail]:
        return self.county.look(device, parts)

    def named(self, device: str, names: Sequence[Name]) -> Page:
        return self.county.named(device, names)

    def has_blob(self, device: str, sha256: str) -> int:
        return self.county.has_blob(device, sha256)

    def put_blob(self, device: str, sha256: str, start: int, size: int, part: bytes) -> int:
        return self.county.put_blob(device, sha256, start, size, part)

    def get_blob(self, device: str, sha256: str, start: int, length: int) -> bytes:
        return self.county.get_blob(device, sha256, start, length)
