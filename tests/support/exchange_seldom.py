"""What exchanges bring seldom: a copied disk, sealed saves, a repair, a carried file, a worker who goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from app.errors import Cancelled
from app.records import ChildVisit, Person
from sync.client import carrying, mending, sealed
from sync.client.carrying import carry
from sync.client.credentials import ties
from sync.client.engine import exchange
from sync.client.parcel import pack, unpack
from sync.client.stopping import Stoppable
from sync.drill import Name
from sync.messages import Page, Receipt, Request
from sync.protocol import LineBroke
from sync.server import comparing, grants, parcels, passing
from sync.server.county import CountyServer
from sync.server.passing import Passing
from tests.support.exchange_work import Errand, Watched, Work
from tests.sync import breaking
from tests.sync.copying import image, started
from tests.sync.desks import NEXT_VILLAGE, VILLAGE, Desk

UNLIKE = "UPDATE county_row SET h1 = h1 + 1 WHERE type = 'person' AND record = ?"
ROW_LOST = "DELETE FROM person WHERE id = ?"
NOTE_LOST = "DELETE FROM county_row WHERE type = 'person' AND record = ?"
ALTERED = "UPDATE person SET note = '没有人写过' WHERE id = ?"


def small_portions() -> None:
    """What goes at once is so little that a few records and one photo take several steps."""
    comparing.LEAF, mending.MOST_NAMES = 8, 2
    carrying.AT_ONCE, passing.BEGINNING, passing.PART = 4 << 10, 512, 4 << 10
    sealed.MOST_BYTES = 1


def seldom(work: Work) -> Iterator[str]:
    """One after the other; each is named before it begins. The last takes everything from the desk."""
    for doing, done in ROUNDS.items():
        yield doing
        done(work)


def copied_disk(work: Work) -> None:
    """Another computer starts from the desk's disk and is the first to speak: the desk takes a new name."""
    work.back_up("two.copy")
    twin = started(image(work.desk, work.run.folder / "twin"))
    with work.watching(twin, copies=1):
        work.save(work.desk, Person(), name="测试原", org=VILLAGE)
        work.save(twin, Person(), name="测试双", org=VILLAGE)
        work.talk(twin)
        work.talk(work.desk)
        work.save(work.desk, Person(), name="测试新", org=VILLAGE)
        work.talk(twin)
        work.talk(work.desk)
    twin.store.close()


def handed_over(work: Work) -> None:
    """The county is put back to a day before somebody came and left, whose saves the desk has only sealed by then.

    It was put back to before the copied disk, too: the desk has to tell its new name once more.
    """
    with work.watching(work.colleague):
        leaver = work.save(work.desk, Person(), name="测试离", org=VILLAGE, note="走之前就有")
        work.photo(work.desk, leaver, breaking.PHOTO[:20_000])
        work.talk(work.desk)
        work.save(work.desk, work.desk.get(Person, leaver.id), village_group="五组")
        work.talk(work.desk)
        work.talk(work.colleague)
        work.save(work.colleague, work.colleague.get(Person, leaver.id), org=NEXT_VILLAGE)
        work.talk(work.colleague)
        work.run.told(gone=("测试离", "走之前就有"))
        work.talk(work.desk)
        work.run.told(gone=())  # the copy has them where they were
        work.restore("two.copy")
        work.talk(work.desk)
        work.talk(work.colleague)
        work.run.told(gone=("测试离", "走之前就有"))
        work.talk(work.desk)


def repaired(work: Work) -> None:
    """What lies at the desk is no longer what the county sent: rows are lost, altered, or were never there."""
    people = [work.save(work.desk, Person(), name=f"测试修{n}", org=VILLAGE, note="原来的") for n in range(12)]
    work.talk(work.desk)
    work.run.told(differences=1, gone=(*work.run.holds.gone, "没有人写过"))
    with work.desk.store.transaction() as writing:
        for place, statements in enumerate(((ROW_LOST, NOTE_LOST), (UNLIKE,), (NOTE_LOST,), (ALTERED, UNLIKE)) * 2):
            for statement in statements:
                writing.db.execute(statement, [people[place].id])
        stranger = "f" * 31 + people[8].id[-1]
        writing.db.execute("UPDATE county_row SET record = ? WHERE record = ?", [stranger, people[8].id])
    work.run.told()
    exchange(Typing(work, people[3], people[2], people[11]), work.desk.store)
    work.run.told()


class Typing(Watched):
    """A line beside which the desk's user goes on writing, once each about these people, while an answer comes."""

    def __init__(self, work: Work, *about: Person) -> None:
        super().__init__(work.run, lambda: work.county)
        self._work = work
        self._about = list(about)

    def exchange(self, request: Request) -> Iterator[Page]:
        """The pages, after somebody has been written about."""
        pages = list(super().exchange(request))
        self._write()
        yield from pages

    def named(self, device: str, names: Sequence[Name]) -> Page:
        """Single records, after somebody has been written about."""
        page: Page = self.__getattr__("named")(device, names)
        self._write()
        return page

    def _write(self) -> None:
        if self._about:
            person = self._work.desk.get(Person, self._about.pop().id)
            self._work.save(self._work.desk, person, village_group="收的时候写的")


class Station:
    """The county's door for carried files, as a station finds it over its line."""

    def __init__(self, county: CountyServer, carrier: str) -> None:
        self._county = county
        self._passing = Passing(county.ledger, carrier)

    def parcel_held(self, sha256: str) -> int:
        """How many bytes of the file have come."""
        return self._passing.held(sha256)

    def put_parcel(self, sha256: str, start: int, part: bytes) -> int:
        """The next part of the file."""
        return self._passing.put(sha256, start, part)

    def parcel_answered(self, sha256: str, rest: bytes) -> Receipt:
        """What comes of the whole file."""
        return self._passing.answered(sha256, rest, lambda asked: parcels.answer(self._county, asked))

    def parcel_answer(self, sha256: str, start: int, length: int) -> bytes:
        """A part of the answer."""
        return self._passing.part(sha256, start, length)


def carried(work: Work) -> None:
    """The desk carries a neighbour's file over a line that breaks; then the neighbour carries the desk's, which asks
    for a photo."""
    first, second, third = (breaking.PHOTO[at : at + 30_000] for at in (100_000, 200_000, 300_000))
    seen = work.save(work.colleague, Person(), name="测试照", org=VILLAGE)
    work.photo(work.colleague, seen, third)
    work.talk(work.colleague)
    with suppress(LineBroke):
        exchange(breaking.BreakingLine(work.line, bears=0, left=0), work.desk.store)
    work.talk(work.neighbour)
    with work.watching(work.neighbour):
        for village, station, name, photo in (
            (work.neighbour, work.desk, "测试托", first), (work.desk, work.neighbour, "测试带", second)
        ):  # fmt: skip
            person = work.save(village, Person(), name=name, org=village.store.post.org)
            work.photo(village, person, photo)
            errand = Errand(pack(village.store).content, village.store.folder.name, ties(station.store).device)
            work.run.told(errand=errand)
            unpack(village.store, _carried_in_the_end(work, station, errand))
            work.run.told(errand=None)


def _carried_in_the_end(work: Work, station: Desk, errand: Errand) -> bytes:
    line = Watched(work.run, lambda: Station(work.county, errand.carrier))
    breaks = breaking.BreakingLine(line, bears=25_000, left=25_000)
    for _ in range(20):
        with suppress(LineBroke):
            return carry(breaks, station.store, errand.asking)  # type: ignore[arg-type]
    raise AssertionError("never came through")


def gone(work: Work) -> None:
    """A village is taken from the post while work for it waits; then the worker leaves, with work that nobody has."""
    desk = work.desk
    there = work.save(work.neighbour, Person(), name="测试邻二", org=NEXT_VILLAGE)
    work.talk(work.neighbour)
    work.run.told(gone=())
    grants.grant(work.county.ledger, work.device, NEXT_VILLAGE)
    work.run.told()
    work.talk(desk)
    _write_about(work, there, "邻村没送的")
    grants.ungrant(work.county.ledger, work.device, NEXT_VILLAGE)
    work.run.told(gone=("测试邻二", "邻村没送的"))
    exchange(Typing(work, there), desk.store)
    work.run.told()
    work.talk(desk)
    here = work.save(desk, Person(), name="测试末", org=VILLAGE)
    work.talk(desk)
    _write_about(work, here, "走时没送的")
    everybody = tuple(str(person.name) for person in desk.store.every(Person))
    grants.leave(work.county.ledger, work.device)
    work.run.told(gone=(*everybody, "邻村没送的", "走时没送的"))
    _talk_but_stop(work)
    work.talk(desk)


def _write_about(work: Work, person: Person, words: str) -> None:
    """Saves that are not sent, a photo among them, and a form that nobody finishes."""
    desk = work.desk
    work.save(desk, desk.get(Person, person.id), note=words)
    work.save(desk, ChildVisit(), subject=person.id, visited_on="2026-03-05", mode="home", living=words * 3)
    work.photo(desk, person, words.encode() * 900)
    desk.store.put_draft(desk.store.holder, None, ChildVisit(subject=person.id, living=words))
    work.run.told()


def _talk_but_stop(work: Work) -> None:
    """An exchange that its user stops as soon as something has come."""
    with suppress(Cancelled):
        exchange(Stoppable(work.line, lambda: False), work.desk.store, cancelled=lambda: True)
    work.run.told()


ROUNDS: dict[str, Callable[[Work], None]] = {
    "a new name after a copied disk": copied_disk,
    "sealed saves are handed over": handed_over,
    "a repair by the comparison": repaired,
    "files carried by a station": carried,
    "a village goes, and then the worker": gone,
}
