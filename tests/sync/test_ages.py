"""Desks and counties of different ages: pushes of every edition are taken, and nothing that one knows more is lost."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import CountyRefused
from app.records import Attachment, Elder, Person
from app.records.ids import new_id
from app.store.changes import writing
from sync import wire
from sync.client.credentials import ties
from sync.client.engine import pending
from sync.client.parcel import pack, unpack
from sync.messages import Change, Hello, Request, Unit
from sync.protocol import ProgramTooOld
from sync.server import copies
from sync.server import county as county_module
from sync.server.county import CountyServer, open_county
from sync.server.parcels import answer
from sync.server.rules import only_put_in
from tests.sync.desks import VILLAGE, Desk, OpenDesk
from tests.sync.editions import NEWER, OLDER, TODAY, CountyOf, Edition
from tests.sync.released.told import PUSHED

RELEASED = Path(__file__).parent / "released"
EDITIONS = {"older": OLDER, "today's": TODAY, "newer": NEWER}


def push(county: CountyServer, desk: Desk, seq: int, *changes: Change) -> None:
    known = ties(desk.store)
    unit = Unit(seq, "save", "", desk.store.holder.id, "李娟", 0, changes)
    *_, page = county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (unit,)))
    assert page.results[0].stamp


def held(desk: Desk, name: tuple[str, str]) -> dict[str, object]:
    """A record by part, whether the desk knows its type or only carries it."""
    with writing(desk.store) as work:
        query = "SELECT body FROM carried WHERE type = ? AND record = ?"
        carried = work.db.execute(query, list(name)).fetchone()
        found = work.held([name])
    return json.loads(carried[0]) if carried else found[name][0] if name in found else {}


@pytest.mark.parametrize("desks", EDITIONS)
@pytest.mark.parametrize("counties", EDITIONS)
def test_whatever_a_newer_desk_wrote_comes_back_through_every_desk_and_county(
    county: CountyServer, open_desk: OpenDesk, desks: str, counties: str
) -> None:
    author, reader, edition = open_desk(), open_desk(holder="王芳"), EDITIONS[desks]
    for desk in (author, reader):
        desk.join(county)
    spoken = CountyOf(county, EDITIONS[counties])
    person = author.person("周奶奶", birth_date="1950-03-05")
    author.save(Elder(id=person.id), risk_level="high")
    weather = new_id()
    assert author.exchange(spoken).delivered
    base = author.get(Person, person.id).stamps["*"]
    told = {"blood_group": "O", "birth": {"birth_date": "1950-03-05", "hour": 7}}
    push(spoken, author, 60, Change("person", person.id, told, dict.fromkeys(told, base)))
    push(spoken, author, 61, Change("weather", weather, {"org": VILLAGE, "sky": "晴"}))
    exchange(reader, edition, spoken)
    with edition.speaks():
        reader.save(reader.get(Person, person.id), birth_date="1950-03-06", village_group="三组")
    exchange(reader, edition, spoken)
    exchange(author, TODAY, spoken)
    for desk in (author, reader):
        assert held(desk, ("person", person.id)) == {
            "name": "周奶奶", "org": VILLAGE, "blood_group": "O", "village_group": "三组",
            "birth": {"birth_date": "1950-03-06", "hour": 7},
        }  # fmt: skip
    knows_elder, knows_weather = counties != "older", counties == "newer"
    assert held(reader, ("elder", person.id)) == ({"risk": {"risk_level": "high"}} if knows_elder else {})
    assert held(reader, ("weather", weather)) == ({"org": VILLAGE, "sky": "晴"} if knows_weather else {})
    assert (reader.store.count(Elder) == 1) == (knows_elder and desks != "older")


def test_what_a_program_only_carries_it_gives_back_to_a_restored_county_and_takes_nothing_out_of_a_set(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    author, reader, colleague = open_desk(), open_desk(holder="王芳"), open_desk(holder="赵强")
    desks = ((author, TODAY), (reader, OLDER), (colleague, TODAY))
    person = author.person("周奶奶")
    author.save(Elder(id=person.id), needs=("meals",))
    for desk, edition in desks:
        desk.join(county)
        exchange(desk, edition, CountyOf(county, TODAY))
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    late = author.person("王奶奶")
    author.save(Elder(id=late.id), risk_level="high")
    author.save(author.get(Elder, person.id), needs=("medical", "meals"))
    for desk, edition in desks[:2]:
        exchange(desk, edition, CountyOf(county, TODAY))
    copies.restore(tmp_path / "copy", tmp_path / "again")
    with closing(open_county(tmp_path / "again").ledger) as ledger:
        again = CountyOf(CountyServer(ledger), TODAY)
        colleague.save(colleague.get(Elder, person.id), needs=("meals", "bathing"))
        for desk, edition in (*desks[:0:-1], *desks[:0:-1]):  # the author's laptop is gone
            exchange(desk, edition, again)
    assert colleague.get(Elder, late.id).risk_level == "high"
    assert set(colleague.get(Elder, person.id).needs) == {"meals", "medical", "bathing"}


def test_of_a_set_that_a_program_only_carries_nothing_is_told_as_taken_out_though_it_is_empty_or_long() -> None:
    many = [str(number) for number in range(5_000)]
    after = {"needs": None, "categories": many, "risk": None, "phones": ["1"]}
    told = {"needs": {"add": [], "remove": []}, "categories": {"add": many, "remove": []}}
    assert only_put_in("elder", after) == {**after, **told}


def exchange(desk: Desk, edition: Edition, county: CountyOf) -> None:
    with edition.speaks():
        assert desk.exchange(county).delivered


@pytest.mark.parametrize("file", sorted(RELEASED.glob("*.push")), ids=lambda file: file.name)
def test_what_every_released_desk_sends_is_understood_and_taken(
    county: CountyServer, open_desk: OpenDesk, file: Path
) -> None:
    desk = open_desk()
    desk.join(county)
    request = wire.decode_request(file.read_bytes())
    assert request.units == PUSHED.units
    assert replace(request.hello, protocol=PUSHED.hello.protocol) == PUSHED.hello
    known = ties(desk.store)
    hello = replace(request.hello, device=known.device, server_id=known.server_id, epoch=known.epoch, last="")
    *_, page = county.exchange(replace(request, hello=hello))
    assert [(result.seq, bool(result.stamp)) for result in page.results] == [(unit.seq, True) for unit in PUSHED.units]


def test_there_is_a_push_of_every_protocol() -> None:
    assert {file.name.partition("-")[0] for file in RELEASED.glob("*.push")} == {
        str(number) for number in range(1, PUSHED.hello.protocol + 1)
    }


def test_a_desk_that_is_too_old_hands_over_everything_and_gets_nothing(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = open_desk(), open_desk(holder="王芳")
    for desk in (older, newer):
        desk.join(county)
    there = newer.person("王芳的邻居")
    assert newer.exchange(county).delivered
    here = older.person("王小明")
    with monkeypatch.context() as upgraded:
        upgraded.setattr(county_module, "OLDEST_THAT_GETS", 99)
        with pytest.raises(CountyRefused, match="送出的县里都收下了") as refused:
            older.exchange(county)
    assert "升级" in str(refused.value)
    assert pending(older.store) == 0
    assert older.store.get(Person, there.id) is None
    assert newer.exchange(county).delivered
    assert newer.get(Person, here.id).name == "王小明"
    assert older.exchange(county).delivered
    assert older.get(Person, there.id).name == "王芳的邻居"


def test_my_program_is_too_old_and_the_stick_told_me_so_too(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = open_desk(), open_desk(holder="王芳")
    for desk in (older, newer):
        desk.join(county)
        assert desk.exchange(county).delivered
    there = newer.person("王芳的邻居")
    assert newer.exchange(county).delivered
    here = older.person("王小明")
    older.save(Attachment(), subject=here.id, sha256=older.store.attach_blob(b"photo"), size=5)
    before = ties(older.store).cursors
    with monkeypatch.context() as upgraded:
        upgraded.setattr(county_module, "OLDEST_THAT_GETS", 99)
        late = answer(county, pack(older.store).content)
        for _ in range(2):
            with pytest.raises(ProgramTooOld, match="送出的县里都收下了") as refused:
                unpack(older.store, late)
            assert "升级" in str(refused.value)
        with pytest.raises(ProgramTooOld):
            unpack(older.store, answer(county, pack(older.store).content))
    assert (pending(older.store), ties(older.store).cursors) == (0, before)
    with writing(older.store) as work:
        assert work.transfers("up") == []
    newer.exchange(county)
    assert newer.get(Person, here.id).name == "王小明"
    newer.person("王小红")
    newer.exchange(county)
    came = unpack(older.store, answer(county, pack(older.store).content))
    assert (came.delivered, older.get(Person, there.id).name) == (True, "王芳的邻居")
    assert unpack(older.store, late).received == 0
