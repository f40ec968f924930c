"""The list of households, with who is filed under each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.records.household import Household
from app.records.person import Person
from app.records.village_groups import group_order

if TYPE_CHECKING:
    from app.store.reader import Reader


@dataclass(frozen=True, slots=True)
class HouseholdLine:
    """One household and its members in words."""

    id: str
    head_name: str
    village_group: str
    members: int
    names: str
    phones: str
    address: str
    first_member: str


class HouseholdLines:
    """All households of the post in the order of the village; members are read by page."""

    def __init__(self, reader: Reader, village_group: str | None = None) -> None:
        every = village_group is None
        found = reader.find(Household) if every else reader.find(Household, village_group=village_group or None)
        self._reader = reader
        self._households = sorted(found, key=lambda each: (group_order(each.village_group or ""), each.head_name or ""))

    def __len__(self) -> int:
        return len(self._households)

    def page(self, first: int, count: int) -> Sequence[HouseholdLine]:
        """Lines ``first`` to ``first + count``."""
        return [self._line(each) for each in self._households[first : first + count]]

    def ids(self) -> list[str]:
        """The households' ids, in order."""
        return [each.id for each in self._households]

    def _line(self, home: Household) -> HouseholdLine:
        members = self._reader.find(Person, household=home.id)
        head = next((each.id for each in members if each.id == home.head), members[0].id if members else "")
        return HouseholdLine(
            home.id,
            home.head_name or "",
            home.village_group or "",
            len(members),
            "、".join(each.name or "" for each in members),
            "  ".join(home.phones),
            home.address or "",
            head,
        )
