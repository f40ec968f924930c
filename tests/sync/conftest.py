"""A county and desks that join it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store import Workspace
from sync.server.county import CountyServer, county_init
from tests.sync.desks import COUNTY, Desk, new_desk


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
