"""Power cuts replayed under the real store, in a process of its own: ``python -m tests.support.power_cuts --help``.

A day of work is recorded once, write by write; then the power is cut at random places of the record. Each time the
store must open, hold exactly what was acknowledged (or one whole operation more), be intact, and have a roll and a
search index like freshly made ones.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from app.cases.agenda import default_planner
from app.clock import FixedClock
from app.errors import ShouwangError
from app.records import Child, ChildVisit, Elder, Person
from app.records.ids import new_id
from app.records.record import Record
from app.store import connection, open_store, vault
from app.store.workspace import COPIES, Workspace
from tests.support.desks import CHEAP_KEYS, PASSPHRASE, WORKER, a_child, a_person, new_desk
from tests.support.recording import Disk, Outage, Replay

NOW = FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))


@dataclass
class Verdict:
    """What so many cuts did."""

    cuts: int = 0
    different_disks: int = 0
    operations: int = 0
    steps: int = 0
    writes_lost: int = 0
    cuts_that_lost_writes: int = 0
    acknowledged_lost: int = 0
    half_done: int = 0
    damaged: int = 0
    derived_wrong: int = 0
    first_fault: str = ""


@dataclass
class Recorded:
    """A scenario as it ran: the disk before, its steps, and what the store held after each operation."""

    folder: Path
    before: dict[str, bytes]
    disk: Disk
    states: list[str] = field(default_factory=list)
    rebuilt: set[str] = field(default_factory=set)


def contents(store: Workspace) -> str:
    """A digest of every row of every table."""
    told = sha256()
    with store._reading() as db:
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (name,) in names:
            # The virtual table keeps no content, its own tables follow; when a step was taken is nobody's record.
            if name not in ("search", "_sqlite_migrations"):
                told.update(repr((name, db.execute(f'SELECT * FROM "{name}"').fetchall())).encode())
    return told.hexdigest()


def derived(store: Workspace) -> list[Any]:
    """The roll, and every word of the search index with where it stands."""
    with store._reading() as db:
        words = "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, instance)"
        db.execute(words)
        try:
            roll = db.execute("SELECT * FROM roll ORDER BY person, kind").fetchall()
            return [roll, sorted(db.execute("SELECT * FROM temp.words").fetchall())]
        finally:
            db.execute("DROP TABLE temp.words")


def is_intact(store: Workspace) -> bool:
    """Every page authentic and every structure sound; the log is folded in first, or pages in it go unseen."""
    with store._reading() as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        forged = db.execute("PRAGMA cipher_integrity_check").fetchall()
        return not forged and bool(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


def a_day_of_work(store: Workspace) -> Iterator[None]:
    """Everything a desk writes; at each yield one more operation is acknowledged."""
    people = [a_person(id=new_id(), name=f"测试{sign}", birth_date=date(2015, 3, 1)) for sign in "春夏秋冬东南西北"]
    for person in people:
        store.save(WORKER, (None, person), (None, a_child(person, risk_level="high")), verb="register")
        yield
    for n, person in enumerate(people):
        draft = ChildVisit(id=new_id(), subject=person.id, visited_on=date(2026, 11, 1 + n), mode="home")
        store.put_draft(WORKER, None, draft)
        yield
        store.put_draft(WORKER, None, replace(draft, living="和爷爷奶奶住。" * 20))
        yield
        store.save(WORKER, (None, replace(draft, outcome="met", living="好" * 200)), verb="visit")
        yield
        store.drop_draft("child_visit", draft.id)
        yield
    import_of_fifty(store)
    yield
    loaded = store.require(Person, people[0].id)
    changes = store.save(WORKER, (loaded, replace(loaded, phones=("13800000000",), name="测试改名")))
    yield
    store.undo(WORKER, changes.batch)
    yield
    store.delete(WORKER, store.require(Person, people[1].id))
    yield
    store.restore(WORKER, *store.bin())
    yield
    store.set_setting("columns", {"child": ["name", "birth_date"]})
    yield
    store.audit(WORKER, "print", form="visit_sheet", sheets=12)
    yield
    store.attach_blob(b"a photo" * 100)
    yield
    county_page(store)
    yield
    store.rebuild()
    yield


def import_of_fifty(store: Workspace) -> object:
    """Rows as a spreadsheet brings them: one transaction, a unit for each person."""
    people = [a_person(id=new_id(), name=f"导入{n:02}", note="备注" * 40) for n in range(50)]
    records: list[Record] = [*people]
    records += [Child(id=each.id, risk_level="low") if n % 2 else Elder(id=each.id) for n, each in enumerate(people)]
    return store.save(WORKER, *((None, record) for record in records), verb="import")


def county_page(store: Workspace) -> None:
    """A page of rows that the county sent."""
    people = [a_person(id=new_id(), name=f"县里{n}", stamps={"*": f"e1:{n + 1}"}) for n in range(30)]
    with store.transaction() as work:
        work.lay(Person, people)
        work.lay(Child, [Child(id=person.id, stamps={"*": "e1:99"}) for person in people])


def an_upgrade(folder: Path) -> Callable[[], Workspace]:
    """A later edition with one more step: it copies the store, alters a table and rewrites every row."""
    from app.store import migrations

    def m9999_later(db: Any) -> None:
        db.execute("ALTER TABLE person ADD COLUMN nickname TEXT")
        db.execute("UPDATE person SET nickname = name, note = coalesce(note, '') || '。'")
        db.execute("CREATE INDEX person_by_nickname ON person (nickname)")

    migrations.migrations()(m9999_later)
    migrations.STEPS = (*migrations.STEPS, "m9999_later")  # type: ignore[assignment]
    return lambda: opened(folder)


def opened(folder: Path) -> Workspace:
    """The store as the program opens it, with a log that is folded in often: more places to cut."""
    store = open_store(folder, PASSPHRASE, clock=NOW, planner=default_planner())
    store._db.execute("PRAGMA wal_autocheckpoint = 40")
    return store


def recorded(scenario: str, folder: Path) -> Recorded:
    """Run a scenario on the recorded disk."""
    disk = Disk().install()
    store = new_desk(folder, NOW, planner=default_planner())
    if scenario == "upgrade":
        import_of_fifty(store)
    store.close()
    before = {str(path): path.read_bytes() for path in folder.glob("shouwang.db*")}
    run = Recorded(folder, before, disk)
    if scenario == "upgrade":
        _record_upgrade(run)
    else:
        _record_work(run)
    return run


def _record_work(run: Recorded) -> None:
    store = opened(run.folder)
    run.states.append(contents(store))
    run.disk.recording = True
    for number, _ in enumerate(a_day_of_work(store)):
        run.disk.acknowledge(number)
        run.states.append(contents(store))
    store.close()
    run.disk.recording = False


def _record_upgrade(run: Recorded) -> None:
    upgraded = an_upgrade(run.folder)
    run.disk.recording = True
    store = upgraded()
    run.disk.acknowledge(0)
    # Opening finishes what a cut interrupted: whatever the cut left, the upgraded state follows.
    run.states += [contents(store), contents(store)]
    for number in range(1, 4):
        store.save(WORKER, (None, a_person(id=new_id(), name=f"升级后{number}")))
        run.disk.acknowledge(number)
        run.states.append(contents(store))
    store.close()
    run.disk.recording = False


def cut_power(run: Recorded, cuts: int, seed: int, into: Path) -> Verdict:
    """Cut so many times at random places, and judge each time what is left."""
    chance = Random(seed)
    steps = run.disk.steps
    verdict = Verdict(operations=len(run.states) - 1, steps=len(steps))
    replay = Replay(run.folder, steps, run.before)
    known: dict[bytes, tuple[str, ...]] = {}
    for place in sorted(chance.randrange(len(steps) + 1) for _ in range(cuts)):
        replay.walk_to(place)
        outage = replay.cut(chance)
        verdict.cuts += 1
        verdict.writes_lost += outage.lost
        verdict.cuts_that_lost_writes += outage.lost > 0
        mark = outage.mark()
        if mark not in known:  # the same bytes open in the same way
            known[mark] = tuple(_faults(run, outage, into, verdict))
        for fault in known[mark]:
            setattr(verdict, fault, getattr(verdict, fault) + 1)
    verdict.different_disks = len(known)
    return verdict


def _faults(run: Recorded, outage: Outage, into: Path, verdict: Verdict) -> Iterator[str]:
    """What is wrong with the store that is left, by the name of the verdict's count."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    shutil.copy(run.folder / vault.FILE, into)
    outage.write(into)
    try:
        store = opened(into)
    except (ShouwangError, connection.Error, IndexError, KeyError) as error:
        verdict.first_fault = verdict.first_fault or f"{type(error).__name__}: {error}"
        yield "damaged"
        return
    try:
        yield from _judged(run, outage.acknowledged + 1, into, store)
    except (ShouwangError, connection.Error) as error:
        verdict.first_fault = verdict.first_fault or f"{type(error).__name__}: {error}"
        yield "damaged"
    finally:
        store.close()


def _judged(run: Recorded, kept: int, folder: Path, store: Workspace) -> Iterator[str]:
    state = contents(store)
    if state not in run.states[kept : kept + 2]:
        yield "acknowledged_lost" if state in run.states else "half_done"
    if not is_intact(store) or not _copies_are_whole(folder, store):
        yield "damaged"
    if state not in run.rebuilt:  # the same rows rebuild to the same: once is enough
        before = derived(store)
        store.rebuild()
        if derived(store) != before:
            yield "derived_wrong"
        run.rebuilt.add(state)


def _copies_are_whole(folder: Path, store: Workspace) -> bool:
    """A copy made before an upgrade opens with the same key and is sound, whenever the upgrade is done."""
    for path in (folder / COPIES).glob("*.db"):
        copy = connection.connect(path, store._key, read_only=True)
        people = copy.execute("SELECT count(*) FROM person").fetchone()[0]
        sound = not copy.execute("PRAGMA cipher_integrity_check").fetchall() and people == 50
        copy.close()
        if not sound:
            return False
    return True


def weaken_durability() -> None:
    """The sabotage that must be caught: a log that is not synced at every commit."""
    weaker = (setting.replace("= FULL", "= NORMAL") for setting in connection.SETTINGS)
    setattr(connection, "SETTINGS", tuple(weaker))  # noqa: B010
    connection.MUST_BE["synchronous"] = 1


def main() -> int:
    """Run one scenario and print its verdict as JSON."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("scenario", choices=("work", "upgrade"))
    reader.add_argument("--cuts", type=int, default=100)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--folder", type=Path, required=True)
    reader.add_argument("--normal", action="store_true", help="sabotage: synchronous=NORMAL")
    asked = reader.parse_args()
    vault._ARGON = CHEAP_KEYS
    if asked.normal:
        weaken_durability()
    run = recorded(asked.scenario, asked.folder / "desk")
    verdict = cut_power(run, asked.cuts, asked.seed, asked.folder / "cut")
    print(json.dumps(asdict(verdict), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
