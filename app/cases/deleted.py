"""The bin: entries that were wrong are taken out, what was taken out is seen, and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from app.cases.register import place_of
from app.cases.visits import AnyVisit
from app.clock import CHINA
from app.policy import access
from app.policy.access import Actor
from app.records import Child, ChildVisit, Elder, ElderVisit, Person, Sheet
from app.records.ids import new_id
from app.records.record import Record
from app.store.reader import Reader
from app.store.repository import Store
from app.store.results import Change, Changes

KEPT_DAYS = 90
"""So long a deleted record can be brought back; only the county empties the bin (sync.md, "Deletion")."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """What was deleted at once: the records, by whom and when, and whether the county has heard of it."""

    records: tuple[Record, ...] = field(repr=False)
    at: datetime
    author: str
    batch: str
    is_sent: bool = True

    def days_left(self, today: date) -> int | None:
        """How long it can surely be brought back; None while the county, which counts the days, has not heard of it.

        The day of an own deletion is that of this computer's clock, which may be years off: never more than all.
        """
        if not self.is_sent:
            return None
        return max(0, min(KEPT_DAYS, KEPT_DAYS - (today - self.at.astimezone(CHINA).date()).days))


def deletions(reader: Reader) -> list[Deletion]:
    """What lies in the bin, the last deleted first; what was deleted together stands together."""
    gathered: dict[str, list[tuple[Record, Change]]] = {}
    for record in reader.bin():
        history = reader.history(record.spec.name, record.id)
        change = next((each for each in reversed(history) if "@deleted" in each.after), history[-1])
        gathered.setdefault(change.batch or record.id, []).append((record, change))
    found = [
        Deletion(
            tuple(record for record, _ in group), group[0][1].at, group[0][1].author, batch,
            all(change.state not in ("unsent", "sent") for _, change in group),
        )
        for batch, group in gathered.items()
    ]  # fmt: skip
    return sorted(found, key=lambda deletion: deletion.at, reverse=True)


def remove_person(store: Store, actor: Actor, person_id: str) -> Changes:
    """Take somebody off the register who should never have stood there: a slip, an invention, one entered twice.

    Who dies, moves or leaves is not deleted but has an event. Visits, kin and papers stay, and are seen again when
    the person is brought back. Raises NotAllowed.
    """
    person = store.require(Person, person_id)
    access.require(actor, "delete", "person", person.org or "")
    profiles = [found for cls in (Child, Elder) if (found := store.get(cls, person_id)) is not None]
    return store.delete(actor, *profiles, person)


def remove_visit(store: Store, actor: Actor, visit: AnyVisit) -> Changes:
    """Take out a visit that did not take place; the sheet it was typed in from waits again. Raises NotAllowed."""
    access.require(actor, "delete", visit.spec.name, place_of(store, visit))
    batch = new_id()
    with store.together():
        changes = store.delete(actor, visit, batch=batch)
        sheet = store.get(Sheet, visit.sheet) if visit.sheet else None
        if sheet is not None and sheet.typed_record == visit.id:
            waiting = replace(sheet, state="printed", typed_at=None, typed_record=None)
            changes |= store.save(actor, (sheet, waiting), batch=batch)
        store.drop_draft(visit.spec.name, visit.id)
    return changes


def put_back(store: Store, actor: Actor, records: Sequence[Record]) -> Changes:
    """Take records out of the bin, and mark the sheets of visits as typed in again. Raises NotAllowed."""
    for record in records:
        access.require(actor, "delete", record.spec.name, place_of(store, record))
    changes = store.restore(actor, *records)
    for visit in (record for record in records if isinstance(record, (ChildVisit, ElderVisit))):
        sheet = store.get(Sheet, visit.sheet) if visit.sheet else None
        if sheet is not None and sheet.typed_record is None:
            typed = replace(sheet, state="entered", typed_at=store.clock.now(), typed_record=visit.id)
            changes |= store.save(actor, (sheet, typed), batch=changes.batch)
    return changes
