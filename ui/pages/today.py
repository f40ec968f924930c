"""今日: whom to visit and why, what came since yesterday, birthdays that matter, how the month stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from app.cases.agenda import (
    Agenda,
    Birthday,
    MonthProgress,
    birthdays_that_matter,
    month_progress,
    whom_to_visit,
)
from app.clock import CHINA
from app.policy.rules import load as load_rules
from app.records import Child, Elder, record_type
from app.records.divisions import common_prefix
from ui import look
from ui.context import Context
from ui.look.flow import in_lines
from ui.models.twice import pairs_at_a_glance
from ui.pages.month_chart import MonthChart
from ui.pages.page import Going, Page, PrintWanted, VisitWanted
from ui.pages.today_list import WalkList, ids
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader
    from app.store.results import Changes

WEEKDAYS = "一二三四五六日"
NARROW = 52
"""Below so many characters across, list and side do not stand beside each other."""
LEAST = 6
"""So many characters high is the list even where the page has to scroll for it."""
SHEET = "visit_sheet"
FITS = 8
"""Visits that fit into a day on foot unless the user says otherwise."""


@dataclass(frozen=True, slots=True)
class Day:
    """Everything 今日 shows, read in one go."""

    agenda: Agenda
    month: MonthProgress
    birthdays: tuple[Birthday, ...]
    came: tuple[tuple[str, int], ...]  # label of a record type, how many of them came from the county
    people: int


def read_day(reader: Reader, today: date, org: str) -> Day:
    """Read the day for a division; only as many visits as fit into the days that the user looks ahead."""
    ahead = int(reader.setting("days_ahead", 3))
    fits = int(reader.setting("visits_a_day", FITS)) * max(ahead, 1)
    yesterday = datetime.combine(today - timedelta(days=1), time(), CHINA)
    came = Counter(type_name for type_name, _ in {(row[0], row[1]) for row in reader.came(yesterday)})
    return Day(
        whom_to_visit(reader, today, org=org, days_ahead=ahead, limit=fits),
        month_progress(reader, today, org=org),
        birthdays_that_matter(reader, load_rules(), today, org=org),
        tuple((record_type(name).spec.label, n) for name, n in came.most_common()),
        reader.count(Child) + reader.count(Elder),
    )


class TodayPage(Page):
    """The page the desk opens with."""

    title = "今日"
    place = "today"
    help_page = "today"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.date = look.Label("", "quiet")
        self.walk = WalkList()
        self.walk.opened.connect(self.open_person)
        self.walk.visit_asked.connect(self._start_visit)
        self.walk.print_asked.connect(self._print)
        self.chart = MonthChart()
        self.numbers = look.Label("", "quiet", wrap=True)
        self.came = look.Section(tr("昨天以来"))
        self.twice = look.Section(tr("重复登记"))
        self.twice.hide()
        self._twice_asked = False
        self.birthdays = look.Section(tr("近日生日"))
        self.left = look.Pile()
        self.nothing: look.EmptyState | None = None
        self._compose()
        self.setFocusProxy(self.walk)
        self.key("T", self._turn_chart)
        context.changes.preferred.connect(lambda name: self.refresh())

    def _compose(self) -> None:
        self.visit = look.primary_button(tr("开始走访 (V)"), self._start_visit)
        self.print = look.button(tr("打印要带的表 (P)"), self._print, picture="printing")
        acts = in_lines(self.print, self.visit, gap=look.space(4))
        head = look.row(look.Heading(tr("今日"), 1), self.date, None, acts, gap=4)
        self.body = look.row(gap=4)
        self.body.addWidget(self.left, 5)
        self.body.addWidget(look.scrolled(self._side()), 3)
        layout = look.column(head, margins=(6, 2, 6, 3), gap=3)
        layout.addLayout(self.body, 1)
        self.setLayout(layout)
        self.left.addWidget(self._walk_section())

    def _walk_section(self) -> QWidget:
        section = look.Section(tr("该走访的"))
        self.sum = section.remark
        section.body.addWidget(self.walk, 1)
        self.more = look.Label("", "quiet")
        section.body.addWidget(self.more)
        return section

    def _side(self) -> QWidget:
        side = QWidget()
        self.month = look.Section(tr("本月走访"))
        self.month.body.addWidget(self.chart)
        self.month.body.addWidget(self.numbers)
        self.turn = look.quiet_button(tr("看数字 (T)"), self._turn_chart)
        self.month.body.addLayout(look.row(self.turn, None))
        self.numbers.hide()
        side.setLayout(look.column(self.month, self.birthdays, self.came, self.twice, None, gap=4))
        return side

    def resizeEvent(self, event: QResizeEvent) -> None:
        """At large type the side goes below, so that no reason is cut short."""
        wide = self.width() > look.em(NARROW)
        ways = QBoxLayout.Direction
        self.body.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        self.walk.setMinimumHeight(look.em(LEAST))
        super().resizeEvent(event)

    def refresh(self) -> None:
        today, org = self.context.clock.today(), common_prefix(self.context.actor.served)
        weekday = tr("星期{day}", day=WEEKDAYS[today.weekday()])
        self.date.setText(tr("{m} 月 {d} 日　{weekday}", m=today.month, d=today.day, weekday=weekday))
        self.context.read(self, lambda reader: read_day(reader, today, org)).then(self._show).run()

    def shown(self) -> None:
        if self.date.text() and not self.date.text().startswith(f"{self.context.clock.today().month} "):
            self.refresh()

    def concerns(self, changes: Changes) -> bool:
        self._twice_asked = self._twice_asked and not changes.types & {"person", "alias"}
        return bool(changes)

    def _show(self, day: Day) -> None:
        self._day = day
        if not day.agenda.groups:
            self._show_empty(day)
        else:
            self.left.setCurrentIndex(0)
            self.walk.show_agenda(day.agenda, self.context.clock.today())
        self.sum.setText(_sum(day.agenda))
        self.more.setText(tr("还有 {n} 人可以再往后几天去", n=day.agenda.more))
        self.more.setVisible(day.agenda.more > 0)
        for act in (self.visit, self.print):
            act.setEnabled(bool(day.agenda.groups))
        self.chart.show_progress(day.month, self.context.clock.today())
        self.numbers.setText(_numbers(day.month))
        self._show_birthdays(day.birthdays)
        self._show_came(day.came)
        if not self._twice_asked:  # when people changed, and after what matters more
            self._twice_asked = True
            self.context.read(self, pairs_at_a_glance).then(self._show_twice).run()

    def _show_empty(self, day: Day) -> None:
        if day.people:
            words, action, picture = tr("这几天没有到期的走访。"), tr("看台账"), "saved"
            going = Going("register")
        else:
            words = tr("还没有名单。把村里的台账表格导进来，这里就会列出该去看谁。")
            action, picture, going = tr("导入表格"), "register", Going("imports")
        if self.nothing is not None:
            self.left.removeWidget(self.nothing)
            self.nothing.deleteLater()
        self.nothing = look.EmptyState(words, action, lambda: self.go.emit(going), picture=picture)
        self.left.addWidget(self.nothing)
        self.left.setCurrentWidget(self.nothing)

    def _show_birthdays(self, birthdays: tuple[Birthday, ...]) -> None:
        _clear(self.birthdays.body)
        self.birthdays.setVisible(bool(birthdays))
        for birthday in birthdays[:6]:
            self.birthdays.body.addWidget(look.link(_birthday(birthday), partial(self.open_person.emit, birthday.id)))
            self.birthdays.body.addWidget(look.Label(birthday.words, "small", wrap=True))

    def _show_came(self, came: tuple[tuple[str, int], ...]) -> None:
        _clear(self.came.body)
        self.came.setVisible(bool(came))
        for label, n in came:
            self.came.body.addWidget(look.Label(tr("县里传来 {label} {n} 条", label=label, n=n)))

    def _show_twice(self, pairs: int) -> None:
        _clear(self.twice.body)
        self.twice.setVisible(pairs > 0)
        words = tr("{n} 对登记可能是同一个人", n=pairs)
        self.twice.body.addWidget(look.link(words, lambda: self.go.emit(Going("twice"))))

    def _start_visit(self) -> None:
        if chosen := self.walk.chosen():
            self.open_visit.emit(VisitWanted(ids(chosen)))

    def _print(self) -> None:
        chosen = self.walk.chosen()
        visits = chosen if len(chosen) > 1 else list(self._day.agenda.visits)
        if visits:
            self.open_print.emit(PrintWanted(SHEET, ids(visits)))

    def _turn_chart(self) -> None:
        numbers = self.numbers.isHidden()
        self.numbers.setVisible(numbers)
        self.chart.setVisible(not numbers)
        self.turn.setText(tr("看图 (T)") if numbers else tr("看数字 (T)"))


def _birthday(birthday: Birthday) -> str:
    on = birthday.on
    return tr("{m} 月 {d} 日　{name}　满 {age} 岁", m=on.month, d=on.day, name=birthday.name, age=birthday.age)


def _sum(agenda: Agenda) -> str:
    if not agenda.visits:
        return ""
    people = tr("{n} 人", n=len(agenda.visits))
    return tr("{people}，其中 {n} 人已经过期", people=people, n=agenda.overdue) if agenda.overdue else people


def _numbers(month: MonthProgress) -> str:
    days = [(day, n) for day, n in enumerate(month.met_by_day, 1)]
    climbs = [(day, n) for day, n in days if n and (day == 1 or n != month.met_by_day[day - 2])]
    lines = [tr("{day} 日　累计 {n} 人", day=day, n=n) for day, n in climbs]
    whole = tr("应走访 {due} 人，已走访 {met} 人", due=month.due, met=month.met)
    return "\n".join([whole, *lines])


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
