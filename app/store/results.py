"""What the store answers: what changed, what a history holds, what a search found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from app.records.record import Record

DIVISIONS = "divisions"
"""The setting that names the divisions of the post, once the county has said which."""


class Author(Protocol):
    """Who does it: a person with a key, never the laptop."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Post:
    """Whose workspace it is: a division (12 digits) and a role there; ``name`` in words."""

    org: str
    role: str
    name: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who holds a key; the author of what they save."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What an operation changed; screens decide whether it concerns them. ``batch`` undoes it as a whole."""

    types: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    batch: str = ""
    records: tuple[Record, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.ids)

    def __or__(self, other: Changes) -> Changes:
        return Changes(
            self.types | other.types,
            self.ids | other.ids,
            self.subjects | other.subjects,
            self.batch or other.batch,
            self.records + other.records,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One step in a record's history: parts as they were and as they became (JSON values)."""

    at: datetime
    author: str
    verb: str
    state: str
    created: bool
    before: Mapping[str, Any] = field(repr=False)
    after: Mapping[str, Any] = field(repr=False)
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo brought back, and which records (type, id) had been changed since and were left alone."""

    changes: Changes
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A half-filled form: what is typed, and what it was loaded from, so that its bases survive a restart."""

    edited: Record = field(repr=False)
    loaded: Record | None = field(repr=False)
    author: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PersonHit:
    """A line of the search list: as few data as are needed to recognise the person."""

    id: str
    name: str
    village_group: str
    org: str
    birth_date: str | None
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the access and print log."""

    at: datetime
    who: str
    verb: str
    detail: Mapping[str, Any]
