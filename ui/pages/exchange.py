"""收发: whether everything has arrived, what waits, what came, and what needs a person."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy, QStackedWidget, QWidget

from app.errors import ShouwangError
from ui import exchanging, look
from ui.changes import Notice
from ui.context import Context
from ui.exchanging import Standing, outcome_words
from ui.pages.exchange_tables import came_table, carried_table, history_table, waiting_table
from ui.pages.joining import JoinSection
from ui.pages.news import NewsSection
from ui.pages.page import JoinWanted, Page
from ui.pages.print_records import moment
from ui.pages.settling import MOST_ANSWERS, Settling
from ui.pages.stick import StickButtons, is_station
from ui.tasks import Progress, Task
from ui.words import tr

if TYPE_CHECKING:
    from app.store.workspace import Workspace
    from sync.client.engine import Outcome

LEAST_LINES = 4
TELL_EVERY = 20_000
"""Milliseconds: 约 3 分钟后 becomes 约 2 分钟后."""
STATES = {
    "alone": ("info", "quiet", "单机使用，还没有加入县里"),
    "all_sent": ("saved", "good", "已全部送到"),
    "unfinished": ("import", "warning", "都送出了，还没有收完"),
    "waiting": ("export", "warning", "{n} 条待送"),
    "differs": ("warning", "danger", "和县里有对不上的地方"),
    "attention": ("warning", "danger", "{n} 件需要处理"),
}
FIRST_TIME = "已加入，还没有收发过"
TABS = (
    ("open", "需要处理"), ("waiting", "待送"), ("came", "收到的"), ("carried", "捎带的"), ("history", "以前的收发"),
)  # fmt: skip


class ExchangePage(Page):
    """The state in words on top; below it four lists, the first of which is what needs somebody."""

    title = "收发"
    place = "exchange"
    help_page = "exchange"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.standing: Standing | None = None
        self.running: Task[Outcome] | None = None
        self.entering: Task[str] | None = None
        self.sign = QLabel()
        self.state = look.Heading("", 1)
        self.words = look.Label("", "quiet", wrap=True)
        self.now = look.primary_button(tr("现在收发 (F5)"), self.exchange)
        self.stop = look.button(tr("停下"), self.stop_exchange)
        self.joining = JoinSection(self.join)
        self.news = NewsSection(self._have_read)
        self.stick = StickButtons(context, self._took_in, self._has_carried)
        self.tabs = {name: look.Chip(tr(word), act=partial(self._tab, name)) for name, word in TABS}
        self.lists = QStackedWidget()
        self.settling = Settling(context)
        self.waiting, self.came, self.history = waiting_table(), came_table(), history_table()
        self.carried = carried_table()
        self._compose()
        self._connect()
        self.tab = "open"

    def _compose(self) -> None:
        for panel in (self.settling, self.waiting, self.came, self.carried, self.history):
            self.lists.addWidget(panel)
        self.empty = look.EmptyState("", picture="saved")
        self.lists.addWidget(self.empty)
        policy = QSizePolicy.Policy
        # On a low screen the lists give way, not the words, but some lines are always there: else the page scrolls.
        self.lists.setSizePolicy(policy.Preferred, policy.Ignored)
        about = look.row(gap=3)
        about.addWidget(self.words, 1)
        about.addWidget(self.stick, 0, Qt.AlignmentFlag.AlignTop)
        head = look.row(self.sign, self.state, None, self.stop, self.now, gap=3)
        page = look.column(
            head,
            about,
            self.news,
            self.joining,
            look.row(*self.tabs.values(), None),
            margins=(6, 3, 6, 3),
            gap=3,
        )
        page.addWidget(self.lists, 1)
        self.setLayout(page)
        self.setFocusProxy(self.now)
        self.stop.hide()
        self.news.hide()
        self.joining.hide()
        self.stick.hide()
        self.tabs["carried"].setVisible(is_station(self.context))

    def _connect(self) -> None:
        self.settling.open_person.connect(self.open_person)
        self.settling.open_visit.connect(self.open_visit)
        self.came.activated.connect(lambda _: self._open_came())
        self.context.line.changed.connect(self._say_about)
        look.changed.connect(self._keep_lines)
        self.clock = QTimer(self, interval=TELL_EVERY)
        self.clock.timeout.connect(self._say_about)
        self.clock.start()
        self.key("F5", self.exchange)
        for number in range(1, MOST_ANSWERS + 1):
            key = self.key(str(number), partial(self._answer, number))
            self.settling.typing.connect(lambda on, key=key: key.setEnabled(not on))

    def _answer(self, number: int) -> None:
        if self.tab == "open":
            self.settling.answer(number)

    # How it stands

    def refresh(self) -> None:
        actor: Any = self.context.actor
        store = self.context.store
        self.context.read(self, lambda _: exchanging.standing(store, actor)).then(self._show).run()

    def shown(self) -> None:
        self._keep_lines()
        self.refresh()

    def _keep_lines(self) -> None:
        self.lists.setMinimumHeight(self.waiting.height_of(LEAST_LINES))

    def _show(self, found: Standing) -> None:
        self.standing = found
        needing = len(found.matters())
        picture, colour, words = STATES[found.state]
        if found.state == "unfinished" and not found.history:
            words = FIRST_TIME
        side = look.type_size() * 2
        self.sign.setPixmap(look.icon(picture, colour).pixmap(QSize(side, side)))
        self.state.setText(tr(words, n=needing if found.state == "attention" else found.pending))
        self.state.setAccessibleName(self.state.text())
        self._say_about()
        is_joined = found.state != "alone"
        self.now.setVisible(is_joined)
        self.joining.setVisible(not is_joined)
        self.stick.setVisible(is_joined)
        self.news.show_news(found.news)
        self.settling.show_standing(found)
        self.waiting.show_lines(found.waiting)
        self.came.show_lines(found.came)
        self.carried.show_lines(found.carried)
        self.history.show_lines(found.history)
        counts = (needing, found.pending + found.photos, len(found.came), 0, 0)
        for name, count in zip(self.tabs, counts, strict=True):
            self.tabs[name].setText(f"{tr(dict(TABS)[name])} {count:,}" if count else tr(dict(TABS)[name]))
        self.show_tab(self.tab)
        self._take_focus(needing > 0)

    def _take_focus(self, needed: bool) -> None:
        """The button of an exchange that has begun loses the keyboard; without any focus no key would work."""
        if self.isVisible() and QApplication.focusWidget() is None:
            (self.settling if needed and self.tab == "open" else self.now).setFocus()

    def _say_about(self) -> None:
        """Which county, how it went, and why what waits is still here; progress has the place while it runs."""
        if self.standing is None or self.running is not None or self.entering is not None:
            return
        self.words.setText(self._why(self.standing) or self._about(self.standing))

    def _why(self, found: Standing) -> str:
        """What does not agree; why what waits is still here, or has not come. The number stands above already, unless
        something else does."""
        if found.state == "alone":
            return ""
        return _difference(found) + self._why_it_waits(found)

    def _why_it_waits(self, found: Standing) -> str:
        photos = found.photos
        has_sent = found.state == "unfinished" and bool(found.history)
        if not (found.pending or photos or has_sent):
            return ""
        words = self.context.line.why(self.context.clock.now(), has_sent=has_sent)
        if found.pending and found.state != "waiting":
            words = tr("{n} 条待送：", n=f"{found.pending:,}") + words
        return words + (tr("还有 {n} 张照片，文字送完就传。", n=photos) if photos else "")

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
        tables = {
            "open": self.settling.list, "waiting": self.waiting, "came": self.came, "carried": self.carried,
            "history": self.history,
        }  # fmt: skip
        for place, (each, chip) in enumerate(self.tabs.items()):
            chip.blockSignals(True)
            chip.setChecked(each == name)
            chip.blockSignals(False)
            if each == name:
                self.lists.setCurrentIndex(place)
        if not tables[name].table.lines:
            self.empty.words.setText(_nothing(name))
            self.lists.setCurrentWidget(self.empty)

    def _open_came(self) -> None:
        line = self.came.chosen()
        if line is not None and line.subject:
            self.open_person.emit(line.subject)

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

    def closing(self) -> None:
        self.stop_exchange()

    def stop_exchange(self) -> None:
        """停下: at once, whatever the line does; what arrived is kept, the rest goes the next time."""
        for each in (self.running, self.entering):
            if each is not None:
                each.stop()

    def _ended(self) -> None:
        self.running = None
        self.now.setEnabled(True)
        self.stop.hide()
        self.refresh()

    def _exchanged(self, outcome: Outcome) -> None:
        self.context.line.reached()
        self._announce(outcome)

    def _announce(self, outcome: Outcome) -> None:
        self.context.took_in(outcome)

    def _took_in(self, outcome: Outcome) -> None:
        self._announce(outcome)
        self.refresh()

    def _have_read(self) -> None:
        from app.store.results import Changes
        from sync.client.news import put_away

        again, read = self.context.changes.changed, self.news.shown
        self.context.write(self, lambda store: put_away(store, read)).then(lambda _: again.emit(Changes())).run()

    def _has_carried(self) -> None:
        self.tab = "carried"
        self.refresh()

    def _failed(self, error: ShouwangError) -> None:
        self.context.line.failed(error)
        self.context.changes.say(Notice(error.message, "warning", error.advice, error.code))

    def show_what(self, what: object) -> None:
        if isinstance(what, JoinWanted):
            self.joining.fill(what)
            self.join(what)
        elif what == "now":
            self._begin()

    def join(self, wanted: JoinWanted) -> None:
        """Join a county, then exchange at once."""
        if self.entering is not None:
            return

        def work(store: Workspace, progress: Progress) -> str:
            return exchanging.join(store, wanted.url, wanted.code, wanted.authority, progress)

        self.joining.say("")
        self.joining.setEnabled(False)
        self.stop.show()
        self.words.setText(tr("正在加入……"))
        self.entering = self.context.job(self, work, tr("正在加入……"))
        self.entering.ended.connect(self._entered)
        self.entering.then(self._joined).otherwise(self.joining.complain).run()

    def _entered(self) -> None:
        """Joined, refused or stopped; the exchange that follows has its own 停下."""
        was_stopped = self.entering is not None and self.entering.progress.stopped
        self.entering = None
        self.joining.setEnabled(True)
        self.stop.setVisible(self.running is not None)
        self._say_about()
        if was_stopped and self.running is None:
            self.joining.say(tr("已停下，还没有加入。资料都在，注册码还能用。"))

    def _joined(self, name: str) -> None:
        self.context.say(tr("已加入{name}，正在送出记下的全部内容。", name=name), tone="good")
        self._begin()


def _difference(found: Standing) -> str:
    """That both sides differ, as long as no line below it says so."""
    from sync.client.news import DIFFERS_WORDS

    is_told = any(DIFFERS_WORDS in each.words for each in found.news)
    return tr(DIFFERS_WORDS) if found.differs and not is_told else ""


def _nothing(name: str) -> str:
    words: dict[str, str] = {
        "open": tr("没有需要您处理的。"),
        "waiting": tr("没有待送的。"),
        "came": tr("这几天县里没有传来新的。"),
        "carried": tr("没有给村里捎带过。村里的人拿 U 盘来，点「捎带各村的」。"),
        "history": tr("还没有收发过。"),
    }
    return words[name]
