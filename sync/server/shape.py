"""What a change must look like before anything else is asked of it."""

from __future__ import annotations

import re
from functools import lru_cache
from math import isfinite
from typing import Any, TypeGuard

from app.records import BY_NAME
from app.records.divisions import is_within
from app.records.ids import is_id
from sync.merge import REST, State, is_set_op
from sync.messages import Change
from sync.server.sitting import TELLS_OF

TYPE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}").fullmatch
PART_NAME = re.compile(r"[@a-z][A-Za-z0-9_.]{0,63}").fullmatch
BASE_NAME = re.compile(r"=?[@a-z][A-Za-z0-9_.]{0,63}").fullmatch
BASE = re.compile(r"|~[0-9]{1,18}|~?[0-9a-f]{1,16}:[0-9]{1,18}|=[0-9a-f]{0,1000000}:[0-9]{1,18}").fullmatch
"""What was seen: nothing; an own save by its number; a stamp (with ``~`` from earlier programs); the entries of a set
(``app.records.shown``)."""
LARGEST_UNIT = 1 << 20
DEEPEST = 16
_HUGE = 1 << 63
_PLAIN = frozenset({str, bool, type(None)})
MOST_CHANGES, MOST_PARTS = 1_000, 300
"""Of one save, and of one change: no honest one has nearly as many, and each costs a question or a listing."""
LARGEST_RECORD = 2 << 20
"""Bytes of a record: every desk that sees it must be able to read it, with others beside it, at once."""
MOST_ENTRIES = 1_000
"""Nobody puts more into a set at once; each is looked for among all that came before."""
LONGEST_REFERENCE = 64
"""An id has 32 signs, a division 12; both are in indexes, which do not bear any length."""


class Refused(Exception):
    """This unit cannot be taken; ``reason`` is a code of ``rejection_reason``."""

    def __init__(self, reason: str, explanation: str) -> None:
        super().__init__(explanation)
        self.reason = reason
        self.explanation = explanation


def check_shape(change: Change) -> None:
    """Names, ids and the two references that decide about the place. Raises Refused."""
    if not TYPE_NAME(change.type):
        raise Refused("bad_value", "记录种类的名称不对。")
    if not is_id(change.record):
        raise Refused("bad_value", "记录的编号不对。")
    if len(change.after) > MOST_PARTS or len(change.bases) > 2 * MOST_PARTS:
        raise Refused("too_large", "一次改的项目太多。")
    declared = _declared(change.type)
    for parts, is_name in ((change.after, PART_NAME), (change.bases, BASE_NAME)):
        if not (declared.issuperset(parts) or all(map(is_name, parts.keys() - declared))):
            raise Refused("bad_value", "项目的名称不对。")
    for value in change.after.values():
        if type(value) not in _PLAIN and not _is_fit(value):
            raise Refused("bad_value", "项目的内容不对。")
    if not all(map(BASE, change.bases.values())):
        raise Refused("bad_value", "所依据的保存不对。")
    for name in ("org", "subject"):
        value = change.after.get(name)
        if not (value is None or (isinstance(value, str) and len(value) <= LONGEST_REFERENCE and "\0" not in value)):
            raise Refused("bad_value", f"「{name}」的内容不对。")


def check_wish(change: Change, county: str) -> None:
    """Nobody is moved into another county, and what the county itself writes is only settled. Raises Refused."""
    org = change.after.get("org")
    if org and not is_within(org, county):
        raise Refused("bad_value", f"「{org}」是外县的区划代码，县里只收本县的。转到外县，请打印档案交过去。")
    if change.type in TELLS_OF and change.after.keys() & (_declared(change.type) | {"org"}) - {"settlement", REST}:
        raise Refused("not_allowed", "这一类记录由县里写，在电脑上只能处理它。")


def _is_fit(value: Any) -> bool:
    """Whether a value can be kept, and if it is entries of a set, whether they are words."""
    return _is_plain(value) and (not is_set_op(value) or all(map(_is_words, value.values())))


def _is_words(value: Any) -> bool:
    return type(value) is list and len(value) <= MOST_ENTRIES and all(type(each) is str for each in value)


def _is_plain(value: Any, depth: int = DEEPEST) -> bool:
    """Whether a value is one that every desk can keep: bytes, numbers of any size, a thousand lists one in the other
    could be sent, and whoever is given them could never read again."""
    kind = type(value)
    if kind is int:
        return bool(-_HUGE <= value < _HUGE)
    if kind is float:
        return isfinite(value)
    if kind is list:
        return depth > 0 and all(_is_plain(each, depth - 1) for each in value)
    if kind is dict:
        return depth > 0 and all(type(name) is str and _is_plain(each, depth - 1) for name, each in value.items())
    return kind in _PLAIN


@lru_cache(200)
def _declared(type_: str) -> frozenset[str]:
    """Names that need not be looked at: those that this program gave itself."""
    cls = BY_NAME.get(type_)
    return frozenset((REST, *cls.spec.parts)) if cls else frozenset((REST,))


def is_digest(value: Any) -> TypeGuard[str]:
    """Whether a value can name an attachment's bytes."""
    return isinstance(value, str) and len(value) == 64


def subject_of(change: Change, state: State | None = None) -> str:
    """The person whom a record belongs to; empty for what stands by itself."""
    if _is_person(change.type):
        return change.record
    found = (state.body if state else change.after).get("subject")
    return found if isinstance(found, str) else ""


@lru_cache(200)
def _is_person(type_: str) -> bool:
    """Whether records of this type have the id of the person whom they are about."""
    cls = BY_NAME.get(type_)
    return type_ == "person" or (cls is not None and cls.spec.is_profile)
