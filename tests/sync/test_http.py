"""The contract across a line on loopback, and what is particular to a line."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from http.client import HTTPConnection

import pytest
import requests

from app.errors import CountyRefused, CountyUnreachable
from app.records import Person
from app.store.changes import writing
from sync.client import http, parcel
from sync.client.arriving import joined
from sync.client.carrying import carry
from sync.client.credentials import ties
from sync.client.engine import Light, join, light, pending
from sync.client.http import HttpCounty
from sync.client.parcel import pack, unpack
from sync.messages import Hello, Request
from sync.parcel import NOT_OPENED, NOT_WELCOME, ParcelRefused
from sync.server import accounts
from sync.server import http as server
from sync.server.county import CountyServer
from sync.server.http import TURN_SECONDS, _in_turn, made_ahead
from sync.server.parcels import answer
from sync.server.serving import Listening, _bound, listen
from sync.server.turn import Turn
from tests.support.patience import PATIENCE
from tests.sync.contract import CountyContract, Line
from tests.sync.desks import Desk, OpenDesk


class TestCountyOnLoopback(CountyContract):
    @pytest.fixture
    def line(self, lines: Line) -> Line:
        return lines


@pytest.fixture
def desk(joined_desk: Desk) -> Desk:
    return joined_desk


@pytest.fixture
def line_of(desk: Desk) -> Iterator[HttpCounty]:
    line = HttpCounty.of(desk.store)
    yield line
    line.close()


def test_a_small_exchange_is_one_request_of_a_few_hundred_bytes(desk: Desk, line_of: HttpCounty) -> None:
    desk.person()
    first = desk.exchange(line_of)
    assert (first.requests, first.sent, first.delivered) == (1, 1, True)
    nothing = desk.exchange(line_of)
    assert nothing.requests == 1
    assert nothing.bytes_up + nothing.bytes_down < 600


def test_who_has_nothing_to_say_and_gets_nothing_says_it_in_little_more_than_a_signature(
    desk: Desk, line_of: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.person()
    for _ in range(3):
        desk.exchange(line_of)
    sent: list[bytes] = []
    real = HTTPConnection.send
    monkeypatch.setattr(HTTPConnection, "send", lambda line, data: sent.append(data) or real(line, data))
    desk.exchange(line_of)
    assert len(b"".join(sent)) <= 224


def test_a_county_that_knows_only_the_first_way_to_be_asked_is_asked_so(
    county: CountyServer, desk: Desk, line_of: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "EXCHANGE", "/v1/unheard-of")
    with listen(county) as older:
        line = HttpCounty(older.url, ties(desk.store))
        desk.person()
        first, second = desk.exchange(line), desk.exchange(line)
        line.close()
    assert (first.requests, first.sent, first.delivered) == (2, 1, True)
    assert (second.requests, second.delivered) == (1, True)


def test_a_county_that_takes_no_words_by_parts_gets_them_whole(
    county: CountyServer, desk: Desk, line_of: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "EXCHANGE", "/v1/unheard-of")
    desk.person(note="".join(map(chr, range(0x4E00, 0x4E00 + 6_000))))
    with listen(county) as older, closing(HttpCounty(older.url, ties(desk.store), bears=lambda: 0)) as line:
        assert desk.exchange(line).delivered


def test_words_of_which_only_a_part_came_are_not_taken(
    desk: Desk, line_of: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    line_of._bears = lambda: 0
    monkeypatch.setattr(http, "sent", lambda parts, content, *_: [len(content)])
    line_of._sleep = lambda seconds: None
    desk.person(note="".join(map(chr, range(0x4E00, 0x4E00 + 6_000))))
    with pytest.raises(CountyUnreachable, match="没有收全"):
        desk.exchange(line_of)
    monkeypatch.undo()
    assert desk.exchange(line_of).delivered


def test_a_desk_that_knows_only_the_first_way_to_ask_is_answered(desk: Desk, line_of: HttpCounty) -> None:
    line_of._is_older = True
    desk.person()
    outcome = desk.exchange(line_of)
    assert (outcome.requests, outcome.sent, outcome.delivered) == (1, 1, True)


@pytest.mark.parametrize("words", [b"", b"x" * 15, b"x" * 79, b"x" * 80, b"x" * 200])
def test_what_nobody_signed_is_refused(desk: Desk, listening: Listening, words: bytes) -> None:
    known = bytes.fromhex(ties(desk.store).device)
    for said in (words, known + words):
        assert requests.post(listening.url + "/v1/x", said, timeout=PATIENCE).status_code == 403


def test_an_answer_does_not_wait_until_its_head_is_acknowledged() -> None:
    with _bound("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_county_that_cannot_be_reached_costs_nothing(desk: Desk, listening: Listening) -> None:
    listening.stop()
    desk.person()
    waits: list[float] = []
    line = HttpCounty(ties(desk.store).url, ties(desk.store), sleep=waits.append)
    told: list[str] = []
    line.tell = told.append
    with pytest.raises(CountyUnreachable, match="没有丢"):
        desk.exchange(line)
    line.close()
    assert (pending(desk.store), light(desk.store)) == (1, Light.WAITING)
    assert len(waits) == http.TRIES - 1
    assert told == ["线路不稳，正在再试……"] * len(waits)


def test_a_line_that_is_mended_at_the_same_address_is_used_again(
    county: CountyServer, desk: Desk, listening: Listening
) -> None:
    line = HttpCounty.of(desk.store)
    desk.exchange(line)
    listening.stop()
    with listen(county, port=listening.port):
        desk.person()
        assert desk.exchange(line).delivered
        line.close()


def test_a_changed_byte_is_refused(desk: Desk, line_of: HttpCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.person()
    real = http.signed_words
    monkeypatch.setattr(http, "signed_words", lambda device, proof, content: real(device, proof, content + b"x"))
    with pytest.raises(CountyRefused, match="签名"):
        desk.exchange(line_of)
    assert pending(desk.store) == 1


def test_one_device_cannot_speak_for_another(desk: Desk, line_of: HttpCounty) -> None:
    with pytest.raises(CountyRefused, match="签名"):
        list(line_of.exchange(Request(Hello("e" * 32, "", "", limit=1))))


def test_what_is_not_a_message_gets_a_sentence(desk: Desk, listening: Listening) -> None:
    assert requests.post(listening.url + "/v1/enrol", b"junk", timeout=PATIENCE).status_code == 400
    assert requests.post(listening.url + "/v1/exchange", b"junk", timeout=PATIENCE).status_code == 403
    assert requests.post(listening.url + "/v1/enrol", b"x" * (17 << 20), timeout=PATIENCE).status_code == 413
    assert requests.get(listening.url + "/v1/nothing", timeout=PATIENCE).status_code == 404


def test_an_address_without_encryption_is_used_on_this_computer_only(desk: Desk) -> None:
    with pytest.raises(CountyRefused, match="没有加密"):
        HttpCounty.to(desk.store, "http://county.example:8750")
    with pytest.raises(CountyRefused, match="不是服务器地址"):
        HttpCounty.to(desk.store, "ftp://county.example")
    HttpCounty.to(desk.store, "county.example").close()


def test_a_page_that_is_no_county_is_called_so(desk: Desk, listening: Listening) -> None:
    line = HttpCounty(listening.url + "/elsewhere", ties(desk.store))
    with pytest.raises(CountyUnreachable, match="没有县级服务器"):
        desk.exchange(line)
    line.close()


def test_records_of_two_thousand_units_go_up_in_blocks(desk: Desk, line_of: HttpCounty) -> None:
    holder = desk.store.holder
    edits = [(None, Person(org=desk.store.post.org, name=f"王{number}")) for number in range(2_300)]
    desk.store.save(holder, *edits)
    outcome = desk.exchange(line_of)
    assert (outcome.sent, outcome.requests, outcome.delivered) == (2_300, 2, True)


def test_a_large_answer_comes_in_growing_pieces_and_is_the_same(
    desk: Desk, line_of: HttpCounty, county: CountyServer
) -> None:
    edits = [(None, Person(org=desk.store.post.org, name=f"王{number}")) for number in range(2_300)]
    desk.store.save(desk.store.holder, *edits)
    desk.exchange(line_of)
    asked = Request(Hello(ties(desk.store).device, "", "", {"": -1}, limit=20_000))
    pages, made = list(line_of.exchange(asked)), list(county.exchange(asked))
    assert len(pages) > 1
    assert [len(page.rows) for page in made] == [100, 200, 400, 800, 800]
    (here, there) = (joined(found) for found in (made, pages))
    assert replace(here, terms=there.terms) == there


def test_the_first_piece_is_sent_before_the_second_is_made_and_a_slow_line_delays_nothing() -> None:
    may_go_on, is_made = threading.Event(), threading.Event()

    def making() -> Iterator[bytes]:
        yield b"first"
        may_go_on.wait()
        yield b"second"
        is_made.set()

    pieces = made_ahead(making())
    assert next(pieces) == b"first"
    may_go_on.set()
    assert is_made.wait(PATIENCE)
    assert list(pieces) == [b"second"]


def test_of_many_long_answers_one_page_is_made_at_a_time_and_each_gets_its_turn() -> None:
    turn, inside, most, told = Turn(), [0], [0], list[int]()

    def making(whose: int) -> Iterator[bytes]:
        for _ in range(5):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(TURN_SECONDS / 2)
            told.append(whose)
            inside[0] -= 1
            yield b"page"

    makers = [threading.Thread(target=list, args=(_in_turn(turn, making(each)),)) for each in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(PATIENCE)
    assert (most, len(told)) == ([1], 20)
    assert max(told.index(each) for each in range(4)) < 12  # nobody waits until another has got all of his


def test_what_goes_wrong_while_an_answer_is_made_breaks_it_off() -> None:
    def making() -> Iterator[bytes]:
        yield b"first"
        raise OSError("the disk is gone")

    pieces = made_ahead(making())
    assert next(pieces) == b"first"
    with pytest.raises(OSError, match="the disk is gone"):
        next(pieces)


def test_what_is_large_is_handed_to_the_system_in_pieces_so_that_each_has_its_time(
    line_of: HttpCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    real = HTTPConnection.send

    def send(connection: HTTPConnection, data: bytes) -> None:
        sent.append(data)
        real(connection, data)

    monkeypatch.setattr(HTTPConnection, "send", send)
    part = bytes(range(256)) * 1_000
    assert line_of.put_parcel(sha256(part).hexdigest(), 0, part) == len(part)
    head, *body = sent
    assert b"chunked" not in head.lower()
    assert b"".join(body) == part
    assert max(map(len, body)) <= http.CHUNK


def test_a_file_of_another_desk_is_carried_by_one_that_cannot_read_it(
    county: CountyServer, desk: Desk, line_of: HttpCounty, open_desk: OpenDesk
) -> None:
    village = open_desk()
    village.join(county)
    village.person()
    asking = parcel.pack(village.store).content
    answered = carry(line_of, desk.store, asking)
    with pytest.raises(ParcelRefused):
        parcel.unpack(desk.store, answered)
    assert parcel.unpack(village.store, answered).delivered
    assert parcel.unpack(village.store, carry(line_of, desk.store, asking)).delivered


def test_a_file_that_cannot_be_taken_is_no_fault_of_who_carries_it(
    county: CountyServer, desk: Desk, line_of: HttpCounty, open_desk: OpenDesk
) -> None:
    village = open_desk()
    village.join(county)
    asking = parcel.pack(village.store).content
    with pytest.raises(CountyRefused) as changed:
        carry(line_of, desk.store, asking[:-1] + bytes([asking[-1] ^ 1]))
    accounts.revoke(county.ledger, ties(village.store).device)
    with pytest.raises(CountyRefused) as stranger:
        carry(line_of, desk.store, asking)
    assert (changed.value.code, stranger.value.code) == (NOT_OPENED, NOT_WELCOME)
    accounts.revoke(county.ledger, ties(desk.store).device)
    with pytest.raises(CountyRefused) as carrier:
        carry(line_of, desk.store, asking)
    assert carrier.value.code not in (NOT_OPENED, NOT_WELCOME)


def test_a_hundred_changed_fields_come_in_one_answer_of_at_most_four_kilobytes(
    desk: Desk, line_of: HttpCounty, county: CountyServer, listening: Listening, open_desk: OpenDesk
) -> None:
    other = open_desk()
    code = accounts.make_code(county.ledger, other.store.post.org, other.store.post.role, "测试")
    line = HttpCounty.to(other.store, listening.url)
    join(line, other.store, listening.url, code)
    line.close()
    line = HttpCounty.of(other.store)
    edits = [
        (None, Person(org=desk.store.post.org, name=f"王{number}", note=f"住在第{number}户")) for number in range(100)
    ]
    desk.store.save(desk.store.holder, *edits)
    desk.exchange(line_of)
    other.exchange(line)
    for number, person in enumerate(desk.store.every(Person)):
        desk.save(person, village_group=f"{number % 9}组")
    desk.exchange(line_of)
    came = other.exchange(line)
    line.close()
    assert (came.received, came.requests, came.delivered) == (100, 1, True)
    assert came.bytes_down <= 4_000


def test_a_pull_that_is_cut_keeps_the_pages_that_came_and_goes_on_after_them(
    desk: Desk, line_of: HttpCounty, county: CountyServer, open_desk: OpenDesk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    first = open_desk()
    first.join(county)
    people = [(None, Person(org=first.store.post.org, name=f"王{number}")) for number in range(2_300)]
    first.store.save(first.store.holder, *people)
    first.exchange(county)
    whole = HttpCounty._chunks

    def cut(line: HttpCounty, answer: requests.Response) -> Iterator[bytes]:
        for number, chunk in enumerate(whole(line, answer)):
            if number == 22:
                raise CountyUnreachable("资料都在这台电脑上，没有丢。线路断了。")
            yield chunk

    monkeypatch.setattr(http, "CHUNK", 1_000)
    monkeypatch.setattr(HttpCounty, "_chunks", cut)
    with pytest.raises(CountyUnreachable, match="断了"):
        desk.exchange(line_of)
    monkeypatch.setattr(HttpCounty, "_chunks", whole)
    came = desk.store.count(Person)
    assert 0 < came < 2_300
    rest = desk.exchange(line_of)
    assert (rest.received, rest.delivered) == (2_300 - came, True)


def test_a_desk_that_joined_before_there_were_sticks_gets_their_key_over_the_line(
    desk: Desk, line_of: HttpCounty, county: CountyServer
) -> None:
    desk.exchange(line_of)
    quiet = desk.exchange(line_of)
    key = ties(desk.store).parcel_key
    with writing(desk.store) as work:
        work.set_setting("county", {**work.setting("county"), "parcel_key": ""})
    assert desk.exchange(line_of).delivered
    assert ties(desk.store).parcel_key == key
    desk.person()
    assert unpack(desk.store, answer(county, pack(desk.store).content)).sent == 1
    again = desk.exchange(line_of)
    told = quiet.bytes_up + quiet.bytes_down
    assert again.requests == 1
    assert again.bytes_up + again.bytes_down < told + 32  # the key is told once


# Whoever says nothing, or too much, before it is known who it is

HEAD = b"POST /v1/x HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n"


def test_who_stops_in_the_middle_of_a_request_is_not_waited_for(
    county: CountyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STALL_SECONDS", 0.2)
    with listen(county) as answering, socket.create_connection(("127.0.0.1", answering.port), 5) as silent:
        silent.sendall(HEAD + b"x")
        assert silent.recv(100).startswith(b"HTTP/1.1 408")


def test_what_all_say_at_once_does_not_fill_the_memory(county: CountyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_HELD", 150_000)
    with listen(county) as answering:
        place = ("127.0.0.1", answering.port)
        with socket.create_connection(place, 5) as one, socket.create_connection(place, 5) as other:
            one.sendall(HEAD + b"x" * 100_000)
            time.sleep(0.2)
            other.sendall(HEAD + b"x" * 100_000)
            assert other.recv(100).startswith(b"HTTP/1.1 503")
        with socket.create_connection(place, 5) as later:  # both hung up
            time.sleep(0.2)
            later.sendall(HEAD + b"x" * 100_000)
            later.settimeout(0.5)
            with pytest.raises(TimeoutError):
                later.recv(100)


def test_a_line_that_breaks_in_the_middle_of_a_request_is_nothing_to_write_down(
    county: CountyServer, caplog: pytest.LogCaptureFixture
) -> None:
    with listen(county) as answering:
        with socket.create_connection(("127.0.0.1", answering.port), 5) as broken:
            broken.sendall(HEAD + b"x")
        time.sleep(0.3)
    assert not caplog.records


def test_a_stream_in_which_nobody_has_said_anything_takes_nobodys_place(
    county: CountyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = server.Uploads()
    monkeypatch.setattr(server, "Uploads", lambda: uploads)
    with listen(county) as answering, socket.create_connection(("127.0.0.1", answering.port), 5) as silent:
        silent.sendall(b"POST /v1/stream HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
        time.sleep(0.3)
        assert uploads.under_way == 0
