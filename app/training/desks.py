"""Practice workspaces: a village's register put into an encrypted store as if it had been written there for months."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from app.cases.agenda import default_planner
from app.cases.posts import actor as actor
from app.clock import Clock, FixedClock
from app.records import Attachment, Person
from app.records.dates import full_age
from app.records.ids import new_id
from app.records.record import Record
from app.store.repository import Edit
from app.store.workspace import Workspace, create_store, open_store
from app.training import places
from app.training.portraits import portrait
from app.training.village import Village

KIND = "practice"
DRAWN = frozenset((
    "周谷雨", "周小满", "郑秀兰", "杨石头", "马有福", "王芳", "李䶮", "阿·木·乃", "陈立冬", "吴夏至", "何春分",
    "何清明", "何芒种",
))  # fmt: skip
"""Whose portraits are drawn: the people that the lesson meets."""


def new_desk(folder: Path, org: str, role: str, name: str, *, clock: Clock | None = None) -> Workspace:
    """An empty practice workspace of a post. Raises what ``create_store`` raises."""
    made = create_store(
        folder, places.PASSPHRASE, post=places.post(org, role), holder_name=name, kind=KIND, clock=clock,
        planner=default_planner(),
    )  # fmt: skip
    return made.store


def village_desk(folder: Path, village: Village, *, clock: Clock | None = None, portraits: bool = True) -> Workspace:
    """A child director's workspace with the whole register in it."""
    store = new_desk(folder, village.org, "child_director", village.director, clock=clock)
    plant(store, village)
    if portraits:
        draw_portraits(store, village)
    return store


def reopened(folder: Path, *, clock: Clock | None = None) -> Workspace:
    """A practice workspace that was made before."""
    return open_store(folder, places.PASSPHRASE, clock=clock, planner=default_planner())


def plant(store: Workspace, village: Village) -> None:
    """Save the register chapter by chapter, each under its own date, so that every record has its history."""
    by, present = actor(store), store.clock
    kept: dict[tuple[str, str], Record] = {}
    try:
        for chapter in village.chapters:
            store.clock = FixedClock(_noon(chapter.on))
            edits: list[Edit] = [_edit(kept, record) for record in chapter.records]
            saved = store.save(by, *edits, verb="register")
            kept.update(((record.spec.name, record.id), record) for record in saved.records)
    finally:
        store.clock = present


def draw_portraits(store: Workspace, village: Village) -> None:
    """Give the people of the lesson a drawn face."""
    drawn = [person for person in village.persons.values() if person.name in DRAWN]
    loaded = store.many(Person, [person.id for person in drawn])
    edits: list[Edit] = []
    for person in loaded.values():
        age = full_age(person.birth_date, village.chapters[-1].on) if person.birth_date else 40
        picture = portrait(person.name or "", person.sex or "", age)
        photo = Attachment(
            id=new_id(), subject=person.id, kind="photo", title="画像", media_type="image/png",
            sha256=store.attach_blob(picture), size=len(picture),
        )  # fmt: skip
        edits += [(None, photo), (person, replace(person, photo=photo.id))]
    store.save(actor(store), *edits, verb="register")


def _edit(kept: dict[tuple[str, str], Record], record: Record) -> Edit:
    """The record as it was saved before, with its stamps, and as it becomes."""
    before = kept.get((record.spec.name, record.id))
    return before, replace(record, stamps=before.stamps) if before else record


def _noon(on: date) -> datetime:
    return datetime.combine(on, time(4), UTC)
