"""A county that comes back from a copy: everything acknowledged since comes back from the desks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from app.errors import CountyRefused, NotFound, StoreDamaged, UserError, WorkspaceExists
from app.records import Attachment, Child, Conflict, Person, Rejection, Stay
from app.records.ids import new_id
from app.store.changes import Step, seen, unsent, writing
from sync.client import blocks
from sync.client.credentials import ties
from sync.client.engine import join, pending, receive, send_only
from sync.client.parcel import pack, unpack
from sync.client.plan import plan
from sync.merge import EMPTIED
from sync.messages import Change, Page, Request
from sync.protocol import LineBroke
from sync.server import accounts, bin, copies, tables
from sync.server.county import CountyServer, county_init, open_county
from sync.server.database import FILE, key_file
from sync.server.ledger import now_ms
from sync.server.parcels import answer
from sync.server.sitting import decode
from tests.support.postgres import Postgres
from tests.sync.breaking import BreakingLine
from tests.sync.desks import COUNTY, NEXT_VILLAGE, TOWN, VILLAGE, Desk, contents
from tests.sync.test_hostile import sends

OpenDesk = Callable[..., Desk]


class Office:
    """The county's office: a server, its copies, and the folders they were restored to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "county"
        self.lives = 0
        self.county = county_init(self.data, COUNTY, "昭阳区", database=self.fresh_place())

    def fresh_place(self) -> str:
        """The database for a new life; none for a file in the folder."""
        return ""

    def back_up(self, name: str) -> copies.Copy:
        return copies.back_up(self.data, self.folder / name)

    def restore(self, name: str) -> None:
        """The copy in a new folder takes over."""
        self.county.ledger.close()
        self.lives += 1
        self.data = self.folder / f"county{self.lives}"
        copies.restore(self.folder / name, self.data, address=self.fresh_place())
        self.county = open_county(self.data)

    def snapshot(self) -> None:
        """What a virtual machine keeps."""
        self.county.ledger.close()
        shutil.copytree(self.data, self.folder / "snapshot")
        self.county = open_county(self.data)

    def roll_back(self) -> None:
        """The machine is put back to its snapshot, and nobody tells the program."""
        self.county.ledger.close()
        shutil.rmtree(self.data)
        shutil.copytree(self.folder / "snapshot", self.data)
        self.county = open_county(self.data)

    def epoch(self) -> str:
        with self.county.ledger.reading() as connection:
            return self.county.ledger.terms(connection).epoch


class OfficeOnPostgres(Office):
    """The same office, whose county lies in a PostgreSQL database."""

    def __init__(self, folder: Path, server: Postgres) -> None:
        self.server = server
        super().__init__(folder)

    def fresh_place(self) -> str:
        self.address = self.server.new()
        return self.address

    def snapshot(self) -> None:
        self.kept = self.database + "_snapshot"
        self._copy(self.database, self.kept)

    def roll_back(self) -> None:
        self._copy(self.kept, self.database)

    @property
    def database(self) -> str:
        return self.address.rpartition("/")[2]

    def _copy(self, source: str, target: str) -> None:
        self.county.ledger.close()
        self.server.copy(source, target)
        self.county = open_county(self.data)


@pytest.fixture(params=["file", "postgres"])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    made = Office(tmp_path / "office") if request.param == "file" else _on_postgres(tmp_path, request)
    yield made
    made.county.ledger.close()


def _on_postgres(tmp_path: Path, request: pytest.FixtureRequest) -> Office:
    return OfficeOnPostgres(tmp_path / "office", request.getfixturevalue("postgres"))


def joined(office: Office, *desks: Desk) -> tuple[Desk, ...]:
    for desk in desks:
        desk.join(office.county)
    return desks


def exchange_all(office: Office, *desks: Desk) -> None:
    for desk in desks:
        assert desk.exchange(office.county).delivered


def assert_the_same(*desks: Desk) -> None:
    for cls in (Person, Child, Conflict):
        assert contents(desks[0], cls) == contents(desks[1], cls)


def test_what_was_accepted_after_the_copy_comes_back_from_the_desks(office: Office, open_desk: OpenDesk) -> None:
    first, second = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    person = first.person(village_group="一组", phones=["1"])
    exchange_all(office, first, second)
    made = office.back_up("one.copy")
    assert (made.records, made.units, made.devices) == (1, 1, 2)
    first.save(first.get(Person, person.id), village_group="二组", phones=["2"])
    exchange_all(office, first, second)
    second.save(second.get(Person, person.id), village_group="三组")
    later = second.person("赵小红")
    exchange_all(office, second, first)
    office.restore("one.copy")
    exchange_all(office, first, second, first)
    for desk in (first, second):
        found = desk.get(Person, person.id)
        assert (found.village_group, found.phones) == ("三组", ("2",))
        assert desk.get(Person, later.id).name == "赵小红"
        assert desk.store.count(Conflict) == 0
        assert pending(desk.store) == 0
    assert_the_same(first, second)


@pytest.mark.parametrize("order", [(0, 1, 0), (1, 0, 1)])
def test_two_restores_in_a_row_lose_nothing_in_either_order(
    office: Office, open_desk: OpenDesk, order: tuple[int, ...]
) -> None:
    desks = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    office.back_up("empty.copy")
    person = desks[0].person(village_group="一组")
    exchange_all(office, *desks)
    office.back_up("one.copy")
    desks[1].save(desks[1].get(Person, person.id), village_group="二组")
    exchange_all(office, desks[1], desks[0])
    office.restore("one.copy")
    exchange_all(office, desks[order[0]])
    desks[order[0]].save(desks[order[0]].get(Person, person.id), note="两次之间")
    exchange_all(office, desks[order[0]])
    office.restore("empty.copy")
    exchange_all(office, *(desks[at] for at in order), *desks)
    for desk in desks:
        found = desk.get(Person, person.id)
        assert (found.village_group, found.note) == ("二组", "两次之间")
        assert desk.store.count(Conflict) == 0
    assert_the_same(*desks)


def test_what_a_copy_holds_is_durable_and_is_not_offered_again(office: Office, open_desk: OpenDesk) -> None:
    (desk,) = joined(office, open_desk())
    desk.person("王一")
    exchange_all(office, desk)
    made = office.back_up("one.copy")
    desk.person("王二")
    exchange_all(office, desk)
    assert states(desk) == ["durable", "accepted"]
    assert (ties(desk.store).durable_epoch, ties(desk.store).durable_seq) == (made.epoch, made.seq)
    office.restore("one.copy")
    assert desk.exchange(office.county).sent == 1
    assert states(desk) == ["durable", "accepted"]


def states(desk: Desk) -> list[str]:
    with writing(desk.store) as work:
        return [row[0] for row in work.db.execute("SELECT state FROM unit WHERE seq IS NOT NULL ORDER BY seq")]


def test_an_older_copy_than_the_last_brings_back_what_was_called_durable(office: Office, open_desk: OpenDesk) -> None:
    (desk,) = joined(office, open_desk())
    office.back_up("old.copy")
    person = desk.person()
    exchange_all(office, desk)
    office.back_up("new.copy")
    exchange_all(office, desk)
    assert states(desk) == ["durable"]
    office.restore("old.copy")
    exchange_all(office, desk)
    (other,) = joined(office, open_desk())
    exchange_all(office, other)
    assert other.get(Person, person.id).name == person.name


class BreaksBeforeTheEnd:
    """A line that brings what the county says of each block, and breaks before the end."""

    def __init__(self, county: CountyServer) -> None:
        self._county = county

    def __getattr__(self, name: str) -> object:
        return getattr(self._county, name)

    def exchange(self, request: Request) -> Iterator[Page]:
        for page in self._county.exchange(request):
            if page.cursors:
                raise LineBroke("资料都在这台电脑上，没有丢。线路断了。")
            yield page


def test_what_was_acknowledged_of_an_upload_that_broke_is_missed_when_the_server_is_put_back_in_silence(
    office: Office, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "FIRST", 2)
    (desk,) = joined(office, open_desk())
    office.snapshot()
    people = {desk.person(f"王{number}").id for number in range(6)}
    with pytest.raises(LineBroke):
        desk.exchange(BreaksBeforeTheEnd(office.county))  # type: ignore[arg-type]
    assert pending(desk.store) == 0
    office.roll_back()
    assert desk.exchange(office.county).delivered
    assert {each.id for each in desk.store.every(Person)} == people


def test_a_server_put_back_in_silence_is_noticed(office: Office, open_desk: OpenDesk) -> None:
    first, second = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    early = first.person("王早", village_group="一组")
    exchange_all(office, first, second)
    office.snapshot()
    before = office.epoch()
    late = first.person("王晚")
    first.save(first.get(Person, early.id), village_group="二组")
    exchange_all(office, first)
    office.roll_back()
    # Who has not heard of what was lost writes on: the same numbers are given a second time.
    second.save(second.get(Person, early.id), note="第二条线")
    meanwhile = second.person("王中")
    exchange_all(office, second)
    assert office.epoch() == before
    exchange_all(office, first)
    assert office.epoch() != before
    exchange_all(office, second, first)
    for desk in (first, second):
        assert {each.id for each in desk.store.every(Person)} == {early.id, late.id, meanwhile.id}
        found = desk.get(Person, early.id)
        assert (found.village_group, found.note) == ("二组", "第二条线")
    assert_the_same(first, second)


def test_a_server_put_back_in_silence_is_noticed_although_the_newest_save_came_again_late(
    office: Office, open_desk: OpenDesk
) -> None:
    (desk,) = joined(office, open_desk())
    exchange_all(office, desk)
    office.snapshot()
    early, late = desk.person("王早"), desk.person("王晚")
    both = plan(ties(desk.store), unsent(desk.store, 10), 100).request
    on_the_line = replace(both, units=both.units[1:])  # the second block of two
    exchange_all(office, desk)
    office.roll_back()
    list(office.county.exchange(on_the_line))
    exchange_all(office, desk)
    (other,) = joined(office, open_desk(holder="新来的"))
    exchange_all(office, other)
    assert {each.id for each in other.store.every(Person)} == {early.id, late.id}


def test_a_copy_made_after_a_silent_rollback_makes_nothing_durable(office: Office, open_desk: OpenDesk) -> None:
    first, second = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    second.person("王早")
    exchange_all(office, first, second)
    office.snapshot()
    lost = first.person("王晚")
    exchange_all(office, first)
    office.roll_back()
    second.person("王中")
    exchange_all(office, second)
    office.back_up("after.copy")
    exchange_all(office, first, second)
    assert second.get(Person, lost.id).name == "王晚"


def test_a_copy_made_after_a_silent_rollback_is_known_for_one_when_it_is_restored(
    office: Office, open_desk: OpenDesk
) -> None:
    """Nobody had noticed until then; the copy says that it holds everything up to a number that was given later."""
    first, second = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    second.person("王早")
    exchange_all(office, first, second)
    office.snapshot()
    lost = first.person("王晚")
    exchange_all(office, first)
    office.roll_back()
    second.person("王中")
    exchange_all(office, second)
    office.back_up("after.copy")
    office.restore("after.copy")
    exchange_all(office, second, first, second)
    assert second.get(Person, lost.id).name == "王晚"
    life = office.epoch()
    exchange_all(office, first, second)
    assert office.epoch() == life


def test_what_a_colleague_wrote_whose_laptop_is_gone_comes_back_from_who_saw_it(
    office: Office, open_desk: OpenDesk
) -> None:
    gone, witness = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    kept = gone.person("王小明", village_group="一组", phones=["1", "2"])
    exchange_all(office, gone, witness)
    office.back_up("one.copy")
    fresh = gone.person("赵小红")
    gone.save(Child(id=fresh.id), risk_level="high")
    gone.save(gone.get(Person, kept.id), village_group="二组", phones=["2", "3"], note=None)
    dropped = gone.person("删掉的")
    exchange_all(office, gone, witness)
    gone.store.delete(gone.store.holder, gone.get(Person, dropped.id))
    exchange_all(office, gone, witness)
    office.restore("one.copy")
    exchange_all(office, witness)
    (other,) = joined(office, open_desk(holder="新来的"))
    exchange_all(office, other)
    for desk in (witness, other):
        found = desk.get(Person, kept.id)
        assert (found.village_group, found.phones) == ("二组", ("2", "3"))
        assert desk.get(Person, fresh.id).name == "赵小红"
        assert desk.get(Child, fresh.id).risk_level == "high"
        assert desk.store.get(Person, dropped.id) is None
        assert desk.store.count(Conflict) == 0
    assert [step.author for step in other.store.history("person", fresh.id)] == ["李娟"]
    exchange_all(office, gone, witness, other)
    assert [desk.store.count(Conflict) for desk in (gone, witness, other)] == [0, 0, 0]
    assert_the_same(gone, other)


@dataclass
class Listening:
    """A county that counts what it is told of others' saves, at a line that breaks once with the answer."""

    county: CountyServer
    breaks_at: int = 0
    told: list[list[str]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.county, name)

    def exchange(self, request: Request) -> Iterator[Page]:
        answer = list(self.county.exchange(request))
        if heard := [unit.stamp for unit in request.units if unit.seq < 0]:
            self.told.append(heard)
            if len(self.told) == self.breaks_at:
                raise LineBroke("资料都在这台电脑上，没有丢。线路断了。")
        yield from answer


def owing_much(office: Office, gone: Desk, witness: Desk, *, people: int) -> tuple[Desk, set[str]]:
    """A desk that saw what a restored county has lost, two persons to a portion; and who they are."""
    joined(office, gone, witness)
    office.back_up("one.copy")
    written = {gone.person(f"甲{number}", note="长" * 20_000).id for number in range(people)}
    exchange_all(office, gone, witness)
    office.restore("one.copy")
    return witness, written


def test_a_testimony_goes_in_portions_that_a_line_bears_and_after_a_break_goes_on_where_it_was(
    office: Office, open_desk: OpenDesk
) -> None:
    witness, people = owing_much(office, open_desk(holder="李娟"), open_desk(holder="王芳"), people=7)
    line = Listening(office.county, breaks_at=3)
    with pytest.raises(LineBroke):
        witness.exchange(line)
    assert witness.exchange(line).delivered
    assert [len(stamps) for stamps in line.told] == [2, 2, 2, 2, 1]  # the third again: nobody heard its answer
    assert line.told[2] == line.told[3]
    (other,) = joined(office, open_desk(holder="新来的"))
    exchange_all(office, other)
    assert contents(other, Person).keys() == people


def test_a_testimony_begins_anew_when_the_server_was_put_back_in_its_middle(
    office: Office, open_desk: OpenDesk
) -> None:
    witness, people = owing_much(office, open_desk(holder="李娟"), open_desk(holder="王芳"), people=5)
    office.snapshot()
    with pytest.raises(LineBroke):
        witness.exchange(Listening(office.county, breaks_at=2))
    office.roll_back()
    assert witness.exchange(office.county).delivered
    (other,) = joined(office, open_desk(holder="新来的"))
    exchange_all(office, other)
    assert contents(other, Person).keys() == people


def test_a_witness_brings_back_what_was_listed_and_settled(office: Office, open_desk: OpenDesk) -> None:
    first, second = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    person = first.person()
    exchange_all(office, first, second)
    office.back_up("one.copy")
    first.save(first.get(Person, person.id), village_group="一组")
    second.save(second.get(Person, person.id), village_group="二组")
    exchange_all(office, first, second, first)
    office.restore("one.copy")
    exchange_all(office, second, first, second)
    for desk in (first, second):
        assert desk.get(Person, person.id).village_group == "二组"
        assert [each.other for each in desk.store.find(Conflict)] == ['"一组"']


@pytest.mark.parametrize("order", [(1, 2, 3), (1, 3, 2), (3, 1, 2), (2, 1, 3), (2, 3, 1), (3, 2, 1)])
def test_two_values_of_an_earlier_life_are_both_there_in_whatever_order_they_come_back(
    office: Office, open_desk: OpenDesk, order: tuple[int, ...]
) -> None:
    from sync.messages import Change, Hello, Request, Unit

    (desk,) = joined(office, open_desk())
    person = desk.person()
    exchange_all(office, desk)
    known, author = ties(desk.store), desk.store.holder
    seen = desk.get(Person, person.id).stamps["*"]
    # One wrote 一组; another, who had not seen that, 二组 and then 三组 in its place.
    saves = {1: ("一组", seen), 2: ("二组", seen), 3: ("三组", "feed:2")}
    for number in order:
        value, base = saves[number]
        change = Change("person", person.id, {"village_group": value}, {"village_group": base})
        unit = Unit(100 + number, "save", person.id, author.id, author.name, 1, (change,), f"feed:{number}")
        list(office.county.exchange(Request(Hello(known.device, known.server_id, known.epoch), (unit,))))
    (other,) = joined(office, open_desk(holder="王芳"))
    exchange_all(office, other)
    shown = other.get(Person, person.id).village_group
    listed = {each.other.strip('"') for each in other.store.find(Conflict)}
    assert {"一组", "三组"} <= {shown, *listed}
    assert shown == "三组"


def test_a_supervisor_gives_back_a_village_and_a_neighbour_gives_nothing_of_it(
    office: Office, open_desk: OpenDesk
) -> None:
    village, town, neighbour = joined(
        office, open_desk(), open_desk(TOWN, "child_supervisor", holder="张强"), open_desk(NEXT_VILLAGE)
    )
    office.back_up("one.copy")
    person = village.person()
    exchange_all(office, village, town, neighbour)
    office.restore("one.copy")
    exchange_all(office, neighbour, town)
    (again,) = joined(office, open_desk(VILLAGE))
    exchange_all(office, again)
    assert again.get(Person, person.id).org == VILLAGE


def test_photos_come_back_too(office: Office, open_desk: OpenDesk) -> None:
    first, second = joined(office, open_desk(), open_desk())
    office.back_up("one.copy")
    digest = first.store.attach_blob(b"photo" * 50_000)
    first.save(Attachment(), subject=first.person().id, sha256=digest, size=250_000)
    exchange_all(office, first, second)
    office.restore("one.copy")
    exchange_all(office, second)
    (other,) = joined(office, open_desk())
    exchange_all(office, other)
    assert other.store.blob(digest) == b"photo" * 50_000


def test_an_answer_by_stick_from_an_earlier_life_says_nothing_of_where_a_photo_is(
    office: Office, open_desk: OpenDesk
) -> None:
    (desk,) = joined(office, open_desk())
    desk.person()
    desk.exchange(office.county)
    office.back_up("copy")
    photo = desk.store.attach_blob(b"photo" * 900)
    desk.save(Attachment(), subject=desk.person().id, sha256=photo, size=4_500)
    answered = answer(office.county, pack(desk.store).content)
    office.restore("copy")
    with pytest.raises(LineBroke):
        desk.exchange(BreakingLine(office.county, bears=0, left=0))  # it has heard of the new life, and sent the text
    unpack(desk.store, answered)
    assert desk.exchange(office.county).photos_waiting == 0
    assert office.county.has_blob(ties(desk.store).device, photo) == 4_500


def test_a_desk_that_joined_after_the_copy_joins_again_and_gives_everything_back(
    office: Office, open_desk: OpenDesk
) -> None:
    office.back_up("one.copy")
    (desk,) = joined(office, open_desk())
    person = desk.person()
    exchange_all(office, desk)
    with pytest.raises(CountyRefused, match="已经加入"):
        desk.join(office.county)
    office.restore("one.copy")
    with pytest.raises(CountyRefused, match="不认识"):
        desk.exchange(office.county)
    desk.join(office.county)
    exchange_all(office, desk)
    (other,) = joined(office, open_desk())
    exchange_all(office, other)
    assert other.get(Person, person.id).name == person.name


def test_a_desk_of_one_county_does_not_join_another(office: Office, open_desk: OpenDesk, tmp_path: Path) -> None:
    (desk,) = joined(office, open_desk())
    other = county_init(tmp_path / "other", COUNTY, "另一个")
    code = accounts.make_code(other.ledger, VILLAGE, "child_director", "王芳")
    known = ties(desk.store)
    with pytest.raises(CountyRefused, match="不是原来"):
        join(other, desk.store, "", code)
    assert ties(desk.store) == known
    other.ledger.close()


def test_a_forged_testimony_changes_nothing_that_is_known(office: Office, open_desk: OpenDesk) -> None:
    from sync.messages import Change, Hello, Request, Unit

    (desk,) = joined(office, open_desk())
    person = desk.person(village_group="一组")
    exchange_all(office, desk)
    stamp = desk.get(Person, person.id).stamps["*"]
    known = ties(desk.store)
    told = [
        Unit(-1, "save", person.id, "x", "某人", 1, (Change("person", person.id, {"village_group": "假"}),), stamp),
        Unit(-2, "save", person.id, "x", "某人", 1, (Change("person", "no id", {"name": "假"}),), "feed:1"),
        Unit(-3, "save", person.id, "x", "某人", 1, (Change("person", person.id, {"org": NEXT_VILLAGE}),), "made up"),
    ]
    list(office.county.exchange(Request(Hello(known.device, known.server_id, known.epoch), tuple(told))))
    exchange_all(office, desk)
    found = desk.get(Person, person.id)
    assert (found.village_group, found.org, found.name) == ("一组", VILLAGE, person.name)


def test_a_copy_is_read_back_and_a_damaged_one_is_refused(office: Office, open_desk: OpenDesk) -> None:
    (desk,) = joined(office, open_desk())
    for number in range(200):
        desk.person(f"王{number}", note="独一无二的名字" * 20)
    exchange_all(office, desk)
    made = office.back_up("one.copy")
    written = made.file.read_bytes()
    assert "独一无二的名字".encode() not in written
    middle = len(written) // 2
    made.file.write_bytes(written[:middle] + bytes([written[middle] ^ 1]) + written[middle + 1 :])
    with pytest.raises(StoreDamaged, match="读不完整"):
        copies.restore(made.file, office.folder / "new")
    assert not (office.folder / "new").exists()
    assert not key_file(office.folder / "new").exists()
    with pytest.raises(UserError, match="已经存在"):
        office.back_up("one.copy")


def test_a_restore_stands_beside_and_never_over(office: Office, open_desk: OpenDesk, tmp_path: Path) -> None:
    made = office.back_up("one.copy")
    with pytest.raises(WorkspaceExists):
        copies.restore(made.file, office.data)
    with pytest.raises(NotFound):
        copies.restore(office.folder / "nothing", office.folder / "new")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(made.file, elsewhere)
    with pytest.raises(copies.NotACopy, match="密钥"):
        copies.restore(elsewhere / "one.copy", elsewhere / "county")
    copies.restore(elsewhere / "one.copy", elsewhere / "county", key_file(office.data))
    assert (elsewhere / "county" / FILE).exists()
    assert key_file(elsewhere / "county").stat().st_mode & 0o077 == 0
    again = open_county(elsewhere / "county")
    with again.ledger.reading() as connection:
        assert again.ledger.terms(connection).epoch != made.epoch
    again.ledger.close()


def test_a_county_of_the_first_schema_is_brought_up(tmp_path: Path) -> None:
    made = county_init(tmp_path / "old", COUNTY, "昭阳区")
    with made.ledger.writing() as connection:
        for column in ("durable_epoch", "last", "parcel_key"):
            connection.exec_driver_sql(f"ALTER TABLE space DROP COLUMN {column}")
        connection.exec_driver_sql("UPDATE space SET schema = 1")
    made.ledger.close()
    again = open_county(tmp_path / "old")
    with again.ledger.reading() as connection:
        assert (again.ledger.last(connection), again.ledger.terms(connection).durable_epoch) == ("", "")
    again.ledger.close()


def test_a_save_that_meets_another_value_in_another_life_lists_that_one_too(
    office: Office, open_desk: OpenDesk
) -> None:
    first, second, third = joined(office, *(open_desk(holder=name) for name in ("李娟", "王芳", "赵强")))
    person = first.person()
    exchange_all(office, first, second, third)
    office.back_up("one.copy")
    first.save(first.get(Person, person.id), village_group="一组")
    second.save(second.get(Person, person.id), village_group="二组")
    exchange_all(office, first, second)
    for _ in range(2):
        office.restore("one.copy")
        exchange_all(office, second, first)
    office.restore("one.copy")
    third.save(third.get(Person, person.id), village_group="三组")
    exchange_all(office, third, first, second, third)
    told = {conflict.other for conflict in third.store.find(Conflict)}
    current = third.get(Person, person.id).village_group
    assert {'"一组"', '"二组"', '"三组"'} - {f'"{current}"'} <= told
    assert_the_same(third, second)


def test_what_an_earlier_life_listed_pushes_nothing_out_of_the_listing_that_was_made_anew(
    office: Office, open_desk: OpenDesk
) -> None:
    (desk,) = joined(office, open_desk())
    person = desk.person()
    exchange_all(office, desk)
    base = {"village_group": desk.get(Person, person.id).stamps["*"]}

    def comes(seq: int, type_: str, id_: str, after: dict[str, Any], bases: dict[str, str], stamp: str = "") -> None:
        sends(office.county, desk, Change(type_, id_, after, bases), seq=seq, stamp=stamp, subject=person.id)

    comes(11, "person", person.id, {"village_group": "一组"}, base, "feed:1")
    comes(12, "person", person.id, {"village_group": "二组"}, base)
    comes(13, "person", person.id, {"village_group": "一组"}, base, "feed:3")  # listed are both of them already
    exchange_all(office, desk)
    (listing,) = desk.store.find(Conflict)
    assert (listing.current, listing.other) == ('"二组"', '"一组"')
    # In the earlier life somebody else's value had taken its place.
    told = {"about_type": "person", "about": person.id, "part": "village_group", "current": '"三组"', "other": '"一组"'}
    comes(-1, "conflict", listing.id, {**told, "before": '"四组"', "settlement": {"state": "open"}}, {}, "feed:2")
    exchange_all(office, desk)
    (again,) = desk.store.find(Conflict)
    assert (again.current, again.other, again.before) == ('"二组"', '"一组"', '"四组"')


def test_a_county_put_back_into_an_earlier_life_forgets_nothing_that_its_copies_do_not_hold(
    office: Office, open_desk: OpenDesk
) -> None:
    first, second = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    second.person("王早")
    exchange_all(office, first, second)
    office.snapshot()
    lost = first.person("王晚")
    exchange_all(office, first)
    stamp = first.get(Person, lost.id).stamps["*"]
    office.back_up("other.copy")
    office.restore("other.copy")
    exchange_all(office, first)
    office.roll_back()
    again = second.person("王中")
    exchange_all(office, second)
    office.back_up("after.copy")
    assert second.get(Person, again.id).stamps["*"] != stamp
    exchange_all(office, first, second)
    assert second.get(Person, lost.id).name == "王晚"
    assert_the_same(first, second)


def test_a_rejection_about_somebody_elsewhere_comes_back_from_the_desk_it_was_sent_to(
    office: Office, open_desk: OpenDesk
) -> None:
    here, there = joined(office, open_desk(holder="李娟"), open_desk(NEXT_VILLAGE, holder="王芳"))
    stranger = there.person()
    exchange_all(office, there)
    office.back_up("one.copy")
    here.save(Stay(), subject=stranger.id, place="other_province", whereabouts="外地")
    exchange_all(office, here)
    (told,) = here.store.every(Rejection)
    office.restore("one.copy")
    exchange_all(office, here)
    (fresh,) = joined(office, open_desk(holder="赵强"))
    exchange_all(office, fresh)
    assert [each.content for each in fresh.store.every(Rejection)] == [told.content]


def test_a_refusal_whose_rejection_never_arrived_is_asked_for_again(office: Office, open_desk: OpenDesk) -> None:
    (here,) = joined(office, open_desk())
    office.back_up("one.copy")
    here.save(Person(), name="外村的", org=NEXT_VILLAGE)
    exchange_all(office, here)
    with writing(here.store) as work:
        work.remove([("rejection", each.id) for each in here.store.every(Rejection)])
    office.restore("one.copy")
    exchange_all(office, here)
    assert here.store.count(Rejection) == 1
    assert pending(here.store) == 0


def test_a_refusal_is_not_lost_because_its_record_was_emptied_before_the_rejection_came(
    office: Office, open_desk: OpenDesk
) -> None:
    first, second = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    person = first.person()
    exchange_all(office, first, second)
    first.store.delete(first.store.holder, first.get(Person, person.id))
    exchange_all(office, first)
    office.back_up("one.copy")
    bin.empty(office.county.ledger, now_ms() + (bin.DAYS + 1) * bin.DAY)
    exchange_all(office, first)
    second.save(second.get(Person, person.id), village_group="独一无二组")
    request = plan(ties(second.store), unsent(second.store, 10), 100).request
    (page,) = office.county.exchange(request)
    assert "rejection" in {row.type for row in page.rows}
    heard = tuple(row for row in page.rows if row.type != "rejection")  # there the answer broke off
    receive(second.store, [replace(page, rows=heard, cursors={}, digest=b"", more=True)])
    with writing(second.store) as work:  # nobody can read it here
        assert work.db.execute("SELECT count(*) FROM change WHERE after LIKE '%独一无二%'").fetchone()[0] == 0
    office.restore("one.copy")
    exchange_all(office, first, second)
    assert ["独一无二组" in (each.content or "") for each in second.store.find(Rejection)] == [True]


@pytest.mark.parametrize("is_in_copy", [True, False])
def test_what_waited_as_a_proposal_since_its_record_was_emptied_is_not_erased_with_it(
    office: Office, open_desk: OpenDesk, is_in_copy: bool
) -> None:
    here, there, town = joined(office, open_desk(), open_desk(NEXT_VILLAGE), open_desk(TOWN, "child_supervisor"))
    person = here.person()
    exchange_all(office, here, town)
    town.save(town.get(Person, person.id), org=NEXT_VILLAGE)
    exchange_all(office, town, there)
    there.store.delete(there.store.holder, there.get(Person, person.id))
    exchange_all(office, there)
    if not is_in_copy:
        office.back_up("one.copy")
    bin.empty(office.county.ledger, now_ms() + (bin.DAYS + 1) * bin.DAY)
    if is_in_copy:
        office.back_up("one.copy")
    exchange_all(office, there)
    here.save(here.get(Person, person.id), village_group="独一无二组")
    exchange_all(office, here)
    assert listed(office, "proposal") == 1
    office.restore("one.copy")
    exchange_all(office, here, there)
    with office.county.ledger.reading() as connection:
        kept = office.county.ledger.one(connection, tables.record, type="person", id=person.id)
    assert EMPTIED in decode(kept["body"])
    assert listed(office, "proposal") + listed(office, "rejection") == 1


def listed(office: Office, type_: str) -> int:
    """How many of them at the county hold the words of the test before this."""
    with office.county.ledger.reading() as connection:
        rows = office.county.ledger.every(connection, tables.record, type=type_)
    return sum("独一无二组" in str(decode(row["body"]).get("content")) for row in rows)


@pytest.mark.parametrize("is_shown", [True, False])
def test_a_witness_tells_of_nothing_as_taken_out_that_the_county_had_only_lost(
    office: Office, open_desk: OpenDesk, is_shown: bool
) -> None:
    (desk,) = joined(office, open_desk())
    name = ("person", desk.person().id)
    exchange_all(office, desk)
    with writing(desk.store) as work:
        body, stamps = work.held([name])[name]
        work.lay({name: ({**body, "other_names": ["小红"]}, {**stamps, "other_names": "abcd:9"})})
        bases = {"other_names": "abcd:5"} if is_shown else {}  # else an earlier life of the county had shown the other
        steps = [Step("abcd:9", name, False, {"other_names": ["小明"]}, {"other_names": ["小红"]}, bases)]
        work.note_history([], steps)
    with writing(desk.store) as work:
        ((change,),) = (each.changes for each in seen(work, {"abcd:9": [name]}, {}))
    assert change.after == {"other_names": {"add": ["小红"], "remove": ["小明"] if is_shown else []}}


def test_a_deletion_buries_no_entry_that_the_county_had_lost_when_its_author_looked(
    office: Office, open_desk: OpenDesk
) -> None:
    """The other one had been in the set when what he saw there joined it, in the county's earlier life."""
    first, second, third = (open_desk(holder=name) for name in ("李娟", "王芳", "赵强"))
    for desk in (first, second, third):
        desk.join(office.county)
    person = first.person()
    for desk in (first, second, third):
        desk.exchange(office.county)
    office.back_up("copy")
    second.save(second.get(Person, person.id), other_names=("小明",))
    first.save(first.get(Person, person.id), other_names=("小红",))
    first.exchange(office.county)
    request = plan(ties(second.store), unsent(second.store, 10), 100).request
    receive(second.store, list(office.county.exchange(replace(request, hello=replace(request.hello, limit=0)))))
    office.restore("copy")
    second.exchange(office.county)
    third.exchange(office.county)
    assert third.get(Person, person.id).other_names == ("小明",)
    third.store.delete(third.store.holder, third.get(Person, person.id))
    first.exchange(office.county)
    third.exchange(office.county)
    assert third.get(Person, person.id).other_names == ("小明", "小红")
    assert [each.part for each in third.store.find(Conflict)] == ["@deleted"]
    third.store.delete(third.store.holder, third.get(Person, person.id))
    third.exchange(office.county)
    assert third.store.get(Person, person.id) is None


def test_an_entry_that_the_county_had_lost_beneath_an_own_one_was_taken_out_by_nobody(
    office: Office, open_desk: OpenDesk
) -> None:
    """The screen still showed it when a colleague's next save came, and the county had said no more than that the own
    entry was taken."""
    here, gone, third = desks = joined(office, *(open_desk(holder=name) for name in ("李娟", "王芳", "赵强")))
    id_ = here.person().id
    exchange_all(office, *desks)
    office.back_up("copy")
    for desk, names in ((gone, ("小红",)), (here, ("小红", "小明"))):
        desk.exchange(office.county)
        desk.save(desk.get(Person, id_), other_names=names)
        desk.exchange(office.county)
    office.restore("copy")
    here.save(here.get(Person, id_), other_names=("小红", "小明", "小刚"))
    assert send_only(office.county, here.store) == 0
    third.exchange(office.county)
    third.save(third.get(Person, id_), other_names=("小刚", "小明", "小兰"))
    third.exchange(office.county)
    here.exchange(office.county)
    office.restore("copy")
    for desk in (gone, here, third, gone, here):
        desk.exchange(office.county)
    for desk in desks:
        assert set(desk.get(Person, id_).other_names) == {"小红", "小明", "小刚", "小兰"}


@pytest.mark.parametrize("odd", [5, [["x"]], [1, "a"], "138", {"a": 1}], ids=str)
def test_a_value_that_a_newer_program_put_in_place_of_a_set_comes_back_as_it_is(
    office: Office, open_desk: OpenDesk, odd: object
) -> None:
    newer, witness = joined(office, open_desk(holder="李娟"), open_desk(holder="王芳"))
    office.back_up("one.copy")
    person = new_id()
    sends(office.county, newer, Change("person", person, {"org": VILLAGE, "name": "王小明", "other_names": odd}))
    exchange_all(office, witness)
    office.restore("one.copy")
    exchange_all(office, witness)
    with office.county.ledger.reading() as connection:
        row = office.county.ledger.one(connection, tables.record, type="person", id=person)
    assert decode(row["body"])["other_names"] == odd
