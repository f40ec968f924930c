"""Which values descend from which, over pasts of every shape."""

from __future__ import annotations

import random

from sync.descent import NEVER, Stamp, is_in_line, lines, those_in_line


class Past:
    """A past made up at random: lost stamps, joined lines, and circles that nobody honest makes."""

    def __init__(self, dice: random.Random, stamps: list[Stamp]) -> None:
        self.known = {
            stamp: tuple(dice.choices([NEVER, *stamps], k=dice.choice((1, 1, 1, 2, 3))))
            for stamp in stamps
            if dice.random() < 0.9
        }

    def parents(self, part: str, stamp: Stamp) -> tuple[Stamp, ...] | None:
        return self.known.get(stamp)


def test_asking_about_many_values_at_once_answers_the_same_as_asking_about_each() -> None:
    dice, answers = random.Random(1), set()
    for _ in range(2_000):
        stamps = [f"e:{number}" for number in range(dice.randint(1, 12))]
        past, ancestor = Past(dice, stamps), dice.choice([NEVER, *stamps])
        asked = dice.sample(stamps, dice.randint(1, len(stamps)))
        each = {stamp for stamp in asked if is_in_line("p", ancestor, stamp, past)}
        assert those_in_line("p", ancestor, asked, past) == each
        reached = lines("p", asked, past)
        assert {stamp for stamp in asked if not ancestor or ancestor in reached[stamp]} == each
        answers.add(len(each))
    assert len(answers) > 5
