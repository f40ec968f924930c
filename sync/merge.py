"""Decide what becomes of an edit: the one pure function that county, desk, parcel import and simulation share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from app.records.record import Merge
from app.records.shown import SHOWN, was_any_shown, was_shown
from sync.descent import (
    NEVER,
    REST,
    Parents,
    Past,
    Stamp,
    With,
    base_of,
    came_later,
    heirs,
    is_in_line,
    lines,
    those_in_line,
)
from sync.sets import is_set_op, put_in, set_after

__all__ = [
    "DELETED", "NEVER", "REST", "Fate", "Loser", "Merged", "Past", "Stamp", "State", "base_of",
    "is_set_op", "lay_over", "merge", "set_after", "settled",
]  # fmt: skip

DELETED = "@deleted"
"""The part that says a record was deleted: True, or not there."""
EMPTIED = "@emptied"
"""The part that says the county has emptied its bin of the record; its value is the county's seal on that."""

Rules = Callable[[str], Merge]
"""part → its merge rule."""


class Fate(StrEnum):
    """What became of one op. Only ``CURRENT`` leaves the record as its author's desk shows it already."""

    CURRENT = "current"  # it is the value now, on top of what its author saw
    JOINED = "joined"  # a set: both sides' entries stay
    SAME = "same"  # somebody had already written the same value
    SEEN = "seen"  # it was known, or somebody who saw it has replaced it since
    OVER = "over"  # it is the value now, over one that its author had not seen: that one is listed
    LISTED = "listed"  # the value stays as it was, this one is listed


# Looked up once: an enumeration takes its time over each of its names, and these are asked for at every change.
_CURRENT, _SEEN, _SAME = Fate.CURRENT, Fate.SEEN, Fate.SAME
_ASK, _UNION = Merge.ASK, Merge.UNION


class State(msgspec.Struct, frozen=True, gc=False):
    """One record as the county holds it: its parts' values (never None) and their stamps."""

    body: Mapping[str, Any] = {}
    stamps: Mapping[str, Stamp] = {}

    def stamp(self, part: str) -> Stamp:
        """The stamp of a part's value; a part that is empty and was never named has never been set."""
        own = self.stamps.get(part)
        if own is not None:
            return own
        return self.stamps.get(REST, NEVER) if part in self.body else NEVER

    @property
    def is_deleted(self) -> bool:
        """Whether the record lies in the bin."""
        return DELETED in self.body


class Loser(msgspec.Struct, frozen=True, gc=False):
    """A value that is not current although nobody who saw it replaced it: it must be listed."""

    part: str
    value: Any
    stamp: Stamp
    must_ask: bool = False


class Merged(msgspec.Struct, frozen=True, gc=False):
    """What one change did: the record afterwards, the fate of each op that did not simply become current, what must be
    listed.

    ``lines`` holds the stamps that values descend from beside what their author saw.
    """

    state: State
    fates: Mapping[str, Fate] = {}
    losers: tuple[Loser, ...] = ()
    lines: Mapping[str, Stamp] = {}

    @property
    def is_clean(self) -> bool:
        """Whether the record is now just what its author's desk made of it."""
        return not self.fates


def lay_over(state: State | None, after: Mapping[str, Any], stamp: Stamp) -> State:
    """The record with a change laid over it without a question: what a desk shows while the county has not spoken."""
    if state is None:
        return State(_filled(after), {REST: stamp})
    body, stamps = {**state.body}, {**state.stamps}
    for part, value in after.items():
        stamps[part] = stamp
        if type(value) is str and value:  # nearly every one
            body[part] = value
        else:
            _put(body, part, set_after(body.get(part), value) if is_set_op(value) else value)
    return State(body, stamps)


def settled(shadow: State | None, after: Mapping[str, Any], stamp: Stamp, *, clean: bool) -> State:
    """What the county holds, as far as a desk can tell, once it has taken the desk's change.

    If anything else came of the change the county's own row says so: it is here already or on its way. A row that
    left the county after the change holds it too, and perhaps what others made of it since.
    """
    if shadow is not None and (not clean or _is_newer(shadow, stamp)):
        return shadow
    return lay_over(shadow, after, stamp)


def _is_newer(state: State, stamp: Stamp) -> bool:
    epoch, _, seq = stamp.partition(":")
    life = f"{epoch}:"
    at, number = len(life), int(seq or 0)
    for other in state.stamps.values():  # noqa: SIM110 – asked of every save, at both ends
        if other.startswith(life) and int(other[at:] or -1) >= number:
            return True
    return False


def merge(
    state: State | None,
    after: Mapping[str, Any],
    bases: Mapping[str, Stamp],
    stamp: Stamp,
    past: Past,
    rules: Rules,
    *,
    is_new: bool = False,
) -> Merged:
    """What becomes of one change to one record; ``state`` is None when the county has no such record.

    ``stamp`` is the change's own: new for what arrives first here (``is_new``: nobody can have seen it yet), the old
    one for what is given back after a restore. The rules are those of sync.md, "At the county"; the order of arrival
    of what is given back does not matter, because a value that descends from another wins over it either way.
    """
    if state is None:
        return _created(after, bases, stamp)
    if is_new and _is_on_top(state, after, bases):
        return Merged(lay_over(state, after, stamp))
    work = _Work({**state.body}, {**state.stamps}, state, bases, stamp, past, rules, is_new)
    for part, value in after.items():
        fate = work.delete(part) if part == DELETED and value else work.take(part, value)
        if fate is not _CURRENT:
            work.fates[part] = fate
    if state.is_deleted and DELETED not in after:
        work.undelete(after)
    return Merged(State(work.body, work.own), work.fates, tuple(work.losers), work.descents)


def _is_on_top(state: State, after: Mapping[str, Any], bases: Mapping[str, Stamp]) -> bool:
    """Whether the author had before him all that he changes, as it stands: nearly every change."""
    if DELETED in after or DELETED in state.body:
        return False
    stamps, rest = state.stamps, state.stamps.get(REST, NEVER)  # ``State.stamp`` written out: asked of every change
    for part in after:
        now = stamps.get(part, rest if part in state.body else NEVER)
        if now and now != base_of(bases, part):
            return False
    return True


def _created(after: Mapping[str, Any], bases: Mapping[str, Stamp], stamp: Stamp) -> Merged:
    body = _filled(after)
    whole = not any(bases.values())
    # An edit of a record that is not here (yet) names its parts, so that the creation can still come in beneath it.
    stamps = {REST: stamp} if whole else dict.fromkeys(after, stamp)
    return Merged(State(body, stamps))


def _filled(after: Mapping[str, Any]) -> Mapping[str, Any]:
    if _stands_as_it_is(after):
        return after  # the first push of a village is ten thousand times just this
    body: dict[str, Any] = {}
    for part, value in after.items():
        _put(body, part, set_after((), value) if is_set_op(value) else value)
    return body


_PLAIN = frozenset({str, int, bool, float, list})


def _stands_as_it_is(after: Mapping[str, Any]) -> bool:
    """Whether nothing is emptied, and no set is changed by entries."""
    return DELETED not in after and _PLAIN.issuperset(map(type, after.values()))


def _put(body: dict[str, Any], part: str, value: Any) -> None:
    if value is None or (part == DELETED and not value):
        body.pop(part, None)
    else:
        body[part] = value


class _Work(msgspec.Struct, gc=False):
    """The record while the ops of one change are taken one by one."""

    body: dict[str, Any]
    own: dict[str, Stamp]
    state: State
    bases: Mapping[str, Stamp]
    stamp: Stamp
    past: Past
    rules: Rules
    is_new: bool
    fates: dict[str, Fate] = {}
    losers: list[Loser] = []
    descents: dict[str, Stamp] = {}

    def take(self, part: str, value: Any) -> Fate:
        """One op on one part."""
        if self.is_new:
            return self._decide(part, value)
        if is_set_op(value):
            fate = self._decide(part, value)
            self._look_again(part, value)
            return fate
        followed = heirs(part, self.stamp, self.past)
        return self._give_way(part, followed) if followed else self._decide(part, value)

    def now(self, part: str) -> Stamp:
        """The stamp of the part's value as this change has left it so far."""
        return State(self.body, self.own).stamp(part)

    def _decide(self, part: str, value: Any) -> Fate:
        now = self.state.stamp(part)
        base = base_of(self.bases, part)
        if now == base or not now:
            return self._set(part, value, _CURRENT)
        if is_set_op(value):
            return self._join(part, value, now, base)
        if self._is_seen(part, now):
            return _SEEN
        if is_in_line(part, now, base, self.past):
            return self._set(part, value, _CURRENT)
        if self.state.body.get(part) == (value or None if part == DELETED else value):
            self.descents[part] = now
            return _SAME
        return self._disagree(part, value, now)

    def _give_way(self, part: str, followed: Sequence[Stamp]) -> Fate:
        """What is here already replaced it knowingly, and may now prove to follow what stands."""
        now = self.state.stamp(part)
        closed = With(self.past, self.stamp, self.bases)
        heard = those_in_line(part, now, followed, closed)
        above = [at for at in followed if at in heard]
        if above and lines(part, [now], self.past)[now].isdisjoint(followed):
            value = dict(self.past.ops(part)).get(above[-1])
            if part == DELETED and value and not self._saw_all(self.past.seen(above[-1]), closed):
                return _SEEN  # listed when it came, for the same reason
            self.own[part] = above[-1]
            _put(self.body, part, value)
        return _SEEN

    def _join(self, part: str, value: Any, now: Stamp, base: Stamp) -> Fate:
        """Both sides' entries stay, save what somebody who had seen this op took out, or put in, again."""
        was_seen = self._is_seen(part, now)
        if not was_seen and is_in_line(part, now, base, self.past):
            return self._set(part, value, _CURRENT)
        add, remove = set(value.get("add", ())), set(value.get("remove", ()))
        later = () if self.is_new else self._later(part, add, remove)
        add.difference_update(*(op.get("remove", ()) for op in later))
        remove.difference_update(*(op.get("add", ()) for op in later))
        _put(self.body, part, set_after(self.body.get(part), {"add": add, "remove": remove}))
        if not was_seen:
            self.own[part] = self.stamp
            self.descents[part] = now
        return Fate.JOINED

    def _look_again(self, part: str, value: Mapping[str, Any]) -> None:
        """A set op that is given back may close the line from one that put an entry in to one that took it out again,
        whichever of them came back first: if there is one here already that was based on it."""
        if not self.past.followers(part, self.stamp):
            return
        ops = [(at, op) for at, op in self.past.ops(part) if at != self.stamp] + [(self.stamp, value)]
        past = With(self.past, self.stamp, self.bases)
        went: dict[str, list[Stamp]] = {}
        for at, op in ops:
            for entry in op.get("remove", ()) if is_set_op(op) else ():
                went.setdefault(entry, []).append(at)
        came: dict[str, list[Stamp]] = {}
        for at, op in ops:
            for entry in put_in(op):
                if isinstance(entry, str) and entry in went:
                    came.setdefault(entry, []).append(at)
        saw = lines(part, (at for entry in came for at in went[entry]), past)
        # What one of those put in whom none of those that took it out had seen. What is out already stays out unless it
        # was put in again: that nobody saw it before he took it out means only that his line is lost.
        left = {
            entry: [one for one in at if not any(one in saw[gone] for gone in went[entry])]
            for entry, at in came.items()
        }
        there = [*put_in(self.state.body.get(part)), *put_in(self.body.get(part))]
        add = {
            entry
            for entry, at in left.items()
            if at and (entry in there or any(those_in_line(part, gone, at, past) for gone in went[entry]))
        }
        _put(self.body, part, set_after(self.body.get(part), {"add": add, "remove": came.keys() - add}))

    def _later(self, part: str, add: set[str], remove: set[str]) -> list[Mapping[str, Any]]:
        """What was taken out, and put in, again by those who had seen this op."""
        ops = {at: op for at, op in self.past.ops(part) if at != self.stamp and is_set_op(op)}
        undone = [
            at for at, op in ops.items()
            if not (add.isdisjoint(op.get("remove", ())) and remove.isdisjoint(op.get("add", ())))
        ]  # fmt: skip
        return [ops[at] for at in those_in_line(part, self.stamp, undone, self.past)]

    def _is_seen(self, part: str, by: Stamp) -> bool:
        """Whether whoever wrote what bears the stamp had seen this op."""
        return not self.is_new and is_in_line(part, self.stamp, by, self.past)

    def _disagree(self, part: str, value: Any, now: Stamp) -> Fate:
        if self.rules(part) is _ASK:
            self.losers.append(Loser(part, value, self.stamp, must_ask=True))
            return Fate.LISTED
        # Of two that are given back the county decided before, in the order of their numbers.
        if not self.is_new and came_later(now, self.stamp):
            self.losers.append(Loser(part, value, self.stamp))
            return Fate.LISTED
        self.losers.append(Loser(part, self.state.body.get(part), now))
        return self._set(part, value, Fate.OVER)

    def _set(self, part: str, value: Any, fate: Fate) -> Fate:
        if type(value) is str and value:  # nearly every one
            self.body[part] = value
        else:
            _put(self.body, part, set_after(self.body.get(part), value) if is_set_op(value) else value)
        self.own[part] = self.stamp
        return fate

    def delete(self, part: str) -> Fate:
        """A deletion takes effect only if its author had seen every value that it would bury."""
        now = self.state.stamp(part)
        if now and self._is_seen(part, now):
            return _SEEN
        if self.state.is_deleted:
            self.descents[part] = now
            return _SAME
        if not (self._saw(part, self.bases, self.past) and self._saw_all(self.bases, self.past)):
            self.losers.append(Loser(part, True, self.stamp))
            return Fate.LISTED
        return self._set(part, True, _CURRENT)

    def _saw_all(self, seen: Mapping[str, Stamp], past: Parents) -> bool:
        """Whether who had seen this much of the record had seen all that it holds now."""
        there = {*self.own, *self.body} - {REST, DELETED}
        return all(self._saw(part, seen, past) for part in there)

    def _saw(self, part: str, seen: Mapping[str, Stamp], past: Parents) -> bool:
        told = seen.get(SHOWN + part)
        value = self.body.get(part)
        # A program that does not know the set tells nothing of it; an odd value in a set's place is one as any other.
        if told is not None and self.rules(part) is _UNION and (value is None or isinstance(value, (list, tuple))):
            return was_shown(value or (), told)
        now, base = self.now(part), base_of(seen, part)
        return now == base or is_in_line(part, now, base, past)

    def undelete(self, after: Mapping[str, Any]) -> None:
        """An edit wins over a deletion that its author had not seen; the deletion is listed."""
        if self._still_holds(after):
            return
        self.losers.append(Loser(DELETED, True, self.state.stamp(DELETED)))
        self.fates[DELETED] = Fate.OVER
        _put(self.body, DELETED, None)
        self.own[DELETED] = self.stamp

    def _still_holds(self, after: Mapping[str, Any]) -> bool:
        """Whether the deletion stands beside this change: only if that is one of those that its author had seen."""
        # An op without a fate became current: then it is not idle.
        idle = len(self.fates) == len(after) and all(fate in (_SEEN, _SAME) for fate in self.fates.values())
        if self.is_new:
            return idle
        seen = self.past.seen(self.state.stamp(DELETED))
        if not seen:
            return idle
        past = With(self.past, self.stamp, self.bases)
        return (idle or self._was_there_for(after, seen)) and self._saw_all(seen, past)

    def _was_there_for(self, after: Mapping[str, Any], seen: Mapping[str, Stamp]) -> bool:
        return all(self._had_come(part, value, seen) for part, value in after.items())

    def _had_come(self, part: str, value: Any, seen: Mapping[str, Stamp]) -> bool:
        """Whether who had seen this much had seen what an op did."""
        told = seen.get(SHOWN + part)
        if told is not None and self.rules(part) is _UNION:
            out = value.get("remove", ()) if is_set_op(value) else ()
            return was_shown(put_in(value), told) and not was_any_shown(out, told)
        base = base_of(seen, part)
        return bool(base) and is_in_line(part, self.stamp, base, self.past)
