"""What every page is given: the store, the person at the desk, the clock, and the way to work with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject

from app.clock import Clock
from app.settings import Preferences
from ui.changes import Announcer, Notice
from ui.line import Line
from ui.tasks import Progress, Task, Workers
from ui.words import tr

if TYPE_CHECKING:
    from app.policy.access import Actor
    from app.store.reader import Reader
    from app.store.results import Changes, Undone
    from app.store.workspace import Workspace
    from sync.client.engine import Outcome

T = TypeVar("T")


class Context:
    """Built once in the entry point when a workspace has been opened, and passed down.

    ``store`` is for its plain properties (post, holder, settings); reading and writing go through ``read``,
    ``write`` and ``job``, which leave the GUI thread. ``reader`` may be used on the GUI thread for single rows
    that cost a millisecond: a record by id, one page of a list.
    """

    def __init__(
        self,
        *,
        store: Workspace,
        actor: Actor,
        clock: Clock,
        preferences: Preferences,
        folder: Path,
        practice: bool = False,
    ) -> None:
        self.store = store
        self.actor = actor
        self.clock = clock
        self.preferences = preferences
        self.folder = folder
        self.practice = practice
        self.changes = Announcer()
        self.line = Line()
        self.workers = Workers(lambda: store, store.reader)
        self._reader: Reader | None = None

    @property
    def reader(self) -> Reader:
        """A reader for the GUI thread."""
        if self._reader is None:
            self._reader = self.store.reader()
        return self._reader

    def read(self, owner: QObject, work: Callable[[Reader], T]) -> Task[T]:
        """A short look-up: ``context.read(self, lambda reader: …).then(self._show).run()``."""
        return Task(owner, lambda reader, _: work(reader), self.workers.reader)

    def write(self, owner: QObject, work: Callable[[Workspace], T]) -> Task[T]:
        """A verb of app.cases; Changes it returns (alone or in a tuple) are announced before ``then``."""
        return Task(owner, lambda store, _: work(store), self.workers.writer).then(self._announce)

    def job(self, owner: QObject, work: Callable[[Workspace, Progress], T], words: str) -> Task[T]:
        """Something long (import, printing, exchange): shows ``words`` and a bar after a second, with 停止."""
        return Task(owner, work, self.workers.aside).saying(words).then(self._announce)

    def say(self, text: str, *, tone: str = "", advice: str = "", undo: Changes | None = None) -> None:
        """A sentence below the page; ``undo`` offers to take these changes back."""
        back = None if undo is None else lambda: self.undo(undo)
        self.changes.say(Notice(text, tone, advice, undo=back))

    def undo(self, changes: Changes) -> None:
        """Take one batch back and say what had to stay."""
        self.write(self.changes, lambda store: store.undo(self.actor, changes.batch)).then(self._undone).run()

    def took_in(self, outcome: Outcome) -> None:
        """What an exchange brought: the post may look after other divisions now, and pages show what is new."""
        if outcome.moved.granted or outcome.moved.ended:
            served = self.store.divisions
            self.actor = replace(self.actor, org=next(iter(served), self.actor.org), orgs=served)
        self.changes.announce(outcome.changes)

    def close(self, last: Callable[[Workspace], None] | None = None) -> None:
        """Finish what is under way, do one thing more, and let go of the store."""
        self.workers.finish()
        if self._reader is not None:
            self._reader.close()
        try:
            if last is not None:
                last(self.store)
        finally:
            self.store.close()

    def _announce(self, result: object) -> None:
        from app.store.results import Changes

        for part in result if isinstance(result, tuple) else (result,):
            if isinstance(part, Changes):
                self.changes.announce(part)

    def _undone(self, undone: Undone) -> None:
        self.changes.announce(undone.changes)
        self.changes.done.emit("undone")
        if undone.kept:
            self.say(tr("已撤销，其中 {n} 处后来又改过，保留了后来的。", n=len(undone.kept)), tone="warning")
        else:
            self.say(tr("已撤销。"))
