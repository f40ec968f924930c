"""What stands behind the practice window: the county that sets itself up, the line that is cut, the next morning."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.cases import conflicts
from app.clock import FixedClock
from app.errors import CountyUnreachable, UserError, WorkspaceInUse
from app.records import Person
from app.training import desks
from sync.client import engine
from sync.client.http import HttpCounty
from tests.support.desks import NOW
from tests.support.patience import PATIENCE
from ui.demo import day, window
from ui.demo.stage import cleared


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cut line is known to be cut: nobody waits for it."""
    monkeypatch.setattr("random.uniform", lambda least, most: 0.0)


def test_while_the_line_is_cut_the_supervisor_changes_the_same_man(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    store = window._village(tmp_path / "demo", clock)
    backstage = window.Backstage(tmp_path / "demo", clock, store)
    backstage.toggle_line()
    with pytest.raises(CountyUnreachable):
        engine.exchange(HttpCounty.of(store), store)
    day.change_the_father(store, desks.actor(store), clock.today(), "19900002992")
    backstage.toggle_line()
    outcome = engine.exchange(HttpCounty.of(store), store)
    assert (outcome.conflicts, outcome.delivered) == (1, True)
    (found,) = conflicts.open_conflicts(store, desks.actor(store))
    assert (found.mine.words, found.theirs.words) == ("19900002992", "19900002993")
    store.close()
    backstage.close()


def test_later_the_same_day_the_practice_goes_on_where_it_was_left(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    store = window._village(tmp_path / "demo", clock)
    backstage = window.Backstage(tmp_path / "demo", clock, store)
    store.save(desks.actor(store), (None, Person(org=store.post.org, name="新来的", sex="1")))
    backstage._ready.wait(PATIENCE)
    store.close()
    backstage.close()
    again = window._village(tmp_path / "demo", clock)
    backstage = window.Backstage(tmp_path / "demo", clock, again)
    assert again.find(Person, name="新来的")
    backstage._ready.wait(PATIENCE)
    assert engine.exchange(HttpCounty.of(again), again).delivered
    again.close()
    backstage.close()


def test_on_another_day_the_village_is_new(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    store = window._village(tmp_path / "demo", clock)
    store.save(desks.actor(store), (None, Person(org=store.post.org, name="新来的", sex="1")))
    store.close()
    clock.advance(days=1)
    again = window._village(tmp_path / "demo", clock)
    assert not again.find(Person, name="新来的")
    assert again.setting(window.DAY) == (NOW + timedelta(days=1)).date().isoformat()
    again.close()


def test_a_practice_that_is_going_on_is_not_cleared_away(tmp_path: Path) -> None:
    store = window._village(tmp_path / "demo", FixedClock(NOW))
    with pytest.raises(WorkspaceInUse):
        cleared(tmp_path / "demo")
    assert store.count(Person) == 300
    store.close()


def test_an_unknown_role_opens_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="没有「king」这个角色"):
        window.open_practice(tmp_path / "demo", FixedClock(NOW), "king")


def test_the_lessons_spreadsheets_lie_where_they_can_be_found(tmp_path: Path) -> None:
    window._village(tmp_path / "demo", FixedClock(NOW)).close()
    names = {path.name for path in (tmp_path / "demo" / window.TABLES).iterdir()}
    assert names == {"留守儿童台账(最终版3).xls", "县里发的空表.xlsx"}
