"""Small worlds completely: the reviewed table of everything that two desks and one record can come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.faults import Sabotage
from tests.simulation.interleavings import ACTIONS, LENGTH, SmallWorld, outcomes, table

REVIEWED = Path(__file__).parents[1] / "golden" / "interleavings.txt"


def test_every_order_of_six_steps_comes_to_what_the_reviewed_table_says() -> None:
    lines = REVIEWED.read_text(encoding="utf-8").splitlines()
    assert table() == [line for line in lines if not line.startswith("#")]


def test_no_order_is_left_out() -> None:
    def orders(world: SmallWorld, left: int) -> int:
        count = 1
        for desk in (0, 1):
            for action in ACTIONS:
                if left and world.can(desk, action):
                    further = world.copy()
                    further.do(desk, action)
                    count += orders(further, left - 1)
        return count

    assert sum(number for number, _ in outcomes(3).values()) == orders(SmallWorld(), 3)
    assert LENGTH == 6


@pytest.mark.parametrize("piece", ["last_arrival_wins", "scope_by_cursor_alone", "late_saves_refused_unheard"])
def test_the_table_notices_when_a_piece_of_the_design_is_missing(piece: str) -> None:
    assert outcomes(5, Sabotage(**{piece: True})) != outcomes(5)
