"""Play many worlds and say what happened: steps, faults that fired, seeds that failed."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.simulation.faults import CALM, HONEST, SETTLED, Faults, Sabotage
from tests.simulation.world import World

STEPS = 2_000
"""Steps of one world."""
KINDS = (Faults(), CALM, Faults(), SETTLED)
"""One after the other, by the seed."""
ENOUGH = 100
"""So many lost edits that others saw tell whether those give them back; of fewer, chance decides."""


@dataclass(slots=True)
class Report:
    """What came of some worlds."""

    worlds: int = 0
    steps: int = 0
    edits: int = 0
    seconds: float = 0.0
    witnessed: int = 0
    hoped: int = 0
    resurrected: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    failures: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: Report) -> None:
        """Both together."""
        self.worlds += other.worlds
        self.steps += other.steps
        self.edits += other.edits
        self.seconds += other.seconds
        self.witnessed += other.witnessed
        self.hoped += other.hoped
        self.resurrected += other.resurrected
        self.fired += other.fired
        self.failures |= other.failures

    @property
    def is_good(self) -> bool:
        """Whether no world failed, and most of what is left only with those who saw it was given back."""
        return not self.failures and (self.hoped < ENOUGH or self.witnessed > self.hoped / 2)

    def lines(self) -> list[str]:
        """For people."""
        rate = self.steps / self.seconds if self.seconds else 0.0
        found = [
            f"{self.steps:,} steps in {self.worlds:,} worlds, {self.edits:,} edits, "
            f"{self.seconds:,.0f} s of one core, {rate:,.0f} steps/s",
            "faults: " + ", ".join(f"{name} {count:,}" for name, count in sorted(self.fired.items())),
            f"lost with laptop and county, seen by others: {self.hoped:,}; given back: {self.witnessed:,}",
            f"current again although replaced knowingly, the other one listed: {self.resurrected:,}",
            f"worlds that failed: {len(self.failures):,}",
        ]
        return found + [f"  seed {seed}: {'; '.join(why[:3])}" for seed, why in sorted(self.failures.items())]


def desks_of(seed: int) -> int:
    """Two to eight; clones come on top."""
    return 2 + seed % 7


def world_of(seed: int, sabotage: Sabotage = HONEST) -> World:
    """The world that a seed stands for, before its first step."""
    return World(
        seed, desks=desks_of(seed), records=1 + seed // 7 % 7, faults=KINDS[seed % len(KINDS)], sabotage=sabotage
    )


def play(seeds: Iterable[int], sabotage: Sabotage = HONEST, steps: int = STEPS) -> Report:
    """These worlds, one after the other."""
    report = Report()
    was_on = gc.isenabled()
    gc.disable()
    began = time.process_time()
    for seed in seeds:
        world = world_of(seed, sabotage)
        world.run(steps)
        note(report, seed, world, steps)
        world.rare.clear()  # it leads back to the world, and nobody collects circles here
    report.seconds = time.process_time() - began
    if was_on:
        gc.enable()
    return report


def note(report: Report, seed: int, world: World, steps: int) -> None:
    """What came of one world."""
    if found := world.faults_found():
        report.failures[seed] = found
    back, hoped = world.witnessed()
    report.worlds += 1
    report.steps += steps
    report.edits += world.judge.edits
    report.witnessed += back
    report.hoped += hoped
    report.resurrected += len(world.judge.resurrected(world.county))
    report.fired += world.fired
