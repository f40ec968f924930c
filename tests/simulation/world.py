"""Desks and one county in one process: the real merge, an untrustworthy line, and a judge who remembers every edit."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from app.records.record import Merge
from sync.merge import DELETED, NEVER, OWN, REST, Merged, Stamp, State, base_of, is_set_op, lay_over, merge, settled

RULES = {"phone": Merge.LATEST, "note": Merge.LATEST, "risk": Merge.ASK, "needs": Merge.UNION, DELETED: Merge.LATEST}
SINGLE = ("phone", "note", "risk")
EMPTY = State()


@dataclass(frozen=True, slots=True)
class Faults:
    """How often what goes wrong, each per exchange or per step."""

    request_lost: float = 0.12
    answer_lost: float = 0.12
    repeated: float = 0.08
    delayed: float = 0.06
    cut_upload: float = 0.10
    crash: float = 0.06
    restore: float = 0.0015
    stale_form: float = 0.5


@dataclass(frozen=True, slots=True)
class Sabotage:
    """A design with one piece taken out; the judge must notice every one of them."""

    last_arrival_wins: bool = False
    bases_at_save: bool = False
    emptied_at_ack: bool = False
    cursor_before_rows: bool = False
    no_epoch: bool = False
    stamps_without_epoch: bool = False


HONEST = Sabotage()


@dataclass(slots=True)
class Saved:
    """A unit of one change at a desk, and what it knows of its fate."""

    device: int
    seq: int
    record: int
    after: dict[str, Any]
    bases: dict[str, Stamp]
    stamp: Stamp = NEVER
    acked: bool = False
    acked_at: int = 0
    durable: bool = False
    clock: int = 0


@dataclass(slots=True)
class Kept:
    """A record at the county: its state, when it last changed and before that by another desk's hand."""

    state: State
    seq: int
    device: int
    prior: int


@dataclass(slots=True)
class Answer:
    """What the county says: results by unit, rows, where it stands."""

    epoch: str
    seq: int
    durable_seq: int
    results: list[tuple[int, Stamp, bool]]
    rows: list[tuple[int, State]]
    listed: list[tuple[int, str, str]]
    cursor: int


@dataclass(slots=True)
class CountyModel:
    """The county's rules (sync.md, "At the county") on plain dictionaries."""

    sabotage: Sabotage = HONEST
    epoch: str = "e1"
    seq: int = 0
    durable_seq: int = 0
    records: dict[int, Kept] = field(default_factory=dict)
    known: dict[tuple[int, int], tuple[Stamp, bool]] = field(default_factory=dict)
    lines: dict[tuple[int, str, Stamp], tuple[Stamp, ...]] = field(default_factory=dict)
    after: dict[tuple[int, str, Stamp], list[Stamp]] = field(default_factory=dict)
    stamps: set[Stamp] = field(default_factory=set)
    changes: dict[int, list[tuple[Stamp, dict[str, Any], dict[str, Stamp]]]] = field(default_factory=dict)
    listed: dict[tuple[int, str, str], int] = field(default_factory=dict)

    def exchange(self, device: int, epoch: str, cursor: int, units: list[Saved], wants: bool) -> Answer:
        results = [(unit.seq, *self.take(unit)) for unit in units]
        wants = wants and (epoch == self.epoch or self.sabotage.no_epoch)
        rows = self.rows_since(device, cursor) if wants else []
        listed = self.listed_since(cursor) if wants else []
        return Answer(self.epoch, self.seq, self.durable_seq, results, rows, listed, self.seq if wants else cursor)

    def listed_since(self, cursor: int) -> list[tuple[int, str, str]]:
        found = []
        for name, seq in reversed(self.listed.items()):
            if seq <= cursor:
                break
            found.append(name)
        return found

    def take_back(self, listed: set[tuple[int, str, str]]) -> None:
        """What desks remember as listed, given back after a restore."""
        for name in listed:
            if name not in self.listed:
                self.seq += 1
                self.listed[name] = self.seq

    def rows_since(self, device: int, cursor: int) -> list[tuple[int, State]]:
        """What changed since, but for what this desk alone changed and shows already."""
        return [
            (name, kept.state)
            for name, kept in self.records.items()
            if kept.seq > cursor and not (kept.device == device and kept.prior <= cursor)
        ]

    def take(self, unit: Saved) -> tuple[Stamp, bool]:
        """One unit, once: its stamp, and whether the record is now what its author's desk shows."""
        name = (unit.device, unit.seq)
        if name in self.known:
            return self.known[name]
        self.seq += 1
        stamp = unit.stamp or f"{'e' if self.sabotage.stamps_without_epoch else self.epoch}:{self.seq}"
        bases = {part: self.resolve(unit.device, base) for part, base in unit.bases.items()}
        if unit.after.get(DELETED) and unit.bases.get("needs", unit.bases.get(REST, "")).startswith(OWN):
            bases["needs"] = OWN + base_of(bases, "needs")
        # What is given back after a restore goes to everybody: its author no longer holds it as an open edit.
        clean = self.lay(unit.record, unit.after, bases, stamp, -1 if unit.stamp else unit.device)
        self.known[name] = stamp, clean
        return stamp, clean

    def resolve(self, device: int, base: Stamp) -> Stamp:
        return self.known.get((device, int(base[1:])), (NEVER, True))[0] if base.startswith("~") else base

    def lay(self, record: int, after: dict[str, Any], bases: dict[str, Stamp], stamp: Stamp, device: int) -> bool:
        kept = self.records.get(record)
        merged = self.merged(record, kept, after, bases, stamp, is_new=device >= 0)
        for part in after:
            also = merged.lines.get(part)
            parents = (base_of(bases, part), also) if also else (base_of(bases, part),)
            self.lines[record, part, stamp] = parents
            for parent in parents:
                self.after.setdefault((record, part, parent), []).append(stamp)
        self.stamps.add(stamp)
        self.changes.setdefault(record, []).append((stamp, after, bases))
        for loser in merged.losers:
            self.listed.pop((record, loser.part, str(loser.value)), None)
            self.listed[record, loser.part, str(loser.value)] = self.seq
        if kept is None:
            self.records[record] = Kept(merged.state, self.seq, device, 0)
            return True
        by_itself = kept.device == device and merged.is_clean
        prior = kept.prior if by_itself else self.seq if device < 0 or not merged.is_clean else kept.seq
        self.records[record] = Kept(merged.state, self.seq, device, prior)
        return merged.is_clean

    def merged(
        self,
        record: int,
        kept: Kept | None,
        after: dict[str, Any],
        bases: dict[str, Stamp],
        stamp: Stamp,
        *,
        is_new: bool,
    ) -> Merged:
        if self.sabotage.last_arrival_wins:
            return Merged(lay_over(kept.state if kept else EMPTY, after, stamp), {})
        return merge(
            kept.state if kept else None,
            after,
            bases,
            stamp,
            PastModel(self, record),
            RULES.__getitem__,
            is_new=is_new,
        )

    def copy(self) -> CountyModel:
        """A backup."""
        return CountyModel(
            self.sabotage, self.epoch, self.seq, self.durable_seq, dict(self.records), dict(self.known),
            dict(self.lines), {name: done[:] for name, done in self.after.items()}, set(self.stamps),
            {name: done[:] for name, done in self.changes.items()},
            dict(self.listed),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PastModel:
    """What the county remembers of one record's changes."""

    county: CountyModel
    record: int

    def parents(self, part: str, stamp: Stamp) -> tuple[Stamp, ...] | None:
        found = self.county.lines.get((self.record, part, stamp))
        if found is not None:
            return found
        return (NEVER,) if stamp in self.county.stamps else None

    def followers(self, part: str, stamp: Stamp) -> list[Stamp]:
        return self.county.after.get((self.record, part, stamp), [])

    def ops(self, part: str) -> list[tuple[Stamp, Any]]:
        return [(stamp, after[part]) for stamp, after, _ in self.county.changes.get(self.record, ()) if part in after]

    def seen(self, stamp: Stamp) -> dict[str, Stamp]:
        return next((bases for at, _, bases in self.county.changes.get(self.record, ()) if at == stamp), {})


@dataclass(slots=True)
class Form:
    """An open form: what it showed when it was opened, and which edits that was."""

    record: int
    loaded: State


@dataclass(slots=True)
class DeskModel:
    """A desk: rows as shown, shadows while own units are pending, its units for ever."""

    number: int
    sabotage: Sabotage = HONEST
    rows: dict[int, State] = field(default_factory=dict)
    shadow: dict[int, State] = field(default_factory=dict)
    units: list[Saved] = field(default_factory=list)
    pending: dict[int, list[Saved]] = field(default_factory=dict)
    outbox: list[Saved] = field(default_factory=list)
    epoch: str = "e1"
    cursor: int = 0
    form: Form | None = None
    counter: int = 0
    listed: set[tuple[int, str, str]] = field(default_factory=set)
    owes_witness: bool = False

    def save(self, form: Form, after: dict[str, Any], clock: int) -> None:
        """The difference between what the form loaded and what was edited; bases from what it loaded."""
        self.counter += 1
        seen = self.rows.get(form.record, EMPTY) if self.sabotage.bases_at_save else form.loaded
        bases = {part: seen.stamp(part) for part in after}
        if DELETED in after:
            bases = {**dict(seen.stamps), **{part: seen.stamp(part) for part in seen.body}}
        unit = Saved(self.number, self.counter, form.record, after, bases, clock=clock)
        row = self.rows.get(form.record)
        if row is not None and not self.pending.get(form.record):
            self.shadow[form.record] = row
        self.rows[form.record] = lay_over(row, after, f"~{unit.seq}")
        self.units.append(unit)
        self.outbox.append(unit)
        self.pending.setdefault(form.record, []).append(unit)

    def hear(self, answer: Answer, crash: bool) -> None:
        """One page in one transaction; a crash leaves nothing of it."""
        if answer.epoch != self.epoch and not self.sabotage.no_epoch:
            self.begin_again(answer)
            return
        if self.sabotage.cursor_before_rows:
            self.cursor = max(self.cursor, answer.cursor)
        if crash:
            return
        self.acknowledge(answer)
        self.owes_witness = False
        self.listed.update(answer.listed)
        for record, state in answer.rows:
            self.receive(record, state)
        self.cursor = max(self.cursor, answer.cursor)

    def begin_again(self, answer: Answer) -> None:
        """A new life of the county's data: everything not durable is offered again, and everything asked for anew."""
        self.epoch = answer.epoch
        self.cursor = -1  # not 0: what this desk alone wrote may have come back otherwise than it remembers
        self.owes_witness = True
        self.outbox = [unit for unit in self.units if not unit.durable]
        for unit in self.outbox:
            unit.acked = False

    def acknowledge(self, answer: Answer) -> None:
        stamps = {seq: (stamp, clean) for seq, stamp, clean in answer.results}
        for unit in self.outbox:
            if unit.seq in stamps and not unit.acked:
                first = not unit.stamp
                unit.stamp, clean = stamps[unit.seq]
                unit.acked, unit.acked_at = True, answer.seq
                if first:
                    self.settle(unit, clean)
        self.outbox = [unit for unit in self.outbox if not unit.acked]
        kept = []
        for unit in self.units:
            unit.durable = unit.durable or (unit.acked and unit.acked_at <= answer.durable_seq)
            if not unit.durable and not (self.sabotage.emptied_at_ack and unit.acked):
                kept.append(unit)
        self.units = kept

    def settle(self, unit: Saved, clean: bool) -> None:
        """The county has taken it: it moves from what is laid over into the shadow."""
        waiting = self.pending[unit.record]
        waiting.remove(unit)
        under = settled(self.shadow.get(unit.record), unit.after, unit.stamp, clean=clean)
        if waiting:
            self.shadow[unit.record] = under
        else:
            self.shadow.pop(unit.record, None)
        self.rows[unit.record] = self.laid_over(under, waiting)

    def receive(self, record: int, state: State) -> None:
        waiting = self.pending.get(record)
        if waiting:
            self.shadow[record] = state
            state = self.laid_over(state, waiting)
        self.rows[record] = state

    @staticmethod
    def laid_over(under: State, waiting: list[Saved]) -> State:
        for unit in waiting:
            under = lay_over(under, unit.after, f"~{unit.seq}")
        return under


@dataclass(slots=True)
class Judge:
    """Remembers what each edit wrote and what its author had before his eyes: nothing of the engine's own stamps."""

    parents: dict[tuple[int, str], dict[str, set[str]]] = field(default_factory=dict)
    added: dict[int, set[str]] = field(default_factory=dict)
    removed: dict[int, set[str]] = field(default_factory=dict)
    seen_by_deleter: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    edits: int = 0

    def note(self, record: int, shown: State, after: dict[str, Any]) -> None:
        for part, value in after.items():
            self.edits += 1
            if part == DELETED:
                self.seen_by_deleter.setdefault(record, []).append(dict(shown.body))
            elif is_set_op(value):
                self.added.setdefault(record, set()).update(value.get("add", ()))
                self.removed.setdefault(record, set()).update(value.get("remove", ()))
            else:
                before = shown.body.get(part)
                own = self.parents.setdefault((record, part), {}).setdefault(value, set())
                if before is not None and before != value:
                    own.add(before)

    def lost(self, county: CountyModel) -> list[str]:
        """Every edit that is neither current, nor replaced by somebody who had seen it, nor listed."""
        found = []
        listed: dict[tuple[int, str], set[str]] = {}
        for record, part, text in county.listed:
            listed.setdefault((record, part), set()).add(text)
        for (record, part), parents in self.parents.items():
            kept = county.records.get(record)
            ends = {kept.state.body.get(part)} if kept else set()
            ends |= {_value(text) for text in listed.get((record, part), ())}
            fine = _ancestors(ends, parents)
            found += [f"{record}.{part}={value}" for value in parents if value not in fine]
        for record, entries in self.added.items():
            kept = county.records.get(record)
            there = set(kept.state.body.get("needs", ())) if kept else set()
            found += [f"{record}.needs+{entry}" for entry in entries - there - self.removed.get(record, set())]
        return found + [name for record in self.seen_by_deleter for name in self._buried(record, county)]

    def _buried(self, record: int, county: CountyModel) -> list[str]:
        """A deleted record must hold nothing that no deleter had before his eyes."""
        kept = county.records.get(record)
        if kept is None or not kept.state.is_deleted:
            if kept is None or DELETED in kept.state.stamps or (record, DELETED, "True") in county.listed:
                return []
            return [f"{record} deletion"]
        body = {part: value for part, value in kept.state.body.items() if part != DELETED}
        fits = any(
            all(shown.get(part) == value for part, value in body.items()) for shown in self.seen_by_deleter[record]
        )
        return [] if fits else [f"{record} buried"]


def _value(text: str) -> str | None:
    return None if text == "None" else text


def _ancestors(ends: set[str | None], parents: dict[str, set[str]]) -> set[str | None]:
    fine: set[str | None] = set()
    todo = list(ends)
    while todo:
        value = todo.pop()
        if value not in fine:
            fine.add(value)
            todo.extend(parents.get(value, ()) if value is not None else ())
    return fine


class World:
    """N desks, one county, one seed."""

    def __init__(
        self, seed: int, *, desks: int = 4, records: int = 6, faults: Faults = Faults(), sabotage: Sabotage = HONEST
    ) -> None:
        self.random = random.Random(seed)
        self.county = CountyModel(sabotage)
        self.backups: list[CountyModel] = []
        self.desks = [DeskModel(number, sabotage) for number in range(desks)]
        self.records = records
        self.faults = faults
        self.sabotage = sabotage
        self.judge = Judge()
        self.late: list[tuple[int, str, list[Saved]]] = []
        self.fired: Counter[str] = Counter()
        self.word = 0
        self.lives = 1

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.step()
        self.quiet()

    def step(self) -> None:
        dice = self.random.random()
        desk = self.desks[int(self.random.random() * len(self.desks))]
        if dice < 0.72:
            self.type(desk)
        elif dice < 0.99:
            self.exchange(desk)
        elif dice < 1 - self.faults.restore:
            self.back_up()
        else:
            self.restore()

    def type(self, desk: DeskModel) -> None:
        """Open a form, or save the one that is open – perhaps long after."""
        form = desk.form
        if form is None:
            record = int(self.random.random() * self.records)
            desk.form = form = Form(record, desk.rows.get(record, EMPTY))
            if self.random.random() < self.faults.stale_form:
                return
        desk.form = None
        after = self.edit(form.loaded)
        if form.record not in desk.rows and DELETED in after:
            return
        self.judge.note(form.record, form.loaded, after)
        # The clocks of laptops are years apart; nothing may depend on them.
        desk.save(form, after, clock=desk.number * 300_000_000_000)

    def edit(self, loaded: State) -> dict[str, Any]:
        dice = self.random.random()
        if dice < 0.03 and loaded.body and not loaded.is_deleted:
            return {DELETED: True}
        if loaded.is_deleted:
            return {DELETED: False, "note": self.new_word()}
        if dice < 0.25:
            shown = loaded.body.get("needs", ())
            if shown and self.random.random() < 0.4:
                return {"needs": {"add": [], "remove": [shown[int(self.random.random() * len(shown))]]}}
            return {"needs": {"add": [self.new_word()], "remove": []}}
        part = SINGLE[int(self.random.random() * 3)]
        return {part: self.new_word()} if dice < 0.9 else {part: self.new_word(), "note": self.new_word()}

    def new_word(self) -> str:
        self.word += 1
        return f"w{self.word}"

    def exchange(self, desk: DeskModel) -> None:
        """One contact, on a line that loses, repeats, delays and cuts."""
        faults, dice = self.faults, self.random.random
        units = desk.outbox[:]
        if units and dice() < faults.cut_upload:
            self.fired["cut upload"] += 1
            units = units[: int(dice() * len(units))]
        if dice() < faults.request_lost:
            self.fired["request lost"] += 1
            return
        if dice() < faults.delayed:
            self.fired["delayed"] += 1
            self.late.append((desk.number, desk.epoch, [self.as_sent(unit) for unit in units]))
            return
        if self.late and dice() < 0.3:
            number, epoch, old = self.late.pop(int(dice() * len(self.late)))
            self.county.exchange(number, epoch, 0, old, wants=False)
        answer = self.contact(desk, units)
        if dice() < faults.repeated:
            self.fired["repeated"] += 1
            answer = self.contact(desk, units)
        if dice() < faults.answer_lost:
            self.fired["answer lost"] += 1
            return
        crash = dice() < faults.crash
        self.fired["crash"] += crash
        desk.hear(answer, crash)

    def contact(self, desk: DeskModel, units: list[Saved]) -> Answer:
        if desk.owes_witness:
            self.county.take_back(desk.listed)
        return self.county.exchange(desk.number, desk.epoch, desk.cursor, units, wants=True)

    @staticmethod
    def as_sent(unit: Saved) -> Saved:
        """A request on its way does not change when its sender learns more."""
        return Saved(unit.device, unit.seq, unit.record, unit.after, unit.bases, unit.stamp)

    def back_up(self) -> None:
        """Two backups are kept; what both hold is durable."""
        self.fired["backup"] += 1
        self.backups = [*self.backups[-1:], self.county.copy()]
        self.county.durable_seq = self.backups[0].seq

    def restore(self) -> None:
        if not self.backups:
            return
        self.fired["restore"] += 1
        self.lives += 1
        self.county = self.backups[0 if self.random.random() < 0.5 else -1].copy()
        self.county.durable_seq = 0
        self.county.epoch = f"e{self.lives}"
        self.backups = [self.county.copy()]

    def quiet(self) -> None:
        """A good line, until nobody has anything left to say; three rounds suffice for the honest design."""
        for _ in range(3):
            for desk in self.desks:
                for _ in range(2):
                    desk.hear(self.contact(desk, desk.outbox[:]), False)

    def faults_found(self) -> list[str]:
        """What the judge holds against this run: edits lost, desks that show something else than the county."""
        apart = [
            f"desk {desk.number} record {name}"
            for desk in self.desks
            for name, kept in self.county.records.items()
            if desk.rows.get(name) != kept.state
        ]
        return self.judge.lost(self.county) + apart
