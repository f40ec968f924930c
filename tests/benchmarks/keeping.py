"""What the store is asked all day: who is due, who is that, and keep this visit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

from app.cases.agenda import whom_to_visit
from app.cases.visits import finish
from app.records import Child, ChildVisit
from app.records.ids import new_id
from app.store import ListQuery, search
from app.store.reader import Reader
from app.store.workspace import Workspace
from tests.benchmarks.country import ACTOR, TODAY, country, reopened, village, village_org
from tests.benchmarks.figures import Figure, median, p95, timed

UNTIL = TODAY.isoformat()
FITS = 24
"""Visits that 今日 reads (ui.pages.today: eight a day, three days ahead)."""
DONE = ChildVisit(
    mode="home", purpose="routine", outcome="met", visitors=("测速员",), child_seen=True, injuries="none", mood="calm",
    child_is_with="奶奶", informant="奶奶", informant_relation="62", informant_address="一组",
    last_parent_contact_on=TODAY, living="住得安稳。" * 20, family="好", guardianship="好", mind="好",
    guardian_opinion="没有", schooling="1", schooling_detail="三年级", place="家里",
)  # fmt: skip


def due(folder: Path) -> list[Figure]:
    """Visits due among 100,000 persons, and in one of their villages."""
    store = reopened(country(folder / "country"))
    everywhere = [_cold(store, lambda reader: _who_is_due(reader, "")) for _ in range(15)]
    village_cold = [_cold(store, lambda reader: _who_is_due(reader, village_org(23))) for _ in range(15)]
    reader = store.reader()
    one_village = [timed(partial(_who_is_due, reader, village_org(23))) for _ in range(15)]
    agenda = [timed(partial(whom_to_visit, reader, TODAY, org=village_org(23), limit=FITS)) for _ in range(15)]
    lines = [_cold(store, lambda reader: len(reader.listing(ListQuery("child")))) for _ in range(7)]
    again = median([timed(partial(_who_is_due, reader, "")) for _ in range(15)])
    found = reader.due_count(UNTIL)
    reader.close()
    store.close()
    return [
        Figure("visits due among 100,000 persons with 12 visits each, cold", median(everywhere) * 1e3, "ms", 50,
               note=f"{found:,} due; the {FITS} longest overdue and the count; fresh connection, file not in memory; "
               f"{again * 1e3:.0f} ms once it is"),
        Figure("visits due in one village of 2,000 of them", median(one_village) * 1e3, "ms", 5,
               note=f"first time cold {median(village_cold) * 1e3:.0f} ms"),
        Figure("… with stays and reasons, as 今日 asks", median(agenda) * 1e3, "ms"),
        Figure("the list of all children among 100,000, cold connection", median(lines) * 1e3, "ms"),
    ]  # fmt: skip


def _who_is_due(reader: Reader, org: str) -> None:
    reader.due(UNTIL, org, FITS)
    reader.due_count(UNTIL, org)


def _cold(store: Workspace, ask: Callable[[Reader], object]) -> float:
    """On a connection that has read nothing yet, with the file dropped from the system's memory where that works."""
    reader = store.reader()
    path = store.folder / "shouwang.db"
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    seconds = timed(lambda: ask(reader))
    reader.close()
    return seconds


def keystrokes(folder: Path) -> list[Figure]:
    """Every keystroke of many searches among 100,000 persons."""
    store = reopened(country(folder / "country"))
    reader = store.reader()
    chance = Random(5)
    names = [line.name for line in reader.listing(ListQuery("child")).page(0, 40_000)]
    typed = [text for name in chance.sample(names, 40) for text in _typed(name)]
    reader.search("l")
    took = [(timed(partial(reader.search, text, 30)), text) for text in typed]
    reader.close()
    store.close()
    slowest = max(took)
    return [
        Figure("one keystroke's search among 100,000 persons, p95", p95([each[0] for each in took]) * 1e3, "ms", 16,
               note=f"{len(took):,} keystrokes; slowest {slowest[0] * 1e3:.0f} ms")
    ]  # fmt: skip


def _typed(name: str) -> Iterator[str]:
    """The same person searched by characters, pinyin and initials, letter by letter; and by group and door."""
    spelled = search.spellings(name)[0]
    for whole in (name, spelled.replace(" ", ""), "".join(part[0] for part in spelled.split())):
        yield from (whole[:length] for length in range(1, len(whole) + 1))
    yield "3组"
    yield f"3组 {name[0]}"


def saving(folder: Path) -> list[Figure]:
    """A finished visit saved durably into a village of 2,000, on a disk in memory and on the real one, turn by turn."""
    memory, disk = Path("/dev/shm") / f"bench-{os.getpid()}", folder / "saving"
    desks = [reopened(village(place)) for place in (memory, disk)]
    children = [desk.find(Child, limit=300) for desk in desks]
    took: tuple[list[float], list[float]] = ([], [])
    for number, several in enumerate(zip(*children, strict=True)):
        for desk, child, times in zip(desks, several, took, strict=True):
            visit = replace(DONE, id=new_id(), subject=child.id, visited_on=TODAY - timedelta(days=number % 7))
            times.append(timed(partial(finish, desk, ACTOR, None, visit, today=TODAY)))
    for desk in desks:
        desk.close()
    shutil.rmtree(memory)
    return [
        Figure("save a finished visit durably, in memory (tmpfs), p95", p95(took[0]) * 1e3, "ms", 10,
               note=f"median {median(took[0]) * 1e3:.1f} ms"),
        Figure("… on this disk, p95", p95(took[1]) * 1e3, "ms", note=f"median {median(took[1]) * 1e3:.1f} ms"),
    ]  # fmt: skip
