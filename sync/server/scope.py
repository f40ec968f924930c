"""Which divisions a device may see, and how far it has them: a cursor for each subtree it was granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from app.records.divisions import is_within, subtree_prefix

AFTER_ALL = "~"
"""Sorts after every digit: the end of a subtree of codes."""
VILLAGE = 12
"""Nothing lies within a code that is given to its last digit."""
NOTHING = -1
"""The cursor of a subtree that the desk does not name: it has nothing of it, not even what it wrote itself."""


def within(column: sa.Column[Any], org: str) -> sa.ColumnElement[bool]:
    """Whether a column's division lies in a subtree; the empty code is everywhere."""
    prefix = subtree_prefix(org)
    if len(prefix) == VILLAGE:  # told apart, for then the index gives rows in the order of their numbers
        return column == prefix
    return sa.and_(column >= prefix, column < prefix + AFTER_ALL) if prefix else sa.true()


def within_any(column: sa.Column[Any], orgs: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether a column's division lies in one of the subtrees."""
    return sa.or_(sa.false(), *(within(column, org) for org in orgs))


class Reach:
    """How far a desk has the divisions it serves, as its hello says: of two subtrees one in the other, the further.

    It counts what the desk names, granted still or no more: what it holds already is not sent again because another
    grant covers it now.
    """

    def __init__(self, orgs: tuple[str, ...], cursors: Mapping[str, int]) -> None:
        self.orgs = orgs
        self.cursors = cursors
        self._known: dict[str, int] = {}

    def of(self, org: str) -> int:
        """Up to which number of the sequence the desk has a division."""
        known = self._known.get(org)
        if known is None:
            known = max((at for named, at in self.cursors.items() if is_within(org, named)), default=NOTHING)
            self._known[org] = known
        return known

    @property
    def least(self) -> int:
        """Up to which number it has all that it may see."""
        return min(map(self.of, self.orgs), default=NOTHING)

    def gone_to(self, reached: int) -> dict[str, int]:
        """The cursors after an answer that goes to a number: exactly the subtrees it serves now."""
        return {org: max(self.of(org), reached) for org in self.orgs}

    def unseen(self, org: sa.Column[Any], seq: sa.Column[Any]) -> sa.ColumnElement[bool]:
        """Rows of a number that the desk has not reached in their division."""
        return sa.and_(seq > self.least, *(self._beyond(org, seq, named) for named in self._finer()))

    def had(self, org: sa.Column[Any], seq: sa.Column[Any]) -> sa.ColumnElement[bool]:
        """Rows of a number that the desk has reached in their division."""
        return sa.or_(seq <= self.least, *(sa.not_(self._beyond(org, seq, named)) for named in self._finer()))

    def may_have_held(self, org: sa.Column[Any]) -> sa.ColumnElement[bool]:
        """Divisions of which the desk may have something: not those that it is about to be given for the first time."""
        fresh = [named for named, at in self.cursors.items() if at == 0]
        return sa.and_(within_any(org, self.orgs), *(sa.not_(within(org, named)) for named in fresh))

    def _beyond(self, org: sa.Column[Any], seq: sa.Column[Any], named: str) -> sa.ColumnElement[bool]:
        return sa.or_(sa.not_(within(org, named)), seq > self.cursors[named])

    def _finer(self) -> list[str]:
        """The named subtrees that are further than the least; with one subtree there are none."""
        return [named for named, at in self.cursors.items() if at > self.least]
