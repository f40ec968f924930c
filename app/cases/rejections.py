"""What the county could not take: shown with everything that was in it, and put aside once it is dealt with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.cases.conflicts import item_words, value_words
from app.cases.register import place_of
from app.errors import UserError
from app.policy import access
from app.policy.access import Actor
from app.records import BY_NAME, Person, Rejection
from app.records.codes import code_list
from app.store.reader import Reader
from app.store.repository import Store
from app.store.results import Changes

MENDED, WITHDRAWN = "mended", "withdrawn"


@dataclass(frozen=True, slots=True)
class Refused:
    """A rejection as it is shown: whose record, why, and what was in it as (item, value)."""

    rejection: Rejection
    person: str = field(repr=False)
    reason: str
    lines: tuple[tuple[str, str], ...] = field(repr=False)


def open_rejections(reader: Reader) -> list[Refused]:
    """What still waits to be dealt with, the oldest first."""
    found = [each for each in reader.every(Rejection) if (each.state or "open") == "open"]
    people = reader.many(Person, {each.subject for each in found if each.subject})
    return [_shown(each, people) for each in found]


def settle_rejection(store: Store, actor: Actor, rejection: Rejection, state: str) -> Changes:
    """Put a rejection aside as mended or withdrawn. Raises UserError, NotAllowed."""
    if (rejection.state or "open") != "open":
        raise UserError("这一条已经处理过了，没有再改。")
    access.require(actor, "write", "rejection", place_of(store, rejection))
    settled = replace(rejection, state=state, settled_by=actor.name, settled_at=store.clock.now())
    return store.save(actor, (rejection, settled), verb="settle")


def _shown(rejection: Rejection, people: Mapping[str, Person]) -> Refused:
    person = people.get(rejection.subject or "")
    reason = code_list("rejection_reason").label(rejection.reason)
    return Refused(rejection, (person.name or "") if person else "", reason, tuple(_lines(rejection.content)))


def _lines(content: str | None) -> Iterator[tuple[str, str]]:
    """Every part of the unit that was refused; nothing when it cannot be read."""
    try:
        changes = json.loads(content or "{}").get("changes", ())
    except (ValueError, AttributeError):
        return
    for change in changes:
        for part, value in change.get("after", {}).items():
            yield item_words(change["type"], part), _words(change["type"], part, value)


def _words(type_name: str, part: str, value: Any) -> str:
    """A part's value in words: groups by their fields, sets by what was put in and taken out."""
    cls = BY_NAME.get(type_name)
    known = cls.spec.parts.get(part) if cls else None
    if known is None:
        return "是" if value is True else str(value or "")
    if known.is_group:
        told = [(each, (value or {}).get(each.name)) for each in known.fields]
        return "，".join(value_words(each, raw) for each, raw in told if raw not in (None, "", []))
    if isinstance(value, dict):
        added, removed = (value_words(known.fields[0], value.get(step) or []) for step in ("add", "remove"))
        return "；".join(
            words for words, step in ((f"加 {added}", "add"), (f"去 {removed}", "remove")) if value.get(step)
        )
    return value_words(known.fields[0], value)
