"""What exchanges bring to a desk and its county, done once on a recorded disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.records import Attachment, Person
from sync.client import blocks, parcel
from sync.client.credentials import ties
from sync.client.engine import exchange
from sync.messages import Page, Request
from sync.server import bin, copies, grants, parcels
from sync.server.county import county_init, open_county
from sync.server.ledger import now_ms
from tests.support.recording import Disk, Synced, Wrote
from tests.sync.desks import COUNTY, NEXT_VILLAGE, VILLAGE, Desk, new_desk

Files = dict[str, bytes]
Cell = tuple[str, str]
DESK, OFFICE = "desk", "office"
GONE = object()
"""What is promised of somebody who was deleted: nothing."""
PHOTO = bytes(range(256)) * 600


@dataclass(frozen=True)
class Errand:
    """A village's file in the hand of a station: what it holds, whose it is, and which device carries it."""

    asking: bytes = field(repr=False)
    village: str
    carrier: str


@dataclass(frozen=True)
class Holds:
    """What must hold besides the promises, once the exchange has been carried on from a moment.

    ``copies``: how many computers take a new name because another goes by theirs; ``differences``: how many the
    comparison may find; ``errand``: a file that is on its way; ``gone``: words of which the desk keeps none.
    """

    copies: int = 0
    differences: int = 0
    errand: Errand | None = None
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moment:
    """The disks of the office and of everybody who goes on from here, and what had been promised, when somebody was
    told something."""

    files: dict[str, Files]
    promised: int
    doing: str
    holds: Holds


@dataclass
class Run:
    """The recorded work: its disks before, its steps, what was promised, and what both held at each moment."""

    folder: Path
    disk: Disk
    before: dict[str, bytes] = field(default_factory=dict)
    promises: list[tuple[Cell, Any]] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    doing: str = ""
    holds: Holds = field(default_factory=Holds)
    sides: tuple[str, ...] = (DESK, OFFICE)

    def told(self, **holds: Any) -> None:
        """Somebody was told something: from here on it must be kept, and so must what is said to hold."""
        self.holds = replace(self.holds, **holds)
        now = {name: self._same(name, read(self.folder / name)) for name in self.sides}
        moment = Moment(now, len(self.promises), self.doing, self.holds)
        if not self.moments or moment != self.moments[-1]:
            self.moments.append(moment)
        self.disk.acknowledge(len(self.moments) - 1)

    def forget(self, *records: str) -> None:
        """Somebody deleted these: from here on nothing of them need be kept."""
        self.promises += [(cell, GONE) for cell in {cell for cell, _ in self.promises} if cell[0] in records]

    def _same(self, name: str, files: Files) -> Files:
        last = self.moments[-1].files.get(name) if self.moments else None
        return last if last is not None and last == files else files


def read(folder: Path) -> Files:
    """A folder's files by their names; what readers share in memory is not among them."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


class Watched:
    """The way to the county: whenever it is about to do something, and has done it, that is a moment.

    Before as well: what a desk keeps before it asks is on its disk while the county works.
    """

    def __init__(self, run: Run, county: Callable[[], Any]) -> None:
        self._run = run
        self._county = county

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._county(), name)

        def watched(*given: Any) -> Any:
            self._run.told()
            answer = call(*given)
            self._run.told()
            return answer

        return watched

    def exchange(self, request: Request) -> Iterator[Page]:
        """The pages, after the county has made them all."""
        self._run.told()
        pages = list(self._county().exchange(request))
        self._run.told()
        yield from pages


class Work:
    """The desk, a colleague in the same village, one in the next, and the office."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lives = 0
        self.unsent: list[tuple[Cell, Any]] = []
        self.data = run.folder / OFFICE / "county"
        self.county = county_init(self.data, COUNTY, "测试县")
        self.desk = new_desk(run.folder / DESK, VILLAGE, "child_director", holder="测试员甲")
        self.colleague = new_desk(run.folder / "colleague", VILLAGE, "child_director", holder="测试员乙")
        self.neighbour = new_desk(run.folder / "neighbour", NEXT_VILLAGE, "child_director", holder="测试员丙")
        for each in (self.desk, self.colleague, self.neighbour):
            each.join(self.county)
        # A log that is folded in often: more places to cut, and less to lay down after each.
        self.desk.store._db.execute("PRAGMA wal_autocheckpoint = 100")
        self.watched: list[Desk] = [self.desk]
        self.line = Watched(run, lambda: self.county)

    def save(self, desk: Desk, record: Any, **fields: Any) -> Any:
        """Save, and hold the program to it: at once where the disk is there afterwards, else once the county has it."""
        saved = desk.save(record, **fields)
        promises = [((saved.id, name), value) for name, value in fields.items()]
        if self.is_watched(desk):
            self.run.promises += promises
            self.run.told()
        else:
            self.unsent += promises
        return saved

    def rounds(self) -> Iterator[str]:
        """What exchanges bring, one after the other; each is named before it begins."""
        yield "first push and first pull"
        theirs = [self.save(self.colleague, Person(), name=f"测试乙{n}", org=VILLAGE) for n in range(8)]
        self.talk(self.colleague)
        mine = [self.save(self.desk, Person(), name=f"测试甲{n}", org=VILLAGE) for n in range(6)]
        self.talk(self.desk)
        yield "both changed the same"
        self.talk(self.colleague)
        self.save(self.colleague, self.colleague.get(Person, mine[0].id), village_group="一组", note="乙写的")
        self.save(self.desk, self.desk.get(Person, mine[0].id), village_group="二组")
        self.save(self.desk, self.desk.get(Person, theirs[0].id), note="甲写的")
        self.talk(self.colleague)
        self.talk(self.desk)
        yield "somebody moves away"
        self.save(self.desk, self.desk.get(Person, mine[1].id), note="走之前记的")
        self.talk(self.colleague)
        self.save(self.colleague, self.colleague.get(Person, mine[2].id), org=NEXT_VILLAGE)
        self.talk(self.colleague)
        self.save(self.desk, self.desk.get(Person, mine[2].id), note="走了以后才送到")
        self.talk(self.desk)
        yield "photos"
        self.photo(self.desk, mine[3], PHOTO)
        self.photo(self.colleague, theirs[1], PHOTO[::-1])
        for each in (self.colleague, self.desk):
            self.talk(each)
        yield "the county is restored"
        self.back_up("one.copy")
        self.save(self.desk, self.desk.get(Person, mine[3].id), village_group="三组")
        self.talk(self.desk)
        self.save(self.colleague, self.colleague.get(Person, theirs[2].id), village_group="四组")
        self.talk(self.colleague)
        self.talk(self.desk)
        self.restore("one.copy")
        self.talk(self.desk)
        yield "a stick"
        self.save(self.desk, Person(), name="测试棒", org=VILLAGE)
        asked = parcel.pack(self.desk.store).content
        answer = parcels.answer(self.county, asked)
        self.run.told()
        parcel.unpack(self.desk.store, answer)
        yield "a longer push"
        self._save_many("长")
        self.talk(self.desk)
        yield "a stream of blocks"
        with patch.object(blocks, "FIRST", 3):
            self._save_many("流")
            self.talk(self.desk)
        yield "somebody is deleted, and the bin emptied"
        for gone in (mine[4], theirs[3]):
            self.desk.store.delete(self.desk.store.holder, self.desk.get(Person, gone.id))
        self.talk(self.desk)
        self.run.forget(mine[4].id, theirs[3].id)
        bin.empty(self.county.ledger, now_ms() + (bin.DAYS + 1) * bin.DAY)
        self.run.told()
        self.talk(self.desk)
        yield "a village is granted, and taken away"
        self.save(self.neighbour, Person(), name="测试邻", org=NEXT_VILLAGE)
        self.talk(self.neighbour)
        grants.grant(self.county.ledger, self.device, NEXT_VILLAGE)
        self.run.told()
        self.talk(self.desk)
        grants.ungrant(self.county.ledger, self.device, NEXT_VILLAGE)
        self.run.told()
        self.talk(self.desk)

    def back_up(self, name: str) -> None:
        """A copy of the county beside it."""
        copies.back_up(self.data, self.run.folder / OFFICE / name)

    def _save_many(self, what: str) -> None:
        for number in range(12):
            self.save(self.desk, Person(), name=f"测试{what}{number}", org=VILLAGE, note="备注" * 60)

    @property
    def device(self) -> str:
        """What the county knows the desk by."""
        return ties(self.desk.store).device

    def talk(self, desk: Desk) -> None:
        """One exchange to its end."""
        exchange(self.line if self.is_watched(desk) else self.county, desk.store)
        if not self.is_watched(desk):
            self.run.promises, self.unsent = [*self.run.promises, *self.unsent], []
        self.run.told()

    def is_watched(self, desk: Desk) -> bool:
        """Whether this desk goes on after the power is back, with its disk as it was."""
        return any(each is desk for each in self.watched)

    @contextmanager
    def watching(self, desk: Desk, **holds: Any) -> Iterator[None]:
        """For as long as this lasts this desk goes on too."""
        self.watched.append(desk)
        self.run.sides = (*self.run.sides, desk.store.folder.name)
        self.run.told(**holds)
        yield
        self.run.sides = self.run.sides[:-1]
        self.watched.pop()
        self.run.told()

    def photo(self, desk: Desk, person: Person, content: bytes) -> None:
        """A photo of somebody."""
        digest = desk.store.attach_blob(content)
        self.save(desk, Attachment(), subject=person.id, sha256=digest, size=len(content))

    def restore(self, name: str) -> None:
        """The county begins another life with a copy."""
        self.county.ledger.close()
        self.lives += 1
        self.data = self.run.folder / OFFICE / f"county{self.lives}"
        copies.restore(self.run.folder / OFFICE / name, self.data)
        self.county = open_county(self.data)
        # A renamed folder is nothing that the recording knows; ``copies.restore`` has synced what lies in it.
        for path in sorted(self.data.iterdir()):
            self.run.disk.steps += [Wrote(str(path), 0, path.read_bytes()), Synced(str(path))]
        self.run.told()


def recorded(folder: Path, *rounds: Callable[[Work], Iterator[str]]) -> Run:
    """Do the work of these rounds on the recorded disk."""
    disk = Disk().install()
    run = Run(folder, disk)
    work = Work(run)
    for name in (DESK, OFFICE):
        run.before |= {str(folder / name / path): content for path, content in read(folder / name).items()}
    disk.recording = True
    run.told()
    for doing in chain.from_iterable(each(work) for each in rounds):
        run.doing = doing
    work.talk(work.desk)
    disk.recording = False
    for each in (work.desk, work.colleague, work.neighbour):
        each.store.close()
    work.county.ledger.close()
    return run
