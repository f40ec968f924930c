"""Real encrypted stores, a real county, one seed: what a simulator plays with models is played with the product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from app.errors import CountyRefused, CountyUnreachable
from app.store import Post, Workspace, create_store, vault
from sync.client import agreement, engine
from sync.client.engine import exchange, join
from sync.protocol import STOPPED_DEVICE, UNKNOWN_DEVICE
from sync.server import accounts
from sync.server.county import county_init
from tests.schedules import laptops, office, sticks
from tests.schedules.chance import Clock
from tests.schedules.ending import verdict
from tests.schedules.judge import Judge
from tests.schedules.line import NONE, Crash, Faults, Line
from tests.schedules.seat import OLDER, Seat
from tests.schedules.work import type_on
from tests.support.desks import CHEAP_KEYS, PASSPHRASE
from tests.sync.editions import TODAY

COUNTY = "530602000000"
VILLAGES = ("530602001001", "530602001002")
SEATS = (VILLAGES[0], VILLAGES[0], VILLAGES[1])


@dataclass(frozen=True, slots=True)
class Chances:
    """Of what a step does; the rest is typing."""

    exchange: float = 0.2
    late: float = 0.02
    stick: float = 0.02
    back_up: float = 0.006
    restore: float = 0.004
    roll_back: float = 0.003
    clone: float = 0.002
    put_back: float = 0.004
    destroy: float = 0.002
    stop: float = 0.002
    set_clock: float = 0.004
    empty_bin: float = 0.004
    regrant: float = 0.0
    leave: float = 0.0
    upgrade: float = 0.0
    older: float = 0.0
    """Of new laptops: those with an older program."""
    transfer: float = 0.0
    """Of the edits, as the following."""
    photo: float = 0.03
    pair: float = 0.04

    @classmethod
    def moving(cls, moves: float, restore: float) -> Chances:
        """People are moved, posts granted, workers leave, and some laptops have an older program."""
        return cls(transfer=moves, regrant=moves / 5, leave=moves / 30, restore=restore, upgrade=0.004, older=0.3)

    @property
    def do_people_move(self) -> bool:
        """Whether anything leaves laptops."""
        return self.transfer > 0 or self.regrant > 0


@dataclass
class World:
    """Desks in two villages and their county. ``run`` ends with a good line and everything compared."""

    folder: Path
    seed: int
    clock: Clock
    chances: Chances = field(default_factory=Chances)
    faults: Faults = field(default_factory=Faults)
    people: int = 8
    database: Callable[[], str] = str
    """Gives the address of an empty PostgreSQL database; an empty one: the county lies in a file."""
    org: str = COUNTY
    places: tuple[str, ...] = VILLAGES

    def __post_init__(self) -> None:
        # Dice of their own: who has an older program changes nothing else of the day.
        self.random, self.editions = Random(self.seed), Random(f"editions {self.seed}")
        self.fired: Counter[str] = Counter()
        self.judge = Judge()
        self.words = self.lives = self.made = 0
        self.copies: list[Path] = []
        self.snapshot: Path | None = None
        self.ids: list[str] = []
        self.pairs: dict[str, tuple[str, str]] = {}
        self.photos: dict[str, tuple[str, bytes]] = {}
        self.differences: list[str] = []
        vault._ARGON = CHEAP_KEYS
        Line.is_stormy = True
        self.county = county_init(self.folder / "county", COUNTY, "测试县", database=self.database())
        self.data = self.folder / "county"
        self.seats: list[Seat] = []
        self.seats += [self.new_seat(org) for org in SEATS]

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        for seat in self.seats:
            seat.store.close()
        self.county.ledger.close()

    # The day

    def run(self, steps: int) -> list[str]:
        """So many steps, then a good line; gives what was found wrong."""
        with self._nothing_mended():
            for _ in range(steps):
                self.step()
            return verdict(self)

    @contextmanager
    def _nothing_mended(self) -> Iterator[None]:
        """Write down whenever a comparison finds a difference.

        Two may: of a twin (``Seat.is_twin``); and by stick, while own saves wait that the county may have had across a
        line that broke, so that its sums are of more than the file tells of. Nothing is mended then, only asked anew.
        """

        asks_anew = agreement.ask_anew

        def noticed(mends: Callable[..., Any]) -> Callable[..., Any]:
            def mend(*told: Any) -> Any:
                (store,) = (each for each in told if isinstance(each, Workspace))
                if any(seat.is_twin for seat in self.seats if seat.store is store):
                    self.fired["twin mended"] += 1
                elif mends is asks_anew and store.pending():
                    self.fired["stick behind the line"] += 1
                else:
                    self.differences.append(f"{store.folder.name} held something else than the county")
                return mends(*told)

            return mend

        with (
            patch.object(engine, "mend", noticed(engine.mend)),
            patch.object(agreement, "ask_anew", noticed(asks_anew)),
        ):
            yield

    def step(self) -> None:
        """Somebody does something."""
        dice, chances = self.random.random(), self.chances
        seat = self.random.choice(self.seats)
        with self.at(seat):
            for chance, action in (
                (chances.exchange, lambda: self.talk(seat)),
                (chances.late, lambda: seat.line.deliver_late()),
                (chances.stick, lambda: sticks.carry(self, seat)),
                (chances.set_clock, lambda: laptops.set_clock(self, seat)),
                (chances.clone, lambda: laptops.clone(self, seat)),
                (chances.put_back, lambda: laptops.put_back(self, seat)),
                (chances.upgrade, lambda: laptops.upgrade(self, seat)),
            ):
                if dice < chance:
                    action()
                    return
                dice -= chance
        if not self._elsewhere(dice, seat):
            with self.at(seat):
                type_on(self, seat)

    @contextmanager
    def at(self, seat: Seat) -> Iterator[None]:
        """Meanwhile it is this laptop's clock that counts, and its program that runs."""
        with self.clock.wrong_by(seat.clock_off), seat.edition.speaks():
            yield

    def _elsewhere(self, dice: float, seat: Seat) -> bool:
        """Whether it is the county's turn, whose clock is right."""
        chances = self.chances
        for chance, action in (
            (chances.back_up, lambda: office.back_up(self)),
            (chances.restore, lambda: office.restore(self)),
            (chances.roll_back, lambda: office.roll_back(self)),
            (chances.destroy, lambda: laptops.destroy(self, seat)),
            (chances.stop, lambda: laptops.stop(self, seat)),
            (chances.empty_bin, lambda: office.empty_bin(self)),
            (chances.regrant, lambda: office.regrant(self, seat, self.places)),
            (chances.leave, lambda: office.change_worker(self, seat)),
        ):
            if dice < chance:
                action()
                return True
            dice -= chance
        return False

    def word(self, seat: Seat) -> str:
        """A text that nobody has written before, and that is on this disk alone."""
        self.words += 1
        seat.own.add(f"词{self.words}")
        return f"词{self.words}"

    def mourn(self) -> None:
        """Something was lost for good, perhaps."""
        laptops.mourn(self)

    # The exchange

    def talk(self, seat: Seat) -> None:
        """One exchange, whatever becomes of it."""
        try:
            exchange(seat.line, seat.store)
            self.fired["exchange"] += 1
        except CountyUnreachable:
            self.fired["line broke"] += 1
        except CountyRefused as refusal:
            self._refused(seat, refusal)
        except Crash:
            seat.start_again()

    def talk_well(self, seat: Seat) -> bool:
        """One exchange on a good line; whether both sides hold the same then. A stopped desk comes back first."""
        with self.at(seat):
            try:
                return exchange(seat.line, seat.store).delivered
            except CountyRefused as refusal:
                self._refused(seat, refusal)
                return exchange(seat.line, seat.store).delivered

    def _refused(self, seat: Seat, refusal: CountyRefused) -> None:
        """A county that was restored to a day before this desk joined, or that stopped it, lets it in again."""
        if refusal.code not in (UNKNOWN_DEVICE, STOPPED_DEVICE):
            raise refusal
        self.fired["joined again"] += 1
        self.join(seat.store)

    def join(self, store: Workspace) -> None:
        """With a new code."""
        with self.clock.wrong_by(0), TODAY.speaks():
            code = accounts.make_code(self.county.ledger, store.post.org, store.post.role, "测试")
        join(Line(lambda: self.county, self.random, NONE, Counter(), self.clock), store, "", code)

    def new_seat(self, org: str) -> Seat:
        """A post with a new laptop."""
        folder = self.new_folder()
        post = Post(org, "child_director", "测试岗位")
        store = create_store(folder, PASSPHRASE, post=post, holder_name=f"测试员{self.made}").store
        self.join(store)
        edition = OLDER if self.editions.random() < self.chances.older else TODAY
        return Seat(folder, store, self.line(), edition=edition)

    def new_folder(self) -> Path:
        """Where no disk has been yet."""
        self.made += 1
        return self.folder / f"desk{self.made}"

    def line(self) -> Line:
        """A bad one."""
        return Line(lambda: self.county, self.random, self.faults, self.fired, self.clock)
