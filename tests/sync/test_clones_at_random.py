"""Clone a laptop, or put back its image, at random moments of a schedule with lost answers: nothing lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from app.records import Conflict, Person, Rejection
from sync import fork
from sync.client.credentials import ties
from sync.server.county import county_init
from tests.sync.copying import AnswerLost, Deaf, forks, image, started
from tests.sync.desks import COUNTY, VILLAGE, Desk, new_desk


@dataclass
class Fired:
    """How many faults a run of trials really had."""

    lost: int = 0
    within: int = 0
    at_rest: int = 0


@dataclass
class Trial:
    """One laptop that becomes two, or that becomes what it was."""

    folder: Path
    seed: int
    fired: Fired
    opened: ExitStack
    written: dict[str, str] = field(default_factory=dict)
    contacts: dict[int, int] = field(default_factory=dict)
    imaged: Path | None = None
    proposed: str = ""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.county = county_init(self.folder / "county", COUNTY, "昭阳区")
        self.opened.callback(self.county.ledger.close)
        self.desk = new_desk(self.folder / "desk", VILLAGE, "child_director")
        self.opened.callback(self.desk.store.close)
        self.desk.join(self.county)

    def work(self, desk: Desk, by: str) -> None:
        """A new record, or the next edit of one that only this laptop edits."""
        mine = [id_ for id_, author in self.written.items() if author.startswith(by)]
        if mine and self.random.random() < 0.4:
            person = desk.get(Person, self.random.choice(mine))
            note = str(int(person.note or 0) + 1)
            desk.save(person, note=note)
            self.written[person.id] = f"{by} {note}"
        else:
            self.written[desk.person(f"{by}{len(self.written)}").id] = f"{by} "

    def meet(self, desk: Desk, losing: float = 0.3, look: Callable[[], None] | None = None) -> None:
        """An exchange; any of its answers may be lost, and a copy may be made before or after any of its requests."""
        line = Deaf(self.county, lambda _: self.random.random() < losing)
        line.before = line.after = look or line.before
        with suppress(AnswerLost):
            desk.exchange(line)
            self.contacts[id(desk)] = self.contacts.get(id(desk), 0) + 1
        self.fired.lost += line.lost

    def photograph(self) -> None:
        """Copy the disk as it is now."""
        if self.imaged is None:
            self.imaged = image(self.desk, self.folder / "image")
            self.proposed = ties(self.desk.store).proposed

    def until_copied(self) -> Desk:
        """Work and meet for a while; somewhere in it the disk is copied. Gives the laptop that the copy makes."""
        for _ in range(self.random.randrange(1, 5)):
            self.work(self.desk, "原")
            self.meet(self.desk)
        if self.random.random() < 0.5:
            wait = self.random.randrange(3)
            self.meet(self.desk, look=lambda: self._photograph_after(wait))
            self.fired.within += 1
        else:
            self.fired.at_rest += 1
        self.photograph()
        assert self.imaged is not None
        twin = started(self.imaged)
        self.opened.callback(twin.store.close)
        return twin

    def _photograph_after(self, wait: int) -> None:
        self.seen = getattr(self, "seen", 0) + 1
        if self.seen > wait:
            self.photograph()

    def names(self) -> dict[str, str]:
        return {id_: told.partition(" ")[2] for id_, told in self.written.items()}


def clone(folder: Path, seed: int, fired: Fired) -> None:
    """Both computers go on. By the second contact of each the county knows of two, and both hold everything."""
    with ExitStack() as opened:
        trial = Trial(folder, seed, fired, opened)
        desks = [trial.desk, trial.until_copied()]
        trial.contacts.clear()
        while min((trial.contacts.get(id(desk), 0) for desk in desks), default=0) < 2:
            at = trial.random.randrange(2)
            trial.work(desks[at], "原副"[at])
            trial.meet(desks[at])
        assert forks(trial.county) == 1
        hold_the_same(trial, *desks)
        assert forks(trial.county) == 1


def put_back(folder: Path, seed: int, fired: Fired) -> None:
    """The laptop becomes what it was. What the county took comes back, also what the laptop itself had sent."""
    with ExitStack() as opened:
        trial = Trial(folder, seed, fired, opened)
        twin = trial.until_copied()
        trial.contacts.clear()
        for _ in range(trial.random.randrange(1, 4)):
            trial.work(trial.desk, "原")
            trial.meet(trial.desk, losing=0.0)
        trial.work(twin, "副")
        hold_the_same(trial, twin)
        # Within an exchange that was not answered yet, going on with it is what an honest retry does, too.
        assert forks(trial.county) == 1 or (trial.proposed and trial.contacts[id(trial.desk)] == 1)


def hold_the_same(trial: Trial, *desks: Desk) -> None:
    """Everything that anybody wrote, once, the last of each one's edits, and no question to anybody."""
    for desk in (*desks, *desks):
        assert desk.exchange(trial.county).delivered
    for desk in desks:
        assert {each.id: each.note or "" for each in desk.store.every(Person)} == trial.names()
        assert desk.store.count(Conflict) == desk.store.count(Rejection) == 0


def trials(kind: Callable[[Path, int, Fired], None], folder: Path, seeds: range) -> Fired:
    fired = Fired()
    for seed in seeds:
        kind(folder / f"{kind.__name__}{seed}", seed, fired)
    return fired


@pytest.mark.parametrize("kind", [clone, put_back])
def test_a_copy_made_at_any_moment_is_noticed_and_nothing_is_lost_or_doubled(
    kind: Callable[[Path, int, Fired], None], tmp_path: Path
) -> None:
    fired = trials(kind, tmp_path, range(20))
    assert fired.lost > 10
    assert fired.within > 5
    assert fired.at_rest > 5


@pytest.mark.long
@pytest.mark.parametrize("kind", [clone, put_back])
def test_a_thousand_copies(kind: Callable[[Path, int, Fired], None], tmp_path: Path) -> None:
    fired = trials(kind, tmp_path, range(100, 1_100))
    assert fired.lost > 500
    assert min(fired.within, fired.at_rest) > 300


def test_a_token_that_is_only_replaced_takes_lost_answers_for_clones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced(known: bytes, token: bytes, proposed: bytes) -> bytes | None:
        return (proposed or token) if not known or token == known else None

    monkeypatch.setattr(fork, "agreed", replaced)
    with pytest.raises(AssertionError):
        trials(clone, tmp_path, range(20))


def test_without_a_token_two_computers_go_by_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork, "agreed", lambda known, token, proposed: proposed or token)
    with pytest.raises(AssertionError):
        trials(clone, tmp_path, range(20))
