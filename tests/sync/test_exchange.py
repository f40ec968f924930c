"""Desks and a county, as their users meet it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.errors import Cancelled, CountyRefused
from app.records import Child, ChildVisit, Conflict, Person, Proposal, Rejection
from app.store.changes import unsent
from sync.client.credentials import ties
from sync.client.engine import Light, exchange, join, light, pending, receive, send_only
from sync.client.plan import Plan, plan
from sync.server import accounts
from sync.server.county import CountyServer
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, OpenDesk, contents, joined


def test_a_workspace_that_began_alone_joins_later_and_sends_everything(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    alone = open_desk()
    person = alone.person(phones=["13800000001"], birth_date="2016-05-01")
    alone.save(Child(id=person.id), risk_level="high")
    assert light(alone.store) is Light.ALONE
    assert pending(alone.store) == 2
    joined(county, alone)
    first = alone.exchange(county)
    assert (first.sent, first.received, first.rejections, first.delivered) == (2, 0, 0, True)
    assert light(alone.store) is Light.ALL_SENT
    (other,) = joined(county, open_desk())
    second = other.exchange(county)
    assert (second.received, second.delivered) == (2, True)
    assert contents(other, Person) == contents(alone, Person)
    assert contents(other, Child) == contents(alone, Child)
    assert other.store.search("wxm")[0].id == person.id


def test_who_only_sends_hears_what_became_of_it_and_gets_the_rest_the_next_time(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    first.person("王小明")
    first.exchange(county)
    own = second.person("李小红")
    assert send_only(county, second.store) == 0
    assert second.get(Person, own.id).stamps["*"].count(":") == 1
    assert second.store.count(Person) == 1
    third = second.exchange(county)
    assert (third.sent, third.received, third.delivered) == (0, 1, True)
    assert first.exchange(county).received == 1


def test_what_came_out_otherwise_stays_in_sight_until_the_countys_own_word_comes(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person(note="")
    first.exchange(county)
    second.exchange(county)
    first.save(first.get(Person, person.id), note="甲写的")
    second.save(second.get(Person, person.id), note="乙最后一刻写的")
    first.exchange(county)
    assert send_only(county, second.store) == 1
    assert second.get(Person, person.id).note == "乙最后一刻写的"
    assert light(second.store) is not Light.ALL_SENT
    whole = second.exchange(county)
    assert (whole.delivered, whole.conflicts) == (True, 1)
    assert second.get(Person, person.id).note == "乙最后一刻写的"


def test_pushing_twice_changes_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    desk.person()
    desk.exchange(county)
    with desk.store.transaction() as work:
        work.db.execute("UPDATE unit SET state = 'unsent'")
    again = desk.exchange(county)
    assert (again.sent, again.received, again.delivered) == (1, 0, True)
    (other,) = joined(county, open_desk())
    assert other.exchange(county).received == 1


def test_different_fields_of_two_desks_both_stay(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person(phones=["1"])
    first.exchange(county)
    second.exchange(county)
    first.save(person, village_group="三组")
    second.save(second.get(Person, person.id), note="在外打工")
    first.exchange(county)
    assert second.exchange(county).conflicts == 0
    first.exchange(county)
    for desk in (first, second):
        found = desk.get(Person, person.id)
        assert (found.village_group, found.note) == ("三组", "在外打工")


def test_the_same_field_is_seen_by_both_as_a_conflict(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person()
    first.exchange(county)
    second.exchange(county)
    first.save(first.get(Person, person.id), village_group="一组")
    second.save(second.get(Person, person.id), village_group="二组")
    first.exchange(county)
    assert second.exchange(county).conflicts == 1
    first.exchange(county)
    for desk in (first, second):
        assert desk.get(Person, person.id).village_group == "二组"
        (conflict,) = desk.store.find(Conflict)
        assert (conflict.part, conflict.current, conflict.other) == ("village_group", '"二组"', '"一组"')
        assert (conflict.current_by, conflict.other_by, conflict.must_ask) == ("王芳", "李娟", False)
        assert light(desk.store) is Light.ATTENTION


def test_what_was_saved_together_with_something_disputed_stays_in_sight(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person("王小明", village_group="一组")
    first.save(Child(id=person.id), risk_level="low")
    for desk in (first, second, first):
        desk.exchange(county)
    second.save(second.get(Person, person.id), village_group="二组")
    second.exchange(county)
    one, child = first.get(Person, person.id), first.get(Child, person.id)
    edited = (child, replace(child, risk_level="high")), (one, replace(one, village_group="三组"))
    first.store.save(first.store.holder, *edited)
    assert first.exchange(county).conflicts == 1
    assert first.get(Child, person.id).risk_level == "high"
    assert first.store.audit_log("digest_differs") == []


def test_a_risk_level_stays_until_somebody_has_looked(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person()
    child = first.save(Child(id=person.id), risk_level="low")
    first.exchange(county)
    second.exchange(county)
    first.save(child, risk_level="high")
    second.save(second.get(Child, child.id), risk_level="medium")
    first.exchange(county)
    outcome = second.exchange(county)
    assert outcome.delivered
    assert second.get(Child, child.id).risk_level == "high"
    (conflict,) = second.store.find(Conflict)
    assert conflict.must_ask
    assert "medium" in (conflict.other or "")


def test_a_form_left_open_while_a_pull_comes_in_loses_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person(village_group="一组")
    first.exchange(county)
    second.exchange(county)
    open_form = first.get(Person, person.id)
    second.save(second.get(Person, person.id), village_group="二组")
    second.exchange(county)
    first.exchange(county)
    assert first.get(Person, person.id).village_group == "二组"
    first.save(open_form, village_group="三组")
    assert first.exchange(county).conflicts == 1
    (conflict,) = first.store.find(Conflict)
    assert (conflict.current, conflict.other) == ('"三组"', '"二组"')


def test_an_edit_on_an_edit_that_has_not_been_sent_is_no_conflict(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    person = desk.person(village_group="一组")
    open_form = desk.get(Person, person.id)
    desk.exchange(county)
    desk.save(open_form, village_group="二组")
    outcome = desk.exchange(county)
    assert (outcome.conflicts, outcome.received, outcome.delivered) == (0, 0, True)


def test_another_village_s_record_is_refused_and_comes_back_with_its_reason(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    here.person()
    here.save(Person(), name="外村人", org=NEXT_VILLAGE)
    outcome = here.exchange(county)
    assert (outcome.sent, outcome.rejections) == (1, 1)
    (rejection,) = here.store.find(Rejection)
    assert (rejection.reason, rejection.state) == ("foreign_village", "open")
    assert "外村人" in (rejection.content or "")
    assert pending(here.store) == 0
    assert light(here.store) is Light.ATTENTION
    assert there.exchange(county).received == 0


def test_a_village_sees_itself_and_the_township_sees_its_villages(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town = joined(
        county, open_desk(), open_desk(NEXT_VILLAGE), open_desk(TOWN, "child_supervisor", holder="张强")
    )
    here.person("王小明")
    there.person("赵小红")
    here.exchange(county)
    there.exchange(county)
    assert town.exchange(county).received == 2
    assert [each.name for each in here.store.every(Person)] == ["王小明"]


def test_a_child_that_moves_takes_its_whole_file_along(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    person = here.person()
    here.save(Child(id=person.id), risk_level="high")
    here.save(ChildVisit(), subject=person.id, visited_on="2026-03-05", mode="home", outcome="met")
    here.exchange(county)
    here.save(here.get(Person, person.id), org=NEXT_VILLAGE)
    outcome = here.exchange(county)
    assert (outcome.gone, outcome.delivered) == (3, True)
    assert here.store.get(Person, person.id) is None
    assert there.exchange(county).received == 3
    assert there.get(Child, person.id).risk_level == "high"


@pytest.mark.parametrize("is_answered", [False, True], ids=["in one block", "in two"])
def test_a_deletion_is_not_taken_to_have_seen_what_joined_the_author_s_own_entry_meanwhile(
    county: CountyServer, open_desk: OpenDesk, is_answered: bool
) -> None:
    here, other = joined(county, open_desk(holder="李娟"), open_desk(holder="王芳"))
    person = here.person()
    here.exchange(county)
    other.exchange(county)
    other.save(other.get(Person, person.id), other_names=("小红",))
    other.exchange(county)
    here.save(here.get(Person, person.id), other_names=("小明",))
    here.store.delete(here.store.holder, here.get(Person, person.id))
    if is_answered:  # the first block of two, and what became of it
        request = plan(ties(here.store), unsent(here.store, 10), 100).request
        page, *_ = county.exchange(replace(request, units=request.units[:1], hello=replace(request.hello, limit=0)))
        receive(here.store, [page])
    here.exchange(county)
    other.exchange(county)
    assert other.get(Person, person.id).other_names == ("小明", "小红")
    assert [conflict.part for conflict in other.store.find(Conflict)] == ["@deleted"]


def test_a_deletion_travels_and_an_unseen_edit_wins_over_it(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    kept, gone = first.person("留下"), first.person("删掉")
    first.exchange(county)
    second.exchange(county)
    first.store.delete(first.store.holder, first.get(Person, kept.id), first.get(Person, gone.id))
    second.save(second.get(Person, kept.id), note="还在")
    second.exchange(county)
    first.exchange(county)
    second.exchange(county)
    for desk in (first, second):
        assert desk.store.get(Person, gone.id) is None
        assert desk.get(Person, kept.id).note == "还在"
        assert [each.part for each in desk.store.find(Conflict)] == ["@deleted"]


def test_a_used_a_wrong_and_a_foreign_code_let_nobody_in(county: CountyServer, open_desk: OpenDesk) -> None:
    code = accounts.make_code(county.ledger, VILLAGE, "child_director", "王芳")
    first, second, other = open_desk(), open_desk(), open_desk(NEXT_VILLAGE)
    join(county, first.store, "", code.lower())
    with pytest.raises(CountyRefused, match="用过"):
        join(county, second.store, "", code)
    with pytest.raises(CountyRefused, match="不对"):
        join(county, second.store, "", "ABCD-EFGH-2345")
    with pytest.raises(CountyRefused, match="注册码是给"):
        join(county, other.store, "", accounts.make_code(county.ledger, VILLAGE, "child_director", "王芳"))
    late = accounts.make_code(county.ledger, VILLAGE, "child_director", "王芳", days=-1)
    with pytest.raises(CountyRefused, match="过期"):
        join(county, second.store, "", late)
    assert light(second.store) is Light.ALONE


def test_a_practice_desk_and_a_real_county_never_meet(county: CountyServer, open_desk: OpenDesk) -> None:
    desk = open_desk(kind="practice")
    with pytest.raises(CountyRefused, match="练习"):
        desk.join(county)


def test_a_device_that_was_stopped_keeps_its_work_and_gets_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    desk.person()
    (device,) = accounts.devices(county.ledger)
    accounts.revoke(county.ledger, device.id)
    with pytest.raises(CountyRefused, match="停用"):
        desk.exchange(county)
    assert pending(desk.store) == 1


def test_a_refused_person_that_is_mended_arrives_whole(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk())
    person = first.save(Person(), name="外村人", org=NEXT_VILLAGE, phones=["1"])
    first.save(person, phones=["1", "2"])
    assert first.exchange(county).rejections == 2
    first.save(first.get(Person, person.id), org=VILLAGE)
    assert first.exchange(county).delivered
    second.exchange(county)
    found = second.get(Person, person.id)
    assert (found.name, found.org, found.phones) == ("外村人", VILLAGE, ("1", "2"))
    first.save(first.get(Person, person.id), note="好了")
    assert first.exchange(county).delivered
    assert first.store.count(Conflict) == 0


def test_an_edit_of_a_child_that_has_moved_is_proposed_where_it_is_now(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    (desk,) = joined(county, open_desk())
    (town,) = joined(county, open_desk(TOWN, "child_supervisor"))
    person = desk.person(village_group="一组")
    desk.exchange(county)
    town.exchange(county)
    moved = town.get(Person, person.id)
    town.save(moved, org=NEXT_VILLAGE)
    town.exchange(county)
    desk.save(desk.get(Person, person.id), village_group="二组")
    outcome = desk.exchange(county)
    assert (outcome.rejections, outcome.gone, outcome.delivered) == (0, 1, True)
    assert desk.store.get(Person, person.id) is None
    town.exchange(county)
    (proposal,) = town.store.find(Proposal)
    assert "二组" in (proposal.content or "")


def test_a_long_pull_that_is_stopped_goes_on_where_it_was(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = joined(county, open_desk(), open_desk())
    people = [(None, Person(org=VILLAGE, name=f"王{number}")) for number in range(2_300)]
    first.store.save(first.store.holder, *people)
    first.exchange(county)
    monkeypatch.setattr(Plan, "RECORDS", 1_200)
    with pytest.raises(Cancelled, match="存好了"):
        exchange(county, second.store, cancelled=lambda: True)
    stopped_at = second.store.count(Person)
    assert 0 < stopped_at < 2_300
    rest = second.exchange(county)
    assert (rest.received, rest.delivered) == (2_300 - stopped_at, True)


def test_progress_is_told_in_words(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    desk.person()
    told: list[str] = []
    exchange(county, desk.store, told.append)
    assert told == ["正在送出 1 条……", "已全部送到"]


def test_a_save_is_told_once_in_the_history_although_the_county_sends_its_value_back(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person()
    for desk in (first, second):
        desk.exchange(county)
    first.save(first.get(Person, person.id), other_names=["小明"])
    second.save(second.get(Person, person.id), other_names=["明明"])
    for desk in (first, second, first, second):
        desk.exchange(county)
    assert contents(first, Person) == contents(second, Person)
    for desk in (first, second):
        assert [change.author for change in desk.store.history("person", person.id)].count("王芳") == 1


def test_what_is_written_between_two_idle_exchanges_is_added_up_again(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    (desk,) = joined(county, open_desk())
    person = desk.person()
    for _ in range(3):
        desk.exchange(county)
    with desk.store.transaction() as work:
        work.db.execute("UPDATE county_row SET h1 = h1 + 1")
    assert desk.exchange(county).delivered
    assert len(desk.store.audit_log("digest_differs")) == 1
    other, town = joined(county, open_desk(), open_desk("530602001000", "child_supervisor"))
    other.exchange(county)
    desk.save(person, note="改过")
    assert all(each.exchange(county).delivered for each in (desk, other, town))
    assert other.get(Person, person.id).note == "改过"
