"""One desk of ours, driven by the program that measures engines side by side; and the county that it joins.

The measured records become visits to elders: every value has a column of its own, in the real encrypted store, with
its indexes, history and outbox. Each record is a save of its own, as if each visit had been written by itself.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.cases.agenda import default_planner
from app.records import ElderVisit
from app.records.record import amended
from app.store import Post, Workspace, create_store
from sync.client.credentials import ties
from sync.client.engine import exchange, join, send_only
from sync.client.http import HttpCounty
from sync.server import accounts
from sync.server.county import county_init

COUNTY, VILLAGE = "530602000000", "530602001001"
ROLE = "child_director"
FIELDS = {
    "date": "visited_on", "worker": "typed_by", "type": "mode", "village": "purpose", "road": "mood",
    "weather": "health", "mood": "takes_medicine", "mobility": "diet", "risk": "risk_level", "aid": "sleep",
    "channel": "orientation", "outcome": "support_performed", "followup": "hygiene", "bp": "referral",
    "situation": "health_note", "problem": "policies_explained", "plan": "actions", "created_at": "typed_at",
    "updated_at": "finished_at", "minutes": "falls",
}  # fmt: skip
"""The workload's field → ours of the same kind; what the codes mean is of no concern here."""


class Agent:
    """The commands of the measuring program, one method each."""

    def open(self, path: str, url: str, data: str, **_: Any) -> None:
        """A new workspace that joins the county."""
        self.agentlib = importlib.import_module("agentlib")
        self.workload = importlib.import_module("workload")
        self.data = data
        post = Post(VILLAGE, ROLE, "测速村")
        made = create_store(Path(path), "四个词的口令甲乙", post=post, holder_name="测速员", planner=default_planner())
        self.store: Workspace = made.store
        line = HttpCounty.to(self.store, url)
        join(line, self.store, url, os.environ["ENROLMENT_CODE"])
        line.close()
        self.line = HttpCounty.of(self.store)

    def relink(self, url: str) -> None:
        """The same county by another way."""
        self.line.close()
        self.line = HttpCounty(url, ties(self.store))

    def seed(self, start: int, n: int) -> dict[str, float]:
        """Write new records, each of them as a save of its own."""
        records = [_visit(each) for each in self.agentlib.load(self.data, start, n)]
        begun = time.perf_counter()
        for some in _apart(records):
            self.store.save(self.store.holder, *((None, each) for each in some))
        return {"s": time.perf_counter() - begun}

    def edit(self, start: int, n: int, round_no: int) -> None:
        """Change one field of each."""
        told = self.agentlib.load(self.data, start, n)
        values = {_id(each["id"]): self.workload.edited(each, round_no) for each in told}
        field = FIELDS[self.workload.EDIT_FIELD]
        for some in _apart(list(self.store.many(ElderVisit, values).values())):
            edits = [(each, amended(each, {field: values[each.id]})) for each in some]
            self.store.save(self.store.holder, *edits)

    def push(self) -> dict[str, Any]:
        """Send what waits, as a window does that is being closed."""
        if waiting := send_only(self.line, self.store):
            raise RuntimeError(f"{waiting} saves still wait")
        return {}

    def sync(self) -> dict[str, Any]:
        """One exchange: both ways, then both sides are compared."""
        done = exchange(self.line, self.store)
        if not done.delivered:
            raise RuntimeError("both sides do not hold the same")
        return {"rows": done.received, "sent": done.sent}

    pull = sync

    def count(self) -> Any:
        """What the measuring program compares."""
        field = FIELDS[self.workload.EDIT_FIELD]
        return self.agentlib.digest((each.id, getattr(each, field) or "") for each in self.store.every(ElderVisit))

    def close(self) -> None:
        """The end."""
        self.line.close()
        self.store.close()


def _id(text: str) -> str:
    return text.replace("-", "")


def _visit(told: dict[str, Any]) -> ElderVisit:
    values = {ours: told[theirs] for theirs, ours in FIELDS.items()}
    return amended(ElderVisit(id=_id(told["id"]), subject=_id(told["person"])), values)


def _apart(records: Sequence[ElderVisit]) -> Iterator[list[ElderVisit]]:
    """In pieces in which nobody comes twice: a save makes one unit for each person."""
    piece: dict[str, ElderVisit] = {}
    for each in records:
        if (each.subject or "") in piece:
            yield list(piece.values())
            piece = {}
        piece[each.subject or ""] = each
    yield list(piece.values())


def _county(folder: Path, desks: int) -> None:
    """Make a county and print a one-time code for each desk."""
    made = county_init(folder, COUNTY, "测速区")
    for _ in range(desks):
        print(accounts.make_code(made.ledger, VILLAGE, ROLE, "测速村"))
    made.ledger.close()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _county(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        importlib.import_module("agentlib").serve(Agent())
