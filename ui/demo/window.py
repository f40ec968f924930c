"""The practice county in windows: the director's at once, the county behind it, the other roles a key away."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.clock import Clock
from app.errors import ShouwangError, UserError
from app.store.workspace import Workspace
from app.training import desks, workbooks
from app.training.village import big_village, practice_village
from ui.demo import day
from ui.demo.stage import (
    VIEWS,
    Stage,
    cleared,
    county_folder,
    opened_stage,
    staged_at,
    the_second_village,
)

if TYPE_CHECKING:
    from ui.windows.lesson import Switch

DAY = "practice.day"
"""The setting of a practice desk that says for which day it was made; its lesson is of no use on another."""

TABLES = "练习用的表"
"""Where the lesson's spreadsheets lie, for importing and filling."""

OPENING_SECONDS = 60.0
BIG = "big"


def open_practice(folder: Path, clock: Clock, view: str) -> int:
    """Open one of the practice windows and stay until it is closed. Raises UserError."""
    if view not in (*VIEWS, BIG):
        raise UserError(f"没有开始练习。没有「{view[:20]}」这个角色。", advice="可用的有：" + "、".join((*VIEWS, BIG)))
    from ui.program import make_app, open_window
    from ui.single import raise_first

    app = make_app()
    if raise_first(folder / view):
        return 0
    if view == BIG:
        return open_window(folder / BIG, clock=clock, store=_big(folder / BIG, clock))
    if view != "village":
        return open_window(folder / view, clock=clock, store=desks.reopened(folder / view, clock=clock))
    store = _village(folder, clock)
    backstage = Backstage(folder, clock, store)
    status = open_window(folder / view, clock=clock, store=store, switches=backstage.switches())
    backstage.close()
    del app  # only now: windows must not outlive it
    return status


def _village(folder: Path, clock: Clock) -> Workspace:
    """The village as it was left today, or a new one."""
    here = folder / "village"
    if (here / "vault.json").exists() and county_folder(folder).exists():
        store = desks.reopened(here, clock=clock)
        if store.setting(DAY) == clock.today().isoformat():
            return store
        store.close()
    store = desks.village_desk(cleared(folder) / "village", practice_village(clock.today()), clock=clock)
    tables = folder / TABLES
    tables.mkdir()
    for table in (workbooks.ledger(), workbooks.blank_table()):
        shutil.copyfile(table, tables / table.name)
    store.set_setting(DAY, clock.today().isoformat())
    return store


def _big(folder: Path, clock: Clock) -> Workspace:
    if (folder / "vault.json").exists():
        return desks.reopened(folder, clock=clock)
    return desks.village_desk(folder, big_village(clock.today()), clock=clock, portraits=False)


class Backstage:
    """Sets the county up while the director's window is already in use, and plays the others when asked."""

    def __init__(self, folder: Path, clock: Clock, village: Workspace) -> None:
        self._folder, self._clock, self._village = folder, clock, village
        self._stage: Stage | None = None
        self._is_cut = False
        self._turn = threading.Lock()
        self._ready = threading.Event()
        threading.Thread(target=self._set_up, name="practice county", daemon=True).start()

    def switches(self) -> tuple[Switch, ...]:
        """What the lesson's card offers beside its steps."""
        from ui.windows.lesson import Switch

        return (
            Switch("断网／连上", "拔掉本村的网线，或者重新接上；拔着时督导员也在改", self._aside(self.toggle_line)),
            Switch("督导员", "另开一个窗口，看乡镇儿童督导员的台账", self._aside(lambda: self._open("supervisor"))),
            Switch("社工", "另开一个窗口，看社工站的台账", self._aside(lambda: self._open("worker"))),
            Switch("1,431 名儿童", "另开一个窗口，换成最大的村", self._aside(lambda: self._open(BIG))),
        )

    def toggle_line(self) -> None:
        """Cut the village's line, or mend it; while it is cut the supervisor changes what the director may change."""
        with self._turn:
            if not self._ready.wait(OPENING_SECONDS) or self._stage is None:
                return
            self._is_cut = not self._is_cut
            if not self._is_cut:
                self._stage.plug_in()
                return
            self._stage.unplug()
            self._change_elsewhere(self._stage)

    def close(self) -> None:
        """End the county; the director's own store is closed by its window."""
        self._ready.wait(OPENING_SECONDS)
        if self._stage is not None:
            self._stage.desks.pop("village", None)
            self._stage.close()

    def _set_up(self) -> None:
        try:
            self._stage = self._opened() if county_folder(self._folder).exists() else self._new()
        except (ShouwangError, OSError) as error:  # the desk works without a county; its strip says that it is alone
            print(f"练习县没有开起来，可以先单机练习：{error}", file=sys.stderr)
        finally:
            self._ready.set()

    def _opened(self) -> Stage:
        return opened_stage(self._folder, self._clock, self._village)

    def _new(self) -> Stage:
        stage = staged_at(self._folder, self._clock)
        stage.take("village", self._village)
        stage.exchange("village")
        second = the_second_village(stage)
        stage.take("second", desks.village_desk(stage.desk_folder("second"), second, clock=self._clock))
        stage.exchange("second")
        for view in ("supervisor", "worker"):
            stage.new_desk(view)
            stage.exchange(view)
        stage.put_away("second", "supervisor", "worker")  # so that windows of their own can open them
        return stage

    def _change_elsewhere(self, stage: Stage) -> None:
        """The supervisor hears of another phone of the same man."""
        try:
            store = desks.reopened(stage.desk_folder("supervisor"), clock=self._clock)
        except ShouwangError:  # its own window is open: then whoever sits there plays the part
            return
        stage.desks["supervisor"] = store
        try:
            now = day.the_father(store).phones
            phone = "19900002993" if now != ("19900002993",) else "19900002994"
            day.change_the_father(store, desks.actor(store), self._clock.today(), phone)
            stage.exchange("supervisor")
        finally:
            stage.put_away("supervisor")

    def _open(self, view: str) -> None:
        if not self._ready.wait(OPENING_SECONDS):
            return
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ui"]
        words = [*program, "demo", "--dir", str(self._folder), "--view", view]
        subprocess.Popen(words, start_new_session=True)

    def _aside(self, work: Callable[[], None]) -> Callable[[], object]:
        """The window never waits for any of this."""
        return lambda: threading.Thread(target=work, daemon=True).start()
