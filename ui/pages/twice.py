"""可能重复登记: two registrations side by side, made one by a person, and taken apart again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.records import Alias
from ui import look
from ui.context import Context
from ui.fields import PersonPicker
from ui.fields.type_ahead import Found
from ui.models.short_table import ShortColumn, ShortTableView
from ui.models.twice import PairLine, SideBySide, SideLine, pair_lines, side_by_side
from ui.pages.page import Page, SameAsWanted
from ui.words import tr

if TYPE_CHECKING:
    from app.store.results import Changes
    from app.store.workspace import Workspace

PAIRS = (
    ShortColumn(tr("先登记的"), lambda line: line.one, 14),
    ShortColumn(tr("后登记的"), lambda line: line.another, 14),
    ShortColumn(tr("为什么"), lambda line: line.why, 16),
)
SIDES = (
    ShortColumn(tr("项目"), lambda line: line.label, 8),
    ShortColumn(tr("留哪个 ← →"), lambda line: line.kept, 6),
    ShortColumn(tr("先登记的"), lambda line: line.one, 15),
    ShortColumn(tr("后登记的"), lambda line: line.another, 15),
)


MOST_LINES = 4


class _Sides(ShortTableView):
    """Left and right mean the two registrations, not columns."""

    turned = Signal(bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        towards = {Qt.Key.Key_Left: False, Qt.Key.Key_Right: True}.get(Qt.Key(event.key()))
        if towards is None:
            super().keyPressEvent(event)
        else:
            self.turned.emit(towards)


class TwicePage(Page):
    """Above, pairs that may be one person; below, both registrations. ← and → choose, Ctrl+Enter joins."""

    title = "可能重复登记"
    place = "register"
    help_page = "twice"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.person = ""
        self.both: SideBySide | None = None
        self.pairs = ShortTableView(PAIRS, tr("可能重复的"))
        self.sides = _Sides(SIDES, tr("两份登记"))
        self.picker = PersonPicker(Alias.spec.field("other"), self._find, lambda _: "")
        self.picker.label.setText(tr("和谁是同一个人"))
        self.empty = look.EmptyState(tr("没有看到可能重复的登记。"), picture="people")
        self.words = look.Label("", "quiet", wrap=True)
        self.join_button = look.primary_button(tr("是同一个人 (Ctrl+回车)"), self.join)
        self.part_button = look.button(tr("不是同一个人 (Ctrl+B)"), self.part)
        self._compose()
        self.pairs.selectionModel().currentRowChanged.connect(lambda *_: self._compare_chosen())
        self.picker.advanced.connect(self._picked)
        self.sides.turned.connect(self.choose)
        self.key("Ctrl+Return", self.join)
        self.key("Ctrl+Enter", self.join)
        self.key("Ctrl+B", self.part)
        self.setFocusProxy(self.pairs)
        self._show_sides(None)

    def _compose(self) -> None:
        back = look.quiet_button(tr("返回 (Esc)"), self.go_back.emit, picture="back")
        foot = look.row(self.words, self.part_button, self.join_button, gap=3)
        foot.setStretch(0, 1)
        page = look.column(look.row(look.Heading(self.title, 1), None, back), margins=(6, 3, 6, 2), gap=2)
        page.addWidget(self.picker)
        page.addWidget(self.pairs)
        page.addWidget(self.empty, 1)
        page.addWidget(self.sides, 3)
        page.addLayout(foot)
        self.setLayout(page)

    def show_what(self, what: object) -> None:
        if isinstance(what, SameAsWanted):
            self.person = what.person
            self.picker.set_value(None)
            self._show_sides(None)

    def leaving(self) -> None:
        super().leaving()
        self.person = ""

    def shown(self) -> None:
        self.picker.setVisible(bool(self.person))
        self.refresh()
        if self.person:
            self.picker.focus_target().setFocus()

    def refresh(self) -> None:
        self.context.read(self, pair_lines).then(self._show_pairs).run()

    def _show_pairs(self, lines: Sequence[PairLine]) -> None:
        own = [line for line in lines if not self.person or self.person in line.ids]
        self.pairs.show_lines(own)
        self.pairs.setVisible(bool(own))
        self.empty.setVisible(not own and not self.person)
        self._make_room(len(own))
        if own:
            self._compare_chosen()
        elif self.both is None or not self.person:
            self._show_sides(None)

    def _make_room(self, pairs: int) -> None:
        """As many lines as there are pairs, at most four: the two registrations need the rest."""
        self.pairs.setFixedHeight(self.pairs.height_of(min(pairs, MOST_LINES)))

    def _compare_chosen(self) -> None:
        line = self.pairs.chosen()
        if isinstance(line, PairLine):
            self._compare(*line.ids)

    def _find(self, text: str, show: Callable[[Found], None]) -> None:
        def found(hits: Sequence[object]) -> None:
            others = [hit for hit in hits if hit.id != self.person]  # type: ignore[attr-defined]
            show([(hit.id, f"{hit.name}  {hit.village_group}") for hit in others])  # type: ignore[attr-defined]

        self.context.read(self, lambda reader: reader.search(text, 12)).then(found).run()

    def _picked(self) -> None:
        other = self.picker.value()
        if self.person and isinstance(other, str):
            self._compare(self.person, other)

    def _compare(self, one: str, another: str) -> None:
        self.context.read(self, lambda reader: side_by_side(reader, one, another)).then(self._show_sides).run()

    def _show_sides(self, both: SideBySide | None) -> None:
        self.both = both
        self.sides.show_lines(both.lines if both else ())
        self.words.setText(both.words if both else "")
        for widget in (self.sides, self.words, self.join_button, self.part_button):
            widget.setVisible(both is not None)

    def choose(self, take: bool) -> None:
        """Keep what the later, or the earlier, registration says in the line under the cursor."""
        line = self.sides.chosen()
        if self.both is not None and isinstance(line, SideLine):
            row = self.sides.currentIndex().row()
            self.both = self.both.chosen(row, take)
            self.sides.show_lines(self.both.lines)
            self.sides.setCurrentIndex(self.sides.table.index(row, 0))

    def join(self) -> None:
        """They are one person."""
        if self.both is None:
            return
        likeness, taken, actor = self.both.comparison.likeness, self.both.taken, self.context.actor

        def join(store: Workspace) -> Changes:
            from app.cases import duplicates

            return duplicates.mark_same(store, actor, likeness.one.id, likeness.another.id, taken)

        said = tr("已合并为{name}，走访和亲属都在一个人名下。", name=likeness.one.name or "")
        self._decide(join, said)

    def part(self) -> None:
        """They are two people: nobody is asked again."""
        if self.both is None:
            return
        likeness, actor = self.both.comparison.likeness, self.context.actor

        def part(store: Workspace) -> Changes:
            from app.cases import duplicates

            return duplicates.mark_different(store, actor, likeness.one.id, likeness.another.id)

        self._decide(part, tr("记下了：不是同一个人，以后不再问。"))

    def _decide(self, work: Callable[[Workspace], Changes], said: str) -> None:
        def done(changes: Changes) -> None:
            self._show_sides(None)
            self.context.say(said, tone="good", undo=changes)
            if self.person:
                self.go_back.emit()

        self.context.write(self, work).then(done).run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts: dict[Qt.Key, Callable[[], object]] = {Qt.Key.Key_Escape: self.go_back.emit}
        if self.pairs.hasFocus():
            acts |= dict.fromkeys((Qt.Key.Key_Return, Qt.Key.Key_Enter), self.sides.setFocus)
        act = acts.get(Qt.Key(event.key()))
        if act is not None and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            act()
        else:
            super().keyPressEvent(event)
