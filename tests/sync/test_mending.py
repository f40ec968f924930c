"""A desk and a county that hold different records find out at the end of an exchange, and only that is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app.records import Child, Person
from app.store.changes import writing
from sync.client import agreement, engine, mending
from sync.client.engine import Light, light
from sync.client.http import HttpCounty
from sync.client.news import DIFFERS_WORDS, unread
from sync.drill import LEAF
from sync.server.county import CountyServer
from sync.server.serving import listen
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk, contents

MANY = 1_200


@pytest.fixture(autouse=True)
def _looks_over_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "A_WHILE", 0)


@pytest.fixture
def desk(county: CountyServer, open_desk: OpenDesk) -> Desk:
    """A desk that agrees with the county about a village of twelve hundred."""
    made = open_desk()
    people = [(None, Person(org=VILLAGE, name=f"王{number}", phones=("1", "2"))) for number in range(MANY)]
    made.store.save(made.store.holder, *people)
    for person in list(made.store.every(Person))[:200]:
        made.save(Child(id=person.id), risk_level="low")
    made.join(county)
    assert made.exchange(county).delivered
    return made


@pytest.fixture
def line(county: CountyServer, desk: Desk) -> Iterator[HttpCounty]:
    with listen(county) as answering:
        to = HttpCounty.to(desk.store, answering.url)
        yield to
        to.close()


def somebody(desk: Desk, place: int = 700) -> str:
    return sorted(person.id for person in desk.store.every(Person))[place]


def sql(desk: Desk, statement: str, *values: object) -> None:
    """What a bug, a half-done restore or a bit of the disk does to the store, past everything that guards it."""
    with desk.store.transaction() as work:
        work.db.execute(statement, list(values))


def row_lost(desk: Desk, id_: str) -> None:
    sql(desk, "DELETE FROM person WHERE id = ?", id_)


def row_and_note_lost(desk: Desk, id_: str) -> None:
    row_lost(desk, id_)
    sql(desk, "DELETE FROM county_row WHERE record = ? AND type = 'person'", id_)


def row_altered(desk: Desk, id_: str) -> None:
    sql(desk, "UPDATE person SET name = '赵错' WHERE id = ?", id_)


def stamp_altered(desk: Desk, id_: str) -> None:
    sql(desk, "UPDATE person SET stamps = json_set(stamps, '$.\"*\"', 'dead:1') WHERE id = ?", id_)


def note_altered(desk: Desk, id_: str) -> None:
    sql(desk, "UPDATE county_row SET h1 = h1 + 1 WHERE record = ? AND type = 'person'", id_)


def note_lost(desk: Desk, id_: str) -> None:
    sql(desk, "DELETE FROM county_row WHERE record = ? AND type = 'person'", id_)


def division_altered(desk: Desk, id_: str) -> None:
    sql(desk, "UPDATE county_row SET org = ? WHERE record = ? AND type = 'person'", NEXT_VILLAGE, id_)


def row_too_many(desk: Desk, id_: str) -> None:
    stranger = "f" * 31 + id_[-1]
    sql(desk, "UPDATE person SET id = ?, name = '不该有' WHERE id = ?", stranger, id_)
    sql(desk, "UPDATE county_row SET record = ? WHERE record = ? AND type = 'person'", stranger, id_)


FAULTS = (
    row_lost, row_and_note_lost, row_altered, stamp_altered, note_altered, note_lost, division_altered, row_too_many,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_kind_of_difference_is_mended_for_bytes_in_proportion(
    desk: Desk, line: HttpCounty, fault: Callable[[Desk, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "AT_A_TIME", 2 * MANY)
    before = contents(desk, Person), desk.get(Person, somebody(desk)).stamps
    id_ = somebody(desk)
    history = len(desk.store.history("person", id_))
    fault(desk, id_)
    outcome = desk.exchange(line)
    assert outcome.delivered
    assert (contents(desk, Person), desk.get(Person, id_).stamps) == before
    assert outcome.bytes_up + outcome.bytes_down < 12_000
    (told,) = desk.store.audit_log("digest_differs")
    assert told.detail["mended"]
    assert "王" not in str(told.detail)
    assert 0 < sum(told.detail["records"].values()) <= 2
    if fault is not division_altered:  # what seems to have left takes its history along
        assert len(desk.store.history("person", id_)) == history
    assert light(desk.store) is Light.ALL_SENT
    quiet = desk.exchange(line)
    assert (quiet.requests, quiet.received) == (1, 0)


def test_many_differences_are_mended_together(desk: Desk, line: HttpCounty) -> None:
    before = contents(desk, Person), contents(desk, Child)
    sql(desk, "DELETE FROM person WHERE n % 5 = 0")
    sql(desk, "DELETE FROM county_row WHERE type = 'person' AND record NOT IN (SELECT id FROM person)")
    sql(desk, "UPDATE county_row SET h2 = 0 WHERE type = 'child'")
    assert desk.exchange(line).delivered
    assert (contents(desk, Person), contents(desk, Child)) == before
    (told,) = desk.store.audit_log("digest_differs")
    assert told.detail == {"mended": True, "records": {f"{VILLAGE} child": 200, f"{VILLAGE} person": MANY // 5}}


def test_what_lies_here_is_looked_over_bit_by_bit(desk: Desk, county: CountyServer) -> None:
    """A row that was altered behind the program's back is found although every digest is as it was."""
    id_ = somebody(desk, MANY - 1)
    row_altered(desk, id_)
    for _ in range((MANY + 200) // mending.AT_A_TIME + 1):
        assert desk.exchange(county).delivered
    assert desk.get(Person, id_).name != "赵错"
    assert len(desk.store.audit_log("digest_differs")) == 1


def test_what_lies_here_is_looked_over_once_in_a_while_and_when_something_moved(
    desk: Desk, county: CountyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(mending, "altered", lambda work, some: looked.append(len(some)) or set())
    monkeypatch.setattr(mending, "A_WHILE", 60 * 60_000)
    desk.exchange(county)
    assert looked == []
    desk.person()
    desk.exchange(county)
    assert looked == [mending.AT_A_TIME]
    monkeypatch.setattr(mending, "A_WHILE", 0)
    desk.exchange(county)
    assert looked == [mending.AT_A_TIME] * 2


def test_own_changes_that_wait_are_never_touched(desk: Desk, county: CountyServer) -> None:
    ids = [somebody(desk, place) for place in (1, 2, 3)]
    for id_ in ids:
        desk.save(desk.get(Person, id_), note="还没送")
    before = contents(desk, Person)
    sql(desk, "UPDATE county_row SET h1 = 0")
    mending.mend(county, desk.store)
    assert contents(desk, Person) == before
    assert desk.store.pending() == 3
    assert desk.exchange(county).delivered
    assert contents(desk, Person) == before


def test_a_record_that_cannot_be_kept_letter_for_letter_is_not_fetched_for_ever(
    desk: Desk, county: CountyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = mending._row

    def unlike(name: tuple[str, str], org: str, state: object) -> object:
        row = real(name, org, state)  # type: ignore[arg-type]
        return row._replace(org="x") if name[1] == id_ else row

    id_ = somebody(desk)
    monkeypatch.setattr(mending, "AT_A_TIME", 2 * MANY)
    monkeypatch.setattr(mending, "_row", unlike)
    for _ in range(3):
        assert desk.exchange(county).delivered
    assert len(desk.store.audit_log("digest_differs")) == 1


def test_a_difference_that_nothing_mends_is_shown(
    desk: Desk, county: CountyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "total", lambda sums: b"never this")
    outcome = desk.exchange(county)
    assert not outcome.delivered
    assert [each.words for each in unread(desk.store)] == [(DIFFERS_WORDS,)]
    assert light(desk.store) is Light.DIFFERS
    monkeypatch.undo()
    assert desk.exchange(county).delivered
    assert light(desk.store) is Light.ALL_SENT


def test_without_the_comparison_a_difference_stays(
    desk: Desk, county: CountyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = somebody(desk)
    row_and_note_lost(desk, id_)
    monkeypatch.setattr(agreement, "is_same", lambda store: True)
    desk.exchange(county)
    assert desk.store.get(Person, id_) is None
    monkeypatch.undo()
    desk.exchange(county)
    assert desk.store.get(Person, id_) is not None


def test_a_desk_is_told_of_nothing_that_it_may_not_see(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town = open_desk(), open_desk(NEXT_VILLAGE), open_desk(TOWN, "child_supervisor")
    for each in (here, there, town):
        each.join(county)
    mine, other = here.person(), there.person()
    for each in (here, there, town):
        each.exchange(county)
    device = engine.ties(here.store).device
    parts = [(VILLAGE, "person", ""), (NEXT_VILLAGE, "person", ""), (NEXT_VILLAGE, "person", other.id[-1])]
    assert [set(each.ids) for each in county.look(device, parts)] == [{mine.id}, set(), set()]
    page = county.named(device, [("person", mine.id), ("person", other.id), ("person", "0" * 32)])
    assert [row.record for row in page.rows] == [mine.id]
    both = county.named(engine.ties(town.store).device, [("person", mine.id), ("person", other.id)])
    assert {row.record for row in both.rows} == {mine.id, other.id}


def test_the_county_tells_small_parts_one_by_one_and_large_ones_by_digit(desk: Desk, county: CountyServer) -> None:
    device = engine.ties(desk.store).device
    (whole,) = county.look(device, [(VILLAGE, "person", "")])
    assert (len(whole.parts), whole.ids) == (16, {})
    assert sum(count for count, _, _ in whole.parts.values()) == MANY
    smaller = county.look(device, [(VILLAGE, "person", digit) for digit in whole.parts])
    for digit, detail in zip(whole.parts, smaller, strict=True):
        count = whole.parts[digit][0]
        told = len(detail.ids) if count <= LEAF else sum(each for each, _, _ in detail.parts.values())
        assert told == count
    with writing(desk.store) as work:
        assert mending.sums_beneath(work, VILLAGE, "person", "") == whole.parts
