"""What one side does not know yet is carried; clocks years off change nothing; a restored county gets all back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from app.cases.conflicts import open_conflicts
from app.clock import FixedClock
from app.policy.access import Actor
from app.records import Attachment, Child, Conflict, Elder, ElderVisit, Person, Rejection, Stay
from app.records.ids import new_id
from app.store.changes import writing
from sync.client.credentials import ties
from sync.messages import Change, Hello, Request, Unit
from sync.server import tables
from sync.server.county import CountyServer, open_county
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk, joined
from tests.sync.editions import OLDER, TODAY, CountyOf, Edition


def send(county: CountyServer, desk: Desk, seq: int, *changes: Change) -> bool:
    """As a newer desk would, with what this program cannot write yet; gives whether it was taken."""
    known = ties(desk.store)
    unit = Unit(seq, "save", "", desk.store.holder.id, "李娟", 0, changes)
    (page,) = county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (unit,)))
    return bool(page.results[0].stamp)


def test_an_unknown_field_survives_the_round_trip_through_an_older_desk(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    newer, older = joined(county, open_desk(), open_desk())
    person = newer.person("王小明")
    newer.exchange(county)
    base = newer.get(Person, person.id).stamps["*"]
    assert send(county, newer, 50, Change("person", person.id, {"blood_group": "O"}, {"blood_group": base}))
    older.exchange(county)
    found = older.get(Person, person.id)
    assert found.extra == {"blood_group": "O"}
    older.save(found, village_group="三组")
    older.exchange(county)
    assert newer.exchange(county).delivered
    back = newer.get(Person, person.id)
    assert (back.extra, back.village_group) == ({"blood_group": "O"}, "三组")


def test_an_unknown_field_within_a_group_survives_an_edit_of_the_group(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    newer, older = joined(county, open_desk(), open_desk())
    person = newer.person("王小明", current_address="一组 3 号")
    newer.exchange(county)
    base = newer.get(Person, person.id).stamps["*"]
    birth = {"birth_date": "2015-03-05", "time_of_day": "清晨", "lunar_leap": True}
    assert send(county, newer, 50, Change("person", person.id, {"birth": birth}, {"birth": base}))
    older.exchange(county)
    found = older.get(Person, person.id)
    assert found.extra == {"birth.time_of_day": "清晨", "birth.lunar_leap": True}
    older.save(found, birth_date="2015-03-06")
    older.exchange(county)
    assert newer.exchange(county).delivered
    with writing(newer.store) as work:
        (body, _stamps), = work.held([("person", person.id)]).values()
    assert body["birth"] == {**birth, "birth_date": "2015-03-06"}
    steps = older.store.history("person", person.id)
    assert steps[-1].before["birth"] == birth
    older.store.undo(older.store.holder, steps[-1].batch)
    assert older.exchange(county).delivered
    with writing(older.store) as work:
        (body, _stamps), = work.held([("person", person.id)]).values()
    assert body["birth"] == birth


def test_what_a_field_cannot_hold_gives_way_to_what_is_typed_into_it(county: CountyServer, open_desk: OpenDesk) -> None:
    newer, older = joined(county, open_desk(), open_desk())
    id_ = new_id()
    body = {"name": "王", "org": VILLAGE, "birth": {"birth_date": "soon"}}
    assert send(county, newer, 1, Change("person", id_, body))
    older.exchange(county)
    older.save(older.get(Person, id_), lunar_text="腊月")
    assert older.get(Person, id_).extra == {"birth.birth_date": "soon"}
    older.save(older.get(Person, id_), birth_date="2015-03-06")
    assert older.get(Person, id_).extra == {}
    assert older.exchange(county).delivered
    with writing(older.store) as work:
        (body, _stamps), = work.held([("person", id_)]).values()
    assert body["birth"] == {"birth_date": "2015-03-06", "lunar_text": "腊月"}


def test_an_unknown_type_is_carried_and_given_to_its_own_device_only(county: CountyServer, open_desk: OpenDesk) -> None:
    newer, other = joined(county, open_desk(), open_desk())
    id_ = new_id()
    assert send(county, newer, 1, Change("weather", id_, {"sky": "晴", "org": VILLAGE}))
    assert newer.exchange(county).received == 1
    assert other.exchange(county).received == 0
    with writing(newer.store) as work:
        work.set_setting("county", {**work.setting("county"), "cursors": {}})
    outcome = newer.exchange(county)
    assert (outcome.received, outcome.delivered) == (1, True)
    with writing(newer.store) as work:
        (row,) = work.db.execute("SELECT type, record, body FROM carried").fetchall()
    assert (row[0], row[1], json.loads(row[2])) == ("weather", id_, {"sky": "晴", "org": VILLAGE})


def test_a_value_that_cannot_be_read_is_kept_aside_and_breaks_nothing(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    newer, older = joined(county, open_desk(), open_desk())
    id_ = new_id()
    body = {"name": 5, "org": VILLAGE, "birth": {"birth_date": "soon", "lunar_text": "腊月"}, "phones": "138"}
    assert send(county, newer, 1, Change("person", id_, body))
    assert older.exchange(county).delivered
    found = older.get(Person, id_)
    assert (found.name, found.birth_date, found.lunar_text, found.phones) == (None, None, "腊月", ())
    assert found.extra == {"name": 5, "birth.birth_date": "soon", "phones": "138"}


def test_names_that_are_no_names_are_refused_and_stop_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    good = new_id()
    assert not send(county, desk, 1, Change("person; drop", good, {"name": "王"}))
    assert not send(county, desk, 2, Change("person", "../etc", {"name": "王"}))
    assert not send(county, desk, 3, Change("person", good, {"a b": "王"}))
    assert not send(county, desk, 4, Change("person", good, {"name": "王" * 400_000}))
    assert send(county, desk, 5, Change("person", good, {"name": "王", "org": VILLAGE}))
    desk.exchange(county)
    assert sorted(each.reason or "" for each in desk.store.find(Rejection)) == ["bad_value"] * 3 + ["too_large"]


def test_a_supervisor_sees_and_a_post_without_the_right_is_told_why(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    assert not send(county, desk, 1, Change("case", new_id(), {"org": VILLAGE}))
    desk.exchange(county)
    (rejection,) = desk.store.find(Rejection)
    assert rejection.reason == "not_allowed"
    (town,) = joined(county, open_desk(TOWN, "child_supervisor"))
    town.exchange(county)
    assert town.store.count(Rejection) == 1


def test_laptops_that_believe_in_2016_and_in_2036_agree_all_the_same(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(holder="李娟"), open_desk(holder="王芳"))
    first.store.clock = FixedClock(datetime(2016, 1, 1, tzinfo=UTC))
    second.store.clock = FixedClock(datetime(2036, 1, 1, tzinfo=UTC))
    person = second.person(village_group="一组")
    second.exchange(county)
    first.exchange(county)
    first.save(first.get(Person, person.id), village_group="二组")
    first.exchange(county)
    second.exchange(county)
    assert second.get(Person, person.id).village_group == "二组"
    second.save(second.get(Person, person.id), village_group="三组")
    second.exchange(county)
    first.exchange(county)
    assert first.get(Person, person.id).village_group == "三组"
    assert first.store.count(Conflict) == 0


def test_a_county_with_a_new_life_gets_everything_offered_again(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person(village_group="一组")
    first.save(Child(id=person.id), risk_level="low")
    first.exchange(county)
    second.exchange(county)
    first.save(first.get(Person, person.id), village_group="二组")
    first.exchange(county)
    second.exchange(county)
    lost = ("unit", "change", "record", "leaving")
    with county.ledger.writing() as connection:
        for name in lost:
            connection.execute(sa.delete(tables.metadata.tables[name]))
        connection.execute(sa.update(tables.space).values(epoch="feedbeef", seq=0))
    for desk in (second, first, second):
        assert desk.exchange(county).delivered
    for desk in (first, second):
        assert desk.get(Person, person.id).village_group == "二组"
        assert desk.get(Child, person.id).risk_level == "low"
        assert desk.store.count(Conflict) == 0


def test_what_was_changed_elsewhere_stands_in_the_history(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person(village_group="一组")
    first.exchange(county)
    second.exchange(county)
    second.save(second.get(Person, person.id), village_group="二组")
    second.exchange(county)
    first.exchange(county)
    steps = first.store.history("person", person.id)
    assert [(step.author, step.after.get("village_group")) for step in steps] == [("李娟", "一组"), ("王芳", "二组")]
    assert [step.author for step in second.store.history("person", person.id)] == ["李娟", "王芳"]


def test_the_county_row_digest_notices_a_row_that_differs(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    person = desk.person(village_group="一组")
    desk.exchange(county)
    with desk.store.transaction() as work:
        work.db.execute("UPDATE person SET village_group = '坏了'")
        work.db.execute("UPDATE county_row SET h1 = h1 + 1")
    outcome = desk.exchange(county)
    assert outcome.delivered
    assert desk.get(Person, person.id).village_group == "一组"
    assert [entry.verb for entry in desk.store.audit_log("digest_differs")] == ["digest_differs"]


# Programs of different ages


def test_what_an_older_county_does_not_know_reaches_the_others_when_it_learns_it(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    with OLDER.speaks():
        open_county(tmp_path / "county").ledger.close()  # what this edition of the program knows is noted
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    before = CountyOf(county, OLDER)
    person = first.person("周奶奶")
    first.save(Elder(id=person.id), risk_level="high")
    visit = first.save(ElderVisit(), subject=person.id, visited_on="2026-01-05")
    assert first.exchange(before).delivered
    assert second.exchange(before).delivered
    assert (second.store.count(Person), second.store.count(Elder), second.store.count(ElderVisit)) == (1, 0, 0)
    first.save(first.get(ElderVisit, visit.id), visited_on="2026-01-06")
    assert first.exchange(before).delivered
    newer = open_county(tmp_path / "county")
    for desk in (second, first):
        assert desk.exchange(newer).delivered
        assert desk.get(ElderVisit, visit.id).visited_on == date(2026, 1, 6)
        assert desk.get(Elder, person.id).risk_level == "high"
        assert desk.store.audit_log("digest_differs") == []
    newer.ledger.close()


def test_what_is_learned_is_filed_where_its_person_is(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    with OLDER.speaks():
        open_county(tmp_path / "county").ledger.close()
    here, there, town = joined(county, open_desk(), open_desk(NEXT_VILLAGE), open_desk(TOWN, "child_supervisor"))
    before = CountyOf(county, OLDER)
    person = here.person("周奶奶")
    here.save(Elder(id=person.id), risk_level="high")
    for desk in (here, town):
        assert desk.exchange(before).delivered
    town.save(town.get(Person, person.id), org=NEXT_VILLAGE)
    for desk in (town, there):
        assert desk.exchange(before).delivered
    newer = open_county(tmp_path / "county")
    for desk in (there, town, here):
        assert desk.exchange(newer).delivered
    assert there.get(Elder, person.id).risk_level == "high"
    assert here.store.get(Elder, person.id) is None
    newer.ledger.close()


def test_two_values_of_a_field_that_the_county_does_not_know_are_both_kept(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person()
    first.exchange(county)
    base = first.get(Person, person.id).stamps["*"]
    second.exchange(county)
    for desk, value in ((first, "A"), (second, "B")):
        assert send(county, desk, 60, Change("person", person.id, {"blood_group": value}, {"blood_group": base}))
    for desk in (first, second):
        assert desk.exchange(county).delivered
        assert desk.get(Person, person.id).extra == {"blood_group": "B"}
        (conflict,) = desk.store.find(Conflict)
        assert (conflict.part, conflict.other) == ("blood_group", '"A"')
        (shown,) = open_conflicts(desk.store, Actor("x", "李娟", "child_director", VILLAGE))
        assert {shown.mine.words, shown.theirs.words} == {"A", "B"}


def test_what_tells_of_a_record_is_shown_to_nobody_who_may_not_see_it(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    desk, colleague, town = joined(county, open_desk(), open_desk(holder="王芳"), open_desk(TOWN, "child_supervisor"))
    secret, unknown = new_id(), new_id()
    assert send(county, desk, 1, Change("health_confidential", secret, {"org": VILLAGE, "state": "甲"}))
    assert send(county, desk, 2, Change("weather", unknown, {"org": VILLAGE, "sky": "晴"}))
    for seq, value in ((3, "乙"), (4, "丙")):  # neither has seen the other, as from a cloned disk
        assert send(county, desk, seq, Change("health_confidential", secret, {"state": value}, {"state": "~1"}))
        assert send(county, desk, seq + 4, Change("weather", unknown, {"sky": value}, {"sky": "~2"}))
    assert not send(county, desk, 20, Change("weather", new_id(), {"sky": "阴", "org": TOWN}))
    for each in (colleague, town):
        outcome = each.exchange(county)
        assert (outcome.received, outcome.delivered) == (0, True)


def test_a_desk_that_learns_a_field_and_a_type_finds_what_it_carried(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    newer, older = joined(county, open_desk(), open_desk(holder="王芳"))
    person = newer.person(village_group="三组", birth_date="2015-03-05", birth_source="oral")
    stay = newer.save(Stay(), subject=person.id, place="away", since="2026-01-05")
    newer.exchange(county)
    with Edition(lacks=frozenset({"stay"})).speaks():
        assert older.exchange(CountyOf(county, TODAY)).delivered
    with older.store.transaction() as work:  # as a program that lacks these fields would have kept them
        extra = json.dumps({"village_group": "三组", "birth.birth_source": "oral", "blood_group": "O"})
        work.db.execute("UPDATE person SET village_group = NULL, birth_source = NULL, extra = ?", [extra])
    assert older.store.count(Stay) == 0
    older.store.learn()
    assert replace(older.get(Stay, stay.id), stamps={}) == replace(newer.get(Stay, stay.id), stamps={})
    found = older.get(Person, person.id)
    assert (found.village_group, found.birth_source, found.extra) == ("三组", "oral", {"blood_group": "O"})
    assert older.exchange(county).delivered


def test_a_desk_that_learns_of_photos_fetches_those_that_it_carried(county: CountyServer, open_desk: OpenDesk) -> None:
    newer, older = joined(county, open_desk(), open_desk(holder="王芳"))
    digest = newer.store.attach_blob(b"a picture" * 900)
    newer.save(Attachment(), subject=newer.person().id, sha256=digest, size=8_100)
    newer.exchange(county)
    with Edition(lacks=frozenset({"attachment"})).speaks():
        assert older.exchange(CountyOf(county, TODAY)).photos_waiting == 0
    older.store.learn()
    assert older.exchange(county).delivered
    assert older.store.blob(digest) == b"a picture" * 900
