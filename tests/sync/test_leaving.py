"""Who leaves the scope leaves the laptop: nothing of them can be read there, and nothing that was saved is lost."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.cases import posts, proposals
from app.errors import CountyUnreachable
from app.records import Attachment, Child, ChildVisit, Elder, Kinship, Person, Proposal, Sheet
from app.records.ids import new_id
from app.store.changes import writing
from sync.client.agreement import ask_anew
from sync.client.engine import Outcome, pending
from sync.client.moved import in_words
from sync.client.parcel import pack, unpack
from sync.messages import Change
from sync.protocol import LineBroke
from sync.server import copies, grants, tables
from sync.server.county import CountyServer, open_county
from sync.server.parcels import answer
from tests.sync.breaking import BreakingLine
from tests.sync.desks import NEXT_VILLAGE, VILLAGE, Desk, OpenDesk, contents
from tests.sync.test_grants import device, joined, names
from tests.sync.test_machine import LostAnswers
from tests.sync.test_proposals import THIRD_VILLAGE, family, move
from tests.sync.test_strangers import send

CANARIES = ("欧阳谷雨", "ouyangguyu", "13800001234", "村东头第三家")


def decrypted(desk: Desk, folder: Path) -> bytes:
    """Everything in the desk's database, as a file without a key."""
    plain = folder / "plain.db"
    plain.unlink(missing_ok=True)
    with writing(desk.store) as work:
        db = work.db
    db.execute("ATTACH ? AS plain KEY ''", [str(plain)])
    db.execute("SELECT sqlcipher_export('plain')")
    db.execute("DETACH plain")
    return plain.read_bytes()


def found_of(desk: Desk, folder: Path) -> list[str]:
    content = decrypted(desk, folder)
    return [word for word in CANARIES if word.encode() in content]


def a_file(desk: Desk) -> Person:
    """A child about whom much is written, half of it unfinished."""
    child = desk.person("欧阳谷雨", phones=["13800001234"], current_address="村东头第三家")
    desk.save(Child(id=child.id), risk_level="high")
    visit = desk.save(ChildVisit(), subject=child.id, visited_on="2026-03-05", mode="home", outcome="met")
    desk.save(visit, living="欧阳谷雨在村东头第三家")
    desk.store.put_draft(desk.store.holder, None, ChildVisit(subject=child.id, living="欧阳谷雨"))
    return child


def test_nothing_of_a_child_that_moved_can_be_read_here_any_more(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    here, there, town, _ = family(county, open_desk)
    child = a_file(here)
    here.exchange(county)
    here.save(here.get(Person, child.id), note="欧阳谷雨的外婆来过")
    assert len(found_of(here, tmp_path)) == len(CANARIES)
    town.exchange(county)
    move(town, county, child, NEXT_VILLAGE)
    left = here.exchange(county)
    assert left.delivered
    assert found_of(here, tmp_path) == []
    assert in_words(left.moved) == (
        "县里把 1 个孩子移到了别处：他们的资料已从这台电脑移走。",
        "有 1 次保存说的人已不归这里管：送给了现在管的地方，由那边决定用不用。",
        "他们有 1 张没填完的表，也一起移走了。",
    )
    there.exchange(county)
    assert there.get(Person, child.id).name == "欧阳谷雨"
    assert there.store.count(ChildVisit) == 1


def leaver(county: CountyServer, open_desk: OpenDesk) -> tuple[Desk, Desk, Person, str]:
    """Somebody with a child, its photo, and 50 saves that were never sent, who is leaving the post; and who follows."""
    here, successor = joined(county, open_desk(), open_desk(holder="王芳"))
    child = a_file(here)
    digest = here.store.attach_blob(b"a picture" * 900)
    here.save(Attachment(), subject=child.id, sha256=digest, size=8_100)
    here.exchange(county)
    for number in range(49):
        here.save(ChildVisit(), subject=child.id, visited_on="2026-03-06", mode="phone", living=f"第 {number} 次")
    late = here.store.attach_blob(b"another one" * 900)
    here.save(Attachment(), subject=child.id, sha256=late, size=9_900)
    grants.leave(county.ledger, device(here))
    return here, successor, child, late


def test_a_worker_leaves_and_what_was_never_sent_reaches_the_successor(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    here, successor, child, late = leaver(county, open_desk)
    left = here.exchange(county)
    assert (left.delivered, left.rejections, left.photos_waiting, left.moved.proposed) == (True, 0, 0, 50)
    assert (names(here), found_of(here, tmp_path), here.store.has_blob(late)) == ([], [], False)
    assert in_words(left.moved)[0] == "县里已办调离：没送的先送到了，1 个孩子的资料已从这台电脑移走。"
    successor.exchange(county)
    assert successor.store.count(Proposal) == 50
    assert successor.store.has_blob(late)
    for proposal in successor.store.find(Proposal):
        proposals.settle_proposal(successor.store, posts.actor(successor.store), proposal, proposals.ACCEPTED)
    assert successor.exchange(county).delivered
    assert successor.store.count(ChildVisit, subject=child.id) == 50
    assert here.exchange(county).delivered


@pytest.mark.parametrize("county", ["file"], indirect=True)
def test_what_a_leaver_had_sent_comes_back_after_a_restore(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    (early,) = joined(county, open_desk(holder="张强"))
    here = leaver_joined_before_the_copy(county, open_desk, early, tmp_path)
    assert found_of(here, tmp_path) == []
    copies.restore(tmp_path / "copy", tmp_path / "again")
    again = open_county(tmp_path / "again")
    try:
        here.exchange(again)
        assert pending(here.store) == 0
        grants.leave(again.ledger, device(here))
        assert here.exchange(again).delivered
        assert (names(here), found_of(here, tmp_path)) == ([], [])
        early.exchange(again)
        assert names(early) == ["欧阳谷雨"]
        assert early.store.count(ChildVisit) == 2
        (photo,) = early.store.find(Attachment)
        assert early.store.blob(photo.sha256 or "") == b"a picture" * 900
    finally:
        again.ledger.close()


def leaver_joined_before_the_copy(county: CountyServer, open_desk: OpenDesk, early: Desk, folder: Path) -> Desk:
    """Of two desks of a village the county's copy knows, but nothing that one of them sent; that one has left since."""
    (here,) = joined(county, open_desk())
    copies.back_up(folder / "county", folder / "copy")
    child = a_file(here)
    digest = here.store.attach_blob(b"a picture" * 900)
    here.save(Attachment(), subject=child.id, sha256=digest, size=8_100)
    here.exchange(county)
    grants.leave(county.ledger, device(here))
    here.save(ChildVisit(), subject=child.id, visited_on="2026-03-07", mode="home", outcome="met")
    assert here.exchange(county).delivered
    return here


@pytest.mark.parametrize("county", ["file"], indirect=True)
def test_a_photo_that_came_after_the_copy_of_its_record_comes_back_too_when_its_author_has_left(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    here, other = joined(county, open_desk(), open_desk(holder="张强"))
    child, digest = a_file(here), here.store.attach_blob(b"a picture" * 900)
    here.save(Attachment(), subject=child.id, sha256=digest, size=8_100)
    with pytest.raises(LineBroke):
        here.exchange(BreakingLine(county, bears=0, left=0))
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    assert here.exchange(county).photos_waiting == 0
    grants.leave(county.ledger, device(here))
    assert here.exchange(county).moved.has_left
    assert not here.store.has_blob(digest)
    copies.restore(tmp_path / "copy", tmp_path / "again")
    again = open_county(tmp_path / "again")
    try:
        here.exchange(again)
        other.exchange(again)
        assert other.store.blob(digest) == b"a picture" * 900
    finally:
        again.ledger.close()


@pytest.mark.parametrize("county", ["file"], indirect=True)
def test_what_was_refused_from_a_leaver_who_never_heard_of_it_is_refused_again_after_a_restore(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    (here,) = joined(county, open_desk())
    grants.grant(county.ledger, device(here), NEXT_VILLAGE)
    here.exchange(county)
    grants.leave(county.ledger, device(here))
    with county.ledger.writing() as connection:  # a restore of the county forgot that the post ever had the village
        connection.execute(sa.delete(tables.granted).where(tables.granted.c.org == NEXT_VILLAGE))
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    here.save(Person(), name="欧阳谷雨", org=NEXT_VILLAGE)
    assert here.exchange(county).moved.has_left
    assert (refused(county), found_of(here, tmp_path)) == (1, [])
    copies.restore(tmp_path / "copy", tmp_path / "again")
    again = open_county(tmp_path / "again")
    try:
        assert refused(again) == 0
        here.exchange(again)
        assert refused(again) == 1
    finally:
        again.ledger.close()


def refused(county: CountyServer) -> int:
    """How many rejections the county holds, whoever may see them."""
    with county.ledger.reading() as connection:
        return len(connection.execute(county.ledger.of(tables.record, type="rejection")).all())


def test_sealed_saves_are_dropped_as_soon_as_a_copy_holds_them(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    here, successor, _, _ = leaver(county, open_desk)
    here.exchange(county)
    assert kept_sealed(here) == 55
    here.exchange(county)
    successor.person("新来的")
    successor.exchange(county)
    copies.back_up(tmp_path / "county", tmp_path / "copy")
    here.exchange(county)
    assert kept_sealed(here) == 0


def kept_sealed(desk: Desk) -> int:
    with writing(desk.store) as work:
        return int(work.db.execute("SELECT count(*) FROM sealed").fetchone()[0])


def test_the_family_s_ties_go_with_the_file_of_whose_they_are(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    grandmother = here.person("周秀英")
    here.save(Elder(id=grandmother.id), risk_level="low")
    here.save(Kinship(), subject=child.id, relative=grandmother.id, relation="64", is_caregiver=True)
    for desk in (here, town):
        desk.exchange(county)
    move(town, county, child, NEXT_VILLAGE)
    here.exchange(county)
    there.exchange(county)
    assert (names(here), here.store.count(Kinship)) == (["周秀英"], 0)
    assert (names(there), there.store.count(Kinship)) == (["王小明"], 1)
    assert town.store.count(Kinship) == 1
    move(town, county, grandmother, NEXT_VILLAGE)
    left = here.exchange(county)
    there.exchange(county)
    assert "1 位老人" in in_words(left.moved)[0]
    assert names(there) == ["周秀英", "王小明"]


def test_twice_between_two_exchanges_and_back_again(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    (third,) = joined(county, open_desk(THIRD_VILLAGE))
    third.exchange(county)
    move(town, county, child, NEXT_VILLAGE)
    move(town, county, child, THIRD_VILLAGE)
    for desk in (here, there, third):
        assert desk.exchange(county).delivered
    assert (names(here), names(there), names(third)) == ([], [], ["王小明"])
    move(town, county, child, NEXT_VILLAGE)
    move(town, county, child, VILLAGE)
    for desk in (here, there, third):
        assert desk.exchange(county).delivered
    assert (names(here), names(there), names(third)) == (["王小明"], [], [])
    assert contents(here, Child) == contents(town, Child)


def test_there_and_back_before_anybody_looked_changes_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    here, there, town, child = family(county, open_desk)
    here.save(here.get(Person, child.id), village_group="二组")
    move(town, county, child, NEXT_VILLAGE)
    move(town, county, child, VILLAGE)
    back = here.exchange(county)
    assert (back.gone, back.rejections, back.delivered, bool(back.moved)) == (0, 0, True, False)
    assert here.get(Person, child.id).village_group == "二组"
    assert there.exchange(county).received == 0


def test_a_save_made_while_the_answer_came_follows_with_the_next_exchange(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.client import engine

    here, there, town, child = family(county, open_desk)
    move(town, county, child, NEXT_VILLAGE)
    real, late = engine.plan, []

    def plan_and_type(*args: object, **kwargs: object) -> object:
        if not late:
            made = real(*args, **kwargs)  # type: ignore[arg-type]
            late.append(here.save(here.get(Person, child.id), note="刚写的"))
            return made
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "plan", plan_and_type)
    first = here.exchange(county)
    assert (first.gone, pending(here.store)) == (0, 1)
    second: Outcome = here.exchange(county)
    assert (second.moved.proposed, second.delivered, names(here)) == (1, True, [])
    there.exchange(county)
    assert "刚写的" in (there.store.find(Proposal)[0].content or "")


def test_what_stands_by_itself_leaves_with_its_village(county: CountyServer, open_desk: OpenDesk) -> None:
    here, _ = joined(county, open_desk(), open_desk(NEXT_VILLAGE))
    here.save(Sheet(), org=VILLAGE, number="A1")
    here.save(Person(), name="外村人", org=NEXT_VILLAGE)
    assert here.exchange(county).rejections == 1
    grants.grant(county.ledger, device(here), THIRD_VILLAGE)
    grants.ungrant(county.ledger, device(here), VILLAGE)
    left = here.exchange(county)
    assert (here.store.count(Sheet), names(here), left.delivered) == (0, [], True)
    assert in_words(left.moved)[0].startswith("县里把")


def test_by_stick_everything_happens_the_same(county: CountyServer, open_desk: OpenDesk, tmp_path: Path) -> None:
    here, successor, _, late = leaver(county, open_desk)

    def by_stick(desk: Desk) -> Outcome:
        return unpack(desk.store, answer(county, pack(desk.store).content))

    first = by_stick(here)
    assert (first.moved.has_left, first.moved.proposed, first.delivered) == (True, 50, True)
    assert (names(here), found_of(here, tmp_path)) == ([], [])
    assert here.store.has_blob(late) is False
    successor.exchange(county)
    assert successor.store.count(Proposal) == 50
    assert successor.store.has_blob(late)
    assert by_stick(here).delivered


def test_an_answer_from_before_the_leaving_brings_nobody_back(county: CountyServer, open_desk: OpenDesk) -> None:
    (here,) = joined(county, open_desk())
    here.person("王小明")
    here.exchange(county)
    ask_anew(here.store)
    late = answer(county, pack(here.store).content)
    grants.leave(county.ledger, device(here))
    assert here.exchange(county).moved.has_left
    assert (unpack(here.store, late).received, names(here)) == (0, [])
    assert here.exchange(county).delivered


def test_what_this_desk_cannot_read_yet_leaves_too(county: CountyServer, open_desk: OpenDesk) -> None:
    (here,) = joined(county, open_desk())
    assert send(county, here, 1, Change("weather", new_id(), {"sky": "晴", "org": VILLAGE}))
    ask_anew(here.store)
    assert here.exchange(county).received == 1
    grants.leave(county.ledger, device(here))
    assert here.exchange(county).delivered
    with writing(here.store) as work:
        assert work.db.execute("SELECT count(*) FROM carried").fetchone()[0] == 0


def test_somebody_whom_a_new_desk_registered_leaves_it_although_it_never_heard_a_whole_answer(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    here, other = joined(county, open_desk(), open_desk(holder="王芳"))
    child = here.person()
    with suppress(CountyUnreachable):
        here.exchange(LostAnswers(county))
    move(other, county, child, NEXT_VILLAGE)
    assert here.exchange(county).delivered
    assert names(here) == []
    assert here.store.audit_log("digest_differs") == []
