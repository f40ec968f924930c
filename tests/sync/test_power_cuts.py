"""A power cut inside any step of an exchange costs nothing, at the desk or at the county. Linux only.

``python -m tests.sync.test_power_cuts 200000`` makes so many cuts and prints what docs/proofs.md says of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
FAULTS = ("lost", "doubled", "apart", "mended", "damaged")
Found = Counter[str]


def cut(side: str, cuts: int, seed: int, folder: Path, sabotage: str = "") -> tuple[Found, dict[str, int]]:
    """One process that records an exchange once and cuts its power often; what came of it, and faults in words."""
    asked = [side, "--cuts", str(cuts), "--seed", str(seed), "--folder", str(folder / f"{side}{sabotage}{seed}")]
    command = [sys.executable, "-m", "tests.support.exchange_cuts", *asked]
    done = subprocess.run(
        [*command, *(["--sabotage", sabotage] if sabotage else [])],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    words = found.pop("faults")
    return Counter(found), words


def together(runs: Sequence[tuple[str, int, int]], folder: Path, sabotage: str = "") -> tuple[Found, dict[str, int]]:
    """Several processes side by side, and their sums."""
    total, words = Counter[str](), Counter[str]()
    with ThreadPoolExecutor(PROCESSES) as several:
        for found, told in several.map(lambda run: cut(*run, folder, sabotage), runs):
            total.update(found)
            words.update(told)
    return total, dict(words)


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory: what is cut is a record of writes, and the disk below it need not wait for each."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def test_two_thousand_cuts_inside_an_exchange_lose_nothing(memory: Path) -> None:
    found, words = together([("desk", 600, 1), ("office", 400, 2), ("desk", 600, 3), ("office", 400, 4)], memory)
    assert words == {}
    assert {fault: found[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
    # A proof only if something was there to be lost.
    assert found["cuts"] == 2_000
    assert found["cuts_that_lost_writes"] > 1_000
    assert found["different_disks"] > 800
    assert found["writes_lost"] > 10_000


def test_logs_that_are_not_synced_at_every_commit_are_caught_on_either_side(memory: Path) -> None:
    assert together([("desk", 120, 5)], memory, "normal")[0]["lost"] > 10
    assert together([("office", 120, 6)], memory, "office-normal")[0]["lost"] > 10


def test_a_cursor_that_is_kept_before_its_rows_is_caught(memory: Path) -> None:
    assert together([("desk", 200, 7)], memory, "cursor-first")[0]["mended"] > 10


def main(cuts: int) -> int:
    """So many cuts, three of five at the desk, and the figures as a table's rows."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        runs = [("office" if n % 5 > 2 else "desk", cuts // 20, 1_000 + n) for n in range(20)]
        found, words = together(runs, Path(folder))
    for name, count in found.items():
        print(f"| {name.replace('_', ' ')} | {count:,} |")
    print(words or "nothing lost, doubled, apart, or damaged")
    return 1 if words else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
