"""What the user waits for: the first window, the desk after the passphrase, the next letter, the next frame."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.benchmarks.country import NOW, PASSPHRASE, country, reopened, village
from tests.benchmarks.figures import Figure, median, megabytes, p95

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from ui.program import Program

ROOT = Path(__file__).resolve().parents[2]
STARTS = 11
TYPING = 1.5
"""Seconds that a passphrase takes to type, at least; the program loads its libraries meanwhile."""

SETTLING = 5.0
"""Seconds that a desk looks at 今日 first; the program builds its other places meanwhile."""

_FIRST_PAINT = """
import os, sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWindow():
            QTimer.singleShot(0, lambda: (print(time.monotonic(), flush=True), os._exit(0)))
        return False
"""
_BARE = """
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
app = QApplication([])
seen = FirstPaint()
app.installEventFilter(seen)
window = QMainWindow()
window.setCentralWidget(QLabel("守望"))
window.show()
app.exec()
"""
_OURS = """
from ui.program import make_app
app = make_app()
seen = FirstPaint()
app.installEventFilter(seen)
from ui.__main__ import main
main(["--workspace", sys.argv[1]])
"""


def _environment(folder: Path) -> dict[str, str]:
    """Without a screen, and with a home of its own."""
    own = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    return {**os.environ, **own}


def start(folder: Path) -> list[Figure]:
    """From starting the interpreter to the first painted window, ours and a bare one turn by turn."""
    desk = village(folder / "desk", 40)
    bare, ours = [], []
    for _ in range(STARTS):
        bare.append(_seconds_to_paint(_BARE, folder, desk))
        ours.append(_seconds_to_paint(_OURS, folder, desk))
    return [
        Figure("start to the unlock window, against a bare PySide6 window", median(ours) / median(bare), "times", 1.5,
               note=f"{median(ours):.2f} s against {median(bare):.2f} s, {STARTS} starts each, turn by turn")
    ]  # fmt: skip


def _seconds_to_paint(script: str, folder: Path, desk: Path) -> float:
    command = [sys.executable, "-c", _FIRST_PAINT + script, str(desk)]
    begun = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    return float(done.stdout.split()[-1]) - begun


def unlock(folder: Path) -> list[Figure]:
    """From the passphrase to a usable 今日 with 2,000 persons, each time in a fresh process; and the memory then."""
    desk = village(folder / "desk")
    runs = [_own_process("unlock", desk, folder) for _ in range(5)]
    return [
        Figure("passphrase entered to a usable 今日 with 2,000 persons, key derivation included",
               median([run["seconds"] for run in runs]), "s", 0.6,
               note=", ".join(f"{run['seconds']:.2f}" for run in runs)),
        Figure("memory of the desk with 2,000 persons open (今日 and 台账)",
               median([run["megabytes"] for run in runs]), "MB", 250),
    ]  # fmt: skip


def finder(folder: Path) -> list[Figure]:
    """Letters typed into the search box of a desk with 100,000 persons."""
    found = _own_process("finder", country(folder / "country"), folder)
    return [
        Figure("keystroke in the search box to the list shown, 100,000 persons, p95 of work", found["work"], "ms", 16,
               note=f"processor time of the whole program; {found['letters']:.0f} letters, on the clock p95 "
               f"{found['clock']:.0f} ms")
    ]  # fmt: skip


def scroll(folder: Path) -> list[Figure]:
    """Every frame while a list of all children among 100,000 persons is scrolled by wheel, page and thumb."""
    found = _own_process("scroll", country(folder / "country"), folder)
    return [
        Figure("scroll 100,000 persons' list: work of the slowest frame", found["slowest"], "ms", 16,
               note=f"{found['frames']:.0f} frames of {found['lines']:,.0f} lines; p95 {found['p95']:.1f} ms, slowest "
               f"on the clock {found['clock']:.0f} ms")
    ]  # fmt: skip


def _own_process(name: str, desk: Path, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.window", name, str(desk)]
    done = subprocess.run(command, cwd=ROOT, env=_environment(folder), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


# In those processes


def _wait(app: QApplication, until: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        app.processEvents()
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there")
        time.sleep(0.0005)
    app.processEvents()


def _pause(app: QApplication, seconds: float) -> None:
    end = time.monotonic() + seconds
    _wait(app, lambda: time.monotonic() > end)


def _at_rest(program: Program) -> bool:
    workers = program.context.workers if program.context else None
    return bool(workers and not any(each.busy for each in (workers.reader, workers.writer, workers.aside)))


def _today_is_usable(program: Program) -> bool:
    desk = program.desk
    if desk is None or not desk.isVisible() or "today" not in desk.pages:
        return False
    return hasattr(desk.pages["today"], "_day")


def _measure_unlock(app: QApplication, folder: Path) -> dict[str, float]:
    from ui.program import Program

    program = Program(app, folder, clock=NOW)
    program.start()
    _pause(app, TYPING)
    assert program.lock is not None
    begun = time.monotonic()
    program.lock.secret_given.emit(PASSPHRASE)
    _wait(app, lambda: _today_is_usable(program))
    seconds = time.monotonic() - begun
    assert program.desk is not None
    program.desk.open("register")
    _pause(app, 1.0)
    held = megabytes()
    program.close()
    return {"seconds": seconds, "megabytes": held}


def _opened(app: QApplication, folder: Path) -> Program:
    from ui.program import Program

    program = Program(app, folder, clock=NOW)
    program.start(reopened(folder))
    program.frame.resize(1280, 800)
    _wait(app, lambda: _today_is_usable(program))
    _pause(app, SETTLING)
    return program


def _measure_finder(app: QApplication, folder: Path) -> dict[str, float]:
    from PySide6.QtTest import QTest

    program = _opened(app, folder)
    assert program.desk is not None
    field = program.desk.finder.field
    work, clock = [], []
    program.desk.finder.start()
    for word in ("wangfang", "lx", "zhangwei", "chenj", "zhaoli", "yangy", "4521", "liuhua", "zhou", "wuj") * 2:
        field.clear()
        _wait(app, lambda: _at_rest(program))
        for letter in word:
            begun, worked = time.monotonic(), time.process_time()
            QTest.keyClicks(field, letter)
            _wait(app, lambda: _at_rest(program))
            work.append((time.process_time() - worked) * 1e3)
            clock.append((time.monotonic() - begun) * 1e3)
    program.close()
    return {"work": p95(work), "clock": p95(clock), "letters": len(work)}


def _measure_scroll(app: QApplication, folder: Path) -> dict[str, float]:
    program = _opened(app, folder)
    desk = program.desk
    assert desk is not None
    desk.open("register")
    page: Any = desk.pages["register"]
    _wait(app, lambda: page.table.rowCount() and _at_rest(program))
    bar, chance, paints = page.view.verticalScrollBar(), Random(3), _paints(page.view.viewport())
    work, clock = [], []
    for number in range(900):
        way = number % 300 // 100
        step = 3 if way == 0 else 25 if way == 1 else chance.randrange(-20_000, 20_000)
        begun, paints[:] = time.monotonic(), [time.thread_time()]
        bar.setValue(max(0, min(bar.maximum(), bar.value() + step)))
        app.processEvents()
        clock.append((time.monotonic() - begun) * 1e3)
        # Lines that come home meanwhile are painted in a frame of their own: each ends where the next begins.
        marks = [paints[0], *paints[2:], time.thread_time()]
        work += [(later - sooner) * 1e3 for sooner, later in pairwise(marks)]
        time.sleep(0.004)
    lines = page.table.rowCount()
    program.close()
    return {"slowest": max(work), "p95": p95(work), "clock": max(clock), "frames": len(work), "lines": lines}


def _paints(viewport: Any) -> list[float]:
    """Grows by the processor time of the thread whenever the list begins to be painted."""
    from PySide6.QtCore import QEvent, QObject

    marks: list[float] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                marks.append(time.thread_time())
            return False

    viewport.installEventFilter(Watch(viewport))
    return marks


def main() -> int:
    """One measure of a window."""
    from ui.program import make_app

    measures = {"unlock": _measure_unlock, "finder": _measure_finder, "scroll": _measure_scroll}
    print(json.dumps(measures[sys.argv[1]](make_app(), Path(sys.argv[2]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
