"""How large one request is after the line broke, and after it held."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app.records import Person
from sync.client import blocks
from sync.client.engine import exchange
from sync.messages import Page, Request
from sync.protocol import LineBroke
from sync.server.county import CountyServer
from tests.sync.desks import Desk


class ThinLine:
    """A line that breaks under every request of more units than it bears; the county hears nothing of those."""

    def __init__(self, county: CountyServer, bears: int) -> None:
        self._county = county
        self.bears = bears
        self.sizes: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._county, name)

    def exchange(self, request: Request) -> Iterator[Page]:
        if len(request.units) > self.bears:
            raise LineBroke("资料都在这台电脑上，没有丢。送到一半线路断了。")
        self.sizes.append(len(request.units))
        yield from self._county.exchange(request)


@pytest.fixture
def full_desk(county: CountyServer, open_desk: Callable[..., Desk]) -> Desk:
    desk = open_desk()
    desk.join(county)
    edits = [(None, Person(org=desk.store.post.org, name=f"王{number}")) for number in range(1_200)]
    desk.store.save(desk.store.holder, *edits)
    return desk


def test_after_a_break_what_waits_goes_in_small_pieces_and_later_in_larger_ones(
    county: CountyServer, full_desk: Desk
) -> None:
    line = ThinLine(county, bears=300)
    with pytest.raises(LineBroke):
        exchange(line, full_desk.store)  # type: ignore[arg-type]
    outcome = exchange(line, full_desk.store)  # type: ignore[arg-type]
    assert (outcome.sent, outcome.delivered) == (1_200, True)
    assert line.sizes == [blocks.SMALLEST] * 4 + [200]
    full_desk.person("李小红")
    exchange(county, full_desk.store)
    assert blocks.Blocks(full_desk.store).size == 4 * blocks.SMALLEST


def test_a_small_request_that_broke_changes_nothing(county: CountyServer, open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.join(county)
    desk.person()
    with pytest.raises(LineBroke):
        exchange(ThinLine(county, bears=0), desk.store)  # type: ignore[arg-type]
    assert blocks.Blocks(desk.store).size == blocks.FIRST
