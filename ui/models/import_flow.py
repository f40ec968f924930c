"""An import on its way: the file, what its columns mean, what the user decided, and what would come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from app.cases.import_plan import FieldChange, ImportPlan, Outcome, Place, RowPlan
from app.cases.imports import apply_import, plan_import
from app.exchange.headings import REPEATABLE, Guess, signature, targets
from app.exchange.ledger import ImportRow, Ledger, column_letters, open_ledger, read_rows, targets_of
from app.exchange.reading import text_of
from app.exchange.tables import Table
from app.policy.access import Actor
from app.store.reader import Reader
from app.store.results import Changes
from app.store.workspace import Workspace
from ui.tasks import Progress
from ui.words import tr

MAPPINGS, LATEST = "import.mappings", "import.latest"
"""Settings of the workspace: confirmed mappings by signature, and the latest imports for taking them back."""

KEPT = 6
EXAMPLES = 2
ELDER_WORDS = ("老人", "老年", "高龄", "探访", "特困")
TO_VERIFY = "to_verify"


def kind_of(path: Path) -> str:
    """Whether the file's name speaks of elders; children otherwise."""
    return "elder" if any(word in path.name for word in ELDER_WORDS) else "child"


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column of the mapping screen."""

    letters: str
    heading: str
    examples: tuple[str, ...] = field(repr=False)
    guess: Guess = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheets:
    """Sheets of a file that have the same headings, and so one mapping."""

    signature: str
    names: tuple[str, ...]
    rows: int
    columns: tuple[ColumnLine, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be imported; ``known`` when each of its headings was confirmed before."""

    ledger: Ledger
    sheets: tuple[Sheets, ...]
    known: bool


def open_file(store: Reader, path: Path, kind: str) -> Opened:
    """Open a file and suggest what its columns mean. Raises SpreadsheetRefused."""
    remembered: Mapping[str, Sequence[str]] = store.setting(MAPPINGS, {})
    ledger = open_ledger(path, kind, {_own(name, kind): told for name, told in _of_kind(remembered, kind)})
    known = all(f"{kind}:{name}" in remembered for name in ledger.guesses)
    return Opened(ledger, tuple(_sheets(ledger, name) for name in ledger.guesses), known)


def _of_kind(remembered: Mapping[str, Sequence[str]], kind: str) -> list[tuple[str, Sequence[str]]]:
    return [(name, told) for name, told in remembered.items() if name.startswith(f"{kind}:")]


def _own(name: str, kind: str) -> str:
    return name.removeprefix(f"{kind}:")


def _sheets(ledger: Ledger, name: str) -> Sheets:
    tables = [table for table in ledger.tables if signature(table.headings) == name]
    columns = tuple(
        ColumnLine(
            column_letters(guess.heading.column), guess.heading.label, _examples(tables, guess.heading.column), guess
        )
        for guess in ledger.guesses[name]
    )
    return Sheets(name, tuple(table.sheet for table in tables), sum(len(table.rows) for table in tables), columns)


def _examples(tables: Sequence[Table], column: int) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for table in tables:
        for row in table.rows:
            if column < len(row.cells) and (text := text_of(row.cells[column])):
                found.setdefault(text)
            if len(found) >= EXAMPLES:
                return tuple(found)
    return tuple(found)


def choices(kind: str) -> Mapping[str, str]:
    """Everything a column can be imported to, by its name."""
    return {target: label.replace("家庭家庭", "家庭") for target, label in targets(kind).items()}


def trouble(mapping: Mapping[str, Sequence[str]], kind: str) -> str:
    """Why a mapping cannot be used, or "" when it can."""
    if not any("subject.name" in told for told in mapping.values()):
        return tr("还没有指出哪一列是姓名。")
    return ""


def remark(mapping: Mapping[str, Sequence[str]], kind: str) -> str:
    """What is odd about a mapping that can be used all the same."""
    labels = choices(kind)
    for told in mapping.values():
        for target in told:
            if target and told.count(target) > 1 and target.partition(".")[2] not in REPEATABLE:
                return tr("「{item}」选了两列，以左边那一列为准。", item=labels.get(target, target))
    return ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, and how it was asked for."""

    ledger: Ledger
    mapping: Mapping[str, Sequence[str]]
    rows: tuple[ImportRow, ...] = field(repr=False)
    plan: ImportPlan = field(repr=False)
    decisions: Mapping[Place, str]

    def of(self, part: str) -> tuple[RowPlan, ...]:
        """The rows of an outcome, or those whose number must be verified."""
        if part == TO_VERIFY:
            return tuple(row for row in self.plan.rows if row.to_verify and row.outcome is not Outcome.REFUSED)
        return self.plan.of(Outcome(part))

    @property
    def to_write(self) -> int:
        """How many persons would be new or changed."""
        counts = self.plan.counts()
        return counts[Outcome.NEW] + counts[Outcome.CHANGED]

    def held(self) -> tuple[RowPlan, ...]:
        """Rows that stay out: refused, or not decided."""
        return tuple(row for row in self.plan.rows if row.outcome in (Outcome.REFUSED, Outcome.DOUBTFUL))


def preview(
    store: Reader, opened: Opened, mapping: Mapping[str, Sequence[str]], actor: Actor, today: date, progress: Progress
) -> Preview:
    """Read every row and plan it against the register; writes nothing."""
    words = tr("正在读表格……")
    rows = read_rows(opened.ledger, today, mapping, lambda done, of: progress.tell(done, of, words))
    progress.tell(len(rows), len(rows), tr("正在和台账比对……"))
    plan = plan_import(store, rows, actor, today, kind=opened.ledger.kind)
    return Preview(opened.ledger, mapping, rows, plan, {})


def decided(store: Reader, shown: Preview, decisions: Mapping[Place, str], actor: Actor, today: date) -> Preview:
    """The same file with more decisions about doubtful rows."""
    plan = plan_import(store, shown.rows, actor, today, kind=shown.ledger.kind, decisions=decisions)
    return Preview(shown.ledger, shown.mapping, shown.rows, plan, decisions)


def carry_out(store: Workspace, shown: Preview, actor: Actor) -> Changes:
    """Write it in one go; remember the mapping and how to take it back."""
    changes = apply_import(store, actor, shown.plan)
    kind = shown.ledger.kind
    confirmed = {f"{kind}:{name}": list(told) for name, told in shown.mapping.items()}
    store.set_setting(MAPPINGS, {**store.setting(MAPPINGS, {}), **confirmed})
    if changes:
        _remember(store, shown, changes.batch)
    return changes


def _remember(store: Workspace, shown: Preview, batch: str) -> None:
    counts = shown.plan.counts()
    line: dict[str, Any] = {
        "batch": batch, "file": shown.ledger.path.name, "at": store.clock.now().isoformat(),
        "new": counts[Outcome.NEW], "changed": counts[Outcome.CHANGED],
    }  # fmt: skip
    store.set_setting(LATEST, [line, *store.setting(LATEST, [])][:KEPT])


def forget(store: Workspace, batch: str) -> None:
    """An import was taken back: it is not offered again."""
    store.set_setting(LATEST, [line for line in store.setting(LATEST, []) if line["batch"] != batch])


def change_words(change: FieldChange) -> str:
    """父亲 电话：139… → 138…"""
    whose = "" if change.whose == "本人" else f"{change.whose} "
    return f"{whose}{change.label}：{change.old or tr('（空）')} → {change.new or tr('（空）')}"


def row_words(row: RowPlan) -> str:
    """Everything worth saying of a row, in one line."""
    return "；".join([*(change_words(change) for change in row.changes), *row.reasons])


def place_words(row: RowPlan) -> str:
    """Where the row stands in the file."""
    sheet, number = row.place
    return tr("{sheet} 第 {n} 行", sheet=sheet, n=number) if sheet else tr("第 {n} 行", n=number)


__all__ = [
    "LATEST", "TO_VERIFY", "ColumnLine", "Opened", "Preview", "Sheets", "carry_out", "change_words", "choices",
    "decided", "forget", "kind_of", "open_file", "place_words", "preview", "remark", "row_words", "targets_of",
    "trouble",
]  # fmt: skip
