"""Writers of the county come one at a time, in the order of their arrival."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from sync.server.county import CountyServer
from sync.server.turn import Turn
from tests.support.patience import PATIENCE

Enter = Callable[[], AbstractContextManager[object]]


@pytest.fixture(params=["turn", "county"])
def entry(request: pytest.FixtureRequest, county: CountyServer) -> tuple[Turn, Enter]:
    """A turn, and how it is taken: by itself, or around a transaction of a county."""
    if request.param == "county":
        return county.ledger._turn, county.ledger.writing
    turn = Turn()
    return turn, lambda: turn


class Queue:
    """Threads that come one after the other; each says when it is served."""

    def __init__(self, turn: Turn, enter: Enter) -> None:
        self.served: list[object] = []
        self._turn = turn
        self._enter = enter
        self._threads: list[threading.Thread] = []

    def joins(self, who: object) -> None:
        """One more stands behind those that wait."""
        before = self._turn.waiting
        self._threads.append(threading.Thread(target=self._serve, args=(who,), daemon=True))
        self._threads[-1].start()
        patience = time.monotonic() + PATIENCE
        while self._turn.waiting == before:
            assert time.monotonic() < patience
            time.sleep(0.001)

    def _serve(self, who: object) -> None:
        with self._enter():
            self.served.append(who)

    def ends(self) -> list[object]:
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        return self.served


def test_writers_are_served_in_the_order_in_which_they_came(entry: tuple[Turn, Enter]) -> None:
    turn, enter = entry
    queue = Queue(turn, enter)
    with enter():
        for number in range(12):
            queue.joins(number)
    assert queue.ends() == list(range(12))
    assert turn.waiting == 0


def test_who_comes_again_at_once_stands_behind_those_who_wait(entry: tuple[Turn, Enter]) -> None:
    """A long upload takes block after block: whoever sends one save must not wait for all of them."""
    turn, enter = entry
    queue = Queue(turn, enter)
    for number in range(20):
        with enter():
            queue.joins(number)
        with enter():
            assert queue.served[-1] == number
    assert queue.ends() == list(range(20))


def test_who_fails_while_it_is_served_lets_the_next_one_in(entry: tuple[Turn, Enter]) -> None:
    turn, enter = entry
    queue = Queue(turn, enter)

    def fail() -> None:
        with enter():
            queue.joins("next")
            raise ValueError("bad luck")

    with pytest.raises(ValueError, match="bad luck"):
        fail()
    assert queue.ends() == ["next"]
    with enter():
        assert turn.waiting == 0


def test_two_are_never_served_at_once() -> None:
    turn, inside, most = Turn(), 0, 0

    def come_and_go() -> None:
        nonlocal inside, most
        for _ in range(200):
            with turn:
                inside += 1
                most = max(most, inside)
                time.sleep(0)
                inside -= 1

    threads = [threading.Thread(target=come_and_go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (most, inside, turn.waiting) == (1, 0, 0)


@pytest.mark.parametrize("is_called", [False, True], ids=["while it waits", "just as it is called"])
def test_who_is_interrupted_in_the_queue_holds_nobody_up(monkeypatch: pytest.MonkeyPatch, is_called: bool) -> None:
    """Ctrl+C at the county's machine, while another writer works."""
    turn = Turn()

    class Interrupted:
        def acquire(self) -> None:
            if is_called:
                turn.__exit__(None, None, None)
            raise KeyboardInterrupt

        def release(self) -> None:
            """It is called."""

    turn.__enter__()
    monkeypatch.setattr("sync.server.turn._closed", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        turn.__enter__()
    monkeypatch.undo()
    assert turn.waiting == 0
    if not is_called:
        turn.__exit__(None, None, None)
    queue = Queue(turn, lambda: turn)
    with turn:
        queue.joins("next")
    assert queue.ends() == ["next"]
