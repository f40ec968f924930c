"""What was written elsewhere about somebody who now belongs here: taken over as a whole, in part, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from app.cases.register import place_of
from app.cases.sent_units import SentChange, changes_in, registered_in
from app.cases.wording import EMPTY, People, in_words, item_words, part_words, people_in, type_words
from app.errors import BadValue, NotFound, UserError
from app.policy import access
from app.policy.access import Actor
from app.records import BY_NAME, Person, Proposal
from app.records.divisions import division, short_name
from app.records.part_values import part_value
from app.records.record import Record
from app.store.reader import Reader
from app.store.repository import Edit, Store
from app.store.results import DIVISIONS, Changes
from app.store.rows import DELETED
from app.store.saving import with_parts

ACCEPTED, DECLINED = "accepted", "declined"
Wanted = tuple[SentChange, Mapping[str, object]]
Key = tuple[str, str, str]
"""(type, record, part) of one item; the part is empty for a record that would be made."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item that can be taken over or left: what it is called, what is there now, what is proposed.

    ``can_take`` is false for what this desk cannot lay down: a kind it does not know, a record that is not here.
    """

    key: Key
    what: str
    now: str = field(repr=False)
    proposed: str = field(repr=False)
    lines: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    can_take: bool = True

    @property
    def is_new(self) -> bool:
        """Whether taking it makes a record."""
        return not self.key[2]

    @property
    def is_so(self) -> bool:
        """Whether it is already as proposed."""
        return not self.is_new and self.now == self.proposed


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as it is shown: whose record, from which village, by whom, and every item of it."""

    proposal: Proposal
    person: str = field(repr=False)
    village: str
    items: tuple[Item, ...]
    is_own: bool
    """Whether the person is filed with this very post; of a wider area others will see to it first."""


def open_proposals(reader: Reader) -> list[Proposed]:
    """What still waits for an answer, those of one's own village first, the oldest first."""
    found = reader.find(Proposal, state="open")
    named = {id_ for each in found for id_ in _named_in(each)}
    people = {**registered_in(each.content for each in found), **reader.many(Person, named)}
    own = reader.setting(DIVISIONS) or [(reader.setting("post") or {}).get("org")]
    shown = [_shown(reader, each, people, own) for each in found]
    return sorted(shown, key=lambda each: not each.is_own)


def _named_in(proposal: Proposal) -> Iterator[str]:
    if proposal.subject:
        yield proposal.subject
    for change in changes_in(proposal.content):
        yield from people_in(change.type, change.after)


def _shown(reader: Reader, proposal: Proposal, people: People, own: Sequence[str]) -> Proposed:
    person = people.get(proposal.subject or "")
    items = tuple(item for change in changes_in(proposal.content) for item in _items(reader, change, people))
    return Proposed(
        proposal, (person.name or "") if person else "", _village(proposal.from_org), items,
        person is None or person.org in own,
    )  # fmt: skip


def _village(org: str | None) -> str:
    return short_name(org) if org and division(org) else "别的村"


def _items(reader: Reader, change: SentChange, people: People) -> Iterator[Item]:
    cls = BY_NAME.get(change.type)
    record = reader.get(cls, change.record) if cls and change.record else None
    told = type_words(change.type)
    if record is None and change.is_new:
        lines = tuple(in_words(change.type, change.after, people))
        yield Item((change.type, change.record, ""), f"新的{told}", "", "", lines, cls is not None)
        return
    for part, value in change.after.items():
        what = item_words(change.type, part)
        becomes, can_take = _becomes(record, change.type, part, value, people)
        yield Item(
            (change.type, change.record, part), what if change.type == "person" else f"{told}：{what}",
            _now(record, part, people), becomes, can_take=can_take,
        )  # fmt: skip


def _now(record: Record | None, part: str, people: People) -> str:
    """What the record says here and now."""
    if record is None:
        return "（记录不在这台电脑上）"
    if part == DELETED:
        return part_words(record.spec.name, part, False)
    known = record.spec.parts.get(part)
    value = part_value(record, known) if known else record.extra.get(part)
    return part_words(record.spec.name, part, value, people) or EMPTY


def _becomes(
    record: Record | None, type_name: str, part: str, value: object, people: People
) -> tuple[str, bool]:  # fmt: skip
    """What it would say – of a set, everything that would then be in it – and whether it can be laid down here."""
    if record is not None and part != DELETED:
        with suppress(BadValue):
            return _now(with_parts(record, {part: value}), part, people), True
    is_deletion = part == DELETED and record is not None
    return part_words(type_name, part, value, people), is_deletion


def settle_proposal(
    store: Store, actor: Actor, proposal: Proposal, state: str, parts: Collection[Key] | None = None
) -> Changes:
    """Take a proposal over (``accepted``: everything, or only the items named) or leave it (``declined``).

    What is taken over is the settler's own edit of what is here now; records that would be made keep what their
    author wrote, the visitor's name for one. Edits and settlement are one unit. Raises UserError, NotAllowed.
    """
    if (proposal.state or "open") != "open":
        raise UserError("这一条已经有人处理过了，没有再改。", advice="可以在历史里看到是谁处理的。")
    access.require(actor, "write", "proposal", place_of(store, proposal))
    wanted = _wanted(changes_in(proposal.content), parts) if state == ACCEPTED else []
    settled = replace(proposal, state=state, settled_by=actor.name, settled_at=store.clock.now())
    edits = [_edit(store, actor, change, after) for change, after in wanted]
    with store.together():
        changes = store.save(actor, (proposal, settled), *edits, verb="settle")
        going = [record for change, after in wanted if (record := _to_delete(store, actor, change, after))]
        return changes | store.delete(actor, *going, batch=changes.batch) if going else changes


def _wanted(changes: Sequence[SentChange], parts: Collection[Key] | None) -> list[Wanted]:
    """Of each change the parts that are to be taken over. Raises UserError when that is nothing."""
    found = [(change, {part: change.after[part] for part in _chosen(change, parts)}) for change in changes]
    if not any(after for _, after in found):
        raise UserError("没有改动。一项也没有选。", advice="请先选要用的几项，或者选「不用」。")
    return [each for each in found if each[1]]


def _chosen(change: SentChange, parts: Collection[Key] | None) -> list[str]:
    if parts is None or (change.type, change.record, "") in parts:
        return list(change.after)
    return [part for part in change.after if (change.type, change.record, part) in parts]


def _edit(store: Store, actor: Actor, change: SentChange, after: Mapping[str, object]) -> Edit:
    """The record as it is here with the wanted parts laid over it, or the record that is made."""
    cls = BY_NAME.get(change.type)
    if cls is None:
        raise UserError("没有改动。里面有这个版本的程序不认识的记录。", advice="请先升级程序，或者只选认识的几项。")
    record = store.get(cls, change.record)
    if record is None and not change.is_new:
        raise NotFound("没有改动。里面说的一条记录已经不在这台电脑上。", advice="请只选别的几项，或者选「不用」。")
    edited = with_parts(record or cls(id=change.record), after)
    access.require(actor, "write", change.type, place_of(store, record or edited))
    return record, edited


def _to_delete(store: Store, actor: Actor, change: SentChange, after: Mapping[str, object]) -> Record | None:
    """The record that goes into the bin, if that was proposed and wanted."""
    cls = BY_NAME.get(change.type)
    record = store.get(cls, change.record) if cls and after.get(DELETED) else None
    if record is not None:
        access.require(actor, "delete", change.type, place_of(store, record))
    return record
