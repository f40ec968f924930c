"""What the county decided about a unit, for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.merge import Stamp
from sync.messages import Result
from sync.server.sitting import Name


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of a unit that arrived: its stamp, what came of it, and if it was refused, what it was based on."""

    stamp: Stamp
    clean: bool
    reason: str = ""
    bases: Mapping[Name, Mapping[str, Stamp]] | None = None

    def result(self, seq: int) -> Result:
        """As the desk is told."""
        return Result(seq, "" if self.reason else self.stamp, self.clean, self.reason)


def decided_before(row: Any) -> Decided:
    """What the county keeps of a unit that it decided about."""
    if row["state"] == "accepted":
        return Decided(f"{row['epoch']}:{row['stamp']}", bool(row["clean"]))
    kept = msgspec.msgpack.decode(row["refused"]) if row["refused"] else []
    return Decided("", False, row["reason"], {(type_, id_): bases for type_, id_, bases in kept})
