"""One laptop and who sits at it: the form that lies open, what was ever written on its disk, its sticks."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from app.records import Person
from app.store import Workspace, open_store
from sync.client.credentials import ties
from tests.schedules.line import Line
from tests.support.desks import PASSPHRASE
from tests.sync.editions import TODAY, Edition

MOST_SEATS = 5
OLDER = Edition(lacks=frozenset({"attachment", "alias"}))


def move(person: str, org: str) -> str:
    """That somebody was moved to a village, or registered there."""
    return f"{person}>{org}"


@dataclass(slots=True)
class Seat:
    """``own``: the words, records, photos and moves that were written on this disk, or on one that it is a copy of.

    ``clock_off``: by how many milliseconds its clock is wrong; ``is_copied``: whether there are, or were, two of it.
    ``packed``: the numbers of the saves on each stick.
    ``is_twin``: copied within an exchange whose answer had not come, or its copy uses a stick under its name, or it was
    put back, or something erased on it, and a stick tells of what was on the disk then. Both go on, as an honest retry
    does, and until one of them is heard again the county takes what either sent for what the other knows: the
    comparison is there to find it.
    ``edition``: the program on it, which may be an older one.
    """

    folder: Path
    store: Workspace
    line: Line
    form: Person | None = None
    own: set[str] = field(default_factory=set)
    clock_off: int = 0
    is_copied: bool = False
    is_twin: bool = False
    edition: Edition = TODAY
    image: Image | None = None
    asked: list[bytes] = field(default_factory=list)
    packed: dict[bytes, frozenset[int]] = field(default_factory=dict)
    answers: list[bytes] = field(default_factory=list)

    @property
    def awaits_an_answer(self) -> bool:
        """Whether it has proposed what it will be known by, and heard nothing since."""
        return bool(ties(self.store).proposed)

    @property
    def device(self) -> str:
        """What the county knows it by."""
        return ties(self.store).device

    @property
    def is_older(self) -> bool:
        """Whether its program does not know of photos, nor of two who are one."""
        return self.edition is OLDER

    def upgrade(self) -> None:
        """The program of today is put on, and what the older one carried without knowing it is read."""
        self.edition = TODAY
        self.start_again()
        self.store.learn()

    def start_again(self) -> None:
        """The program, after the laptop went off or its disk was put back."""
        self.store.close()
        self.store = open_store(self.folder, PASSPHRASE)
        self.form = None


@dataclass(frozen=True, slots=True)
class Image:
    """A copy of a disk, what had been written on it, by which program, and the sticks that were packed by then."""

    folder: Path
    own: frozenset[str]
    awaits_an_answer: bool
    edition: Edition
    asked: tuple[bytes, ...]


def copy_disk(source: Path, target: Path) -> Path:
    """What a copying program makes of it, between two writes."""
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.lock", "*-shm")))
