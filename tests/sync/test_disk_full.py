"""A full disk while a page is received or a push is taken: nothing is lost, it is said in words, and it goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.errors import CountyUnreachable, DiskFull
from app.records import Person
from sync.client.credentials import ties
from sync.client.engine import pending
from sync.client.http import HttpCounty
from sync.protocol import LATER
from sync.server.county import CountyServer
from tests.sync.desks import Desk, OpenDesk, contents

ROOT = Path(__file__).resolve().parents[2]
MANY = 300


def _many(desk: Desk) -> None:
    people = [(None, Person(org=desk.store.post.org, name=f"王{number}", note="备注" * 60)) for number in range(MANY)]
    desk.store.save(desk.store.holder, *people)


def _fill(execute: Callable[[str], Any]) -> None:
    """The file can grow by a page or two, as on a disk without room."""
    pages = execute("PRAGMA page_count").fetchone()[0]
    execute(f"PRAGMA max_page_count = {pages + 2}")


def _make_room(execute: Callable[[str], Any]) -> None:
    execute("PRAGMA max_page_count = 1000000")


@contextmanager
def no_room_at(county: CountyServer) -> Iterator[None]:
    def begin(connection: Any) -> None:
        _fill(connection.exec_driver_sql)

    def over(connection: Any) -> None:
        _make_room(connection.exec_driver_sql)

    event.listen(county.ledger.engine, "begin", begin)
    yield
    event.remove(county.ledger.engine, "begin", begin)
    event.listen(county.ledger.engine, "begin", over)


@pytest.mark.long
def test_whatever_write_fails_a_page_is_received_whole_or_not_and_a_push_taken_whole_or_not(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.failing_exchange", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    verdicts = json.loads(done.stdout)
    for name, verdict in verdicts.items():
        assert verdict["defects"] == [], name
        assert min(verdict["faults"], verdict["refused"]) >= 40, name
    said = verdicts["receive"]["sentences"]
    assert said
    assert all(sentence.startswith("已有资料") and "请" in sentence for sentence in said)


@pytest.mark.parametrize("county", ["file"], indirect=True)
@pytest.mark.parametrize("is_long", [False, True], ids=["one request", "a stream"])
def test_a_county_whose_disk_is_full_says_later_and_takes_everything_once_there_is_room(
    county: CountyServer, joined_desk: Desk, is_long: bool
) -> None:
    if is_long:
        _many(joined_desk)
    else:
        joined_desk.person(note="备注" * 3_000)
    before, waits = contents(joined_desk, Person), list[float]()
    with closing(HttpCounty(ties(joined_desk.store).url, lambda: ties(joined_desk.store), sleep=waits.append)) as line:
        with no_room_at(county), pytest.raises(CountyUnreachable, match="都在这台电脑上，没有丢") as later:
            joined_desk.exchange(line)
        assert later.value.code == LATER
        assert later.value.retry_after > 0
        assert pending(joined_desk.store) == len(before)
        assert joined_desk.exchange(line).delivered
    assert contents(joined_desk, Person) == before


@pytest.mark.parametrize("county", ["file"], indirect=True)
def test_a_laptop_whose_disk_is_full_keeps_what_it_had_and_receives_the_rest_once_there_is_room(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    first, second = open_desk(), open_desk()
    for desk in (first, second):
        desk.join(county)
    _many(first)
    first.exchange(county)
    own = second.person("自己记的")
    with second.store.transaction() as work:
        execute = work.db.execute
    _fill(execute)
    with pytest.raises(DiskFull, match="已有资料都在"):
        second.exchange(county)
    assert [each.id for each in second.store.every(Person)] == [own.id]
    _make_room(execute)
    assert second.exchange(county).delivered
    assert first.exchange(county).received == 1
    assert contents(first, Person) == contents(second, Person)
