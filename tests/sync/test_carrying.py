"""A station carries a village's file over a line that breaks: each try goes on where the last one ended."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import CountyUnreachable
from app.records import Attachment
from sync.client import carrying
from sync.client.carrying import carry
from sync.client.credentials import ties
from sync.client.http import HttpCounty
from sync.client.parcel import pack, unpack
from sync.client.parts import QUICK, Parts
from sync.protocol import LOAD, LineBroke
from sync.server import copies, tables
from sync.server.bin import emptied_daily
from sync.server.county import CountyServer, open_county
from sync.server.ledger import now_ms
from sync.server.passing import BEGINNING, KEPT, PART, Passing, forget_old
from sync.wire import Unreadable
from tests.sync.breaking import PHOTO, BreakingLine, SlowLine
from tests.sync.desks import Desk, OpenDesk

DIGEST = sha256(PHOTO).hexdigest()


@pytest.fixture
def line(joined_desk: Desk, lines: Callable[[Desk], HttpCounty]) -> BreakingLine:
    """The station's line."""
    return BreakingLine(lines(joined_desk))


@pytest.fixture
def village(county: CountyServer, open_desk: OpenDesk) -> Desk:
    """A desk that comes by stick, with a photo to send."""
    made = open_desk(holder="王芳")
    made.join(county)
    digest = made.store.attach_blob(PHOTO)
    made.save(Attachment(), subject=made.person().id, sha256=digest, size=len(PHOTO))
    return made


def carried(line: BreakingLine, station: Desk, asking: bytes) -> bytes:
    """The answer."""
    return carry(line, station.store, asking)  # type: ignore[arg-type]


def under_way(county: CountyServer) -> int:
    with county.ledger.reading() as connection:
        return len(connection.execute(county.ledger.of(tables.passing)).all())


def test_a_file_that_no_line_bears_whole_comes_through_and_so_does_its_answer(
    county: CountyServer, joined_desk: Desk, line: BreakingLine, village: Desk, open_desk: OpenDesk
) -> None:
    answer = carried(line, joined_desk, pack(village.store).content)
    assert (line.broke > 5, line.moved < 2.5 * len(PHOTO)) == (True, True)
    assert unpack(village.store, answer).delivered
    colleague = open_desk(holder="赵强")
    colleague.join(county)
    with pytest.raises(LineBroke):
        colleague.exchange(BreakingLine(county, bears=0, left=0))
    line.moved = line.broke = 0
    answer = carried(line, joined_desk, pack(colleague.store).content)
    assert (line.broke > 5, line.moved < 2.5 * len(PHOTO)) == (True, True)
    unpack(colleague.store, answer)
    assert colleague.store.blob(DIGEST) == PHOTO
    assert not list(joined_desk.store.folder.rglob("*.part"))


def test_a_village_with_photos_both_ways_is_carried_over_a_line_that_bears_neither_whole(
    county: CountyServer, joined_desk: Desk, line: BreakingLine, village: Desk, open_desk: OpenDesk
) -> None:
    colleague = open_desk(holder="赵强")
    colleague.join(county)
    theirs = colleague.store.attach_blob(PHOTO[::-1])
    colleague.save(Attachment(), subject=colleague.person().id, sha256=theirs, size=len(PHOTO))
    colleague.exchange(county)
    with pytest.raises(LineBroke):
        village.exchange(BreakingLine(county, bears=0, left=0))
    answer = carried(line, joined_desk, pack(village.store).content)
    assert line.moved < 4 * len(PHOTO)
    assert unpack(village.store, answer).delivered
    assert village.store.blob(theirs) == PHOTO[::-1]
    assert not list(joined_desk.store.folder.rglob("*.part"))


def test_a_village_with_many_photos_is_carried_over_a_slow_line(
    joined_desk: Desk, lines: Callable[[Desk], HttpCounty], village: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = village.store.attach_blob(PHOTO[::-1])
    village.save(Attachment(), subject=village.person().id, sha256=other, size=len(PHOTO))
    line = SlowLine(lines(joined_desk))
    monkeypatch.setattr(carrying, "Parts", lambda: Parts(line.now))
    answer = carried(line, joined_desk, pack(village.store).content)
    assert (line.broke, max(line.took) <= 2 * QUICK) == (0, True)
    assert unpack(village.store, answer).delivered


def test_a_file_that_another_one_pushed_out_is_not_sent_in_one_piece(
    county: CountyServer, joined_desk: Desk, line: BreakingLine, village: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, put = pack(village.store).content, line.put_parcel
    other = Passing(county.ledger, ties(joined_desk.store).device)

    def pushed_out(digest: str, start: int, part: bytes) -> int:
        if start:
            other.put(DIGEST, 0, b"another")
        return put(digest, start, part)

    monkeypatch.setattr(line, "put_parcel", pushed_out)
    with pytest.raises(CountyUnreachable, match="顶了"):
        carried(line, joined_desk, asking)
    monkeypatch.undo()
    assert unpack(village.store, carried(line, joined_desk, asking)).delivered


def test_a_small_file_is_one_request(
    county: CountyServer, joined_desk: Desk, line: BreakingLine, open_desk: OpenDesk
) -> None:
    village = open_desk()
    village.join(county)
    village.person()
    before = line.requests
    answer = carried(line, joined_desk, pack(village.store).content)
    assert unpack(village.store, answer).delivered
    assert line.requests == before + 1
    assert under_way(county) == 0


def test_an_answer_that_was_lost_is_not_made_twice(county: CountyServer) -> None:
    made: list[bytes] = []

    def work(asked: bytes) -> bytes:
        made.append(asked)
        return bytes([len(made)]) * (BEGINNING + 1)

    passing = Passing(county.ledger, "a" * 32)
    assert passing.put(DIGEST, 0, PHOTO[:-10]) == passing.put(DIGEST, 0, b"again") == len(PHOTO) - 10
    first = passing.answered(DIGEST, PHOTO[-10:], work)
    assert passing.answered(DIGEST, b"", work) == first
    assert made == [PHOTO]
    assert passing.part(DIGEST, BEGINNING, 100) == b"\1"
    assert passing.part(DIGEST, first.size, 100) == b""


def test_a_file_that_changed_on_the_way_is_not_taken_and_begins_anew(county: CountyServer) -> None:
    passing = Passing(county.ledger, "a" * 32)
    passing.put(DIGEST, 0, b"?" + PHOTO[1:-10])
    with pytest.raises(Unreadable):
        passing.answered(DIGEST, PHOTO[-10:], lambda asked: asked)
    assert passing.held(DIGEST) == 0
    with pytest.raises(Unreadable):
        passing.put(DIGEST, 64 << 20, bytes(5_000))


def test_each_station_has_one_file_under_way_and_sees_no_other(county: CountyServer) -> None:
    first, second = (Passing(county.ledger, sign * 32) for sign in "ab")
    first.put(DIGEST, 0, b"one")
    first.put("f" * 64, 0, b"two")
    second.put(DIGEST, 0, b"three")
    assert (first.held(DIGEST), first.held("f" * 64), second.held(DIGEST)) == (0, 3, 5)
    assert second.part("f" * 64, 0, 3) == b""


def test_what_nobody_came_back_for_is_let_go_of(county: CountyServer) -> None:
    Passing(county.ledger, "a" * 32).put(DIGEST, 0, b"one")
    with county.ledger.writing() as connection:
        connection.execute(sa.update(tables.passing).values(came_at=now_ms() - KEPT - 1))
    Passing(county.ledger, "b" * 32).put(DIGEST, 0, b"two")
    with emptied_daily(county.ledger):
        assert under_way(county) == 1


def test_what_a_station_carries_and_what_it_has_to_say_itself_do_not_push_each_other_out(county: CountyServer) -> None:
    carried, own = Passing(county.ledger, "a" * 32), Passing(county.ledger, "a" * 32, LOAD)
    carried.put(DIGEST, 0, PHOTO[:-10])
    for load in (b"one", b"other"):
        assert own.put(sha256(load).hexdigest(), 0, load) == len(load)
    assert own.whole(sha256(b"other").hexdigest()) == b"other"
    assert own.held(sha256(b"one").hexdigest()) == own.held(DIGEST) == 0
    assert carried.held(DIGEST) == len(PHOTO) - 10
    carried.put(sha256(b"third").hexdigest(), 0, b"third")
    assert (carried.held(DIGEST), under_way(county)) == (0, 2)


def test_of_a_file_that_goes_on_nothing_is_let_go_of_and_one_with_a_hole_is_begun_anew(county: CountyServer) -> None:
    load = Passing(county.ledger, "a" * 32, LOAD)
    load.put(DIGEST, 0, PHOTO[:1_000])
    with county.ledger.writing() as connection:
        connection.execute(sa.update(tables.passing).values(came_at=now_ms() - KEPT - 1))
    load.put(DIGEST, 1_000, PHOTO[1_000:])
    forget_old(county.ledger)
    assert load.whole(DIGEST) == PHOTO
    with county.ledger.writing() as connection:
        connection.execute(sa.delete(tables.passing).where(tables.passing.c.start == 0))
    with pytest.raises(CountyUnreachable, match="没有收全"):
        load.whole(DIGEST)
    assert load.held(DIGEST) == 0


def test_a_part_of_an_answer_is_the_same_wherever_it_begins(county: CountyServer) -> None:
    passing, asked, told = Passing(county.ledger, "a" * 32), b"asked", PHOTO * 4
    digest = sha256(asked).hexdigest()
    passing.answered(digest, asked, lambda _: told)
    for start, length in ((0, 9), (PART - 3, 6), (PART, PART), (PART + 1, 2 * PART), (len(told) - 2, 9)):
        assert passing.part(digest, start, length) == told[start : start + length]


def test_a_county_that_was_put_back_has_nothing_of_it(county: CountyServer, tmp_path: Path) -> None:
    Passing(county.ledger, "a" * 32).put(DIGEST, 0, b"one")
    copies.back_up(tmp_path / "county", tmp_path / "day.copy")
    copies.restore(tmp_path / "day.copy", tmp_path / "again")
    again = open_county(tmp_path / "again")
    assert (under_way(county), under_way(again)) == (1, 0)
    again.ledger.close()


def test_no_part_follows_on_a_file_that_was_answered(county: CountyServer) -> None:
    passing, asked = Passing(county.ledger, "station"), bytes(range(200)) * 5
    digest = sha256(asked).hexdigest()
    passing.put(digest, 0, asked[:500])
    passing.answered(digest, asked[500:], lambda _: bytes(200_000))
    assert passing.put(digest, len(asked), b"x") == len(asked)
