"""A whole practice village: the people with stories, and as many neighbours as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from app.records import Person
from app.records.record import Record
from app.training import cast, neighbours, places
from app.training.book import Book

SEED = 2026
PERSONS = 300
BIG_CHILDREN = 1_431
"""The children whom one child director answers for (reference: seed, item 20)."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What was entered on one day."""

    on: date
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Village:
    """A register and how it came about, a chapter after the other."""

    org: str
    director: str
    chapters: tuple[Chapter, ...]

    @property
    def records(self) -> Iterator[Record]:
        """Everything that was ever entered; a record that was changed comes again."""
        for chapter in self.chapters:
            yield from chapter.records

    @property
    def persons(self) -> dict[str, Person]:
        """The people as they are now, by id."""
        return {record.id: record for record in self.records if isinstance(record, Person)}

    def named(self, name: str) -> Person:
        """The first person of this name."""
        return next(person for person in self.persons.values() if person.name == name)


def practice_village(today: date, seed: int = SEED) -> Village:
    """练习村: 300 persons, of whom five are to be visited today, one of high risk, two late."""
    book = Book(places.VILLAGE, today, seed)
    cast.enter(book)
    neighbours.fill(book, PERSONS - _people(book), places.DIRECTOR)
    return _bound(book, places.DIRECTOR)


def second_village(today: date, seed: int = SEED) -> Village:
    """上练习村: sixty persons, and the twins since they moved there."""
    book = Book(places.SECOND_VILLAGE, today, seed)
    neighbours.twins_who_came(book)
    neighbours.fill(book, 60 - _people(book), places.SECOND_DIRECTOR)
    return _bound(book, places.SECOND_DIRECTOR)


def big_village(today: date, seed: int = SEED, children: int = BIG_CHILDREN) -> Village:
    """练习社区: 1,431 children with their parents and caregivers."""
    book = Book(places.BIG_VILLAGE, today, seed)
    neighbours.fill_with_children(book, children, places.BIG_DIRECTOR)
    return _bound(book, places.BIG_DIRECTOR)


def _people(book: Book) -> int:
    return sum(isinstance(record, Person) for record in book.records)


def _bound(book: Book, director: str) -> Village:
    """The register first, then what came later, put down month by month."""
    later = sorted(book.later, key=lambda entry: entry[0])
    months = [list(entries) for _, entries in groupby(later, key=lambda entry: (entry[0].year, entry[0].month))]
    chapters = [Chapter(entries[-1][0], tuple(record for _, record in entries)) for entries in months]
    return Village(book.org, director, (Chapter(book.registered_on, tuple(book.records)), *chapters))
