"""What the county did to a desk is kept until somebody has read it, also when the exchange broke off after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.records import Child
from app.store.changes import writing
from sync.client.engine import exchange
from sync.client.moved import Moved, People
from sync.client.news import CLONED_WORDS, ONE_STORY, News, note_clone, note_moved, put_away, unread
from sync.messages import Page, Request
from sync.protocol import LineBroke
from sync.server.county import CountyServer
from tests.sync.desks import NEXT_VILLAGE, VILLAGE, OpenDesk
from tests.sync.test_grants import joined
from tests.sync.test_proposals import family, move

ONE_CHILD = "县里把 1 个孩子移到了别处：他们的资料已从这台电脑移走。"


class BreaksAfterAll:
    """The county, over a line that breaks when everything has been said."""

    def __init__(self, county: CountyServer) -> None:
        self._county = county

    def __getattr__(self, name: str) -> object:
        return getattr(self._county, name)

    def exchange(self, request: Request) -> Iterator[Page]:
        yield from self._county.exchange(request)
        raise LineBroke("资料都在这台电脑上，没有丢。线路断了。")


def test_who_left_is_announced_even_when_the_line_broke_right_after(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, _, town, _ = family(county, open_desk)
    child = here.person()
    here.save(Child(id=child.id), risk_level="low")
    here.exchange(county)
    town.exchange(county)
    move(town, county, child, NEXT_VILLAGE)
    with pytest.raises(LineBroke):
        exchange(BreaksAfterAll(county), here.store)  # type: ignore[arg-type]
    assert [each.words for each in unread(here.store)] == [(ONE_CHILD,)]
    here.exchange(county)
    assert [each.words for each in unread(here.store)] == [(ONE_CHILD,)]
    put_away(here.store, unread(here.store))
    assert unread(here.store) == ()


def test_pages_of_one_exchange_tell_one_story(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk(VILLAGE))
    with writing(desk.store) as work:
        for _ in range(3):
            note_moved(work, 1_000, Moved(away=People(children=1)))
        note_moved(work, 2_000, Moved())
        note_clone(work, 3_000)
        note_moved(work, 1_000 + 2 * ONE_STORY, Moved(granted=(NEXT_VILLAGE,)))
    latest, cloned, left = unread(desk.store)
    assert left == News(1_000, ("县里把 3 个孩子移到了别处：他们的资料已从这台电脑移走。",))
    assert cloned.words == (CLONED_WORDS,)
    assert latest.words[0].startswith("县里把")


def test_what_happened_while_the_page_was_open_is_not_put_away_with_the_rest(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    (desk,) = joined(county, open_desk(VILLAGE))
    with writing(desk.store) as work:
        note_moved(work, 1_000, Moved(away=People(children=1)))
        note_clone(work, 2_000)
    shown = unread(desk.store)
    with writing(desk.store) as work:
        note_moved(work, 3 * ONE_STORY, Moved(away=People(children=2)))
    put_away(desk.store, shown)
    (left,) = unread(desk.store)
    assert left.words == ("县里把 2 个孩子移到了别处：他们的资料已从这台电脑移走。",)


def test_a_story_that_went_on_since_it_was_read_is_told_to_its_end(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk(VILLAGE))
    with writing(desk.store) as work:
        note_moved(work, 1_000, Moved(away=People(children=1)))
    shown = unread(desk.store)
    with writing(desk.store) as work:
        note_moved(work, 2_000, Moved(away=People(children=1)))
    put_away(desk.store, shown)
    (left,) = unread(desk.store)
    assert left.words == ("县里把 2 个孩子移到了别处：他们的资料已从这台电脑移走。",)
