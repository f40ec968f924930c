"""The contract, with the county in the same program."""

from __future__ import annotations

import pytest

from sync.server.county import CountyServer
from tests.sync.contract import CountyContract, Line


class TestCountyInProcess(CountyContract):
    @pytest.fixture
    def line(self, county: CountyServer) -> Line:
        return lambda desk: county
