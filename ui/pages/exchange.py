"""收发: whether everything has arrived, what waits, what came, and what needs a person."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QSizePolicy, QStackedWidget, QWidget

from app.cases.conflicts import Difference
from app.cases.rejections import Refused
from app.errors import ShouwangError
from app.records import Conflict, Rejection
from ui import exchanging, look
from ui.changes import Notice
from ui.context import Context
from ui.dialogs.history import VERBS
from ui.exchanging import Standing, outcome_words, postponed
from ui.models.short_table import ShortColumn, ShortTableView
from ui.pages.differences import LATER, DifferencePanel, RefusedPanel, item_of, plain_text
from ui.pages.joining import JoinSection
from ui.pages.page import JoinWanted, Page
from ui.pages.print_records import moment
from ui.pages.stick import StickButtons
from ui.tasks import Progress, Task
from ui.words import tr

if TYPE_CHECKING:
    from app.store.workspace import Workspace
    from sync.client.engine import Outcome

STATES = {
    "alone": ("info", "quiet", "单机使用，还没有加入县里"),
    "all_sent": ("saved", "good", "已全部送到"),
    "waiting": ("export", "warning", "{n} 条待送"),
    "attention": ("warning", "danger", "{n} 件需要处理"),
}
TABS = (("open", "需要处理"), ("waiting", "待送"), ("came", "收到的"), ("history", "以前的收发"))
SETTLED = {"mine": "已用我的。", "theirs": "已用对方的。", "both": "两个都留下了。"}
SENT = {"print": "打印", "settle": "定下不一样的", "spoil": "纸质表作废", "attach": "加照片"}


class ExchangePage(Page):
    """The state in words on top; below it four lists, the first of which is what needs somebody."""

    title = "收发"
    place = "exchange"
    help_page = "exchange"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.standing: Standing | None = None
        self.running: Task[Outcome] | None = None
        self.later: list[str] = []
        self.sign = QLabel()
        self.state = look.Heading("", 1)
        self.words = look.Label("", "quiet", wrap=True)
        self.now = look.primary_button(tr("现在收发 (F5)"), self.exchange)
        self.stop = look.button(tr("停下"), self._stop)
        self.joining = JoinSection(self.join)
        self.stick = StickButtons(context, self._took_in)
        self.tabs = {name: look.Chip(tr(word), act=partial(self._tab, name)) for name, word in TABS}
        self.lists = QStackedWidget()
        self.difference, self.refused = DifferencePanel(), RefusedPanel()
        self._tables()
        self._compose()
        self._connect()
        self.tab = "open"

    def _tables(self) -> None:
        self.open = ShortTableView(
            (
                ShortColumn(tr("谁"), _whose, 6),
                ShortColumn(tr("什么事"), _matter, 18, lambda line: "quiet"),
            ),
            tr("需要处理的"),
        )
        self.waiting = ShortTableView(
            (
                ShortColumn(tr("时间"), lambda line: moment(line.at), 9, lambda line: "quiet"),
                ShortColumn(tr("谁的"), lambda line: line.person, 7),
                ShortColumn(tr("记录"), lambda line: line.types, 16),
                ShortColumn(tr("做了什么"), lambda line: _verb(line.verb), 8),
                ShortColumn(tr("谁写的"), lambda line: line.author, 8, lambda line: "quiet"),
            ),
            tr("待送的"),
        )
        self.came = ShortTableView(
            (
                ShortColumn(tr("谁的"), lambda line: line.person, 8),
                ShortColumn(tr("记录"), lambda line: line.type, 14),
                ShortColumn(tr("做了什么"), lambda line: _verb(line.verb), 14, lambda line: "quiet"),
            ),
            tr("收到的"),
        )
        self.history = ShortTableView(
            (
                ShortColumn(tr("时间"), lambda line: moment(datetime.fromisoformat(line["at"])), 10),
                ShortColumn(tr("结果"), outcome_words, 30),
                ShortColumn(tr("用时、流量"), _cost, 10, lambda line: "quiet"),
            ),
            tr("以前的收发"),
        )

    def _compose(self) -> None:
        for panel in (self._open_panel(), self.waiting, self.came, self.history):
            self.lists.addWidget(panel)
        self.empty = look.EmptyState("", picture="saved")
        self.lists.addWidget(self.empty)
        policy = QSizePolicy.Policy
        self.lists.setSizePolicy(policy.Preferred, policy.Ignored)  # on a low screen the lists give way, not the words
        head = look.row(self.sign, self.state, None, self.stop, self.now, gap=3)
        page = look.column(
            head,
            self.words,
            self.joining,
            look.row(*self.tabs.values(), None, self.stick),
            margins=(6, 3, 6, 3),
            gap=3,
        )
        page.addWidget(self.lists, 1)
        self.setLayout(page)
        self.setFocusProxy(self.now)
        self.stop.hide()
        self.joining.hide()
        self.stick.hide()

    def _open_panel(self) -> QWidget:
        panel, beside = QWidget(), QWidget()
        self.detail = QStackedWidget()
        self.detail.addWidget(self.difference)
        self.detail.addWidget(self.refused)
        beside.setLayout(look.column(self.detail))
        layout = look.row(gap=4)
        layout.addWidget(self.open, 2)
        layout.addWidget(look.scrolled(beside), 3)
        panel.setLayout(layout)
        return panel

    def _connect(self) -> None:
        self.open.selectionModel().currentRowChanged.connect(lambda *_: self._show_detail())
        self.difference.settled.connect(self.settle)
        self.refused.dealt_with.connect(self.deal_with)
        self.refused.print_asked.connect(self.print_refused)
        self.came.activated.connect(lambda _: self._open_came())
        for panel in (self.difference, self.refused):
            panel.person_asked.connect(self.open_person)
        self.key("F5", self.exchange)
        for number in range(1, 5):
            self.key(str(number), partial(self._answer, number))

    # How it stands

    def refresh(self) -> None:
        actor: Any = self.context.actor
        store = self.context.store
        self.context.read(self, lambda _: exchanging.standing(store, actor)).then(self._show).run()

    def shown(self) -> None:
        self.refresh()

    def _show(self, found: Standing) -> None:
        self.standing = found = postponed(found, self.later)
        needing = len(found.conflicts) + len(found.rejections)
        picture, colour, words = STATES[found.state]
        side = look.type_size() * 2
        self.sign.setPixmap(look.icon(picture, colour).pixmap(QSize(side, side)))
        self.state.setText(tr(words, n=needing if found.state == "attention" else found.pending))
        self.state.setAccessibleName(self.state.text())
        self.words.setText(self._about(found))
        is_joined = found.state != "alone"
        self.now.setVisible(is_joined)
        self.joining.setVisible(not is_joined)
        self.stick.setVisible(is_joined)
        self.open.show_lines([*found.conflicts, *found.rejections])
        self.waiting.show_lines(found.waiting)
        self.came.show_lines(found.came)
        self.history.show_lines(found.history)
        for name, count in zip(self.tabs, (needing, found.pending, len(found.came), 0), strict=True):
            self.tabs[name].setText(f"{tr(dict(TABS)[name])} {count:,}" if count else tr(dict(TABS)[name]))
        self.show_tab(self.tab)
        self._show_detail()
        self._take_focus(needing > 0)

    def _take_focus(self, needed: bool) -> None:
        """The button of an exchange that has begun loses the keyboard; without any focus no key would work."""
        if self.isVisible() and QApplication.focusWidget() is None:
            (self.open if needed and self.tab == "open" else self.now).setFocus()

    def _about(self, found: Standing) -> str:
        if found.state == "alone":
            return tr("记下的都在这台电脑上。以后加入县里，已经记下的会一起送去。")
        last = found.history[0] if found.history else None
        county = tr("县里：{name}。", name=found.county)
        if last is None:
            return county + tr("还没有收发过。没有网也照样记，有网时再送。")
        at = moment(datetime.fromisoformat(last["at"]))
        return county + tr(
            "上次 {at}：{words}。没有网也照样记，有网时再送。", at=at, words=outcome_words(last).rstrip("。")
        )

    def _tab(self, name: str, _on: bool) -> None:
        self.show_tab(name)

    def show_tab(self, name: str) -> None:
        """One of the four lists."""
        self.tab = name
        tables = {"open": self.open, "waiting": self.waiting, "came": self.came, "history": self.history}
        for place, (each, chip) in enumerate(self.tabs.items()):
            chip.blockSignals(True)
            chip.setChecked(each == name)
            chip.blockSignals(False)
            if each == name:
                self.lists.setCurrentIndex(place)
        if not tables[name].table.lines:
            self.empty.words.setText(_nothing(name))
            self.lists.setCurrentWidget(self.empty)

    def _show_detail(self) -> None:
        line = self.open.chosen()
        if isinstance(line, Difference):
            self.difference.show_difference(line)
            self.detail.setCurrentWidget(self.difference)
        elif isinstance(line, Refused):
            self.refused.show_refused(line)
            self.detail.setCurrentWidget(self.refused)

    def _open_came(self) -> None:
        line = self.came.chosen()
        if line is not None and line.subject:
            self.open_person.emit(line.subject)

    # Settling

    def _answer(self, number: int) -> None:
        if self.tab == "open" and isinstance(self.open.chosen(), Difference):
            self.difference.answer(number)

    def settle(self, conflict: Conflict, answer: str) -> None:
        """Settle a conflict, or put it off to the end of the list."""
        if answer == LATER:
            self.later = [*(each for each in self.later if each != conflict.id), conflict.id]
            if self.standing is not None:
                self._show(self.standing)
            return
        from app.cases.conflicts import settle

        actor: Any = self.context.actor
        self.context.write(self, lambda store: settle(store, actor, conflict, answer)).then(
            lambda changes: self.context.say(tr(SETTLED[answer]) + tr("下次收发时送到县里。"), undo=changes)
        ).run()

    def deal_with(self, rejection: Rejection, state: str) -> None:
        """Put a rejection aside."""
        from app.cases.rejections import settle_rejection

        actor: Any = self.context.actor
        self.context.write(self, lambda store: settle_rejection(store, actor, rejection, state)).then(
            lambda changes: self.context.say(tr("这一条处理好了。"), undo=changes)
        ).run()

    def print_refused(self, shown: Refused) -> None:
        """On paper, to be taken along."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if QPrintDialog(printer, self).exec() == QDialog.DialogCode.Accepted:
            document = QTextDocument()
            document.setDefaultFont(look.face(11))
            document.setPlainText(plain_text(shown))
            document.print_(printer)

    # Exchanging

    def exchange(self) -> None:
        """One exchange; the window stays usable, and closing it costs nothing."""
        if self.running is not None or self.standing is None or self.standing.state == "alone":
            return
        self._begin()

    def _begin(self) -> None:
        def work(store: Workspace, progress: Progress) -> Outcome:
            return exchanging.run(store, progress)

        self.now.setEnabled(False)
        self.stop.show()
        self.words.setText(tr("正在收发……可以接着做别的。"))
        self.running = self.context.job(self, work, tr("正在收发……"))
        self.running.told.connect(lambda done, of, words: self.words.setText(words))
        self.running.ended.connect(self._ended)
        self.running.then(self._exchanged).otherwise(self._failed).run()

    def _stop(self) -> None:
        if self.running is not None:
            self.running.stop()

    def _ended(self) -> None:
        self.running = None
        self.now.setEnabled(True)
        self.stop.hide()
        self.refresh()

    def _exchanged(self, outcome: Outcome) -> None:
        self.context.changes.announce(outcome.changes)

    def _took_in(self, outcome: Outcome) -> None:
        self._exchanged(outcome)
        self.refresh()

    def _failed(self, error: ShouwangError) -> None:
        self.context.changes.say(Notice(error.message, "warning", error.advice, error.code))

    def show_what(self, what: object) -> None:
        if isinstance(what, JoinWanted):
            self.join(what.url, what.code)
        elif what == "now":
            self._begin()

    def join(self, url: str, code: str) -> None:
        """Join a county, then exchange at once."""
        self.joining.say("")
        self.joining.setEnabled(False)
        task = self.context.job(self, lambda store, _: exchanging.join(store, url, code), tr("正在加入……"))
        task.ended.connect(lambda: self.joining.setEnabled(True))
        task.then(self._joined).otherwise(self.joining.complain).run()

    def _joined(self, name: str) -> None:
        self.context.say(tr("已加入{name}，正在送出记下的全部内容。", name=name), tone="good")
        self._begin()


def _whose(line: Difference | Refused) -> str:
    return line.person or tr("（没有姓名）")


def _matter(line: Difference | Refused) -> str:
    if isinstance(line, Refused):
        return tr("县里没有收下：{reason}", reason=line.reason)
    mark = tr("（要核对）") if line.conflict.must_ask else ""
    return tr("{item}：两边不一样{mark}", item=item_of(line), mark=mark)


def _verb(verb: str) -> str:
    return VERBS.get(verb) or tr(SENT.get(verb, "修改"))


def _cost(line: dict[str, Any]) -> str:
    if line.get("error"):
        return ""
    used = exchanging.amount(line["bytes_up"] + line["bytes_down"])
    return tr("{s} 秒，{used}", s=line["seconds"], used=used)


def _nothing(name: str) -> str:
    words: dict[str, str] = {
        "open": tr("没有需要您处理的。"),
        "waiting": tr("没有待送的。"),
        "came": tr("这几天县里没有传来新的。"),
        "history": tr("还没有收发过。"),
    }
    return words[name]
