"""A county and desks that join it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store import Workspace
from sync.client import engine
from sync.client.http import HttpCounty
from sync.server.county import CountyServer, county_init
from sync.server.serving import Listening, listen
from tests.sync.desks import COUNTY, Desk, OpenDesk, new_desk


@pytest.fixture(params=["file", pytest.param("postgres", marks=pytest.mark.long)])
def county(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CountyServer]:
    """Either kind; which suites try PostgreSQL in every run, they say themselves."""
    database = request.getfixturevalue("postgres").new() if request.param == "postgres" else ""
    made = county_init(tmp_path / "county", COUNTY, "昭阳区", database=database)
    yield made
    made.ledger.close()


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    stores: list[Workspace] = []

    def open_one(org: str = "530602001001", role: str = "child_director", **more: str) -> Desk:
        desk = new_desk(tmp_path / f"desk{len(stores)}", org, role, **more)
        stores.append(desk.store)
        return desk

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def no_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides must come to hold the same without the comparison's help."""
    monkeypatch.setattr(engine, "mend", lambda *_: pytest.fail("the two sides differ"))


@pytest.fixture
def listening(county: CountyServer) -> Iterator[Listening]:
    """The county on loopback."""
    with listen(county) as answering:
        yield answering


@pytest.fixture
def lines(listening: Listening) -> Iterator[Callable[[Desk], HttpCounty]]:
    """A desk's line to it, hung up at the end."""
    opened: list[HttpCounty] = []

    def to(desk: Desk) -> HttpCounty:
        opened.append(HttpCounty.to(desk.store, listening.url))
        return opened[-1]

    yield to
    for each in opened:
        each.close()


@pytest.fixture
def joined_desk(
    county: CountyServer, listening: Listening, lines: Callable[[Desk], HttpCounty], open_desk: OpenDesk
) -> Desk:
    """A desk that joined over the line."""
    made = open_desk()
    made.join(county, lines(made), listening.url)
    return made
