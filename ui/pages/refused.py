"""What the county did not take: why, everything that was in it, and the ways out of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrinter

from app.cases.rejections import MENDED, WITHDRAWN, Refused, who_can_help
from ui import look
from ui.pages.matter import MatterPanel
from ui.pages.print_records import moment
from ui.words import tr


class RefusedPanel(MatterPanel):
    """One save that was refused: put it right, hand it over, or let it be."""

    dealt_with = Signal(object, str)  # the rejection, and mended or withdrawn
    correct_asked = Signal(object)  # Refused
    print_asked = Signal(object)
    file_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__(tr("县里没有收下"))
        self.shown: Refused | None = None

    def show_refused(self, shown: Refused) -> None:
        """Show one."""
        self.shown = shown
        rejection = shown.rejection
        self.begin(shown.person, rejection.subject)
        self.say(tr("县里没有收下：{reason}", reason=shown.reason), "problem")
        self.say(rejection.explanation or "", "")
        self.say(
            tr(
                "{who} 写的，{at} 退回。内容都在这里，没有丢。",
                who=rejection.author or "",
                at=moment(rejection.refused_at),
            )
        )
        self._acts(shown)
        self.body.addWidget(look.Hairline())
        for item, words in shown.lines:
            self.say(f"{item}：{words}", "")
        self.body.addStretch(1)

    def _acts(self, shown: Refused) -> None:
        correct = partial(self.correct_asked.emit, shown)
        mended = partial(self.dealt_with.emit, shown.rejection, MENDED)
        withdrawn = partial(self.dealt_with.emit, shown.rejection, WITHDRAWN)
        buttons = []
        if shown.can_correct:
            buttons.append(look.primary_button(self.numbered(tr("打开改正"), correct), correct))
        buttons.append(look.button(self.numbered(tr("已经改好重报"), mended), mended))
        buttons.append(look.quiet_button(self.numbered(tr("不再报"), withdrawn), withdrawn))
        self.offer(*buttons)
        self.say(tr("自己改不了的，可以交给{whom}：", whom=who_can_help(shown.rejection)))
        self.offer(
            look.quiet_button(tr("打印出来"), partial(self.print_asked.emit, shown), picture="printing"),
            look.quiet_button(tr("存成文件"), partial(self.file_asked.emit, shown), picture="export"),
        )


def plain_text(shown: Refused) -> str:
    """What is printed or saved of a rejection, to be taken to whoever can help."""
    rejection = shown.rejection
    lines = [
        tr("县里没有收下的记录"),
        tr("请交给：{whom}", whom=who_can_help(rejection)),
        "",
        tr("谁的：{name}", name=shown.person or tr("（没有姓名）")),
        tr("谁写的：{name}　　退回的时间：{at}", name=rejection.author or "", at=moment(rejection.refused_at)),
        tr("原因：{reason}", reason=shown.reason),
        rejection.explanation or "",
        "",
        *(f"{item}：{words}" for item, words in shown.lines),
        "",
        tr("编号：{id}", id=rejection.id),
    ]
    return "\n".join(lines)


def put_on_paper(shown: Refused, printer: QPrinter) -> None:
    """Its words onto a printer, or into the file that stands for one."""
    document = QTextDocument()
    document.setDefaultFont(look.face(11))
    document.setPlainText(plain_text(shown))
    document.print_(printer)
