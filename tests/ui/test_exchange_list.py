"""The list of exchanges: what happened stays in it, however often nothing did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.errors import CountyUnreachable
from app.store import Workspace
from sync.server import accounts
from sync.server.county import county_init
from sync.server.serving import listen
from tests.sync.desks import new_desk
from ui import exchanging
from ui.exchange_list import HISTORY, KEPT, listed, remember
from ui.exchanging import outcome_words

AWAY = "资料都在这台电脑上，没有丢。现在连不上县里。"
MOVED = "县里把 1 个孩子移到了别处：他们的资料已从这台电脑移走。"
NOTHING = {"sent": 0, "received": 0, "conflicts": 0, "rejections": 0, "news": [], "delivered": True,
           "photos_waiting": 0, "bytes_up": 300, "bytes_down": 200, "seconds": 0.1}  # fmt: skip


class Silent:
    stopped = False

    def tell(self, done: int, of: int, words: str = "") -> None:
        """Nobody listens."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    made = new_desk(tmp_path / "own", "530602001001", "child_director").store
    yield made
    made.close()


def at(minute: int, **more: Any) -> dict[str, Any]:
    return {"at": f"2026-03-12T{8 + minute // 60:02}:{minute % 60:02}:00+08:00", **NOTHING, **more}


def lines(store: Workspace) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = store.setting(HISTORY)
    return found


def test_the_line_about_the_child_that_moved_was_gone_in_the_evening(store: Workspace) -> None:
    remember(store, at(0, news=[MOVED]))
    for quarter in range(1, 60):
        remember(store, at(8 * quarter))
    latest, moved = lines(store)
    assert latest == at(8 * 59)  # when it was tried for the last time, and what that took
    assert "移到了别处" in outcome_words(moved)


def test_a_line_that_comes_and_goes_all_day_pushes_nothing_out(store: Workspace) -> None:
    remember(store, at(0, news=[MOVED]))
    for number in range(KEPT):
        remember(store, at(number) if number % 2 else {"at": at(number)["at"], "error": AWAY})
    assert len(lines(store)) == KEPT
    assert MOVED in lines(store)[-1]["news"]


def test_where_everything_happened_the_oldest_goes(store: Workspace) -> None:
    for number in range(KEPT + 5):
        remember(store, at(0, sent=number + 1))
    assert [line["sent"] for line in lines(store)] == list(range(KEPT + 5, 5, -1))


@pytest.mark.parametrize(
    "other", [{"photos_waiting": 1}, {"delivered": False}, {"received": 1}, {"stick": True}, {"news": [MOVED]}]
)
def test_only_what_says_the_same_is_one_entry(store: Workspace, other: dict[str, Any]) -> None:
    remember(store, at(0))
    remember(store, at(1, **other))
    remember(store, at(2))
    assert len(lines(store)) == 3


def test_thirty_exchanges_without_news_are_one_entry(store: Workspace, tmp_path: Path) -> None:
    county = county_init(tmp_path / "county", "530602000000", "昭阳区")
    with listen(county) as line:
        code = accounts.make_code(county.ledger, "530602001001", "child_director", "测试")
        exchanging.join(store, line.url, code, "", Silent())
        for _ in range(30):
            exchanging.run(store, Silent())
    county.ledger.close()
    assert len(lines(store)) == 1


def test_what_went_wrong_is_kept_and_goes_on(store: Workspace) -> None:
    def fail() -> Any:
        raise CountyUnreachable(AWAY)

    for _ in range(3):
        with pytest.raises(CountyUnreachable):
            listed(store, fail)
    assert [line["error"] for line in lines(store)] == [AWAY]
