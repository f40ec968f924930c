"""What was written about somebody who has moved: it waits, as a proposal, where they are looked after now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.cases import posts, proposals
from app.records import Attachment, Child, ChildVisit, Household, Person, Proposal, Rejection
from app.records.ids import new_id
from app.store.changes import unsent
from sync.client.credentials import ties
from sync.client.engine import pending, receive
from sync.client.plan import as_unit, plan
from sync.messages import Change, Hello, Request, Unit, op_id
from sync.server import copies, grants, tables
from sync.server.county import CountyServer, open_county
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk
from tests.sync.test_grants import device, joined

THIRD_VILLAGE = "530602001003"


def family(county: CountyServer, open_desk: OpenDesk) -> tuple[Desk, Desk, Desk, Person]:
    """Two villages and their township; a child of the first that everybody knows of."""
    here, there, town = joined(
        county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"), open_desk(TOWN, "child_supervisor", holder="张强")
    )
    child = here.person("王小明", village_group="一组")
    here.save(Child(id=child.id), risk_level="high")
    for desk in (here, there, town):
        desk.exchange(county)
    return here, there, town, child


def move(desk: Desk, county: CountyServer, person: Person, org: str) -> None:
    desk.exchange(county)
    desk.save(desk.get(Person, person.id), org=org)
    desk.exchange(county)


def test_offline_edits_of_a_child_that_moved_wait_for_its_new_director(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    here.save(here.get(Person, child.id), village_group="二组")
    here.save(ChildVisit(), subject=child.id, visited_on="2026-03-05", mode="home", outcome="met")
    sent = here.exchange(county)
    assert (sent.rejections, sent.delivered, pending(here.store)) == (0, True, 0)
    there.exchange(county)
    found = there.store.find(Proposal)
    assert {each.about_type for each in found} == {"person", "child_visit"}
    assert {(each.from_org, each.author, each.state) for each in found} == {(VILLAGE, "李娟", "open")}


def test_a_proposal_of_which_a_part_was_given_back_first_is_whole_all_the_same(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    here.save(here.get(Person, child.id), village_group="二组")
    (waiting,) = unsent(here.store, 2)
    known, witness = ties(here.store), ties(there.store)
    id_ = op_id(as_unit(waiting).identity(known.device, bytes.fromhex(known.nonce)), 0)
    part = Change("proposal", id_, {"proposed_at": "2026-03-05T08:00:00+00:00"}, {})
    told = Unit(-1, "save", "", here.store.holder.id, "李娟", 1, (part,), "feed:7")
    list(county.exchange(Request(Hello(witness.device, witness.server_id, witness.epoch), (told,))))
    here.exchange(county)
    there.exchange(county)
    (found,) = there.store.find(Proposal)
    assert (found.about, found.state, "二组" in (found.content or "")) == (child.id, "open", True)
    assert there.store.require(Proposal, id_).proposed_at is not None


def test_a_proposal_that_is_taken_over_is_there_for_all(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    here.save(here.get(Person, child.id), village_group="二组")
    here.exchange(county)
    there.exchange(county)
    (proposal,) = there.store.find(Proposal)
    proposals.settle_proposal(there.store, posts.actor(there.store), proposal, proposals.ACCEPTED)
    assert there.exchange(county).delivered
    assert town.exchange(county).delivered
    assert town.get(Person, child.id).village_group == "二组"
    assert town.store.find(Proposal)[0].state == "accepted"


def test_a_proposal_that_is_left_changes_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    here.save(here.get(Person, child.id), village_group="二组")
    here.exchange(county)
    there.exchange(county)
    (proposal,) = there.store.find(Proposal)
    proposals.settle_proposal(there.store, posts.actor(there.store), proposal, proposals.DECLINED)
    there.exchange(county)
    town.exchange(county)
    assert town.get(Person, child.id).village_group == "一组"
    assert town.store.find(Proposal)[0].state == "declined"


def test_a_proposal_follows_the_child_when_it_moves_on(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    (third,) = joined(county, open_desk(THIRD_VILLAGE))
    move(town, county, child, NEXT_VILLAGE)
    here.save(here.get(Person, child.id), village_group="二组")
    here.exchange(county)
    move(town, county, child, THIRD_VILLAGE)
    third.exchange(county)
    there.exchange(county)
    assert (third.store.count(Proposal), there.store.count(Proposal)) == (1, 0)


def test_what_was_never_looked_after_is_still_refused(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, _, _ = family(county, open_desk)
    stranger = there.person("赵小红")
    there.exchange(county)
    here.save(Person(id=stranger.id), name="赵小红", org=NEXT_VILLAGE)
    assert here.exchange(county).rejections == 1
    assert here.store.find(Rejection)[0].reason == "foreign_village"


@pytest.mark.usefixtures("no_repair")
def test_what_belongs_to_somebody_who_was_refused_goes_back_too(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    (here,) = joined(county, open_desk())
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    here.exchange(county)
    with county.ledger.writing() as connection:  # a restore of the county forgot that the post ever had the village
        connection.execute(sa.delete(tables.granted).where(tables.granted.c.org == NEXT_VILLAGE))
    child = here.save(Person(), name="新来的", org=NEXT_VILLAGE)
    here.save(ChildVisit(), subject=child.id, visited_on="2026-03-05", mode="home", outcome="met")
    assert here.exchange(county).rejections == 2
    told = {each.about_type: each.explanation or "" for each in here.store.find(Rejection)}
    assert told.keys() == {"person", "child_visit"}
    assert "这个人的登记没有收下" in told["child_visit"]


def test_another_county_is_refused_in_words(county: CountyServer, open_desk: OpenDesk) -> None:
    here, _, _, child = family(county, open_desk)
    here.save(here.get(Person, child.id), org="530621001001")
    assert here.exchange(county).rejections == 1
    (refused,) = here.store.find(Rejection)
    assert "外县" in (refused.explanation or "")
    assert here.get(Person, child.id).org == VILLAGE


def test_what_builds_on_a_proposed_record_is_proposed_with_it(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    visit = here.save(ChildVisit(), subject=child.id, visited_on="2026-03-05", mode="home", outcome="met")
    here.save(visit, mode="phone")
    assert here.exchange(county).rejections == 0
    there.exchange(county)
    assert there.store.count(Proposal) == 2


def test_a_photo_reaches_the_new_director_with_the_proposal(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    digest = here.store.attach_blob(b"a picture" * 900)
    here.save(Attachment(), subject=child.id, sha256=digest, size=8_100)
    assert here.exchange(county).photos_waiting == 0
    assert there.exchange(county).photos_waiting == 0
    assert there.store.blob(digest) == b"a picture" * 900
    (proposal,) = there.store.find(Proposal)
    proposals.settle_proposal(there.store, posts.actor(there.store), proposal, proposals.ACCEPTED)
    there.exchange(county)
    assert town.exchange(county).photos_waiting == 0
    assert town.store.has_blob(digest)


def test_saves_for_a_village_that_was_taken_away_are_proposed_there(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, _, child = family(county, open_desk)
    grants.grant(county.ledger, device(there), VILLAGE)
    grants.leave(county.ledger, device(here))
    here.person("新来的")
    here.save(Household(), org=VILLAGE, village_group="三组")
    here.save(here.get(Person, child.id), village_group="二组")
    left = here.exchange(county)
    assert (left.rejections, left.delivered) == (0, True)
    there.exchange(county)
    assert sorted(each.about_type or "" for each in there.store.find(Proposal)) == ["household", "person", "person"]


@pytest.mark.usefixtures("no_repair")
def test_who_was_registered_in_a_village_that_was_away_for_a_while_is_proposed_with_all_that_was_saved_since(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"))
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    here.exchange(county)
    grants.ungrant(county.ledger, device(here), NEXT_VILLAGE)
    person = here.save(Person(), name="新来的", org=NEXT_VILLAGE)
    request = plan(ties(here.store), unsent(here.store, 10), 100).request
    first, *_ = county.exchange(request)
    receive(here.store, [replace(first, digest=b"", more=True)])  # that the village is away comes too late
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    here.save(here.get(Person, person.id), village_group="二组")
    for desk in (here, there):
        assert desk.exchange(county).delivered
        assert desk.store.count(Proposal) == 2
        assert desk.store.get(Person, person.id) is None  # and no half of a person


@pytest.mark.usefixtures("no_repair")
def test_a_visit_to_somebody_whose_registration_is_proposed_is_proposed_too(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, there = joined(county, open_desk(), open_desk(NEXT_VILLAGE, holder="王芳"))
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    here.exchange(county)
    child = here.save(Person(), name="新来的", org=NEXT_VILLAGE)
    here.save(ChildVisit(), subject=child.id, visited_on="2026-03-05", mode="home", outcome="met")
    grants.ungrant(county.ledger, device(here), NEXT_VILLAGE)
    assert here.exchange(county).delivered
    there.exchange(county)
    assert {each.about_type for each in there.store.find(Proposal)} == {"person", "child_visit"}
    assert (here.store.count(ChildVisit), there.store.count(ChildVisit)) == (0, 0)


@pytest.mark.parametrize("county", ["file"], indirect=True)
def test_after_a_restore_the_same_proposal_is_made_again_and_stays_settled(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    here, there, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    here.save(here.get(Person, child.id), village_group="二组")
    here.exchange(county)
    there.exchange(county)
    (proposal,) = there.store.find(Proposal)
    proposals.settle_proposal(there.store, posts.actor(there.store), proposal, proposals.DECLINED)
    there.exchange(county)
    copies.restore(tmp_path / "copy", tmp_path / "again")
    again = open_county(tmp_path / "again")
    try:
        for desk in (here, there, town, here, there, town):
            assert desk.exchange(again).delivered
        (found,) = town.store.every(Proposal)
        assert (found.id, found.state) == (proposal.id, "declined")
    finally:
        again.ledger.close()


def test_a_proposal_says_where_the_child_was_before(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    grants.grant(county.ledger, device(here), THIRD_VILLAGE)
    grants.ungrant(county.ledger, device(here), VILLAGE)
    here.save(here.get(Person, child.id), village_group="二组")
    here.exchange(county)
    there.exchange(county)
    assert [each.from_org for each in there.store.find(Proposal)] == [VILLAGE]


def test_what_not_everybody_may_see_is_no_proposal_but_goes_back(county: CountyServer, open_desk: OpenDesk) -> None:
    here, _, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    account = Change("benefit_account", new_id(), {"subject": child.id, "bank": "某银行"})
    known = ties(here.store)
    unit = Unit(900, "save", child.id, here.store.holder.id, "李娟", 0, (account,))
    (page,) = county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (unit,)))
    assert page.results[0].reason == "foreign_village"
    town.exchange(county)
    assert town.store.count(Proposal) == 0
