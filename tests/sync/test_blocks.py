"""How many saves a block carries after the line broke, and after it held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from app.records import Person
from sync.client import blocks
from sync.client.engine import exchange, pending
from sync.messages import Page, Request, Unit
from sync.protocol import LineBroke
from sync.server.county import CountyServer
from tests.sync.desks import Desk, OpenDesk


class ThinLine:
    """A line that breaks once so many units went over it; the county has those, and the desk hears nothing."""

    def __init__(self, county: CountyServer, bears: int) -> None:
        self._county = county
        self.left = bears
        self.sizes: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._county, name)

    def exchange(self, request: Request) -> Iterator[Page]:
        self._pass(request.units)
        yield from list(self._county.exchange(replace(request, blocks=map(self._pass, request.blocks))))

    def _pass(self, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
        if units and len(units) > self.left:
            raise LineBroke("资料都在这台电脑上，没有丢。送到一半线路断了。")
        self.left -= len(units)
        self.sizes += [len(units)] if units else []
        return units


@pytest.fixture
def full_desk(county: CountyServer, open_desk: OpenDesk) -> Desk:
    desk = open_desk()
    desk.join(county)
    edits = [(None, Person(org=desk.store.post.org, name=f"王{number}")) for number in range(1_700)]
    desk.store.save(desk.store.holder, *edits)
    return desk


def test_blocks_grow_while_the_line_holds(county: CountyServer, full_desk: Desk) -> None:
    line = ThinLine(county, bears=10_000)
    assert exchange(line, full_desk.store).delivered  # type: ignore[arg-type]
    # The store is read for the first block, so that the county has something to do, then a thousand at a time.
    assert line.sizes == [blocks.FIRST, blocks.LARGEST, blocks.LARGEST, 450]


def test_after_a_break_what_waits_goes_in_small_blocks_and_later_in_larger_ones(
    county: CountyServer, full_desk: Desk
) -> None:
    with pytest.raises(LineBroke):
        exchange(ThinLine(county, bears=900), full_desk.store)  # type: ignore[arg-type]
    small = blocks.Blocks(full_desk.store).size
    assert small == (blocks.FIRST + 2 * blocks.LARGEST) // blocks.SHARE
    line = ThinLine(county, bears=10_000)
    outcome = exchange(line, full_desk.store)  # type: ignore[arg-type]
    assert set(line.sizes[:-1]) == {small}
    # What had arrived before the break went over the line once, and is known to have arrived all the same.
    assert (sum(line.sizes), outcome.sent, outcome.delivered) == (950, 1_700, True)
    full_desk.person("李小红")
    exchange(county, full_desk.store)
    assert blocks.Blocks(full_desk.store).size > small


def test_a_line_that_breaks_again_and_again_still_brings_everything_once(county: CountyServer, full_desk: Desk) -> None:
    passed = 0
    while pending(full_desk.store):
        line = ThinLine(county, bears=260)
        with suppress(LineBroke):
            exchange(line, full_desk.store)  # type: ignore[arg-type]
        passed += sum(line.sizes)
    assert passed == 1_700


def test_a_small_request_that_broke_changes_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.join(county)
    desk.person()
    with pytest.raises(LineBroke):
        exchange(ThinLine(county, bears=0), desk.store)  # type: ignore[arg-type]
    assert blocks.Blocks(desk.store).size == blocks.FIRST
