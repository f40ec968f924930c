"""A county, and the line to it, for the pages that exchange."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.server.county import CountyServer, county_init
from sync.server.serving import Listening, listen
from tests.sync.desks import COUNTY


@pytest.fixture
def county(tmp_path: Path) -> Iterator[CountyServer]:
    made = county_init(tmp_path / "county", COUNTY, "昭阳区")
    yield made
    made.ledger.close()


@pytest.fixture
def line(county: CountyServer) -> Iterator[Listening]:
    with listen(county) as answering:
        yield answering
