"""A village's first exchange: everything the county holds of it comes into an encrypted store across loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from app.cases.agenda import default_planner
from app.records.record import Record
from app.store import Post
from app.store.workspace import Workspace, create_store
from sync.client.engine import exchange, join
from sync.client.http import HttpCounty
from sync.server import accounts
from sync.server.county import county_init
from tests.benchmarks.country import NOW, PASSPHRASE, persons, profile, visits
from tests.benchmarks.figures import Figure, median
from tests.support.postgres import serving

ROOT = Path(__file__).resolve().parents[2]
COUNTY, VILLAGE = "530602000000", "530602001001"
PERSONS, VISITS = 2_000, 5
RUNS = 6


def first_exchange(folder: Path) -> list[Figure]:
    """One desk fills the county; then fresh desks of the same post join and receive it all."""
    memory = Path("/dev/shm") / f"bench-exchange-{os.getpid()}"
    made = county_init(folder / "county", COUNTY, "测速区")
    codes = [accounts.make_code(made.ledger, VILLAGE, "child_director", "测速") for _ in range(RUNS + 1)]
    made.ledger.close()
    with _served(folder / "county") as url:
        first = _joined(folder / "first", url, codes.pop())
        _fill(first)
        up = _exchanged(first)
        down: dict[Path, list[tuple[float, int, int]]] = {memory: [], folder: []}
        for number, code in enumerate(codes):
            place = (memory, folder)[number % 2]
            down[place].append(_exchanged(_joined(place / f"desk{number}", url, code)))
    shutil.rmtree(memory)
    _, records, received = down[folder][0]
    return [
        Figure("a village's first exchange (2,000 persons, 10,000 visits) into the encrypted store, in memory (tmpfs)",
               median([each[0] for each in down[memory]]), "s", 1.5,
               note=f"{records:,} records, {received / 1e6:.1f} MB on the line, digests compared; desk and county "
               "share the machine"),
        Figure("… on this disk", median([each[0] for each in down[folder]]), "s", 1.5),
        Figure("… the same sent from the desk that wrote it", up[0], "s", note="14,000 saves, as if written offline"),
    ]  # fmt: skip


def with_postgres(folder: Path) -> list[Figure]:
    """The same with a county in a PostgreSQL database that waits for its disk; it has no goal of its own."""
    runs = 3
    with serving(on_the_disk=True) as server:
        made = county_init(folder / "county", COUNTY, "测速区", database=server.new())
        codes = [accounts.make_code(made.ledger, VILLAGE, "child_director", "测速") for _ in range(runs + 1)]
        made.ledger.close()
        with _served(folder / "county") as url:
            first = _joined(folder / "first", url, codes.pop())
            _fill(first)
            up = _exchanged(first)
            down = [_exchanged(_joined(folder / f"desk{number}", url, code)) for number, code in enumerate(codes)]
    note = "PostgreSQL, desk and county share the machine"
    return [
        Figure("a village's first exchange with a county on PostgreSQL", median([each[0] for each in down]), "s",
               note=note),
        Figure("… the same sent from the desk that wrote it", up[0], "s", note="14,000 saves"),
    ]  # fmt: skip


def _fill(store: Workspace) -> None:
    chance = Random(3)
    people = persons(VILLAGE, PERSONS, chance)
    profiles = [profile(person, chance) for person in people]
    later: list[Record] = [visit for each in profiles for visit in visits(each, chance, VISITS)]
    for records in ([*people, *profiles], later):
        for at in range(0, len(records), 2_000):
            store.save(store.holder, *((None, record) for record in records[at : at + 2_000]), verb="import")


def _exchanged(store: Workspace) -> tuple[float, int, int]:
    """Seconds, records received and bytes received of one exchange."""
    line = HttpCounty.of(store)
    begun = time.monotonic()
    outcome = exchange(line, store)
    seconds = time.monotonic() - begun
    line.close()
    store.close()
    assert outcome.delivered
    return seconds, outcome.received, outcome.bytes_down


def _joined(folder: Path, url: str, code: str) -> Workspace:
    post = Post(VILLAGE, "child_director", "测速村")
    planner = default_planner()
    store = create_store(folder, PASSPHRASE, post=post, holder_name="测速员", clock=NOW, planner=planner).store
    line = HttpCounty.to(store, url)
    join(line, store, url, code)
    line.close()
    return store


@contextmanager
def _served(data: Path) -> Iterator[str]:
    """A county server in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "sync.server", str(data), str(port)], cwd=ROOT)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the county does not answer")
