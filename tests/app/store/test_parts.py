"""Values by part come back from a row as they were put into it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from app.records import RECORD_TYPES, Child, ElderVisit, Person
from app.records.record import Kind, Record
from app.store.parts import parts_of, reader_of, record_of, writer_of
from app.store.rows import codec

ID = "0" * 32
STAMPS = {"*": "e1:3", "name": "e1:7"}
SAMPLE: dict[Kind, Any] = {
    Kind.CHOICES: ["a", "b"], Kind.LINES: ["一", "二"], Kind.DAY: "2026-05-01", Kind.FLAG: True, Kind.NUMBER: 7,
    Kind.MOMENT: "2026-05-01T08:00:00+08:00",
}  # fmt: skip


def full(cls: type[Record]) -> dict[str, Any]:
    """Something in every part, and in every field of a group."""
    found: dict[str, Any] = {}
    for name, part in cls.spec.parts.items():
        values = {field.name: SAMPLE.get(field.kind, "字") for field in part.fields}
        found[name] = values if part.is_group else values[part.fields[0].name]
    return found


@pytest.mark.parametrize("cls", RECORD_TYPES, ids=lambda cls: cls.spec.name)
@pytest.mark.parametrize("deleted", [False, True])
def test_what_is_written_is_read_again(cls: type[Record], deleted: bool) -> None:
    values = {**full(cls), **({"@deleted": True} if deleted else {})}
    row = writer_of(cls).row(ID, values, STAMPS)
    assert reader_of(cls).held(row) == (values, STAMPS)
    assert reader_of(cls).held(writer_of(cls).row(ID, {}, {})) == ({}, {})


def test_columns_in_which_nothing_stands_any_more_are_emptied() -> None:
    assert writer_of(Person).filled([(ID, ({"name": "王小明"}, STAMPS))])[0] == ["id", "name", "stamps", "deleted"]
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE TABLE person ({', '.join(codec(Person).columns)}, UNIQUE (id))")
        for values in (full(Person), {"name": "王小明"}):
            columns, rows = writer_of(Person).filled([(ID, (values, STAMPS))])
            db.executemany(codec(Person).upsert_of(columns), rows)
        held = [reader_of(Person).held(row) for row in db.execute(f"SELECT {codec(Person).select} FROM person")]
    assert held == [({"name": "王小明"}, STAMPS)]


@pytest.mark.parametrize("cls", RECORD_TYPES, ids=lambda cls: cls.spec.name)
def test_a_row_and_its_record_tell_the_same(cls: type[Record]) -> None:
    record = record_of(cls, ID, full(cls), STAMPS)
    values, stamps = reader_of(cls).held(codec(cls).row(record))
    assert (values, stamps) == (parts_of(record), STAMPS)


@pytest.mark.parametrize(
    "cls, values",
    [
        (Person, {"name": "王小明", "blood_group": "O", "birth": {"birth_date": "2016-05-01", "hour": "子时"}}),
        (Person, {"name": 5, "birth": {"birth_date": "soon", "lunar_text": "腊月"}, "phones": "138"}),
        (Person, {"birth": {"hour": "子时"}}),
        (Child, {"categories": [], "unheard": {"of": ["x"]}}),
        (ElderVisit, {"typed_at": "2026-05-01T08:00:00.000+08:00", "visited_on": "2026-05-01"}),
    ],
)
def test_what_this_desk_does_not_know_and_how_it_was_written_come_back(
    cls: type[Record], values: dict[str, Any]
) -> None:
    row = writer_of(cls).row(ID, values, STAMPS)
    assert reader_of(cls).held(row)[0] == {name: value for name, value in values.items() if value != []}
