"""Read a save that travels inside another record: what the county refused, or what is proposed to a new owner."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.records import Person


@dataclass(frozen=True, slots=True)
class SentChange:
    """What a save did to one record; without bases nobody had seen the record before: it is a new one."""

    type: str
    record: str
    after: Mapping[str, Any]
    bases: Mapping[str, str]

    @property
    def is_new(self) -> bool:
        """Whether the save made the record."""
        return not self.bases


def changes_in(content: str | None) -> tuple[SentChange, ...]:
    """The changes of a save that is kept as JSON; none when it cannot be read, so that the rest is still shown."""
    try:
        found = json.loads(content or "{}").get("changes", ())
        return tuple(_change(each) for each in found)
    except (ValueError, AttributeError, TypeError, KeyError):
        return ()


def registered_in(contents: Iterable[str | None]) -> dict[str, Person]:
    """Id → who is registered in these saves, with a name: nobody may have them but in what is sent back or proposed."""
    told = (change for content in contents for change in changes_in(content) if change.type == "person")
    named = ((change.record, change.after.get("name")) for change in told)
    return {id_: Person(id=id_, name=name) for id_, name in named if isinstance(name, str) and name}


def _change(found: Mapping[str, Any]) -> SentChange:
    return SentChange(
        str(found["type"]), str(found.get("record", "")), dict(found.get("after", {})), dict(found.get("bases", {}))
    )
