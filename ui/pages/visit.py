"""A visit: the paper's order on one page, for one person or a household; 完成走访 is the only commitment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from app.clock import CHINA
from app.errors import Problem, ShouwangError, Unfinished
from app.records.ids import new_id
from ui import look
from ui.context import Context
from ui.fields import Form, commit_composition, editor_for
from ui.look.flow import FlowLayout, in_lines
from ui.models.visit_opening import Opened, Opening, open_visits, start
from ui.pages.page import Going, Page, VisitWanted
from ui.pages.photo_strip import PhotoStrip
from ui.pages.problem_list import ProblemList
from ui.pages.visit_block import VisitBlock
from ui.pages.visit_order import COMMON
from ui.words import tr

if TYPE_CHECKING:
    from app.cases.visits import AnyVisit, Member
    from app.store import Changes
    from app.store.workspace import Workspace

DRAFT_EVERY = 3_000
"""Milliseconds between typing and the draft, at most (ux.md, "Nothing typed is ever lost")."""


SAFETY_PLACE = 2
"""The safety questions are the second section of every visit."""


class VisitPage(Page):
    """Holds a block for each person visited; what is typed is kept as a draft, leaving asks nothing."""

    title = "走访"
    place = "visits"
    help_page = "visit"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.blocks: list[VisitBlock] = []
        self.common: Form[AnyVisit] | None = None
        self._wanted = VisitWanted()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAFT_EVERY)
        self._timer.timeout.connect(self.keep_drafts)
        self.kept = look.ElidedLabel("", "small")
        self.problem_list = ProblemList()
        self.photos = PhotoStrip(context)
        self._compose()
        self.key("Ctrl+Return", self.finish)
        self.key("Ctrl+Enter", self.finish)

    def _compose(self) -> None:
        self.area = QScrollArea()
        self.done_button = look.primary_button(tr("完成走访 (Ctrl+回车)"), self.finish)
        self.remove_button = look.quiet_button(tr("删除这次走访"), self.remove, picture="remove")
        self.remove_button.hide()
        later = look.button(tr("以后再填 (Esc)"), self.go_back.emit)
        self._foot = QWidget()
        acts = in_lines(self.remove_button, later, self.done_button, gap=look.space(2))
        foot = look.row(acts, margins=(6, 2, 6, 2), gap=2)
        foot.insertWidget(0, self.kept, 1)
        self._foot.setLayout(foot)
        self.setLayout(look.column(self.area, self.problem_list, look.Hairline(), self._foot, gap=0))
        self.problem_list.hide()

    # Opening

    def show_what(self, what: object) -> None:
        if not isinstance(what, VisitWanted):
            return
        self.keep_drafts()
        self._wanted = what
        actor, today = self.context.actor, self.context.clock.today()
        task = self.context.read(self, lambda reader: open_visits(reader, actor, what, today))
        task.then(lambda opening: self._show(what, opening)).otherwise(self._refused).run()

    def _show(self, wanted: VisitWanted, opening: Opening) -> None:
        if wanted is not self._wanted or not opening.opened:
            return
        self.blocks = [self._block(opened) for opened in opening.opened]
        self.common = self._common_form(opening.opened[0])
        self.problem_list.clear()
        self.remove_button.setVisible(len(self.blocks) == 1 and self.blocks[0].opened.loaded is not None)
        self._lay_out(opening)
        self._say_kept("")
        for block in self.blocks:
            self._build(block, focus=block is self.blocks[0])

    def _build(self, block: VisitBlock, *, focus: bool) -> None:
        """A section in each turn of the window; the cursor is there as soon as the safety questions are."""
        if not shiboken6.isValid(block) or block not in self.blocks:
            return
        more = block.build_next()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # never shown squeezed, not for a frame
        if focus and len(block.sections) == SAFETY_PLACE:
            QTimer.singleShot(0, block, block.focus_first)  # what was just built can be seen only then
        if more:
            QTimer.singleShot(0, block, lambda: self._build(block, focus=focus))
        else:
            self._order_tabs()

    def _order_tabs(self) -> None:
        """Tab goes down the page, also through what was built later."""
        content = self.area.widget()
        parts = [self._shared, *self.blocks, self._others, self.photos, self._foot]
        chain = [each for part in parts for each in part.findChildren(QWidget) if _takes_focus(each)]
        if content is not None:
            for one, following in pairwise(chain):
                QWidget.setTabOrder(one, following)

    def _follow(self, form: Form[AnyVisit], name: str) -> None:
        """Keep the field with the cursor in sight, and what comes next."""
        self.area.ensureWidgetVisible(form.editors[name], 0, self.area.viewport().height() // 3)

    def _refused(self, error: ShouwangError) -> None:
        self.context.say(error.message, tone="warning", advice=error.advice)
        self.go_back.emit()

    def _block(self, opened: Opened) -> VisitBlock:
        block = VisitBlock(opened, self.context.clock.today())
        block.touched.connect(self._touched)
        block.left.connect(self.keep_drafts)
        block.form.arrived.connect(partial(self._follow, block.form))
        block.harm_found.connect(self._show_help)
        block.help_asked.connect(self._show_help)
        return block

    def _common_form(self, opened: Opened) -> Form[AnyVisit]:
        spec, today = opened.form.visit.spec, self.context.clock.today()
        form = Form(opened.form.visit, [editor_for(spec.field(name), today) for name in COMMON])
        form.changed.connect(lambda _: self._common_touched())
        form.arrived.connect(partial(self._follow, form))
        form.left.connect(lambda _: self.keep_drafts())
        return form

    def _lay_out(self, opening: Opening) -> None:
        assert self.common is not None
        self._shared = look.Section(tr("这次走访"))
        for editor in self.common.editors.values():
            self._shared.body.addWidget(editor)
        content = QWidget()
        self._column = look.column(self._shared, margins=(6, 4, 6, 6), gap=4)
        for block in self.blocks:
            self._column.addWidget(block)
        self._others = self._offer_others(opening)
        self._column.addWidget(self._others)
        self.photos = PhotoStrip(self.context, self.blocks[0].opened)
        self._column.addWidget(self.photos)
        self._column.addStretch(1)
        content.setLayout(self._column)
        self.area = look.scrolled_instead(self.area, content)
        self._chain()

    def _chain(self) -> None:
        """Enter goes on from the shared part into the first person, from each person to the next."""
        assert self.common is not None
        forms = [self.common, *(block.form for block in self.blocks)]
        for form, following in zip(forms, self.blocks, strict=False):
            form.at_end = following.focus_first
        forms[-1].at_end = self.done_button.setFocus

    def _offer_others(self, opening: Opening) -> QWidget:
        """Who else of the household can be visited on this page."""
        strip = QWidget()
        flow = FlowLayout(strip, look.space(2))
        flow.addWidget(look.Label(tr("同一户的也一起走访："), "quiet"))
        for member in opening.others:
            words = member.person.name or ""
            button = look.button(words, picture="add")
            button.clicked.connect(partial(self._add, member, button))
            flow.addWidget(button)
        if not opening.others:
            strip.hide()
        return strip

    def _add(self, member: Member, button: QWidget, _pressed: bool = False) -> None:
        actor, today = self.context.actor, self.context.clock.today()
        outing = self.blocks[0].opened.form.visit.outing or ""
        person_id, type_name = member.person.id, f"{member.kind}_visit"
        button.hide()
        task = self.context.read(self, lambda reader: start(reader, actor, person_id, type_name, today, outing))
        task.then(self._added).run()

    def _added(self, opened: Opened) -> None:
        if any(block.opened.person.id == opened.person.id for block in self.blocks):
            return
        block = self._block(opened)
        self._column.insertWidget(self._column.indexOf(self._others), block)
        self.blocks.append(block)
        self._chain()
        self._build(block, focus=True)

    # Keeping

    def _touched(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _common_touched(self) -> None:
        for block in self.blocks:
            block.dirty = True
        self._touched()

    def visits(self) -> list[AnyVisit]:
        """All visits of the page as they are filled in now."""
        shared = dict(self.common.values()) if self.common else {}
        return [block.visit(shared) for block in self.blocks]

    def keep_drafts(self) -> None:
        """Keep what was typed, inside the encrypted store."""
        self._timer.stop()
        if not any(block.dirty for block in self.blocks):
            return
        filled = zip(self.blocks, self.visits(), strict=True)
        dirty = [(block.opened.loaded, visit) for block, visit in filled if block.dirty]
        for block in self.blocks:
            block.dirty = False
        actor = self.context.actor

        def keep(store: Workspace) -> None:
            from app.cases import visits

            for loaded, visit in dirty:
                visits.save_draft(store, actor, loaded, visit)

        self.context.write(self, keep).then(lambda _: self._kept_now()).run()

    def _kept_now(self) -> None:
        now = self.context.clock.now().astimezone(CHINA)
        self._say_kept(tr("草稿已存 {time}", time=f"{now:%H:%M}"))
        self.context.changes.saved.emit()

    def _say_kept(self, words: str) -> None:
        self.kept.setText(words or tr("填了的自动存成草稿"))

    def leaving(self) -> None:
        commit_composition()
        self.keep_drafts()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.go_back.emit()
        else:
            super().keyPressEvent(event)

    def concerns(self, changes: Changes) -> bool:
        """A form that is being filled in is never read again under the user's hands: edits know what they saw."""
        return False

    def _show_help(self) -> None:
        self.keep_drafts()
        self.go.emit(Going("emergency"))

    # Finishing

    def finish(self) -> None:
        """Check everything at once, then save; otherwise show every open problem beside its field."""
        commit_composition()
        if not self.blocks:
            return
        for block in self.blocks:
            block.build_all()
        filled = self.visits()
        found = [(block, block.problems(visit)) for block, visit in zip(self.blocks, filled, strict=True)]
        if any(problems for _, problems in found):
            self._show_problems(found)
            return
        self._timer.stop()
        self._commit(filled)

    def _commit(self, filled: list[AnyVisit]) -> None:
        actor, today = self.context.actor, self.context.clock.today()
        work = [(block.opened.loaded, visit, frozenset(block.confirmed))
                for block, visit in zip(self.blocks, filled, strict=True)]  # fmt: skip
        self.done_button.setEnabled(False)

        def finish(store: Workspace) -> tuple[Changes, ...]:
            from app.cases import visits

            batch = new_id()  # a household is visited at once, and taken back at once
            return tuple(
                visits.finish(store, actor, loaded, visit, today=today, confirmed=confirmed, batch=batch)
                for loaded, visit, confirmed in work
            )

        self.context.write(self, finish).then(self._finished).otherwise(self._not_finished).run()

    def _finished(self, done: tuple[Changes, ...]) -> None:
        self.done_button.setEnabled(True)
        names = "、".join(block.opened.person.name or "" for block in self.blocks)
        self._close()
        self.context.say(tr("{names}的走访已完成。", names=names), tone="good", undo=done[0])
        self.go_back.emit()

    def remove(self) -> None:
        """Delete a visit that was finished by mistake: one that did not take place, or typed in twice."""
        visit = self.blocks[0].opened.loaded if len(self.blocks) == 1 else None
        if visit is None:
            return
        name, actor = self.blocks[0].opened.person.name or "", self.context.actor

        def remove(store: Workspace) -> Changes:
            from app.cases import deleted

            return deleted.remove_visit(store, actor, visit)

        def removed(changes: Changes) -> None:
            said = tr("已删除{name}的这次走访，放进了回收站。", name=name)
            self.context.say(said, advice=tr("照片和打印的纸表都留着。"), undo=changes)
            self.go_back.emit()

        self._close()
        self.context.write(self, remove).then(removed).run()

    def _close(self) -> None:
        """Nothing on the page is a draft any more."""
        self._timer.stop()
        self.blocks, self.common = [], None
        self._wanted = VisitWanted()

    def _not_finished(self, error: ShouwangError) -> None:
        self.done_button.setEnabled(True)
        if isinstance(error, Unfinished):
            self._show_problems([(self.blocks[0], error.problems)])
        self.context.say(error.message, tone="warning", advice=error.advice)

    def _show_problems(self, found: list[tuple[VisitBlock, tuple[Problem, ...]]]) -> None:
        assert self.common is not None
        self.common.show_problems(found[0][1])
        self.problem_list.clear()
        for block, problems in found:
            block.show_problems(problems)
            for problem in problems:
                self.problem_list.add(problem, self._way_to(block, problem), self._way_past(block, problem))
        self.problem_list.show()
        self.problem_list.go_first()

    def _way_to(self, block: VisitBlock, problem: Problem) -> Callable[[], None]:
        shared = self.common.editors if self.common else {}
        editor = block.form.editors.get(problem.field) or shared.get(problem.field)

        def go() -> None:
            if editor is not None:
                editor.focus()

        return go

    def _way_past(self, block: VisitBlock, problem: Problem) -> Callable[[], None] | None:
        if not problem.warning:
            return None

        def confirm() -> None:
            block.confirmed.add(problem.field)
            self.finish()

        return confirm


def _takes_focus(widget: QWidget) -> bool:
    return widget.focusPolicy() != Qt.FocusPolicy.NoFocus
