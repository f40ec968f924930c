"""The one way off the GUI thread: a worker for the store's writer, one for readers, one for long jobs."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.errors import Cancelled, ShouwangError
from ui.collecting import Collector

T = TypeVar("T")
log = logging.getLogger(__name__)


class Progress:
    """What a long job says about itself, and how it learns that the user pressed 停止."""

    def __init__(self, tell: Callable[[int, int, str], None] | None = None) -> None:
        self._tell = tell
        self._stopped = threading.Event()

    def tell(self, done: int, of: int, words: str = "") -> None:
        """So many of so many; raises Cancelled when the user has stopped the job."""
        if self._stopped.is_set():
            raise Cancelled("已经停下，什么都没有改动。")
        if self._tell is not None:
            self._tell(done, of, words)

    def stop(self) -> None:
        """Ask the job to end at its next ``tell``."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether the user has stopped the job."""
        return self._stopped.is_set()


class Task(QObject, Generic[T]):
    """Work for another thread, and what is done with its outcome on this one.

    ``Task(owner, work, worker).then(show).otherwise(complain).run()``. Nothing is called once ``owner`` is gone.
    ``work`` gets what its worker holds (the store, a reader) and a Progress.
    """

    _came = Signal()
    _told = Signal()
    ended = Signal()
    told = Signal(int, int, str)

    def __init__(self, owner: QObject, work: Callable[[Any, Progress], T], worker: Worker) -> None:
        super().__init__()
        self.owner = owner
        self.words = ""
        self.progress = Progress(self._note)
        self._latest = (0, 0, "")
        self._is_on_its_way = False
        self._work = work
        self._worker = worker
        self._then: list[Callable[[T], object]] = []
        self._otherwise: Callable[[ShouwangError], object] | None = None
        self._result: T | None = None
        self._error: ShouwangError | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._came.connect(self._take_home, queued)
        self._told.connect(self._tell_latest, queued)

    def then(self, act: Callable[[T], object]) -> Task[T]:
        """Call this with the result."""
        self._then.append(act)
        return self

    def otherwise(self, act: Callable[[ShouwangError], object]) -> Task[T]:
        """Call this with the error; without it the window shows the error's sentence."""
        self._otherwise = act
        return self

    def saying(self, words: str) -> Task[T]:
        """What the window shows when it takes longer than a second."""
        self.words = words
        return self

    def run(self) -> Task[T]:
        """Start; returns at once."""
        self._worker.take(self)
        return self

    def stop(self) -> None:
        """Ask the work to end early."""
        self.progress.stop()

    def perform(self, holding: Any) -> None:
        """On the worker's thread: do the work, send the outcome home."""
        try:
            self._result = self._work(holding, self.progress)
        except ShouwangError as error:
            self._error = error
        except Exception as error:
            log.exception("a task failed")
            self._error = _unexpected(error)
        self._came.emit()

    def _note(self, done: int, of: int, words: str) -> None:
        """On the worker's thread: one signal is on its way at a time, and brings the latest word, however fast a job
        speaks; a million of them would bury the window."""
        self._latest = (done, of, words)
        if not self._is_on_its_way:
            self._is_on_its_way = True
            self._told.emit()

    @Slot()
    def _tell_latest(self) -> None:
        self._is_on_its_way = False
        self.told.emit(*self._latest)

    def refuse(self, error: ShouwangError) -> None:
        """On the worker's thread: it has nothing to work with."""
        self._error = error
        self._came.emit()

    # The outcome waits in the task: an object that travels through a queued signal loses a reference on the way
    # (PySide 6.12; the interpreter aborts when True or None has lost its last one).
    @Slot()
    def _take_home(self) -> None:
        self._worker.let_go(self)
        if self._error is not None:
            self._fail(self._error)
        elif shiboken6.isValid(self.owner):
            for act in self._then:
                act(self._result)  # type: ignore[arg-type]
        self.ended.emit()

    def _fail(self, error: ShouwangError) -> None:
        if not shiboken6.isValid(self.owner) or isinstance(error, Cancelled):
            return
        if self._otherwise is not None:
            self._otherwise(error)
        else:
            self._worker.failed.emit(error)


def _unexpected(error: Exception) -> ShouwangError:
    return ShouwangError(
        "已经保存的内容都在，没有受影响。刚才这一步程序出了差错，没有做成。",
        advice="可以再试一次；如果还是不行，请把下面的代号告诉县里的技术人员。",
        code=f"X0 {type(error).__name__}",
    )


class Worker(QObject):
    """One thread that does its tasks one after the other, with one thing in its hand (a store or a reader)."""

    failed = Signal(object)
    started = Signal(object)

    def __init__(
        self,
        name: str,
        fetch: Callable[[], Any],
        parent: QObject | None = None,
        *,
        let_go_of: Callable[[Any], object] = lambda holding: None,
    ) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._let_go_of = let_go_of
        self._tasks: queue.SimpleQueue[Task[Any] | None] = queue.SimpleQueue()
        self._latest: Task[Any] | None = None
        self._held: set[Task[Any]] = set()  # a task lives until its outcome has come home
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def take(self, task: Task[Any]) -> None:
        """Put a task at the end of the line."""
        self._held.add(task)
        self.started.emit(task)
        self._tasks.put(task)

    def let_go(self, task: Task[Any]) -> None:
        """The task's outcome is home. Qt is still busy delivering it, so the object itself goes with the next one."""
        self._held.discard(task)
        self._latest = task

    @property
    def busy(self) -> bool:
        """Whether something is still under way."""
        return bool(self._held)

    def finish(self, seconds: float = 10.0) -> None:
        """Do what is left, then end the thread."""
        self._tasks.put(None)
        self._thread.join(seconds)

    def _work(self) -> None:
        holding: Any = None
        while (task := self._tasks.get()) is not None:
            if holding is None:
                try:
                    holding = self._fetch()
                except ShouwangError as error:
                    task.refuse(error)
                    continue
            task.perform(holding)
        if holding is not None:
            self._let_go_of(holding)


class Workers(QObject):
    """The desk's three threads. ``failed`` carries errors that nobody took, ``started`` every task."""

    failed = Signal(object)
    started = Signal(object)

    def __init__(self, writer: Callable[[], Any], reader: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._collector = Collector(self)
        self.writer = Worker("writer", writer, self)
        self.reader = Worker("reader", reader, self, let_go_of=lambda held: held.close())
        self.aside = Worker("aside", writer, self)
        for worker in (self.writer, self.reader, self.aside):
            worker.failed.connect(self.failed)
            worker.started.connect(self.started)

    @property
    def busy(self) -> bool:
        """Whether any of them is still at work."""
        return any(worker.busy for worker in (self.writer, self.reader, self.aside))

    def finish(self) -> None:
        """Let every thread do what it was given, then end."""
        for worker in (self.writer, self.reader, self.aside):
            worker.finish()
        self._collector.stop()
