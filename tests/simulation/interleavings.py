"""Two desks, one record, everything they can do in a few steps: what each shows in the end, and what is listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sync.merge import DELETED, State
from tests.simulation.county import CountyModel
from tests.simulation.desk import DeskModel, Form
from tests.simulation.faults import HONEST, Sabotage
from tests.simulation.talk import EMPTY, Post

LENGTH = 6
ACTIONS = ("load", "type phone", "type risk", "pull", "save", "delete", "exchange", "move")
"""``pull`` brings what is new and sends nothing; ``move`` puts the person into the village of the other desk."""
Step = tuple[int, str]
"""Desk and action."""


@dataclass(slots=True)
class Table:
    """A form of a desk: what it loaded, what was typed into it so far."""

    form: Form | None = None
    typed: dict[str, Any] = field(default_factory=dict)


class SmallWorld:
    """One record that both desks show; the first one is a supervisor's and sees every village."""

    def __init__(self, sabotage: Sabotage = HONEST) -> None:
        self.county = CountyModel(sabotage)
        self.desks = [DeskModel(number, "A", sabotage=sabotage) for number in range(2)]
        self.tables = [Table(), Table()]
        for number, orgs in enumerate((frozenset("AB"), frozenset("A"))):
            self.county.posts[number] = Post(orgs, orgs, "A")
        self.desks[0].save(Form(0, EMPTY), {"org": "A", "phone": "p", "risk": "r"}, 1)
        self.talk(0)
        self.talk(1)

    def copy(self) -> SmallWorld:
        """The same again, to go on otherwise."""
        again = SmallWorld.__new__(SmallWorld)
        again.county = self.county.copy()
        again.desks = [desk.copy() for desk in self.desks]
        again.tables = [Table(table.form, dict(table.typed)) for table in self.tables]
        return again

    def key(self) -> str:
        """Everything on which it depends how this goes on."""
        county = self.county
        desks = [
            (desk.rows, desk.shadow, desk.outbox, desk.places, desk.cursors, desk.listed, desk.listed_in,
             desk.leaving, desk.counter)
            for desk in self.desks
        ]
        parents = {record: memory.parents for record, memory in county.memory.items()}
        known = (county.records, county.listed, parents, county.visited, county.leavings)
        return repr((known, desks, self.tables))

    def can(self, desk: int, action: str) -> bool:
        """Whether a user would find that to do."""
        table, row = self.tables[desk], self.desks[desk].rows.get(0)
        if action == "load":
            return table.form is None and row is not None and not row.is_deleted
        if action.startswith("type"):
            return table.form is not None and action[5:] not in table.typed
        if action == "save":
            return bool(table.typed)
        if action in ("delete", "move"):
            return row is not None and not row.is_deleted
        return True

    def do(self, desk: int, action: str) -> None:
        """One step."""
        table = self.tables[desk]
        if action == "load":
            self.tables[desk] = Table(Form(0, self.desks[desk].rows[0]))
        elif action.startswith("type"):
            part = action[5:]
            table.typed[part] = f"{part[0]}{desk}"
        elif action == "save" and table.form is not None:
            self.save(desk, table.form, table.typed)
            self.tables[desk] = Table()
        elif action == "delete":
            self.save(desk, Form(0, self.desks[desk].rows[0]), {DELETED: True})
        elif action == "move":
            self.save(desk, Form(0, self.desks[desk].rows[0]), {"org": "B"})
        else:
            self.talk(desk, sends=action == "exchange")

    def save(self, desk: int, form: Form, after: dict[str, Any]) -> None:
        """A save, named after its desk and its place there, so that equal worlds are equal."""
        self.desks[desk].save(form, after, 100 * (desk + 1) + self.desks[desk].counter)

    def talk(self, number: int, *, sends: bool = True) -> None:
        """One contact on a good line."""
        desk = self.desks[number]
        units = desk.sent(desk.outbox) if sends else []
        desk.hear(self.county.exchange(desk.hello(number), units), False)

    def end(self) -> str:
        """Both send what is left and hear the rest; what is shown and listed then."""
        for number in (0, 1, 0, 1):
            self.talk(number)
        listed = sorted(f"{part}={value}" for part, value in self.county.listed.get(0, {}))
        shown = [_words(desk.rows.get(0)) for desk in self.desks]
        if shown[1] == shown[0]:
            shown = [shown[0], "the same"]
        return " | ".join((*shown, ", ".join(listed) or "-"))


def _words(state: State | None) -> str:
    if state is None:
        return "nothing"
    body = {part: value for part, value in state.body.items() if part != DELETED}
    told = " ".join(f"{part}={body[part]}" for part in sorted(body))
    return f"{told} (in the bin)" if state.is_deleted else told


@dataclass(slots=True)
class Reached:
    """A world, in how many orders it comes about, and the first of them."""

    world: SmallWorld
    orders: int
    steps: tuple[Step, ...]


def outcomes(length: int = LENGTH, sabotage: Sabotage = HONEST) -> dict[str, tuple[int, tuple[Step, ...]]]:
    """Outcome → in how many orders of up to so many steps it comes about, and the first of the shortest of them.

    Orders that lead to the same world are followed together: what comes after them is the same.
    """
    found: dict[str, tuple[int, tuple[Step, ...]]] = {}
    worlds = [Reached(SmallWorld(sabotage), 1, ())]
    for left in range(length, -1, -1):
        for each in worlds:
            outcome = each.world.copy().end()
            orders, steps = found.get(outcome, (0, each.steps))
            found[outcome] = (orders + each.orders, steps)
        worlds = _further(worlds) if left else []
    return found


def _further(worlds: list[Reached]) -> list[Reached]:
    """One step more, in every way that is open."""
    found: dict[str, Reached] = {}
    for each in worlds:
        for desk in (0, 1):
            for action in ACTIONS:
                if each.world.can(desk, action):
                    world = each.world.copy()
                    world.do(desk, action)
                    there = found.setdefault(world.key(), Reached(world, 0, (*each.steps, (desk, action))))
                    there.orders += each.orders
    return list(found.values())


def table(length: int = LENGTH) -> list[str]:
    """One line for each outcome: its orders, what both show, what is listed, and an order in which it comes about."""
    found = sorted(outcomes(length).items(), key=lambda item: (len(item[1][1]), item[0]))
    lines = []
    for outcome, (orders, steps) in found:
        told = "; ".join(f"{'AB'[desk]} {action}" for desk, action in steps) or "nothing happens"
        lines.append(f"{orders:>7} | {outcome} | {told}")
    return lines
