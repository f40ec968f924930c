"""What another village wrote about somebody who now belongs here, item by item, to be taken over or left."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.cases.proposals import Item, Key, Proposed
from ui import look
from ui.fields.choice import ChoiceButton
from ui.pages.matter import MatterPanel
from ui.pages.print_records import moment
from ui.words import tr


class ProposedPanel(MatterPanel):
    """Every item with what is there now and what is proposed; those with a tick are taken over."""

    accepted = Signal(object, list)  # the proposal, and the keys of the items
    declined = Signal(object)

    def __init__(self) -> None:
        super().__init__(tr("转来的修改"))
        self.shown: Proposed | None = None
        self.ticks: dict[Key, ChoiceButton] = {}

    def show_proposed(self, shown: Proposed) -> None:
        """Show one; ticks that were changed stay as long as it is in front."""
        kept = self._unticked() if self.shown and self.shown.proposal.id == shown.proposal.id else set()
        self.shown = shown
        proposal = shown.proposal
        self.begin(shown.person, proposal.subject)
        self.say(tr("转来的修改"), "heading")
        told = tr("{village}的{who}写的，{at}。", village=shown.village, who=proposal.author or "",
                  at=moment(proposal.proposed_at))  # fmt: skip
        self.say(told + tr("写的时候人已经转走，现在归这里管，用不用由这里定。"))
        if not shown.is_own:
            self.say(tr("一般由这个人现在的村来定；村里没有电脑时，您可以定。"))
        self.ticks = {}
        items = [self._item(item, item.key not in kept) for item in shown.items]
        self._acts()
        for each in items:
            self.body.addWidget(each)
        self.body.addStretch(1)

    def _unticked(self) -> set[Key]:
        return {key for key, tick in self.ticks.items() if not tick.isChecked()}

    def _item(self, item: Item, ticked: bool) -> QWidget:
        made = QWidget()
        column = look.column(look.Hairline(), gap=1)
        if item.can_take and not item.is_so:
            tick = ChoiceButton("", item.what, 0, tr("用这一项"), several=True)
            tick.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            tick.setChecked(ticked)
            self.ticks[item.key] = tick
            column.addLayout(look.row(tick, None))
        else:
            column.addWidget(look.Label(item.what))
        for words, tone in _told(item):
            column.addWidget(look.Label(words, tone, wrap=True))
        made.setLayout(column)
        return made

    def _acts(self) -> None:
        proposal = self.shown.proposal if self.shown else None
        declined, later = partial(self.declined.emit, proposal), partial(self._later)
        buttons = []
        if self.ticks:
            words = self.numbered(tr("用打勾的") if len(self.ticks) > 1 else tr("采用"), self._accept)
            buttons.append(look.primary_button(words, self._accept))
        buttons.append(look.button(self.numbered(tr("不用"), declined), declined))
        buttons.append(look.quiet_button(self.numbered(tr("以后再说"), later), later))
        self.offer(*buttons)

    def _accept(self) -> None:
        if self.shown is not None:
            self.accepted.emit(self.shown.proposal, [key for key, tick in self.ticks.items() if tick.isChecked()])

    def _later(self) -> None:
        if self.shown is not None:
            self.put_off.emit(self.shown.proposal.id)


def _told(item: Item) -> list[tuple[str, str]]:
    """What stands below an item: (words, tone)."""
    if item.is_new:
        told = [(f"{what}：{words}", "") for what, words in item.lines]
    elif item.is_so:
        told = [(tr("现在已经是「{words}」", words=item.now), "quiet")]
    else:
        told = [(tr("现在：{words}", words=item.now), "quiet"), (tr("提议：{words}", words=item.proposed), "strong")]
    if not item.can_take:
        told.append((tr("这一项在这台电脑上放不进去，要用请升级程序或在本人页面上改。"), "problem"))
    return told
