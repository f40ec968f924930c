"""Two values side by side, of which a person chooses one, both, or another."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.cases.conflicts import BOTH, MINE, OTHER, THEIRS, Difference, Side
from ui import look
from ui.context import Context
from ui.pages.matter import MatterPanel
from ui.pages.other_value import OtherValue, can_be_typed
from ui.pages.print_records import moment
from ui.words import tr


class DifferencePanel(MatterPanel):
    """Mine, theirs and before, with who and when; number keys choose."""

    settled = Signal(object, str, object)  # the conflict; mine, theirs, both or value; the value

    def __init__(self, context: Context) -> None:
        super().__init__(tr("两边改得不一样"))
        self.context = context
        self.shown: Difference | None = None
        self.other: OtherValue | None = None

    def show_difference(self, shown: Difference) -> None:
        """Show one; what is being typed for it stays."""
        if self.other is not None and self.shown is not None and self.shown.conflict.id == shown.conflict.id:
            return
        self.shown = shown
        self._close_other()
        self.begin(shown.person, shown.conflict.subject)
        self.say(shown.item, "heading")
        self._warn(shown)
        self.say(tr("改之前：{words}", words=shown.before or tr("（空）")))
        self._sides(shown)
        self.body.addWidget(look.Hairline())
        self._further(shown)
        self.body.addStretch(1)

    def _warn(self, shown: Difference) -> None:
        if shown.settled:
            self.say(tr("两个人都处理过，定得不一样，请商量好再定："), "problem")
            for side in shown.settled:
                self.say(tr("{who} 定为「{words}」", who=_who(side), words=side.words), "")
        elif shown.conflict.must_ask:
            self.say(tr("这一项要紧，请问清楚再定。现在台账里仍是原来的。"), "problem")

    def _sides(self, shown: Difference) -> None:
        both = look.row(
            self._side(tr("我的"), shown.mine, tr("用我的"), MINE),
            look.Hairline(upright=True),
            self._side(tr("对方的"), shown.theirs, tr("用对方的"), THEIRS),
            gap=4,
        )
        both.setStretch(0, 1)
        both.setStretch(2, 1)
        self.body.addLayout(both)

    def _side(self, title: str, side: Side, act: str, answer: str) -> QWidget:
        made = QWidget()
        made.setAccessibleName(f"{title}：{side.words}")
        settle = partial(self._settle, answer)
        made.setLayout(
            look.column(
                look.Label(title, "small"),
                look.Label(side.words or tr("（空）"), "strong", wrap=True),
                look.Label(_who(side), "quiet", wrap=True),
                look.row(look.button(self.numbered(act, settle), settle), None),
                None,
                gap=2,
            )
        )
        return made

    def _further(self, shown: Difference) -> None:
        """Neither of the two, or not now."""
        buttons = []
        if shown.can_keep_both:
            keep_both = partial(self._settle, BOTH)
            buttons.append(look.button(self.numbered(tr("都保留"), keep_both), keep_both))
        if can_be_typed(shown.conflict):
            buttons.append(look.button(self.numbered(tr("另填"), self.type_other), self.type_other))
        later = partial(self.put_off.emit, shown.conflict.id)
        buttons.append(look.quiet_button(self.numbered(tr("以后再说"), later), later))
        self.offer(*buttons)

    def type_other(self) -> None:
        """另填: the item's own editors, below the two values."""
        shown = self.shown
        if shown is None or self.other is not None:
            return
        self.begin(shown.person, shown.conflict.subject)
        self.say(shown.item, "heading")
        for title, side in ((tr("我的"), shown.mine), (tr("对方的"), shown.theirs)):
            self.say(tr("{whose}：{words}　{who}", whose=title, words=side.words, who=_who(side)))
        self.other = OtherValue(self.context, shown.conflict)
        self.other.taken.connect(self._take_other)
        self.other.left.connect(self._leave_other)
        self.body.addWidget(self.other)
        self.body.addStretch(1)
        self.typing.emit(True)
        self.other.begin()

    def _take_other(self, value: Any) -> None:
        self._close_other()
        self._settle(OTHER, value)

    def _leave_other(self) -> None:
        self._close_other()
        if self.shown is not None:
            self.show_difference(self.shown)

    def _close_other(self) -> None:
        if self.other is not None:
            self.other.hide()
            self.other.deleteLater()
            self.other = None
            self.typing.emit(False)

    def _settle(self, answer: str, value: Any = None) -> None:
        if self.shown is not None:
            self.settled.emit(self.shown.conflict, answer, value)


def _who(side: Side) -> str:
    at = moment(datetime.fromisoformat(side.at)) if side.at else ""
    return "　".join(part for part in (side.by, at) if part)
