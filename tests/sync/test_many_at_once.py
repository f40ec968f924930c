"""A save of very many changes, and very many saves, cost the county their number and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from app.records.ids import new_id
from sync.client.credentials import ties
from sync.messages import Change, Hello, Request, Result, Unit
from sync.server import tables
from sync.server.county import CountyServer
from tests.sync.desks import Desk, OpenDesk, joined

FEW, MANY = 20, 80


class Read(tuple[Change, ...]):
    """The changes of a save, and how many times somebody went through them."""

    times = 0

    def __iter__(self) -> Iterator[Change]:
        self.times += 1
        return super().__iter__()

    def __reversed__(self) -> Iterator[Change]:
        self.times += 1
        return iter(self[::-1])


def a_visit(_: int) -> Change:
    """To somebody of whom the county has not heard."""
    return Change("child_visit", new_id(), {"subject": new_id()})


def visits(count: int) -> Read:
    return Read(map(a_visit, range(count)))


def one_save(desk: Desk, count: int) -> tuple[Unit, ...]:
    return (a_unit(desk, 50, visits(count)),)


def saves(desk: Desk, count: int) -> tuple[Unit, ...]:
    return tuple(a_unit(desk, 50 + number, visits(1)) for number in range(count))


def saves_given_back(desk: Desk, count: int) -> tuple[Unit, ...]:
    return tuple(a_unit(desk, 50 + number, visits(1), f"dead:{number}") for number in range(count))


def a_unit(desk: Desk, seq: int, changes: tuple[Change, ...], stamp: str = "") -> Unit:
    return Unit(seq, "save", "", desk.store.holder.id, "李娟", 0, changes, stamp)


def says(county: CountyServer, desk: Desk, *units: Unit) -> tuple[Result, ...]:
    known = ties(desk.store)
    (page,) = county.exchange(Request(Hello(known.device, known.server_id, known.epoch), units))
    return page.results


def sends(county: CountyServer, desk: Desk, *units: Unit) -> None:
    """What it says is taken, all of it."""
    assert all(result.stamp for result in says(county, desk, *units))
    with county.ledger.reading() as connection:
        there = set(connection.execute(county.ledger.of(tables.record, tables.record.c.id)).scalars())
    assert {change.record for unit in units for change in unit.changes} <= there


@contextmanager
def counted(county: CountyServer) -> Iterator[list[str]]:
    """Each question that the database is asked."""
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.extend([statement] if statement.startswith("SELECT") else [])

    sa.event.listen(county.ledger.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        sa.event.remove(county.ledger.engine, "before_cursor_execute", hear)


@pytest.mark.parametrize("seq, stamp", [(50, ""), (50, "dead:9"), (-1, "dead:9")], ids=["own", "own again", "seen"])
def test_changes_are_gone_through_no_more_often_if_there_are_more(
    county: CountyServer, open_desk: OpenDesk, seq: int, stamp: str
) -> None:
    (desk,) = joined(county, open_desk())
    few, many = visits(FEW), visits(MANY)
    for changes in (few, many):
        sends(county, desk, a_unit(desk, seq, changes, stamp))
    assert many.times == few.times


@pytest.mark.parametrize("made", [one_save, saves, saves_given_back])
@pytest.mark.parametrize("is_any_set_aside", [False, True], ids=["", "one was refused"])
def test_what_many_changes_are_about_is_asked_for_at_once(
    county: CountyServer, open_desk: OpenDesk, made: Callable[[Desk, int], tuple[Unit, ...]], is_any_set_aside: bool
) -> None:
    asked = []
    for count in (FEW, MANY):
        (desk,) = joined(county, open_desk())
        if is_any_set_aside:
            says(county, desk, a_unit(desk, 1, (Change("?", "", {}),)))
        units = made(desk, count)
        with counted(county) as said:
            sends(county, desk, *units)
        asked.append(len(said))
    assert asked[0] == asked[1]
