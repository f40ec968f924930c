"""Which registrations are one person: derived from aliases each time it is asked, no reference is ever rewritten."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

NOBODY: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Groups:
    """Persons who were registered twice or more; whoever stands for all of a group is named first."""

    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def all_of(self, id_: str) -> tuple[str, ...]:
        """All registrations of this person, the one who stands for all first."""
        return self.members.get(id_) or (id_,)

    def stands_for(self, id_: str) -> str:
        """Who stands for this person; mostly the person itself."""
        return self.all_of(id_)[0]

    def hidden(self) -> list[str]:
        """Those for whom another one stands."""
        return [id_ for id_, found in self.members.items() if found[0] != id_]

    def with_all(self, ids: Iterable[str]) -> list[str]:
        """These persons and all who are the same."""
        return list(dict.fromkeys(each for id_ in ids for each in self.all_of(id_)))


def groups(db: Database) -> Groups:
    """The groups as the aliases here say: the smallest id of a registration that is not deleted stands for all."""
    pairs = db.execute("SELECT subject, other FROM alias WHERE state = 'same' AND deleted = 0").fetchall()
    if not pairs:
        return Groups()
    found = joined((one, another) for one, another in pairs if one and another)
    query = "SELECT id FROM person WHERE deleted = 0 AND id IN (SELECT value FROM json_each(?))"
    here = {row[0] for row in db.execute(query, [json.dumps(list(found))]).fetchall()}
    ordered = {id_: tuple(sorted(group, key=lambda each: (each not in here, each))) for id_, group in found.items()}
    return Groups(ordered)


def linked(db: Database, ids: Iterable[str]) -> list[str]:
    """These persons and everybody whom an alias ever tied to them: their lines change when the alias does."""
    pairs = db.execute("SELECT subject, other FROM alias").fetchall()
    found = joined((one, another) for one, another in pairs if one and another)
    return list(dict.fromkeys(each for id_ in ids for each in (id_, *sorted(found.get(id_, NOBODY)))))


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Everybody named, each with the whole group that the pairs tie together."""
    parent: dict[str, str] = {}

    def root(id_: str) -> str:
        while parent.setdefault(id_, id_) != id_:
            parent[id_] = parent[parent[id_]]
            id_ = parent[id_]
        return id_

    for one, another in pairs:
        low, high = sorted((root(one), root(another)))
        parent[high] = low
    gathered: dict[str, set[str]] = {}
    for id_ in list(parent):
        gathered.setdefault(root(id_), set()).add(id_)
    return {id_: frozenset(group) for group in gathered.values() for id_ in group}
