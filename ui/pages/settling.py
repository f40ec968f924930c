"""What needs somebody: the list of it, the chosen one beside it, and what is done about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from app.cases.conflicts import Difference
from app.cases.proposals import ACCEPTED, DECLINED, Key, Proposed
from app.cases.rejections import Refused
from app.records import Conflict, Proposal, Rejection
from ui import look
from ui.context import Context
from ui.exchanging import Matter, Standing, id_of
from ui.models.short_table import ShortColumn, ShortTableView
from ui.pages.differences import DifferencePanel
from ui.pages.matter import MatterPanel
from ui.pages.page import VisitWanted
from ui.pages.proposed import ProposedPanel
from ui.pages.refused import RefusedPanel, put_on_paper
from ui.pages.saving import ask_where
from ui.words import tr

if TYPE_CHECKING:
    from app.records.record import Record

SETTLED = {"mine": "已用我的。", "theirs": "已用对方的。", "both": "两个都留下了。", "value": "已用新填的。"}
MOST_ANSWERS = 5


class Settling(QWidget):
    """One line for each matter, and the chosen one beside it."""

    open_person = Signal(str)
    open_visit = Signal(object)  # VisitWanted
    typing = Signal(bool)  # while something is typed, the number keys are letters

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.later: list[str] = []
        self.standing: Standing | None = None
        self._in_front = ""
        self.list = ShortTableView(
            (
                ShortColumn(tr("谁"), lambda line: line.person or tr("（没有姓名）"), 6),
                ShortColumn(tr("什么事"), _matter, 18, lambda line: "quiet"),
            ),
            tr("需要处理的"),
        )
        self.difference, self.proposed, self.refused = DifferencePanel(context), ProposedPanel(), RefusedPanel()
        self.detail = QStackedWidget()
        self._compose()
        self._connect()

    def _compose(self) -> None:
        for panel in self._panels():
            self.detail.addWidget(panel)
        beside = QWidget()
        beside.setLayout(look.column(self.detail))
        layout = look.row(gap=4)
        layout.addWidget(self.list, 2)
        self.area = look.scrolled(beside)
        layout.addWidget(self.area, 3)
        self.setLayout(layout)
        self.setFocusProxy(self.list)

    def _panels(self) -> tuple[MatterPanel, ...]:
        return self.difference, self.proposed, self.refused

    def _connect(self) -> None:
        self.list.selectionModel().currentRowChanged.connect(lambda *_: self._show_detail())
        self.difference.settled.connect(self.settle)
        self.difference.typing.connect(lambda _: QTimer.singleShot(0, self, self._bring_into_sight))
        self.proposed.accepted.connect(lambda proposal, keys: self.settle_proposal(proposal, ACCEPTED, keys))
        self.proposed.declined.connect(lambda proposal: self.settle_proposal(proposal, DECLINED))
        self.refused.dealt_with.connect(self.deal_with)
        self.refused.correct_asked.connect(self.correct)
        self.refused.print_asked.connect(self.print_refused)
        self.refused.file_asked.connect(self.save_refused)
        for panel in self._panels():
            panel.person_asked.connect(self.open_person)
            panel.put_off.connect(self.put_off)
            panel.typing.connect(self.typing)

    def answer(self, number: int) -> None:
        """A number key: the answer of the chosen matter that bears it."""
        panel = self.detail.currentWidget()
        if isinstance(panel, MatterPanel) and self.list.chosen() is not None:
            panel.answer(number)

    def _bring_into_sight(self) -> None:
        """On a low screen the editors of another value lie below."""
        if self.difference.other is not None:
            self.area.ensureWidgetVisible(self.difference.other)

    # Showing

    def show_standing(self, found: Standing) -> None:
        """The matters as they are now."""
        self.standing = found
        self.list.show_lines(found.matters(self.later))
        self._show_detail()

    def _show_detail(self) -> None:
        line: Matter | None = self.list.chosen()
        if line is not None and id_of(line) != self._in_front:
            self._in_front = id_of(line)
            self.area.verticalScrollBar().setValue(0)
        if isinstance(line, Difference):
            self.difference.show_difference(line)
            self.detail.setCurrentWidget(self.difference)
        elif isinstance(line, Proposed):
            self.proposed.show_proposed(line)
            self.detail.setCurrentWidget(self.proposed)
        elif isinstance(line, Refused):
            self.refused.show_refused(line)
            self.detail.setCurrentWidget(self.refused)

    # Settling

    def put_off(self, matter: str) -> None:
        """To the end of the list."""
        self.later = [*(each for each in self.later if each != matter), matter]
        if self.standing is not None:
            self.show_standing(self.standing)

    def settle(self, conflict: Conflict, answer: str, value: Any = None) -> None:
        """Settle a conflict by a side, both, or another value."""
        from app.cases.conflicts import settle

        actor: Any = self.context.actor
        self.context.write(self, lambda store: settle(store, actor, conflict, answer, value)).then(
            lambda changes: self.context.say(tr(SETTLED[answer]) + tr("下次收发时送到县里。"), undo=changes)
        ).run()

    def settle_proposal(self, proposal: Proposal, state: str, keys: list[Key] | None = None) -> None:
        """Take a proposal over, or leave it."""
        from app.cases.proposals import settle_proposal

        actor: Any = self.context.actor
        words = tr("已写进台账。") if state == ACCEPTED else tr("没有采用，台账没有动。")
        self.context.write(self, lambda store: settle_proposal(store, actor, proposal, state, keys)).then(
            lambda changes: self.context.say(words + tr("下次收发时送到县里。"), undo=changes)
        ).run()

    def deal_with(self, rejection: Rejection, state: str) -> None:
        """Put a rejection aside."""
        from app.cases.rejections import settle_rejection

        actor: Any = self.context.actor
        self.context.write(self, lambda store: settle_rejection(store, actor, rejection, state)).then(
            lambda changes: self.context.say(tr("这一条处理好了。"), undo=changes)
        ).run()

    def correct(self, shown: Refused) -> None:
        """Open what was refused with its values laid in, as a draft that is put right and saved."""
        from app.cases.rejections import lay_in

        actor: Any = self.context.actor
        self.context.write(self, lambda store: lay_in(store, actor, shown.rejection)).then(
            lambda laid: self._open(laid, shown.rejection.subject or "")
        ).run()

    def _open(self, laid: list[Record], subject: str) -> None:
        visit = next((each for each in laid if each.spec.name.endswith("_visit")), None)
        self.context.say(tr("退回的内容已经填在里面，请改好再保存；保存后回到这里点「已经改好重报」。"))
        if visit is not None:
            self.open_visit.emit(VisitWanted((subject,), visit.spec.name, visit.id))
        elif subject:
            self.open_person.emit(subject)

    # Handing over

    def print_refused(self, shown: Refused) -> None:
        """On paper, to be taken along."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if QPrintDialog(printer, self).exec() == QDialog.DialogCode.Accepted:
            put_on_paper(shown, printer)

    def save_refused(self, shown: Refused) -> None:
        """As a file that whoever can help opens and reads."""
        name = tr("县里没有收下的_{id}", id=shown.rejection.id[:8]) + ".pdf"
        file = ask_where(self, tr("存成文件"), name, "PDF (*.pdf)", ".pdf")
        if file is not None:
            self._write(shown, file)

    def _write(self, shown: Refused, file: Path) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(file))
        put_on_paper(shown, printer)
        if file.exists():
            self.context.say(tr("存好了：{file}。里面有个人情况，交给对方以后请删掉。", file=file.name), tone="good")
        else:
            self.context.say(tr("没有存成，资料没有动。请换一个地方再存。"), tone="warning")


def _matter(line: Matter) -> str:
    if isinstance(line, Refused):
        return tr("县里没有收下：{reason}", reason=line.reason)
    if isinstance(line, Proposed):
        return tr("{village}转来的修改", village=line.village)
    mark = tr("（定得不一样）") if line.settled else tr("（要核对）") if line.conflict.must_ask else ""
    return tr("{item}：两边不一样{mark}", item=line.item, mark=mark)
