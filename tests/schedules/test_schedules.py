"""Twenty thousand steps of real desks and a real county: every edit is current, seen and replaced, or listed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.schedules.sabotage import SABOTAGES

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
FAULTS = {
    "request lost", "request cut", "answer lost", "answer cut", "repeated", "delayed", "delivered late", "crash",
    "line broke", "backup", "restore", "silent rollback", "stream", "blocks before a cut", "pages before a cut",
    "clone", "copy noticed", "image put back", "laptop destroyed", "stopped", "joined again", "introduction lost",
    "clock set", "emptied", "photo", "photo cut", "joined", "parted", "stick packed", "stick handed in",
    "stick unpacked", "stick refused",
}  # fmt: skip
MOVES = {
    "grant", "ungrant", "left", "upgrade", "restore", "silent rollback", "clock set", "clone", "photo", "joined",
    "stick unpacked", "emptied",
}  # fmt: skip
WHERE = {
    "stamps_without_epoch": {"--restores": "0.03", "--people": "3", "--seed": "4501"},
    "cursor_before_rows": {"--restores": "0"}, "bases_at_save": {"--people": "3"},
    "scope_by_cursor_alone": {"--moves": "0.06"},
}
"""A sabotage shows where what it spoils is needed: after restores or only without them, of few people, where people
move."""


def play(*asked: str) -> dict[str, Any]:
    """A process of its own, for two cores."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.schedules", *asked], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr[-2000:]
    assert done.stdout, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_twenty_thousand_steps_lose_nothing() -> None:
    with ThreadPoolExecutor(PROCESSES) as several:
        runs = list(several.map(lambda seed: play("--steps", "5000", "--seed", seed), ("1000", "2000", "3000", "4000")))
    assert [run["wrong"] for run in runs] == [{}] * 4
    fired = sum((Counter(run["fired"]) for run in runs), Counter[str]())
    print(dict(fired))
    assert fired["steps"] == 20_000 - 4 * (5_000 % 400)
    assert set(fired) >= FAULTS
    assert fired["edits"] > 6_000


def test_the_same_days_lose_nothing_where_people_move_or_the_county_is_on_postgresql() -> None:
    with ThreadPoolExecutor(PROCESSES) as several:
        moving = several.submit(play, "--steps", "2000", "--seed", "100", "--moves", "0.06")
        elsewhere = several.submit(play, "--steps", "800", "--seed", "500", "--postgres")
        runs = [moving.result(), elsewhere.result()]
    assert [run["wrong"] for run in runs] == [{}, {}]
    assert runs[0]["fired"]["transfer"] > 30
    assert {fault for fault, count in runs[0]["fired"].items() if count} >= MOVES
    assert runs[1]["fired"]["restore"] > 0


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_the_judge_notices_when_a_piece_of_the_real_design_is_missing(sabotage: str) -> None:
    asked = {"--steps": "8000", "--seed": "11", **WHERE.get(sabotage, {}), "--sabotage": sabotage}
    assert play(*chain.from_iterable(asked.items()))["wrong"]
