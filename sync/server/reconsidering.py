"""What was proposed, or listed, after a restore only because a save was still to come is settled once that comes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from msgspec import structs

from sync.descent import is_in_line
from sync.merge import NEVER, Loser, Stamp, State, is_set_op
from sync.messages import Change, Unit, op_id
from sync.server import accounts, tables
from sync.server.minutes import as_text, instant
from sync.server.past import PastInLedger
from sync.server.rules import COUNTY, listed_as
from sync.server.sitting import Kept, Laid, Name, encode

if TYPE_CHECKING:
    from sync.server.taking import Taking

BEHIND = 2_000
"""Their places among the changes of the save that brought the move back."""


def reconsider(taking: Taking, persons: Iterable[str], seq: int) -> None:
    """Take what waits as a proposal with these persons and was written where they were by then."""
    place = BEHIND
    for name in [name for person in persons for name in taking.sitting.file_of(person) if name[0] == "proposal"]:
        kept = taking.sitting.get(name)
        unit = _given_back(kept.state) if kept else None
        if kept is None or unit is None:
            continue
        author = accounts.device_of(taking.ledger, taking.connection, kept.home)
        identity = unit.identity(author.id, author.nonce)
        if op_id(identity, 0) != name[1]:
            continue  # that desk never wrote this: somebody put words into its mouth
        if taking.beside(author, unit).takes_after_all(unit, seq, place):
            place += len(unit.changes)
            moved = taking.sitting.get(name) or kept  # the save may have taken the person, and all the file, elsewhere
            _settle(taking, name, moved, seq, place, {"state": "accepted"})
            _correct(taking, identity.hex())
            place += 1


def _given_back(state: State) -> Unit | None:
    """The save that a proposal holds, if it waits still and had been taken in an earlier life."""
    settlement = state.body.get("settlement")
    if not isinstance(settlement, dict) or settlement.get("state") != "open":
        return None
    try:
        unit = msgspec.convert(json.loads(state.body["content"]), Unit)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return unit if unit.stamp else None


def withdraw(
    taking: Taking, change: Change, state: State, seq: int, stamp: Stamp = NEVER, listed: Iterable[Name] = ()
) -> None:
    """Settle what was listed and is asked in vain now: this save came back and closed the line from it to what stands;
    or a new one, of this ``stamp``, was written by who had seen it, or says the same.

    ``listed``: all that is listed of the record.
    """
    past = PastInLedger(taking.sitting, (change.type, change.record))
    vain: dict[Name, Any] = {}
    for part in change.after:
        ends = {state.stamp(part), stamp} - {NEVER}
        for at, value in past.ops(part):
            if at not in ends and not is_set_op(value) and any(is_in_line(part, at, end, past) for end in ends):
                vain["conflict", listed_as(change, Loser(part, value, at))] = state.body.get(part)
    taking.sitting.load([*vain, *listed])
    for name in listed:
        kept = taking.sitting.get(name)
        part = str(kept.state.body.get("part")) if kept else ""
        if kept and part in change.after and kept.state.body.get("other") == as_text(state.body.get(part)):
            vain[name] = state.body.get(part)
    for name, value in vain.items():
        kept = taking.sitting.get(name)
        if kept is not None and _is_open(kept.state):
            told = {"state": "value", "settled_value": json.dumps(value, ensure_ascii=False)}
            _settle(taking, name, kept, seq, BEHIND, told)


def _is_open(state: State) -> bool:
    settlement = state.body.get("settlement")
    return isinstance(settlement, dict) and settlement.get("state", "open") == "open" and not state.is_deleted


def _settle(
    taking: Taking, name: Name, kept: Kept, seq: int, place: int, told: Mapping[str, str]
) -> None:
    stamp = f"{taking.sitting.epoch}:{seq}"
    done: dict[str, Any] = {"settlement": {**told, "settled_by": COUNTY, "settled_at": instant(taking.sitting.at)}}
    bases = {"settlement": kept.state.stamp("settlement")}
    state = State({**kept.state.body, **done}, {**kept.state.stamps, "settlement": stamp})
    taking.sitting.put(name, structs.replace(kept, state=state, seq=seq, device="", prior=seq))
    taking.sitting.lay(Laid(*name, seq, place, stamp, encode(done), encode(bases)))


def _correct(taking: Taking, identity: str) -> None:
    """From now on the save itself is answered as taken, whoever asks."""
    units = taking.sitting.units
    for at, row in enumerate(units):
        if row.id == identity:
            units[at] = row._replace(state="accepted", reason="")
            return
    unit = tables.unit
    mine = sa.and_(unit.c.county == taking.ledger.county, unit.c.id == identity)
    taking.connection.execute(sa.update(unit).where(mine).values(state="accepted", reason=""))
