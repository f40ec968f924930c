"""The county of the simulation: its rules on plain dictionaries, round the real merge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.records.shown import as_shown
from sync.descent import OWN
from sync.merge import DELETED, EMPTIED, NEVER, REST, Merged, Stamp, State, base_of, lay_over, merge
from tests.simulation.faults import HONEST, Sabotage
from tests.simulation.memory import ONLY_THESE, Memory, PastModel, Witness
from tests.simulation.talk import (
    ALL,
    EMPTY,
    PROPOSED,
    RULE_OF,
    Answer,
    Decided,
    Entry,
    Hello,
    Kept,
    Listed,
    Post,
    Row,
    Sent,
    Token,
    life_and_number,
)


@dataclass(slots=True)
class CountyModel:
    """What sync.md calls the county."""

    sabotage: Sabotage = HONEST
    epoch: str = "e1"
    seq: int = 0
    durable_seq: int = 0
    last: int = 0
    lives: int = 1
    heard_of: frozenset[str] = frozenset({"e1"})
    posts: dict[int, Post] = field(default_factory=dict)
    tokens: dict[int, tuple[str, Token]] = field(default_factory=dict)
    records: dict[int, Kept] = field(default_factory=dict)
    marks: set[int] = field(default_factory=set)
    known: dict[int, dict[int, Decided]] = field(default_factory=dict)
    numbers: dict[int, dict[int, Decided]] = field(default_factory=dict)
    memory: dict[int, Memory] = field(default_factory=dict)
    witness: Witness | None = None
    taken: set[Stamp] = field(default_factory=set)
    listed: dict[int, dict[Entry, int]] = field(default_factory=dict)
    rejected: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    leavings: list[tuple[int, str, int]] = field(default_factory=list)
    visited: dict[int, frozenset[str]] = field(default_factory=dict)

    def copy(self) -> CountyModel:
        """A backup."""
        return replace(
            self, posts=self.posts.copy(), tokens=self.tokens.copy(), records=self.records.copy(),
            marks=self.marks.copy(), known={device: saves.copy() for device, saves in self.known.items()},
            numbers={device: saves.copy() for device, saves in self.numbers.items()},
            memory={record: memory.copy() for record, memory in self.memory.items()},
            taken=self.taken.copy(), listed={record: items.copy() for record, items in self.listed.items()},
            rejected={about: texts.copy() for about, texts in self.rejected.items()},
            leavings=self.leavings.copy(), visited=self.visited.copy(),
        )  # fmt: skip

    def live_again(self, life: str) -> None:
        """A new life of the county's data: nothing counts as durable."""
        self.epoch, self.durable_seq = life, 0
        self.heard_of |= {life}

    # One request

    def exchange(self, hello: Hello, units: list[Sent], *, wants: bool = True) -> Answer:
        """Take, then give; who comes from another life is only told so, for there may be two of him."""
        if not self._has_heard(hello):
            self.lives += 1
            self.heard_of |= {hello.epoch}
            self.live_again(f"{self.epoch}+{self.lives}")
        if hello.epoch != self.epoch and not self.sabotage.no_epoch:
            return Answer(self.epoch, 0, 0, 0, {}, [], [], [], {})
        if not self._agrees(hello):
            return Answer(self.epoch, 0, 0, 0, {}, [], [], [], {}, is_copy=True)
        post = self.posts[hello.device]
        results = self.take_all(hello.device, post, units)
        if not wants:
            return Answer(self.epoch, self.seq, self.durable_seq, self.last, results, [], [], [], hello.cursors)
        orgs = post.orgs
        (rows, listed), gone = self._rows(hello, orgs), self._gone(hello, orgs)
        cursors = dict.fromkeys(orgs, self.seq)
        return Answer(self.epoch, self.seq, self.durable_seq, self.last, results, rows, gone, listed, cursors)

    def _has_heard(self, hello: Hello) -> bool:
        """Whether it comes from what this county went through; if not, a disk was put back in silence."""
        if self.sabotage.rollback_unnoticed:
            return True
        if hello.epoch != self.epoch:
            return hello.epoch in self.heard_of
        return not hello.last or hello.last in self.marks

    def _agrees(self, hello: Hello) -> bool:
        """Whether this is who it was last time; after a restore nobody remembers, and the first one is believed."""
        life, token = self.tokens.get(hello.device, ("", (0, 0)))
        is_known = token == hello.token or token in hello.unheard or token == hello.proposed
        is_put_back = hello.token[0] > token[0]  # it was answered later than this county remembers
        if life == self.epoch and not is_known and not is_put_back and not self.sabotage.no_token:
            return False
        self.tokens[hello.device] = (self.epoch, hello.proposed)
        return True

    # Giving

    def _rows(self, hello: Hello, orgs: frozenset[str]) -> tuple[list[Row], list[Listed]]:
        """What changed, or was listed, since; but for what this desk alone changed and shows already."""
        rows, listed, here = [], [], self.listed
        device, cursors = hello.device, hello.cursors
        for record, kept in self.records.items():
            place = kept.place
            if place not in orgs:
                continue
            had = cursors.get(place, ALL)
            # What this desk wrote last is behind it as soon as it is past the last change by another hand.
            at = kept.prior if kept.device == device else kept.seq
            if at > had:
                base = had if self.sabotage.patch_without_base else hello.complete.get(place, ALL)
                patch = self._patch(kept.state, base) if kept.whole <= base else None
                rows.append(Row(record, place, at, patch or kept.state, patch is not None))
            if record in here and next(reversed(here[record].values())) > had:  # the newest are the last ones
                listed.append((record, place, _newer(here[record], had)))
        return rows, listed

    def _patch(self, state: State, had: int) -> State | None:
        """Only the parts that were set since; of an earlier life, all."""
        stamps, life = {}, self.epoch
        for part, stamp in state.stamps.items():
            epoch, seq = life_and_number(stamp)
            if seq > had or epoch != life:
                stamps[part] = stamp
        if REST in stamps:
            return None
        body = state.body
        return State({part: body.get(part) for part in stamps}, stamps)

    def _gone(self, hello: Hello, orgs: frozenset[str]) -> list[tuple[int, int]]:
        if self.sabotage.scope_by_cursor_alone or not self.leavings:
            return []
        gone: list[tuple[int, int]] = []
        complete = hello.complete
        least = min(complete.values(), default=ALL) if complete.keys() >= orgs else ALL
        for seq, place, record in reversed(self.leavings):
            if seq <= least:
                break
            if place in orgs and seq > complete.get(place, ALL) and self.records[record].place not in orgs:
                gone.append((seq, record))
        return gone

    # Taking

    def take_all(self, device: int, post: Post, units: list[Sent]) -> dict[int, Decided]:
        """Each save once; a copy of a laptop sends what the other one sent already."""
        if not units:
            return {}
        known, numbers = self.known.setdefault(device, {}), self.numbers.setdefault(device, {})
        asks_parents = post.parent >= 0 and not self.sabotage.clones_sent_anew
        results = {}
        for unit in units:
            found = known.get(unit.id)
            if found is None and asks_parents:
                found = self._of_parents(post, unit)
            if found is None:
                self.seq += 1
                found = known[unit.id] = self._decide(device, post, unit)
                self.last = self.seq
                self.marks.add(self.last)
            numbers[unit.seq] = results[unit.seq] = found
        return results

    def _of_parents(self, post: Post, unit: Sent) -> Decided | None:
        while post.parent >= 0:
            if found := self.known.get(post.parent, {}).get(unit.id):
                return found
            post = self.posts[post.parent]
        return None

    def _decide(self, device: int, post: Post, unit: Sent) -> Decided:
        kept, bases, old = self.records.get(unit.record), unit.bases, unit.stamp
        for base in bases.values():
            if base[:1] == OWN:
                bases = {part: self._meant(device, base, part) for part, base in bases.items()}
                break
        if old and (old in self.taken or old.startswith(self.epoch + ":")):
            old = ""
        place = kept.place if kept is not None else _place_of(unit.after) or post.home
        if place not in post.orgs and not (old and self._had(post, unit.record, place)):
            return self._pass_on(post, unit, kept, place, bases)
        if kept is not None and EMPTIED in kept.state.body:
            if not old:
                self._reject(unit)
            return Decided(NEVER, False, bases)
        if self.sabotage.sets_buried and unit.after.get(DELETED) and kept is not None:
            bases = {**bases, **as_shown(None, kept.state.body)}
        stamp = old or f"{'e' if self.sabotage.stamps_without_epoch else self.epoch}:{self.seq}"
        self.taken.add(stamp)
        clean = self._lay(unit.record, kept, place, unit.after, bases, stamp, ALL if old else device)
        return Decided(stamp, clean and not old, bases)

    def _meant(self, device: int, base: Stamp, part: str) -> Stamp:
        """The stamp of an own save; of one that was not taken, what that one was based on."""
        if base[:1] != OWN:
            return base
        found = self.numbers[device].get(int(base[1:]))
        if found is None:
            return NEVER
        return found.stamp or base_of(found.bases, part)

    def _had(self, post: Post, record: int, place: str) -> bool:
        """Whether it was in scope once. What was is taken when it is given back: in which order must not matter."""
        return place in post.ever or not post.ever.isdisjoint(self.visited.get(record, ()))

    def _pass_on(self, post: Post, unit: Sent, kept: Kept | None, place: str, bases: dict[str, Stamp]) -> Decided:
        """What was in scope once is proposed to who looks after the record now; the rest is refused."""
        had = self._had(post, unit.record, place)
        if had and kept is not None and _shows(kept.state, unit.after):
            return Decided(NEVER, False, bases)  # somebody wrote the same there already
        if had and not self.sabotage.late_saves_refused_unheard:
            for part, value in unit.after.items():
                self._list(unit.record, PROPOSED + part, value)
        elif not had:
            self._reject(unit)
        return Decided(NEVER, False, bases)

    def _reject(self, unit: Sent) -> None:
        for part, value in unit.after.items():
            about = (unit.record, part)
            if about in self.rejected:
                self.rejected[about].add(str(value))
            else:
                self.rejected[about] = {str(value)}

    def _list(self, record: int, part: str, value: Any) -> None:
        items, entry = self.listed.setdefault(record, {}), (part, str(value))
        items.pop(entry, None)
        items[entry] = self.seq

    def _lay(
        self, record: int, kept: Kept | None, place: str, after: dict[str, Any], bases: dict[str, Stamp], stamp: Stamp,
        device: int,
    ) -> bool:  # fmt: skip
        memory = self.memory.get(record)
        if memory is None:
            memory = self.memory[record] = Memory()
        if self.sabotage.last_arrival_wins:
            merged = Merged(lay_over(kept.state if kept is not None else EMPTY, after, stamp), {})
        else:
            state = kept.state if kept is not None else None
            past = PastModel(record, memory, self.taken, self.witness)
            merged = merge(state, after, bases, stamp, past, RULE_OF, is_new=device >= 0)
        memory.note(after, bases, stamp, merged.lines)
        for loser in merged.losers:
            self._list(record, loser.part, loser.value)
        return self._put(record, kept, place, merged, device)

    def _put(self, record: int, kept: Kept | None, place: str, merged: Merged, device: int) -> bool:
        state, seq, is_clean = merged.state, self.seq, merged.is_clean
        if "org" in state.body:
            place = state.body["org"][0]
        if kept is not None and device >= 0 and place == kept.place:
            prior = seq if not is_clean else kept.prior if kept.device == device else kept.seq
            self.records[record] = Kept(state, place, seq, device, prior, kept.whole)
            return is_clean
        by_hand = seq if device < 0 or kept is not None else 0
        self.records[record] = Kept(state, place, seq, device, by_hand, seq)
        if kept is None:
            if record in self.listed:
                self.listed[record] = dict.fromkeys(self.listed[record], seq)
        elif place != kept.place:
            self.leavings.append((seq, kept.place, record))
            self.visited[record] = self.visited.get(record, frozenset()) | {kept.place}
            if record in self.listed:
                self.listed[record] = dict.fromkeys(self.listed[record], seq)
        return is_clean

    # After a restore, and after ninety days

    def hear(self, device: int, record: int, stamp: Stamp, after: dict[str, Any], bases: dict[str, Stamp]) -> None:
        """What a desk saw of another's save, told after a restore; only where that save is not known."""
        memory = self.memory.get(record)
        if stamp in self.taken or (memory is not None and stamp in memory.changes):
            return
        kept, post = self.records.get(record), self.posts[device]
        place = kept.place if kept is not None else _place_of(after) or post.home
        is_over = kept is not None and EMPTIED in kept.state.body
        is_his = place in post.orgs or self._had(post, record, place)
        if is_his and not is_over:
            self.seq += 1
            self._lay(record, kept, place, after, {**bases, ONLY_THESE: NEVER}, stamp, ALL)

    def hear_listed(self, device: int, listed: dict[int, set[Entry]]) -> None:
        """What desks remember as listed, given back after a restore."""
        post = self.posts[device]
        for record in sorted(listed):
            kept = self.records.get(record)
            if kept is None or kept.place in post.orgs or self._had(post, record, kept.place):
                for part, value in sorted(listed[record].difference(self.listed.get(record, ()))):
                    self.seq += 1
                    self._list(record, part, value)

    def erase(self, record: int) -> None:
        """Ninety days after a deletion nothing is left of a record but that it was deleted."""
        kept = self.records[record]
        self.seq += 1
        if self.sabotage.emptied_without_trace:
            del self.records[record]
            return
        state = State({DELETED: True, EMPTIED: True}, {**kept.state.stamps, EMPTIED: f"{self.epoch}:{self.seq}"})
        self.records[record] = Kept(state, kept.place, self.seq, ALL, self.seq, self.seq)

    def regrant(self, device: int, orgs: frozenset[str]) -> None:
        """A post gets other places to look after."""
        post = self.posts[device]
        self.posts[device] = Post(orgs, post.ever | orgs, post.home, post.parent)


def _place_of(body: Mapping[str, Any]) -> str:
    org = body.get("org")
    return org[0] if org else ""


def _shows(state: State, after: dict[str, Any]) -> bool:
    body = state.body
    for part, value in after.items():  # noqa: SIM110 – many are asked about
        if body.get(part) != value:
            return False
    return True


def _newer(entries: dict[Entry, int], had: int) -> dict[Entry, int]:
    """Those listed since."""
    if next(iter(entries.values())) > had:
        return entries
    found = {}
    for entry, seq in reversed(entries.items()):
        if seq <= had:
            break
        found[entry] = seq
    return found
