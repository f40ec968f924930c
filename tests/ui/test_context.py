"""What every page is given goes along with what the county says of the post."""

from __future__ import annotations

from app.store.changes import DIVISIONS
from sync.client.engine import Outcome
from sync.client.moved import Moved
from sync.client.receiving import Received
from ui.context import Context

OTHER = "539900101300"


def test_a_village_that_was_granted_can_be_worked_in_at_once(desk: Context) -> None:
    own = desk.actor.org
    desk.store.set_setting(DIVISIONS, [own, OTHER])
    assert not desk.actor.serves(OTHER)
    brought = Outcome.of(Received(moved=Moved(granted=(OTHER,))), photos_waiting=0, seconds=0.1, delivered=True)
    desk.took_in(brought)
    assert (desk.actor.org, desk.actor.serves(OTHER)) == (own, True)
