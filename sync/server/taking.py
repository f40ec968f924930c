"""Take units: each once, whole or not at all, merged against what its author saw; what loses is listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain

from msgspec import structs
from sqlalchemy.engine import Connection

from app.policy.access import PERMISSIONS, Action, is_restricted, refusal
from sync.merge import DELETED, EMPTIED, NEVER, REST, Loser, Merged, Stamp, State, base_of, merge
from sync.messages import PROPOSED, Change, Result, Unit
from sync.server import bin
from sync.server.accounts import Device
from sync.server.decided import Decided, is_own, known_units, units_beneath
from sync.server.ledger import Ledger, now_ms
from sync.server.minutes import NOTHING, Minutes, as_text, instant
from sync.server.ready import Ready, made_ready
from sync.server.reconsidering import reconsider, withdraw
from sync.server.rules import listed_as, only_put_in, only_untold, reopened, rules_of
from sync.server.shape import (
    LARGEST_RECORD,
    LARGEST_UNIT,
    MOST_CHANGES,
    Refused,
    check_shape,
    check_wish,
    is_digest,
    subject_of,
)
from sync.server.sitting import BESIDE, WITNESSED, Kept, Laid, Left, Name, PastInLedger, Sitting, encode
from sync.server.standing import OutOfScope, Standing

GIVEN_BACK = re.compile(r"[0-9a-f]{1,16}:[0-9]{1,15}").fullmatch
"""The stamp that a unit got in an earlier life of the county's data."""
ALSO = "这条记录前面的保存没有收下，这一次也就没有收下。"
NO_PERSON = "这个人的登记没有收下，他名下的这条记录也就没有收下。"
"""Why what follows on something refused is refused too: an earlier save of the record, or its person's registration."""
QUIET = frozenset({"conflict", "rejection"})
"""Records about records: who settles one otherwise also changes the record itself, and that is what is listed."""


class Taking:
    """One push of one device, inside one transaction."""

    def __init__(self, ledger: Ledger, connection: Connection, device: Device, sitting: Sitting | None = None) -> None:
        self.ledger = ledger
        self.device = device
        self.sitting = sitting or Sitting(ledger, connection)
        self.connection = connection
        self.at = now_ms()
        self.epoch = ""
        self.minutes = Minutes(self.sitting, device, self.at)
        self.known: dict[int, Decided] = {}
        self.by_id: dict[bytes, Decided] = {}
        self._encoded: dict[int, bytes] = {}
        self._moved: dict[str, None] = {}
        self._elsewhere: dict[str, Stamp] = {}
        """Person → the registration, or move, that the device told of and may not bring: it was elsewhere."""
        self._is_any_set_aside = True
        self._alone: tuple[Change, str] | None = None
        """Of a save that did one thing: that, and its place as it was asked for last."""
        # Each asked once a push: the rights are the same for all of an author's records of a kind in one place.
        self.standing = Standing(self.sitting, device)
        self._org = device.org
        self._is_here = cache(self.standing.is_here)
        self._no = cache(lambda by, do, type_, author: refusal(device.actor(by), do, type_, "", author=author))

    def take(self, units: Sequence[Unit]) -> list[Result]:
        """All units in order. One that is refused leaves a rejection and does not stop the others."""
        last = self.ledger.advance(self.connection, len(units))
        self.epoch = self.minutes.epoch = self.standing.epoch = self.ledger.terms(self.connection).epoch
        ready = made_ready(self.device, units)
        laid = [change for unit in ready for change in unit.changes]
        told = chain.from_iterable(unit.told for unit in ready)
        self._encoded = {id(change.after): each for change, each in zip(laid, told, strict=True)}
        self.by_id |= known_units(self.ledger, self.connection, self.device, ready)
        self.known |= units_beneath(self.ledger, self.connection, self.device, ready)
        self.sitting.load(self._names(units))
        self.sitting.load_files(each.record for each in laid if each.type == "person" and "org" in each.after)
        self._is_any_set_aside = self.sitting.is_any_set_aside()
        if self._is_any_set_aside:
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
        about = {subject for change in laid if (subject := subject_of(change))}
        self.sitting.load({("person", subject) for subject in about})
        come = {change.record for change in laid if change.type == "person"}
        return {subject for subject in about - come if self.sitting.get(("person", subject)) is None}

    def _announce(self, units: Sequence[Unit]) -> None:
        """What is given back closes gaps for what is given back before it: nothing is to be listed in vain."""
        for unit in units:
            if self._is_of_earlier_life(unit.stamp):
                mark = {WITNESSED: NEVER} if unit.seq < 0 else {}
                for change in unit.changes:
                    name = (change.type, change.record)
                    self.sitting.announced.setdefault((name, unit.stamp), {**change.bases, **mark})

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
            unit, stamp = structs.replace(unit, stamp="") if stamp else unit, f"{self.epoch}:{seq}"
        try:
            changes = self._checked(unit)
        except Refused as refused:
            if isinstance(refused, OutOfScope) and self._had(unit):
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
        other.at, other.epoch, other.minutes.epoch, other.standing.epoch = self.at, self.epoch, self.epoch, self.epoch
        other.known = units_beneath(self.ledger, self.connection, device, [unit])
        return other

    def takes_after_all(self, unit: Unit, seq: int, place: int) -> bool:
        """Take a save that was given back and set aside, if it may be taken now."""
        try:
            changes = self._checked(unit)
        except Refused:
            return False
        for at, change in enumerate(changes):
            self._lay(unit, seq, unit.stamp, place + at, change)
        return True

    def _is_of_earlier_life(self, stamp: Stamp) -> bool:
        return bool(stamp and GIVEN_BACK(stamp)) and not stamp.startswith(self.epoch + ":")

    def _hear(self, unit: Unit, identity: bytes, seq: int) -> Decided:
        """What a desk saw of another's save before the county was restored: only where that save is not known."""
        heard = [change for change in unit.changes if self._is_news(unit, change)]
        for place, change in enumerate(heard):
            is_sealed = bin.is_sealed(self.sitting, change)
            if is_sealed and not bin.is_written_since(self.sitting, change, self.epoch, unit.stamp):
                self._bury(unit, change, seq)
                continue
            kept = self.sitting.get((change.type, change.record))
            after = only_put_in(change.type, bin.unsealed(change.after))
            after = only_untold(change.type, after, kept.state.body if kept else {})
            seen = {"org": self._elsewhere[change.record]} if change.record in self._elsewhere else {}
            told = structs.replace(change, after=after, bases={**seen, **change.bases, WITNESSED: NEVER})
            self._lay(structs.replace(unit, changes=tuple(heard)), seq, unit.stamp, place, told)
        if heard:
            self.minutes.remember(unit, identity, seq, unit.stamp, state="witnessed", clean=False)
        return Decided(unit.stamp, clean=False)

    def _bury(self, unit: Unit, change: Change, seq: int) -> None:
        """The county emptied its bin of the record in an earlier life: nothing of it comes back."""
        name = (change.type, change.record)
        if self.sitting.get(name) is None:
            org, subject = self._place_of(unit, change), subject_of(change)
            state = State({**change.after}, {REST: unit.stamp})
            self.sitting.put(name, Kept(state, subject, org, seq, "", seq, self.device.id, unit.author))
        bin.erase(self.sitting, {name: seq}, is_again=True)
        if (kept := self.sitting.get(name)) is not None:
            body = {**kept.state.body, EMPTIED: bin.dated(change.after[EMPTIED], unit.stamp)}
            self.sitting.put(name, structs.replace(kept, state=State(body, kept.state.stamps)))

    def _is_news(self, unit: Unit, change: Change) -> bool:
        """Whether the device may know of it, and the county does not; notes a registration that it may not bring."""
        if not self._is_of_earlier_life(unit.stamp):
            return False
        try:
            check_shape(change)
            self._check_right(unit, change, Action.READ)
        except Refused as refused:
            if isinstance(refused, OutOfScope) and change.type == "person" and "org" in change.after:
                self._elsewhere[change.record] = unit.stamp
            return False
        name = (change.type, change.record)
        is_small = len(self._bytes(change)) <= LARGEST_UNIT and self._is_bearable(change)
        past, kept = PastInLedger(self.sitting, name, self.epoch), self.sitting.get(name)
        is_over = kept is not None and kept.is_emptied
        return is_small and not is_over and not past.knows(unit.stamp)

    # Whether it may be taken

    def _checked(self, unit: Unit) -> list[Change]:
        """The unit's changes with its bases as stamps. Raises Refused."""
        told = unit.told if isinstance(unit, Ready) else map(self._bytes, unit.changes)
        if len(unit.changes) > MOST_CHANGES or sum(map(len, told)) > LARGEST_UNIT:
            raise Refused("too_large", "内容太大，一次保存最多 1 兆。")
        changes = []
        is_sound = isinstance(unit, Ready) and unit.is_sound
        for change in unit.changes:
            if not is_sound:
                check_shape(change)
            check_wish(change, self.ledger.county)
            self._check_right(unit, change)
            if bin.is_over(self.sitting, unit, change):
                continue
            if not self._is_bearable(change):
                raise Refused("too_large", "这份记录已经太大，放不下了。")
            if change.bases:
                self._check_ground(change)
            if not unit.stamp:
                self._check_person(change)
            changes.append(self._grounded(change) if change.bases else change)
        return changes

    def _is_bearable(self, change: Change) -> bool:
        """Whether a record stays so small that every desk can read it."""
        kept = self.sitting.get((change.type, change.record))
        return kept is None or len(encode(kept.state.body)) + len(self._bytes(change)) <= LARGEST_RECORD

    def _grounded(self, change: Change) -> Change:
        bases = {part: self._resolved(base, change, part) for part, base in change.bases.items()}
        return structs.replace(change, bases=bases)

    def _check_right(self, unit: Unit, change: Change, wanted: Action = Action.WRITE) -> None:
        """The author's right where the record is, or where a new one would be."""
        kept = self.sitting.get((change.type, change.record))
        if kept and change.type == "conflict" and "about" not in kept.state.body:
            kept = None  # a part of it came back before its listing, and lies with whoever gave that back
        org = kept.org if kept else self._place_of(unit, change)
        self._alone = (change, org) if len(unit.changes) == 1 else None
        if not self._is_here(org) and not self.standing.had_then(unit, change):
            raise OutOfScope
        if kept and not self._may_join(unit, change, kept):
            raise Refused("foreign_village", "不能放进别的村的人的档案里。")
        self._check_post(unit, change, wanted)

    def _may_join(self, unit: Unit, change: Change, kept: Kept) -> bool:
        """Whether a record goes over only to the file of a person who is here, or was when it was first taken."""
        told = change.after.get("subject") or kept.subject
        person = self.sitting.get(("person", told)) if told != kept.subject else None
        if person is None or self._is_here(person.org):
            return True
        return self.standing.had_then(unit, Change("person", str(told), {}))

    def _check_post(self, unit: Unit, change: Change, wanted: Action = Action.WRITE) -> None:
        """The right of the author's post, wherever it is. Raises Refused."""
        kept = self.sitting.get((change.type, change.record))
        if change.type in PERMISSIONS:
            is_deletion = wanted is Action.WRITE and change.after.get(DELETED) and not self._is_own(kept, unit)
            action = Action.DELETE if is_deletion else wanted
            if reason := self._no(unit.author, action, change.type, kept.author if kept else None):
                raise Refused("not_allowed", reason)

    def _check_ground(self, change: Change) -> None:
        """What was built upon a record that was refused, or is proposed, cannot stand by itself. Raises Refused."""
        if self.sitting.get((change.type, change.record)) is None:
            if any(base.startswith(f"{self.epoch}:") for base in change.bases.values()):
                raise OutOfScope  # of this life, and not taken: the desk has heard that it is proposed
            earlier = (self.known.get(int(base[1:])) for base in change.bases.values() if is_own(base))
            if reason := next((each.reason for each in earlier if each and each.reason), ""):
                if reason == PROPOSED:
                    raise OutOfScope
                raise Refused(reason, ALSO)

    def _check_person(self, change: Change) -> None:
        """What belongs to somebody whose registration is proposed, or was refused, goes the same way. Raises Refused.

        Whom the county does not know for another reason (a typing error, a restore) is still to come.
        """
        if not self._is_any_set_aside and not self.sitting.told:
            return
        subject = subject_of(change)
        if not subject or change.type == "person" or self.sitting.get(("person", subject)) is not None:
            return
        for type_, id_ in self.sitting.told_of(subject):
            told = kept.state.body if (kept := self.sitting.get((type_, id_))) is not None else {}
            if type_ == "proposal" and told.get("about") == subject:
                raise OutOfScope
            if type_ == "rejection" and (told.get("about"), told.get("reason")) == (subject, "foreign_village"):
                raise Refused("foreign_village", NO_PERSON)

    def _had(self, unit: Unit) -> bool:
        """Whether all of the unit was in scope at some time, so that it is for its new owner to take it or leave it."""
        try:
            for change in unit.changes:
                check_shape(change)
                self._check_post(unit, change)
        except Refused:
            return False
        if any(is_restricted(change.type) or change.type not in PERMISSIONS for change in unit.changes):
            return False  # not everybody who sees a proposal may see this: it goes back to its author
        if unit.stamp:
            return True  # it was taken once: what moved its record here is not back yet, or never will be
        return all(self._is_here(place) or self.standing.had(change, place) for change, place in self._places(unit))

    def _places(self, unit: Unit) -> Iterator[tuple[Change, str]]:
        """Each change with the division where its record is, or where a new one would be."""
        for change in unit.changes:
            kept = self.sitting.get((change.type, change.record))
            yield change, kept.org if kept else self._place_of(unit, change)

    def _propose(self, unit: Unit, identity: bytes, seq: int, stamp: Stamp) -> Decided:
        before = next((self.standing.before(change, place) for change, place in self._places(unit)), self.device.org)
        return self.minutes.propose(unit, identity, seq, stamp, self._place_now(unit), before)

    def _place_now(self, unit: Unit) -> str:
        """Where a unit's person is looked after now; of one who is only proposed, where that proposal lies; else where
        the record is."""
        named = [("person", unit.subject), *self.sitting.told_of(unit.subject)] if unit.subject else []
        found = (kept.org for name in named if name[0] in ("person", "proposal") and (kept := self.sitting.get(name)))
        return next(found, None) or next((place for _, place in self._places(unit)), self.device.org)

    @staticmethod
    def _is_own(kept: Kept | None, unit: Unit) -> bool:
        """To take back what one has made oneself – an undo – needs no more than the right to make it."""
        return kept is not None and kept.author == unit.author

    def _place_of(self, unit: Unit, change: Change) -> str:
        """The division of a new record: its person's, its own, or that of the desk while the person is not here."""
        subject = subject_of(change)
        person = self.sitting.get(("person", subject)) if subject else None
        if change.type == "rejection" and (person is None or not self._is_here(person.org)):
            return self._org  # it stays with whom it was sent back to, wherever the person has gone
        org = person.org if person else change.after.get("org")
        if isinstance(org, str) and org:
            return org
        if len(unit.changes) == 1:
            return self._org
        beside = next((each for each in unit.changes if (each.type, each.record) == ("person", subject)), None)
        org = beside.after.get("org") if beside else None
        return org if isinstance(org, str) and org else self._org

    def _resolved(self, base: Stamp, change: Change, part: str) -> Stamp:
        """The stamp that a base means; of a refused unit, what that one was based on."""
        number = int(base[1:]) + 1 if is_own(base) else 0
        while is_own(base):
            last, number = number, int(base[1:])
            decided = self.known.get(number)
            if decided is None or number >= last:  # saves that name each other as what they are based on were made up
                return NEVER
            if not decided.reason:
                return decided.stamp
            base = base_of((decided.bases or {}).get((change.type, change.record), {}), part)
        return base

    # Taking it

    def _lay(self, unit: Unit, seq: int, stamp: Stamp, place: int, change: Change) -> bool:
        """Merge one change into its record; gives whether the record is now as the author's desk shows it."""
        name = (change.type, change.record)
        kept = self.sitting.get(name)
        past = PastInLedger(self.sitting, name, self.epoch)
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
                self._list(unit, seq, change, merged, loser, past)
        self._put(unit, seq, change, kept, merged)
        if unit.stamp and kept is not None and change.type not in QUIET:
            withdraw(self, change, merged.state, seq)
        return merged.is_clean

    def _put(self, unit: Unit, seq: int, change: Change, kept: Kept | None, merged: Merged) -> None:
        name = (change.type, change.record)
        was = kept.org if kept else ""
        subject = subject_of(change, merged.state) or (kept.subject if kept else "")
        asked = self._alone[1] if self._alone and self._alone[0] is change else ""
        org = self._org_of(change, merged.state, kept) if kept else asked or self._place_of(unit, change)
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
            self._move(change.record, org, seq)
        if change.type == "person" and unit.stamp and "org" in change.after:
            self._moved[change.record] = None  # though it stays: where it was by then is known only now
        if kept is not None and org != was:
            self._leave(name, was, seq)
        told = change.after.get("org")
        if unit.stamp and isinstance(told, str) and told not in ("", was, org):
            self._leave(name, told, seq)  # the move that took it away is back already: it was there all the same
        blob = merged.state.body.get("sha256")
        if is_digest(blob):
            self.sitting.blob_uses.add((blob, *name))

    def _org_of(self, change: Change, state: State, kept: Kept) -> str:
        # A conflict whose settlement came back before its listing has no person yet: it is filed once that is known.
        if change.type == "rejection" or (change.type == "conflict" and kept.subject):
            return kept.org
        subject = subject_of(change, state) if change.type != "person" else ""
        person = self.sitting.get(("person", subject)) if subject else None
        org = person.org if person else state.body.get("org")
        return org if isinstance(org, str) and org else kept.org

    def _move(self, person: str, org: str, seq: int) -> None:
        """A person's whole file goes where the person goes; a rejection stays with whom it was sent back to."""
        for name in self.sitting.file_of(person):
            kept = self.sitting.get(name)
            if kept is not None and kept.org != org and name[0] != "rejection":
                self.sitting.put(name, structs.replace(kept, org=org, seq=seq, device="", prior=seq))
                self._leave(name, kept.org, seq)

    def _leave(self, name: Name, was: str, seq: int) -> None:
        self.sitting.leavings[Left(was, seq, *name)] = None

    def _list(self, unit: Unit, seq: int, change: Change, merged: Merged, loser: Loser, past: PastInLedger) -> None:
        """A conflict record: both values, who wrote them and when, for everyone who sees the record."""
        id_ = listed_as(change, loser)
        kept = self.sitting.get((change.type, change.record))
        org = kept.org if kept else self._place_of(unit, change)
        is_told = self.minutes.is_told(("conflict", id_), org)
        if is_told or (unit.stamp and self.minutes.is_listed(change, merged, loser)):
            return
        stamps = (loser.stamp, merged.state.stamp(loser.part))
        mine = unit.stamp or f"{self.epoch}:{seq}"
        other, current = ((unit.author_name, self.at) if at == mine else self.minutes.signed(at) for at in stamps)
        base = base_of(change.bases, loser.part)
        before = next((value for stamp, value in past.ops(loser.part) if stamp == base), None) if base else None
        body = {
            "subject": subject_of(change, merged.state) or None, "about_type": change.type, "about": change.record,
            "part": loser.part, "must_ask": loser.must_ask, "before": as_text(before),
            "current": as_text(merged.state.body.get(loser.part)), "current_by": current[0],
            "current_at": instant(current[1]), "other": as_text(loser.value), "other_by": other[0],
            "other_at": instant(other[1]), "settlement": {"state": "open"},
        }  # fmt: skip
        self.minutes.add_own("conflict", id_, body, org, seq, home=kept.home if kept else "")
