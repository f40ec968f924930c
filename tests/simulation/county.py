"""The county of the simulation: its rules on plain dictionaries, round the real merge."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sync.merge import DELETED, EMPTIED, NEVER, OWN, REST, Merged, Stamp, State, base_of, lay_over, merge
from tests.simulation.faults import HONEST, Sabotage
from tests.simulation.talk import (
    ALL,
    EMPTY,
    PROPOSED,
    RULES,
    Answer,
    Decided,
    Hello,
    Item,
    Kept,
    Post,
    Row,
    Sent,
    Token,
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
    ids: set[int] = field(default_factory=set)
    marks: set[int] = field(default_factory=set)
    known: dict[tuple[int, int], Decided] = field(default_factory=dict)
    numbers: dict[tuple[int, int], Decided] = field(default_factory=dict)
    parents: dict[tuple[int, str, Stamp], tuple[Stamp, ...]] = field(default_factory=dict)
    followers: dict[tuple[int, str, Stamp], tuple[Stamp, ...]] = field(default_factory=dict)
    announced: dict[tuple[int, Stamp], dict[str, Stamp]] = field(default_factory=dict)
    changes: dict[tuple[int, Stamp], tuple[dict[str, Any], dict[str, Stamp]]] = field(default_factory=dict)
    history: dict[int, tuple[Stamp, ...]] = field(default_factory=dict)
    taken: set[Stamp] = field(default_factory=set)
    listed: dict[int, dict[tuple[str, str], int]] = field(default_factory=dict)
    rejected: set[Item] = field(default_factory=set)
    leavings: list[tuple[int, str, int]] = field(default_factory=list)
    visited: dict[int, frozenset[str]] = field(default_factory=dict)

    def copy(self) -> CountyModel:
        """A backup."""
        return replace(
            self, posts=dict(self.posts), tokens=dict(self.tokens), records=dict(self.records), ids=set(self.ids),
            marks=set(self.marks),
            known=dict(self.known), numbers=dict(self.numbers), parents=dict(self.parents),
            followers=dict(self.followers), changes=dict(self.changes), history=dict(self.history),
            taken=set(self.taken), listed={name: dict(items) for name, items in self.listed.items()},
            rejected=set(self.rejected), leavings=self.leavings[:], visited=dict(self.visited),
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
            return Answer(self.epoch, 0, 0, 0, [], [], [], [], {})
        if not self._agrees(hello):
            return Answer(self.epoch, 0, 0, 0, [], [], [], [], {}, is_copy=True)
        post = self.posts[hello.device]
        results = [(unit.seq, self.take(hello.device, post, unit)) for unit in units]
        if not wants:
            return Answer(self.epoch, self.seq, self.durable_seq, self.last, results, [], [], [], hello.cursors)
        rows, gone, listed = self._rows(hello, post.orgs), self._gone(hello, post.orgs), self._listed(hello, post.orgs)
        cursors = dict.fromkeys(post.orgs, self.seq)
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

    def _rows(self, hello: Hello, orgs: frozenset[str]) -> list[Row]:
        """What changed since, but for what this desk alone changed and shows already."""
        rows = []
        for record, kept in self.records.items():
            if kept.place in orgs:
                had = hello.cursors.get(kept.place, ALL)
                if kept.seq > had and not (kept.device == hello.device and kept.prior <= had):
                    base = had if self.sabotage.patch_without_base else hello.complete.get(kept.place, ALL)
                    patch = self._patch(kept.state, base) if kept.whole <= base else None
                    # What this desk wrote last is behind it as soon as it is past the last change by another hand.
                    at = kept.prior if kept.device == hello.device else kept.seq
                    rows.append(Row(record, kept.place, at, patch or kept.state, patch is not None))
        return rows

    def _patch(self, state: State, had: int) -> State | None:
        """Only the parts that were set since; of an earlier life, all."""
        stamps = {}
        for part, stamp in state.stamps.items():
            epoch, _, seq = stamp.partition(":")
            if epoch != self.epoch or int(seq) > had:
                stamps[part] = stamp
        if REST in stamps:
            return None
        return State({part: state.body.get(part) for part in stamps}, stamps)

    def _gone(self, hello: Hello, orgs: frozenset[str]) -> list[tuple[int, int]]:
        if self.sabotage.scope_by_cursor_alone or not self.leavings:
            return []
        least = min((hello.complete.get(org, ALL) for org in orgs), default=ALL)
        gone = []
        for seq, place, record in reversed(self.leavings):
            if seq <= least:
                break
            if place in orgs and seq > hello.complete.get(place, ALL) and self.records[record].place not in orgs:
                gone.append((seq, record))
        return gone

    def _listed(self, hello: Hello, orgs: frozenset[str]) -> list[tuple[int, Item]]:
        found = []
        for record, items in self.listed.items():
            kept = self.records.get(record)
            if kept is not None and kept.place in orgs:
                had = hello.cursors.get(kept.place, ALL)
                for (part, value), seq in reversed(items.items()):  # the newest are the last ones
                    if seq <= had:
                        break
                    found.append((seq, (record, part, value)))
        return found

    # Taking

    def take(self, device: int, post: Post, unit: Sent) -> Decided:
        """One save, once; a copy of a laptop sends what the other one sent already."""
        found = self.known.get((device, unit.id))
        if found is None and post.parent >= 0 and not self.sabotage.clones_sent_anew:
            found = self._of_parents(post, unit)
        if found is None:
            self.seq += 1
            found = self.known[device, unit.id] = self._decide(device, post, unit)
            self.ids.add(unit.id)
            self.last = self.seq
            self.marks.add(self.last)
        self.numbers[device, unit.seq] = found
        return found

    def _of_parents(self, post: Post, unit: Sent) -> Decided | None:
        while post.parent >= 0:
            if found := self.known.get((post.parent, unit.id)):
                return found
            post = self.posts[post.parent]
        return None

    def _decide(self, device: int, post: Post, unit: Sent) -> Decided:
        kept = self.records.get(unit.record)
        bases = {part: self._meant(device, base, part) for part, base in unit.bases.items()}
        old = unit.stamp
        if old and (old.startswith(self.epoch + ":") or old in self.taken):
            old = ""
        if kept is not None:
            place = kept.place
        else:
            place = unit.after["org"][0] if unit.after.get("org") else post.home
        if place not in post.orgs and not self._is_taken_late(post, unit.record, place, old):
            return self._pass_on(post, unit, place, bases)
        if kept is not None and EMPTIED in kept.state.body:
            if not old:
                self._reject(unit)
            return Decided(NEVER, False, bases)
        if unit.after.get(DELETED) and not self.sabotage.sets_buried:
            shown = base_of(unit.bases, "needs")
            if shown.startswith(OWN):
                bases["needs"] = OWN + base_of(bases, "needs")
        stamp = old or f"{'e' if self.sabotage.stamps_without_epoch else self.epoch}:{self.seq}"
        self.taken.add(stamp)
        clean = self._lay(unit.record, place, unit.after, bases, stamp, ALL if old else device)
        return Decided(stamp, clean and not old, bases)

    def _meant(self, device: int, base: Stamp, part: str) -> Stamp:
        """The stamp of an own save; of one that was not taken, what that one was based on."""
        if not base.startswith(OWN):
            return base
        if not base[1:].isdigit():
            return base[1:]
        found = self.numbers.get((device, int(base[1:])))
        if found is None:
            return NEVER
        return found.stamp or base_of(found.bases, part)

    def _is_taken_late(self, post: Post, record: int, place: str, old: Stamp) -> bool:
        """What is given back was in scope once: in which order desks give back must not matter."""
        return bool(old) and not post.ever.isdisjoint(self.visited.get(record, frozenset(place)) | {place})

    def _pass_on(self, post: Post, unit: Sent, place: str, bases: dict[str, Stamp]) -> Decided:
        """What was in scope once is proposed to who looks after the record now; the rest is refused."""
        had = not post.ever.isdisjoint(self.visited.get(unit.record, frozenset()) | {place})
        kept = self.records.get(unit.record)
        if had and kept is not None and all(kept.state.body.get(part) == value for part, value in unit.after.items()):
            return Decided(NEVER, False, bases)  # somebody wrote the same there already
        if had and not self.sabotage.late_saves_refused_unheard:
            for part, value in unit.after.items():
                self._list(unit.record, PROPOSED + part, value)
        elif not had:
            self._reject(unit)
        return Decided(NEVER, False, bases)

    def _reject(self, unit: Sent) -> None:
        self.rejected.update((unit.record, part, str(value)) for part, value in unit.after.items())

    def _list(self, record: int, part: str, value: Any) -> None:
        items = self.listed.setdefault(record, {})
        items.pop((part, str(value)), None)
        items[part, str(value)] = self.seq

    def _lay(
        self, record: int, place: str, after: dict[str, Any], bases: dict[str, Stamp], stamp: Stamp, device: int
    ) -> bool:
        kept = self.records.get(record)
        past = PastModel(self, record)
        if self.sabotage.last_arrival_wins:
            merged = Merged(lay_over(kept.state if kept else EMPTY, after, stamp), {})
        else:
            state = kept.state if kept else None
            merged = merge(state, after, bases, stamp, past, RULES.__getitem__, is_new=device >= 0)
        self._note(record, after, bases, stamp, merged.lines)
        for loser in merged.losers:
            self._list(record, loser.part, loser.value)
        self._put(record, place, merged, device)
        return merged.is_clean

    def _note(self, record: int, after: dict[str, Any], bases: dict[str, Stamp], stamp: Stamp, lines: Any) -> None:
        if (record, stamp) not in self.changes:
            self.history[record] = (*self.history.get(record, ()), stamp)
        self.changes[record, stamp] = (dict(after), dict(bases))
        for part in after:
            if "?" in bases and part not in bases:
                continue
            base, also = base_of(bases, part), lines.get(part)
            parents = (base, also) if also else (base,)
            self.parents[record, part, stamp] = parents
            for parent in parents:
                at = (record, part, parent)
                if stamp not in self.followers.get(at, ()):
                    self.followers[at] = (*self.followers.get(at, ()), stamp)

    def _put(self, record: int, place: str, merged: Merged, device: int) -> None:
        kept, state, seq = self.records.get(record), merged.state, self.seq
        org = state.body.get("org")
        place = org[0] if org else place
        if kept is None:
            by_hand = seq if device < 0 else 0
            self.records[record] = Kept(state, place, seq, device, by_hand, seq)
            if record in self.listed:
                self.listed[record] = dict.fromkeys(self.listed[record], seq)
            return
        clean = merged.is_clean and device >= 0 and place == kept.place
        prior = seq if not clean else kept.prior if kept.device == device else kept.seq
        whole = kept.whole if device >= 0 and place == kept.place else seq
        self.records[record] = Kept(state, place, seq, device, prior, whole)
        if place != kept.place:
            self.leavings.append((seq, kept.place, record))
            self.visited[record] = self.visited.get(record, frozenset()) | {kept.place}
            if record in self.listed:
                self.listed[record] = dict.fromkeys(self.listed[record], seq)

    # After a restore, and after ninety days

    def hear(self, device: int, record: int, stamp: Stamp, after: dict[str, Any], bases: dict[str, Stamp]) -> None:
        """What a desk saw of another's save, told after a restore; only where that save is not known."""
        kept, post = self.records.get(record), self.posts[device]
        place = kept.place if kept else after["org"][0] if after.get("org") else post.home
        is_over = kept is not None and EMPTIED in kept.state.body
        is_his = place in post.orgs or self._is_taken_late(post, record, place, stamp)
        if is_his and not is_over and (record, stamp) not in self.changes and stamp not in self.taken:
            self.seq += 1
            self._lay(record, place, after, {**bases, "?": NEVER}, stamp, ALL)

    def hear_listed(self, device: int, items: set[Item]) -> None:
        """What desks remember as listed, given back after a restore."""
        post = self.posts[device]
        for record, part, value in sorted(items):
            kept = self.records.get(record)
            is_his = (
                kept is None or kept.place in post.orgs or self._is_taken_late(post, record, kept.place, "given back")
            )
            if is_his and (part, value) not in self.listed.get(record, ()):
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
        self.posts[device] = post._replace(orgs=orgs, ever=post.ever | orgs)


class PastModel(NamedTuple):
    """What the county remembers of one record's changes."""

    county: CountyModel
    record: int

    def parents(self, part: str, stamp: Stamp) -> tuple[Stamp, ...] | None:
        """What a value descends from."""
        county = self.county
        found = county.parents.get((self.record, part, stamp))
        if found is not None:
            return found
        bases = county.announced.get((self.record, stamp), {})
        base = bases.get(part, NEVER) if "?" in bases else base_of(bases, part)
        if base and base[0] != OWN:
            return (base,)
        return (NEVER,) if stamp in county.taken else None

    def followers(self, part: str, stamp: Stamp) -> tuple[Stamp, ...]:
        """Values that descend from it at one remove."""
        county = self.county
        found = county.followers.get((self.record, part, stamp), ())
        if not county.announced:
            return found
        here = county.history.get(self.record, ())
        more = [at for at in here if part in county.changes[self.record, at][0] and at not in found]
        return (*found, *(at for at in more if self.parents(part, at) == (stamp,)))

    def ops(self, part: str) -> list[tuple[Stamp, Any]]:
        """Every value that the part was given."""
        changes, record = self.county.changes, self.record
        return [
            (stamp, changes[record, stamp][0][part])
            for stamp in self.county.history.get(record, ())
            if part in changes[record, stamp][0]
        ]

    def seen(self, stamp: Stamp) -> dict[str, Stamp]:
        """All that an author had seen."""
        found = self.county.changes.get((self.record, stamp))
        return found[1] if found else {}
