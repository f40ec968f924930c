"""What is known of a record's earlier changes: which value descends from which."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from sync.descent import OWN
from sync.merge import NEVER, REST, Stamp, base_of
from sync.server import tables
from sync.server.sitting import Known, Name, Sitting, decode

WITNESSED = "?"
"""Among a change's bases: another desk told of it, and knows only some of what its author had seen."""
BESIDE = "+"
"""Before a part's name among a change's bases: what the county made it descend from beside what its author saw."""


class PastInLedger:
    """What the ledger and this push know of a record's earlier changes; loaded when it is first asked."""

    def __init__(self, sitting: Sitting, name: Name) -> None:
        self._sitting = sitting
        self._name = name

    def _all(self) -> Known:
        known = self._sitting.pasts.get(self._name)
        if known is None:
            here = self._sitting.changes.get(self._name, ())
            rows = [*self._written(), *((row.stamp, row.after, row.bases) for row in here)]
            known = {stamp: (decode(after), decode(bases)) for stamp, after, bases in rows if after is not None}
            self._sitting.pasts[self._name] = known
        return known

    def _written(self) -> list[tuple[Stamp, bytes | None, bytes]]:
        """Stamp, values and bases of each change in the ledger; what made a record may be kept as its body alone."""
        ledger, connection, (type_, id_) = self._sitting.ledger, self._sitting.connection, self._name
        rows = ledger.every(connection, tables.change, type=type_, record=id_)
        rows.sort(key=itemgetter("seq", "place"))
        is_bare = any(row["after"] is None for row in rows)
        record = ledger.first(connection, tables.record, type=type_, id=id_) if is_bare else None
        body = record["body"] if record else None
        return [(row["stamp"], body if row["after"] is None else row["after"], row["bases"]) for row in rows]

    def parents(self, part: str, stamp: Stamp) -> tuple[Stamp, ...] | None:
        """What the value set at a stamp was based on, and what else it was made to descend from here."""
        known = self._all().get(stamp)
        if (known is None or (WITNESSED in known[1] and part not in known[1])) and (base := self._said(part, stamp)):
            return (base,)
        if known is None:
            # A stamp of this life that did not touch this record was made up: it descends from nothing.
            return (NEVER,) if stamp.startswith(self._sitting.epoch + ":") else None
        after, bases = known
        if WITNESSED in bases and part not in bases:
            return None
        base = base_of(bases, part) if part in after or part in bases else bases.get(REST, NEVER)
        also = bases.get(BESIDE + part)
        return (base, also) if also else (base,)

    def _said(self, part: str, stamp: Stamp) -> Stamp:
        bases = self._sitting.announced.get((self._name, stamp), {})
        base = bases.get(part, NEVER) if WITNESSED in bases else base_of(bases, part)
        return NEVER if base.startswith(OWN) else base

    def followers(self, part: str, stamp: Stamp) -> list[Stamp]:
        """Saves that gave the part a value on top of this one."""
        known = self._all().items()
        return [at for at, (after, _) in known if part in after and stamp in (self.parents(part, at) or ())]

    def knows(self, stamp: Stamp) -> bool:
        """Whether the save of this stamp has laid hands on the record here."""
        return stamp in self._all()

    @property
    def is_begun(self) -> bool:
        """Whether what made the record has come; else it is known only from who saw it, or wrote in it later."""
        return not all(bases for _, bases in self._all().values())

    def is_based_on(self, stamp: Stamp) -> bool:
        """Whether something that is known was written, or brought, by who had seen this save."""
        return any(stamp in bases.values() for _, bases in self._all().values())

    def ops(self, part: str) -> list[tuple[Stamp, Any]]:
        """Every value or set op that the part was given."""
        return [(stamp, after[part]) for stamp, (after, _) in self._all().items() if part in after]

    def seen(self, stamp: Stamp) -> Mapping[str, Stamp]:
        """All that the author of a change had seen."""
        known = self._all().get(stamp)
        return known[1] if known else {}
