"""The n-th write fails while a desk receives or a county takes, in a process of its own, as in ``failing_disk``."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.store import Post, Workspace, create_store, vault
from app.store.changes import unsent
from sync.client.credentials import ties
from sync.client.engine import as_unit, exchange, join, receive
from sync.messages import Hello, Page, Request
from sync.server import accounts, tables
from sync.server.county import CountyServer, county_init, open_county
from sync.server.database import BUSY, key_file
from tests.support.desks import CHEAP_KEYS, PASSPHRASE, WORKER, a_child, a_person
from tests.support.failing_disk import FAULTS, Bench, Verdict, every_fault
from tests.support.power_cuts import NOW
from tests.support.recording import Disk, Fault
from tests.sync.desks import COUNTY, VILLAGE

CAME, OWN = 12, 8
"""So many persons come in the page, and so many are sent."""


def prepared(folder: Path) -> tuple[list[Page], Request]:
    """A county and a desk that joined it and has something to send; what comes to it, and what it asks."""
    county = county_init(folder / "county", COUNTY, "昭阳区")
    there, here = (_new_desk(folder / name) for name in ("there", "prepared"))
    for store in (there, here):
        join(county, store, "", accounts.make_code(county.ledger, VILLAGE, "child_director", "测试"))
    people = [a_person(org=VILLAGE, id=f"{n:032x}", name=f"别人{n}", note="备注" * 60) for n in range(CAME)]
    there.save(WORKER, *((None, each) for each in people), *((None, a_child(each)) for each in people))
    exchange(county, there)
    own = [a_person(org=VILLAGE, id=f"{1000 + n:032x}", name=f"自己{n}", note="备注" * 60) for n in range(OWN)]
    here.save(WORKER, *((None, each) for each in own))
    known = ties(here)
    hello = Hello(known.device, known.server_id, known.epoch, known.cursors, limit=20_000)
    pages = list(county.exchange(Request(hello)))
    asked = Request(hello, tuple(map(as_unit, unsent(here, OWN))))
    for each in (here, there):
        each.close()
    county.ledger.close()
    return pages, asked


def _new_desk(folder: Path) -> Workspace:
    post = Post(VILLAGE, "child_director", "测试岗位")
    return create_store(folder, PASSPHRASE, post=post, holder_name="测试员甲", clock=NOW).store


@dataclass(frozen=True)
class Office:
    """A prepared county, copied afresh for every fault."""

    disk: Disk
    prepared: Path
    used: Path
    asked: Request

    def fresh(self) -> CountyServer:
        shutil.rmtree(self.used, ignore_errors=True)
        shutil.copytree(self.prepared, self.used)
        shutil.copyfile(key_file(self.prepared), key_file(self.used))
        return open_county(self.used)

    def push(self, county: CountyServer) -> Page:
        """What the desk sends; the first page of the answer."""
        first, *_ = county.exchange(self.asked)
        return first

    def every_fault(self) -> Verdict:
        verdict, county = Verdict(), self.fresh()
        before = contents(county)
        self.push(county)
        states = before, contents(county)
        county.ledger.close()
        for words, code, for_ever in FAULTS[1:3]:
            number = 1
            while self._one(Fault(number, code, for_ever), states, f"{words} at {number}", verdict):
                number += 1
        return verdict

    def _one(self, fault: Fault, states: tuple[str, str], where: str, verdict: Verdict) -> bool:
        county = self.fresh()
        self.disk.arm(fault)
        refusal = _refusal(lambda: self.push(county))
        self.disk.disarm()
        if fault.happened:
            verdict.faults += 1
            verdict.refused += refusal is not None
            verdict.survived += refusal is None
            verdict.defects += [f"{where}: {each}" for each in self._defects(county, refusal, states)]
        county.ledger.close()
        return fault.happened

    def _defects(self, county: CountyServer, refusal: Exception | None, states: tuple[str, str]) -> Iterator[str]:
        before, after = states
        state = contents(county)
        if refusal is None and state != after:
            yield "said to be taken and was not"
        if refusal is not None and not isinstance(refusal, BUSY):
            yield f"would not be told as 'later': {type(refusal).__name__}: {refusal}"
        if state not in (before, after):
            yield "half taken"
        again = _refusal(lambda: self.push(county))
        if again is not None:
            yield f"does not go on: {type(again).__name__}: {again}"
        if not all(each.stamp for each in self.push(county).results) or contents(county) != after:
            yield "does not hold what it took afterwards"
        county.ledger.close()
        reopened = open_county(self.used).ledger
        with reopened.reading() as connection:
            if not is_intact(connection):
                yield "is damaged"
        reopened.close()


def _refusal(work: Callable[[], object]) -> Exception | None:
    try:
        work()
    except Exception as error:  # every kind is judged
        return error
    return None


def contents(county: CountyServer) -> str:
    """A digest of what was decided and of every record, without the times of arrival."""
    told = sha256()
    with county.ledger.reading() as connection:
        for table in (tables.unit, tables.change, tables.record):
            names = [each for each in ("id", "unit", "type", "state", "reason", "body") if each in table.c]
            query = sa.select(*(table.c[name] for name in names))
            told.update(repr((table.name, sorted(map(repr, connection.execute(query))))).encode())
    return told.hexdigest()


def is_intact(connection: Connection) -> bool:
    """Every page authentic, every structure sound."""
    forged = connection.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall()
    return not forged and connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def main() -> int:
    """Print the verdicts of both sides as JSON."""
    vault._ARGON = CHEAP_KEYS
    folder, disk = Path(sys.argv[1]), Disk().install()
    pages, asked = prepared(folder)
    bench = Bench(disk, folder / "prepared", folder / "used")
    found = {
        "receive": every_fault(bench, lambda store: receive(store, pages)),
        "take": Office(disk, folder / "county", folder / "office", asked).every_fault(),
    }
    print(json.dumps({name: verdict.__dict__ for name, verdict in found.items()}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
