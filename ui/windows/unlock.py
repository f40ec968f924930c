"""The first thing seen: the passphrase. Names nobody."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.errors import ShouwangError
from app.settings import TYPE_SIZES
from ui import look
from ui.look.parts import dressed
from ui.windows.secrets import CodeField, NewSecret, SecretField
from ui.words import tr


class UnlockPanel(QWidget):
    """Asks for the passphrase, or, when it is forgotten, for the recovery code and a new passphrase."""

    secret_given = Signal(str)
    recovery_given = Signal(str, str)  # the code, the new passphrase
    practice_asked = Signal()
    type_asked = Signal(int)

    def __init__(self, unit: str = "", *, practice: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("打开守望"))
        self.problem = look.Label("", "problem", wrap=True)
        self.problem.setAccessibleName(tr("没有打开的原因"))
        self.cards = [self._passphrase_card()]
        sheet = look.Section()
        sheet.setFixedWidth(max(look.em(26), look.space(100)))
        sheet.body.addLayout(_sign(unit))
        sheet.body.addSpacing(look.space(2))
        self.sheet = sheet
        sheet.body.addWidget(self.cards[0])
        sheet.body.addWidget(self.problem)
        middle = QWidget()
        middle.setLayout(look.column(None, look.row(None, sheet, None), None, None))
        foot = look.row(*(self._type_button(size) for size in TYPE_SIZES), None, gap=1)
        if practice:
            hint = tr("打开一个虚构的村子，怎么点都不会影响真实资料")
            foot.addWidget(look.quiet_button(tr("先练习"), self.practice_asked.emit, picture="practice", hint=hint))
        layout = look.column(gap=0)
        layout.addWidget(look.scrolled(middle), 1)
        layout.addLayout(look.column(foot, margins=(6, 0, 6, 4)))
        self.setLayout(layout)
        self._turn(0)

    def _type_button(self, size: int) -> QWidget:
        made = look.quiet_button("字", lambda: self.type_asked.emit(size), hint=tr("字号 {size}", size=size))
        made.setAccessibleName(tr("字号 {size}", size=size))
        font = made.font()
        font.setPointSize(size)
        made.setFont(font)
        return made

    def _passphrase_card(self) -> QWidget:
        card = QWidget()
        self.secret = SecretField(tr("口令"))
        self.secret.given.connect(self._give)
        self.enter = look.primary_button(tr("打开"), self._give)
        self.forgotten = look.quiet_button(tr("忘记口令"), lambda: self._turn(1))
        card.setLayout(look.column(self.secret, look.row(self.enter, None, self.forgotten), None, gap=4))
        return card

    def _recovery_card(self) -> QWidget:
        card = QWidget()
        words = look.Label(tr("找出建立资料时抄下的恢复码。用它打开，并换一个新口令；资料都还在。"), "quiet", wrap=True)
        self.code = CodeField()
        self.new_secret = NewSecret()
        self.code.edit.returnPressed.connect(self.new_secret.setFocus)
        self.new_secret.given.connect(self._give_code)
        self.recover = look.primary_button(tr("用恢复码打开"), self._give_code)
        back = look.quiet_button(tr("想起来了"), lambda: self._turn(0))
        card.setLayout(look.column(words, self.code, self.new_secret, look.row(self.recover, None, back), gap=3))
        return card

    def _turn(self, card: int) -> None:
        if card == len(self.cards):  # most people never forget: built when it is asked for
            self.cards.append(self._recovery_card())
            self.sheet.body.insertWidget(self.sheet.body.indexOf(self.problem), self.cards[card])
        for number, each in enumerate(self.cards):
            each.setVisible(number == card)
        self.problem.setText("")
        (self.code if card else self.secret).setFocus()

    def _give(self) -> None:
        text = self.secret.text()
        if text:
            self.wait()
            self.secret_given.emit(text)

    def _give_code(self) -> None:
        if not self.new_secret.agrees():
            self.problem.setText(tr("新口令两遍不一样，请再打一遍。"))
            return
        self.wait()
        self.recovery_given.emit(self.code.text(), self.new_secret.text())

    def wait(self) -> None:
        """While the key is worked out."""
        self.problem.setText("")
        self.enter.setText(tr("正在打开……"))
        self._allow(False)

    def complain(self, error: ShouwangError) -> None:
        """Say why it did not open, and let the user try again."""
        self.ready()
        self.problem.setText(str(error))
        self.secret.edit.selectAll()
        if not self.cards[0].isHidden():
            self.secret.setFocus()

    def ready(self) -> None:
        """Take another passphrase."""
        self.enter.setText(tr("打开"))
        self._allow(True)

    def _allow(self, allowed: bool) -> None:
        self.enter.setEnabled(allowed)
        if len(self.cards) > 1:
            self.recover.setEnabled(allowed)

    def clear(self) -> None:
        """Forget what was typed."""
        self.ready()
        self._turn(0)
        self.secret.edit.clear()


def _sign(unit: str) -> QHBoxLayout:
    mark = QLabel()
    mark.setPixmap(look.icon("mark", "accent").pixmap(QSize(40, 40)))
    words = look.column(dressed(look.Label(tr("守望")), "title"), gap=0)
    if unit:
        words.addWidget(look.Label(unit, "quiet", wrap=True))
    layout = look.row(mark, words, None, gap=3)
    layout.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
    return layout
