"""What is to be done next for a person, in one sentence with one thing to press."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.records import ChildVisit, ElderVisit
from ui.models.columns import plain_reason
from ui.models.person_file import PersonFile
from ui.words import tr

if TYPE_CHECKING:
    from app.store.listing import ListLine


@dataclass(frozen=True, slots=True)
class NextStep:
    """A sentence; ``act`` is visit, draft, sheet, verify or empty, ``about`` what it is done with."""

    text: str
    act: str = ""
    word: str = ""
    about: str = ""
    tone: str = ""


def next_steps(file: PersonFile, line: ListLine | None, today: date) -> tuple[NextStep, ...]:
    """What is next, the most pressing first; nothing for who is no longer visited."""
    if file.ended:
        return (NextStep(tr("{ended}，不再走访。", ended=file.ended)),)
    return (*_drafts(file), *_due(line, today), *_sheets(file), *_verify(file))


def _drafts(file: PersonFile) -> Iterator[NextStep]:
    for draft in file.drafts:
        if isinstance(draft.edited, (ChildVisit, ElderVisit)):
            on = draft.edited.visited_on.isoformat() if draft.edited.visited_on else ""
            text = tr("{on}的走访还没有填完。", on=on)
            yield NextStep(text, "draft", tr("接着填"), f"{draft.edited.spec.name}/{draft.edited.id}", "warning")


def _due(line: ListLine | None, today: date) -> Iterator[NextStep]:
    if line is None or not line.due_on:
        return
    days = (today - date.fromisoformat(line.due_on)).days
    reason = plain_reason(line.due_reason)
    kind = "visit"
    if days > 0:
        yield NextStep(
            tr("该走访了，过 {days} 天：{reason}", days=days, reason=reason), kind, tr("开始走访"), tone="danger"
        )
    elif days == 0:
        yield NextStep(tr("今天该走访：{reason}", reason=reason), kind, tr("开始走访"), tone="warning")
    else:
        on = line.due_on
        yield NextStep(tr("{on} 前走访：{reason}", on=on, reason=reason), kind, tr("现在走访"))


def _sheets(file: PersonFile) -> Iterator[NextStep]:
    for sheet in file.sheets:
        if sheet.state == "printed" and sheet.number:
            yield NextStep(
                tr("表 {number} 打印了还没有录入。", number=sheet.number), "sheet", tr("录入"), sheet.number
            )


def _verify(file: PersonFile) -> Iterator[NextStep]:
    if file.person.id_to_verify:
        said = tr("（表里写的是 {text}）", text=file.person.id_text) if file.person.id_text else ""
        yield NextStep(tr("证件号待核{said}。", said=said), "verify", tr("去核对"), tone="warning")
