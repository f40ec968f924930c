"""Take units: each once, whole or not at all, merged against what its author saw; what loses is listed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from msgspec import structs
from sqlalchemy.engine import Connection

from app.policy.access import Action
from sync.merge import EMPTIED, NEVER, REST, Merged, Stamp, State, merge
from sync.messages import Change, Result, Unit
from sync.server import bin
from sync.server.accounts import Device
from sync.server.admission import Admission
from sync.server.decided import Decided, known_units, units_beneath
from sync.server.ledger import Ledger
from sync.server.minutes import NOTHING, Minutes
from sync.server.past import BESIDE, WITNESSED, PastInLedger
from sync.server.places import Places
from sync.server.ready import Ready, made_ready
from sync.server.reconsidering import reconsider, withdraw
from sync.server.rules import only_put_in, only_untold, reopened, rules_of
from sync.server.shape import LARGEST_UNIT, MOST_CHANGES, Refused, check_shape, is_digest, subject_of
from sync.server.sitting import Kept, Laid, Name, Sitting, encode
from sync.server.standing import OutOfScope, Standing

GIVEN_BACK = re.compile(r"[0-9a-f]{1,16}:[0-9]{1,15}").fullmatch
"""The stamp that a unit got in an earlier life of the county's data."""
QUIET = frozenset({"conflict", "rejection"})
"""Records about records: who settles one otherwise also changes the record itself, and that is what is listed."""


class Taking:
    """One push of one device, inside one transaction."""

    def __init__(self, ledger: Ledger, connection: Connection, device: Device, sitting: Sitting | None = None) -> None:
        self.ledger = ledger
        self.device = device
        self.sitting = sitting or Sitting(ledger, connection)
        self.connection = connection
        self.standing = Standing(self.sitting, device)
        self.places = Places(self.sitting, self.standing)
        self.minutes = Minutes(self.sitting, device)
        self.known: dict[int, Decided] = {}
        self.admission = Admission(self.sitting, self.standing, self.places, self.known)
        self.by_id: dict[bytes, Decided] = {}
        self._encoded: dict[int, bytes] = {}
        self._moved: dict[str, None] = {}
        self._elsewhere: dict[str, Stamp] = {}
        """Person → the registration, or move, that the device told of and may not bring: it was elsewhere."""

    def take(self, units: Sequence[Unit]) -> list[Result]:
        """All units in order. One that is refused leaves a rejection and does not stop the others."""
        last = self.ledger.advance(self.connection, len(units))
        ready = made_ready(self.device, units)
        laid = [change for unit in ready for change in unit.changes]
        told = chain.from_iterable(unit.told for unit in ready)
        self._encoded = {id(change.after): each for change, each in zip(laid, told, strict=True)}
        self.by_id |= known_units(self.ledger, self.connection, self.device, ready)
        self.known |= units_beneath(self.ledger, self.connection, self.device, ready)
        self.sitting.load(self._names(units))
        self.sitting.expected = (("person", subject) for change in laid if (subject := subject_of(change)))
        self.sitting.load_files(each.record for each in laid if each.type == "person" and "org" in each.after)
        self.admission.is_any_set_aside = self.sitting.is_any_set_aside()
        if self.admission.is_any_set_aside:
            self.sitting.load_files(self._strangers(laid))
        self._announce(ready)
        results = []
        for seq, unit in enumerate(ready, last - len(units) + 1):
            decided = self.by_id.get(unit.id)
            if decided is None:
                decided = self.by_id[unit.id] = self._decide(unit, seq)
            self.known[unit.seq] = decided
            results.append(decided.result(unit.seq))
        reconsider(self, self._moved, last)
        self.sitting.write()
        if self.sitting.units:
            newest = self.sitting.units[-1]
            self.ledger.note_last(self.connection, newest.id, newest.seq)
        return results

    def _strangers(self, laid: Sequence[Change]) -> set[str]:
        """Whom the changes are about and the county does not know: their files are fetched at once, not one by one."""
        come = {change.record for change in laid if change.type == "person"}
        about = {subject for change in laid if (subject := subject_of(change))}
        return {subject for subject in about - come if self.sitting.get(("person", subject)) is None}

    def _announce(self, units: Sequence[Ready]) -> None:
        """What is given back closes gaps for what is given back before it: nothing is to be listed in vain."""
        back = [unit for unit in units if self._is_of_earlier_life(unit.stamp)]
        for unit in back:
            mark = {WITNESSED: NEVER} if unit.seq < 0 else {}
            for change in unit.changes:
                name = (change.type, change.record)
                self.sitting.announced.setdefault((name, unit.stamp), {**change.bases, **mark})
        self.sitting.load_given(unit.stamp for unit in back if unit.seq >= 0 and unit.id not in self.by_id)

    def _bytes(self, change: Change) -> bytes:
        return self._encoded.get(id(change.after)) or encode(change.after)

    def _names(self, units: Iterable[Unit]) -> set[Name]:
        names: set[Name] = set()
        for unit in units:
            for change in unit.changes:
                names.add((change.type, change.record))
            if unit.subject:
                names.add(("person", unit.subject))
        return names

    def _decide(self, unit: Ready, seq: int) -> Decided:
        identity, stamp = unit.id, unit.stamp
        if unit.seq < 0:
            return self._hear(unit, identity, seq)
        if not self._is_of_earlier_life(stamp) or self.sitting.is_given(stamp):
            unit, stamp = structs.replace(unit, stamp="") if stamp else unit, f"{self.sitting.epoch}:{seq}"
        try:
            changes = self.admission.checked(unit)
        except Refused as refused:
            if isinstance(refused, OutOfScope) and self.admission.may_be_proposed(unit):
                return self._propose(unit, identity, seq, stamp)
            return self.minutes.refuse(unit, identity, seq, refused)
        clean = not unit.stamp and len(changes) == len(unit.changes)
        for place, change in enumerate(changes):
            clean = self._lay(unit, seq, stamp, place, change) and clean
        if not clean:
            self._send_back(changes, seq)
        self.minutes.remember(unit, identity, seq, stamp, state="accepted", clean=clean)
        return Decided(stamp, clean)

    def _send_back(self, changes: Iterable[Change], seq: int) -> None:
        """A desk lays nothing of a save of which something came out otherwise: all of its records go there."""
        for kept in (self.sitting.get((change.type, change.record)) for change in changes):
            if kept is not None and kept.seq == seq:
                kept.prior = seq

    def beside(self, device: Device, unit: Unit) -> Taking:
        """The same sitting, for a save of another device."""
        other = Taking(self.ledger, self.connection, device, self.sitting)
        other.known |= units_beneath(self.ledger, self.connection, device, [unit])
        return other

    def takes_after_all(self, unit: Unit, seq: int, place: int) -> bool:
        """Take a save that was given back and set aside, if it may be taken now."""
        try:
            changes = self.admission.checked(unit)
        except Refused:
            return False
        for at, change in enumerate(changes):
            self._lay(unit, seq, unit.stamp, place + at, change)
        return True

    def _is_of_earlier_life(self, stamp: Stamp) -> bool:
        return bool(stamp and GIVEN_BACK(stamp)) and not stamp.startswith(self.sitting.epoch + ":")

    def _hear(self, unit: Unit, identity: bytes, seq: int) -> Decided:
        """What a desk saw of another's save before the county was restored: only where that save is not known."""
        if len(unit.changes) > MOST_CHANGES:
            return Decided(unit.stamp, clean=False)  # no save of so many was ever taken
        heard = self._bearable([change for change in unit.changes if self._is_news(unit, change)])
        unit = structs.replace(unit, changes=heard)
        for place, change in enumerate(heard):
            is_sealed = bin.is_sealed(self.sitting, change)
            if is_sealed and not bin.is_written_since(self.sitting, change, self.sitting.epoch, unit.stamp):
                self._bury(unit, change, seq)
                continue
            kept = self.sitting.get((change.type, change.record))
            after = only_put_in(change.type, bin.unsealed(change.after))
            after = only_untold(change.type, after, kept.state.body if kept else {})
            seen = {"org": self._elsewhere[change.record]} if change.record in self._elsewhere else {}
            told = structs.replace(change, after=after, bases={**seen, **change.bases, WITNESSED: NEVER})
            self._lay(unit, seq, unit.stamp, place, told)
        if heard:
            self.minutes.remember(unit, identity, seq, unit.stamp, state="witnessed", clean=False)
        return Decided(unit.stamp, clean=False)

    def _bearable(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Those whose records stay small enough for every desk."""
        grown = Counter[Name]()
        for change in changes:
            grown[change.type, change.record] += len(self._bytes(change))
        overgrown = self.admission.overgrown(grown)
        return tuple([change for change in changes if (change.type, change.record) not in overgrown])

    def _bury(self, unit: Unit, change: Change, seq: int) -> None:
        """The county emptied its bin of the record in an earlier life: nothing of it comes back."""
        name = (change.type, change.record)
        if self.sitting.get(name) is None:
            org, subject = self.places.of_new(unit, change), subject_of(change)
            state = State({**change.after}, {REST: unit.stamp})
            self.sitting.put(name, Kept(state, subject, org, seq, "", seq, self.device.id, unit.author))
        seal = bin.dated(change.after[EMPTIED], unit.stamp)
        bin.erase(self.sitting, {name: seq}, since=seal.partition(" ")[2])
        if (kept := self.sitting.get(name)) is not None:
            body = {**kept.state.body, EMPTIED: seal}
            self.sitting.put(name, structs.replace(kept, state=State(body, kept.state.stamps)))

    def _is_news(self, unit: Unit, change: Change) -> bool:
        """Whether the device may know of it, and the county does not; notes a registration that it may not bring."""
        if not self._is_of_earlier_life(unit.stamp):
            return False
        try:
            check_shape(change)
            self.admission.check_right(unit, change, Action.READ)
        except Refused as refused:
            if isinstance(refused, OutOfScope) and change.type == "person" and "org" in change.after:
                self._elsewhere[change.record] = unit.stamp
            return False
        name = (change.type, change.record)
        is_small = len(self._bytes(change)) <= LARGEST_UNIT
        past, kept = PastInLedger(self.sitting, name), self.sitting.get(name)
        is_over = kept is not None and kept.is_emptied
        return is_small and not is_over and not past.knows(unit.stamp)

    def _propose(self, unit: Unit, identity: bytes, seq: int, stamp: Stamp) -> Decided:
        placed = ((change, self.places.of(unit, change)) for change in unit.changes)
        before = next((self.standing.before(unit, change, place) for change, place in placed), self.device.org)
        return self.minutes.propose(unit, identity, seq, stamp, self.places.now(unit), before)

    # Taking it

    def _lay(self, unit: Unit, seq: int, stamp: Stamp, place: int, change: Change) -> bool:
        """Merge one change into its record; gives whether the record is now as the author's desk shows it."""
        name = (change.type, change.record)
        kept = self.sitting.get(name)
        past = PastInLedger(self.sitting, name)
        state, rules = kept.state if kept else None, rules_of(change.type)
        merged = merge(state, change.after, change.bases, stamp, past, rules, is_new=not unit.stamp)
        bases = change.bases
        if merged.lines:
            bases = {**bases, **{BESIDE + part: at for part, at in merged.lines.items()}}
        laid = Laid(*name, seq, place, stamp, self._bytes(change), encode(bases) if bases else NOTHING)
        self.sitting.lay(laid)
        if change.type == "conflict":
            merged = reopened(merged)
        if change.type not in QUIET:
            for loser in merged.losers:
                self.minutes.list_loser(unit, seq, change, merged, loser, self.places.of(unit, change))
        self._put(unit, seq, change, kept, merged)
        if kept is not None and change.type not in QUIET:
            listed = set[Name]() if unit.stamp else self.sitting.listed_of(name)
            if unit.stamp or listed:
                withdraw(self, change, merged.state, seq, "" if unit.stamp else stamp, listed)
        return merged.is_clean

    def _put(self, unit: Unit, seq: int, change: Change, kept: Kept | None, merged: Merged) -> None:
        name = (change.type, change.record)
        was = kept.org if kept else ""
        subject = subject_of(change, merged.state) or (kept.subject if kept else "")
        org = self.places.after(change, merged.state, kept) if kept else self.places.of_new(unit, change)
        mine = self.device.id if not unit.stamp else ""
        if kept is None:
            prior = 0 if mine else seq
        elif kept.device == mine and merged.is_clean and was == org:
            prior = kept.prior
        else:
            prior = kept.seq if mine and merged.is_clean and was == org else seq
        home, author = (kept.home, kept.author) if kept else (self.device.id, unit.author)
        body = self._bytes(change) if merged.state.body is change.after else b""
        self.sitting.put(name, Kept(merged.state, subject, org, seq, mine, prior, home, author), body)
        if change.type == "person" and org != was:
            self.places.move(change.record, org, seq)
        if change.type == "person" and unit.stamp and "org" in change.after:
            self._moved[change.record] = None  # though it stays: where it was by then is known only now
        if kept is not None and org != was:
            self.sitting.leave(name, was, seq)
        told = change.after.get("org")
        if unit.stamp and isinstance(told, str) and told not in ("", was, org):
            self.sitting.leave(name, told, seq)  # the move that took it away is back already: it was there all the same
        blob = merged.state.body.get("sha256")
        if is_digest(blob):
            self.sitting.blob_uses.add((blob, *name))
