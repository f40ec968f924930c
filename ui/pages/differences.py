"""What needs a person in the exchange: two values side by side, and what the county could not take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.cases.conflicts import BOTH, MINE, THEIRS, Difference, Side
from app.cases.rejections import MENDED, WITHDRAWN, Refused
from app.records import BY_NAME
from ui import look
from ui.pages.print_records import moment
from ui.words import tr

LATER = "later"


class DifferencePanel(look.Section):
    """Mine, theirs and before, with who and when; number keys choose."""

    settled = Signal(object, str)  # the conflict, and mine, theirs, both or later
    person_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("两边改得不一样"))
        self.shown: Difference | None = None
        self.answers: list[str] = []

    def show_difference(self, shown: Difference) -> None:
        """Show one."""
        _empty(self)
        self.shown = shown
        self.answers = [MINE, THEIRS, *([BOTH] if shown.can_keep_both else []), LATER]
        conflict = shown.conflict
        heading = look.link(shown.person or tr("（没有姓名）"), partial(self.person_asked.emit, conflict.subject or ""))
        self.body.addLayout(look.row(heading, None))
        self.body.addWidget(look.Label(item_of(shown), "heading", wrap=True))
        if conflict.must_ask:
            self.body.addWidget(
                look.Label(tr("这一项要紧，请问清楚再定。现在台账里仍是原来的。"), "problem", wrap=True)
            )
        self.body.addWidget(look.Label(tr("改之前：{words}", words=shown.before or tr("（空）")), "quiet", wrap=True))
        both = look.row(
            self._side(tr("我的"), shown.mine, tr("用我的 (1)"), MINE),
            look.Hairline(upright=True),
            self._side(tr("对方的"), shown.theirs, tr("用对方的 (2)"), THEIRS),
            gap=4,
        )
        both.setStretch(0, 1)
        both.setStretch(2, 1)
        self.body.addLayout(both)
        self.body.addWidget(look.Hairline())
        acts = look.row(None, gap=3)
        if shown.can_keep_both:
            acts.addWidget(look.button(tr("都保留 (3)"), partial(self._settle, BOTH)))
        number = len(self.answers)
        acts.addWidget(look.quiet_button(tr("以后再说 ({n})", n=number), partial(self._settle, LATER)))
        self.body.addLayout(acts)
        self.body.addStretch(1)

    def _side(self, title: str, side: Side, act: str, answer: str) -> QWidget:
        made = QWidget()
        made.setAccessibleName(f"{title}：{side.words}")
        made.setLayout(
            look.column(
                look.Label(title, "small"),
                look.Label(side.words or tr("（空）"), "strong", wrap=True),
                look.Label(_who(side), "quiet", wrap=True),
                look.row(look.button(act, partial(self._settle, answer)), None),
                None,
                gap=2,
            )
        )
        return made

    def answer(self, number: int) -> None:
        """A number key."""
        if self.shown is not None and 0 < number <= len(self.answers):
            self._settle(self.answers[number - 1])

    def _settle(self, answer: str) -> None:
        if self.shown is not None:
            self.settled.emit(self.shown.conflict, answer)


class RefusedPanel(look.Section):
    """One save that the county did not take: why, everything that was in it, and what can be done."""

    dealt_with = Signal(object, str)  # the rejection, and mended or withdrawn
    person_asked = Signal(str)
    print_asked = Signal(object)  # Refused

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("县里没有收下"))
        self.shown: Refused | None = None

    def show_refused(self, shown: Refused) -> None:
        """Show one."""
        _empty(self)
        self.shown = shown
        rejection = shown.rejection
        self.body.addWidget(look.Heading(shown.person or tr("（没有姓名）")))
        told = tr("县里没有收下：{reason}", reason=shown.reason)
        self.body.addWidget(look.Label(told, "problem", wrap=True))
        if rejection.explanation:
            self.body.addWidget(look.Label(rejection.explanation, wrap=True))
        by = tr(
            "{who} 写的，{at} 退回。内容都在这里，没有丢。", who=rejection.author or "", at=moment(rejection.refused_at)
        )
        self.body.addWidget(look.Label(by, "quiet", wrap=True))
        self.body.addWidget(look.Hairline())
        for item, words in shown.lines:
            self.body.addWidget(look.Label(f"{item}：{words}", wrap=True))
        acts = look.row(None, gap=3)
        acts.addWidget(look.quiet_button(tr("打印出来"), lambda: self.print_asked.emit(shown), picture="printing"))
        acts.addWidget(look.quiet_button(tr("不再报"), partial(self.dealt_with.emit, rejection, WITHDRAWN)))
        acts.addWidget(look.button(tr("已经改好重报"), partial(self.dealt_with.emit, rejection, MENDED)))
        if rejection.subject:
            acts.addWidget(look.primary_button(tr("打开改正"), partial(self.person_asked.emit, rejection.subject)))
        self.body.addLayout(acts)
        self.body.addStretch(1)


def item_of(shown: Difference) -> str:
    """What differs: of several fields that belong together, only those that are not the same."""
    mine, theirs = shown.mine.value, shown.theirs.value
    cls = BY_NAME.get(shown.conflict.about_type or "")
    part = cls.spec.parts.get(shown.conflict.part or "") if cls else None
    if part is None or not isinstance(mine, dict) or not isinstance(theirs, dict):
        return shown.item
    apart = [field.label for field in part.fields if mine.get(field.name) != theirs.get(field.name)]
    return "、".join(apart) or shown.item


def plain_text(shown: Refused) -> str:
    """What is printed of a rejection, to be taken to whoever can help."""
    lines = [tr("县里没有收下的记录"), shown.person, tr("原因：{reason}", reason=shown.reason)]
    lines += [shown.rejection.explanation or "", ""]
    return "\n".join([*lines, *(f"{item}：{words}" for item, words in shown.lines)])


def _who(side: Side) -> str:
    at = moment(datetime.fromisoformat(side.at)) if side.at else ""
    return "　".join(part for part in (side.by, at) if part)


def _empty(section: look.Section) -> None:
    _clear(section.body.takeAt)


def _clear(take: Callable[[int], object]) -> None:
    from PySide6.QtWidgets import QLayoutItem

    while isinstance(item := take(0), QLayoutItem):
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (layout := item.layout()) is not None:
            _clear(layout.takeAt)
