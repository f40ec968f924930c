"""The long run: ``python -m tests.simulation --steps 100000000 [--cores 2]``, or one world again: ``--seed 17``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from functools import partial
from multiprocessing import Pool

from tests.simulation.faults import HONEST, Sabotage
from tests.simulation.report import STEPS, Report, play

BATCH = 50
"""Worlds that one process plays before it reports."""


def main(arguments: list[str]) -> int:
    """Play; 1 if a world failed, or too little was given back."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--first", type=int, default=100_000, help="the first world's seed")
    parser.add_argument("--seed", type=int, help="only this world")
    parser.add_argument("--sabotage", choices=[field.name for field in fields(Sabotage)])
    told = parser.parse_args(arguments)
    sabotage = Sabotage(**{told.sabotage: True}) if told.sabotage else HONEST
    if told.seed is not None:
        report = play([told.seed], sabotage)
    else:
        report = play_all(told.first, -(-told.steps // STEPS), told.cores, sabotage)
    print("\n".join(report.lines()))
    return 0 if report.is_good else 1


def play_all(first: int, worlds: int, cores: int, sabotage: Sabotage) -> Report:
    """All worlds in batches; says after each how far it is, and at once which of them failed."""
    report = Report()
    batches = [range(at, min(at + BATCH, first + worlds)) for at in range(first, first + worlds, BATCH)]
    # Not concurrent.futures: in Python 3.11 its pool stands still once all workers have had their share of tasks.
    with Pool(cores, maxtasksperchild=20) as pool:
        try:
            for done in pool.imap_unordered(partial(play, sabotage=sabotage), batches):
                report.add(done)
                for seed, why in sorted(done.failures.items()):
                    print(f"\rseed {seed}: {'; '.join(why[:3])}", file=sys.stderr, flush=True)
                print(f"\r{report.steps:,} steps, {len(report.failures)} failed", end="", file=sys.stderr, flush=True)
        except KeyboardInterrupt:  # what was played until then is worth telling
            pool.terminate()
    print(file=sys.stderr)
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
