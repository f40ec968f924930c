"""What lies in the bin, in words: whose it is, what it says, who deleted it and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.cases.deleted import Deletion, deletions
from app.clock import CHINA
from app.records import Attachment, Child, ChildVisit, Elder, ElderVisit, Household, Kinship, Person
from app.records.codes import code_list
from app.records.record import Record
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader


@dataclass(frozen=True, slots=True)
class BinLine:
    """One deletion as it is shown."""

    deletion: Deletion
    name: str
    what: str

    @property
    def at(self) -> str:
        """When, on the clock of the village."""
        return self.deletion.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")

    def left(self, today: date) -> str:
        """How long it can still be brought back."""
        days = self.deletion.days_left(today)
        return tr("送到县里再算") if days is None else tr("{days} 天", days=days)


def bin_lines(reader: Reader) -> list[BinLine]:
    """The last deleted first."""
    found = deletions(reader)
    records = [record for deletion in found for record in deletion.records]
    people = reader.many(Person, {id_ for record in records for id_ in _named(record)})
    people |= {record.id: record for record in records if isinstance(record, Person)}
    return [_line(deletion, people) for deletion in found]


def _named(record: Record) -> Iterable[str]:
    relative = record.relative if isinstance(record, Kinship) else None
    return [id_ for id_ in (record.spec.subject_of(record), relative) if id_]


def _line(deletion: Deletion, people: Mapping[str, Person]) -> BinLine:
    persons = [record for record in deletion.records if isinstance(record, Person)]
    first = persons[0] if persons else deletion.records[0]
    owner = people.get(first.spec.subject_of(first) or "")
    name = (owner.name if owner else None) or ""
    if persons:
        labels = [record.spec.label for record in deletion.records if isinstance(record, (Child, Elder))]
        capacities = "、".join(label.removesuffix("档案") for label in labels)
        return BinLine(deletion, name, tr("{capacities}登记", capacities=capacities))
    if isinstance(first, Household):
        return BinLine(deletion, first.head_name or "", first.spec.label)
    more = tr("等 {n} 条", n=len(deletion.records)) if len(deletion.records) > 1 else ""
    return BinLine(deletion, name, say(first, people) + more)


def say(record: Record, people: Mapping[str, Person]) -> str:
    """A record in a few words."""
    if isinstance(record, (ChildVisit, ElderVisit)):
        day = record.visited_on.isoformat() if record.visited_on else ""
        return tr("{day} 的{mode}走访", day=day, mode=code_list("visit_mode").label(record.mode))
    if isinstance(record, Kinship):
        relative = people.get(record.relative or "")
        relation = code_list("relation").label(record.relation)
        return tr("亲属：{relation} {name}", relation=relation, name=(relative.name if relative else None) or "")
    if isinstance(record, Attachment):
        return record.title or code_list("attachment_kind").label(record.kind)
    return record.spec.label
