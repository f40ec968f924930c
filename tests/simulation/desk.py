"""A desk of the simulation: rows as shown, shadows while own saves wait, own saves and what it saw of others'."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import msgspec

from app.records.shown import as_shown
from sync.descent import OWN
from sync.merge import DELETED, EMPTIED, NEVER, Stamp, State, base_of, lay_over, settled
from tests.simulation.county import CountyModel
from tests.simulation.faults import HONEST, Sabotage
from tests.simulation.memory import Change
from tests.simulation.talk import EMPTY, RULES, Answer, Decided, Entry, Hello, Row, Sent, Token, life_and_number

PARTS = tuple(sorted(RULES))
"""A deletion is the first: what it saw of the other parts counts for less than what was held of each."""


class Saved(msgspec.Struct, eq=False, gc=False):
    """An own save, and what is known of its fate; ``acked_at`` is 0 until this life of the county has answered it."""

    id: int
    seq: int
    record: int
    after: dict[str, Any]
    bases: dict[str, Stamp]
    stamp: Stamp = NEVER
    acked_at: int = 0


class Form(msgspec.Struct, gc=False):
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
    steps: dict[int, dict[Stamp, Change]] = field(default_factory=dict)
    stamps: dict[int, Stamp] = field(default_factory=dict)
    told: dict[int, Sent] = field(default_factory=dict)
    listed: dict[int, set[Entry]] = field(default_factory=dict)
    listed_in: dict[int, str] = field(default_factory=dict)
    doubtful: dict[int, set[Entry]] = field(default_factory=dict)
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
        again: dict[int, Saved] = {unit.id: copy(unit) for unit in (*self.units, *self.outbox)}
        return replace(
            self, rows=self.rows.copy(), places=self.places.copy(), shadow=self.shadow.copy(),
            units=[again[unit.id] for unit in self.units], outbox=[again[unit.id] for unit in self.outbox],
            pending={name: [again[unit.id] for unit in waiting] for name, waiting in self.pending.items()},
            steps={record: steps.copy() for record, steps in self.steps.items()}, stamps=self.stamps.copy(),
            listed={record: entries.copy() for record, entries in self.listed.items()},
            listed_in=self.listed_in.copy(),
            doubtful={record: entries.copy() for record, entries in self.doubtful.items()}, leaving=self.leaving.copy(),
            unsure=self.unsure.copy(), cursors=self.cursors.copy(), complete=self.complete.copy(), form=None, told={},
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
            bases |= as_shown(None, {"needs": (), **seen.body})
        unit = Saved(id_, self.counter, record, after, bases)
        if record in self.pending:
            self.pending[record].append(unit)
        else:
            self.pending[record] = [unit]
            if row is not None:
                self.shadow[record] = row
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

    def sent(self, units: list[Saved]) -> list[Sent]:
        """Saves as they travel."""
        told = self.told
        return [told.get(unit.id) or self._as_sent(unit) for unit in units]

    def _as_sent(self, unit: Saved) -> Sent:
        """Own saves that have a stamp go by it."""
        bases = unit.bases
        for base in bases.values():
            if base[:1] == OWN:
                bases = {part: self._told(base) for part, base in bases.items()}
                break
        told = self.told[unit.id] = Sent(unit.id, unit.seq, unit.record, unit.after, bases, unit.stamp)
        return told

    def _told(self, base: Stamp) -> Stamp:
        stamp = self.stamps.get(int(base[1:])) if base[:1] == OWN else None
        return base if stamp is None else stamp

    def bear_witness(self, county: CountyModel) -> None:
        """After a restore: what this desk saw of others' saves, what it knows as listed and as erased."""
        if self.sabotage.no_witness:
            return
        post = county.posts[self.device]
        mine = {(sent.stamp, sent.record): sent for sent in self.sent(self.units) if sent.stamp}
        # What the county has taken already it would not listen to.
        steps = {
            (stamp, record): step
            for record, steps in self.steps.items() for stamp, step in steps.items() if stamp not in county.taken
        }  # fmt: skip
        county.witness = Telling(mine, self.steps) if mine or steps else None
        units: list[Sent] = []
        for at in sorted(steps | mine, key=_told_order):
            if at in mine:
                units.append(mine[at])
                continue
            if units:
                county.take_all(self.device, post, units)
                units = []
            county.hear(self.device, at[1], at[0], *steps[at])
        county.take_all(self.device, post, units)
        county.witness = None
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
        for record, place, entries in answer.listed:
            self.note_listed(record, place, entries)
        for row in answer.rows:
            self.receive(row)
        for _, record in answer.gone:
            self.let_go(record)
        if not self.sabotage.scope_by_cursor_alone:
            for record in [name for name, place in self.places.items() if place not in answer.cursors]:
                self.let_go(record)
        if answer.cursors.keys() != self.cursors.keys():
            for record in [name for name, place in self.listed_in.items() if place not in answer.cursors]:
                self.unlist(record)
        self.cursors = self.complete = answer.cursors
        if self.unsure:
            for record in self.unsure:
                self.let_go(record)
            self.unsure = set()
        if self.doubtful:
            for record, entries in self.doubtful.items():
                self.listed[record] -= entries
            self.doubtful = {}

    def take_part(self, answer: Answer, reached: int) -> None:
        """What came before the line broke, up to a number of the sequence."""
        for record, place, entries in answer.listed:
            self.note_listed(record, place, [entry for entry, seq in entries.items() if seq <= reached])
        for row in answer.rows:
            if row.seq <= reached:
                self.receive(row)
        for seq, record in answer.gone:
            if seq <= reached:
                self.let_go(record)
        # Of what no grant covers any more some has left already: it would be asked for from the beginning.
        self.cursors = {org: max(reached, self.cursors.get(org, -1)) for org in answer.cursors}
        self.complete = {org: at for org, at in self.complete.items() if org in answer.cursors}

    def note_listed(self, record: int, place: str, entries: Iterable[Entry]) -> None:
        """What stands beside the record, whether or not that is here already: it is filed by itself."""
        there = self.listed.get(record)
        if there is None:
            self.listed[record] = set(entries)
        else:
            there.update(entries)
        self.listed_in[record] = place
        if record in self.doubtful:
            self.doubtful[record].difference_update(entries)

    def unlist(self, record: int) -> None:
        """Nothing that stands beside the record is this desk's to show."""
        self.listed.pop(record, None)
        self.listed_in.pop(record, None)
        self.doubtful.pop(record, None)

    def begin_again(self, answer: Answer) -> None:
        """A new life of the county's data: everything not durable is offered again, and everything asked for anew."""
        self.epoch, self.last, self.durable_seq = answer.epoch, 0, answer.durable_seq
        self.cursors = self.complete = {}
        self.owes_witness = True
        self.unsure = set(self.rows) | set(self.places)
        self.doubtful = {record: entries.copy() for record, entries in self.listed.items()}
        self.outbox = self.units[:]
        for unit in self.outbox:
            unit.acked_at = 0

    def become_another(self, device: int) -> None:
        """Somebody else goes by this desk's name: it goes on under a new one and sends what was not answered."""
        self.device, self.token, self.unheard = device, (0, 0), ()

    def acknowledge(self, answer: Answer) -> None:
        """Results: what the county took moves into the shadow, what it did not take is laid over no more."""
        results, pending, unheard = answer.results, self.pending, []
        changed: dict[int, State | None] = {}
        self.told = {}  # it holds only as long as nothing more is known of any of them
        for unit in self.outbox:
            decided = results.get(unit.seq)
            if decided is None:
                unheard.append(unit)
                continue
            unit.acked_at = answer.seq
            if decided.stamp:
                unit.stamp = self.stamps[unit.seq] = decided.stamp
            record = unit.record
            if record in pending and unit in pending[record]:
                changed[record] = self.settle(unit, decided, pending[record])
        self.outbox = unheard
        for record, under in changed.items():
            self.show(record, under)
        if self.sabotage.emptied_at_ack:
            self.units = [unit for unit in self.units if not unit.acked_at]

    def settle(self, unit: Saved, decided: Decided, waiting: list[Saved]) -> State | None:
        """The county has decided about it: it is no longer laid over what the county holds, which is returned."""
        record = unit.record
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
        if decided.clean and under is not None:
            org = under.body.get("org")
            self.places[record] = org[0] if org else self.places.get(record, self.home)
        return under

    def show(self, record: int, under: State | None) -> None:
        """What the county holds, with what still waits laid over it."""
        waiting = self.pending.get(record)
        if waiting is None and (under is None or record in self.leaving):
            self.drop(record)
        else:
            self.rows[record] = laid_over(under, waiting or ())

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
            self.note_steps(record, held or EMPTY, state, sorted(row.state.stamps) if row.is_patch else PARTS)
        if waiting:
            self.shadow[record] = state
            self.rows[record] = laid_over(state, waiting)
        else:
            self.rows[record] = state
        self.places[record] = row.place
        self.leaving.discard(record)
        self.unsure.discard(record)

    def note_steps(self, record: int, held: State, state: State, parts: Iterable[str]) -> None:
        """History: what others' saves changed here, for the county may lose them."""
        if EMPTIED in state.body:
            self.steps.pop(record, None)
            return
        before, body = held.body, state.body
        if before == body:
            return
        known = self.steps.get(record)
        found: dict[Stamp, Change] = {}
        is_sure = record not in self.unsure
        for part in [part for part in parts if body.get(part) != before.get(part)]:
            value, was = body.get(part), before.get(part)
            stamp, base = state.stamp(part), held.stamp(part)
            if not stamp or stamp == base:
                continue
            if stamp in found:
                after, bases = found[stamp]
            elif known is not None and stamp in known:
                # Told to others as it was until now, and copied with the disk: what is new goes into a new one.
                after, bases = found[stamp] = (known[stamp][0].copy(), known[stamp][1].copy())
            else:
                after, bases = found[stamp] = ({}, {})
            if part == "needs":
                value = self._entries(set(was or ()), set(value or ()))
            if part == DELETED:
                if value:  # the county let it stand over all of this: who deleted it had seen it
                    bases.update(state.stamps)
                    bases.update((name, state.stamp(name)) for name in body)
                    bases.update(as_shown(None, {"needs": (), **body}))
                value = bool(value)
            after[part] = value
            if is_sure and base and base[0] != OWN:
                bases[part] = base  # what an earlier life of the county showed this one may never have had
        if known is not None:
            known.update(found)
        elif found:
            self.steps[record] = found

    def _entries(self, was: set[str], now: set[str]) -> dict[str, list[str]]:
        # After a restore the county may know less than before: nobody took out what it lacks then.
        return {"add": sorted(now - was), "remove": sorted(was - now) if self.complete else []}

    def let_go(self, record: int) -> None:
        """It left what this desk may see; own unsent work is delivered first."""
        self.unlist(record)
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
        self.steps.pop(record, None)

    def forget_durable(self, answer: Answer) -> None:
        """A verified copy holds them: they need not be offered again."""
        self.durable_seq = answer.durable_seq
        durable = answer.durable_seq
        self.units = [unit for unit in self.units if not 0 < unit.acked_at <= durable]
        for steps in self.steps.values():
            for at in list(steps):
                epoch, seq = life_and_number(at)
                if seq <= self.durable_seq and epoch == self.epoch:
                    del steps[at]


@dataclass(slots=True)
class Telling:
    """What a desk says of itself while it bears witness: its own saves, and what it saw of others'."""

    mine: dict[tuple[Stamp, int], Sent]
    steps: dict[int, dict[Stamp, Change]]

    def base(self, record: int, part: str, stamp: Stamp) -> Stamp:
        """What a change was based on."""
        own = self.mine.get((stamp, record))
        if own is not None:
            return base_of(own.bases, part)
        step = self.steps.get(record, {}).get(stamp)
        return step[1].get(part, NEVER) if step is not None else NEVER


def _told_order(at: tuple[Stamp, int]) -> tuple[int, int]:
    """By life, and in each by number: bases come before what was made of them."""
    epoch, seq = life_and_number(at[0])
    return _life(epoch), seq


@lru_cache
def _life(epoch: str) -> int:
    return int(epoch.rpartition("+")[2].removeprefix("e") or 0)


def patched(held: State, patch: State) -> State:
    """What the desk held, with the newer parts."""
    body = {**held.body, **patch.body}
    return State({part: value for part, value in body.items() if value is not None}, {**held.stamps, **patch.stamps})


def laid_over(under: State | None, waiting: Iterable[Saved]) -> State:
    """What the county said, with own saves over it."""
    for unit in waiting:
        under = lay_over(under, unit.after, f"{OWN}{unit.seq}")
    return under if under is not None else EMPTY
