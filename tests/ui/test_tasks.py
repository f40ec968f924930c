"""Work leaves the GUI thread and its outcome comes home, or is dropped when nobody waits any more."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.errors import ShouwangError, UserError
from tests.support.patience import PATIENCE
from ui.tasks import Progress, Task, Worker


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[Worker]:
    made = Worker("test", lambda: "in hand")
    yield made
    made.finish()


def test_the_result_comes_back_to_the_gui_thread(worker: Worker, qtbot: QtBot) -> None:
    threads: list[int] = []
    results: list[str] = []

    def work(holding: str, _: Progress) -> str:
        threads.append(threading.get_ident())
        return holding

    def show(result: str) -> None:
        threads.append(threading.get_ident())
        results.append(result)

    owner = QObject()
    Task(owner, work, worker).then(show).run()
    qtbot.waitUntil(lambda: bool(results))
    assert results == ["in hand"]
    assert threads[0] != threads[1] == threading.get_ident()


def test_an_error_is_told_to_who_asked(worker: Worker, qtbot: QtBot) -> None:
    errors: list[ShouwangError] = []

    def work(_: str, __: Progress) -> None:
        raise UserError("没有改动。")

    owner = QObject()
    Task(owner, work, worker).otherwise(errors.append).run()
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "没有改动。"


def test_an_error_that_nobody_takes_is_shown_by_the_window(worker: Worker, qtbot: QtBot) -> None:
    def work(_: str, __: Progress) -> None:
        raise UserError("没有改动。")

    owner = QObject()
    with qtbot.waitSignal(worker.failed) as shown:
        Task(owner, work, worker).run()
    assert isinstance(shown.args[0], UserError)


def test_a_fault_of_the_program_says_first_that_the_data_is_safe(worker: Worker, qtbot: QtBot) -> None:
    def work(_: str, __: Progress) -> None:
        raise KeyError("x")

    owner = QObject()
    with qtbot.waitSignal(worker.failed) as shown:
        Task(owner, work, worker).run()
    assert str(shown.args[0]).startswith("已经保存的内容都在")
    assert "x" not in str(shown.args[0])


def test_nothing_is_called_once_the_page_is_gone(worker: Worker, qtbot: QtBot) -> None:
    called: list[int] = []
    gate = threading.Event()
    owner = QObject()
    task = Task(owner, lambda _, __: gate.wait(PATIENCE), worker).then(lambda _: called.append(1))
    with qtbot.waitSignal(task.ended):
        task.run()
        shiboken6.delete(owner)
        gate.set()
    assert not called


def test_a_stopped_job_ends_quietly(worker: Worker, qtbot: QtBot) -> None:
    errors: list[ShouwangError] = []
    begun = threading.Event()

    def work(_: str, progress: Progress) -> None:
        begun.set()
        while True:
            progress.tell(1, 2, "正在做")

    owner = QObject()
    task = Task(owner, work, worker).otherwise(errors.append)
    with qtbot.waitSignal(task.ended):
        task.run()
        begun.wait(PATIENCE)
        task.stop()
    assert not errors


def test_a_job_that_speaks_a_thousand_times_while_the_window_is_busy_is_heard_once(
    worker: Worker, qtbot: QtBot
) -> None:
    spoken, heard, results = threading.Event(), list[tuple[int, int, str]](), list[None]()

    def work(_: str, progress: Progress) -> None:
        for done in range(1, 1_001):
            progress.tell(done, 1_000, "正在读表格")
        spoken.set()

    owner = QObject()
    task = Task(owner, work, worker).then(results.append)
    task.told.connect(lambda *words: heard.append(words))
    task.run()
    assert spoken.wait(PATIENCE)  # and the window has not looked yet
    qtbot.waitUntil(lambda: bool(results))
    assert heard == [(1_000, 1_000, "正在读表格")]
