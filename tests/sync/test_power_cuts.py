"""A power cut inside any step of an exchange costs nothing, at the desk or at the county. Linux only.

``python -m tests.sync.test_power_cuts 200000`` makes so many cuts and prints what docs/proofs.md says of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.exchange_seldom import ROUNDS as SELDOM

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
FAULTS = ("lost", "doubled", "apart", "mended", "damaged", "renamed", "stayed", "unfinished")


@dataclass
class Found:
    """What came of cuts: counts by their names, cuts by the side and the round that they fell into, faults in words."""

    counts: Counter[str] = field(default_factory=Counter)
    rounds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    faults: Counter[str] = field(default_factory=Counter)


def cut(side: str, cuts: int, seed: int, folder: Path, sabotage: str = "") -> dict[str, Any]:
    """One process that records an exchange once and cuts its power often, and what came of it."""
    asked = [side, "--cuts", str(cuts), "--seed", str(seed), "--folder", str(folder / f"{side}{sabotage}{seed}")]
    command = [sys.executable, "-m", "tests.support.exchange_cuts", *asked]
    done = subprocess.run(
        [*command, *(["--sabotage", sabotage] if sabotage else [])],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def together(runs: Sequence[tuple[str, int, int]], folder: Path, sabotage: str = "") -> Found:
    """Several processes side by side, and their sums."""
    total = Found()
    with ThreadPoolExecutor(PROCESSES) as several:
        for (side, *_), found in zip(runs, several.map(lambda run: cut(*run, folder, sabotage), runs), strict=True):
            total.faults.update(found.pop("faults"))
            total.rounds[side].update(found.pop("rounds"))
            total.counts.update(found)
    return total


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory: what is cut is a record of writes, and the disk below it need not wait for each."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def test_two_thousand_cuts_inside_an_exchange_lose_nothing(memory: Path) -> None:
    found = together([("desk", 1_200, 1), ("office", 800, 2)], memory)
    assert dict(found.faults) == {}
    assert {fault: found.counts[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
    # A proof only if something was there to be lost.
    assert found.counts["cuts"] == 2_000
    assert found.counts["cuts_that_lost_writes"] > 1_000
    assert found.counts["different_disks"] > 800
    assert found.counts["writes_lost"] > 10_000
    for cuts in found.rounds.values():
        assert min(cuts[doing] for doing in SELDOM) > 10


def test_logs_that_are_not_synced_at_every_commit_are_caught_on_either_side(memory: Path) -> None:
    assert together([("desk", 120, 5)], memory, "normal").counts["lost"] > 10
    assert together([("office", 120, 6)], memory, "office-normal").counts["lost"] > 10


def test_a_cursor_that_is_kept_before_its_rows_is_caught(memory: Path) -> None:
    assert together([("desk", 200, 7)], memory, "cursor-first").counts["mended"] > 10


def main(cuts: int) -> int:
    """So many cuts, three of five at the desk, and the figures as a table's rows."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        runs = [("office" if n % 5 > 2 else "desk", cuts // 20, 1_000 + n) for n in range(20)]
        found = together(runs, Path(folder))
    for name, count in found.counts.items():
        print(f"| {name.replace('_', ' ')} | {count:,} |")
    desk, office = found.rounds["desk"], found.rounds["office"]
    for doing in desk:
        print(f"| {doing or 'before the first'} | {desk[doing]:,} | {office[doing]:,} |")
    print(dict(found.faults) or "no fault")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
