"""Earlier versions of a person's records: who changed what and when, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QDialog, QWidget

from app.clock import CHINA
from app.records.record import Kind, RecordType
from app.store.results import Change, Changes
from ui import look
from ui.context import Context
from ui.models.person_file import PersonFile
from ui.models.story import say_change
from ui.words import tr

VERBS = {
    "save": tr("修改"), "register": tr("登记"), "import": tr("导入"), "undo": tr("撤销"), "visit": tr("走访"),
    "death": tr("登记去世"), "move_out": tr("登记迁出"), "transfer": tr("转到别的村"),
    "same_person": tr("和另一份登记合并"), "different_people": tr("定为不是同一个人"), "go_out": tr("登记不在家"),
    "come_home": tr("登记返回"),
    "go_up": tr("升学"), "delete": tr("删除"), "restore": tr("从回收站取回"), "move_back": tr("迁回"),
}  # fmt: skip


class HistoryDialog(QDialog):
    """All changes, the latest first."""

    def __init__(self, context: Context, file: PersonFile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setWindowTitle(tr("修改记录"))
        content = QWidget()
        column = look.column(gap=3, margins=(2, 2, 4, 2))
        specs = {spec.name: spec for spec in (record.spec for record in file.records)}
        for batch in by_batch(file.changes):
            column.addWidget(self._entry(batch, specs))
            column.addWidget(look.Hairline())
        column.addStretch(1)
        content.setLayout(column)
        close = look.row(None, look.button(tr("关上"), self.accept))
        heading = look.Heading(tr("{name}的修改记录", name=file.person.name or ""))
        self.setLayout(look.column(heading, look.scrolled(content), close, margins=(5, 4, 5, 4), gap=3))
        self.resize(look.space(180), look.space(130))

    def _entry(self, batch: Sequence[Change], specs: dict[str, RecordType]) -> QWidget:
        entry, change = QWidget(), batch[0]
        made = all(each.created for each in batch)
        verb = tr("建立") if made and change.verb == "save" else VERBS.get(change.verb, change.verb)
        at = change.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        head = look.row(look.Label(verb, "strong"), look.Label(f"{at}  {change.author}", "small"), None)
        if change.batch and not made:
            head.addWidget(look.quiet_button(tr("撤销这一次"), partial(self._undo, change.batch), picture="undo"))
        column = look.column(head, gap=1)
        for line in (line for each in batch for line in describe(each, list(specs.values()))):
            column.addWidget(look.Label(line, "quiet", wrap=True))
        entry.setLayout(column)
        return entry

    def _undo(self, batch: str) -> None:
        self.context.undo(Changes(batch=batch))
        self.accept()


def by_batch(changes: Sequence[Change]) -> list[list[Change]]:
    """What was done at once stands together; the latest first."""
    batches: dict[str, list[Change]] = {}
    for place, change in enumerate(changes):
        batches.setdefault(change.batch or str(place), []).append(change)
    latest_first = reversed(list(batches.values()))  # keeps their order where the clock stood still
    return sorted(latest_first, key=lambda batch: batch[0].at, reverse=True)


def describe(change: Change, specs: Sequence[RecordType]) -> list[str]:
    """One line for each field that a change touched; the making of a record needs none."""
    if change.created:
        return []
    return [line for name, after in change.after.items() for line in _part(name, change.before.get(name), after, specs)]


def _part(name: str, before: object, after: object, specs: Sequence[RecordType]) -> list[str]:
    for spec in specs:
        part = spec.parts.get(name)
        if part is None:
            continue
        if part.is_group:
            was, becomes = before or {}, after or {}
            assert isinstance(was, dict)
            assert isinstance(becomes, dict)
            return [
                f"{field.label}：{say_change(field, was.get(field.name), becomes.get(field.name))}"
                for field in part.fields
                if was.get(field.name) != becomes.get(field.name)
            ]
        field = part.fields[0]
        if field.kind is Kind.REF:
            return [tr("{label}换了", label=field.label)]
        if isinstance(after, dict):
            return [f"{field.label}：{words}" for words in _steps(field, after)]
        return [f"{field.label}：{say_change(field, before, after)}"]
    return []


def _steps(field: object, step: dict[str, list[str]]) -> list[str]:
    from app.records.record import Field, from_json
    from ui.fields.shown import shown

    assert isinstance(field, Field)
    words = []
    if added := step.get("add"):
        words.append(tr("加了 {what}", what=shown(field, from_json(field, added))))
    if gone := step.get("remove"):
        words.append(tr("去掉 {what}", what=shown(field, from_json(field, gone))))
    return words
