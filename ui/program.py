"""The running program: one window, from the lock to the desk and back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from app import settings
from app.clock import Clock, SystemClock
from app.errors import ShouwangError
from app.paths import preferences_file
from app.settings import Preferences
from ui import look
from ui.windows.frame import Frame
from ui.windows.unlock import UnlockPanel

if TYPE_CHECKING:
    from app.store.workspace import Workspace
    from ui.context import Context
    from ui.pages.page import JoinWanted
    from ui.single import FirstWindow
    from ui.tasks import Task, Worker
    from ui.windows.first_start import Beginning, FirstStart
    from ui.windows.lesson import Switch
    from ui.windows.main import Desk

T = TypeVar("T")
AFTER_FIRST_PAINT = 200
"""Milliseconds: libraries are loaded when the window already stands."""
WINDOW_PARTS = ("ui.look.parts", "ui.windows.strip", "ui.windows.finder", "ui.windows.main", "ui.pages.today")
DEEP_LOCK_MINUTES = 20
"""After so long behind the lock, the key is forgotten too (reliability.md, T2)."""
FIRST_START = "first_start"
"""The setting of a workspace whose first start was left before its end: the step to go on with."""


class Program(QObject):
    """Knows which of three panels is in the window: the lock, the first start, the desk."""

    def __init__(
        self,
        app: QApplication,
        folder: Path,
        *,
        clock: Clock | None = None,
        preferences: Preferences | None = None,
        switches: Sequence[Switch] = (),
    ) -> None:
        super().__init__(app)
        self.app = app
        self.folder = folder
        self.practice = False
        self.switches = switches
        self.clock = clock or SystemClock()
        self.preferences = preferences or settings.load(preferences_file())
        self.context: Context | None = None
        self.desk: Desk | None = None
        self.first: FirstStart | None = None
        self.lock: UnlockPanel | None = None
        look.apply(app, self.preferences)
        self.frame = Frame(self.preferences.geometry)
        self.frame.closing.connect(self.close)
        self._opener: Worker | None = None
        self._watched = False
        self._first_window: FirstWindow | None = None
        for keys, step in (
            ("Ctrl++", Preferences.larger),
            ("Ctrl+=", Preferences.larger),
            ("Ctrl+-", Preferences.smaller),
        ):
            QShortcut(QKeySequence(keys), self.frame).activated.connect(partial(self._resize, step))

    # The way in

    def start(self, store: Workspace | None = None) -> None:
        """Show the window: the desk of an open store, the lock when a workspace lies here, or the first start."""
        if store is not None:
            self.opened(store)
        elif (self.folder / "vault.json").exists():
            self._show_lock()
        else:
            self._show_first_start()
        self.frame.show()
        QTimer.singleShot(AFTER_FIRST_PAINT, self._warm_up)

    def listen_for_others(self) -> None:
        """From now on a second start brings this window forward."""
        from ui.single import FirstWindow

        self._first_window = FirstWindow(self.folder, self)
        self._first_window.raise_asked.connect(self.frame.raise_up)

    def _warm_up(self) -> None:
        """Load what the desk will need while the user types the passphrase."""
        from ui.opening import load_libraries

        self._off(load_libraries).then(lambda _: self._warm_window(list(WINDOW_PARTS))).otherwise(_not_now).run()

    def _warm_window(self, parts: list[str]) -> None:
        """The desk's own modules, one in each turn of the event loop: classes of Qt are made on this thread only."""
        if parts:
            import_module(parts.pop(0))
            QTimer.singleShot(20, self, lambda: self._warm_window(parts))

    def _off(self, work: Callable[[], T]) -> Task[T]:
        """Off the GUI thread, before a workspace is open and a context has workers of its own."""
        from ui.tasks import Task, Worker

        if self._opener is None:
            self._opener = Worker("opener", lambda: True, self)
        return Task(self, lambda _, __: work(), self._opener)

    def _show_lock(self, unit: str = "") -> None:
        self.lock = UnlockPanel(unit, practice=self.context is None)
        self.lock.secret_given.connect(self._unlock)
        self.lock.recovery_given.connect(self._recover)
        self.lock.practice_asked.connect(self.practise)
        self.lock.type_asked.connect(self._type_size)
        self.frame.show_panel(self.lock)

    def _unlock(self, secret: str) -> None:
        if self.context is not None:
            self._open_again(secret)
            return
        from ui.opening import open_workspace

        folder, clock = self.folder, self.clock
        self._off(lambda: open_workspace(folder, secret, clock)).then(self.opened).otherwise(self._complain).run()

    def _recover(self, code: str, passphrase: str) -> None:
        from ui.opening import recover_workspace

        folder, clock, context = self.folder, self.clock, self.context
        if context is not None:  # locked while open: the same store takes the new passphrase
            self._off(lambda: _renew(folder, context, code, passphrase)).then(lambda _: self._show_desk()).otherwise(
                self._complain
            ).run()
            return
        self._off(lambda: recover_workspace(folder, code, passphrase, clock)).then(self.opened).otherwise(
            self._complain
        ).run()

    def _open_again(self, secret: str) -> None:
        from app.store import vault

        folder = self.folder
        self._off(lambda: vault.unlock(folder, secret)[1]).then(partial(self._let_in, secret)).otherwise(
            self._complain
        ).run()

    def _let_in(self, secret: str, holder: str) -> None:
        """The same person goes on where they were; for another one the store is opened anew, in their name."""
        if self.context is None or holder not in (self.context.store.holder.id, "recovery"):
            self._put_away()
            self._unlock(secret)
        else:
            self._show_desk()

    def _complain(self, error: ShouwangError) -> None:
        if self.lock is not None:
            self.lock.complain(error)

    # The first start

    def _show_first_start(self, step: int = 0) -> None:
        from ui.windows.first_start import FirstStart

        self.first = FirstStart(self.preferences.type_size, step)
        self.first.type_asked.connect(self._type_size)
        self.first.practice_asked.connect(self.practise)
        self.first.made.connect(self._make)
        self.first.exchange_asked.connect(self._first_exchange)
        self.first.finished.connect(self._finish_first_start)
        self.frame.show_panel(self.first)

    def _make(self, beginning: Beginning) -> None:
        from ui.opening import make_workspace

        folder, clock = self.folder, self.clock
        assert self.first is not None
        self._off(lambda: make_workspace(folder, beginning, clock)).then(lambda new: self._made(*new)).otherwise(
            self.first.complain
        ).run()

    def _made(self, store: Workspace, code: str) -> None:
        self._take(store)
        if self.first is not None:
            self.first.show_code(code)

    def _first_exchange(self, wanted: JoinWanted) -> None:
        self._finish_first_start()
        if self.desk is not None:
            self.desk.open("exchange", wanted)

    def _finish_first_start(self) -> None:
        context = self.context
        if context is None:
            return
        context.write(self, lambda store: store.set_setting(FIRST_START, None)).run()
        self._show_desk()
        if self.first is not None:
            self.frame.drop_panel(self.first)
            self.first = None

    # The desk

    def opened(self, store: Workspace) -> None:
        """A workspace is open: go on with its first start, or to the desk."""
        self._take(store)
        step = store.setting(FIRST_START)
        if step == "code":
            self._show_first_start()
            self._off(lambda: store.renew_recovery_code()).then(self._show_new_code).run()
        else:
            self._show_desk()

    def _show_new_code(self, code: str) -> None:
        if self.first is not None:
            self.first.show_code(code)

    def _take(self, store: Workspace) -> None:
        from app.cases.posts import actor
        from ui.context import Context
        from ui.windows.idle import Idle, SystemLock

        self.practice = store.setting("kind", "real") == "practice"
        self.frame.show_practice(self.practice)
        self.context = Context(
            store=store,
            actor=actor(store),
            clock=self.clock,
            preferences=self.preferences,
            folder=self.folder,
            practice=self.practice,
        )
        if not self._watched:
            self._watched = True
            Idle(self.app).fell_idle.connect(self.lock_desk)
            SystemLock(self.app).locked.connect(self.lock_desk)

    def _show_desk(self) -> None:
        assert self.context is not None
        if self.desk is None:
            from ui.windows.main import Desk

            self.desk = Desk(self.context, switches=self.switches)
            self.desk.lock_asked.connect(self.lock_desk)
            self.desk.preferences_chosen.connect(self.prefer)
            self.desk.practice_asked.connect(self.practise)
            self.desk.open("today")
        self.frame.show_panel(self.desk)
        self._drop_lock()
        _show_others(self.frame, True)

    def _drop_lock(self) -> None:
        if self.lock is not None:
            self.frame.drop_panel(self.lock)
            self.lock = None

    def lock_desk(self) -> None:
        """Hide everything behind the passphrase; what was typed is kept as drafts. Practice has nothing to hide."""
        if self.context is None or self.desk is None or self.practice or self.lock is not None:
            return
        self.desk.settle()
        _show_others(self.frame, False)
        self._show_lock(self.context.store.post.name)
        self._lock_deeply_in(DEEP_LOCK_MINUTES * 60_000)

    def _lock_deeply_in(self, milliseconds: int) -> None:
        if self.lock is not None:
            QTimer.singleShot(milliseconds, self.lock, self.lock_deeply)

    def lock_deeply(self) -> None:
        """Nobody came back: close the store and forget its key, as soon as nothing is under way any more."""
        if self.lock is None or self.context is None:
            return
        if self.context.workers.busy:
            self._lock_deeply_in(10_000)
        else:
            self._put_away()

    def _put_away(self) -> None:
        """Close the store and take down the desk and its dialogs; drafts are kept in the store."""
        for window in QApplication.topLevelWidgets():
            if window.property("hidden_by_lock"):
                window.deleteLater()
        if self.desk is not None:
            self.frame.drop_panel(self.desk)
            self.desk = None
        if self.context is not None:
            self.context.close()
            self.context = None

    def practise(self) -> None:
        """Leave this window as it is and open the practice county in one of its own."""
        from ui.opening import start_practice

        start_practice()

    # Preferences

    def _resize(self, step: Callable[[Preferences], Preferences]) -> None:
        self.prefer(step(self.preferences))

    def _type_size(self, size: int) -> None:
        self.prefer(replace(self.preferences, type_size=size))

    def prefer(self, preferences: Preferences) -> None:
        """Wear other colours or another type size from now on."""
        self.preferences = preferences
        if self.context is not None:
            self.context.preferences = preferences
        look.apply(self.app, preferences)
        settings.save(preferences_file(), preferences)

    def close(self) -> None:
        """Keep what was typed, finish what is under way, send what waits if the line is good, close the store."""
        is_line_good = False
        if self.desk is not None:
            self.desk.settle()
            is_line_good = self.desk.end_exchange() and not self.practice
        self.preferences = replace(self.preferences, geometry=self.frame.geometry_text())
        settings.save(preferences_file(), self.preferences)
        if self._first_window is not None:
            self._first_window.close()
        if self._opener is not None:
            self._opener.finish()
        if self.context is not None:
            from ui.exchanging import send_before_closing

            self.frame.hide()  # nobody need look at it while the last save is sent
            self.context.close(send_before_closing if is_line_good else None)
            self.context = None


def _not_now(error: ShouwangError) -> None:
    """Opening itself will say what is wrong."""


def _show_others(frame: QWidget, visible: bool) -> None:
    """Dialogs that stand open hide with the desk, and come back with it."""
    for window in QApplication.topLevelWidgets():
        if window is not frame and window.isWindow() and (window.isVisible() or window.property("hidden_by_lock")):
            window.setProperty("hidden_by_lock", not visible)
            window.setVisible(visible)


def _renew(folder: Path, context: Context, code: str, passphrase: str) -> None:
    from app.store import vault

    vault.unlock(folder, code)
    context.store.change_passphrase(passphrase)


def open_window(
    folder: Path, *, clock: Clock | None = None, store: Workspace | None = None, switches: Sequence[Switch] = ()
) -> int:
    """Open the window on a workspace and stay until it is closed.

    ``store`` is one that is open already, as the practice county's is; ``switches`` are the other views of it.
    """
    import shiboken6

    from ui.single import raise_first

    app = make_app()
    if raise_first(folder):
        return 0
    program = Program(app, folder, clock=clock, switches=switches)
    program.start(store)
    QTimer.singleShot(AFTER_FIRST_PAINT, program.listen_for_others)
    code = app.exec()
    # In order, and before the interpreter takes the rest apart in any.
    shiboken6.delete(program.frame)
    shiboken6.delete(program)
    return code


def make_app() -> QApplication:
    """The application object, set up the same way wherever a window is shown."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
        app = QApplication(sys.argv[:1])
    app.setApplicationName("shouwang")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("shouwang")
    return app
