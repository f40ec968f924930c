"""A copied disk, an image that was put back, a lost answer: three things, none ever taken for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from app.errors import CountyRefused
from app.records import Conflict, Person, Rejection
from app.store import Workspace
from app.store.backup import make_backup, restore_backup
from sync.client import blocks
from sync.client.credentials import ties
from sync.client.engine import join, pending
from sync.client.incarnation import renew
from sync.client.news import CLONED_WORDS, unread
from sync.client.parcel import pack, unpack
from sync.messages import Hello, Request
from sync.server import accounts
from sync.server.county import CountyServer
from sync.server.parcels import answer
from tests.sync.copying import AnswerLost, Deaf, forks, image, started
from tests.sync.desks import PASSPHRASE, VILLAGE, Desk, OpenDesk, contents, joined
from tests.sync.test_restores import Office


@pytest.fixture
def copy_of(tmp_path: Path) -> Iterator[Callable[[Desk], Desk]]:
    """Start a second laptop from the disk of a first."""
    made: list[Workspace] = []

    def copy(desk: Desk) -> Desk:
        twin = started(image(desk, tmp_path / f"copy{len(made)}"))
        made.append(twin.store)
        return twin

    yield copy
    for store in made:
        store.close()


CopyOf = Callable[[Desk], Desk]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "office")
    yield made
    made.county.ledger.close()


def agree(county: CountyServer, *desks: Desk) -> None:
    """Until everybody has everything; then all of them hold the same."""
    for desk in (*desks, *desks):
        assert desk.exchange(county).delivered
    first, *others = (contents(desk, Person) for desk in desks)
    assert all(other == first for other in others)


def test_both_computers_of_a_copied_disk_go_on_and_the_second_gets_a_name_of_its_own(
    county: CountyServer, open_desk: OpenDesk, copy_of: CopyOf
) -> None:
    (desk,) = joined(county, open_desk())
    desk.person("王一")
    desk.exchange(county)
    waiting = desk.person("王二")
    twin = copy_of(desk)
    desk.save(waiting, note="这台写的")
    mine, theirs = desk.person("王三"), twin.person("王四")
    desk.exchange(county)
    assert forks(county) == 0
    outcome = twin.exchange(county)
    assert (outcome.delivered, outcome.conflicts, forks(county)) == (True, 0, 1)
    assert [each.words for each in unread(twin.store)] == [(CLONED_WORDS,)]
    assert unread(desk.store) == ()
    agree(county, desk, twin)
    assert {each.name for each in desk.store.every(Person)} == {"王一", "王二", "王三", "王四"}
    assert twin.get(Person, waiting.id).note == "这台写的"
    assert ties(desk.store).device != ties(twin.store).device
    assert twin.get(Person, mine.id).name == "王三"
    assert desk.get(Person, theirs.id).name == "王四"
    assert desk.store.count(Conflict) == desk.store.count(Rejection) == 0
    old, new = sorted(accounts.devices(county.ledger), key=lambda each: each.forked_from is not None)
    assert (new.forked_from, new.org, new.role) == (old.id, old.org, old.role)
    assert old.forked_at is not None


def test_who_is_stopped_is_stopped_under_every_name_it_took(county: CountyServer, open_desk: OpenDesk) -> None:
    stolen, other = joined(county, open_desk(), open_desk())
    names = [ties(stolen.store).device]
    for _ in range(2):
        renew(county, stolen.store)
        names.append(ties(stolen.store).device)
    stolen.person("没有送的")
    assert {each.id for each in accounts.revoke(county.ledger, names[0])} == set(names[1:])
    for name in names:
        with pytest.raises(CountyRefused, match="停用"):
            list(county.exchange(Request(Hello(name, "", ""))))
    with pytest.raises(CountyRefused, match="停用"):
        renew(county, stolen.store)
    assert other.exchange(county).delivered
    join(county, stolen.store, "", accounts.make_code(county.ledger, VILLAGE, "child_director", "村里的电脑"))
    outcome = stolen.exchange(county)
    assert (outcome.sent, outcome.delivered) == (1, True)
    stopped = {each.id for each in accounts.devices(county.ledger) if each.revoked_at is not None}
    assert stopped == set(names[:2])


def test_who_a_copy_came_from_goes_on_when_the_copy_is_stopped(county: CountyServer, open_desk: OpenDesk) -> None:
    (desk,) = joined(county, open_desk())
    first = ties(desk.store).device
    renew(county, desk.store)
    assert accounts.revoke(county.ledger, ties(desk.store).device) == []
    assert [each.id for each in accounts.devices(county.ledger) if each.revoked_at is None] == [first]


def test_who_was_stopped_while_taking_a_new_name_and_is_let_in_again_takes_another(
    county: CountyServer, open_desk: OpenDesk, copy_of: CopyOf
) -> None:
    (desk,) = joined(county, open_desk())
    desk.exchange(county)
    twin = copy_of(desk)
    desk.exchange(county)
    waiting = twin.person("还没送到的")
    with pytest.raises(AnswerLost):
        twin.exchange(Deaf(county, loses=lambda number: True))
    accounts.revoke(county.ledger, ties(desk.store).device)
    twin.join(county)
    assert twin.exchange(county).delivered
    desk.exchange(county)
    assert desk.get(Person, waiting.id).name == "还没送到的"


def test_saves_of_the_same_number_on_two_copies_are_two_saves(
    county: CountyServer, open_desk: OpenDesk, copy_of: CopyOf
) -> None:
    (desk,) = joined(county, open_desk())
    person = desk.person(village_group="一组")
    desk.exchange(county)
    twin = copy_of(desk)
    here, there = desk.person("王二"), twin.person("王三")  # each is its desk's save number 2
    desk.exchange(county)
    twin.exchange(county)
    desk.save(desk.get(Person, here.id), note="二")
    twin.save(twin.get(Person, there.id), note="三")
    twin.save(twin.get(Person, person.id), village_group="二组")
    agree(county, desk, twin)
    assert [desk.get(Person, each.id).note for each in (here, there)] == ["二", "三"]
    assert desk.get(Person, person.id).village_group == "二组"
    assert desk.store.count(Conflict) == 0


def test_an_image_that_is_put_back_gets_back_what_it_had_sent_itself(
    county: CountyServer, open_desk: OpenDesk, copy_of: CopyOf
) -> None:
    (desk,) = joined(county, open_desk())
    person = desk.person("王一")
    desk.exchange(county)
    waiting = desk.person("王二", village_group="一组")
    back = copy_of(desk)
    desk.person("王三")
    desk.save(desk.get(Person, person.id), note="后来")
    desk.exchange(county)
    desk.save(desk.get(Person, waiting.id), village_group="二组")
    desk.exchange(county)
    expected = contents(desk, Person)
    desk.store.close()
    outcome = back.exchange(county)
    assert (outcome.delivered, outcome.conflicts) == (True, 0)
    assert contents(back, Person) == expected
    assert forks(county) == 1
    assert back.store.count(Conflict) == 0


def test_a_stick_tells_nothing_of_what_was_written_after_an_image_was_put_back(
    county: CountyServer, open_desk: OpenDesk, copy_of: CopyOf
) -> None:
    desk, other = joined(county, open_desk(), open_desk(holder="王芳"))
    person = desk.person("王一")
    desk.exchange(county)
    back = copy_of(desk)
    desk.save(desk.get(Person, person.id), note="装进 U 盘的")
    stick = pack(desk.store).content
    brought = answer(county, stick)
    desk.store.close()
    back.save(back.get(Person, person.id), village_group="二组")  # bears the number of the one on the stick
    assert unpack(back.store, brought).sent == 0
    assert pending(back.store) == 1
    agree(county, back, other)
    for each in (back, other):
        found = each.get(Person, person.id)
        assert (found.note, found.village_group) == ("装进 U 盘的", "二组")


def test_a_backup_that_is_restored_is_an_image_that_was_put_back(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    (desk,) = joined(county, open_desk())
    desk.person("王一")
    desk.exchange(county)
    make_backup(desk.store, tmp_path / "one.backup")
    desk.person("王二")
    desk.exchange(county)
    restore_backup(tmp_path / "one.backup", tmp_path / "restored", PASSPHRASE)
    restored = started(tmp_path / "restored")
    restored.person("王三")
    assert restored.exchange(county).delivered
    assert {each.name for each in restored.store.every(Person)} == {"王一", "王二", "王三"}
    assert forks(county) == 1
    restored.store.close()


def test_two_copies_of_a_copy_are_three_computers(county: CountyServer, open_desk: OpenDesk, copy_of: CopyOf) -> None:
    (desk,) = joined(county, open_desk())
    desk.person()
    desk.exchange(county)
    twin = copy_of(desk)
    triplet = copy_of(twin)
    for each in (desk, twin, triplet):
        each.person()
        each.exchange(county)
    assert forks(county) == 2
    fourth = copy_of(triplet)
    for each in (desk, twin, triplet, fourth):
        each.person()
        each.exchange(county)
    assert forks(county) == 3
    agree(county, desk, twin, triplet, fourth)
    assert desk.store.count(Person) == 8
    assert forks(county) == 3


def long_exchange(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question and a stream."""
    monkeypatch.setattr(blocks, "FIRST", 3)
    monkeypatch.setattr(blocks, "LARGEST", 3)
    for number in range(8):
        desk.person(f"王{number}")


@pytest.mark.parametrize("lost", range(1, 4))
def test_an_answer_lost_anywhere_in_a_long_exchange_is_no_clone(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    (desk,) = joined(county, open_desk())
    long_exchange(desk, monkeypatch)
    line = Deaf(county, lambda number: number == lost)
    heard = 0
    for _ in range(3):
        try:
            heard += desk.exchange(line).delivered
        except AnswerLost:
            desk.person()
    assert (line.lost, heard) == (1, 2)
    assert (forks(county), line.introduced, pending(desk.store)) == (0, [], 0)


def test_answers_lost_again_and_again_and_a_crash_before_every_request_are_no_clone(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path
) -> None:
    """The power goes between the note of what is proposed and the sending, and after the sending: the disk is the
    same, and the same laptop goes on."""
    (desk,) = joined(county, open_desk())
    random = Random(7)
    for number in range(30):
        desk.person(f"王{number}")
        died: list[Path] = []
        line = Deaf(county, lambda _: random.random() < 0.5)
        if random.random() < 0.5:
            line.before = lambda: died.append(image(desk, tmp_path / f"disk{number}")) if not died else None  # noqa: B023
        try:
            desk.exchange(line)
        except AnswerLost:
            if died:
                desk.store.close()
                desk = started(died[0])
    assert desk.exchange(county).delivered
    assert forks(county) == 0
    assert desk.store.count(Person) == 30
    desk.store.close()


def test_a_disk_that_is_copied_while_its_laptop_takes_a_new_name_makes_three(
    county: CountyServer, open_desk: OpenDesk, copy_of: CopyOf
) -> None:
    (desk,) = joined(county, open_desk())
    desk.exchange(county)
    twin = copy_of(desk)
    desk.exchange(county)
    line = Deaf(county, lambda number: True)
    with pytest.raises(AnswerLost):
        twin.exchange(line)
    assert (len(line.introduced), forks(county)) == (1, 1)
    triplet = copy_of(twin)  # both are about to take the same new name
    for each in (twin, triplet):
        each.person()
        each.exchange(county)
    assert forks(county) == 2
    agree(county, desk, twin, triplet)
    assert forks(county) == 2


def test_a_county_restored_to_before_the_copy_learns_of_it_again(
    office: Office, open_desk: OpenDesk, copy_of: CopyOf
) -> None:
    (desk,) = joined(office.county, open_desk())
    desk.person("王一")
    desk.exchange(office.county)
    office.back_up("one.copy")
    twin = copy_of(desk)
    desk.person("王二")
    twin.person("王三")
    desk.exchange(office.county)
    twin.exchange(office.county)
    twin.save(next(twin.store.every(Person)), note="改过")
    twin.exchange(office.county)
    office.restore("one.copy")
    assert forks(office.county) == 0
    agree(office.county, desk, twin)
    assert forks(office.county) == 1
    assert desk.store.count(Person) == 3
    assert desk.store.count(Conflict) == desk.store.count(Rejection) == 0


def test_a_county_that_was_put_back_in_silence_takes_no_desk_for_a_clone(office: Office, open_desk: OpenDesk) -> None:
    (desk,) = joined(office.county, open_desk())
    desk.person()
    desk.exchange(office.county)
    office.snapshot()
    for _ in range(3):
        desk.exchange(office.county)  # nothing is said, but what the desk is known by changes
    office.roll_back()
    assert desk.exchange(office.county).delivered
    assert forks(office.county) == 0
