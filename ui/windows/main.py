"""The desk: the rail at the left, the search box on top, the page, and the strip below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QWidget

from app.clock import CHINA
from ui import look
from ui.context import Context
from ui.look.parts import dressed
from ui.pages import PLACES, Place
from ui.pages.page import Going, Page, PrintWanted, VisitWanted
from ui.windows.finder import Finder
from ui.windows.lesson import LessonCard, Switch
from ui.windows.preload import Preload
from ui.windows.quiet_exchange import QuietExchange
from ui.windows.rail import Rail
from ui.windows.room import Room
from ui.windows.strip import Strip
from ui.words import tr

if TYPE_CHECKING:
    from app.store.results import Changes
    from app.store.workspace import Workspace
    from ui.windows.manual import Manual


OLDEST_DAY = date(2026, 1, 1)
"""The program is younger than this: an earlier date is a wrong clock."""
NARROW = 44
"""A window of fewer characters across has no room for pictures in the rail."""
LIGHT_AFTER = 300
"""Milliseconds after a change."""


def exchange_light(store: Workspace) -> tuple[str, str]:
    """The state of the exchange and its words; two empty texts for who works alone."""
    from sync.client.engine import Light, light, pending
    from sync.client.news import unread

    state = light(store)
    if state not in (Light.ALONE, Light.DIFFERS, Light.ATTENTION) and unread(store):
        return Light.ATTENTION.value, tr("有变动")
    words = {
        Light.ALONE: "",
        Light.ALL_SENT: tr("已全部送到"),
        Light.UNFINISHED: tr("还没收完"),
        Light.WAITING: tr("{n} 条待送", n=pending(store)),
        Light.DIFFERS: tr("对不上"),
        Light.ATTENTION: tr("需要处理"),
    }
    return ("" if state == Light.ALONE else state.value), words[state]


class Desk(QWidget):
    """Everything between unlocking and locking. It knows places by name and asks nothing before going."""

    lock_asked = Signal()
    preferences_chosen = Signal(object)  # app.settings.Preferences
    practice_asked = Signal()

    def __init__(
        self,
        context: Context,
        places: Sequence[Place] = PLACES,
        switches: Sequence[Switch] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.places = {place.name: place for place in places}
        self.pages: dict[str, Page] = {}
        self.trail: list[str] = []
        self.manual: Manual | None = None
        self._stale: set[str] = set()
        self.rail = Rail(places)
        self.room = Room()
        self.strip = Strip()
        self.finder = Finder(context, self)
        self.saved = look.Label("", "small")
        self.lesson: LessonCard | None = None
        self._light_timer = QTimer(self, singleShot=True)
        self._light_timer.timeout.connect(self._read_light)
        self._compose()
        if context.practice:
            self._teach(switches)
        self._listen()
        self._keys()
        self._ask_light()
        self._doubt_clock()
        self.preload = Preload(context, self)
        self.quiet: QuietExchange | None = None
        if "exchange" in self.places and not context.practice:  # in practice one pulls the plug oneself
            self.quiet = QuietExchange(context, self)

    def _compose(self) -> None:
        top = look.row(margins=(6, 3, 5, 1), gap=4)
        top.addWidget(self.finder.field, 3)
        top.addStretch(1)
        top.addWidget(self.saved)
        if self.context.practice:
            top.addWidget(dressed(look.Label(tr("练习")), "practice"))
        else:
            top.addWidget(
                look.quiet_button(tr("锁上"), self.lock_asked.emit, picture="lock", hint=tr("离开座位时锁上 (Ctrl+L)"))
            )
        self.right = look.column(top, gap=0)
        self.right.addWidget(self.room, 1)
        self.right.addWidget(self.strip)
        layout = look.row(self.rail, look.Hairline(upright=True), gap=0)
        layout.addLayout(self.right, 1)
        self.setLayout(layout)

    def _teach(self, switches: Sequence[Switch]) -> None:
        """Put the six steps of practice below the page, where they were left."""
        card = LessonCard(int(self.context.store.setting("lesson_step", 0)), switches)
        card.moved.connect(self._keep_step)
        self.right.insertLayout(2, look.column(card, margins=(6, 0, 6, 3)))
        self.finder.found.connect(lambda person: card.happened("found"))
        self.context.changes.done.connect(card.happened)
        self.lesson = card

    def _keep_step(self, step: int) -> None:
        self.context.write(self, lambda store: store.set_setting("lesson_step", step)).run()

    def _listen(self) -> None:
        self.rail.chosen.connect(self.open)
        self.finder.found.connect(self.open_person)
        self.finder.sheet_typed.connect(lambda number: self.open_visit(VisitWanted(sheet=number)))
        self.finder.left.connect(self._into_page)
        look.changed.connect(self._give_room)
        changes = self.context.changes
        changes.changed.connect(self._changed)
        changes.saved.connect(self._mark_saved)
        changes.said.connect(self.strip.say)
        changes.changed.connect(lambda _: self._ask_light())
        self.context.workers.failed.connect(self.strip.complain)
        self.context.workers.started.connect(self.strip.watch)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        self.rail.be_narrow(self.width() < look.em(NARROW))

    def _keys(self) -> None:
        for button in self.rail.buttons.values():
            self._key(button.key, lambda name=button.name: self.open(name))
        self._key("Ctrl+F", self.finder.start)
        self._key("F9", lambda: self.open("emergency"))
        self._key("Ctrl+L", self.lock_asked.emit)
        self._key("Ctrl+Z", self.strip.undo_last)
        self._key("Alt+Left", self.back)
        self._key("F1", self.open_manual)

    def _key(self, keys: str, act: object) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    @property
    def page(self) -> Page | None:
        """The page in front."""
        return self.pages.get(self.trail[-1]) if self.trail else None

    def open(self, name: str, what: object = None) -> None:
        """Bring a page to the front, building it the first time, and show it what it is opened for."""
        if name not in self.places:
            return
        look.commit_composition()
        if self.page is not None:
            self.page.leaving()
        page = self.pages.get(name) or self._build(name)
        if not self.trail or self.trail[-1] != name:
            self.trail.append(name)
        if what is not None:
            page.show_what(what)
        self._bring(page)

    def _bring(self, page: Page) -> None:
        name = self.trail[-1]
        self.finder.answers.hide()
        self.room.bring(page)
        self.rail.show_place(page.place)
        if name in self._stale:
            self._stale.discard(name)
            page.refresh()
        page.shown()
        if self.focusWidget() is None or not page.isAncestorOf(self.focusWidget()):
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self, name: str) -> Page:
        page = self.places[name].build(self.context)
        page.open_person.connect(self.open_person)
        page.open_visit.connect(self.open_visit)
        page.open_print.connect(self.open_print)
        page.go.connect(self._go)
        page.go_back.connect(self.back)
        page.prefer.connect(self.preferences_chosen)
        page.lock.connect(self.lock_asked)
        self.pages[name] = page
        self.room.add(page)
        self._stale.add(name)
        return page

    def open_person(self, person: str) -> None:
        """A person's page."""
        self.open("person", person)

    def open_visit(self, wanted: VisitWanted) -> None:
        """A visit's page."""
        self.open("visit", wanted)

    def open_print(self, wanted: PrintWanted) -> None:
        """The printing place, with a form and persons chosen."""
        self.open("printing", wanted)

    def _go(self, going: Going) -> None:
        self.open(going.place, going.what)

    def back(self) -> None:
        """Where one came from."""
        if len(self.trail) < 2 or self.page is None:
            return
        self.page.leaving()
        self.trail.pop()
        page = self.page
        if page is not None:
            self._bring(page)

    def _into_page(self) -> None:
        if self.page is not None:
            self.page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _changed(self, changes: Changes) -> None:
        for name in changes.types:
            self.context.changes.done.emit(name)
        for name, page in self.pages.items():
            if not page.concerns(changes):
                continue
            if page is self.page and self.isVisible():
                page.refresh()
            else:
                self._stale.add(name)

    def _mark_saved(self) -> None:
        now = self.context.clock.now().astimezone(CHINA)
        self.saved.setText(tr("已保存 {time}", time=f"{now:%H:%M}"))

    def _doubt_clock(self) -> None:
        """A laptop whose battery is flat believes in the day it was made."""
        today = self.context.clock.today()
        if today < OLDEST_DAY:
            words = tr(
                "资料会照常保存。这台电脑的日期是 {y} 年 {m} 月 {d} 日，可能不对。",
                y=today.year,
                m=today.month,
                d=today.day,
            )
            self.context.say(words, tone="warning", advice=tr("请在系统里把日期改对；没改对以前，该走访的日子会算错。"))

    def _ask_light(self) -> None:
        """Look at what waits for the county; soon, and once for many changes."""
        if "exchange" in self.rail.buttons:
            self._light_timer.start(LIGHT_AFTER)

    def _read_light(self) -> None:
        store = self.context.store
        self.context.read(self, lambda _: exchange_light(store)).then(lambda seen: self._show_light(*seen)).run()

    def _show_light(self, state: str, note: str) -> None:
        if "exchange" in self.rail.buttons:
            self.rail.buttons["exchange"].show_light(state, note)

    def open_manual(self) -> None:
        """F1: the page of the manual that belongs to what is in front, in a window beside the work."""
        from ui.windows.manual import Manual

        if self.manual is None:
            self.manual = Manual(self)
        self.manual.open(self.page.help_page if self.page else "")

    def end_exchange(self) -> bool:
        """Before closing: nobody waits for a line that is silent; what was on its way goes on the next time.

        Gives whether the line was good and nothing was on its way.
        """
        is_at_rest = not self.context.workers.aside.busy
        if self.quiet is not None:
            self.quiet.stop()
        for page in self.pages.values():
            page.closing()
        return is_at_rest and not self.context.line.trouble

    def settle(self) -> None:
        """Before locking or closing: keep what was typed."""
        if self.page is not None:
            self.page.leaving()
