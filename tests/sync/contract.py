"""What every ``County`` must do, whoever implements it; subclasses say which one they test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import CountyRefused
from app.records import Attachment, Conflict, Person, Proposal
from app.store.changes import writing
from sync.client.credentials import signed, ties
from sync.client.engine import Light, join, light, pending
from sync.messages import Hello, Introduction, Request
from sync.protocol import County
from sync.server import accounts, grants, tables
from sync.server.county import CountyServer
from tests.sync.copying import forks, image, started
from tests.sync.desks import NEXT_VILLAGE, VILLAGE, Desk, OpenDesk, contents

Line = Callable[[Desk], County]


class CountyContract:
    """``line`` gives a desk its way to the county."""

    @pytest.fixture
    def line(self, county: CountyServer) -> Line:
        raise pytest.UsageError("a subclass says which county it tests")

    def joined(self, county: CountyServer, line: Line, desk: Desk) -> Desk:
        code = accounts.make_code(county.ledger, desk.store.post.org, desk.store.post.role, "测试")
        join(line(desk), desk.store, "http://127.0.0.1:1", code)
        return desk

    def test_records_go_up_and_come_down_the_same(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        first, second = (self.joined(county, line, open_desk()) for _ in range(2))
        for number in range(30):
            first.person(f"王小{number}", phones=[f"1380000{number:04}"], birth_date="2016-05-01")
        sent = first.exchange(line(first))
        assert (sent.sent, sent.received, sent.delivered) == (30, 0, True)
        came = second.exchange(line(second))
        assert (came.received, came.delivered) == (30, True)
        assert contents(first, Person) == contents(second, Person)
        assert second.exchange(line(second)).received == 0

    def test_a_conflict_is_seen_by_both_settled_offline_and_agreed(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        from app.cases import conflicts
        from app.policy.access import Actor

        first, second = (self.joined(county, line, open_desk(holder=name)) for name in ("李娟", "王芳"))
        person = first.person()
        first.exchange(line(first))
        second.exchange(line(second))
        first.save(first.get(Person, person.id), village_group="一组")
        second.save(second.get(Person, person.id), village_group="二组")
        for desk in (first, second, first):
            desk.exchange(line(desk))
        (found,) = first.store.find(Conflict)
        actor = Actor(first.store.holder.id, "李娟", "child_director", VILLAGE)
        conflicts.settle(first.store, actor, found, conflicts.MINE)
        assert pending(first.store) > 0
        for desk in (first, second):
            assert desk.exchange(line(desk)).delivered
            assert desk.get(Person, person.id).village_group == "一组"
            assert light(desk.store) is Light.ALL_SENT

    def test_a_photo_follows_the_text_both_ways(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        first, second = (self.joined(county, line, open_desk()) for _ in range(2))
        content = bytes(range(256)) * 1_400
        digest = first.store.attach_blob(content)
        person = first.person()
        first.save(Attachment(), subject=person.id, sha256=digest, size=len(content))
        assert first.exchange(line(first)).photos_waiting == 0
        assert second.exchange(line(second)).photos_waiting == 0
        assert second.store.blob(digest) == content
        with writing(second.store) as work:
            assert work.transfers("down") == []

    def test_a_photo_of_a_record_one_may_not_see_is_not_given_out(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        here = self.joined(county, line, open_desk())
        there = self.joined(county, line, open_desk("530602001002"))
        digest = here.store.attach_blob(b"photo")
        here.save(Attachment(), subject=here.person().id, sha256=digest, size=5)
        here.exchange(line(here))
        with pytest.raises(CountyRefused):
            line(there).get_blob(ties(there.store).device, digest, 0, 5)

    def test_a_copied_desk_goes_on_under_a_name_of_its_own(
        self, county: CountyServer, line: Line, open_desk: OpenDesk, tmp_path: Path
    ) -> None:
        desk = self.joined(county, line, open_desk())
        person = desk.person("王一")
        desk.exchange(line(desk))
        twin = started(image(desk, tmp_path / "image"))
        desk.save(desk.get(Person, person.id), note="这台")
        desk.exchange(line(desk))
        twin.person("王二")
        assert twin.exchange(line(twin)).delivered
        assert forks(county) == 1
        assert twin.get(Person, person.id).note == "这台"
        assert desk.exchange(line(desk)).received == 1
        assert twin.exchange(line(twin)).delivered
        assert forks(county) == 1
        twin.store.close()

    def test_a_name_that_the_old_one_does_not_vouch_for_is_refused(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        desk, other = (self.joined(county, line, open_desk()) for _ in range(2))
        here, there = ties(desk.store), ties(other.store)
        told = Introduction(here.device, "e" * 32, bytes(32), bytes(16))
        for signature in (b"", signed(there, told.signed_text()), signed(here, told.signed_text() + b".")):
            with pytest.raises(CountyRefused, match="签名"):
                line(desk).introduce(replace(told, signature=signature))
        honest = replace(told, fresh=there.device)
        with pytest.raises(CountyRefused, match="签名"):
            line(desk).introduce(replace(honest, signature=signed(here, honest.signed_text())))
        assert forks(county) == 0

    def test_who_never_joined_is_refused(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        stranger = open_desk()
        with pytest.raises(CountyRefused):
            list(line(stranger).exchange(Request(Hello("f" * 32, "", "", limit=10))))

    def test_another_county_is_not_spoken_to(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        desk = self.joined(county, line, open_desk())
        desk.person()
        with writing(desk.store) as work:
            work.set_setting("county", {**work.setting("county"), "server_id": "another"})
        with pytest.raises(CountyRefused, match="不是原来"):
            desk.exchange(line(desk))
        assert pending(desk.store) == 1

    def test_a_file_moves_and_what_comes_too_late_is_proposed_where_it_is(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        here, there = (self.joined(county, line, open_desk(org)) for org in (VILLAGE, NEXT_VILLAGE))
        again = self.joined(county, line, open_desk(holder="王芳"))
        child = here.person("王小明")
        here.exchange(line(here))
        again.exchange(line(again))
        here.save(here.get(Person, child.id), org=NEXT_VILLAGE)
        assert (here.exchange(line(here)).gone, here.store.count(Person)) == (1, 0)
        digest = again.store.attach_blob(b"late" * 700)
        again.save(Attachment(), subject=child.id, sha256=digest, size=2_800)
        late = again.exchange(line(again))
        assert (late.rejections, late.moved.proposed, late.photos_waiting, late.delivered) == (0, 1, 0, True)
        assert (again.store.count(Person), again.store.has_blob(digest)) == (0, False)
        there.exchange(line(there))
        assert (there.get(Person, child.id).name, there.store.count(Proposal)) == ("王小明", 1)
        assert there.store.blob(digest) == b"late" * 700

    def test_a_post_is_granted_a_village_loses_it_and_is_left(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        here, there = (self.joined(county, line, open_desk(org)) for org in (VILLAGE, NEXT_VILLAGE))
        there.person("赵小红")
        there.exchange(line(there))
        device = ties(here.store).device
        grants.grant(county.ledger, device, NEXT_VILLAGE)
        got = here.exchange(line(here))
        assert (got.received, got.moved.granted, got.delivered) == (1, (NEXT_VILLAGE,), True)
        grants.ungrant(county.ledger, device, NEXT_VILLAGE)
        lost = here.exchange(line(here))
        assert (lost.gone, lost.moved.ended, lost.delivered) == (1, (NEXT_VILLAGE,), True)
        here.person("王小明")
        grants.leave(county.ledger, device)
        left = here.exchange(line(here))
        assert (left.moved.has_left, left.moved.proposed, here.store.count(Person)) == (True, 1, 0)

    def test_what_is_kept_sealed_comes_back_to_a_county_that_lost_it(
        self, county: CountyServer, line: Line, open_desk: OpenDesk
    ) -> None:
        here = self.joined(county, line, open_desk())
        digest = here.store.attach_blob(b"a picture" * 900)
        child = here.person("王小明")
        here.save(Attachment(), subject=child.id, sha256=digest, size=8_100)
        here.exchange(line(here))
        grants.leave(county.ledger, ties(here.store).device)
        assert here.exchange(line(here)).gone == 2
        with county.ledger.writing() as connection:
            for table in (tables.unit, tables.change, tables.record, tables.leaving, tables.blob, tables.blob_part):
                connection.execute(sa.delete(table))
            connection.execute(sa.update(tables.granted).values(until=None))
            county.ledger.begin_life(connection)
        back = here.exchange(line(here))
        assert (back.delivered, here.get(Person, child.id).name) == (True, "王小明")
        assert here.store.blob(digest) == b"a picture" * 900
