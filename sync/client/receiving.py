"""Write one page of the county's answer: results, rows, shadows, history, cursor and digest in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any, cast

from app.records import BY_NAME
from app.store.changes import (
    DIVISIONS,
    Changes,
    Foreign,
    Name,
    OwnUnit,
    Seal,
    Step,
    Writing,
    files_of,
    leave,
    never_sent,
    not_told_again,
    note_handed_over,
    outside,
    seal_refused,
    to_leave,
    with_history,
)
from sync.client.credentials import BROKEN_OFF, SETTING, as_setting, ties_of
from sync.client.moved import Moved, People
from sync.client.news import note_moved
from sync.descent import OWN
from sync.merge import DELETED, EMPTIED, REST, Stamp, State, lay_over, settled
from sync.messages import PROPOSED, Page, Patch, Result, Row, digest_of

LACKING = "exchange_lacking"
"""The setting with what the county did not take back although it shows whose it is."""
FOREIGN = "foreign_village"
"""Why the county refuses what is not looked after here."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a page brought: numbers for the outcome, and what screens must show anew."""

    accepted: int = 0
    rejected: int = 0
    rows: int = 0
    conflicts: int = 0
    gone: int = 0
    moved: Moved = field(default_factory=Moved)
    changes: Changes = field(default_factory=Changes)

    def __add__(self, other: Received) -> Received:
        return Received(
            self.accepted + other.accepted, self.rejected + other.rejected, self.rows + other.rows,
            self.conflicts + other.conflicts, self.gone + other.gone, self.moved + other.moved,
            self.changes | other.changes,
        )  # fmt: skip


class Receiving:
    """One page at one desk."""

    def __init__(
        self, work: Writing, divisions: Sequence[str], seal: Seal, sent: dict[int, OwnUnit] | None = None
    ) -> None:
        self.work = work
        self.seal = seal
        self.sent = {} if sent is None else sent
        self.divisions = tuple(divisions)
        self.home = next(iter(self.divisions), "")
        self.told = Received()

    def take(self, page: Page) -> Received:
        """Everything of the page."""
        self._acknowledge(page)
        self._lay_rows(replace(page, rows=(*page.rows, *self._whole(page.patches))) if page.patches else page)
        self._let_go(page)
        self._keep_ties(page)
        note_moved(self.work, page.terms.time, self.told.moved)
        return self._told()

    def mend(self, page: Page) -> Received:
        """Rows that were wrong or missing here. No history is made of it, save for what has none yet."""
        names = {(row.type, row.record) for row in page.rows}
        self._lay_rows(page, names - with_history(self.work, names))
        return self._told()

    def let_go(self, names: AbstractSet[Name]) -> Received:
        """What the county does not show to this desk, save what has own changes waiting."""
        self._leave(names - self.work.pending(names).keys() if names else set())
        return self._told()

    def _told(self) -> Received:
        changed = self.work.changed
        ids = frozenset(id_ for found in changed.values() for id_ in found)
        return replace(self.told, changes=Changes(frozenset(changed), ids, self.work.subjects))

    # Own units

    def _acknowledge(self, page: Page) -> None:
        if not page.results:
            return
        results = {result.seq: result for result in page.results}
        units = self._own(results)
        first = [units[seq] for seq in sorted(units) if not units[seq].stamp and not results[seq].reason]
        aside = [units[seq] for seq in sorted(units) if results[seq].reason]
        proposed = [unit for unit in aside if results[unit.seq].reason == PROPOSED]
        self.work.mark((seq, _state(result), result.stamp) for seq, result in results.items())
        counts = (len(units) - len(aside), len(aside) - len(proposed), len(proposed))
        self.told = replace(self.told, accepted=counts[0], rejected=counts[1], moved=Moved(proposed=counts[2]))
        note_handed_over(self.work, results, page.terms.epoch, page.terms.seq)
        foreign = [unit for unit in aside if results[unit.seq].reason == FOREIGN]
        to_leave(self.work, self._unknown(proposed) | self._elsewhere(foreign))
        if first or aside:
            self._settle(first, aside, {seq: (result.stamp, result.clean) for seq, result in results.items()})

    def _own(self, seqs: Collection[int]) -> dict[int, OwnUnit]:
        """The saves of these numbers; those that are just being sent need not be read again."""
        at_hand = {seq: self.sent.pop(seq) for seq in seqs if seq in self.sent}
        rest = [seq for seq in seqs if seq not in at_hand]
        return at_hand | (self.work.own(rest) if rest else {})

    def _settle(
        self, taken: Sequence[OwnUnit], refused: Sequence[OwnUnit], told: Mapping[int, tuple[Stamp, bool]]
    ) -> None:
        """What the county took moves from what is laid over into what it says; what it refused is laid over no more."""
        names = {(change.type, change.record) for unit in (*taken, *refused) for change in unit.changes}
        under: dict[Name, State] = {name: State(*held) for name, held in self.work.shadows(names).items()}
        waiting = self.work.pending(names)
        # What lies beneath an edit may be from an earlier life of the county, which has lost some of it since.
        shown = self.work.county_has(under.keys())
        sure: set[Name] = set()
        plain = names - waiting.keys() - {(change.type, change.record) for unit in refused for change in unit.changes}
        for unit in taken:
            stamp, clean = told[unit.seq]
            for change in unit.changes:
                name = (change.type, change.record)
                before = under.get(name)
                under[name] = settled(before, change.after, stamp, clean=clean)
                if clean and under[name] is not before and (before is None or name in shown):
                    sure.add(name)
                    shown.add(name)
                else:
                    sure.discard(name)
                    plain.discard(name)
        plain &= sure
        # What the county took as it was sent is shown already: only its stamps are new.
        self.work.drop_shadows(plain)
        self.work.restamp({name: dict(state.stamps) for name, state in under.items() if name in plain})
        self._show({name: state for name, state in under.items() if name not in plain}, waiting)
        self._note_digests(self._placed({name: state for name, state in under.items() if name in sure}))

    def _show(self, under: Mapping[Name, State], waiting: Mapping[Name, list[tuple[int, dict[str, Any]]]]) -> None:
        """Rows are what the county says with the own changes that still wait laid over it."""
        kept = {name: state for name, state in under.items() if name in waiting}
        over = {name: _laid_over(state, waiting[name]) for name, state in kept.items()}
        shown = {**under, **over}
        self.work.put_shadows({name: _held(state) for name, state in kept.items()})
        self.work.drop_shadows(name for name in under if name not in kept)
        self.work.lay({name: _held(state) for name, state in shown.items()})

    def _placed(self, states: Mapping[Name, State]) -> list[Row]:
        """Own records as the county must now have them; it files a record where its person is filed."""
        # Where the registration is lost nothing is said of a village: such a person stays where the county had them.
        people = {id_: state.body.get("org") for (type_, id_), state in states.items() if type_ == "person"}
        own = {person: str(org) for person, org in people.items() if org}
        subjects = {name: _subject(name, state) for name, state in states.items()}
        filed = self.work.filed(("person", subject) for subject in {*subjects.values()} if subject)
        places = {**{person: org for (_, person), org in filed.items()}, **own}
        return [
            Row(*name, subjects[name], str(state.body.get("org") or places.get(subjects[name]) or self.home),
                state.body, state.stamps)
            for name, state in states.items()
        ]  # fmt: skip

    # What the county gives

    def _lay_rows(self, page: Page, within: AbstractSet[Name] | None = None) -> None:
        """``within``: the records whose history is told of it; otherwise all."""
        if not page.rows:
            return
        states = {(row.type, row.record): State(row.body, row.stamps) for row in page.rows}
        held = {name: State(*each) for name, each in self.work.held(states.keys()).items()}
        waiting = self.work.pending(states.keys())
        emptied = {name for name, state in states.items() if EMPTIED in state.body}
        seal_refused(self.work, emptied, self.seal)
        self.work.erase(emptied)
        told = states.keys() - emptied if within is None else within - emptied
        self._note_history(page, held, {name: state for name, state in states.items() if name in told})
        self._show(states, waiting)
        self._follow(page.rows)
        self._note_digests(page.rows)
        fresh = [row for row in page.rows if _is_to_settle(row) and (row.type, row.record) not in held]
        self.told = replace(self.told, rows=len(page.rows), conflicts=len(fresh))

    def _follow(self, rows: Iterable[Row]) -> None:
        """What belongs to a person who moved is filed with the person, as the county files it.

        The county sends nothing back of what this desk wrote since the move; until now it was noted where the person
        had been.
        """
        now = {(row.type, row.record): row.org for row in rows if row.type == "person"}
        before = self.work.filed(now)
        moved = {name[1]: org for name, org in now.items() if before.get(name, org) != org}
        if not moved:
            return
        names = {name: person for person, file in files_of(self.work, moved).items() for name in file - now.keys()}
        said, places = self.work.said(self.work.county_has(names.keys())), self.work.filed(names)
        self._note_digests(
            Row(*name, person, moved[person], *said[name])
            for name, person in names.items()
            if name in said and places[name] == before["person", person]
        )

    def _whole(self, patches: Sequence[Patch]) -> list[Row]:
        """Records with what is new of them laid over what the county said before.

        One that is not here, as it ought to be, is left out: the comparison at the end finds that it is missing.
        """
        names = {(patch.type, patch.record) for patch in patches}
        said, places = self.work.said(names), self.work.filed(names)
        found = []
        for patch in patches:
            name = (patch.type, patch.record)
            if name in said and name in places:
                body, stamps = said[name]
                values = {part: value for part, value in {**body, **patch.after}.items() if value is not None}
                found.append(Row(*name, "", places[name], values, {**stamps, **patch.stamps}))
        return found

    def _note_history(self, page: Page, held: Mapping[Name, State], states: Mapping[Name, State]) -> None:
        # What an earlier life of the county showed this one may never have had: nothing is said of what came of it.
        shown = self.work.county_has(states.keys() & held.keys())
        steps = [
            step for name, state in states.items() for step in _steps(name, held.get(name), state, name in shown)
        ]
        foreign = [Foreign(each.stamp, each.author, each.author_name, each.verb, each.at) for each in page.signatures]
        self.work.note_history(foreign, steps)

    def _note_digests(self, rows: Iterable[Row]) -> None:
        self.work.note_county_rows(
            (type_, id_, org, *digest_of(type_, id_, org, body, stamps)) for type_, id_, _, org, body, stamps in rows
        )

    def _unknown(self, units: Sequence[OwnUnit]) -> set[Name]:
        """Records that these saves tell of and that the county does not show here."""
        names = {(change.type, change.record) for unit in units for change in unit.changes}
        return names - self.work.county_has(names)

    def _elsewhere(self, refused: Sequence[OwnUnit]) -> set[Name]:
        """Records that were once seen here and that the county now has elsewhere; what began here is to be mended."""
        names = self._unknown(refused)
        return names - self.work.made_here(names) if names else names

    def _let_go(self, page: Page) -> None:
        """What the county moved elsewhere leaves at once; with the end of an answer, what no grant covers any more."""
        moved = {(each.type, each.record) for each in page.gone}
        if not page.digest:
            self._leave(moved)
            return
        granted = tuple(page.cursors)
        ended = tuple(org for org in self.divisions if org not in granted)
        came = tuple(org for org in granted if org not in self.divisions)
        found = outside(self.work, granted)
        self._leave(moved | found[True])
        self._leave(found[False] | (never_sent(self.work, granted) if ended else set()), is_lost=bool(ended))
        told = Moved(ended=ended, granted=came, has_left=bool(ended) and not granted)
        self.told = replace(self.told, moved=self.told.moved + told)

    def _leave(self, names: AbstractSet[Name], *, is_lost: bool = False) -> None:
        if not names:
            return
        left = leave(self.work, names, self.seal)
        people = People.of(left.types)
        told = Moved(lost=people, drafts=left.drafts) if is_lost else Moved(away=people, drafts=left.drafts)
        gone = self.told.gone + sum(left.types.values())
        self.told = replace(self.told, gone=gone, moved=self.told.moved + told)

    def _keep_ties(self, page: Page) -> None:
        """How far this desk is, in the same transaction as the rows."""
        now = ties_of(self.work.setting(SETTING))
        is_last = bool(page.digest)
        cursors = page.cursors if page.cursors or is_last else now.cursors
        heard = page.terms.seq if is_last else BROKEN_OFF if page.cursors else now.heard
        owes = now.owes_witness or (is_last and self.told.rows > 0 and self._is_lacking())
        met = replace(
            now.met(page.terms), cursors=cursors, last=page.last or now.last, heard=heard, owes_witness=owes
        )
        self.work.set_setting(SETTING, as_setting(met))
        if is_last and tuple(page.cursors) != self.divisions:
            self.work.set_setting(DIVISIONS, list(page.cursors))

    def _is_lacking(self) -> bool:
        """Whether the county shows somebody now of whom it did not take back what this desk has; it is told once more.

        A person may have been elsewhere for a restored county until whoever had made the move came back.
        """
        names = sorted(not_told_again(self.work))
        told, before = [" ".join(name) for name in names], self.work.setting(LACKING, [])
        if told != before:
            self.work.set_setting(LACKING, told)
        return bool(set(told) - set(before))


def _state(result: Result) -> str:
    """What a unit is from now on; a proposal waits at the county for whoever looks after the record."""
    if not result.reason:
        return "accepted"
    return PROPOSED if result.reason == PROPOSED else "rejected"


def _laid_over(state: State, waiting: Iterable[tuple[int, Mapping[str, Any]]]) -> State:
    for seq, after in waiting:
        state = lay_over(state, after, f"{OWN}{seq}")
    return state


def _held(state: State) -> tuple[dict[str, Any], dict[str, str]]:
    return cast(dict[str, Any], state.body), cast(dict[str, str], state.stamps)  # read only: never copied


def _subject(name: Name, state: State) -> str:
    cls = BY_NAME.get(name[0])
    if name[0] == "person" or (cls is not None and cls.spec.is_profile):
        return name[1]
    found = state.body.get("subject")
    return found if isinstance(found, str) else ""


def _steps(name: Name, held: State | None, state: State, is_shown: bool) -> list[Step]:
    """What a row from the county changes here, save by save."""
    if held is None:
        stamp = state.stamps.get(REST) or next(iter(state.stamps.values()), "")
        return [Step(stamp, name, True, {}, {})] if stamp else []
    by_stamp: dict[Stamp, list[str]] = {}
    for part in {*held.body, *state.body, *state.stamps} - {REST}:
        if held.body.get(part) != state.body.get(part):
            stamp = state.stamps.get(part) or state.stamps.get(REST, "")
            by_stamp.setdefault(stamp, []).append(part)
    return [
        Step(
            stamp, name, False, {part: held.body.get(part) for part in sorted(parts)},
            {part: _value(state, part) for part in sorted(parts)},
            {part: base for part in sorted(parts) if is_shown and not (base := held.stamp(part)).startswith(OWN)},
        )
        for stamp, parts in by_stamp.items()
        if stamp
    ]  # fmt: skip


def _value(state: State, part: str) -> Any:
    value = state.body.get(part)
    return bool(value) if part == DELETED else value


def _is_to_settle(row: Row) -> bool:
    """A conflict may come with its answer: nobody is to be called for that one."""
    return row.type == "conflict" and (row.body.get("settlement") or {}).get("state", "open") == "open"
