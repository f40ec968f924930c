"""A post with several divisions: each is asked for from its own cursor, and what ends leaves the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from app.cases import posts
from app.errors import CountyRefused, UserError
from app.policy import access
from app.records import ChildVisit, Person, Rejection
from sync.client import blocks
from sync.client.credentials import ties
from sync.client.engine import pending
from sync.messages import Page, Request, Unit
from sync.protocol import STOPPED_DEVICE
from sync.server import accounts, grants
from sync.server.county import CountyServer
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk, contents, joined


def device(desk: Desk) -> str:
    return ties(desk.store).device


def names(desk: Desk) -> list[str]:
    return sorted(each.name or "" for each in desk.store.every(Person))


def test_a_grant_brings_its_own_records_and_sends_nothing_twice(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    here.person("王小明")
    there.person("赵小红")
    for desk in (here, there):
        desk.exchange(county)
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    got = here.exchange(county)
    assert (got.received, got.delivered) == (1, True)
    assert names(here) == ["王小明", "赵小红"]
    assert list(ties(here.store).cursors) == [VILLAGE, NEXT_VILLAGE]
    assert posts.actor(here.store).served == (VILLAGE, NEXT_VILLAGE)
    assert here.exchange(county).received == 0


def test_an_overlapping_grant_sends_only_what_is_not_there(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    for desk, name in ((here, "王小明"), (there, "赵小红")):
        desk.person(name)
        desk.exchange(county)
    grants.grant(county.ledger, device(here), TOWN)
    grants.ungrant(county.ledger, device(here), VILLAGE)
    got = here.exchange(county)
    assert (got.received, got.gone, got.delivered) == (1, 0, True)
    assert names(here) == ["王小明", "赵小红"]


def test_what_is_written_in_a_granted_village_is_taken(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    here.exchange(county)
    access.require(posts.actor(here.store), "write", "person", NEXT_VILLAGE)
    here.person("外村人", org=NEXT_VILLAGE)
    assert here.exchange(county).delivered
    assert here.store.count(Rejection) == 0
    there.exchange(county)
    assert contents(there, Person).keys() == contents(here, Person).keys()


def test_a_grant_that_ended_takes_its_records_off_the_laptop(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    here.person("王小明")
    there.person("赵小红")
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    for desk in (there, here):
        desk.exchange(county)
    grants.ungrant(county.ledger, device(here), NEXT_VILLAGE)
    left = here.exchange(county)
    assert (left.gone, left.delivered) == (1, True)
    assert names(here) == ["王小明"]
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    assert here.exchange(county).received == 1
    assert names(here) == ["王小明", "赵小红"]


def test_what_one_wrote_comes_back_with_the_grant(county: CountyServer, open_desk: OpenDesk) -> None:
    (here,) = joined(county, open_desk())
    here.person("王小明")
    here.exchange(county)
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    grants.ungrant(county.ledger, device(here), VILLAGE)
    assert here.exchange(county).gone == 1
    grants.grant(county.ledger, device(here), VILLAGE)
    assert here.exchange(county).delivered
    assert names(here) == ["王小明"]


def test_a_grant_and_its_end_between_two_exchanges_change_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    there.person("赵小红")
    there.exchange(county)
    here.exchange(county)
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    grants.ungrant(county.ledger, device(here), NEXT_VILLAGE)
    quiet = here.exchange(county)
    assert (quiet.received, quiet.gone, quiet.delivered) == (0, 0, True)
    assert names(here) == []


def test_a_reassigned_worker_has_the_new_village_and_not_the_old(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    here.person("王小明")
    there.person("赵小红")
    for desk in (here, there):
        desk.exchange(county)
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    grants.ungrant(county.ledger, device(here), VILLAGE)
    moved = here.exchange(county)
    assert (moved.received, moved.gone, moved.delivered) == (1, 1, True)
    assert names(here) == ["赵小红"]
    assert posts.actor(here.store).org == NEXT_VILLAGE


def test_the_last_grant_is_only_ended_by_leaving(county: CountyServer, open_desk: OpenDesk) -> None:
    (here,) = joined(county, open_desk())
    here.person("王小明")
    here.exchange(county)
    with pytest.raises(UserError, match="最后一个"):
        grants.ungrant(county.ledger, device(here), VILLAGE)
    grants.leave(county.ledger, device(here))
    left = here.exchange(county)
    assert (left.gone, left.delivered) == (1, True)
    assert names(here) == []


def test_a_grant_is_a_place_of_this_county_and_given_once(county: CountyServer, open_desk: OpenDesk) -> None:
    (here,) = joined(county, open_desk())
    with pytest.raises(UserError, match="不在本县"):
        grants.grant(county.ledger, device(here), "530621001001")
    with pytest.raises(UserError, match="本来就归"):
        grants.grant(county.ledger, device(here), VILLAGE)
    with pytest.raises(UserError, match="没有这台电脑"):
        grants.grant(county.ledger, "f" * 32, VILLAGE)
    with pytest.raises(UserError, match="不归这台电脑管"):
        grants.ungrant(county.ledger, device(here), NEXT_VILLAGE)


def test_who_joined_before_there_were_grants_serves_the_place_of_the_code(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    import sqlalchemy as sa

    from sync.server import tables

    (here,) = joined(county, open_desk())
    with county.ledger.writing() as connection:
        connection.execute(sa.delete(tables.granted))
    assert accounts.devices(county.ledger)[0].orgs == (VILLAGE,)
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    assert accounts.devices(county.ledger)[0].orgs == (VILLAGE, NEXT_VILLAGE)


@pytest.mark.usefixtures("no_repair")
@pytest.mark.parametrize("is_taken_away", [False, True])
def test_what_i_wrote_of_a_child_who_moved_between_my_villages_lies_where_the_child_is(
    county: CountyServer, open_desk: OpenDesk, is_taken_away: bool
) -> None:
    here, town = joined(county, open_desk(), open_desk(TOWN, "child_supervisor"))
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    child = here.person("王小明")
    for desk in (here, town):
        desk.exchange(county)
    town.save(town.get(Person, child.id), org=NEXT_VILLAGE)
    town.exchange(county)
    visit = here.save(ChildVisit(), subject=child.id, visited_on="2026-03-05")
    if is_taken_away:
        grants.ungrant(county.ledger, device(here), VILLAGE)
    for desk in (here, town):
        assert desk.exchange(county).delivered
        assert desk.get(ChildVisit, visit.id).subject == child.id


def test_who_had_left_and_is_back_serves_the_old_village_again(county: CountyServer, open_desk: OpenDesk) -> None:
    (here,) = joined(county, open_desk())
    here.person("王小明")
    here.exchange(county)
    grants.leave(county.ledger, device(here))
    assert here.exchange(county).moved.has_left
    grants.grant(county.ledger, device(here), VILLAGE)
    back = here.exchange(county)
    assert (back.moved.granted, here.store.divisions, names(here)) == ((VILLAGE,), (VILLAGE,), ["王小明"])


@dataclass(frozen=True)
class Interrupted(CountyServer):
    """A county whose clerk does something just when the last block of a long upload has been taken."""

    does: Callable[[], object]

    def exchange(self, request: Request) -> Iterator[Page]:
        return super().exchange(replace(request, blocks=self._then(request)) if request.blocks else request)

    def _then(self, request: Request) -> Iterator[tuple[Unit, ...]]:
        yield from request.blocks
        self.does()


def with_long_upload(county: CountyServer, open_desk: OpenDesk) -> Desk:
    """A desk with two villages and a hundred saves to send; in the other village a child is new."""
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    here.exchange(county)
    there.person("赵小红")
    there.exchange(county)
    here.store.set_setting(blocks.SETTING, blocks.SMALLEST)
    here.store.save(here.store.holder, *((None, Person(org=VILLAGE, name=f"王{number}")) for number in range(100)))
    return here


def test_a_village_taken_away_during_a_long_upload_is_not_given_at_its_end(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here = with_long_upload(county, open_desk)
    outcome = here.exchange(
        Interrupted(county.ledger, lambda: grants.ungrant(county.ledger, device(here), NEXT_VILLAGE))
    )
    assert (outcome.sent, outcome.received, outcome.delivered) == (100, 0, True)
    assert "赵小红" not in names(here)
    assert list(ties(here.store).cursors) == [VILLAGE]


def test_who_is_stopped_during_a_long_upload_hears_nothing_at_its_end(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here = with_long_upload(county, open_desk)
    with pytest.raises(CountyRefused) as stopped:
        here.exchange(Interrupted(county.ledger, lambda: accounts.revoke(county.ledger, device(here))))
    assert stopped.value.code == STOPPED_DEVICE
    assert "赵小红" not in names(here)
    assert pending(here.store) == 0
