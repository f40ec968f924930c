"""The practice county while it is played: a server on loopback, the desks that joined, a line that can be cut."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from app.clock import Clock
from app.errors import UserError
from app.store.lock import WorkspaceLock
from app.store.workspace import Workspace
from app.training import desks, places
from app.training.village import Village, practice_village, second_village
from sync.client import engine
from sync.client.credentials import ties
from sync.client.engine import Outcome
from sync.client.http import HttpCounty
from sync.server.accounts import make_code
from sync.server.county import CountyServer, county_init, open_county
from sync.server.serving import Listening, listen

MARK = "练习县.txt"
"""Lies in every folder that the demonstration made, so that it never clears away anything else."""

VIEWS = {
    "village": (places.VILLAGE, "child_director", places.DIRECTOR),
    "second": (places.SECOND_VILLAGE, "child_director", places.SECOND_DIRECTOR),
    "supervisor": (places.TOWN, "child_supervisor", places.SUPERVISOR),
    "worker": (places.TOWN, "social_worker", places.SOCIAL_WORKER),
}
"""View → division, post, who sits there."""


@dataclass(slots=True)
class Stage:
    """Where the practice county is played. ``village`` has a line of its own, which can be cut."""

    folder: Path
    clock: Clock
    county: CountyServer
    everyones_line: Listening
    villages_line: Listening
    desks: dict[str, Workspace] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day to which the data is relative."""
        return self.clock.today()

    def desk_folder(self, view: str) -> Path:
        """Where a desk's workspace lies."""
        return self.folder / view

    def take(self, view: str, store: Workspace) -> Workspace:
        """Let a desk join the county with a code of its own."""
        org, role, _ = VIEWS[view]
        code = make_code(self.county.ledger, org, role, store.post.name)
        line = self.villages_line if view == "village" else self.everyones_line
        county = HttpCounty.to(store, line.url)
        engine.join(county, store, county.url, code)
        county.close()
        self.desks[view] = store
        return store

    def new_desk(self, view: str) -> Workspace:
        """An empty desk that has joined."""
        org, role, name = VIEWS[view]
        return self.take(view, desks.new_desk(self.desk_folder(view), org, role, name, clock=self.clock))

    def exchange(self, view: str) -> Outcome:
        """One exchange of a desk. Raises CountyUnreachable at once while its line is cut."""
        store = self.desks[view]
        county = HttpCounty(ties(store).url, ties(store), sleep=lambda seconds: None)
        try:
            return engine.exchange(county, store)
        finally:
            county.close()

    def unplug(self) -> None:
        """Cut the village's line; the others keep theirs."""
        self.villages_line.stop()

    def plug_in(self) -> None:
        """Mend it, at the same address."""
        self.villages_line = listen(self.county, self.villages_line.port)

    def put_away(self, *views: str) -> None:
        """Close desks, so that somebody else can open them."""
        for view in views:
            self.desks.pop(view).close()

    def close(self) -> None:
        """Put everything away."""
        self.put_away(*self.desks)
        self.villages_line.stop()
        self.everyones_line.stop()
        self.county.ledger.close()


def county_folder(folder: Path) -> Path:
    """Where the practice county's server keeps its data."""
    return folder / "county"


def staged_at(folder: Path, clock: Clock) -> Stage:
    """A new county server on loopback, without any desk yet."""
    county = county_init(county_folder(folder), places.COUNTY, "练习县", practice=True)
    return Stage(folder, clock, county, listen(county), listen(county))


def opened_stage(folder: Path, clock: Clock, village: Workspace) -> Stage:
    """A county made before, answering at the addresses that its desks know. Raises OSError when one is taken."""
    with_others = desks.reopened(folder / "supervisor", clock=clock)
    everyone = ties(with_others).url
    with_others.close()
    county = open_county(county_folder(folder))
    others_line, villages_line = (listen(county, urlsplit(url).port or 0) for url in (everyone, ties(village).url))
    return Stage(folder, clock, county, others_line, villages_line, {"village": village})


@contextmanager
def staged(folder: Path, clock: Clock) -> Iterator[Stage]:
    """The same while it is needed."""
    stage = staged_at(folder, clock)
    try:
        yield stage
    finally:
        stage.close()


def the_village(stage: Stage) -> Village:
    """练习村 as it is today."""
    return practice_village(stage.today)


def the_second_village(stage: Stage) -> Village:
    """上练习村 as it is today."""
    return second_village(stage.today)


def cleared(folder: Path) -> Path:
    """An empty folder for a practice county; an earlier one is cleared away, and nothing that is not one."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise UserError(f"没有开始练习。「{folder}」里有别的文件。", advice="请用 --dir 换一个空文件夹。")
        for desk in folder.glob("**/vault.json"):
            WorkspaceLock(desk.parent).release()  # raises while somebody still practises there
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("这里是守望的练习资料，人都是虚构的，每次练习会清空重来。请不要放别的文件。\n", "utf-8")
    return folder
