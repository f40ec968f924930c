"""Power cuts inside every step of an exchange, at the desk or at the county, in a process of its own.

``python -m tests.support.exchange_cuts --help`` says how.
Both disks are recorded while a desk and its county do what exchanges bring. Then the power is cut at random places of
one of them. What is left is opened as the program does it, the exchange is carried on with the other side as it was
then, and nothing that anybody was told is kept may be missing, half there, or there twice.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from app.errors import ShouwangError
from app.store import Workspace, connection, open_store, vault
from app.store.changes import writing
from sync.client import engine
from sync.client.credentials import SETTING, as_setting, ties_of
from sync.client.receiving import Received
from sync.messages import Page
from sync.server import database
from sync.server.county import open_county
from tests.support.desks import CHEAP_KEYS
from tests.support.exchange_promises import After, first_broken
from tests.support.exchange_seldom import seldom, small_portions
from tests.support.exchange_work import DESK, OFFICE, Files, Moment, Run, Work, recorded
from tests.support.power_cuts import contents, is_intact, weaken_durability
from tests.support.recording import Acknowledged, Cut, Outage, Removed, Replay, Step, Synced, Wrote
from tests.sync.desks import PASSPHRASE


@dataclass
class Verdict:
    """What so many cuts did."""

    cuts: int = 0
    different_disks: int = 0
    different_states: int = 0
    steps: int = 0
    writes_lost: int = 0
    cuts_that_lost_writes: int = 0
    lost: int = 0
    doubled: int = 0
    apart: int = 0
    mended: int = 0
    damaged: int = 0
    renamed: int = 0
    stayed: int = 0
    unfinished: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)


def lay_down(files: Files, folder: Path) -> Path:
    """The files in a folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def steps_of(run: Run, side: str) -> list[Step]:
    """What happened on one of the two disks, and when somebody was told something."""
    home = str(run.folder / side) + "/"
    return [
        step for step in run.disk.steps
        if isinstance(step, Acknowledged)
        or (isinstance(step, (Wrote, Cut, Synced, Removed)) and step.path.startswith(home) and _lasts(step.path))
    ]  # fmt: skip


def _lasts(path: str) -> bool:
    """Whether the file is one of the two sides' own, not a copy that is being made."""
    return ".restoring/" not in path and ".copy" not in path and not path.endswith("-shm")


def cut_power(run: Run, side: str, cuts: int, seed: int, into: Path) -> Verdict:
    """Cut so many times at random places of one disk, and judge each time what is left."""
    chance, steps = Random(seed), steps_of(run, side)
    verdict = Verdict(steps=len(steps))
    home = run.folder / side
    before = {path: content for path, content in run.before.items() if path.startswith(str(home) + "/")}
    replay = Replay(home, steps, before)
    disks: dict[bytes, str] = {}
    known = Known()
    for place in sorted(chance.randrange(len(steps) + 1) for _ in range(cuts)):
        replay.walk_to(place)
        outage = replay.cut(chance)
        verdict.cuts += 1
        verdict.writes_lost += outage.lost
        verdict.cuts_that_lost_writes += outage.lost > 0
        mark = outage.mark()
        if mark not in disks:  # the same bytes open in the same way
            disks[mark] = _judged(run, side, outage, into, known)
        doing = run.moments[max(0, outage.acknowledged)].doing
        verdict.rounds[doing] = verdict.rounds.get(doing, 0) + 1
        _count(verdict, disks[mark], doing)
    verdict.different_disks, verdict.different_states = len(disks), len(known.ends)
    return verdict


def _count(verdict: Verdict, fault: str, doing: str) -> None:
    if fault:
        kind = fault.partition(":")[0]
        setattr(verdict, kind, getattr(verdict, kind) + 1)
        words = f"{doing}: {fault}"
        verdict.faults[words] = verdict.faults.get(words, 0) + 1


@dataclass
class Known:
    """What was found already: of a database by its bytes, and of what the exchange comes to from there."""

    contents: dict[bytes, str | None] = field(default_factory=dict)
    ends: dict[Any, str] = field(default_factory=dict)


def _judged(run: Run, side: str, outage: Outage, into: Path, known: Known) -> str:
    """What is wrong after this outage; empty when nothing is."""
    moment = run.moments[max(0, outage.acknowledged)]
    shutil.rmtree(into, ignore_errors=True)
    lay_down({name: content for name, content in moment.files[side].items() if ".db" not in name}, into / side)
    outage.write(into / side)
    try:
        state = _state(into, side, known)
        if state is None:
            return "damaged: not intact"
        key = (state, *_surroundings(moment, side))
        if key not in known.ends:
            for name in moment.files.keys() - {side}:
                lay_down(moment.files[name], into / name)
            known.ends[key] = _carried_on(run, moment, into)
        return known.ends[key]
    except (ShouwangError, connection.Error, sa.exc.SQLAlchemyError) as error:
        return f"damaged: {type(error).__name__}: {error}"


def _surroundings(moment: Moment, side: str) -> Iterator[Any]:
    """What else an exchange that is carried on depends on: what was promised, and the files beside the database."""
    yield from (moment.promised, moment.holds)
    for name, files in moment.files.items():
        yield id(files) if name != side else tuple((each, hash(files[each])) for each in files if ".db" not in each)


def _state(into: Path, side: str, known: Known) -> str | None:
    """A digest of every row after the side was opened; None when its file is not sound."""
    if side == DESK:
        store = open_store(into / DESK, PASSPHRASE)
        try:
            return contents(store) if is_intact(store) else None
        finally:
            store.close()
    told = sha256()
    for data in _counties(into):
        mark = sha256(b"".join(path.read_bytes() for path in sorted(data.iterdir()))).digest()
        if mark not in known.contents:  # a life that has ended lies there as it was
            known.contents[mark] = _office_contents(data)
        found = known.contents[mark]
        if found is None:
            return None
        told.update(found.encode())
    return told.hexdigest()


def _office_contents(data: Path) -> str | None:
    county = open_county(data)
    try:
        told = sha256()
        with county.ledger.reading() as at:
            if at.exec_driver_sql("PRAGMA integrity_check").scalar_one() != "ok":
                return None
            names = at.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            for name in names.scalars().all():
                told.update(repr((name, at.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall())).encode())
        return told.hexdigest()
    finally:
        county.ledger.close()


def _counties(into: Path) -> list[Path]:
    """The county's lives, the newest last; a folder without its key has never been one."""
    found = [file.parent for file in (into / OFFICE).glob("*/county.db") if database.key_file(file.parent).exists()]
    return sorted(found, key=lambda path: (len(path.name), path.name))


def _carried_on(run: Run, moment: Moment, into: Path) -> str:
    """Exchange to the end, as the program would the next day; what is wrong then."""
    with ExitStack() as opened:
        county = open_county(_counties(into)[-1])
        opened.callback(county.ledger.close)
        stores = {name: open_store(into / name, PASSPHRASE) for name in moment.files if name != OFFICE}
        for store in stores.values():
            opened.callback(store.close)
        return first_broken(run, moment, After(county, stores))


# Sabotage


def cursor_before_rows() -> None:
    """The desk notes how far it is before it writes what came."""
    honest = engine._take

    def careless(store: Workspace, page: Page, *more: Any) -> Received:
        with writing(store) as work:
            now = ties_of(work.setting(SETTING))
            reached = {**now.cursors, **page.cursors}
            work.set_setting(SETTING, as_setting(replace(now, cursors=reached)))
        return honest(store, page, *more)

    engine._take = careless


def weaken_office() -> None:
    """The county's log is not synced at every commit."""
    honest = database._settle_file

    def weaker(raw: Any, record: Any) -> None:
        honest(raw, record)
        raw.execute("PRAGMA synchronous = NORMAL")

    database._settle_file = weaker


SABOTAGES: dict[str, Callable[[], None]] = {
    "normal": weaken_durability,
    "office-normal": weaken_office,
    "cursor-first": cursor_before_rows,
}


def main() -> int:
    """Record once, cut often, print the verdict as JSON."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("side", choices=(DESK, OFFICE))
    reader.add_argument("--cuts", type=int, default=100)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--folder", type=Path, required=True)
    reader.add_argument("--sabotage", choices=SABOTAGES, help="and of the work only what exchanges bring every day")
    asked = reader.parse_args()
    vault._ARGON = CHEAP_KEYS
    if asked.sabotage:
        SABOTAGES[asked.sabotage]()
    small_portions()
    rounds = (Work.rounds,) if asked.sabotage else (Work.rounds, seldom)
    run = recorded(asked.folder / "work", *rounds)
    verdict = cut_power(run, asked.side, asked.cuts, asked.seed, asked.folder / "cut")
    print(json.dumps(asdict(verdict), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
