"""The contract over files on a stick, and what is particular to a stick: late, twice, out of order, changed, opened."""

from __future__ import annotations

import pytest

from app.errors import CountyRefused, CountyUnreachable
from app.records import Attachment, Conflict, Person
from app.store.changes import writing
from sync import parcel as shared
from sync.client import agreement
from sync.client.credentials import ties
from sync.client.engine import Light, join, light, pending, send_only
from sync.client.parcel import ParcelCounty, ParcelRefused, pack, unpack
from sync.messages import Hello, Request
from sync.server import accounts, copies
from sync.server.county import CountyServer, county_init, open_county
from sync.server.parcels import answer
from tests.sync.contract import CountyContract, Line
from tests.sync.desks import COUNTY, Desk, OpenDesk, contents, joined


class TestCountyOnAStick(CountyContract):
    @pytest.fixture
    def line(self, county: CountyServer) -> Line:
        return lambda desk: ParcelCounty(desk.store, lambda data: answer(county, data))

    def joined(self, county: CountyServer, line: Line, desk: Desk) -> Desk:
        """Nobody can seal to a county whose key they do not have: joining takes a line."""
        with pytest.raises(CountyUnreachable, match="网络"):
            join(line(desk), desk.store, "", "ABCD-EFGH-2345")
        desk.join(county)
        return desk


def there_and_back(county: CountyServer, desk: Desk) -> bool:
    return unpack(desk.store, answer(county, pack(desk.store).content)).delivered


def test_a_stick_carries_records_and_photos_both_ways(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk())
    digest = first.store.attach_blob(b"photo" * 1_000)
    person = first.person("独一无二的名字")
    first.save(Attachment(), subject=person.id, sha256=digest, size=5_000)
    packed = pack(first.store)
    assert (packed.units, packed.photos) == (2, 1)
    assert pending(first.store) == 2
    assert "独一无二的名字".encode() not in packed.content
    assert ties(first.store).device.encode() not in packed.content
    outcome = unpack(first.store, answer(county, packed.content))
    assert (outcome.sent, outcome.delivered, outcome.photos_waiting) == (2, True, 0)
    assert light(first.store) is Light.ALL_SENT
    assert there_and_back(county, second)
    assert contents(first, Person) == contents(second, Person)
    assert there_and_back(county, second)
    assert second.store.blob(digest) == b"photo" * 1_000


def test_a_parcel_twice_and_an_answer_twice_change_nothing(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk())
    person = first.person()
    packed = pack(first.store).content
    answers = [answer(county, packed), answer(county, packed)]
    assert unpack(first.store, answers[0]).sent == 1
    first.save(first.get(Person, person.id), note="后来")
    again = [unpack(first.store, data) for data in (*answers, *answers)]
    assert {(each.received, each.conflicts, each.rejections) for each in again} == {(0, 0, 0)}
    assert first.get(Person, person.id).note == "后来"
    assert pending(first.store) == 1
    assert there_and_back(county, first)
    assert there_and_back(county, second)
    assert contents(first, Person) == contents(second, Person)


def test_an_answer_from_before_what_the_line_took_brings_what_is_new_and_lies_over_nothing(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    """Only what became of the saves was heard: both sides could not agree now, and all would be asked for anew."""
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    other = second.person(village_group="一组")
    second.exchange(county)
    first.exchange(county)
    second.save(second.get(Person, other.id), note="王芳写的")
    fresh = second.person("王小红")
    second.exchange(county)
    late = answer(county, pack(first.store).content)
    second.person("王小绿")
    second.exchange(county)
    later = answer(county, pack(first.store).content)
    first.save(first.get(Person, other.id), village_group="三组")
    first.person()
    assert send_only(county, first.store) == 0
    for each in (late, later):
        assert not unpack(first.store, each).delivered
    assert first.get(Person, fresh.id).name == "王小红"
    assert first.get(Person, other.id).village_group == "三组"
    assert first.store.audit_log("digest_differs") == []
    assert not agreement.was_asked_anew(first.store)
    outcome = first.exchange(county)
    assert (outcome.delivered, first.store.audit_log("digest_differs")) == (True, [])
    found = first.get(Person, other.id)
    assert (found.village_group, found.note) == ("三组", "王芳写的")


def test_who_sends_by_line_each_evening_and_gets_all_else_by_stick_gets_it(
    county: CountyServer, open_desk: OpenDesk
) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    for _ in range(3):
        fresh = second.person()
        second.exchange(county)
        late = answer(county, pack(first.store).content)
        first.person()
        assert send_only(county, first.store) == 0
        unpack(first.store, late)
        assert first.store.get(Person, fresh.id) is not None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_late_and_out_of_order_does_no_harm(county: CountyServer, open_desk: OpenDesk, order: tuple[int, ...]) -> None:
    first, second = joined(county, open_desk(holder="李娟"), open_desk(holder="王芳"))
    person = first.person(village_group="一组")
    parcels = [pack(first.store).content]
    first.save(first.get(Person, person.id), village_group="二组")
    parcels.append(pack(first.store).content)
    first.save(first.get(Person, person.id), note="三")
    parcels.append(pack(first.store).content)
    answers = []
    for at in order:
        answers.append(answer(county, parcels[at]))
        second.exchange(county)
        if found := second.store.get(Person, person.id):
            second.save(found, village_group=f"村里{at}")
            second.exchange(county)
    for data in reversed(answers):
        unpack(first.store, data)
    assert there_and_back(county, first)
    assert second.exchange(county).delivered
    assert contents(first, Person) == contents(second, Person)
    assert contents(first, Conflict) == contents(second, Conflict)
    assert pending(first.store) == 0


def test_a_line_in_between_makes_an_older_answer_idle(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk(holder="王芳"))
    person = first.person(village_group="一组")
    late = answer(county, pack(first.store).content)
    first.exchange(county)
    second.exchange(county)
    second.save(second.get(Person, person.id), village_group="二组")
    second.exchange(county)
    first.exchange(county)
    assert unpack(first.store, late).received == 0
    assert first.get(Person, person.id).village_group == "二组"


def test_every_changed_bit_is_refused_before_anything_is_read(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk,) = joined(county, open_desk())
    desk.person()
    asked = pack(desk.store).content
    answered = answer(county, asked)
    monkeypatch.setattr(shared, "_decoded", _must_not_be_read)
    flipped = 0
    for data, read in ((asked, lambda data: answer(county, data)), (answered, lambda data: unpack(desk.store, data))):
        for bit in range(len(data) * 8):
            changed = bytearray(data)
            changed[bit // 8] ^= 1 << bit % 8
            with pytest.raises(ParcelRefused):
                read(bytes(changed))
            flipped += 1
        for wrong in (b"", data[:40], data[:-1], data + b"\0", b"x" * 5_000):
            with pytest.raises(ParcelRefused):
                read(wrong)
    assert flipped == (len(asked) + len(answered)) * 8
    assert pending(desk.store) == 1


def _must_not_be_read(*_: object) -> None:
    raise AssertionError("a changed file was read")


def test_a_parcel_is_for_one_county_and_an_answer_for_one_desk(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk())
    first.person()
    packed = pack(first.store).content
    with pytest.raises(ParcelRefused, match="不是给这里的"):
        unpack(second.store, answer(county, packed))
    with pytest.raises(ParcelRefused):
        unpack(first.store, packed)
    with pytest.raises(ParcelRefused):
        answer(county, answer(county, packed))


def test_another_county_cannot_open_it(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    packed = pack(desk.store).content
    other = shared.county_keys(b"o" * 32)
    with pytest.raises(ParcelRefused) as elsewhere:
        shared.open_sealed(shared.ASKING, packed, other)
    assert elsewhere.value.code == shared.NOT_FOR_US
    head = len(shared.ASKING)
    readdressed = packed[:head] + shared.address(other.public[: shared.KEY]) + packed[head + shared.ADDRESS :]
    with pytest.raises(ParcelRefused) as changed:
        shared.open_sealed(shared.ASKING, readdressed, other)
    assert changed.value.code == shared.NOT_OPENED


def test_a_forged_signature_and_a_stopped_desk_are_refused(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk())
    first.person()
    known, thief = ties(first.store), ties(second.store)
    box = bytes.fromhex(known.parcel_key)[: shared.KEY]
    keys = shared.desk_keys(bytes.fromhex(thief.private_key))
    content = shared.encode_asking(shared.Asking(keys.public[:32], known.epoch, {}, False, ()))
    with pytest.raises(ParcelRefused, match="不是它说的"):
        answer(county, shared.seal(shared.ASKING, content, known.device, keys, box))
    # A desk that signs its own file cannot speak for another inside it.
    from sync import wire

    spoken = wire.encode_request(Request(Hello(known.device, known.server_id, known.epoch, limit=10)))
    asking = shared.Asking(keys.public[:32], known.epoch, {}, False, (shared.Call("exchange", spoken),))
    sealed = shared.seal(shared.ASKING, shared.encode_asking(asking), thief.device, keys, box)
    with pytest.raises(CountyRefused, match="签名"):
        unpack(second.store, answer(county, sealed))
    packed = pack(first.store).content
    accounts.revoke(county.ledger, known.device)
    with pytest.raises(CountyRefused, match="停用"):
        answer(county, packed)
    assert pending(first.store) == 1


def test_who_works_alone_is_told_so(open_desk: OpenDesk) -> None:
    with pytest.raises(CountyRefused, match="U 盘"):
        pack(open_desk().store)


def test_a_restore_between_parcels_loses_nothing(open_desk: OpenDesk, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("office")
    county = county_init(folder / "county", COUNTY, "昭阳区")
    first, second = joined(county, open_desk(holder="李娟"), open_desk(holder="王芳"))
    copies.back_up(folder / "county", folder / "one.copy")
    person = first.person()
    late = pack(first.store).content
    assert there_and_back(county, first)
    assert there_and_back(county, second)
    county.ledger.close()
    copies.restore(folder / "one.copy", folder / "again")
    county = open_county(folder / "again")
    # The author's laptop is gone: the colleague gives back what it saw.
    assert light(second.store) is Light.ALL_SENT
    assert not there_and_back(county, second)
    assert ties(second.store).owes_witness
    assert light(second.store) is not Light.ALL_SENT
    assert there_and_back(county, second)
    assert not ties(second.store).owes_witness
    (other,) = joined(county, open_desk())
    assert there_and_back(county, other)
    assert other.get(Person, person.id).name == person.name
    # And a parcel from before the restore, found in a drawer, still does no harm.
    unpack(first.store, answer(county, late))
    assert there_and_back(county, first)
    assert contents(first, Person) == contents(other, Person)
    assert first.store.count(Conflict) == 0
    county.ledger.close()


def test_rows_that_differ_are_asked_for_anew_with_the_next_stick(county: CountyServer, open_desk: OpenDesk) -> None:
    first, second = joined(county, open_desk(), open_desk())
    person = first.person(village_group="一组")
    assert there_and_back(county, first)
    with writing(first.store) as work:
        work.db.execute("UPDATE person SET village_group = '坏了'")
        work.db.execute("UPDATE county_row SET h1 = h1 + 1")
    second.person("赵小红")
    assert there_and_back(county, second)
    assert not there_and_back(county, first)
    assert there_and_back(county, first)
    assert first.get(Person, person.id).village_group == "一组"
