"""Settling what two people changed differently: by either side, by both, or by a third value; offline too."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.cases.register import place_of
from app.cases.wording import NOBODY, People, item_words, part_words, people_in, type_words, value_words
from app.errors import NotFound, UserError
from app.policy import access
from app.policy.access import Actor
from app.records import BY_NAME, Conflict, Person, Record
from app.records.part_values import part_value
from app.records.record import SETS, Field, Kind
from app.store.reader import Reader
from app.store.repository import Edit, Store
from app.store.results import Changes
from app.store.rows import DELETED
from app.store.saving import with_parts

MINE, THEIRS, BOTH, OTHER = "mine", "theirs", "both", "value"
OF_THE_PERSON = frozenset({"person", "child", "elder"})
"""What stands on the person's own page; of other records the kind is said too."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two values, in words, with who wrote it and when it reached the county."""

    value: Any
    words: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A conflict as it is shown: whose record, which item, mine, theirs, and before.

    ``settled`` says what two people each chose who did not know of each other; it is open again because of that.
    """

    conflict: Conflict
    person: str
    item: str
    mine: Side
    theirs: Side
    before: str
    can_keep_both: bool
    settled: tuple[Side, ...] = ()


def open_conflicts(reader: Reader, actor: Actor) -> list[Difference]:
    """What is still to be settled, the oldest first; those that must be looked at before the others."""
    still_open = (conflict for conflict in reader.every(Conflict) if (conflict.state or "open") == "open")
    conflicts = [_brought_up_to_date(reader, conflict) for conflict in still_open]
    names = reader.many(Person, _named_in(conflicts))
    shown = [_difference(conflict, actor, names) for conflict in conflicts]
    return sorted(shown, key=lambda difference: not difference.conflict.must_ask)


def _brought_up_to_date(reader: Reader, conflict: Conflict) -> Conflict:
    """With what the record says now: whoever had written what stood by then may have written on since."""
    cls = BY_NAME.get(conflict.about_type or "")
    part = cls.spec.parts.get(conflict.part or "") if cls else None
    record = reader.get(cls, conflict.about or "") if cls else None
    if part is None or record is None:
        return conflict
    now = part_value(record, part)
    if now == _value(conflict.current):
        return conflict
    wrote = [each for each in reader.history(record.spec.name, record.id) if part.name in each.after]
    author, at = (wrote[-1].author, wrote[-1].at) if wrote else (None, None)
    current = None if now is None else json.dumps(now, ensure_ascii=False)
    return replace(conflict, current=current, current_by=author, current_at=at)


def _named_in(conflicts: Sequence[Conflict]) -> set[str]:
    """Whose they are, and whom their values name."""
    found = {conflict.subject for conflict in conflicts if conflict.subject}
    for conflict in conflicts:
        for text in (conflict.current, conflict.other, conflict.before):
            found.update(people_in(conflict.about_type or "", {conflict.part or "": _value(text)}))
    return found


def _difference(conflict: Conflict, actor: Actor, names: People) -> Difference:
    fields = apart(conflict)
    tell = partial(_words, conflict, fields, names)
    current = _side(tell, conflict.current, conflict.current_by, conflict.current_at)
    other = _side(tell, conflict.other, conflict.other_by, conflict.other_at)
    mine, theirs = (other, current) if conflict.other_by == actor.name else (current, other)
    person = names.get(conflict.subject or "")
    return Difference(
        conflict, (person.name or "") if person else "", _item(conflict, fields), mine, theirs,
        tell(_value(conflict.before)), _is_joinable(conflict), tuple(_earlier(conflict, tell)),
    )  # fmt: skip


def apart(conflict: Conflict) -> tuple[Field, ...]:
    """Of several fields that belong together, those that are not the same on both sides."""
    one, other = _value(conflict.current), _value(conflict.other)
    if not isinstance(one, dict) or not isinstance(other, dict):
        return ()
    return tuple(field for field in _part_fields(conflict) if one.get(field.name) != other.get(field.name))


def _item(conflict: Conflict, fields: Sequence[Field]) -> str:
    type_name = conflict.about_type or ""
    labels = "、".join(field.label for field in fields) or item_words(type_name, conflict.part or "")
    return labels if type_name in OF_THE_PERSON else f"{type_words(type_name)}：{labels}"


def _side(tell: Callable[[Any], str], value: str | None, by: str | None, at: Any) -> Side:
    read = _value(value)
    return Side(read, tell(read), by or "", at.isoformat() if at else "")


def _earlier(conflict: Conflict, tell: Callable[[Any], str]) -> Iterator[Side]:
    """What each of them chose, who, and when by their own clock."""
    found = _value(conflict.earlier)
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict) and (at := each.get("settled_at")):
            value = _value(each.get("settled_value"))
            yield Side(value, tell(value), str(each.get("settled_by") or ""), str(at))


def _words(conflict: Conflict, fields: Sequence[Field], names: People, value: Any) -> str:
    """What a side says; of a group only what differs, and its label only where there is more than one."""
    if not fields or not isinstance(value, dict):
        return part_words(conflict.about_type or "", conflict.part or "", value, names)
    if len(fields) == 1:
        return value_words(fields[0], value.get(fields[0].name), names)
    return "，".join(f"{field.label} {value_words(field, value.get(field.name), names)}" for field in fields)


def _value(text: str | None) -> Any:
    """The JSON value; a text that is none is shown as it is, so that one bad line does not hide all the others."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def settle(store: Store, actor: Actor, conflict: Conflict, keep: str, value: Any = None) -> Changes:
    """Settle a conflict with ``mine``, ``theirs``, ``both`` (sets and long texts) or ``value`` with one.

    The settlement and the record's new value are one unit: they are accepted together. Raises UserError, NotFound.
    """
    if (conflict.state or "open") != "open":
        raise UserError("这一条已经有人处理过了，没有再改。", advice="可以在历史里看到是谁处理的。")
    access.require(actor, "write", conflict.about_type or "", place_of(store, conflict))
    shown = _difference(_brought_up_to_date(store, conflict), actor, NOBODY)
    chosen = _chosen(shown, keep, value)
    settled = replace(
        conflict, state=keep, settled_value=json.dumps(chosen, ensure_ascii=False), settled_by=actor.name,
        settled_at=store.clock.now(),
    )  # fmt: skip
    with store.together():
        changes = store.save(actor, (conflict, settled), *_edit(store, conflict, chosen), verb="settle")
        return changes | _settled_deletion(store, actor, conflict, bool(chosen), changes.batch)


def typed(conflict: Conflict, text: str) -> Any:
    """The value that a line of text means for what a conflict is about: as JSON, or as one writes it down."""
    if text.startswith(("{", "[", '"')):
        return _value(text)
    fields, part = apart(conflict), _part_fields(conflict)
    if len(fields) == 1:
        return {**(_value(conflict.current) or {}), fields[0].name: _plain(fields[0], text)}
    return _plain(part[0], text) if len(part) == 1 else _value(text)


def _plain(field: Field, text: str) -> Any:
    if field.kind in SETS:
        return [word for word in re.split("[、，,;；\\s]+", text) if word]
    return _value(text) if field.kind in (Kind.NUMBER, Kind.FLAG) else text


def _settled_deletion(store: Store, actor: Actor, conflict: Conflict, is_to_go: bool, batch: str) -> Changes:
    """When it was about deleting: into the bin if that was chosen; kept, it is where it was."""
    cls = BY_NAME.get(conflict.about_type or "")
    record = store.get(cls, conflict.about or "") if cls and conflict.part == DELETED and is_to_go else None
    return store.delete(actor, record, batch=batch) if record else Changes()


def _chosen(shown: Difference, keep: str, value: Any) -> Any:
    if keep == MINE:
        return shown.mine.value
    if keep == THEIRS:
        return shown.theirs.value
    if keep == BOTH and shown.can_keep_both:
        return _joined(shown.mine.value, shown.theirs.value)
    if keep == OTHER:
        return value
    raise UserError("没有改动。这一项不能两个都留，请选一个。")


def _joined(mine: Any, theirs: Any) -> Any:
    if isinstance(mine, list) or isinstance(theirs, list):
        return sorted({*(mine or ()), *(theirs or ())})
    return "；".join(dict.fromkeys(str(text) for text in (mine, theirs) if text))


def _edit(store: Store, conflict: Conflict, chosen: Any) -> Sequence[Edit]:
    """The record brought to the chosen value, based on what is current here; nothing when it is that already."""
    cls = BY_NAME.get(conflict.about_type or "")
    if cls is None or conflict.part == DELETED:
        return ()
    record = store.get(cls, conflict.about or "")
    if record is None:
        raise NotFound("这条记录已经不在这台电脑上，没有改动。", advice="请由现在管它的村来处理。")
    return [(record, with_part(record, conflict.part or "", chosen))]


def with_part(record: Record, part: str, value: Any) -> Record:
    """The record with one part set to a JSON value, whatever kind of part it is."""
    known = record.spec.parts.get(part)
    if known and known.is_set:
        now = set(part_value(record, known) or ())
        value = {"add": sorted(set(value or ()) - now), "remove": sorted(now - set(value or ()))}
    return with_parts(record, {part: value})


def _is_joinable(conflict: Conflict) -> bool:
    part = _part_fields(conflict)
    return len(part) == 1 and part[0].kind in (*SETS, Kind.LONG) and not part[0].group


def _part_fields(conflict: Conflict) -> tuple[Field, ...]:
    cls = BY_NAME.get(conflict.about_type or "")
    part = cls.spec.parts.get(conflict.part or "") if cls else None
    return part.fields if part else ()
