"""People and posts move about at random: every desk holds what it serves and nothing else, and no word is lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import CountyUnreachable, UserError
from app.records import ChildVisit, Person
from app.records.divisions import is_within
from sync.client.credentials import ties
from sync.messages import PROPOSED, Gone, Unit
from sync.server import copies, grants, tables
from sync.server.county import CountyServer, open_county
from sync.server.decided import Decided
from sync.server.giving import Giving
from sync.server.minutes import Minutes
from sync.server.sitting import decode
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, OpenDesk
from tests.sync.test_grants import joined
from tests.sync.test_machine import LostAnswers

VILLAGES = (VILLAGE, NEXT_VILLAGE, "530602001003")
STEPS = 80


class Township:
    """Three villages, their township, and whatever happens to them."""

    def __init__(self, county: CountyServer, open_desk: OpenDesk, seed: int) -> None:
        self.chance = random.Random(seed)
        self.county = county
        villages = [open_desk(org, holder=f"主任{at}") for at, org in enumerate(VILLAGES)]
        self.desks = joined(county, *villages, open_desk(TOWN, "child_supervisor", holder="张强"))
        self.parents: dict[str, str | None] = {}
        self.alone: set[str] = set()
        self.fired: dict[str, int] = {}
        self.forms: list[tuple[Desk, Person]] = []
        for _ in range(6):
            self.register()
        for desk in self.desks:
            desk.exchange(county)

    def word(self) -> str:
        return f"词{len(self.parents) + len(self.alone)}之"

    def run(self, steps: int) -> None:
        weighted = {
            self.register: 4, self.edit: 8, self.open_form: 4, self.save_form: 4, self.visit: 4, self.move: 4,
            self.exchange: 10, self.lose_an_answer: 3, self.grant: 5, self.ungrant: 3, self.leave: 1,
        }  # fmt: skip
        for _ in range(steps):
            act = self.chance.choices(list(weighted), list(weighted.values()))[0]
            if act():
                self.fired[act.__name__] = self.fired.get(act.__name__, 0) + 1

    def somebody(self, desk: Desk) -> Person | None:
        found = sorted(desk.store.every(Person), key=lambda each: each.name or "")
        return self.chance.choice(found) if found else None

    def register(self) -> bool:
        desk = self.chance.choice(self.desks[:3])
        if not desk.store.divisions:
            return False
        word = self.word()
        self.parents[word] = None
        desk.person(f"人{len(self.parents)}", note=word, org=desk.store.divisions[0])
        return True

    def edit(self) -> bool:
        desk = self.chance.choice(self.desks)
        person = self.somebody(desk)
        if person:
            self.keep(desk, person)
        return person is not None

    def open_form(self) -> bool:
        desk = self.chance.choice(self.desks)
        if person := self.somebody(desk):
            self.forms.append((desk, person))
        return person is not None

    def save_form(self) -> bool:
        if not self.forms:
            return False
        desk, loaded = self.forms.pop(self.chance.randrange(len(self.forms)))
        if desk.store.get(Person, loaded.id) is None:
            return False  # the window closes a page whose person has left
        self.keep(desk, loaded)
        return True

    def keep(self, desk: Desk, loaded: Person) -> None:
        word = self.word()
        self.parents[word] = loaded.note
        desk.save(loaded, note=word)

    def visit(self) -> bool:
        desk = self.chance.choice(self.desks)
        if person := self.somebody(desk):
            word = self.word()
            self.alone.add(word)
            desk.save(ChildVisit(), subject=person.id, visited_on="2026-03-05", mode="home", outcome="met", living=word)
        return person is not None

    def move(self) -> bool:
        desk = self.chance.choice(self.desks)
        person = self.somebody(desk)
        to = self.chance.choice(VILLAGES)
        if person is None or person.org == to:
            return False
        desk.save(person, org=to)
        return True

    def exchange(self) -> bool:
        self.chance.choice(self.desks).exchange(self.county)
        return True

    def lose_an_answer(self) -> bool:
        with pytest.raises(CountyUnreachable):
            self.chance.choice(self.desks).exchange(LostAnswers(self.county))
        return True

    def grant(self) -> bool:
        return self.county_says(grants.grant)

    def ungrant(self) -> bool:
        return self.county_says(grants.ungrant)

    def leave(self) -> bool:
        grants.leave(self.county.ledger, ties(self.chance.choice(self.desks[:3]).store).device)
        return True

    def county_says(self, change: Callable[..., None]) -> bool:
        desk = self.chance.choice(self.desks[:3])
        try:
            change(self.county.ledger, ties(desk.store).device, self.chance.choice(VILLAGES))
        except UserError:
            return False
        return True

    def settle_down(self) -> None:
        for _ in range(3):
            for desk in self.desks:
                desk.exchange(self.county)
        for desk in self.desks:
            assert desk.exchange(self.county).delivered

    def require_each_has_its_own(self) -> None:
        people = {id_: org for type_, id_, org, _ in self.kept() if type_ == "person"}
        for desk in self.desks:
            served = desk.store.divisions
            own = {id_ for id_, org in people.items() if any(is_within(org, each) for each in served)}
            assert {each.id for each in desk.store.every(Person)} == own

    def require_no_word_is_lost(self) -> None:
        told = "\n".join(str(body) for _, _, _, body in self.kept())
        ends = {word for word in (*self.parents, *self.alone) if word in told}
        assert ends >= self.alone
        safe: set[str] = set()
        for end in ends & self.parents.keys():
            word: str | None = end
            while word and word not in safe:
                safe.add(word)
                word = self.parents[word]
        assert self.parents.keys() == safe

    def kept(self) -> list[tuple[str, str, str, object]]:
        record = tables.record
        with self.county.ledger.reading() as connection:
            found = connection.execute(sa.select(record.c.type, record.c.id, record.c.org, record.c.body)).all()
        return [(type_, id_, org, decode(body)) for type_, id_, org, body in found]


@pytest.mark.parametrize("seed", range(4))
def test_people_and_posts_that_move_about(county: CountyServer, open_desk: OpenDesk, seed: int) -> None:
    township = Township(county, open_desk, seed)
    township.run(STEPS)
    township.settle_down()
    township.require_each_has_its_own()
    township.require_no_word_is_lost()
    assert {"move", "grant", "exchange", "lose_an_answer", "visit"} <= township.fired.keys()


@pytest.mark.parametrize("county", ["file"], indirect=True)
@pytest.mark.parametrize("seed", range(4))
def test_the_same_with_a_county_put_back_on_the_way(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path, seed: int
) -> None:
    township = Township(county, open_desk, 1_000 + seed)
    township.run(STEPS // 2)
    copy, again = tmp_path / f"copy{seed}", tmp_path / f"again{seed}"
    copies.back_up(tmp_path / "county", copy)
    township.run(STEPS // 2)
    copies.restore(copy, again)
    township.county = open_county(again)
    try:
        township.run(STEPS // 2)
        township.settle_down()
        township.require_each_has_its_own()
        township.require_no_word_is_lost()
    finally:
        township.county.ledger.close()


def nothing_has_left(self: Giving, reach: object, reached: int) -> Iterator[Gone]:
    return iter(())


def all_goes_at_once(db: object, names: set[tuple[str, str]]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    return names, set()


def proposed_to_nobody(
    self: Minutes, unit: Unit, identity: bytes, seq: int, stamp: str, org: str, before: str
) -> Decided:
    return Decided(stamp, False, PROPOSED, {})


def nothing_is_asked_for(db: object, durable_epoch: str, durable_seq: int) -> None:
    return None


def caught(
    county: CountyServer, open_desk: OpenDesk, seeds: Iterable[int], restored_in: Path | None = None
) -> Iterator[int]:
    """The seeds whose run notices that something is wrong; desks and county go on from run to run."""
    for seed in seeds:
        try:
            if restored_in:
                test_the_same_with_a_county_put_back_on_the_way(county, open_desk, restored_in, seed)
            else:
                test_people_and_posts_that_move_about(county, open_desk, seed)
        except (AssertionError, KeyError):
            yield seed


@pytest.mark.parametrize(
    "place, sabotage",
    [
        ("sync.server.giving.Giving._gone", nothing_has_left),
        ("app.store.leaving._parted", all_goes_at_once),
        ("sync.server.minutes.Minutes.propose", proposed_to_nobody),
    ],
)
def test_each_sabotage_is_noticed(
    county: CountyServer, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch, place: str, sabotage: object
) -> None:
    monkeypatch.setattr(place, sabotage)
    assert next(caught(county, open_desk, range(4)), None) is not None


@pytest.mark.parametrize("county", ["file"], indirect=True)
def test_saves_that_are_never_asked_for_again_are_missed(
    county: CountyServer, open_desk: OpenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.changes.offer_sealed", nothing_is_asked_for)
    assert next(caught(county, open_desk, range(4), tmp_path), None) is not None
