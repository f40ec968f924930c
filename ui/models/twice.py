"""Two registrations side by side, in words: what each says, and which of them is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.cases.duplicates import Comparison, Item, Likeness, compare, disputed, suggestions
from app.cases.wording import item_words, part_words
from app.records import Household, Person
from app.records.divisions import short_name
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader


MOST_AT_A_GLANCE = 5_000
"""A township has so many on file; comparing them takes a fifth of a second."""


@dataclass(frozen=True, slots=True)
class PairLine:
    """A pair in the list: who, who, and why they may be one."""

    likeness: Likeness

    @property
    def one(self) -> str:
        return _recognised(self.likeness.one)

    @property
    def another(self) -> str:
        return _recognised(self.likeness.another)

    @property
    def why(self) -> str:
        return "，".join(self.likeness.why) or tr("您选的")

    @property
    def ids(self) -> tuple[str, str]:
        return self.likeness.one.id, self.likeness.another.id


@dataclass(frozen=True, slots=True)
class SideLine:
    """One item of both registrations; ``take`` says that the later one's is kept."""

    item: Item
    label: str
    one: str
    another: str
    take: bool

    @property
    def kept(self) -> str:
        """Which is kept, as an arrow towards it; nothing where there is nothing to choose."""
        if self.one == self.another:
            return tr("一样")
        return tr("后 ▶") if self.take else tr("◀ 先")


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Everything that is shown of a pair."""

    comparison: Comparison
    lines: tuple[SideLine, ...]

    def chosen(self, at: int, take: bool) -> SideBySide:
        """The same with one line decided."""
        lines = list(self.lines)
        if 0 <= at < len(lines) and lines[at].one != lines[at].another:
            lines[at] = replace(lines[at], take=take)
        return replace(self, lines=tuple(lines))

    @property
    def taken(self) -> tuple[str, ...]:
        """The parts that are taken over from the later registration."""
        return tuple(line.item.part.name for line in self.lines if line.take)

    @property
    def words(self) -> str:
        """What hangs on each, and what becomes of it."""
        (visits, others), (kin, other_kin) = self.comparison.visits, self.comparison.kin
        held = tr("先登记的：{visits} 次走访，{kin} 个亲属。", visits=visits, kin=kin)
        held += tr("后登记的：{visits} 次，{kin} 个。", visits=others, kin=other_kin)
        return held + tr("合并了随时可以分开。")


def pair_lines(reader: Reader) -> list[PairLine]:
    """What is suggested; before that, what people disagree about."""
    return [PairLine(each) for each in (*disputed(reader), *suggestions(reader))]


def pairs_at_a_glance(reader: Reader) -> int:
    """How many pairs there are; 0 where looking for them would take longer than a glance."""
    return len(pair_lines(reader)) if reader.count(Person) <= MOST_AT_A_GLANCE else 0


def side_by_side(reader: Reader, one: str, another: str) -> SideBySide:
    """Both registrations; what only the later one says is taken over unless somebody decides otherwise."""
    found = compare(reader, one, another)
    homes = _homes(reader, found)
    lines = [
        SideLine(item, item_words("person", item.part.name), _words(item, item.one, homes),
                 _words(item, item.another, homes), item.only_another)
        for item in found.items
    ]  # fmt: skip
    return SideBySide(found, tuple(sorted(lines, key=lambda line: line.one == line.another)))


def _words(item: Item, value: Any, homes: Mapping[str, str]) -> str:
    if not isinstance(value, dict) or "household" not in value:
        return part_words("person", item.part.name, value) if value else ""
    rest = {name: inner for name, inner in value.items() if name != "household"}
    home = tr("户主 {name}", name=homes.get(value["household"], ""))
    return "，".join(filter(None, (home, part_words("person", item.part.name, rest) if rest else "")))


def _homes(reader: Reader, found: Comparison) -> Mapping[str, str]:
    """Households by their head, not by their number."""
    both = (found.likeness.one, found.likeness.another)
    homes = reader.many(Household, {person.household for person in both if person.household})
    return {id_: home.head_name or tr("没有写户主") for id_, home in homes.items()}


def _recognised(person: Person) -> str:
    born = person.birth_date.isoformat() if person.birth_date else ""
    place = person.village_group or short_name(person.org or "")
    words: Sequence[str] = [word for word in (place, born) if word]
    return f"{person.name}（{'，'.join(words)}）" if words else person.name or ""
