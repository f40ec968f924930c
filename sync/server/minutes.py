"""Write down what was decided about each unit, and the records that the county makes because of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.policy.access import PERMISSIONS, is_restricted
from sync.merge import REST, Loser, Merged, Stamp, State, base_of
from sync.messages import PROPOSED, Change, Unit, op_id
from sync.server import tables
from sync.server.accounts import Device
from sync.server.decided import Decided
from sync.server.past import PastInLedger
from sync.server.rules import listed_as
from sync.server.shape import Refused, is_digest, subject_of
from sync.server.sitting import Arrived, Kept, Laid, Name, Sitting, encode

NOTHING = encode({})


@dataclass(slots=True)
class Minutes:
    """Of one push: what came of it besides the merged records."""

    sitting: Sitting
    device: Device

    def refuse(self, unit: Unit, identity: bytes, seq: int, refused: Refused) -> Decided:
        """A rejection that travels back with everything that was in the unit, unless a desk has given that back."""
        id_ = op_id(identity, 0)
        why = {"reason": refused.reason, "explanation": refused.explanation, "refused_at": instant(self.sitting.at)}
        body = {**_told(unit, identity), **why}
        if not self._is_told(("rejection", id_), body):
            self.add_own("rejection", id_, body, self.device.org, seq)
        return self._set_aside(unit, identity, seq, Decided("", False, refused.reason, _bases(unit)), "rejected")

    def propose(self, unit: Unit, identity: bytes, seq: int, stamp: Stamp, org: str, before: str) -> Decided:
        """A proposal with everything that was in the unit, where it is looked after now; ``before`` is where it was.

        After a restore the same proposal is made again, unless a desk that saw it has given it back already.
        """
        id_ = op_id(identity, 0)
        body = {**_told(unit, identity), "from_org": before, "proposed_at": instant(self.sitting.at)}
        if not self._is_told(("proposal", id_), body):
            self.add_own("proposal", id_, body, org, seq, stamp)
        photos = (change.after.get("sha256") for change in unit.changes)
        self.sitting.blob_uses.update((each, "proposal", id_) for each in photos if is_digest(each))
        return self._set_aside(unit, identity, seq, Decided(stamp, False, PROPOSED, _bases(unit)), PROPOSED)

    def list_loser(self, unit: Unit, seq: int, change: Change, merged: Merged, loser: Loser, org: str) -> None:
        """A conflict record: both values, who wrote them and when, for everyone who sees the record, in ``org``."""
        id_ = listed_as(change, loser)
        if unit.stamp and self._is_listed(change, merged, loser):
            return
        body = {
            "subject": subject_of(change, merged.state) or None, "about_type": change.type, "about": change.record,
            "part": loser.part, "must_ask": loser.must_ask, "before": as_text(self._before(change, loser.part)),
            "current": as_text(merged.state.body.get(loser.part)), "other": as_text(loser.value),
            "settlement": {"state": "open"},
        }  # fmt: skip
        if self._is_told(("conflict", id_), body, org):
            return
        mine, now = unit.stamp or f"{self.sitting.epoch}:{seq}", (unit.author_name, self.sitting.at)
        for side, stamp in (("current", merged.state.stamp(loser.part)), ("other", loser.stamp)):
            author, at = now if stamp == mine else self._signed(stamp)
            body |= {f"{side}_by": author, f"{side}_at": instant(at)}
        about = self.sitting.get((change.type, change.record))
        self.sitting.note_listed(("conflict", id_), body)
        self.add_own("conflict", id_, body, org, seq, home=about.home if about else "")

    def _before(self, change: Change, part: str) -> Any:
        """The value that a change was based on."""
        base = base_of(change.bases, part)
        past = PastInLedger(self.sitting, (change.type, change.record))
        return next((value for stamp, value in past.ops(part) if stamp == base), None) if base else None

    def _set_aside(self, unit: Unit, identity: bytes, seq: int, decided: Decided, state: str) -> Decided:
        """Remember a unit that changed nothing, and what it was based on: what follows it is based on that."""
        told = encode([[*name, found] for name, found in (decided.bases or {}).items()])
        stamp = decided.stamp or f"{self.sitting.epoch}:{seq}"
        self.remember(unit, identity, seq, stamp, state=state, clean=False, reason=decided.reason, refused=told)
        return decided

    def add_own(
        self, type_: str, id_: str, body: Mapping[str, Any], org: str, seq: int, stamp: Stamp = "", home: str = ""
    ) -> None:
        """A record that the county itself makes; its ``home`` is that of what it tells of, or who sends.

        What a desk has given back of it already, without its beginning, stays over it with the stamps it had: if it
        was filed here, by who may read what it tells of.
        """
        kept = self.sitting.get((type_, id_))
        if kept is not None and kept.org != org:
            self.sitting.leave((type_, id_), kept.org, seq)
        given = kept.state if kept and kept.org == org else State()
        filled = {part: value for part, value in body.items() if value is not None}
        stamp = stamp or f"{self.sitting.epoch}:{seq}"
        stamps = {REST: stamp, **{part: given.stamp(part) for part in given.body}}
        state = State({**filled, **given.body}, stamps)
        subject = str(filled.get("subject", ""))
        self.sitting.put((type_, id_), Kept(state, subject, org, seq, "", seq, home or self.device.id, ""))
        self.sitting.lay(Laid(type_, id_, seq, 1_000, stamp, encode(filled), NOTHING))

    def _is_told(self, name: Name, body: Mapping[str, Any], org: str = "") -> bool:
        """Whether a record about records says all that it would, and lies where it ought to; a desk may have given back
        only how it was settled, or what was new of it in one of the county's lives."""
        kept = self.sitting.get(name)
        filled = {part for part, value in body.items() if value is not None}
        return kept is not None and filled <= kept.state.body.keys() and kept.org == (org or kept.org)

    def remember(
        self, unit: Unit, identity: bytes, seq: int, stamp: Stamp, *, state: str, clean: bool, reason: str = "",
        refused: bytes | None = None,
    ) -> None:  # fmt: skip
        """One line of the minutes, under which the unit is known from now on."""
        epoch, _, number = stamp.partition(":")
        line = Arrived(
            identity.hex(), self.device.id, unit.seq, seq, epoch, int(number), unit.subject, unit.verb,
            unit.author, unit.author_name, unit.made_at, self.sitting.at, state, int(clean), reason, refused,
        )  # fmt: skip
        self.sitting.units.append(line)
        self.sitting.by_stamp.setdefault((epoch, line.stamp), line)

    def _signed(self, stamp: Stamp) -> tuple[str, int]:
        """Who wrote what bears a stamp, and when the county had it, in milliseconds since 1970."""
        epoch, _, number = stamp.partition(":")
        if here := self.sitting.by_stamp.get((epoch, int(number or 0))):
            return here.author_name, here.arrived_at
        query = self.sitting.ledger.of(tables.unit, epoch=epoch, stamp=int(number or 0))
        found = self.sitting.connection.execute(query).mappings().first()
        return (found["author_name"], found["arrived_at"]) if found else ("", self.sitting.at)

    def _is_listed(self, change: Change, merged: Merged, loser: Loser) -> bool:
        """Whether an earlier life listed these two values already, and a desk has given that back."""
        about = (change.type, change.record, loser.part)
        values = {as_text(loser.value), as_text(merged.state.body.get(loser.part))}
        for name in self.sitting.file_of(subject_of(change, merged.state)):
            kept = self.sitting.get(name) if name[0] == "conflict" else None
            if kept is None or tuple(map(kept.state.body.get, ("about_type", "about", "part"))) != about:
                continue
            if {kept.state.body.get("current"), kept.state.body.get("other")} == values:
                return True
        return False


def _told(unit: Unit, identity: bytes) -> dict[str, Any]:
    """What a record about a whole unit says of it: it goes to who may see the most guarded of what is in it."""
    first = max(unit.changes, key=_is_guarded, default=None)
    return {
        "subject": unit.subject or None, "unit": identity.hex(), "about_type": first.type if first else None,
        "about": first.record if first else None, "author": unit.author_name, "settlement": {"state": "open"},
        "content": json.dumps(msgspec.to_builtins(_as_sent(unit)), ensure_ascii=False, default=str),
    }  # fmt: skip


def _as_sent(unit: Unit) -> Unit:
    """Without what was made ready beside it: nothing of that would be erased with a record."""
    return Unit(*(getattr(unit, name) for name in Unit.__struct_fields__))


def _is_guarded(change: Change) -> bool:
    return change.type not in PERMISSIONS or is_restricted(change.type)


def _bases(unit: Unit) -> dict[Name, Mapping[str, Stamp]]:
    return {(change.type, change.record): dict(change.bases) for change in unit.changes}


def instant(at: int) -> str:
    """Milliseconds since 1970 as the text that records hold."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()


def as_text(value: Any) -> str | None:
    """A part's value as conflicts hold it: JSON that is the same for the same value; None for nothing."""
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
