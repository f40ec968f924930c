"""How one item of a record is called, and what it says, in the words of the page it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.clock import CHINA
from app.records import BY_NAME, Person
from app.records.codes import code_list
from app.records.divisions import is_code, short_name
from app.records.record import Field, Kind, Part
from app.store.rows import DELETED

EMPTY = "（空）"
ELSEWHERE = "（不在这台电脑上的人）"
People = Mapping[str, Person]
NOBODY: People = {}
NOTHING: tuple[Any, ...] = (None, [], "")


def part_of(type_name: str, part: str) -> Part | None:
    """The part of a type; None for what this version of the program does not know."""
    cls = BY_NAME.get(type_name)
    return cls.spec.parts.get(part) if cls else None


def type_words(type_name: str) -> str:
    """What a kind of record is called."""
    cls = BY_NAME.get(type_name)
    return cls.spec.label if cls else type_name


def item_words(type_name: str, part: str) -> str:
    """What a part is called: its field's label, or the labels of its group."""
    if part == DELETED:
        return "删除"
    known = part_of(type_name, part)
    return "、".join(field.label for field in known.fields[:3]) if known else part


def part_words(type_name: str, part: str, value: Any, people: People = NOBODY) -> str:
    """A part's value: of a group what is filled in it, of a set what it holds or what is put in and taken out."""
    if part == DELETED:
        return "删除这条记录" if value else "保留这条记录"
    known = part_of(type_name, part)
    if known is None:
        return EMPTY if value in (None, "", []) else str(value)
    if isinstance(value, dict):
        return _group(known, value, people) if known.is_group else _steps(known.fields[0], value)
    return value_words(known.fields[0], value, people)


def _group(part: Part, value: Mapping[str, Any], people: People) -> str:
    told = [(field, value.get(field.name)) for field in part.fields]
    return "，".join(
        f"{field.label} {value_words(field, raw, people)}" for field, raw in told if raw not in NOTHING
    )


def _steps(field: Field, value: Mapping[str, Any]) -> str:
    words = ((word, value.get(step)) for word, step in (("加", "add"), ("去", "remove")))
    return "；".join(f"{word} {value_words(field, entries)}" for word, entries in words if entries) or EMPTY


def value_words(field: Field, raw: Any, people: People = NOBODY) -> str:
    """A JSON value as a person reads it: codes by their label, places and people by their names, sets joined."""
    if raw is None or raw == [] or raw == "":
        return EMPTY
    if field.kind is Kind.FLAG:
        return "是" if raw else "否"
    if isinstance(raw, list):
        return "、".join(value_words(replace(field, kind=_single(field.kind)), each) for each in raw)
    if field.kind is Kind.CHOICE:
        return code_list(field.of).label(raw) or str(raw)
    if field.kind is Kind.REF:
        return _whom(field, str(raw), people)
    if field.kind is Kind.MOMENT:
        return _moment(str(raw))
    return short_name(raw) or raw if isinstance(raw, str) and is_code(raw) else str(raw)


def _single(kind: Kind) -> Kind:
    return Kind.CHOICE if kind is Kind.CHOICES else Kind.TEXT


def _whom(field: Field, id_: str, people: People) -> str:
    if field.of != "person":
        return "另一条" + type_words(field.of)
    person = people.get(id_)
    return (person.name or ELSEWHERE) if person else ELSEWHERE


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text


def people_in(type_name: str, after: Mapping[str, Any]) -> Iterator[str]:
    """The ids of persons that the values of a record name."""
    for name, value in after.items():
        known = part_of(type_name, name)
        for field in known.fields if known else ():
            raw = value.get(field.name) if isinstance(value, dict) else value
            if field.kind is Kind.REF and field.of == "person" and isinstance(raw, str):
                yield raw


def in_words(type_name: str, after: Mapping[str, Any], people: People = NOBODY) -> Iterator[tuple[str, str]]:
    """Each field or part that holds something, as (item, value); whose it is stands above them."""
    for name, value in after.items():
        part = part_of(type_name, name)
        if value in (None, "", [], {}) or name == "subject":
            continue
        if part and part.is_group and isinstance(value, dict):
            told = ((field, value.get(field.name)) for field in part.fields)
            yield from ((field.label, value_words(field, raw, people)) for field, raw in told if raw not in NOTHING)
        else:
            yield item_words(type_name, name), part_words(type_name, name, value, people)
