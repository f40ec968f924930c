"""A power cut at any moment costs nothing that was acknowledged. Linux only: the recording stands on its system calls.

Collected on Linux alone (tests/conftest.py); ``./shouwang test -m long`` makes 200,000 cuts and writes the
first part of docs/proofs.md.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = 2
FAULTS = ("acknowledged_lost", "half_done", "damaged", "derived_wrong")
Verdict = dict[str, int]


@dataclass(frozen=True)
class Run:
    """One process: a scenario, how often the power goes, and how."""

    scenario: str
    cuts: int
    seed: int
    normal: bool = False

    def verdict(self, folder: Path) -> Verdict:
        """What came of it; a process of its own, because its hooks stand under every connection."""
        asked = [self.scenario, "--cuts", str(self.cuts), "--seed", str(self.seed), "--folder", str(folder / str(self))]
        command = [sys.executable, "-m", "tests.support.power_cuts", *asked, *(["--normal"] if self.normal else [])]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        found = json.loads(done.stdout)
        first_fault = found.pop("first_fault")
        assert not first_fault or self.normal, first_fault
        return dict(found)

    def __str__(self) -> str:
        return f"{self.scenario}-{self.seed}"


def verdict_of(runs: list[Run], folder: Path) -> Verdict:
    """All runs together."""
    total: Counter[str] = Counter()
    with ThreadPoolExecutor(PROCESSES) as several:
        for found in several.map(lambda run: run.verdict(folder), runs):
            total.update(found)
    return dict(total)


def test_two_thousand_power_cuts_lose_nothing(tmp_path: Path) -> None:
    runs = [Run("work", 800, 1), Run("work", 800, 2), Run("upgrade", 200, 3), Run("upgrade", 200, 4)]
    work = verdict_of(runs, tmp_path)
    assert work["cuts"] == 2_000
    assert {fault: work[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
    # A proof only if something was there to be lost.
    assert work["cuts_that_lost_writes"] > 1_000
    assert work["different_disks"] > 1_000
    assert work["writes_lost"] > 10_000


def test_a_log_that_is_not_synced_at_every_save_is_caught(tmp_path: Path) -> None:
    found = verdict_of([Run("work", 150, 5, normal=True), Run("work", 150, 6, normal=True)], tmp_path)
    assert found["acknowledged_lost"] > 30


@pytest.mark.long
def test_two_hundred_thousand_power_cuts_lose_nothing(tmp_path: Path) -> None:
    runs = [Run("upgrade" if n % 5 == 4 else "work", 20_000, 100 + n) for n in range(10)]
    found = verdict_of(runs, tmp_path)
    sabotaged = verdict_of([Run("work", 2_000, 9, normal=True), Run("upgrade", 500, 9, normal=True)], tmp_path)
    assert {fault: found[fault] for fault in FAULTS} == dict.fromkeys(FAULTS, 0)
    assert sabotaged["acknowledged_lost"] > 300
    page = ROOT / "docs" / "proofs.md"
    _, heading, rest = page.read_text("utf-8").partition("\n## ")
    page.write_text(report(found, sabotaged) + heading + rest, "utf-8")


def report(found: Verdict, sabotaged: Verdict) -> str:
    """The first part of docs/proofs.md, what was cut and what was lost; what follows is of other commands."""
    rows = (
        ("power cuts", "cuts"),
        ("… in which unsynced writes were lost, torn or out of order", "cuts_that_lost_writes"),
        ("writes that did not arrive whole", "writes_lost"),
        ("different disks that they left, each opened and compared", "different_disks"),
        ("acknowledged work lost", "acknowledged_lost"),
        ("operations half done", "half_done"),
        ("stores damaged", "damaged"),
        ("roll or search index other than freshly made", "derived_wrong"),
    )
    table = "\n".join(f"| {words} | {found[name]:,} | {sabotaged[name]:,} |" for words, name in rows)
    return PROOFS.format(table=table, on=date.today(), system=platform.platform(), cores=os.cpu_count())


PROOFS = """# What was proven about power cuts

Made by `./shouwang test -m long tests/app/store/test_power_cuts.py`, last on {on} ({system}, {cores} cores).

A day of work (people registered, visits drafted, saved and undone, a batch of 50 rows, a page from the county,
settings, log, a rebuilt roll) and an upgrade (copy of the store, altered table, all rows rewritten) run under the real
store. Every write, truncation, sync and removal under the cipher is recorded. Then the power is cut at random places
of the record: what was synced stays; of the rest everything, nothing, a part, the first part, or torn sectors of 512
bytes survive. The store is opened again as the program does it, and compared row by row with what it held after the
last acknowledged operation and after the next; all pages are authenticated, all structures checked, the roll and the
search index compared with freshly made ones, and the copy made before an upgrade opened.

The last column is the sabotage that must be caught: the same with `synchronous=NORMAL`, fewer cuts.

| | as shipped | sabotaged |
|---|---|---|
{table}

Folders are taken to keep their order, as journalling file systems do (ext4, NTFS): a removed file does not come back
after a later sync. Attachments and the key file are written beside, synced and renamed; they are not part of this.
"""
