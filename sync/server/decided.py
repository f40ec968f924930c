"""What the county decided about a unit, for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from sync.descent import OWN
from sync.merge import NEVER, Stamp, base_of
from sync.messages import MOST_TOLD, Change, Page, Raw, Result, Unit, ids_digest
from sync.server import tables
from sync.server.accounts import Device
from sync.server.ledger import Ledger, chunks
from sync.server.ready import Ready
from sync.server.sitting import Name


class Decided(msgspec.Struct, frozen=True, gc=False):
    """What is known of a unit that came: its stamp, what came of it, and what it was based on if it changed nothing.

    One that was refused has no stamp; a proposal has one, for the desk to know by when it is safe.
    """

    stamp: Stamp
    clean: bool
    reason: str = ""
    bases: Mapping[Name, Mapping[str, Stamp]] | None = None

    def result(self, seq: int) -> Result:
        """As the desk is told."""
        return Result(seq, self.stamp, self.clean, self.reason)


def decided_before(row: Any) -> Decided:
    """What the county keeps of a unit that it decided about."""
    if row["state"] == "accepted":
        return Decided(f"{row['epoch']}:{row['stamp']}", bool(row["clean"]))
    kept = msgspec.msgpack.decode(row["refused"]) if row["refused"] else []
    stamp = f"{row['epoch']}:{row['stamp']}" if row["state"] == "proposed" else ""
    return Decided(stamp, False, row["reason"], {(type_, id_): bases for type_, id_, bases in kept})


def is_own(base: Stamp) -> bool:
    """Whether a base is a save of the same device that has no stamp yet, by its number."""
    return base.startswith(OWN) and base.isascii() and base[1:].isdecimal()


def resolved(known: Mapping[int, Decided], base: Stamp, change: Change, part: str) -> Stamp:
    """The stamp that a base means; of a refused unit, what that one was based on."""
    number = int(base[1:]) + 1 if is_own(base) else 0
    while is_own(base):
        last, number = number, int(base[1:])
        decided = known.get(number)
        if decided is None or number >= last:  # saves that name each other as what they are based on were made up
            return NEVER
        if not decided.reason:
            return decided.stamp
        base = base_of((decided.bases or {}).get((change.type, change.record), {}), part)
    return base


def known_units(
    ledger: Ledger, connection: Connection, device: Device, units: Sequence[Ready]
) -> dict[bytes, Decided]:
    """What was decided about these very units, by their ids.

    What the device sent before it was copied or put back, under an earlier name, is known under that.
    """
    if not units or not _is_any_known(ledger, connection, device, units):
        return {}
    names = {each.id.hex(): each.id for each in units}
    for name, nonce in device.line:
        names |= {each.identity(name, nonce, map(Raw, each.told)).hex(): each.id for each in units}
    found = {}
    for some in chunks(names):
        for row in connection.execute(ledger.of(tables.unit).where(tables.unit.c.id.in_(some))).mappings():
            found[names[row["id"]]] = decided_before(row)
    return found


def _is_any_known(ledger: Ledger, connection: Connection, device: Device, units: Sequence[Unit]) -> bool:
    """Whether any unit came under these numbers; a first push has ten thousand ids that nobody need look for."""
    unit, seqs = tables.unit, [each.seq for each in units]
    named = unit.c.device.in_(device.names)
    query = ledger.of(unit, unit.c.id).where(named, unit.c.device_seq.between(min(seqs), max(seqs)))
    return connection.execute(query.limit(1)).first() is not None


def units_beneath(ledger: Ledger, connection: Connection, device: Device, units: Sequence[Unit]) -> dict[int, Decided]:
    """What was decided about the units that these are based on and that came before them, by their numbers."""
    unit = tables.unit
    bases = {base for each in units for change in each.changes for base in change.bases.values() if is_own(base)}
    names = device.names[::-1]
    found = {}
    for numbers in chunks({int(base[1:]) for base in bases} - {each.seq for each in units}):
        query = ledger.of(unit).where(unit.c.device.in_(names), unit.c.device_seq.in_(numbers)).order_by(unit.c.seq)
        # Of two that were copied apart each may have a save of this number: the device's own latest one counts.
        for row in sorted(connection.execute(query).mappings(), key=lambda row: names.index(row["device"])):
            found[row["device_seq"]] = decided_before(row)
    return found


def told_after(ledger: Ledger, connection: Connection, device: Device, number: int) -> Page:
    """What became of a device's units after a number: they may have come in a stream that broke before its answer."""
    unit = tables.unit
    query = ledger.of(unit, device=device.id).where(unit.c.device_seq > max(0, number))
    ordered = query.order_by(unit.c.device_seq, unit.c.seq).limit(MOST_TOLD)
    rows = list(connection.execute(ordered).mappings())
    results = tuple(decided_before(row).result(row["device_seq"]) for row in rows)
    meant = ids_digest(bytes.fromhex(row["id"]) for row in rows) if rows else b""
    return Page(ledger.terms(connection), results, last=ledger.last(connection), more=True, meant=meant)
