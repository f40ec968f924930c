"""What the county could not take: shown with everything that was in it, and put aside once it is dealt with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.cases.register import place_of
from app.cases.sent_units import SentChange, changes_in, registered_in
from app.cases.wording import in_words, people_in
from app.errors import UserError
from app.policy import access
from app.policy.access import Actor
from app.records import BY_NAME, Person, Rejection
from app.records.codes import code_list
from app.records.record import Record
from app.store.reader import Reader
from app.store.repository import Store
from app.store.results import Author, Changes
from app.store.saving import with_parts

MENDED, WITHDRAWN = "mended", "withdrawn"
TYPED_ON_PAGES = frozenset({"person", "child", "elder", "household", "child_visit", "elder_visit"})
"""What is edited in a form that keeps drafts; the rest is made again on the person's page."""
OF_THE_PLACE = frozenset({"not_allowed", "foreign_village"})
"""Reasons that a supervisor can do something about; the others are for whoever runs the county's server."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A rejection as it is shown: whose record, why, and what was in it as (item, value)."""

    rejection: Rejection
    person: str = field(repr=False)
    reason: str
    lines: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def can_correct(self) -> bool:
        """Whether a page can show it with the refused values laid in."""
        laid = any(change.type in TYPED_ON_PAGES for change in changes_in(self.rejection.content))
        return bool(self.rejection.subject) or laid


def open_rejections(reader: Reader) -> list[Refused]:
    """What still waits to be dealt with, the oldest first."""
    found = [each for each in reader.every(Rejection) if (each.state or "open") == "open"]
    named = {id_ for each in found for id_ in _named_in(each)}
    people = {**registered_in(each.content for each in found), **reader.many(Person, named)}
    return [_shown(each, people) for each in found]


def settle_rejection(store: Store, actor: Actor, rejection: Rejection, state: str) -> Changes:
    """Put a rejection aside as mended or withdrawn. Raises UserError, NotAllowed."""
    if (rejection.state or "open") != "open":
        raise UserError("这一条已经处理过了，没有再改。")
    access.require(actor, "write", "rejection", place_of(store, rejection))
    settled = replace(rejection, state=state, settled_by=actor.name, settled_at=store.clock.now())
    return store.save(actor, (rejection, settled), verb="settle")


def _named_in(rejection: Rejection) -> Iterator[str]:
    if rejection.subject:
        yield rejection.subject
    for change in changes_in(rejection.content):
        yield from people_in(change.type, change.after)


def who_can_help(rejection: Rejection) -> str:
    """Whom to hand it to, in words."""
    return "乡镇督导员" if rejection.reason in OF_THE_PLACE else "县里管系统的人"


def lay_in(store: Store, by: Author, rejection: Rejection) -> list[Record]:
    """Lay the refused values into the forms they were typed in, as drafts; gives the records as they then stand.

    What is half typed there already stays beneath. Nothing is saved: the worker puts it right first.
    """
    with store.together():
        return [_laid_in(store, by, each) for each in changes_in(rejection.content) if each.type in TYPED_ON_PAGES]


def _laid_in(store: Store, by: Author, change: SentChange) -> Record:
    cls = BY_NAME[change.type]
    draft = store.draft(change.type, change.record)
    loaded = draft.loaded if draft else store.get(cls, change.record)
    beneath = draft.edited if draft else loaded or cls(id=change.record)
    edited = with_parts(beneath, change.after)
    if edited != beneath:
        store.put_draft(by, loaded, edited)
    return edited


def _shown(rejection: Rejection, people: Mapping[str, Person]) -> Refused:
    person = people.get(rejection.subject or "")
    reason = code_list("rejection_reason").label(rejection.reason)
    lines = tuple(line for each in changes_in(rejection.content) for line in in_words(each.type, each.after, people))
    return Refused(rejection, (person.name or "") if person else "", reason, lines)
