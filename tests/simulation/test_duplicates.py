"""Three desks join people, take them apart and write about them without seeing each other: all end with one truth."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest

from app.records import BY_NAME
from app.records.alias import alias_id
from app.store.same import joined
from sync.descent import NEVER, REST, Stamp, base_of, is_in_line
from sync.merge import Loser, State, lay_over, merge
from sync.server.past import BESIDE
from sync.server.rules import rules_of

PEOPLE = [f"{n:032x}" for n in range(1, 9)]
Name = tuple[str, str]


@dataclass
class Ledger:
    """What the county knows of one record's earlier changes."""

    laid: dict[Stamp, tuple[Mapping[str, Any], Mapping[str, Stamp]]] = field(default_factory=dict)

    def parents(self, part: str, stamp: Stamp) -> tuple[Stamp, ...]:
        after, bases = self.laid[stamp]
        base = base_of(bases, part) if part in after or part in bases else bases.get(REST, NEVER)
        return (base, *filter(None, [bases.get(BESIDE + part)]))

    def followers(self, part: str, stamp: Stamp) -> list[Stamp]:
        return [at for at, (after, _) in self.laid.items() if part in after and stamp in self.parents(part, at)]

    def ops(self, part: str) -> list[tuple[Stamp, Any]]:
        return [(stamp, after[part]) for stamp, (after, _) in self.laid.items() if part in after]

    def seen(self, stamp: Stamp) -> Mapping[str, Stamp]:
        return self.laid[stamp][1]


@dataclass
class Waiting:
    """One change of a desk that the county has not heard of."""

    number: int
    name: Name
    after: dict[str, Any]
    bases: dict[str, Stamp]


@dataclass
class Desk:
    """What it shows, and what waits."""

    rows: dict[Name, State] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    saved: int = 0

    def save(self, name: Name, after: dict[str, Any]) -> None:
        self.saved += 1
        known = self.rows.get(name)
        bases = {part: known.stamp(part) for part in after} if known else {}
        self.waiting.append(Waiting(self.saved, name, after, bases))
        self.rows[name] = lay_over(known, after, f"~{self.saved}")


class County:
    """The real merge on plain dictionaries; it remembers every value and whether it must be found again."""

    def __init__(self) -> None:
        self.seq = 0
        self.rows: dict[Name, State] = {}
        self.past: dict[Name, Ledger] = {}
        self.listed: dict[Name, list[Loser]] = {}

    def exchange(self, desk: Desk) -> None:
        told: dict[Stamp, Stamp] = {}
        for each in desk.waiting:
            self.seq += 1
            stamp, past = f"e:{self.seq}", self.past.setdefault(each.name, Ledger())
            bases = {part: told.get(base, base) for part, base in each.bases.items()}
            rules = rules_of(each.name[0])
            merged = merge(self.rows.get(each.name), each.after, bases, stamp, past, rules, is_new=True)
            past.laid[stamp] = (each.after, {**bases, **{BESIDE + part: at for part, at in merged.lines.items()}})
            self.rows[each.name] = merged.state
            self.listed.setdefault(each.name, []).extend(merged.losers)
            told[f"~{each.number}"] = stamp
        desk.waiting.clear()
        desk.rows = dict(self.rows)


def groups_of(rows: Mapping[Name, State]) -> dict[str, frozenset[str]]:
    pairs = [
        (str(state.body["subject"]), str(state.body["other"]))
        for (type_, _), state in rows.items()
        if type_ == "alias" and state.body.get("state") == "same"
    ]
    return joined(pairs)


def by_hand(rows: Mapping[Name, State]) -> dict[str, frozenset[str]]:
    """The same, by widening until nothing changes."""
    found = {id_: {id_} for id_ in PEOPLE}
    for _ in PEOPLE:
        for (type_, _id), state in rows.items():
            if type_ == "alias" and state.body.get("state") == "same":
                one, another = str(state.body["subject"]), str(state.body["other"])
                found[one] |= found[another]
                found[another] |= found[one]
    return {id_: frozenset(group) for id_, group in found.items() if len(group) > 1}


@dataclass
class World:
    """Random days of three desks, judged whenever all have exchanged."""

    seed: int
    desks: list[Desk] = field(default_factory=lambda: [Desk() for _ in range(3)])
    county: County = field(default_factory=County)
    visits: dict[str, str] = field(default_factory=dict)
    fired: dict[str, int] = field(default_factory=dict)

    def run(self, steps: int) -> None:
        rng = random.Random(self.seed)
        for desk in self.desks[:1]:
            for id_ in PEOPLE:
                desk.save(("person", id_), {"name": f"王{id_[-1]}"})
        self.judge()
        for step in range(steps):
            self._step(rng, rng.choice(self.desks), step)
            if step % 200 == 199:
                self.judge()
        self.judge()

    def _step(self, rng: random.Random, desk: Desk, step: int) -> None:
        what = rng.choices(("same", "different", "edit", "visit", "exchange"), (3, 3, 2, 2, 2))[0]
        self.fired[what] = self.fired.get(what, 0) + 1
        low, high = sorted(rng.sample(PEOPLE, 2))
        name = ("alias", alias_id(low, high))
        if what in ("same", "different"):
            known = desk.rows.get(name)
            if known is None:
                desk.save(name, {"subject": low, "other": high, "state": what})
            elif known.body.get("state") != what:
                desk.save(name, {"state": what})
        elif what == "edit":
            desk.save(("person", low), {"note": f"第{step}步"})
        elif what == "visit":
            self.visits[f"{step:032x}"] = low
            desk.save(("child_visit", f"{step:032x}"), {"subject": low, "living": "好"})
        else:
            self.county.exchange(desk)

    def judge(self) -> None:
        for desk in (*self.desks, *self.desks):
            self.county.exchange(desk)
        first, *others = self.desks
        assert all(desk.rows == first.rows for desk in others)
        groups = groups_of(first.rows)
        assert {id_: group for id_, group in groups.items() if len(group) > 1} == by_hand(first.rows)
        self._judge_history(first, groups)
        for name, past in self.county.past.items():
            self._judge_values(name, past)

    def _judge_history(self, desk: Desk, groups: dict[str, frozenset[str]]) -> None:
        """Every visit belongs to whom it was written about, and is found with whoever stands for them."""
        for id_, subject in self.visits.items():
            state = desk.rows["child_visit", id_]
            assert state.body["subject"] == subject
            stands = min(groups.get(subject, {subject}))
            assert subject in groups.get(stands, {stands})

    def _judge_values(self, name: Name, past: Ledger) -> None:
        """Every state and note that was ever given is current, was replaced by who had seen it, or is listed."""
        state, listed = self.county.rows[name], self.county.listed.get(name, [])
        part = "state" if name[0] == "alias" else "note"
        ends = {state.stamp(part), *(loser.stamp for loser in listed if loser.part == part)}
        for stamp, value in past.ops(part)[-20:]:
            # Who wrote what another had just written is answered by whoever saw that other.
            asked = [stamp, *filter(None, [past.laid[stamp][1].get(BESIDE + part)])]
            seen = any(is_in_line(part, each, end, past) for each in asked for end in ends)
            assert seen or value == state.body.get(part), (name, stamp)


@pytest.mark.parametrize("seed", range(4))
def test_three_desks_that_join_and_part_converge_with_all_history(seed: int) -> None:
    world = World(seed)
    world.run(5_000)
    assert min(world.fired[what] for what in ("same", "different", "edit", "visit", "exchange")) > 500


@pytest.mark.long
def test_a_million_steps_of_joining_and_parting_converge() -> None:
    for seed in range(100, 300):
        World(seed).run(5_000)


def test_when_all_is_taken_apart_everybody_is_alone_again() -> None:
    world = World(99)
    world.run(1_000)
    desk = world.desks[0]
    for name in [name for name, state in desk.rows.items() if name[0] == "alias"]:
        desk.save(name, {"state": "different"})
    world.judge()
    assert groups_of(desk.rows) == {}
    assert {desk.rows["person", id_].body["name"] for id_ in PEOPLE} == {f"王{id_[-1]}" for id_ in PEOPLE}


@pytest.mark.parametrize("first, second", [("same", "same"), ("same", "different"), ("different", "same")])
def test_two_who_decide_at_once_agree_or_are_both_shown(first: str, second: str) -> None:
    county, desks = County(), [Desk(), Desk()]
    low, high = PEOPLE[:2]
    name = ("alias", alias_id(low, high))
    for desk, state in zip(desks, (first, second), strict=True):
        desk.save(name, {"subject": low, "other": high, "state": state})
        county.exchange(desk)
    listed = county.listed[name]
    assert county.rows[name].body["state"] == first
    assert [(loser.part, loser.value, loser.must_ask) for loser in listed] == (
        [] if first == second else [("state", second, True)]
    )


def test_any_order_of_the_same_pairs_gives_the_same_groups() -> None:
    rng = random.Random(5)
    pairs = [pair for pair in combinations(PEOPLE, 2) if rng.random() < 0.3]
    expected = joined(pairs)
    for _ in range(50):
        rng.shuffle(pairs)
        assert joined(pairs) == expected


def test_an_alias_knows_what_it_joins() -> None:
    assert BY_NAME["alias"].spec.by_name["other"].of == "person"
    assert alias_id("b" * 32, "a" * 32) == alias_id("a" * 32, "b" * 32)
