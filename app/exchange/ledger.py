"""Read a whole ledger: its tables, what its columns mean, and each row as values of our own fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from app.exchange import refusals
from app.exchange.errors import NoTableFound
from app.exchange.headings import PART_LABELS, PARTS, Guess, part_fields, signature, suggest
from app.exchange.identities import read_identity, settle
from app.exchange.reading import Cell, open_workbook, text_of
from app.exchange.tables import Row, Table, find_tables
from app.exchange.values import (
    EMPTY,
    Reading,
    Severity,
    clean,
    not_yet,
    read_added_code,
    read_disability,
    read_name_and_phones,
    read_value,
)
from app.records.record import Field, Value

Values = dict[str, Value]
Progress = Callable[[int, int], None]
HAPPENED = ("birth_date", "registered_on", "situation_since", "last_contact_on", "last_parent_contact_on")
TELL_EVERY = 500


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell. ``column`` counts from 0; -1 when it concerns the whole row."""

    column: int
    heading: str
    target: str
    message: str
    severity: Severity = Severity.WARNING

    def __str__(self) -> str:
        place = f"{column_letters(self.column)} 列「{self.heading}」：" if self.column >= 0 else ""
        return place + self.message


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of a ledger as values of record fields; ``cells`` is what stood there, to give refused rows back."""

    sheet: str
    row_number: int
    cells: tuple[Cell, ...]
    subject: Values
    father: Values
    mother: Values
    caregiver: Values
    household: Values
    problems: tuple[CellProblem, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the row cannot be imported at all."""
        return any(problem.severity is Severity.REFUSED for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Ledger:
    """An opened file with a suggestion for every column; ``kind`` is "child" or "elder"."""

    path: Path
    kind: str
    tables: tuple[Table, ...]
    guesses: Mapping[str, tuple[Guess, ...]] = field(default_factory=dict)


def open_ledger(
    path: Path, kind: str = "child", remembered: Mapping[str, Sequence[str]] | None = None
) -> Ledger:
    """Open a file and suggest what its columns mean; ``remembered`` holds confirmed mappings by signature.

    Raises SpreadsheetRefused with a sentence for the user.
    """
    tables = find_tables(open_workbook(path))
    return Ledger(path, kind, tables, {signature(t.headings): suggest(t.headings, kind, remembered) for t in tables})


def targets_of(ledger: Ledger) -> dict[str, list[str]]:
    """The suggested mapping of each table's columns by signature: what the mapping screen shows and stores."""
    return {name: [guess.target for guess in guesses] for name, guesses in ledger.guesses.items()}


def read_rows(
    ledger: Ledger,
    today: date,
    mapping: Mapping[str, Sequence[str]] | None = None,
    progress: Progress | None = None,
) -> tuple[ImportRow, ...]:
    """Every row of every table. ``mapping`` (by signature, as ``targets_of`` gives it) overrules the suggestions.

    Raises NoTableFound when no column is mapped to the person's name.
    """
    chosen = {**targets_of(ledger), **(mapping or {})}
    if not any("subject.name" in targets for targets in chosen.values()):
        raise NoTableFound(
            f"{refusals.UNCHANGED}表里没有哪一列是「姓名」。", advice="请在对照表里指出哪一列是姓名，再导入。"
        )
    total = sum(len(table.rows) for table in ledger.tables)
    rows: list[ImportRow] = []
    for table in ledger.tables:
        reader = _RowReader(ledger.kind, table, chosen[signature(table.headings)], today)
        for row in table.rows:
            rows.append(reader.read(row))
            if progress and len(rows) % TELL_EVERY == 0:
                progress(len(rows), total)
    return tuple(rows)


def column_letters(column: int) -> str:
    """The name of a column as the spreadsheet program shows it: A, B … AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


CellReader = Callable[[Cell], Reading]


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    heading: str
    part: str
    target: str
    read: CellReader
    known: dict[Cell, Reading] = field(default_factory=dict)


class _RowReader:
    """Reads the rows of one table with one reader for each mapped column."""

    def __init__(self, kind: str, table: Table, targets: Sequence[str], today: date) -> None:
        self.table = table
        self.today = today
        self.fields = {part: part_fields(kind, part) for part in PARTS}
        self.columns = [
            _Column(heading.column, heading.label, target.partition(".")[0], target, reader)
            for heading, target in zip(table.headings, targets, strict=False)
            if target and (reader := _reader(target, self.fields))
        ]
        self.places = {column.target: column for column in reversed(self.columns)}

    def read(self, row: Row) -> ImportRow:
        parts: dict[str, Values] = {part: {} for part in PARTS}
        problems: list[CellProblem] = []
        for column in self.columns:
            cell = row.cells[column.index] if column.index < len(row.cells) else None
            if cell is None:
                continue
            found = column.known.get(cell)
            if found is None:
                found = column.known[cell] = column.read(cell)
            if found.values:
                _merge(parts[column.part], found.values)
            if found.problem:
                problems.append(_problem(column, found.problem, found.severity))
        self._complete(parts, row, problems)
        return ImportRow(self.table.sheet, row.number, row.cells, **parts, problems=tuple(problems))

    def _complete(self, parts: dict[str, Values], row: Row, problems: list[CellProblem]) -> None:
        if row.group:
            parts["subject"].setdefault("village_group", row.group)
        for part, values in parts.items():
            if not values:
                continue
            for name, message in settle(values):
                problems.append(self._at(part, name, message))
            self._drop_what_is_not_yet(part, values, problems)
        if "name" not in parts["subject"] and not any(p.severity is Severity.REFUSED for p in problems):
            problems.append(self._at("subject", "name", "没有姓名", Severity.REFUSED))

    def _drop_what_is_not_yet(self, part: str, values: Values, problems: list[CellProblem]) -> None:
        for name in HAPPENED:
            if not_yet(values.get(name), self.today):
                problems.append(self._at(part, name, f"是 {values.pop(name)}，还没有到，这一格没有导入"))

    def _at(
        self, part: str, name: str, message: str, severity: Severity = Severity.WARNING
    ) -> CellProblem:
        column = self.places.get(f"{part}.{name}") or self.places.get(f"{part}.id_number")
        if column is None:
            label = PART_LABELS.get(part, "") + self.fields[part][name].label
            return CellProblem(-1, "", f"{part}.{name}", f"「{label}」{message}", severity)
        return _problem(column, message, severity)


def _problem(column: _Column, message: str, severity: Severity) -> CellProblem:
    return CellProblem(column.index, column.heading, column.target, message, severity)


def _merge(values: Values, found: Mapping[str, Value]) -> None:
    """Add a cell's values: sets grow, a long text is continued, anything else keeps what came first."""
    for name, value in found.items():
        if name not in values:
            values[name] = value
            continue
        before = values[name]
        if isinstance(before, tuple) and isinstance(value, tuple):
            values[name] = tuple(sorted({*before, *value}))
        elif name == "note" and isinstance(before, str) and value != before:
            values[name] = f"{before}；{value}"


def _reader(target: str, fields: Mapping[str, Mapping[str, Field]]) -> CellReader | None:
    """How the cells of a column with this target are read; None for a target that this version does not know."""
    part, _, name = target.partition(".")
    own = fields.get(part, {})
    name, _, code = name.partition("=")
    if part != "household" and name in SPECIAL:
        return SPECIAL[name](own)
    if name not in own:
        return None
    field_ = own[name]
    return (lambda cell: read_added_code(field_, code, cell)) if code else (lambda cell: read_value(field_, cell))


def _read_village(cell: Cell) -> Reading:
    text = clean(text_of(cell))
    return Reading({"village": text}) if text else EMPTY


SPECIAL: Mapping[str, Callable[[Mapping[str, Field]], CellReader]] = {
    "id_number": lambda own: read_identity,
    "disability": lambda own: read_disability,
    "village": lambda own: _read_village,
    "name+phones": lambda own: lambda cell: read_name_and_phones(cell, own["name"], own["phones"]),
}
