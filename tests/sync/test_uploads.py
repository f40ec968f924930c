"""Long uploads across a line that breaks: nothing is lost, taken twice or sent twice, and the desk learns of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests
import sqlalchemy as sa

from app.errors import Cancelled, CountyRefused, CountyUnreachable
from app.records import Person
from sync import stream, wire
from sync.client import blocks, http
from sync.client.credentials import signed, ties, written
from sync.client.engine import exchange, pending
from sync.client.http import HttpCounty
from sync.client.stopping import Stoppable
from sync.messages import Hello, Page, Request
from sync.protocol import LineBroke, signed_text
from sync.server import tables, uploads
from sync.server.county import CountyServer
from sync.server.serving import Listening
from tests.support.patience import PATIENCE
from tests.sync.desks import Desk

BATCH = 160


@pytest.fixture
def desk(joined_desk: Desk) -> Desk:
    return joined_desk


@pytest.fixture
def line(desk: Desk) -> Iterator[HttpCounty]:
    opened = HttpCounty.of(desk.store)
    yield opened
    opened.close()


def register(desk: Desk, count: int = BATCH) -> None:
    """Persons, each of them a save of its own, in blocks of the smallest size."""
    desk.store.set_setting(blocks.SETTING, blocks.SMALLEST)
    edits = [(None, Person(org=desk.store.post.org, name=f"王{number}")) for number in range(count)]
    desk.store.save(desk.store.holder, *edits)


def taken(county: CountyServer) -> tuple[int, int]:
    """Units and records of persons that the county holds."""
    with county.ledger.reading() as connection:
        return tuple(  # type: ignore[return-value]
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (tables.unit, tables.record)
        )


class Breaking:
    """A line that counts the pieces of a stream, and breaks inside the one that it is told to, once all before it
    have arrived."""

    def __init__(self, county: CountyServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._county = county
        self._before = 0
        self.pieces = 0
        self.whole = 1_000
        self.part = 0.0
        real = HttpCounty._sent

        def sent(county: HttpCounty, pieces: Iterable[bytes]) -> Iterator[bytes]:
            for piece in real(county, pieces):
                if self.pieces == self.whole:
                    self._await_arrival()
                    if begun := piece[: int(len(piece) * self.part)]:
                        yield begun
                    raise ConnectionResetError("the line was cut")
                self.pieces += 1
                yield piece

        monkeypatch.setattr(HttpCounty, "_sent", sent)

    def breaks(self, whole: int, part: float) -> None:
        """After so many pieces and a part of the next one; the hello is the first."""
        self.pieces, self.whole, self.part = 0, whole, part
        self._before = taken(self._county)[0]

    def _await_arrival(self) -> None:
        patience = time.monotonic() + PATIENCE
        while taken(self._county)[0] < self._before + (self.whole - 1) * blocks.SMALLEST:
            assert time.monotonic() < patience
            time.sleep(0.01)

    def holds(self) -> None:
        self.breaks(1_000, 0)


def test_a_cut_between_blocks_or_inside_one_loses_and_repeats_no_block(
    county: CountyServer, desk: Desk, line: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = Breaking(county, monkeypatch)
    total = 0
    for arrived in range(4):
        for part in (0.0, 0.01, 0.5, 0.999):
            register(desk)
            total += BATCH
            cut.breaks(1 + arrived, part)
            with pytest.raises(LineBroke):
                desk.exchange(line)
            cut.holds()
            outcome = desk.exchange(line)
            assert (outcome.sent, outcome.delivered) == (BATCH, True)
            assert taken(county) == (total, total)
            # What had arrived whole did not travel again: a hello and the other blocks; what is little goes by itself.
            assert cut.pieces == (1 + 4 - arrived if arrived < 3 else 0)


def test_the_desk_believes_no_results_that_speak_of_a_copys_saves(
    county: CountyServer, desk: Desk, line: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = Breaking(county, monkeypatch)
    register(desk)
    cut.breaks(3, 0)
    with pytest.raises(LineBroke):
        desk.exchange(line)
    cut.holds()
    real = line.exchange

    def mistaken(request: Request) -> Iterator[Page]:
        for page in real(request):
            yield replace(page, meant=bytes(16)) if page.meant else page

    monkeypatch.setattr(line, "exchange", mistaken)
    outcome = desk.exchange(line)
    assert (outcome.sent, outcome.delivered, cut.pieces) == (BATCH, True, 5)
    assert taken(county) == (BATCH, BATCH)


def test_a_block_with_a_forged_signature_is_not_taken_and_nothing_after_it(
    county: CountyServer, desk: Desk, line: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(desk)
    real, made = http.signed, iter(range(100))

    def forged(*given: object) -> bytes:
        proof = real(*given)  # type: ignore[arg-type]
        return bytes(64) if next(made) == 3 else proof

    monkeypatch.setattr(http, "signed", forged)
    with pytest.raises((CountyRefused, CountyUnreachable)):
        desk.exchange(line)
    assert taken(county)[0] <= 2 * blocks.SMALLEST
    monkeypatch.undo()
    assert desk.exchange(line).delivered


def test_one_device_cannot_open_a_stream_in_the_name_of_another(desk: Desk, line: HttpCounty) -> None:
    request = Request(Hello("e" * 32, "", "", limit=1), blocks=iter([()]))
    with pytest.raises(CountyRefused, match="签名"):
        list(line.exchange(request))


def test_what_is_not_a_stream_gets_a_sentence(listening: Listening) -> None:
    for junk in (b"", b"junk", stream.piece(b"junk"), b"\xff" * 100):
        assert requests.post(listening.url + stream.PATH, junk, timeout=PATIENCE).status_code in (400, 403, 408)


def test_a_long_upload_can_be_stopped_between_two_blocks(county: CountyServer, desk: Desk, line: HttpCounty) -> None:
    register(desk)
    told: list[str] = []
    with pytest.raises(Cancelled):
        exchange(line, desk.store, told.append, lambda: len(told) > 2)
    assert "正在送出 100 条……" in told
    assert pending(desk.store)
    assert desk.exchange(line).delivered
    assert taken(county) == (BATCH, BATCH)


def test_a_desk_that_falls_silent_holds_nothing_up_and_what_came_is_taken(
    county: CountyServer, desk: Desk, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "STALL_SECONDS", 0.3)
    known = ties(desk.store)
    hello = wire.encode_request(Request(Hello(known.device, known.server_id, known.epoch)))
    proof = signed(known, signed_text(known.device, "POST", stream.PATH, hello))
    begun = stream.piece(hello)
    lines = (f"POST {stream.PATH} HTTP/1.1", "Host: x", f"x-by: {known.device}{written(proof)}", "Content-Length: 9999")
    with socket.create_connection(("127.0.0.1", urlsplit(listening.url).port)) as silent:
        silent.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + begun)
        silent.settimeout(PATIENCE)
        began = time.monotonic()
        assert silent.recv(12) == b"HTTP/1.1 408"
        assert time.monotonic() - began > 0.2
    monkeypatch.undo()
    desk.person()
    assert desk.exchange(HttpCounty.of(desk.store)).delivered


def test_a_new_word_from_a_desk_ends_its_stream_before(
    county: CountyServer, desk: Desk, line: HttpCounty, listening: Listening
) -> None:
    register(desk)
    second = HttpCounty.of(desk.store)
    told: list[str] = []
    answers: list[Page] = []

    def interrupted() -> bool:
        """While blocks are under way the same desk asks from another connection what has arrived."""
        if not answers and told[-1:] == ["正在送出 100 条……"]:
            known = ties(desk.store)
            hello = Hello(known.device, known.server_id, known.epoch, token=bytes.fromhex(known.token))
            answers.extend(second.exchange(Request(hello, asks_after=0)))
        return False

    with suppress(CountyUnreachable):
        exchange(line, desk.store, told.append, interrupted)
    (answer,) = answers
    assert len(answer.results) in (0, blocks.SMALLEST, 2 * blocks.SMALLEST)
    assert desk.exchange(line).delivered
    assert taken(county) == (BATCH, BATCH)
    second.close()


def test_a_line_that_can_be_left_takes_its_blocks_from_whoever_waits_for_it(
    county: CountyServer, desk: Desk, line: HttpCounty
) -> None:
    register(desk)
    told: list[tuple[str, str]] = []
    outcome = exchange(
        Stoppable(line, lambda: False), desk.store, lambda words: told.append((words, threading.current_thread().name))
    )
    assert (outcome.sent, outcome.delivered) == (BATCH, True)
    assert {name for _, name in told} == {threading.current_thread().name}
    assert taken(county) == (BATCH, BATCH)


def test_a_block_that_is_too_large_for_the_county_is_sent_in_smaller_ones(
    county: CountyServer, desk: Desk, line: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LARGEST_PIECE", 1_400)
    register(desk)
    desk.store.set_setting(blocks.SETTING, BATCH - 10)
    with pytest.raises(LineBroke):
        desk.exchange(line)
    assert desk.exchange(line).delivered
    assert taken(county) == (BATCH, BATCH)


def test_a_county_that_is_busy_with_many_streams_says_when_to_come_again(
    county: CountyServer, desk: Desk, line: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(desk)
    monkeypatch.setattr(uploads, "MOST_STREAMS", 0)
    with pytest.raises(CountyUnreachable, match="正忙"):
        desk.exchange(line)
    monkeypatch.undo()
    assert desk.exchange(line).delivered
    assert taken(county) == (BATCH, BATCH)
