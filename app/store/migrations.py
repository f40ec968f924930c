"""How the store came to its present shape: one named function a step, each in one transaction.

Migrations speak for themselves and never import record types; a test compares where they arrive with what the
record types declare. An encrypted copy is made before any of them runs (workspace.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils.migrations import Migrations

from app.store.first_records import RECORDS_0001

if TYPE_CHECKING:
    from sqlite_utils import Database

migrations = Migrations("shouwang")
STEPS = ("m0001_records", "m0002_keeping", "m0003_places", "m0004_lighter")
"""All steps that this version knows; a store with another one was written by a newer version."""


def _run(db: Database, script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement.strip().removesuffix(";"))


@migrations()
def m0001_records(db: Database) -> None:
    """The record tables of the first edition."""
    _run(db, RECORDS_0001)


@migrations()
def m0002_keeping(db: Database) -> None:
    """History and outbox in one, drafts, the roll that says who is due, search, the print and access log."""
    _run(db, KEEPING_0002)


@migrations()
def m0003_places(db: Database) -> None:
    """What comes from a desk that a record has left, who is the same person, own saves kept sealed for the county."""
    _run(db, PLACES_0003)


@migrations()
def m0004_lighter(db: Database) -> None:
    """Nobody asks for saves by their subject, and those of other desks belong to no batch: noting that of each made a
    first exchange longer."""
    _run(db, LIGHTER_0004)


KEEPING_0002 = """
CREATE TABLE unit (
    n INTEGER PRIMARY KEY,
    seq INTEGER UNIQUE,
    batch TEXT,
    verb TEXT NOT NULL,
    subject TEXT,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    made_at TEXT NOT NULL,
    state TEXT NOT NULL,
    epoch TEXT,
    stamp INTEGER
);
CREATE INDEX unit_unsent ON unit (seq) WHERE state IN ('unsent', 'sent');
CREATE INDEX unit_by_stamp ON unit (epoch, stamp);
CREATE INDEX unit_by_batch ON unit (batch);
CREATE INDEX unit_by_subject ON unit (subject);
CREATE TABLE change (
    n INTEGER PRIMARY KEY,
    unit INTEGER NOT NULL,
    place INTEGER NOT NULL,
    type TEXT NOT NULL,
    record TEXT NOT NULL,
    created INTEGER NOT NULL DEFAULT 0,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    bases TEXT NOT NULL
);
CREATE INDEX change_by_unit ON change (unit, place);
CREATE INDEX change_by_record ON change (record, unit);
CREATE TABLE shadow (
    type TEXT NOT NULL,
    record TEXT NOT NULL,
    body TEXT NOT NULL,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (type, record)
) WITHOUT ROWID;
CREATE TABLE carried (
    type TEXT NOT NULL,
    record TEXT NOT NULL,
    subject TEXT,
    org TEXT,
    body TEXT NOT NULL,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (type, record)
) WITHOUT ROWID;
CREATE TABLE county_row (
    type TEXT NOT NULL,
    record TEXT NOT NULL,
    org TEXT,
    h1 INTEGER NOT NULL,
    h2 INTEGER NOT NULL,
    PRIMARY KEY (type, record)
) WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE holder (id TEXT PRIMARY KEY, name TEXT NOT NULL, added_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE draft (
    type TEXT NOT NULL,
    record TEXT NOT NULL,
    subject TEXT,
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    loaded TEXT,
    stamps TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (type, record)
) WITHOUT ROWID;
CREATE TABLE transfer (
    sha256 TEXT NOT NULL,
    direction TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL,
    PRIMARY KEY (sha256, direction)
) WITHOUT ROWID;
CREATE TABLE audit (
    n INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    verb TEXT NOT NULL,
    detail TEXT NOT NULL,
    chain TEXT NOT NULL
);
CREATE TABLE roll (
    person INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    org TEXT NOT NULL,
    village_group TEXT NOT NULL,
    group_key TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    risk_level TEXT NOT NULL,
    categories TEXT NOT NULL,
    birth_date TEXT,
    last_visited_on TEXT,
    due_on TEXT,
    due_mode TEXT,
    due_rule TEXT,
    due_reason TEXT,
    active INTEGER NOT NULL,
    PRIMARY KEY (person, kind)
) WITHOUT ROWID;
CREATE INDEX roll_by_due ON roll (kind, active, due_on, org);
CREATE INDEX roll_by_org ON roll (kind, active, org, due_on);
CREATE INDEX roll_by_place ON roll (
    kind, active, group_key, sort_key, village_group, org, risk_level, categories, birth_date, due_on, person
);
CREATE VIRTUAL TABLE search USING fts5(
    name, pinyin, initials, place, tail,
    content = '', contentless_delete = 1, tokenize = 'unicode61', prefix = '1 2 3'
);
"""

PLACES_0003 = """
ALTER TABLE conflict ADD COLUMN earlier TEXT;
CREATE TABLE sealed (
    seq INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    content BLOB NOT NULL
);
CREATE TABLE proposal (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT,
    unit TEXT,
    about_type TEXT,
    about TEXT,
    content TEXT,
    author TEXT,
    from_org TEXT,
    proposed_at TEXT,
    state TEXT,
    settled_by TEXT,
    settled_at TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX proposal_by_state ON proposal (state);
CREATE TABLE alias (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT,
    other TEXT,
    state TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX alias_by_subject ON alias (subject);
CREATE INDEX alias_by_other ON alias (other);
"""

LIGHTER_0004 = """
DROP INDEX unit_by_subject;
DROP INDEX unit_by_batch;
CREATE INDEX unit_by_batch ON unit (batch) WHERE batch IS NOT NULL;
"""
