"""Widgets in a reference cycle are never taken apart by a worker."""

from __future__ import annotations

import gc
import threading
from typing import ClassVar

from pytestqt.qtbot import QtBot

from ui.collecting import Collector
from ui.tasks import Workers


class Cycle:
    """Tells on which thread it was taken apart."""

    taken_apart_on: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        Cycle.taken_apart_on.append(threading.current_thread().name)


def test_a_worker_that_allocates_much_collects_nothing(qtbot: QtBot) -> None:
    workers = Workers(lambda: None, lambda: None)
    Cycle.taken_apart_on.clear()
    Cycle()
    done = threading.Thread(target=lambda: [[number] for number in range(200_000)], name="busy")
    done.start()
    done.join()
    assert Cycle.taken_apart_on == []
    gc.collect()
    assert Cycle.taken_apart_on == [threading.current_thread().name]
    workers.finish()


def test_the_window_collects_what_has_gathered(qtbot: QtBot) -> None:
    collector = Collector()
    Cycle.taken_apart_on.clear()
    Cycle()
    kept = [[number] for number in range(2_000)]
    collector.collect_what_is_due()
    collector.collect_what_is_due()
    gathered = gc.get_count()[0]
    collector.stop()
    assert gathered < len(kept)


def test_the_collector_is_given_back_when_the_last_desk_closes(qtbot: QtBot) -> None:
    one, other = Collector(), Collector()
    one.stop()
    assert not gc.isenabled()
    other.stop()
    assert gc.isenabled()
