"""``python -m tests.schedules --steps 1000000``: play so many steps, and say what was lost and which faults fired."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from sync.server import accounts
from tests.schedules.chance import seeded
from tests.schedules.sabotage import SABOTAGES
from tests.schedules.sizes import lowered
from tests.schedules.world import Chances, World
from tests.support.postgres import serving

STEPS = 400
"""Of one world; then everything is compared, and the next one begins."""


def play(
    seed: int, steps: int, chances: Chances, database: Callable[[], str] = str, people: int = 8
) -> tuple[list[str], Counter[str]]:
    """One world in memory; gives what was found wrong, and how many faults of which kind fired."""
    with (
        seeded(seed) as clock,
        lowered(),
        patch.object(accounts, "MOST_CLAIMS", steps),  # here disks are put back more often than any county would bear
        tempfile.TemporaryDirectory(dir="/dev/shm") as folder,
        World(Path(folder), seed, clock, chances, people=people, database=database) as world,
    ):
        found = world.run(steps)
        return found, world.fired + Counter(edits=world.judge.edits, steps=steps)


def main() -> int:
    """Worlds one after the other; 1 when something was lost."""
    reader = argparse.ArgumentParser(prog="python -m tests.schedules", description=__doc__)
    reader.add_argument("--steps", type=int, default=10_000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--moves", type=float, default=0.0, help="how many of the edits are moves to another village")
    reader.add_argument("--restores", type=float, default=Chances().restore, help="how many of the steps are restores")
    reader.add_argument("--people", type=int, default=8, help="how many there are: of few, all is changed often")
    reader.add_argument("--postgres", action="store_true", help="the county lies in a PostgreSQL database")
    reader.add_argument("--sabotage", choices=SABOTAGES)
    asked = reader.parse_args()
    with ExitStack() as around:
        if asked.sabotage:
            around.enter_context(SABOTAGES[asked.sabotage]())
        return _played(asked, around.enter_context(serving()).new if asked.postgres else str)


def _played(asked: argparse.Namespace, database: Callable[[], str]) -> int:
    chances = Chances(restore=asked.restores)
    if asked.moves:
        chances = Chances.moving(asked.moves, asked.restores)
    began, fired, wrong = time.process_time(), Counter[str](), dict[int, list[str]]()
    for number in range(max(1, asked.steps // STEPS)):
        found, faults = play(asked.seed + number, min(STEPS, asked.steps), chances, database, asked.people)
        fired += faults
        if found:
            wrong[asked.seed + number] = found
            print(f"seed {asked.seed + number}: {'; '.join(found[:3])}", file=sys.stderr, flush=True)
            if asked.sabotage:
                break
    seconds = round(time.process_time() - began, 1)
    print(json.dumps({"wrong": wrong, "fired": fired, "seconds": seconds}, ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
