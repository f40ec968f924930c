"""A desk for the tests of pages: an invented village in a real store, and the way to wait for what runs beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.settings import Preferences
from tests.ui import village
from ui.context import Context


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Context]:
    """An open workspace; errors that no page took fail the test."""
    store = village.make(tmp_path)
    context = Context(
        store=store, actor=village.ME, clock=store.clock, preferences=Preferences(), folder=tmp_path / "workspace"
    )
    failed: list[object] = []
    context.workers.failed.connect(failed.append)
    yield context
    context.close()
    assert not failed


@pytest.fixture
def settled(desk: Context, qtbot: QtBot) -> Callable[[], None]:
    """Wait until the readers and the writer have nothing to do."""

    def wait() -> None:
        workers = (desk.workers.reader, desk.workers.writer, desk.workers.aside)
        for _ in range(2):  # what has come home may have asked for more
            qtbot.waitUntil(lambda: not any(each.busy for each in workers))
            qtbot.wait(1)

    return wait
