"""What left this desk and what came to it, for the words that announce it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.records.divisions import short_name


@dataclass(frozen=True, slots=True)
class People:
    """How many people, by what is kept of them."""

    children: int = 0
    elders: int = 0
    others: int = 0

    @classmethod
    def of(cls, types: Mapping[str, int]) -> People:
        """Of so many records of each type: who is neither child nor elder is somebody's family."""
        children, elders = types.get("child", 0), types.get("elder", 0)
        return cls(children, elders, max(0, types.get("person", 0) - children - elders))

    def __add__(self, other: People) -> People:
        return People(self.children + other.children, self.elders + other.elders, self.others + other.others)

    def __bool__(self) -> bool:
        return bool(self.children or self.elders or self.others)

    def __str__(self) -> str:
        counted = ((self.elders, "位老人"), (self.children, "个孩子"), (self.others, "位家人"))
        return "、".join(f"{number} {words}" for number, words in counted if number)


@dataclass(frozen=True, slots=True)
class Moved:
    """``away``: the county moved them elsewhere; ``ended`` and ``granted``: divisions, ``lost`` who went with them.

    ``proposed``: saves that wait for whoever looks after those people now; ``drafts``: forms nobody had finished.
    """

    away: People = field(default_factory=People)
    lost: People = field(default_factory=People)
    ended: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()
    has_left: bool = False
    proposed: int = 0
    drafts: int = 0

    def __add__(self, other: Moved) -> Moved:
        return Moved(
            self.away + other.away, self.lost + other.lost, (*self.ended, *other.ended),
            (*self.granted, *other.granted), self.has_left or other.has_left, self.proposed + other.proposed,
            self.drafts + other.drafts,
        )  # fmt: skip

    def __bool__(self) -> bool:
        return self != Moved()


def in_words(moved: Moved) -> tuple[str, ...]:
    """One sentence for each thing that happened."""
    return tuple(_sentences(moved))


def _sentences(moved: Moved) -> list[str]:
    said = []
    if moved.granted:
        said.append(f"县里把{_places(moved.granted)}也交给这台电脑管，那里的资料会收下来。")
    if moved.has_left:
        said.append(f"县里已办调离：{_gone(moved.lost)}。")
    elif moved.ended:
        said.append(f"{_places(moved.ended)}不再归这台电脑管：{_gone(moved.lost)}。")
    if moved.away:
        said.append(f"县里把 {moved.away}移到了别处：他们的资料已从这台电脑移走。")
    if moved.proposed:
        said.append(f"有 {moved.proposed} 次保存说的人已不归这里管：送给了现在管的地方，由那边决定用不用。")
    if moved.drafts:
        said.append(f"他们有 {moved.drafts} 张没填完的表，也一起移走了。")
    return said


def _gone(people: People) -> str:
    return f"没送的先送到了，{people}的资料已从这台电脑移走" if people else "这台电脑上没有那里的人"


def _places(orgs: tuple[str, ...]) -> str:
    return "、".join(map(short_name, orgs))
