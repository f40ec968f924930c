"""The first start: six steps, each of which can be left and taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from app.errors import ShouwangError
from app.settings import TYPE_SIZES
from ui import look
from ui.look.parts import dressed
from ui.pages.page import JoinWanted
from ui.windows.copied_code import CopiedCode
from ui.windows.secrets import NewSecret
from ui.windows.who_form import WhoForm
from ui.words import tr

WIDE = 55
"""Characters across that a line of a step has at the most."""
STEPS = ("字号", "怎么用", "口令", "恢复码", "第一次收发", "看一遍")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is needed to make a workspace; ``county`` and ``code`` are empty for who works alone."""

    name: str
    role: str
    org: str
    passphrase: str
    county: str = ""
    code: str = ""

    def __repr__(self) -> str:
        return f"Beginning(role={self.role!r}, org={self.org!r})"


class FirstStart(QWidget):
    """Composes the steps and walks through them; making the workspace itself is the program's."""

    type_asked = Signal(int)
    practice_asked = Signal()
    made = Signal(object)  # Beginning: make the workspace now
    exchange_asked = Signal(object)  # JoinWanted
    finished = Signal()

    def __init__(self, type_size: int, step: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("第一次使用"))
        self.way = ""
        self.step = step
        self.head = look.Label("", "quiet")
        self.title = look.Heading("", 1)
        self.problem = look.Label("", "problem", wrap=True)
        self.cards = QStackedWidget()
        for card in (
            self._type_card(type_size),
            self._way_card(),
            self._passphrase_card(),
            self._code_card(),
            self._exchange_card(),
            self._tour_card(),
        ):
            self.cards.addWidget(card)
        self.before = look.button(tr("上一步"), self.back)
        self.next = look.primary_button(tr("下一步"), self.forward)
        self.sheet = sheet = look.Section()
        sheet.body.addLayout(look.column(self.head, self.title, gap=0))
        sheet.body.addWidget(look.scrolled(self.cards), 1)
        sheet.body.addWidget(self.problem)
        sheet.body.addLayout(look.row(self.before, None, self.next))
        centre = look.row(None, sheet, None)
        centre.setStretch(1, 100)  # all the room there is up to its widest
        self.setLayout(look.column(centre, margins=(6, 6, 6, 6)))
        look.changed.connect(self._fit)
        self._fit()
        self._turn(step)

    def _fit(self) -> None:
        self.sheet.setMaximumWidth(look.em(WIDE))

    def _type_card(self, chosen: int) -> QWidget:
        card = QWidget()
        layout = look.column(
            look.Label(tr("选一个看着不费劲的大小，以后随时可以按 Ctrl 加 + 或 − 换。"), "quiet", wrap=True)
        )
        group = QButtonGroup(card)
        for size, words in zip(TYPE_SIZES, ("小", "中", "大", "特大"), strict=True):
            made = _choice(tr("{word}　王小明家，周三去走访", word=tr(words)), group, size == chosen)
            made.setStyleSheet(f"font-size: {size}pt;")
            made.clicked.connect(lambda _, size=size: self.type_asked.emit(size))
            layout.addWidget(made)
        layout.addStretch(1)
        card.setLayout(layout)
        return card

    def _way_card(self) -> QWidget:
        card = QWidget()
        group = QButtonGroup(card)
        self.ways: dict[str, QPushButton] = {}
        self.who = WhoForm()
        self.who.hide()
        layout = look.column(gap=2)
        for way, words in (
            ("join", "加入县里：有县里发的一次性注册码"),
            ("alone", "自己先用：以后可以再加入县里"),
            ("practise", "先练习：打开一个虚构的村子，随便点"),
        ):
            made = _choice(tr(words), group, False)
            made.clicked.connect(lambda _, way=way: self._choose(way))
            self.ways[way] = made
            layout.addWidget(made)
        layout.addWidget(self.who)
        layout.addStretch(1)
        card.setLayout(layout)
        return card

    def _passphrase_card(self) -> QWidget:
        card = QWidget()
        words = look.Label(
            tr(
                "每次打开守望都要打口令。资料加密存在这台电脑里，没有口令谁也打不开，请记牢。\n"
                "可以用几个字连起来，好记又难猜，如四个不相干的词。"
            ),
            "quiet",
            wrap=True,
        )
        self.secret = NewSecret()
        self.secret.given.connect(self.forward)
        card.setLayout(look.column(words, self.secret, None, gap=4))
        return card

    def _code_card(self) -> QWidget:
        self.copied = CopiedCode()
        self.copied.given.connect(self.forward)
        card = QWidget()
        card.setLayout(look.column(self.copied, None))
        return card

    def _exchange_card(self) -> QWidget:
        card = QWidget()
        self.exchange_words = look.Label("", wrap=True)
        self.exchange_now = look.button(tr("现在加入并收发"), self._ask_exchange, picture="exchange")
        card.setLayout(look.column(self.exchange_words, look.row(self.exchange_now, None), None, gap=4))
        return card

    def _tour_card(self) -> QWidget:
        card = QWidget()
        layout = look.column(gap=3)
        for picture, word, about in TOUR:
            mark = look.Label()
            mark.setPixmap(look.icon(picture, "accent").pixmap(look.em(1.4), look.em(1.4)))
            name = look.Label(tr(word), "strong")
            name.setMinimumWidth(look.em(6))
            line = look.row(mark, name, look.Label(tr(about), "quiet", wrap=True), gap=3)
            line.setStretch(2, 1)
            layout.addLayout(line)
        layout.addStretch(1)
        card.setLayout(layout)
        return card

    def _choose(self, way: str) -> None:
        self.way = way
        self.problem.setText("")
        self.ways[way].setChecked(True)
        self.who.setVisible(way != "practise")
        self.who.show_joining(way == "join")
        (self.next if way == "practise" else self.who).setFocus()

    def _turn(self, step: int) -> None:
        look.commit_composition()
        self.step = step
        self.problem.setText("")
        self.head.setText(tr("第 {n} 步，共 {of} 步", n=step + 1, of=len(STEPS)))
        self.title.setText(tr(STEPS[step]))
        self.title.setAccessibleName(tr(STEPS[step]))
        self.cards.setCurrentIndex(step)
        for number in range(self.cards.count()):  # a card that is behind asks for no room
            policy = QSizePolicy.Policy.Preferred if number == step else QSizePolicy.Policy.Ignored
            _card(self.cards, number).setSizePolicy(policy, policy)
        self.before.setVisible(0 < step < 3)
        self.next.setText(tr("开始使用") if step == len(STEPS) - 1 else tr("下一步"))
        (self.secret if step == 2 else self.next).setFocus()

    def back(self) -> None:
        """The step before."""
        self._turn(max(0, self.step - 1))

    def forward(self) -> None:
        """Finish this step; says what is missing instead when something is."""
        look.commit_composition()
        leave: tuple[Callable[[], bool], ...] = (
            lambda: True,
            self._leave_way,
            self._leave_passphrase,
            self._leave_code,
            lambda: True,
            self._leave_tour,
        )
        if leave[self.step]():
            self._turn(self.step + 1)

    def _leave_way(self) -> bool:
        if self.way == "practise":
            self.practice_asked.emit()
            return False
        missing = self._missing()
        self.problem.setText(missing)
        return not missing

    def _missing(self) -> str:
        return self.who.missing() if self.way else tr("请选一种。")

    def _leave_passphrase(self) -> bool:
        if not self.secret.agrees():
            self.problem.setText(tr("两遍口令要一样，请再打一遍。"))
            return False
        self.next.setEnabled(False)
        self.made.emit(self._beginning())
        return False

    def _beginning(self) -> Beginning:
        who, joins = self.who, self.way == "join"
        return Beginning(
            who.name.text().strip(),
            who.role,
            who.org.code,
            self.secret.text(),
            who.county.text().strip() if joins else "",
            who.code.text().strip() if joins else "",
        )

    def complain(self, error: ShouwangError) -> None:
        """The workspace could not be made."""
        self.next.setEnabled(True)
        self.problem.setText(str(error))

    def show_code(self, code: str) -> None:
        """The workspace stands: show its recovery code, to be copied by hand."""
        self.next.setEnabled(True)
        self.copied.show_code(code)
        self._turn(3)

    def _leave_code(self) -> bool:
        self.problem.setText(self.copied.problem())
        if self.problem.text():
            return False
        self._tell_exchange()
        return True

    def _tell_exchange(self) -> None:
        joined = self.way == "join"
        self.exchange_now.setVisible(joined)
        self.exchange_words.setText(
            tr("县里的资料现在就可以收下来，收的时候也可以照常用。没有网也不要紧，以后在「收发」里再收。")
            if joined
            else tr("您选了自己先用，资料只在这台电脑里。以后有了注册码，在「收发」里加入县里，已经记的都会带上。")
        )

    def _ask_exchange(self) -> None:
        who = self.who
        self.exchange_asked.emit(JoinWanted(who.county.text().strip(), who.code.text().strip(), who.authority.file))

    def _leave_tour(self) -> bool:
        self.finished.emit()
        return False


TOUR = (
    ("today", "今日", "今天该去看谁，为什么。回车打开，V 开始走访，P 打印今天的表。"),
    ("register", "台账", "儿童、老人、家庭的名单。可以从表格导入，也可以导出。"),
    ("search", "找人", "按 Ctrl+F，打姓名、拼音首字母（如 lx）或证件号后四位。"),
    ("visits", "走访", "跟纸上的顺序一样。上次的答案是灰字，一个键就能沿用。"),
    ("saved", "不用点保存", "打的字随时存着。做错了按 Ctrl+Z 撤销。"),
    ("emergency", "求助电话", "孩子有危险时按 F9，先打 110。"),
)


def _card(cards: QStackedWidget, number: int) -> QWidget:
    found = cards.widget(number)
    assert found is not None
    return found


def _choice(words: str, group: QButtonGroup, on: bool) -> QPushButton:
    made = dressed(QPushButton(words), "choice")
    made.setCheckable(True)
    made.setChecked(on)
    made.setAccessibleName(words)
    group.addButton(made)
    return made
