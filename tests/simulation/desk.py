"""A desk of the simulation: rows as shown, shadows while own saves wait, own saves and what it saw of others'."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sync.merge import DELETED, EMPTIED, NEVER, OWN, REST, Stamp, State, lay_over, settled
from tests.simulation.county import CountyModel
from tests.simulation.faults import HONEST, Sabotage
from tests.simulation.talk import EMPTY, Answer, Decided, Hello, Item, Row, Sent, Token

Step = tuple[int, dict[str, Any], dict[str, Stamp]]
"""What a desk saw of another's save: record, values, what it held before."""


@dataclass(slots=True)
class Saved:
    """An own save, and what is known of its fate."""

    id: int
    seq: int
    record: int
    after: dict[str, Any]
    bases: dict[str, Stamp]
    stamp: Stamp = NEVER
    is_acked: bool = False
    acked_at: int = 0


@dataclass(slots=True)
class Form:
    """An open form: what it showed when it was opened."""

    record: int
    loaded: State


@dataclass(slots=True)
class DeskModel:
    """What sync.md calls the desk."""

    device: int
    home: str
    knows_later: bool = True
    sabotage: Sabotage = HONEST
    rows: dict[int, State] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    shadow: dict[int, State] = field(default_factory=dict)
    units: list[Saved] = field(default_factory=list)
    outbox: list[Saved] = field(default_factory=list)
    pending: dict[int, list[Saved]] = field(default_factory=dict)
    steps: dict[tuple[int, Stamp], Step] = field(default_factory=dict)
    stamps: dict[int, Stamp] = field(default_factory=dict)
    listed: set[Item] = field(default_factory=set)
    leaving: set[int] = field(default_factory=set)
    unsure: set[int] = field(default_factory=set)
    epoch: str = "e1"
    last: int = 0
    durable_seq: int = 0
    cursors: dict[str, int] = field(default_factory=dict)
    complete: dict[str, int] = field(default_factory=dict)
    token: Token = (0, 0)
    unheard: tuple[Token, ...] = ()
    form: Form | None = None
    counter: int = 0
    owes_witness: bool = False
    repairs: int = 0

    def copy(self) -> DeskModel:
        """The laptop's disk, byte for byte."""
        again: dict[int, Saved] = {unit.id: replace(unit) for unit in (*self.units, *self.outbox)}
        return replace(
            self, rows=dict(self.rows), places=dict(self.places), shadow=dict(self.shadow),
            units=[again[unit.id] for unit in self.units], outbox=[again[unit.id] for unit in self.outbox],
            pending={name: [again[unit.id] for unit in waiting] for name, waiting in self.pending.items()},
            steps={at: (r, dict(a), dict(b)) for at, (r, a, b) in self.steps.items()}, stamps=dict(self.stamps), listed=set(self.listed), leaving=set(self.leaving),
            unsure=set(self.unsure), cursors=dict(self.cursors), complete=dict(self.complete), form=None,
        )  # fmt: skip

    # The user

    def save(self, form: Form, after: dict[str, Any], id_: int) -> None:
        """The difference between what the form loaded and what was edited; bases from what it loaded."""
        self.counter += 1
        record = form.record
        row = self.rows.get(record)
        seen = (row or EMPTY) if self.sabotage.bases_at_save else form.loaded
        bases = {part: seen.stamp(part) for part in after}
        if DELETED in after:
            bases = {**seen.stamps, **{part: seen.stamp(part) for part in seen.body}}
        unit = Saved(id_, self.counter, record, after, bases)
        waiting = self.pending.get(record)
        if waiting is None:
            if row is not None:
                self.shadow[record] = row
            self.pending[record] = [unit]
        else:
            waiting.append(unit)
        self.rows[record] = lay_over(row, after, f"{OWN}{unit.seq}")
        self.units.append(unit)
        self.outbox.append(unit)

    # What it sends

    def hello(self, number: int) -> Hello:
        """Proposes, and keeps, what it wants to be known by, before it says a word."""
        proposed = ((self.unheard or (self.token,))[-1][0] + 1, number)
        if self.sabotage.token_proposed_again and self.unheard:
            proposed = self.unheard[0]
        before = () if self.sabotage.token_not_proposed else self.unheard
        self.unheard = (*before, proposed)
        return Hello(self.device, self.epoch, self.last, self.cursors, self.complete, self.token, before, proposed)

    def sent(self, unit: Saved) -> Sent:
        """A save as it travels: own saves that have a stamp go by it."""
        bases = unit.bases
        if any(base[:1] == OWN for base in bases.values()):
            bases = {part: self._told(base) for part, base in bases.items()}
        return Sent(unit.id, unit.seq, unit.record, unit.after, bases, unit.stamp)

    def _told(self, base: Stamp) -> Stamp:
        stamp = self.stamps.get(int(base[1:])) if base[:1] == OWN else None
        return base if stamp is None else OWN + stamp

    def bear_witness(self, county: CountyModel) -> None:
        """After a restore: what this desk saw of others' saves, what it knows as listed and as erased."""
        if self.sabotage.no_witness:
            return
        post = county.posts[self.device]
        mine = {(unit.record, unit.stamp): self.sent(unit) for unit in self.units if unit.stamp}
        county.announced = {at: {**bases, "?": NEVER} for at, (_, _, bases) in self.steps.items()}
        county.announced |= {at: {part: _bare(base) for part, base in unit.bases.items()} for at, unit in mine.items()}
        for at in sorted({*self.steps, *mine}, key=_told_order):
            if at in mine:
                county.take(self.device, post, mine[at])
            else:
                county.hear(self.device, *at, *self.steps[at][1:])
        county.announced = {}
        county.hear_listed(self.device, self.listed)

    # What it hears

    def hear(self, answer: Answer, crash: bool, reached: int | None = None) -> None:
        """One page in one transaction; a crash leaves nothing of it. ``reached``: the line broke after that number."""
        if answer.epoch != self.epoch and not self.sabotage.no_epoch:
            self.begin_again(answer)
            return
        if self.sabotage.cursor_before_rows:
            self.cursors = answer.cursors
        if crash:
            return
        self.token, self.unheard = self.unheard[-1], ()
        self.last = answer.last
        if answer.results:
            self.acknowledge(answer)
        self.owes_witness = False
        if reached is None:
            self.take_all(answer)
        else:
            self.take_part(answer, reached)
        if answer.durable_seq != self.durable_seq:
            self.forget_durable(answer)

    def take_all(self, answer: Answer) -> None:
        """Everything up to the county's last number."""
        if answer.listed:
            self.listed.update(item for _, item in answer.listed)
        for row in answer.rows:
            self.receive(row)
        for _, record in answer.gone:
            self.let_go(record)
        if not self.sabotage.scope_by_cursor_alone:
            for record in [name for name, place in self.places.items() if place not in answer.cursors]:
                self.let_go(record)
        if answer.cursors.keys() != self.cursors.keys():
            self.listed = {item for item in self.listed if item[0] in self.rows}
        self.cursors = self.complete = answer.cursors
        if self.unsure:
            for record in self.unsure:
                self.let_go(record)
            self.unsure = set()

    def take_part(self, answer: Answer, reached: int) -> None:
        """What came before the line broke, up to a number of the sequence."""
        self.listed.update(item for seq, item in answer.listed if seq <= reached)
        for row in answer.rows:
            if row.seq <= reached:
                self.receive(row)
        for seq, record in answer.gone:
            if seq <= reached:
                self.let_go(record)
        self.cursors = {**self.cursors, **{org: max(reached, self.cursors.get(org, -1)) for org in answer.cursors}}

    def begin_again(self, answer: Answer) -> None:
        """A new life of the county's data: everything not durable is offered again, and everything asked for anew."""
        self.epoch, self.last, self.durable_seq = answer.epoch, 0, answer.durable_seq
        self.cursors = self.complete = {}
        self.owes_witness = True
        self.unsure = set(self.rows) | set(self.places)
        self.outbox = self.units[:]
        for unit in self.outbox:
            unit.is_acked = False

    def become_another(self, device: int) -> None:
        """Somebody else goes by this desk's name: it goes on under a new one and sends what was not answered."""
        self.device, self.token, self.unheard = device, (0, 0), ()

    def acknowledge(self, answer: Answer) -> None:
        """Results: what the county took moves into the shadow, what it did not take is laid over no more."""
        results = dict(answer.results)
        for unit in self.outbox:
            decided = results.get(unit.seq)
            if decided is not None:
                unit.is_acked, unit.acked_at = True, answer.seq
                if decided.stamp:
                    unit.stamp = self.stamps[unit.seq] = decided.stamp
                waiting = self.pending.get(unit.record, ())
                if unit in waiting:
                    self.settle(unit, decided)
        self.outbox = [unit for unit in self.outbox if not unit.is_acked]
        if self.sabotage.emptied_at_ack:
            self.units = [unit for unit in self.units if not unit.is_acked]

    def settle(self, unit: Saved, decided: Decided) -> None:
        """The county has decided about it: it is no longer laid over."""
        record, waiting = unit.record, self.pending[unit.record]
        waiting.remove(unit)
        under = self.shadow.get(record)
        if decided.stamp:
            if under is None and not decided.clean:
                self.unsure.add(record)  # if the county does not show it, it is not this desk's to show
            under = settled(under, unit.after, decided.stamp, clean=decided.clean)
        if waiting:
            if under is not None:
                self.shadow[record] = under
        else:
            del self.pending[record]
            self.shadow.pop(record, None)
        if under is None and not waiting:
            self.drop(record)
            return
        if decided.clean and under is not None:
            org = under.body.get("org")
            self.places[record] = org[0] if org else self.places.get(record, self.home)
        self.rows[record] = laid_over(under, waiting)
        if not waiting and record in self.leaving:
            self.drop(record)

    def receive(self, row: Row) -> None:
        """What the county holds, with the own saves that wait laid over it."""
        record, state = row.record, row.state
        waiting = self.pending.get(record)
        held = self.shadow.get(record) if waiting else self.rows.get(record)
        if row.is_patch:
            if held is None:
                self.repairs += 1
                return
            state = patched(held, state)
        if self.sabotage.unknown_fields_dropped and not self.knows_later:
            state = State({part: value for part, value in state.body.items() if part != "later"}, state.stamps)
        if held is not state:
            self.note_steps(record, held or EMPTY, state)
        if waiting:
            self.shadow[record] = state
            self.rows[record] = laid_over(state, waiting)
        else:
            self.rows[record] = state
        self.places[record] = row.place
        self.leaving.discard(record)
        self.unsure.discard(record)

    def note_steps(self, record: int, held: State, state: State) -> None:
        """History: what others' saves changed here, for the county may lose them."""
        if EMPTIED in state.body:
            for at in [at for at in self.steps if at[0] == record]:
                del self.steps[at]
            return
        before, body = held.body, state.body
        for part in sorted({*before, *body, *state.stamps}):
            stamp = state.stamp(part)
            if part != REST and stamp and before.get(part) != body.get(part) and stamp != held.stamp(part):
                step = self.steps.get((record, stamp))
                if step is None:
                    step = self.steps[record, stamp] = (record, {}, {})
                value, base = body.get(part), held.stamp(part)
                if part == "needs":
                    was, now = set(before.get(part) or ()), set(value or ())
                    # After a restore the county may know less than before: nobody took out what it lacks then.
                    value = {"add": sorted(now - was), "remove": sorted(was - now) if self.complete else []}
                if part == DELETED:
                    step[2].update(state.stamps)
                    step[2].update((name, state.stamp(name)) for name in body)
                    value = bool(value)
                step[1][part] = value
                if base and base[0] != OWN and record not in self.unsure:
                    step[2][part] = base  # what an earlier life of the county showed this one may never have had

    def let_go(self, record: int) -> None:
        """It left what this desk may see; own unsent work is delivered first."""
        if record in self.pending:
            self.leaving.add(record)
            self.shadow.pop(record, None)
        else:
            self.drop(record)

    def drop(self, record: int) -> None:
        """Nothing of it stays but own saves, which nobody can read here."""
        self.rows.pop(record, None)
        self.places.pop(record, None)
        self.leaving.discard(record)
        for at in [at for at in self.steps if at[0] == record]:
            del self.steps[at]
        self.listed = {item for item in self.listed if item[0] != record}

    def forget_durable(self, answer: Answer) -> None:
        """A verified copy holds them: they need not be offered again."""
        self.durable_seq = answer.durable_seq
        self.units = [unit for unit in self.units if not (unit.is_acked and unit.acked_at <= answer.durable_seq)]
        mine = self.epoch + ":"
        for at in [at for at in self.steps if at[1].startswith(mine) and int(at[1][len(mine) :]) <= self.durable_seq]:
            del self.steps[at]


def _told_order(at: tuple[int, Stamp]) -> tuple[int, int]:
    """By life, and in each by number: bases come before what was made of them."""
    epoch, _, seq = at[1].partition(":")
    return int(epoch.rpartition("+")[2].removeprefix("e") or 0), int(seq)


def _bare(base: Stamp) -> Stamp:
    """An own save by its stamp."""
    return base[1:] if base[:1] == OWN and not base[1:].isdigit() else base


def patched(held: State, patch: State) -> State:
    """What the desk held, with the newer parts."""
    body = {**held.body, **patch.body}
    return State({part: value for part, value in body.items() if value is not None}, {**held.stamps, **patch.stamps})


def laid_over(under: State | None, waiting: list[Saved]) -> State:
    """What the county said, with own saves over it."""
    for unit in waiting:
        under = lay_over(under, unit.after, f"{OWN}{unit.seq}")
    return under if under is not None else EMPTY
