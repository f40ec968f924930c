"""Pictures of every place, made by the real window over the practice village, to be looked at."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.settings import Preferences
from ui import exchange_scenes

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from ui.program import Program
    from ui.windows.main import Desk

SIZE = (1366, 768)
NOON = datetime(2026, 3, 12, 4, 0, tzinfo=UTC)
"""The day in the pictures; the practice village is made relative to it."""

BREATH, QUIET, LONGEST_WAIT = 20, 300, 15_000
"""Milliseconds; a page may wait a moment after the last key before it begins."""


@dataclass(frozen=True, slots=True)
class Wearing:
    """How a picture is dressed; ``mark`` ends its file name."""

    mark: str
    preferences: Preferences
    scale: float = 1.0


WEARINGS = (
    Wearing("", Preferences(palette="light")),
    Wearing("-150", Preferences(palette="light"), 1.5),
    Wearing("-20pt", Preferences(palette="light", type_size=20)),
    Wearing("-dark", Preferences(palette="dark")),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's name and how the desk comes to show it."""

    name: str
    play: Callable[[Desk], None]

    @property
    def place(self) -> str:
        """The page that it needs."""
        return "today" if self.name == "search" else self.name.partition("-")[0]


def _place(name: str) -> Callable[[Desk], None]:
    return lambda desk: desk.open(name)


def _search(desk: Desk) -> None:
    desk.open("today")
    desk.finder.start()
    desk.finder.field.setText("wf")


def _first_due(desk: Desk) -> str:
    from ui.pages.today import TodayPage

    desk.open("today")
    settle(desk)
    page = desk.page
    return page.walk.chosen()[0].id if isinstance(page, TodayPage) and page.walk.chosen() else ""


def _person(desk: Desk) -> None:
    desk.open_person(_first_due(desk))


def _visit(desk: Desk) -> None:
    from ui.pages.page import VisitWanted

    desk.open_visit(VisitWanted((_first_due(desk),)))


def _new_person(desk: Desk) -> None:
    from ui.pages.registering import NewPersonWanted

    desk.open("new_person", NewPersonWanted("child"))


def _printing(desk: Desk) -> None:
    from ui.pages.page import PrintWanted

    desk.open_print(PrintWanted("visit_sheet", (_first_due(desk),)))


def _imports(desk: Desk) -> None:
    from app.training.workbooks import ledger
    from ui.pages.imports import ImportsPage

    desk.open("imports")
    page = desk.page
    assert isinstance(page, ImportsPage)
    page.take_file(ledger())
    settle(desk)
    page.mapping.accept()


def _exports(desk: Desk) -> None:
    from app.training.workbooks import blank_table

    desk.open("exports", blank_table())


def _bin(desk: Desk) -> None:
    """Somebody entered twice, and a visit that did not take place."""
    from app.cases import deleted
    from app.records import ChildVisit

    store, actor = desk.context.store, desk.context.actor
    twice = _first_due(desk)
    visit = next(each for each in store.every(ChildVisit) if each.subject != twice)
    deleted.remove_visit(store, actor, visit)
    deleted.remove_person(store, actor, twice)
    desk.open("bin")


def _twice(desk: Desk) -> None:
    """A child who was registered again under a name that sounds the same."""
    from dataclasses import replace as changed

    from app.records import Person

    store = desk.context.store
    first = store.require(Person, _first_due(desk))
    name = (first.name or "")[:1] + "小曼"
    again = changed(first, id="", stamps={}, other_names=(first.name or "",), name=name, phones=("13900000000",),
                    village_group="五组", id_number=None)  # fmt: skip
    store.save(store.holder, (None, again))
    desk.open("twice")


SCENES: tuple[Scene, ...] = (
    Scene("today", _place("today")),
    Scene("search", _search),
    Scene("register", _place("register")),
    Scene("person", _person),
    Scene("new_person", _new_person),
    Scene("visit", _visit),
    Scene("visits", _place("visits")),
    Scene("imports", _imports),
    Scene("exports", _exports),
    Scene("printing", _printing),
    Scene("exchange", exchange_scenes.difference),
    Scene("exchange-other", exchange_scenes.third_value),
    Scene("exchange-proposal", exchange_scenes.proposal),
    Scene("exchange-refused", exchange_scenes.refused),
    Scene("exchange-waiting", exchange_scenes.waiting),
    Scene("exchange-unfinished", exchange_scenes.unfinished),
    Scene("exchange-differing", exchange_scenes.differing),
    Scene("emergency", _place("emergency")),
    Scene("settings", _place("settings")),
    Scene("twice", _twice),
    Scene("bin", _bin),
)
"""One for each place; a page that is new adds its line."""


def take(folder: Path) -> list[Path]:
    """Write every scene in every dress into a folder; returns the files.

    The window is drawn without a screen; at 150 % the same pixels hold two thirds of the content.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from ui.program import make_app

    app = make_app()
    folder.mkdir(parents=True, exist_ok=True)
    return [file for wearing in WEARINGS for file in _take_all(app, folder, wearing)]


def _take_all(app: QApplication, folder: Path, wearing: Wearing) -> list[Path]:
    from PySide6.QtTest import QTest

    from app.clock import FixedClock
    from app.training.desks import village_desk
    from app.training.village import practice_village
    from ui.program import Program

    clock = FixedClock(NOON)
    with TemporaryDirectory() as place:
        store = village_desk(Path(place) / "practice", practice_village(clock.today()), clock=clock)
        program = Program(app, Path(place) / "practice", clock=clock, preferences=wearing.preferences)
        program.frame.resize(*(round(side / wearing.scale) for side in SIZE))
        program.start(store)
        try:
            return [*_locks(program, folder, wearing), *_scenes(program, folder, wearing)]
        finally:
            program.close()
            program.frame.hide()
            program.frame.deleteLater()
            program.deleteLater()
            QTest.qWait(0)


def _locks(program: Program, folder: Path, wearing: Wearing) -> list[Path]:
    from ui.windows.first_start import FirstStart
    from ui.windows.unlock import UnlockPanel

    lock, first = UnlockPanel(), FirstStart(wearing.preferences.type_size)
    files = []
    for name, panel in (("unlock", lock), ("first-start", first)):
        program.frame.show_practice(False)
        program.frame.show_panel(panel)
        files.append(_shoot(program.frame, folder / f"{name}{wearing.mark}.png", wearing.scale))
        program.frame.drop_panel(panel)
    program.frame.show_practice(program.practice)
    return files


def _scenes(program: Program, folder: Path, wearing: Wearing) -> list[Path]:
    desk = program.desk
    assert desk is not None
    files = []
    for scene in SCENES:
        if scene.place in desk.places:
            scene.play(desk)
            settle(desk)
            files.append(_shoot(program.frame, folder / f"{scene.name}{wearing.mark}.png", wearing.scale))
            desk.finder.close()
    return files


def settle(desk: Desk) -> None:
    """Until nothing is under way any more."""
    from PySide6.QtTest import QTest

    workers = desk.context.workers
    quiet = 0
    for _ in range(LONGEST_WAIT // BREATH):
        QTest.qWait(BREATH)
        quiet = 0 if any(worker.busy for worker in (workers.reader, workers.writer, workers.aside)) else quiet + BREATH
        if quiet >= QUIET:
            return


def _shoot(window: QWidget, file: Path, scale: float) -> Path:
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents()
    picture = QPixmap(QSize(*SIZE))
    picture.setDevicePixelRatio(scale)
    window.render(picture)
    picture.save(str(file))
    return file
