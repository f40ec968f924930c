"""Ninety days of county time after a deletion: nothing is left, here and there, and nothing is lost in silence."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.cases import duplicates
from app.policy.access import Actor
from app.records import Attachment, Child, ChildVisit, Conflict, Household, Person, Rejection
from app.store.changes import writing
from sync.client.credentials import ties
from sync.merge import DELETED, EMPTIED
from sync.messages import Change, Hello, Request, Unit
from sync.server import bin, copies, tables
from sync.server.county import CountyServer, open_county
from sync.server.ledger import now_ms
from tests.sync.desks import NEXT_VILLAGE, VILLAGE, Desk, OpenDesk, joined
from tests.sync.test_hostile import sends

NAME = "独一无二的名字"


def later(days: float) -> int:
    return now_ms() + int(days * bin.DAY)


def delivered(county: CountyServer, *desks: Desk) -> None:
    for desk in desks:
        assert desk.exchange(county).delivered


def throw_away(desk: Desk, *records: Person | Child | ChildVisit | Attachment | Household) -> None:
    fresh = [desk.get(type(record), record.id) for record in records]
    desk.store.delete(desk.store.holder, *fresh)


def told_at_the_county(county: CountyServer) -> str:
    """Everything that the county's tables hold, as text."""
    with county.ledger.reading() as connection:
        rows = [row for table in tables.metadata.sorted_tables for row in connection.execute(county.ledger.of(table))]
    return "\n".join(
        value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value) for row in rows for value in row
    )


def told_at_the_desk(desk: Desk) -> str:
    with writing(desk.store) as work:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%'"
        names = [row[0] for row in work.db.execute(query).fetchall()]
        rows = [row for name in names for row in work.db.execute(f"SELECT * FROM {name}").fetchall()]
    return "\n".join(str(value) for row in rows for value in row)


def is_bare(desk: Desk, cls: type[Person] | type[ChildVisit], id_: str) -> bool:
    """Whether only a tombstone is left."""
    with writing(desk.store) as work:
        held = work.held([(cls.spec.name, id_)])
    ((body, _stamps),) = held.values()
    return body.keys() <= {DELETED, EMPTIED, "org", "subject"} and EMPTIED in body


@pytest.fixture
def pair(county: CountyServer, open_desk: OpenDesk) -> tuple[Desk, ...]:
    return joined(county, open_desk(holder="李娟"), open_desk(holder="王芳"))


def test_after_ninety_days_nothing_is_left_at_the_county_and_at_any_desk(
    county: CountyServer, pair: tuple[Desk, ...]
) -> None:
    first, second = pair
    person = first.person(NAME)
    delivered(county, first, second)
    second.save(second.get(Person, person.id), note=NAME + "的备注")
    delivered(county, second, first)
    throw_away(first, person)
    delivered(county, first, second)
    assert bin.empty(county.ledger, later(89)).records == {}
    assert NAME in told_at_the_county(county)
    assert bin.empty(county.ledger, later(91)).records == {"person": 1}
    assert NAME not in told_at_the_county(county)
    delivered(county, first, second)
    for desk in pair:
        assert NAME not in told_at_the_desk(desk)
        assert is_bare(desk, Person, person.id)
        assert desk.store.bin() == []
        assert desk.store.search("独一") == []


def test_emptying_twice_does_nothing_the_second_time(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    throw_away(pair[0], pair[0].person(NAME))
    delivered(county, *pair)
    assert bin.foresee(county.ledger, later(91)).records == {"person": 1}
    bin.empty(county.ledger, later(91))
    assert bin.empty(county.ledger, later(200)) == bin.Emptied({}, 0, 0)


def test_what_is_taken_out_of_the_bin_begins_anew(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    desk = pair[0]
    person = desk.person(NAME)
    throw_away(desk, person)
    delivered(county, desk)
    (lying,) = desk.store.bin()
    desk.store.restore(desk.store.holder, lying)
    delivered(county, desk)
    assert bin.empty(county.ledger, later(91)).records == {}
    assert desk.get(Person, person.id).name == NAME


def test_a_person_goes_with_the_whole_file(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    first, second = pair
    person = first.person(NAME)
    first.save(Child(id=person.id), risk_level="low")
    first.save(ChildVisit(), subject=person.id, visited_on="2026-01-05", living="看过" + NAME)
    delivered(county, first, second)
    throw_away(first, first.get(Child, person.id), person)
    delivered(county, first, second)
    assert bin.empty(county.ledger, later(91)).records == {"person": 1, "child": 1, "child_visit": 1}
    delivered(county, first, second)
    assert NAME not in told_at_the_county(county)
    assert NAME not in told_at_the_desk(second)


def test_a_person_stays_while_somebody_writes_about_them(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    first, second = pair
    person = first.person(NAME)
    delivered(county, first, second)
    throw_away(first, person)
    delivered(county, first)
    visit = second.save(ChildVisit(), subject=person.id, visited_on="2026-01-05")
    delivered(county, second, first)
    assert bin.foresee(county.ledger, later(91)).staying == 1
    assert bin.empty(county.ledger, later(91)) == bin.Emptied({}, 0, 1)
    throw_away(second, visit)
    delivered(county, second)
    assert bin.empty(county.ledger, later(91)).records == {"person": 1, "child_visit": 1}


def test_a_registration_stays_while_another_one_of_the_same_person_lives(
    county: CountyServer, pair: tuple[Desk, ...]
) -> None:
    desk = pair[0]
    one, another = desk.person(NAME), desk.person(NAME)
    visit = desk.save(ChildVisit(), subject=one.id, visited_on="2026-01-05")
    duplicates.mark_same(desk.store, Actor("w", "李娟", "child_director", VILLAGE), one.id, another.id)
    throw_away(desk, one)
    delivered(county, desk)
    assert bin.empty(county.ledger, later(91)) == bin.Emptied({}, 0, 1)
    assert [each.id for each in desk.store.of_subject(ChildVisit, another.id)] == [visit.id]
    throw_away(desk, another)
    delivered(county, desk)
    assert bin.empty(county.ledger, later(91)).records == {"person": 2, "child_visit": 1, "alias": 1}


def test_an_edit_made_meanwhile_comes_back_with_everything_in_it(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    first, second = pair
    person = first.person(NAME)
    delivered(county, first, second)
    throw_away(first, person)
    delivered(county, first)
    second.save(second.get(Person, person.id), village_group="三组")
    visit = second.save(ChildVisit(), subject=person.id, visited_on="2026-01-05")
    bin.empty(county.ledger, later(91))
    outcome = second.exchange(county)
    assert (outcome.rejections, outcome.delivered) == (2, True)
    found = {each.about: each for each in second.store.find(Rejection)}
    assert {each.reason for each in found.values()} == {"emptied"}
    assert json.loads(found[person.id].content or "")["changes"][0]["after"]["village_group"] == "三组"
    assert visit.id in found
    assert is_bare(second, Person, person.id)


def test_two_who_delete_the_same_make_no_rejection(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    first, second = pair
    person = first.person(NAME)
    delivered(county, first, second)
    throw_away(first, person)
    delivered(county, first)
    throw_away(second, person)
    bin.empty(county.ledger, later(91))
    delivered(county, second)
    assert second.store.count(Rejection) == 0
    assert is_bare(second, Person, person.id)


def test_conflicts_and_rejections_about_it_are_emptied_too(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    first, second = pair
    person = first.person(NAME)
    delivered(county, first, second)
    first.save(first.get(Person, person.id), note=NAME + "甲")
    second.save(second.get(Person, person.id), note=NAME + "乙")
    delivered(county, first, second, first)
    assert first.store.count(Conflict) == 1
    throw_away(first, person)
    delivered(county, first, second)
    bin.empty(county.ledger, later(91))
    delivered(county, first, second)
    assert first.store.count(Conflict) == 0
    assert NAME not in told_at_the_county(county)
    assert NAME not in told_at_the_desk(first)


def test_a_rejection_keeps_what_it_holds_of_others(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    desk, other = pair[0], pair[1]
    gone, staying = desk.person(NAME), desk.person("赵小红")
    delivered(county, desk)
    known = ties(desk.store)
    changes = (
        Change("person", gone.id, {"note": NAME + "拒"}),
        Change("person", staying.id, {"note": "留下"}),
        Change("person", staying.id, {"a b": "坏"}),
    )
    unit = Unit(90, "save", "", desk.store.holder.id, "李娟", 0, changes)
    list(county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (unit,))))
    throw_away(desk, gone)
    delivered(county, desk)
    bin.empty(county.ledger, later(91))
    delivered(county, desk, other)
    (rejection,) = desk.store.find(Rejection)
    left = json.loads(rejection.content or "")["changes"]
    assert [each["record"] for each in left] == [staying.id, staying.id]
    assert NAME not in told_at_the_county(county)


def test_photos_go_when_no_other_record_bears_them(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    desk = pair[0]
    person = desk.person()
    shared, alone = desk.store.attach_blob(b"both" * 50), desk.store.attach_blob(b"one" * 50)
    first, second, third = (
        desk.save(Attachment(), subject=person.id, sha256=digest, size=200, kind="photo")
        for digest in (shared, alone, shared)
    )
    delivered(county, *pair)
    throw_away(desk, first, second)
    delivered(county, desk)
    foreseen = bin.foresee(county.ledger, later(91))
    assert bin.empty(county.ledger, later(91)) == foreseen == bin.Emptied({"attachment": 2}, 1, 0)
    delivered(county, *pair)
    for each in pair:
        assert (each.store.has_blob(shared), each.store.has_blob(alone)) == (True, False)
    assert county.has_blob(ties(desk.store).device, shared) == 200
    assert third.sha256 == shared


def test_a_tombstone_follows_its_person_to_another_village(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    town = open_desk("530602001000", "child_supervisor")
    town.join(county)
    person = here.person(NAME)
    visit = here.save(ChildVisit(), subject=person.id, visited_on="2026-01-05")
    delivered(county, here, town)
    throw_away(here, visit)
    delivered(county, here)
    bin.empty(county.ledger, later(91))
    delivered(county, town)
    town.save(town.get(Person, person.id), org=NEXT_VILLAGE)
    delivered(county, town, there, here)
    assert is_bare(there, ChildVisit, visit.id)
    assert here.store.get(Person, person.id) is None


def test_nobody_but_the_county_empties(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    desk = pair[0]
    person = desk.person(NAME)
    delivered(county, desk)
    known, base = ties(desk.store), desk.get(Person, person.id).stamps["*"]
    forged = Change("person", person.id, {DELETED: True, EMPTIED: "f" * 32}, {"*": base})
    for seq, stamp in ((70, ""), (-1, "abcd:5")):
        unit = Unit(seq, "save", "", desk.store.holder.id, "李娟", 0, (forged,), stamp)
        list(county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (unit,))))
    assert NAME in told_at_the_county(county)
    desk.exchange(county)
    with writing(desk.store) as work:
        ((body, _),) = work.held([("person", person.id)]).values()
    assert body["name"] == NAME


class Restored:
    """A county, a copy of it, and what the copy becomes."""

    def __init__(self, county: CountyServer, folder: Path) -> None:
        self.county, self.folder = county, folder

    def back_up(self) -> None:
        copies.back_up(self.folder / "county", self.folder / "one.copy")

    def come_back(self) -> CountyServer:
        copies.restore(self.folder / "one.copy", self.folder / "again", self.folder / "county.key")
        self.county = open_county(self.folder / "again")
        return self.county


@pytest.fixture
def restored(county: CountyServer, tmp_path: Path) -> Iterator[Restored]:
    made = Restored(county, tmp_path)
    yield made
    made.county.ledger.close()
    shutil.rmtree(tmp_path / "again", ignore_errors=True)


@pytest.mark.parametrize("order", [(0, 1, 0), (1, 0, 1)], ids=["the tombstone first", "the old content first"])
@pytest.mark.parametrize("moment", ["before it was made", "while it lived", "while it lay in the bin"])
def test_a_restored_county_brings_nothing_back_that_was_emptied(
    restored: Restored, open_desk: OpenDesk, order: tuple[int, ...], moment: str
) -> None:
    county = restored.county
    desks = joined(county, open_desk(holder="李娟"), open_desk(holder="王芳"))
    moments = iter(("before it was made", "while it lived", "while it lay in the bin"))

    def pass_moment() -> None:
        if next(moments) == moment:
            restored.back_up()

    pass_moment()
    person = desks[1].person(NAME)
    visit = desks[1].save(ChildVisit(), subject=person.id, visited_on="2026-01-05", living=NAME)
    delivered(county, desks[1], desks[0])  # the other is away from here on, with everything still there
    pass_moment()
    throw_away(desks[0], person)
    delivered(county, desks[0])
    pass_moment()
    bin.empty(county.ledger, later(91))
    delivered(county, desks[0])
    again = restored.come_back()
    for at in (*order, *order):
        delivered(again, desks[at])
    assert NAME not in told_at_the_county(again)
    for desk in desks:
        assert is_bare(desk, Person, person.id)
        assert is_bare(desk, ChildVisit, visit.id)
        assert NAME not in told_at_the_desk(desk)


def emptied_after_a_copy(restored: Restored, open_desk: OpenDesk) -> tuple[tuple[Desk, ...], Person]:
    """Somebody whom one of two desks deleted, and the county emptied, after a copy; the other is away since then."""
    county = restored.county
    desks = joined(county, open_desk(holder="李娟"), open_desk(holder="王芳"))
    person = desks[0].person(NAME)
    delivered(county, *desks)
    restored.back_up()
    throw_away(desks[1], person)
    delivered(county, desks[1])
    bin.empty(county.ledger, later(91))
    return desks, person


@pytest.mark.parametrize("restores", [1, 2])
@pytest.mark.parametrize("wrote", ["in it", "in the file"])
def test_what_was_written_since_a_restore_is_not_buried_with_what_was_emptied_before(
    restored: Restored, open_desk: OpenDesk, wrote: str, restores: int
) -> None:
    desks, person = emptied_after_a_copy(restored, open_desk)
    county = restored.county
    delivered(county, desks[1])
    again = restored.come_back()
    if wrote == "in it":
        desks[0].save(desks[0].get(Person, person.id), note="还住在村里")
    else:
        desks[0].save(ChildVisit(), subject=person.id, visited_on="2026-01-05", living="还住在村里")
    delivered(again, desks[0])
    if restores == 2:
        with again.ledger.writing() as connection:
            again.ledger.begin_life(connection)
    delivered(again, desks[1], *desks)
    assert "还住在村里" in told_at_the_county(again)
    for desk in desks:
        assert "还住在村里" in told_at_the_desk(desk)
        assert desk.get(Person, person.id).name == NAME


def test_what_was_written_between_two_restores_goes_back_to_its_author_if_it_comes_after_the_tombstone(
    restored: Restored, open_desk: OpenDesk
) -> None:
    desks, person = emptied_after_a_copy(restored, open_desk)
    county, folder = restored.county, restored.folder
    delivered(county, desks[1])
    again = restored.come_back()
    desks[0].save(desks[0].get(Person, person.id), note="还住在村里")
    delivered(again, desks[0])
    copies.restore(folder / "one.copy", folder / "third", folder / "county.key")
    third = open_county(folder / "third")
    try:
        delivered(third, desks[1], desks[0])
        assert is_bare(desks[0], Person, person.id)
        (refused,) = desks[0].store.find(Rejection)
        assert (refused.reason, "还住在村里" in told_at_the_county(third)) == ("emptied", True)
        assert NAME not in told_at_the_county(third)
    finally:
        third.ledger.close()


def test_what_was_refused_because_its_record_was_emptied_outlives_a_restore(
    restored: Restored, open_desk: OpenDesk
) -> None:
    desks, person = emptied_after_a_copy(restored, open_desk)
    county = restored.county
    desks[0].save(desks[0].get(Person, person.id), note="还住在村里")
    delivered(county, desks[0], desks[1])
    (refused,) = desks[1].store.find(Rejection)
    with writing(desks[1].store) as work:
        ((body, stamps),) = work.held([("rejection", refused.id)]).values()
    again = restored.come_back()
    told = Change("rejection", refused.id, dict(body))
    sends(again, desks[0], told, seq=-1, stamp=stamps["*"], subject=person.id)  # before the tombstone
    delivered(again, desks[1], desks[0])
    assert "还住在村里" in told_at_the_county(again)
    assert [each.state for each in desks[0].store.find(Rejection)] == ["open"]


def test_the_place_of_a_village_that_has_no_desk_is_emptied_too(county: CountyServer, open_desk: OpenDesk) -> None:
    (town,) = joined(county, open_desk("530602001000", "child_supervisor"))
    person = town.save(Person(), name=NAME, org=VILLAGE)
    throw_away(town, person)
    delivered(county, town)
    assert bin.empty(county.ledger, later(91)).records == {"person": 1}


def test_a_county_of_an_earlier_schema_counts_from_when_it_took_the_deletion(
    county: CountyServer, pair: tuple[Desk, ...], tmp_path: Path
) -> None:
    desk = pair[0]
    throw_away(desk, desk.person(NAME))
    desk.person("留下的人")
    delivered(county, desk)
    with county.ledger.writing() as connection:
        connection.exec_driver_sql("UPDATE record SET deleted_at = NULL")
        connection.exec_driver_sql("UPDATE unit SET arrived_at = 5")
        connection.exec_driver_sql("UPDATE space SET schema = 2")
    again = open_county(tmp_path / "county")
    with again.ledger.reading() as connection:
        kept = {row.id: row.deleted_at for row in connection.execute(again.ledger.of(tables.record))}
    again.ledger.close()
    assert sorted(kept.values(), key=str) == [5, None]


def worked(county: CountyServer, days: int) -> None:
    """On each of so many days before today desks handed something over."""
    with county.ledger.writing() as connection:
        rows = [{"id": f"{day:064x}", "arrived_at": now_ms() - day * bin.DAY} for day in range(1, days + 1)]
        county.ledger.add(connection, tables.unit, rows)


def deleted_long_ago(county: CountyServer, desk: Desk, days: int) -> None:
    throw_away(desk, desk.person(NAME))
    delivered(county, desk)
    with county.ledger.writing() as connection:
        at = now_ms() - days * bin.DAY
        connection.execute(sa.update(tables.record).where(tables.record.c.deleted_at > 0).values(deleted_at=at))


def test_ninety_days_have_passed_only_if_desks_were_served_on_thirty_of_them(
    county: CountyServer, pair: tuple[Desk, ...]
) -> None:
    deleted_long_ago(county, pair[0], 3_650)
    worked(county, bin.AT_WORK - 2)
    assert bin.sure_now(county.ledger) == 0
    assert bin.empty(county.ledger).records == bin.foresee(county.ledger).records == {}
    with county.ledger.writing() as connection:
        row = {"id": "f" * 64, "arrived_at": now_ms() - 80 * bin.DAY}
        county.ledger.add(connection, tables.unit, [row])
    assert bin.empty(county.ledger).records == {"person": 1}


def test_a_clock_that_jumps_ahead_empties_nothing(
    county: CountyServer, pair: tuple[Desk, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted_long_ago(county, pair[0], 1)
    worked(county, 200)
    ahead = now_ms() + 3_650 * bin.DAY
    monkeypatch.setattr(bin, "now_ms", lambda: ahead)
    assert bin.empty(county.ledger).records == {}
    pair[0].person("后来的人")
    delivered(county, pair[0])
    assert bin.empty(county.ledger).records == {}


def test_the_days_count_anew_when_the_county_was_put_back(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    deleted_long_ago(county, pair[0], 200)
    worked(county, 200)
    with county.ledger.writing() as connection:
        county.ledger.begin_life(connection)
    assert bin.empty(county.ledger).records == {}
    with county.ledger.writing() as connection:
        began = now_ms() - 91 * bin.DAY
        connection.execute(sa.update(tables.space).values(life_at=began))
    assert bin.empty(county.ledger).records == {"person": 1}


def test_while_it_serves_the_bin_is_emptied_by_itself(county: CountyServer, pair: tuple[Desk, ...]) -> None:
    worked(county, bin.AT_WORK)
    desk = pair[0]
    throw_away(desk, desk.person(NAME))
    delivered(county, desk)

    def long_ago() -> None:
        with county.ledger.writing() as connection:
            connection.exec_driver_sql("UPDATE record SET deleted_at = 5 WHERE deleted_at IS NOT NULL")

    long_ago()
    with bin.emptied_daily(county.ledger, pause=0.05):
        assert NAME not in told_at_the_county(county)
        throw_away(desk, desk.person("另一个名字"))
        delivered(county, desk)
        long_ago()
        for _ in range(200):
            if "另一个名字" not in told_at_the_county(county):
                break
            time.sleep(0.05)
        assert "另一个名字" not in told_at_the_county(county)
