"""The design of the exchange on a line that loses, repeats, delays and cuts, with a county that is restored."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import pytest

from tests.simulation.world import HONEST, Faults, Sabotage, World

STEPS = 2_000
EXPECTED_FAULTS = {"request lost", "answer lost", "repeated", "delayed", "cut upload", "crash", "backup", "restore"}


def run(seed: int, faults: Faults, sabotage: Sabotage = HONEST) -> World:
    world = World(seed, faults=faults, sabotage=sabotage)
    world.run(STEPS)
    return world


def check(seeds: range, faults: Faults) -> Counter[str]:
    """Every seed must end with nothing lost and every desk showing what the county holds; gives the faults fired."""
    fired: Counter[str] = Counter()
    for seed in seeds:
        world = run(seed, faults)
        assert world.faults_found() == [], f"seed {seed}"
        assert world.judge.edits > STEPS / 4
        fired += world.fired
    return fired


def test_every_edit_is_current_or_replaced_by_one_who_saw_it_or_listed() -> None:
    fired = check(range(20), Faults(restore=0.0))
    assert set(fired) >= EXPECTED_FAULTS - {"restore"}


def test_a_county_that_is_restored_again_and_again_gets_everything_back() -> None:
    fired = check(range(1_000, 1_020), Faults(restore=0.002))
    assert set(fired) >= EXPECTED_FAULTS


@pytest.mark.long
def test_a_million_steps() -> None:
    check(range(10_000, 10_250), Faults(restore=0.0))
    check(range(20_000, 20_250), Faults(restore=0.002))


@pytest.mark.parametrize("piece", [field.name for field in fields(Sabotage)])
def test_the_judge_notices_when_a_piece_of_the_design_is_missing(piece: str) -> None:
    found = [run(seed, Faults(restore=0.002), Sabotage(**{piece: True})).faults_found() for seed in range(5)]
    assert any(found)


def test_a_seed_always_plays_the_same_game() -> None:
    first, second = run(7, Faults()), run(7, Faults())
    assert first.county == second.county
    assert first.fired == second.fired
