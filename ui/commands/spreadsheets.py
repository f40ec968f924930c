"""Spreadsheets in and out: the village's ledger, exports, the county's blank table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import NotFound, UserError
from ui.commands.answer import Answer, Asked
from ui.commands.usage import Parser

if TYPE_CHECKING:
    from app.cases.exports import ExportRow
    from app.cases.import_plan import ImportPlan, RowPlan
    from app.policy.access import Actor
    from app.store.repository import Store

LEDGERS = {"child": "儿童", "elder": "老人"}
MAPPINGS = "import.mappings"
"""The setting in which the window keeps what the user said a ledger's columns mean, as ``child:`` and a signature."""


def add(parser: Parser) -> None:
    """Describe the verbs of this file."""
    kind = {"metavar": "种类", "help": "child（儿童）或 elder（老人）"}
    brought = parser.verb("import", import_, "导入台账（.xlsx .xls .csv），先看会改什么")
    brought.takes("type", **kind).takes("file", metavar="文件", help="台账文件")
    brought.takes("--dry-run", action="store_true", help="只看，不导入")
    brought.takes("--refused", default="", metavar="文件", help="没有导入的行写到这个 .xlsx，附上原因")
    brought.takes("--decide", action="append", default=[], metavar="表:行=决定", help="可能重复的行：new、skip 或编号")
    out = parser.verb("export", export, "导出名单（.xlsx .csv .jsonl）")
    out.takes("type", **kind).takes("file", metavar="文件", help="写到哪个文件")
    filled = parser.verb("fill", fill_, "照县里的空表填，填好的写到另一个文件")
    filled.takes("type", **kind).takes("blank", metavar="空表", help="县里发的 .xlsx")
    filled.takes("-o", "--output", required=True, metavar="文件", help="填好的表")
    filled.takes("--category", default="", metavar="类别", help="只填这一类，如 left_behind_rural")


def import_(asked: Asked) -> Answer:
    """Rows read, new, changed, refused with row, column and reason; one batch, or nothing with --dry-run."""
    from app.cases.imports import apply_import, plan_import
    from app.exchange.ledger import open_ledger, read_rows
    from app.exchange.writing import write_refused

    kind, today = _kind(asked.type), asked.today()
    path = _existing(asked.file)
    with asked.writing() as (store, by):
        ledger = open_ledger(path, kind, _remembered(store, kind))
        plan = plan_import(store, read_rows(ledger, today), by, today, kind=kind, decisions=_decisions(asked.decide))
        if asked.refused and plan.refused:
            write_refused(Path(asked.refused), ledger, plan.refused)
        batch = "" if asked.dry_run else apply_import(store, by, plan).batch
        if not asked.dry_run:
            store.audit(by, "import", kind=kind, rows=len(plan.rows), batch=batch)
    return _report(plan, batch, asked.dry_run)


def _kind(name: str) -> str:
    if name not in LEDGERS:
        advice = "请写 child（儿童）或 elder（老人）。"
        raise UserError(f"什么都没有改动。不能按 {name[:30]} 导入或导出。", advice=advice)
    return name


def _existing(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise NotFound(f"台账没有任何改动。找不到文件「{name}」。", advice="请检查路径。")
    return path


def _remembered(store: Store, kind: str) -> dict[str, list[str]]:
    kept: dict[str, list[str]] = store.setting(MAPPINGS, {})
    start = f"{kind}:"
    return {name.removeprefix(start): targets for name, targets in kept.items() if name.startswith(start)}


def _decisions(texts: list[str]) -> dict[tuple[str, int], str]:
    """``四组:7=new`` → the decision about row 7 of that sheet."""
    found: dict[tuple[str, int], str] = {}
    for text in texts:
        place, sign, decision = text.partition("=")
        sheet, colon, row = place.rpartition(":")
        if not (sign and colon and row.isdecimal() and decision):
            raise UserError(f"台账没有任何改动。「{text[:40]}」看不懂。", advice="请写成 表名:行号=new 这样。")
        found[sheet, int(row)] = decision
    return found


def _report(plan: ImportPlan, batch: str, dry_run: bool) -> Answer:
    from app.cases.import_plan import OUTCOME_LABELS, Outcome

    counts = plan.counts()
    value = {
        "rows": len(plan.rows), **{str(outcome): count for outcome, count in counts.items()},
        "to_verify": plan.to_verify, "imported": not dry_run, "batch": batch,
        "details": [_row(row) for row in plan.rows if row.outcome is not Outcome.SAME],
    }  # fmt: skip
    told = "，".join(f"{OUTCOME_LABELS[outcome]} {count}" for outcome, count in counts.items())
    lines = [f"读到 {len(plan.rows)} 行：{told}"]
    if plan.to_verify:
        lines.append(f"证件号待核 {plan.to_verify} 人。")
    for row in (*plan.of(Outcome.CHANGED), *plan.of(Outcome.DOUBTFUL), *plan.of(Outcome.REFUSED)):
        steps = [f"{change.whose}{change.label} {change.old or '（空）'} → {change.new}" for change in row.changes]
        place = f"{row.place[0]} 第 {row.place[1]} 行" if row.place[0] else f"第 {row.place[1]} 行"
        lines.append(f"  {place} {row.name or '（没有姓名）'}：{'；'.join([*steps, *row.reasons])}")
    lines.append("只是看看，没有导入。" if dry_run else f"已导入。要整个撤销：shouwang undo {batch}")
    return Answer(value, lines)


def _row(row: RowPlan) -> dict[str, Any]:
    changes = [
        {"whose": each.whose, "field": each.name, "old": each.old, "new": each.new} for each in row.changes
    ]
    return {
        "sheet": row.place[0], "row": row.place[1], "outcome": str(row.outcome), "person": row.person,
        "changes": changes, "reasons": list(row.reasons),
        "candidates": [{"id": each.person, "why": each.why} for each in row.candidates],
    }  # fmt: skip


def export(asked: Asked) -> Answer:
    """All children or elders of the register who have not left it."""
    from app.exchange.layouts import layout_of
    from app.exchange.writing import write_people

    kind, today = _kind(asked.type), asked.today()
    with asked.writing() as (store, by):
        rows = people(store, by, kind)
        count = write_people(Path(asked.file), layout_of(kind), rows, today, f"{store.post.name}{LEDGERS[kind]}名单")
        store.audit(by, "export", kind=kind, rows=count)
    return Answer({"file": asked.file, "rows": count}, (f"已导出 {count} 人：{asked.file}",))


def fill_(asked: Asked) -> Answer:
    """The county's blank table comes back filled; the blank stays as it is."""
    from app.exchange.filling import fill

    kind, today = _kind(asked.type), asked.today()
    with asked.writing() as (store, by):
        rows = people(store, by, kind, asked.category)
        told = _remembered(store, kind)
        filled = fill(_existing(asked.blank), Path(asked.output), rows, today, kind=kind, remembered=told)
        store.audit(by, "fill", kind=kind, rows=filled.rows)
    notes = (f"这些列没有认出来，留着空：{'、'.join(filled.unknown)}",) if filled.unknown else ()
    value = {"file": asked.output, "rows": filled.rows, "unknown": list(filled.unknown)}
    return Answer(value, (f"已照表填好 {filled.rows} 人：{asked.output}",), notes)


def people(store: Store, by: Actor, kind: str, category: str = "") -> list[ExportRow]:
    """The people of the register as rows for a spreadsheet, in the order of the village."""
    from app.cases.exports import export_rows
    from app.store import ListQuery

    return export_rows(store, by, kind, store.listing(ListQuery(kind, category=category)).ids())
