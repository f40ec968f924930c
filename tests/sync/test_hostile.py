"""What an enrolled desk that was stolen, or whose program lies, cannot do to other villages, to colleagues, to all."""

from __future__ import annotations

import hashlib
import json
import math
import time
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
import zstandard

from app.errors import CountyRefused
from app.records import Child, Household, Person
from app.records.ids import new_id
from app.records.shown import as_shown
from sync import wire
from sync.client.credentials import ties
from sync.client.incarnation import renew
from sync.heads import pack_head
from sync.merge import DELETED, Loser
from sync.messages import Change, Hello, Page, Request, Result, Unit
from sync.sealed import Kept, seal
from sync.server import accounts, tables
from sync.server.county import AT_ONCE, CountyServer
from sync.server.rules import listed_as
from sync.server.sitting import decode
from sync.unit_table import units_table
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk, joined


def neighbours(county: CountyServer, open_desk: OpenDesk) -> tuple[Desk, Desk]:
    liar, other = joined(county, open_desk(VILLAGE), open_desk(NEXT_VILLAGE, holder="王芳"))
    return liar, other


def colleagues(county: CountyServer, open_desk: OpenDesk) -> tuple[Desk, Desk]:
    liar, other = joined(county, open_desk(VILLAGE), open_desk(VILLAGE, holder="王芳"))
    return liar, other


def sends(
    county: CountyServer, desk: Desk, *changes: Change, seq: int = 50, stamp: str = "", subject: str = ""
) -> Result:
    known = ties(desk.store)
    unit = Unit(seq, "save", subject, desk.store.holder.id, "李娟", 0, changes, stamp)
    (page,) = county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (unit,)))
    return page.results[0]


def asks(county: CountyServer, desk: Desk, **more: Any) -> list[Page]:
    return list(county.exchange(Request(Hello(ties(desk.store).device, "", "", **more))))


def standing(county: CountyServer, type_: str, id_: str) -> tuple[str, dict[str, str]]:
    """Where the county files a record, and its stamps."""
    with county.ledger.reading() as connection:
        row = county.ledger.one(connection, tables.record, type=type_, id=id_)
        return row["org"], decode(row["stamps"])


# What is not its own


def test_a_made_up_save_of_an_earlier_life_takes_no_child_away(county: CountyServer, open_desk: OpenDesk) -> None:
    liar, other = neighbours(county, open_desk)
    child = other.person()
    other.exchange(county)
    with county.ledger.writing() as connection:
        county.ledger.begin_life(connection)
    other.exchange(county)
    _, stamps = standing(county, "person", child.id)
    before = stamps["*"].partition(":")[0] + ":1"
    sends(county, liar, Change("person", child.id, {"org": VILLAGE}, {"org": stamps["*"]}), stamp=before)
    assert standing(county, "person", child.id)[0] == NEXT_VILLAGE


@pytest.mark.parametrize("seq", [51, -1], ids=["own", "witnessed"])
@pytest.mark.parametrize("type_", ["activity", "child_visit", "person"])
def test_a_made_up_save_of_an_earlier_life_takes_nothing_over_that_has_no_known_place(
    county: CountyServer, open_desk: OpenDesk, type_: str, seq: int
) -> None:
    """What came back in part is filed with whoever brought it, and nobody else can say that it was his."""
    liar, other = neighbours(county, open_desk)
    record = new_id()
    assert sends(county, other, Change(type_, record, {"note": "秘密"}), seq=80, stamp="dead:8").stamp
    sends(county, liar, Change(type_, record, {"org": VILLAGE}), seq=seq, stamp="dead:7")
    assert standing(county, type_, record)[0] == NEXT_VILLAGE
    assert liar.exchange(county).received == 0


@pytest.mark.parametrize("stamp", ["x", "dead:", ":", ":5", "dead:-1", "~5", "=ab:3", "dead:٣"])
@pytest.mark.parametrize("seq", [50, -1])
def test_a_stamp_that_is_none_costs_the_county_nothing_but_an_answer(
    county: CountyServer, open_desk: OpenDesk, stamp: str, seq: int
) -> None:
    liar, other = neighbours(county, open_desk)
    child = other.person()
    other.exchange(county)
    bases = {"org": "=:0", "*": "dead:5"}
    sends(county, liar, Change("person", child.id, {"note": "谎", "org": VILLAGE}, bases), seq=seq, stamp=stamp)
    assert standing(county, "person", child.id)[0] == NEXT_VILLAGE


def test_who_tells_of_many_entries_taken_out_costs_the_county_no_more_than_their_number(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    desk = open_desk()
    desk.join(county)
    entries, record = [f"项{number}" for number in range(1_000)], new_id()
    shown = as_shown(None, {"other_names": [*entries, *map(str, range(20_000))]})
    sends(county, desk, Change("person", record, {"other_names": {"add": ["甲"], "remove": []}}), stamp="dead:1")
    sends(county, desk, Change("person", record, {DELETED: True}, {"*": "dead:1", **shown}), seq=51, stamp="dead:3")
    began = time.process_time()
    out = Change("person", record, {"other_names": {"add": [], "remove": entries}}, {"other_names": "dead:1"})
    assert sends(county, desk, out, seq=52, stamp="dead:2").stamp
    assert time.process_time() - began < 0.3


def test_a_made_up_save_of_the_time_before_a_move_cannot_have_seen_the_move(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    liar, other = neighbours(county, open_desk)
    child = liar.person()
    liar.exchange(county)
    _, stamps = standing(county, "person", child.id)
    liar.save(liar.get(Person, child.id), org=NEXT_VILLAGE)
    liar.exchange(county)
    other.exchange(county)
    moved = standing(county, "person", child.id)[1]["org"]
    with county.ledger.writing() as connection:
        county.ledger.begin_life(connection)
    epoch, _, number = stamps["*"].partition(":")
    between = f"{epoch}:{int(number) + 1}"
    sends(county, liar, Change("person", child.id, {"org": VILLAGE}, {"org": moved}), stamp=between)
    assert standing(county, "person", child.id)[0] == NEXT_VILLAGE


def test_who_sees_a_photo_cannot_spoil_it(county: CountyServer, open_desk: OpenDesk) -> None:
    liar, other = colleagues(county, open_desk)
    person = other.person()
    other.exchange(county)
    content = b"photo" * 200
    digest, size = hashlib.sha256(content).hexdigest(), len(content)
    assert sends(county, other, Change("attachment", new_id(), {"subject": person.id, "sha256": digest})).stamp
    assert county.put_blob(ties(other.store).device, digest, 0, size, content) == size
    for more in (1, 2):
        assert county.put_blob(ties(liar.store).device, digest, size, size + more, b"x") == size
    assert county.get_blob(ties(other.store).device, digest, 0, size) == content


def test_a_leaving_tells_nobody_of_a_record_that_the_post_may_not_see(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    village, worker = joined(county, open_desk(VILLAGE), open_desk(TOWN, "social_worker", holder="周敏"))
    child = village.person()
    village.exchange(county)
    worker.exchange(county)
    assert sends(county, worker, Change("case", new_id(), {"subject": child.id})).stamp
    known = ties(village.store)
    worker.save(worker.get(Person, child.id), org=NEXT_VILLAGE)
    worker.exchange(county)
    last = asks(county, village, limit=100, cursors=known.cursors)[-1]
    assert [each.type for each in last.gone] == ["person"]


# What would stop others


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


UNREADABLE = {
    "bytes": b"\x00\xff", "not a number": math.nan, "endless": math.inf, "huge": 1 << 63, "deep": nested(17),
    "entries": {"add": 5}, "nested entries": {"add": [[1]]}, "bytes within": {"birth_date": b"\xff"},
}  # fmt: skip


@pytest.mark.parametrize("part", ["name", "phones", "birth", "weather"])
@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE)
def test_a_value_that_no_desk_could_keep_is_refused(
    county: CountyServer, open_desk: OpenDesk, part: str, value: Any
) -> None:
    liar, other = colleagues(county, open_desk)
    result = sends(county, liar, Change("person", new_id(), {"org": VILLAGE, part: value}))
    assert (result.stamp, result.reason) == ("", "bad_value")
    assert other.exchange(county).delivered


def test_what_is_no_json_value_is_no_message(county: CountyServer, open_desk: OpenDesk) -> None:
    (liar,) = joined(county, open_desk())
    with pytest.raises(wire.Unreadable):
        sends(county, liar, Change("person", new_id(), {"org": VILLAGE, "name": {1: 2}}))


@pytest.mark.parametrize("value", [5, [1, 2], "138", {"a": 1}])
def test_a_value_of_another_kind_gives_way_to_what_is_typed(
    county: CountyServer, open_desk: OpenDesk, value: Any
) -> None:
    liar, other = colleagues(county, open_desk)
    id_ = new_id()
    name = value if not isinstance(value, str) else 7
    assert sends(county, liar, Change("person", id_, {"org": VILLAGE, "name": name, "phones": value})).stamp
    other.exchange(county)
    other.save(other.get(Person, id_), village_group="一组")
    other.save(other.get(Person, id_), name="王小明", phones=("13800000000",))
    assert other.exchange(county).delivered
    found = other.get(Person, id_)
    assert (found.name, found.phones, found.extra) == ("王小明", ("13800000000",), {})


def test_saves_that_name_each_other_as_their_base_hold_nobody_up(county: CountyServer, open_desk: OpenDesk) -> None:
    (liar,) = joined(county, open_desk())
    id_, known = new_id(), ties(liar.store)
    told = [(50, 51, {"a b": 1}), (51, 50, {"a b": 1}), (52, 50, {"name": "王", "org": VILLAGE})]
    units = tuple(
        Unit(seq, "save", "", "x", "李娟", 0, (Change("person", id_, after, dict.fromkeys(after, f"~{base}")),))
        for seq, base, after in told
    )
    (page,) = county.exchange(Request(Hello(known.device, known.server_id, known.epoch), units))
    assert [bool(result.stamp) for result in page.results] == [False, False, False]


@pytest.mark.parametrize("base", ["abc:xyz:5", "~²5", "~:5", "zz:1", f"a:{10**19}"])
def test_a_base_that_is_no_stamp_is_refused(county: CountyServer, open_desk: OpenDesk, base: str) -> None:
    (liar,) = joined(county, open_desk())
    assert sends(county, liar, Change("person", new_id(), {"name": "王"}, {"name": base})).reason == "bad_value"


@pytest.mark.parametrize("limit", [-5, -1, 1 << 62])
def test_a_wish_for_less_than_nothing_or_for_everything_is_answered(
    county: CountyServer, open_desk: OpenDesk, limit: int
) -> None:
    liar, other = colleagues(county, open_desk)
    other.person()
    other.exchange(county)
    pages = asks(county, liar, limit=limit, cursors={"": -7, "x": 3, VILLAGE: -(1 << 60)})
    assert sum(len(page.rows) for page in pages) == (1 if limit > 0 else 0)


@pytest.mark.parametrize("stamp", ["", "abcd:5"], ids=["a new save", "one that is given back"])
def test_a_visit_is_not_put_into_the_file_of_a_child_elsewhere(
    county: CountyServer, open_desk: OpenDesk, stamp: str
) -> None:
    liar, other = neighbours(county, open_desk)
    own, foreign, visit = liar.person(), other.person(), new_id()
    for desk in (liar, other):
        desk.exchange(county)
    assert sends(county, liar, Change("child_visit", visit, {"subject": own.id})).stamp
    _, stamps = standing(county, "child_visit", visit)
    told = Change("child_visit", visit, {"subject": foreign.id}, {"subject": stamps["*"]})
    assert sends(county, liar, told, seq=51, stamp=stamp).reason == "foreign_village"
    assert standing(county, "child_visit", visit)[0] == VILLAGE


def test_a_profile_lies_where_its_person_does_whatever_it_says(county: CountyServer, open_desk: OpenDesk) -> None:
    liar, other = neighbours(county, open_desk)
    child = other.person()
    for desk in (other, liar):
        desk.exchange(county)
    first = sends(county, liar, Change("child", child.id, {"org": VILLAGE, "risk_level": "low"}))
    assert first.reason == "foreign_village"
    other.save(Child(id=child.id), risk_level="high")
    assert other.exchange(county).delivered
    assert standing(county, "child", child.id)[0] == NEXT_VILLAGE


@pytest.mark.parametrize("type_", ["conflict", "proposal", "rejection"])
def test_a_desk_only_settles_what_the_county_writes(county: CountyServer, open_desk: OpenDesk, type_: str) -> None:
    liar, _ = colleagues(county, open_desk)
    person = liar.person()
    liar.exchange(county)
    for after in ({"subject": person.id}, {"about_type": "child"}, {"about": "1"}, {"org": VILLAGE}):
        assert sends(county, liar, Change(type_, new_id(), after), seq=50 + len(str(after))).reason == "not_allowed"


def test_nobody_puts_words_into_the_mouth_of_the_desk_that_proposed(county: CountyServer, open_desk: OpenDesk) -> None:
    liar, other = colleagues(county, open_desk)
    person = other.person()
    other.exchange(county)
    forged = {
        "subject": person.id, "unit": "00" * 32, "about_type": "person", "about": person.id, "author": "王芳",
        "settlement": {"state": "open"},
        "content": json.dumps({
            "seq": 9, "verb": "save", "subject": person.id, "author": "x", "author_name": "王芳", "made_at": 0,
            "stamp": "abc:1",
            "changes": [{"type": "person", "record": person.id, "after": {"note": "坏"}, "bases": {}}],
        }),
    }  # fmt: skip
    witnessed = Unit(-1, "save", person.id, "x", "王芳", 0, (Change("proposal", new_id(), forged),), "abc:2")
    unlike = Change("proposal", new_id(), {**forged, "settlement": 1})
    wrong = Unit(-2, "save", person.id, "x", "王芳", 0, (unlike,), "abc:3")
    known = ties(liar.store)
    list(county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (witnessed, wrong))))
    moved = Change("person", person.id, {"org": NEXT_VILLAGE}, {"org": standing(county, "person", person.id)[1]["*"]})
    assert sends(county, liar, moved, stamp="abc:4").stamp
    with county.ledger.reading() as connection:
        row = county.ledger.one(connection, tables.record, type="person", id=person.id)
    assert "note" not in decode(row["body"])


def test_sealed_saves_that_would_fill_the_memory_are_no_message(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (liar,) = joined(county, open_desk())
    known = ties(liar.store)
    monkeypatch.setattr("sync.server.county.LARGEST", 1 << 20)
    unit = Unit(1, "save", "", "x", "李娟", 0, (Change("person", new_id(), {"note": "x" * 600_000}),))
    bomb = seal(Kept(unit), bytes.fromhex(known.parcel_key))
    assert len(bomb) < 2_000
    with pytest.raises(wire.Unreadable):
        list(county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (), (bomb, bomb))))


def test_large_records_come_in_pages_that_every_desk_can_unpack(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    liar, other = colleagues(county, open_desk)
    monkeypatch.setattr("sync.server.giving.LARGEST_PAGE", 100_000)
    for number in range(9):
        assert sends(county, liar, Change("person", new_id(), {"org": VILLAGE, "note": "x" * 60_000}), seq=50 + number)
    pages = asks(county, other, limit=20_000)
    assert [len(page.rows) for page in pages] == [1] * 9
    assert other.exchange(county).delivered


def test_a_page_that_would_fill_the_memory_is_noticed_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST", 1 << 20)
    packer = zstandard.ZstdCompressor().compressobj()
    bomb = packer.compress((1 << 20).to_bytes(4, "big") + bytes(400 << 20)) + packer.flush()
    with pytest.raises(wire.Unreadable):
        list(wire.decode_pages([bomb]))


# Lives that never were


@pytest.mark.parametrize("what", ["epoch", "last"])
def test_who_makes_up_what_the_county_never_said_is_soon_not_heard_any_more(
    county: CountyServer, open_desk: OpenDesk, what: str
) -> None:
    liar, other = neighbours(county, open_desk)
    other.person()
    other.exchange(county)

    def says(desk: Desk, number: int) -> str:
        with county.ledger.reading() as connection:
            now = county.ledger.terms(connection)
        made_up = f"{number:08x}" if what == "epoch" else now.epoch
        last = f"{number:016x}" if what == "last" else ""
        list(county.exchange(Request(Hello(ties(desk.store).device, now.server_id, made_up, last=last))))
        with county.ledger.reading() as connection:
            return county.ledger.terms(connection).epoch

    lives = [says(liar, number) for number in range(accounts.MOST_CLAIMS)]
    assert len(set(lives)) == accounts.MOST_CLAIMS
    with pytest.raises(CountyRefused, match="没有丢") as refused:
        says(liar, 77)
    assert refused.value.code == "C20"
    assert says(other, 78) not in lives
    assert other.exchange(county).delivered
    with county.ledger.writing() as connection:
        long_ago = " ".join(["5"] * accounts.MOST_CLAIMS)
        connection.execute(sa.update(tables.device).values(claims=long_ago))
    assert says(liar, 79) not in lives


def test_who_makes_up_lives_is_not_heard_under_other_names_either(county: CountyServer, open_desk: OpenDesk) -> None:
    liar, other = neighbours(county, open_desk)
    names = [ties(liar.store).device]
    while len(names) <= accounts.MOST_CLAIMS:
        renew(county, liar.store)
        names.append(ties(liar.store).device)
    for name in names[:-1]:
        list(county.exchange(Request(Hello(name, "", name[-8:]))))
    with pytest.raises(CountyRefused, match="没有丢") as refused:
        list(county.exchange(Request(Hello(names[-1], "", names[-1][-8:]))))
    assert refused.value.code == "C20"
    assert other.exchange(county).delivered


# What it makes of others' files


def test_a_late_save_about_ones_own_child_opens_nobody_elses_file(county: CountyServer, open_desk: OpenDesk) -> None:
    liar, other = neighbours(county, open_desk)
    own, stranger = liar.person(), other.person()
    for desk in (liar, other):
        desk.exchange(county)
    _, stamps = standing(county, "person", own.id)
    liar.save(liar.get(Person, own.id), org=NEXT_VILLAGE)
    liar.exchange(county)
    late = Change("person", own.id, {"note": "晚到的"}, {"note": stamps["*"]})
    assert sends(county, liar, late, seq=50, subject=stranger.id).reason == "proposed"
    about_her = Change("person", stranger.id, {"note": "不该写的"})
    assert sends(county, liar, about_her, seq=51, subject=stranger.id).reason == "foreign_village"


def test_a_set_of_fifty_thousand_entries_is_not_looked_through(county: CountyServer, open_desk: OpenDesk) -> None:
    liar, _ = neighbours(county, open_desk)
    person = liar.person()
    liar.exchange(county)
    huge = {"add": [str(number) for number in range(50_000)], "remove": []}
    assert sends(county, liar, Change("person", person.id, {"other_names": huge})).reason == "bad_value"


def test_what_is_refused_holds_the_save_and_nothing_that_was_made_of_it(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    liar, other = neighbours(county, open_desk)
    person = other.person()
    other.exchange(county)
    sends(county, liar, Change("person", person.id, {"note": "不该写的"}))
    with county.ledger.reading() as connection:
        (row,) = connection.execute(county.ledger.of(tables.record, type="rejection")).mappings()
    assert json.loads(decode(row["body"])["content"]).keys() == set(Unit.__struct_fields__)


def test_a_listing_that_was_made_up_in_the_old_village_hides_nothing_in_the_new_one(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, liar, town = joined(
        county, open_desk(VILLAGE), open_desk(NEXT_VILLAGE), open_desk(TOWN, "child_supervisor", holder="张强")
    )
    child = here.person(village_group="一组")
    for desk in (here, town):
        desk.exchange(county)
    here.save(here.get(Person, child.id), village_group="二组")
    here.exchange(county)
    stamp = here.get(Person, child.id).stamps["village_group"]
    id_ = listed_as(Change("person", child.id, {}), Loser("village_group", "二组", stamp))
    made_up = {"about": child.id, "about_type": "person", "part": "village_group", "settlement": {"state": "value"}}
    sends(county, liar, Change("conflict", id_, made_up), seq=-1, stamp="abc:7")
    town.save(town.get(Person, child.id), village_group="三组")
    town.exchange(county)
    place, _ = standing(county, "conflict", id_)
    with county.ledger.reading() as connection:
        body = decode(county.ledger.one(connection, tables.record, type="conflict", id=id_)["body"])
    assert place == VILLAGE
    assert (body["other"], body["settlement"]["state"]) == ('"二组"', "open")


# What would make others wait, or fill the memory


def test_a_save_of_more_changes_or_parts_than_any_honest_one_is_refused_at_once(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    liar, _ = neighbours(county, open_desk)
    child = liar.person()
    liar.exchange(county)
    many = [Change("kinship", f"{n:032x}", {}) for n in range(8_000)]
    parts = {f"p{n}": 1 for n in range(5_000)}
    began = time.process_time()
    sends(county, liar, *(Change("kinship", each.record, {"relation": "x"}) for each in many), seq=-1, stamp="feed:1")
    assert sends(county, liar, *many).reason == "too_large"
    assert sends(county, liar, Change("person", child.id, parts), seq=51).reason == "too_large"
    assert time.process_time() - began < 2
    with county.ledger.reading() as connection:
        assert county.ledger.first(connection, tables.record, type="kinship", id=many[0].record) is None


def test_nobody_makes_a_record_that_no_desk_can_read(county: CountyServer, open_desk: OpenDesk) -> None:
    liar, other = colleagues(county, open_desk)
    child = liar.person()
    liar.exchange(county)
    told = [
        sends(county, liar, Change("person", child.id, {f"x{n}": "x" * 900_000}), seq=60 + n).reason for n in range(4)
    ]
    assert told == ["", "", "too_large", "too_large"]
    some = [Change("person", child.id, {f"y{n}": "x" * 120_000}) for n in range(3)]
    assert sends(county, liar, *some, seq=70).reason == "too_large"  # each would have room by itself
    assert other.exchange(county).delivered


def test_a_number_in_a_request_costs_no_memory() -> None:
    table = [3_000_000, [[], 0, [], 0, 0, [], [0, []]], {}, ["x"]]
    began = time.process_time()
    with pytest.raises(wire.Unreadable):
        wire.decode_request(msgspec.msgpack.encode([pack_head(Hello("ab" * 16, "", "")), table]))
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize(
    "head, odd",
    [(0, [1.5]), (0, ["1"]), (2, [5]), (2, [["a"]]), (5, ["x"]), (5, [None])],
    ids=["half a number", "a word for a number", "a number for a person", "a list", "no time", "nothing for a time"],
)
def test_a_head_of_another_kind_is_no_message(head: int, odd: list[Any]) -> None:
    table = units_table([Unit(1, "save", new_id(), "x", "李娟", 0, (Change("person", new_id(), {"note": "x"}),))])
    asked = [pack_head(Hello("ab" * 16, "", "")), table]
    assert len(wire.decode_request(msgspec.msgpack.encode(asked)).units) == 1
    table[1][head] = odd
    with pytest.raises(wire.Unreadable):
        wire.decode_request(msgspec.msgpack.encode(asked))


@pytest.mark.parametrize("is_new", [True, False])
def test_naming_an_own_child_opens_no_household_of_another_village(
    county: CountyServer, open_desk: OpenDesk, is_new: bool
) -> None:
    liar, other = joined(county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"))
    child, home = liar.person().id, other.save(Household(), org=NEXT_VILLAGE)
    for desk in (liar, other):
        desk.exchange(county)
    id_, after = (new_id(), {"org": NEXT_VILLAGE}) if is_new else (home.id, {"address": "假的"})
    told = sends(county, liar, Change("household", id_, after), stamp="abcd:5", subject=child)
    assert told.reason in ("proposed", "foreign_village")
    other.exchange(county)
    assert [(each.id, each.address) for each in other.store.every(Household)] == [(home.id, None)]


def test_of_many_saves_in_one_request_others_wait_for_a_part_only(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    liar, _ = neighbours(county, open_desk)
    known, holder, lengths = ties(liar.store), liar.store.holder.id, list[int]()
    taken = CountyServer._taken

    def counted(self: CountyServer, connection: Any, device: Any, units: Any) -> list[Result]:
        lengths.append(len(units))
        return taken(self, connection, device, units)

    monkeypatch.setattr(CountyServer, "_taken", counted)
    saves = tuple(
        Unit(n, "save", "", holder, "李娟", 0, (Change("person", new_id(), {"name": "王小明", "org": VILLAGE}),))
        for n in range(1, 601)
    )
    (page, *_) = county.exchange(Request(Hello(known.device, known.server_id, known.epoch), saves))
    assert [result.seq for result in page.results] == list(range(1, 601))
    assert (max(lengths), sum(lengths)) == (AT_ONCE, 600)
