"""How the store came to its present shape: one named function a step, each in one transaction.

Migrations speak for themselves and never import record types; a test compares where they arrive with what the
record types declare. An encrypted copy is made before any of them runs (workspace.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils.migrations import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

migrations = Migrations("shouwang")
STEPS = ("m0001_records", "m0002_keeping", "m0003_places")
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

RECORDS_0001 = """
CREATE TABLE person (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    org TEXT,
    village_group TEXT,
    name TEXT,
    other_names TEXT,
    sex TEXT,
    ethnic_group TEXT,
    birth_date TEXT,
    birth_precision TEXT,
    birth_source TEXT,
    lunar_text TEXT,
    id_type TEXT,
    id_number TEXT,
    id_state TEXT,
    id_to_verify INTEGER,
    id_text TEXT,
    hukou_class TEXT,
    hukou_nature TEXT,
    registered_division TEXT,
    registered_address TEXT,
    lives_at_registered INTEGER,
    current_division TEXT,
    current_address TEXT,
    residence_since TEXT,
    residence_proof TEXT,
    phones TEXT,
    household TEXT,
    relation_to_head TEXT,
    work_place TEXT,
    income_sources TEXT,
    marital TEXT,
    education TEXT,
    health TEXT,
    disability_types TEXT,
    disability_level TEXT,
    disability_card TEXT,
    serious_illnesses TEXT,
    chronic_illnesses TEXT,
    health_other TEXT,
    died_on TEXT,
    death_note TEXT,
    moved_out_on TEXT,
    moved_out_to TEXT,
    photo TEXT,
    same_as TEXT,
    note TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX person_by_id_number ON person (id_number);
CREATE INDEX person_by_name_birth_date ON person (name, birth_date);
CREATE INDEX person_by_household ON person (household);
CREATE INDEX person_by_org_village_group ON person (org, village_group);
CREATE TABLE household (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    org TEXT,
    village_group TEXT,
    head TEXT,
    head_name TEXT,
    household_number TEXT,
    address TEXT,
    phones TEXT,
    member_count INTEGER,
    poverty_monitor_type TEXT,
    benefits TEXT,
    income_sources TEXT,
    annual_income INTEGER,
    housing TEXT,
    note TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX household_by_org_village_group ON household (org, village_group);
CREATE TABLE kinship (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT,
    relative TEXT,
    relation TEXT,
    is_guardian INTEGER,
    is_caregiver INTEGER,
    lives_with INTEGER,
    situation TEXT,
    situation_since TEXT,
    situation_until TEXT,
    situation_proof TEXT,
    entrusted_since TEXT,
    entrusted_until TEXT,
    entrusted_reason TEXT,
    last_contact_on TEXT,
    is_complete INTEGER,
    note TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX kinship_by_subject ON kinship (subject);
CREATE INDEX kinship_by_relative ON kinship (relative);
CREATE TABLE child (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    child_number TEXT,
    categories TEXT,
    risk_level TEXT,
    risk_reason TEXT,
    priority_watch INTEGER,
    registered_on TEXT,
    schooling TEXT,
    grade TEXT,
    school TEXT,
    boards_at_school INTEGER,
    student_number TEXT,
    guardianship_type TEXT,
    guardianship_grade TEXT,
    improper_guardianship TEXT,
    improper_other TEXT,
    single_parent INTEGER,
    single_parent_reason TEXT,
    caregiver_reason TEXT,
    has_caregiver INTEGER,
    last_parent_contact_on TEXT,
    special_conditions TEXT,
    help_measures TEXT,
    support_recommendations TEXT,
    economy_sources TEXT,
    living_summary TEXT,
    social_relations TEXT,
    employment TEXT,
    allowance_note TEXT,
    institution TEXT,
    institution_head TEXT,
    institution_nature TEXT,
    institution_landline TEXT,
    institution_phone TEXT,
    institution_address TEXT,
    changed_on TEXT,
    change_note TEXT,
    exited_on TEXT,
    exit_reason TEXT,
    last_paid_month TEXT,
    note TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE elder (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    categories TEXT,
    risk_level TEXT,
    risk_reason TEXT,
    priority_watch INTEGER,
    registered_on TEXT,
    living_situation TEXT,
    self_care TEXT,
    medical_payments TEXT,
    income_sources TEXT,
    help_measures TEXT,
    religion TEXT,
    emergency_contacts TEXT,
    supporters_note TEXT,
    needs TEXT,
    changed_on TEXT,
    change_note TEXT,
    exited_on TEXT,
    exit_reason TEXT,
    note TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE stay (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT,
    place TEXT,
    since TEXT,
    until TEXT,
    whereabouts TEXT,
    with_whom TEXT,
    phones TEXT,
    note TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX stay_by_subject ON stay (subject);
CREATE TABLE child_visit (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT,
    visited_on TEXT,
    mode TEXT,
    purpose TEXT,
    outcome TEXT,
    not_met_reason TEXT,
    visitors TEXT,
    place TEXT,
    child_seen INTEGER,
    injuries TEXT,
    mood TEXT,
    child_is_with TEXT,
    informant TEXT,
    informant_relation TEXT,
    informant_address TEXT,
    last_parent_contact_on TEXT,
    living TEXT,
    family TEXT,
    guardianship TEXT,
    mind TEXT,
    guardian_opinion TEXT,
    schooling TEXT,
    schooling_detail TEXT,
    concerns TEXT,
    concern_note TEXT,
    actions TEXT,
    support_recommendations TEXT,
    priority_watch INTEGER,
    next_visit_on TEXT,
    kept_answers TEXT,
    outing TEXT,
    sheet TEXT,
    typed_by TEXT,
    typed_at TEXT,
    finished_at TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX child_visit_by_subject_deleted_outcome_visited_on ON child_visit (subject, deleted, outcome, visited_on);
CREATE INDEX child_visit_by_visited_on_outcome_deleted_subject ON child_visit (visited_on, outcome, deleted, subject);
CREATE TABLE elder_visit (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT,
    visited_on TEXT,
    mode TEXT,
    purpose TEXT,
    outcome TEXT,
    not_met_reason TEXT,
    visitors TEXT,
    present TEXT,
    elder_seen INTEGER,
    falls INTEGER,
    mood TEXT,
    home_dangers TEXT,
    health TEXT,
    health_note TEXT,
    takes_medicine TEXT,
    diet TEXT,
    sleep TEXT,
    orientation TEXT,
    self_care_changed INTEGER,
    living_with TEXT,
    last_child_contact_on TEXT,
    support_performed TEXT,
    hygiene TEXT,
    money_risk TEXT,
    needs TEXT,
    policies_explained TEXT,
    actions TEXT,
    referral TEXT,
    risk_level TEXT,
    photo_consent INTEGER,
    note TEXT,
    next_visit_on TEXT,
    kept_answers TEXT,
    outing TEXT,
    sheet TEXT,
    typed_by TEXT,
    typed_at TEXT,
    finished_at TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX elder_visit_by_subject_deleted_outcome_visited_on ON elder_visit (subject, deleted, outcome, visited_on);
CREATE INDEX elder_visit_by_visited_on_outcome_deleted_subject ON elder_visit (visited_on, outcome, deleted, subject);
CREATE TABLE sheet (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    org TEXT,
    number TEXT,
    form TEXT,
    form_version TEXT,
    person TEXT,
    printed_at TEXT,
    printed_by TEXT,
    state TEXT,
    typed_at TEXT,
    typed_record TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX sheet_by_number ON sheet (number);
CREATE INDEX sheet_by_person ON sheet (person);
CREATE TABLE attachment (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT,
    about TEXT,
    kind TEXT,
    title TEXT,
    sha256 TEXT,
    size INTEGER,
    media_type TEXT,
    taken_on TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX attachment_by_subject ON attachment (subject);
CREATE TABLE conflict (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT,
    about_type TEXT,
    about TEXT,
    part TEXT,
    must_ask INTEGER,
    before TEXT,
    current TEXT,
    current_by TEXT,
    current_at TEXT,
    other TEXT,
    other_by TEXT,
    other_at TEXT,
    state TEXT,
    settled_value TEXT,
    settled_by TEXT,
    settled_at TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX conflict_by_state ON conflict (state);
CREATE INDEX conflict_by_about ON conflict (about);
CREATE TABLE rejection (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    subject TEXT,
    unit TEXT,
    about_type TEXT,
    about TEXT,
    reason TEXT,
    explanation TEXT,
    content TEXT,
    author TEXT,
    refused_at TEXT,
    state TEXT,
    settled_by TEXT,
    settled_at TEXT,
    extra TEXT,
    stamps TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX rejection_by_state ON rejection (state);
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
