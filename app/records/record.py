"""What a record is: a frozen dataclass whose fields each carry a note, from which everything else is derived."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from app.errors import BadValue, Problem, UnknownField


class Kind(StrEnum):
    """What a field holds: in memory, in a column, in JSON."""

    TEXT = "text"  # str, one line
    LONG = "long"  # str, several lines
    CHOICE = "choice"  # str, a code of the list that ``of`` names
    CHOICES = "choices"  # tuple[str, ...], codes; a set
    LINES = "lines"  # tuple[str, ...], short texts such as phones; a set
    DAY = "day"  # date
    MOMENT = "moment"  # datetime, aware
    NUMBER = "number"  # int
    FLAG = "flag"  # bool
    REF = "ref"  # str, the id of a record of the type that ``of`` names


SETS = frozenset({Kind.CHOICES, Kind.LINES})


class Merge(StrEnum):
    """What happens when two desks change the same field without having seen each other (sync.md)."""

    LATEST = "latest"  # the later arrival is current, the other is listed
    ASK = "ask"  # the current value stays, the other is listed and must be looked at
    UNION = "union"  # sets: both stay


Value = str | int | bool | date | datetime | tuple[str, ...] | None
FieldCheck = Callable[[Any, date], str | None]
"""(value, today) → what is wrong, in words, or None. A message that begins with 「？」 is a warning."""


@dataclass(frozen=True, slots=True)
class Field:
    """The note that each field of a record carries. ``group`` joins fields that only make sense together."""

    label: str
    kind: Kind
    of: str = ""
    required: bool = False
    limit: int = 0
    private: bool = False
    merge: Merge = Merge.LATEST
    group: str = ""
    section: str = ""
    check: FieldCheck | None = None
    name: str = ""

    def problems(self, value: Value, today: date) -> Iterator[Problem]:
        """What is wrong with one value by itself."""
        if value is None or value == () or value == "":
            if self.required:
                yield Problem(self.name, f"「{self.label}」还没有填。")
            return
        if self.limit and isinstance(value, str) and len(value) > self.limit:
            yield Problem(self.name, f"「{self.label}」最多 {self.limit} 个字，现在是 {len(value)} 个字。")
        if self.check and (message := self.check(value, today)):
            warning = message.startswith("？")
            yield Problem(self.name, f"「{self.label}」{message.removeprefix('？')}", warning)


@dataclass(frozen=True, slots=True)
class Part:
    """What travels and is merged as one: a field by itself, or the fields of a group."""

    name: str
    fields: tuple[Field, ...]
    merge: Merge
    is_group: bool
    """Whether the part's value is a mapping of its fields rather than one value."""
    holds_many: bool
    """Whether its value is a list of entries."""
    is_set: bool
    """Whether it travels as entries put in and taken out; a list that is merged otherwise travels whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The root of all record types.

    ``extra`` keeps fields that a newer desk wrote and this one does not know. ``stamps`` says, by part, which
    version of the value was loaded; it is what an edit is based on, however much arrives before it is saved.
    """

    id: str = ""
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    stamps: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    spec: ClassVar[RecordType]


R = TypeVar("R", bound=Record)
RecordCheck = Callable[[Any, date], Iterable[Problem]]


class RecordType:
    """What is known of one record type: its name, its words, its fields in order, its parts and its checks."""

    def __init__(
        self,
        name: str,
        label: str,
        cls: type[Record],
        checks: Sequence[RecordCheck],
        *,
        profile: bool = False,
    ) -> None:
        self.name = name
        self.label = label
        self.cls = cls
        self.checks = tuple(checks)
        self.is_profile = profile
        self.fields: tuple[Field, ...] = tuple(_notes(cls))
        self.by_name: Mapping[str, Field] = {field.name: field for field in self.fields}

    def __repr__(self) -> str:
        return f"<RecordType {self.name}>"

    @cached_property
    def parts(self) -> Mapping[str, Part]:
        """The parts by name; the merge rule of a group is the strictest of its fields'."""
        gathered: dict[str, list[Field]] = {}
        for field in self.fields:
            gathered.setdefault(field.group or field.name, []).append(field)
        return {name: _part(name, tuple(fields)) for name, fields in gathered.items()}

    def subject_of(self, record: Record) -> str | None:
        """The person a record belongs to and whose place it follows; None for what stands by itself, a household.

        A profile has the person's id; a person is its own subject.
        """
        if "subject" in self.by_name:
            subject: str | None = getattr(record, "subject")  # noqa: B009
            return subject
        return record.id if self.is_profile or self.name == "person" else None

    def field(self, name: str) -> Field:
        """The field of this name; UnknownField when there is none."""
        try:
            return self.by_name[name]
        except KeyError:
            raise UnknownField(f"什么都没有改动。「{self.label}」里没有叫 {name} 的项目。") from None

    def problems(self, record: Record, today: date) -> tuple[Problem, ...]:
        """Everything that keeps the record from being finished, in the order of its fields, all at once."""
        found = [problem for field in self.fields for problem in field.problems(getattr(record, field.name), today)]
        for check in self.checks:
            found.extend(check(record, today))
        order = {field.name: place for place, field in enumerate(self.fields)}
        return tuple(sorted(found, key=lambda problem: order.get(problem.field, len(order))))


def record(
    name: str, label: str, *, checks: Sequence[RecordCheck] = (), profile: bool = False
) -> Callable[[type[R]], type[R]]:
    """Give a dataclass its place among the record types: the English name and the Chinese word for it.

    A ``profile`` describes a person further and has the person's id, so that two desks that register the same
    known person meet.
    """

    def mark(cls: type[R]) -> type[R]:
        cls.spec = RecordType(name, label, cls, checks, profile=profile)
        return cls

    return mark


def problems(record: Record, today: date) -> tuple[Problem, ...]:
    """What keeps a record from being finished."""
    return record.spec.problems(record, today)


def _notes(cls: type[Record]) -> Iterator[Field]:
    for declared in dataclasses.fields(cls):
        note = declared.metadata.get("field")
        if note is not None:
            yield dataclasses.replace(note, name=declared.name)


def _part(name: str, fields: tuple[Field, ...]) -> Part:
    is_group, merge = bool(fields[0].group), _strictest(fields)
    holds_many = not is_group and fields[0].kind in SETS
    return Part(name, fields, merge, is_group, holds_many, holds_many and merge is Merge.UNION)


def _strictest(fields: Iterable[Field]) -> Merge:
    rules = {field.merge for field in fields}
    return next(rule for rule in (Merge.ASK, Merge.LATEST, Merge.UNION) if rule in rules)


# The calls that a record's fields are declared with. Each returns a dataclass field; the type says Any because the
# annotation beside it says what the field holds.


def _note(kind: Kind, label: str, default: Value = None, **note: Any) -> Any:
    if kind in SETS:
        note.setdefault("merge", Merge.UNION)
    private = bool(note.get("private"))
    return dataclasses.field(default=default, repr=not private, metadata={"field": Field(label, kind, **note)})


def text(label: str, **note: Any) -> Any:
    """One line of text."""
    return _note(Kind.TEXT, label, **note)


def long_text(label: str, **note: Any) -> Any:
    """Several lines; the national form takes 200 characters (domain.md, 2.6.3)."""
    note.setdefault("limit", 200)
    return _note(Kind.LONG, label, **note)


def choice(label: str, codes: str, **note: Any) -> Any:
    """One code of a list."""
    return _note(Kind.CHOICE, label, of=codes, **note)


def choices(label: str, codes: str, **note: Any) -> Any:
    """Any number of codes of a list; a set, merged by union."""
    return _note(Kind.CHOICES, label, (), of=codes, **note)


def lines(label: str, **note: Any) -> Any:
    """Any number of short texts; a set, merged by union unless ``merge`` says otherwise."""
    return _note(Kind.LINES, label, (), **note)


def day(label: str, **note: Any) -> Any:
    """A date without a time."""
    return _note(Kind.DAY, label, **note)


def moment(label: str, **note: Any) -> Any:
    """An instant, aware, in UTC."""
    return _note(Kind.MOMENT, label, **note)


def number(label: str, **note: Any) -> Any:
    """A whole number; the unit belongs into the label."""
    return _note(Kind.NUMBER, label, **note)


def flag(label: str, **note: Any) -> Any:
    """Yes, no, or not recorded (None): the national statistics keep a 未采集 bucket (domain.md, 2.6.2)."""
    return _note(Kind.FLAG, label, **note)


def ref(label: str, to: str, **note: Any) -> Any:
    """The id of another record; it may not be here yet, for pages of an exchange come in any order."""
    return _note(Kind.REF, label, of=to, **note)


# Values in and out of JSON, the same on the wire, in drafts, in history and on the command line.


def to_json(value: Value) -> Any:
    """A value as JSON holds it: dates as ISO text, sets as sorted lists."""
    if isinstance(value, tuple):
        return sorted(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def from_json(field: Field, raw: Any) -> Value:
    """A JSON value as the field holds it; BadValue when it cannot be that."""
    if raw is None or raw == "":
        return () if field.kind in SETS else None
    try:
        return _READERS[field.kind](raw)
    except (ValueError, TypeError, AttributeError):
        raise BadValue(
            f"什么都没有改动。「{field.label}」读不懂：{_shown(raw)}。", advice=_ADVICE.get(field.kind, "")
        ) from None


def _shown(raw: Any) -> str:
    return str(raw)[:40].encode(errors="replace").decode()


def _read_text(raw: Any) -> Value:
    return _tidy(raw, " ") or None


def _read_long(raw: Any) -> Value:
    return _tidy(raw, "\n") or None


def _read_set(raw: Any) -> Value:
    items = raw if isinstance(raw, (list, tuple)) else [raw]
    return tuple(sorted({_tidy(item, " ") for item in items} - {""}))


def _tidy(raw: Any, line_end: str) -> str:
    """NFC without what no eye sees: controls, and marks that turn the direction or hide between characters.

    Half of a surrogate pair is no character at all, and nothing could store it.
    """
    if not isinstance(raw, str):
        raise TypeError
    raw.encode()
    plain = unicodedata.normalize("NFC", _LINE_ENDS.sub(line_end, raw))
    return _INVISIBLE.sub("", plain).strip()


_LINE_ENDS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def _read_day(raw: Any) -> Value:
    return date.fromisoformat(raw[:10]) if len(raw) == 10 else datetime.fromisoformat(raw).date()


def _read_moment(raw: Any) -> Value:
    instant = datetime.fromisoformat(raw)
    if instant.tzinfo is None:
        raise ValueError
    return instant


def _read_number(raw: Any) -> Value:
    if isinstance(raw, bool) or (isinstance(raw, float) and not raw.is_integer()):
        raise ValueError
    number = int(raw)
    if abs(number) >= 1 << 63:  # more than a column holds
        raise ValueError
    return number


def _read_flag(raw: Any) -> Value:
    if not isinstance(raw, bool) and raw not in (0, 1):
        raise ValueError
    return bool(raw)


_READERS: Mapping[Kind, Callable[[Any], Value]] = {
    Kind.TEXT: _read_text,
    Kind.LONG: _read_long,
    Kind.CHOICE: _read_text,
    Kind.REF: _read_text,
    Kind.CHOICES: _read_set,
    Kind.LINES: _read_set,
    Kind.DAY: _read_day,
    Kind.MOMENT: _read_moment,
    Kind.NUMBER: _read_number,
    Kind.FLAG: _read_flag,
}
_ADVICE: Mapping[Kind, str] = {
    Kind.DAY: "日期请写成 2026-03-05 这样。",
    Kind.MOMENT: "时间请写成 2026-03-05T08:00:00+08:00 这样。",
    Kind.NUMBER: "这里要填整数。",
    Kind.FLAG: "这里只能是 true 或 false。",
}


def body(record: Record) -> dict[str, Any]:
    """The record as a JSON object without what is empty, unknown fields of newer desks included; no id."""
    known = {field.name: getattr(record, field.name) for field in record.spec.fields}
    filled = {name: to_json(value) for name, value in known.items() if value is not None and value != ()}
    return {**record.extra, **filled}


def from_body(cls: type[R], id_: str, found: Mapping[str, Any]) -> R:
    """A record from what ``body`` gives; what this desk does not know, or cannot read, is kept in ``extra``."""
    known = cls.spec.by_name
    values: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, raw in found.items():
        try:
            (values if name in known else extra)[name] = from_json(known[name], raw) if name in known else raw
        except BadValue:
            extra[name] = raw
    return cls(id=id_, extra=extra, **values)


def amended(record: R, changes: Mapping[str, Any]) -> R:
    """The record with some fields given as JSON values; UnknownField for a name it does not have."""
    values: dict[str, Any] = {name: from_json(record.spec.field(name), raw) for name, raw in changes.items()}
    return dataclasses.replace(record, **values)
