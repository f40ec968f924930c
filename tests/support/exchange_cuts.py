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
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import sqlalchemy as sa

from app.errors import ShouwangError
from app.store import Workspace, connection, open_store, vault
from app.store.changes import writing
from sync.client import engine
from sync.client.credentials import SETTING, as_setting, ties_of
from sync.client.engine import exchange
from sync.client.receiving import Received
from sync.messages import Page
from sync.server import database
from sync.server.county import CountyServer, open_county
from tests.support.desks import CHEAP_KEYS
from tests.support.exchange_work import DESK, GONE, OFFICE, Cell, Files, Moment, Run, recorded
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
    faults: dict[str, int] = field(default_factory=dict)


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
    states: dict[tuple[str, int], str] = {}
    for place in sorted(chance.randrange(len(steps) + 1) for _ in range(cuts)):
        replay.walk_to(place)
        outage = replay.cut(chance)
        verdict.cuts += 1
        verdict.writes_lost += outage.lost
        verdict.cuts_that_lost_writes += outage.lost > 0
        mark = outage.mark()
        if mark not in disks:  # the same bytes open in the same way
            disks[mark] = _judged(run, side, outage, into, states)
        _count(verdict, disks[mark], run.moments[max(0, outage.acknowledged)].doing)
    verdict.different_disks, verdict.different_states = len(disks), len(states)
    return verdict


def _count(verdict: Verdict, fault: str, doing: str) -> None:
    if fault:
        kind = fault.partition(":")[0]
        setattr(verdict, kind, getattr(verdict, kind) + 1)
        words = f"{doing}: {fault}"
        verdict.faults[words] = verdict.faults.get(words, 0) + 1


def _judged(run: Run, side: str, outage: Outage, into: Path, states: dict[tuple[str, int], str]) -> str:
    """What is wrong after this outage; empty when nothing is."""
    moment = run.moments[max(0, outage.acknowledged)]
    shutil.rmtree(into, ignore_errors=True)
    for name in (DESK, OFFICE):
        lay_down(moment.files[name], into / name)
    for name in [name for name in moment.files[side] if ".db" in name]:
        (into / side / name).unlink()
    outage.write(into / side)
    try:
        state = _state(into, side)
        if state is None:
            return "damaged: not intact"
        key = (state, outage.acknowledged)
        if key not in states:
            states[key] = _carried_on(run, moment, into)
        return states[key]
    except (ShouwangError, connection.Error, sa.exc.SQLAlchemyError) as error:
        return f"damaged: {type(error).__name__}: {error}"


def _state(into: Path, side: str) -> str | None:
    """A digest of every row after the side was opened; None when its file is not sound."""
    if side == DESK:
        store = open_store(into / DESK, PASSPHRASE)
        try:
            return contents(store) if is_intact(store) else None
        finally:
            store.close()
    told = sha256()
    for data in _counties(into):
        county = open_county(data)
        try:
            with county.ledger.reading() as at:
                if at.exec_driver_sql("PRAGMA integrity_check").scalar_one() != "ok":
                    return None
                names = at.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
                for name in names.scalars().all():
                    told.update(repr((name, at.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall())).encode())
        finally:
            county.ledger.close()
    return told.hexdigest()


def _counties(into: Path) -> list[Path]:
    """The county's lives, the newest last; a folder without its key has never been one."""
    found = [file.parent for file in (into / OFFICE).glob("*/county.db") if database.key_file(file.parent).exists()]
    return sorted(found, key=lambda path: (len(path.name), path.name))


def _carried_on(run: Run, moment: Moment, into: Path) -> str:
    """Exchange to the end, as the program would the next day; what is wrong then."""
    county, store = open_county(_counties(into)[-1]), open_store(into / DESK, PASSPHRASE)
    try:
        for _ in range(3):
            outcome = exchange(county, store)
        if not outcome.delivered:
            return "apart: the desk and the county do not agree"
        if any(entry.verb == "digest_differs" for entry in store.audit_log()):
            return "mended: the two sides differed until the comparison found it"
        return _missing(run, moment, county, store)
    finally:
        store.close()
        county.ledger.close()


def _missing(run: Run, moment: Moment, county: CountyServer, store: Workspace) -> str:
    """The first promise that is not kept."""
    with county.ledger.reading() as at:
        found = at.exec_driver_sql("SELECT type, id, body FROM record").fetchall()
        whole = set(at.exec_driver_sql("SELECT sha256 FROM blob WHERE complete = 1").scalars())
    bodies = {id_: msgspec.msgpack.decode(body) for _, id_, body in found}
    listed = json.dumps([body for type_, _, body in _decoded(found) if type_ in LISTING], ensure_ascii=False)
    last = dict(run.promises[: moment.promised])
    for (record, name), value in last.items():
        now, upcoming = bodies.get(record, {}).get(name), _upcoming(run, moment, (record, name))
        if value is GONE or (GONE in upcoming and now is None):
            continue
        if now != value and str(value) not in listed and now not in upcoming:
            return f"lost: {name} = {value}"
        if name == "sha256" and value not in whole:
            return "lost: a photo"
    names = [body["name"] for type_, _, body in _decoded(found) if type_ == "person" and "name" in body]
    return "doubled: a person" if len(names) != len(set(names)) else ""


LISTING = ("conflict", "rejection", "proposal")


def _decoded(rows: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for type_, id_, body in rows:
        yield type_, id_, msgspec.msgpack.decode(body)


def _upcoming(run: Run, moment: Moment, cell: Cell) -> list[Any]:
    """What was being saved when the power went: it may be there, and it may not."""
    return [told for about, told in run.promises[moment.promised :] if about == cell]


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
    reader.add_argument("--sabotage", choices=SABOTAGES)
    asked = reader.parse_args()
    vault._ARGON = CHEAP_KEYS
    if asked.sabotage:
        SABOTAGES[asked.sabotage]()
    run = recorded(asked.folder / "work")
    verdict = cut_power(run, asked.side, asked.cuts, asked.seed, asked.folder / "cut")
    print(json.dumps(asdict(verdict), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
