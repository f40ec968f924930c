"""A person: one page that says who they are, what happened, and what is next; changed in place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.errors import ShouwangError
from app.records import Attachment
from app.records.record import Record
from app.store.listing import ListLine, ListQuery
from ui import look
from ui.context import Context
from ui.dialogs.history import HistoryDialog
from ui.fields import commit_composition
from ui.look.flow import in_lines
from ui.models.generations import tree
from ui.models.next_step import NextStep, next_steps
from ui.models.person_file import PersonFile, gather
from ui.models.story import story
from ui.pages.facts import Facts, laid_over
from ui.pages.family_tree import FamilyTree
from ui.pages.in_turns import in_turns
from ui.pages.page import Going, Page, PrintWanted, VisitWanted
from ui.pages.person_head import Curtain, PersonHead
from ui.pages.person_order import SECTIONS, SectionPlan
from ui.pages.person_verbs import PersonVerbs
from ui.pages.registering import SiblingWanted
from ui.pages.story_list import StoryList
from ui.words import tr

if TYPE_CHECKING:
    from app.store import Changes
    from app.store.reader import Reader
    from app.store.workspace import Workspace

DRAFT_EVERY = 3_000
SIDE_BY_SIDE = 56
"""From so many characters of width the story stands beside the person, otherwise below."""


@dataclass(frozen=True, slots=True)
class _Read:
    file: PersonFile | None
    line: ListLine | None


class PersonPage(Page):
    """Shows one person; opened for another it shows that one."""

    title = "档案"
    place = "register"
    help_page = "person"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.person = ""
        self.file: PersonFile | None = None
        self.sections: list[Facts] = []
        self.head = PersonHead(context.clock)
        self.tree = FamilyTree(context.clock)
        self.story = StoryList()
        self.curtain = Curtain(self, self.hide_or_show)
        self.verbs = PersonVerbs(context, self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAFT_EVERY)
        self._timer.timeout.connect(self.keep_drafts)
        self._compose()
        self._connect()

    def _compose(self) -> None:
        self.visit_button = look.primary_button(tr("走访 (V)"), self.visit)
        acts = in_lines(
            look.quiet_button(tr("遮住 (F8)"), self.hide_or_show, picture="hide"),
            look.quiet_button(tr("修改记录"), self.show_history, picture="history"),
            self.verbs.events_button, look.button(tr("打印 (P)"), self.print_forms, picture="printing"),
            self.visit_button,
            gap=look.space(2),
        )  # fmt: skip
        back = look.quiet_button(tr("返回 (Esc)"), self.go_back.emit, picture="back")
        bar = look.row(back, None, acts, margins=(6, 2, 6, 1), gap=2)
        kin = look.Section(tr("家庭和亲属"))
        self.sibling_button = look.quiet_button(tr("加同胞"), self._add_sibling, picture="add")
        kin.body.addWidget(self.tree)
        kin.body.addLayout(
            look.row(
                look.quiet_button(tr("加亲属"), partial(self.verbs.ask_kin, None), picture="add"),
                self.sibling_button,
                self.verbs.kin_button,
                None,
            )
        )
        self._left = look.column(self.head, kin, gap=3)
        self._left.addStretch(1)
        told = look.Section(tr("经过"))
        told.body.addWidget(self.story)
        content = QWidget()
        self._sides = sides = look.row(margins=(6, 1, 5, 6), gap=4)
        sides.addLayout(self._left, 5)
        right = look.column(told, gap=3)
        right.addStretch(1)
        sides.addLayout(right, 3)
        content.setLayout(sides)
        self.area = look.scrolled(content)
        self.setLayout(look.column(bar, self.area, gap=0))

    def _connect(self) -> None:
        self.head.step_taken.connect(self._take_step)
        self.verbs.removed.connect(self._removed)
        self.verbs.compared.connect(lambda wanted: self.go.emit(Going("twice", wanted)))
        self.tree.person_chosen.connect(self.open_person)
        self.story.opened.connect(self._open_record)
        self.key("F8", self.hide_or_show)

    # Reading

    def show_what(self, what: object) -> None:
        if isinstance(what, str) and what:
            self.keep_drafts()
            if what != self.person:
                self._clear_sections()
                self.area.verticalScrollBar().setValue(0)
            self.person = what
            self.curtain.draw(False)
            self.refresh()

    def concerns(self, changes: Changes) -> bool:
        file = self.file
        if file is None:
            return False
        family = {kin.person.id for kin in (*file.kin, *file.cared_for)} | {mate.id for mate in file.housemates}
        return bool(changes.subjects & (family | {self.person}))

    def refresh(self) -> None:
        if not self.person:
            return
        wanted, store = self.person, self.context.store

        def look_up(reader: Reader) -> _Read:
            file = gather(reader, wanted)
            if file is None:
                return _Read(None, None)
            photo = reader.get(Attachment, file.person.photo) if file.person.photo else None
            digest = photo.sha256 if photo else None
            portrait = store.blob(digest) if digest and store.has_blob(digest) else b""
            return _Read(replace(file, portrait=portrait), _line_of(reader, file))

        self.context.read(self, look_up).then(partial(self._show, wanted)).run()

    def _show(self, wanted: str, read: _Read) -> None:
        if wanted != self.person:
            return
        if read.file is None:
            self.context.say(tr("这个人的资料已经不在这台电脑上。"), advice=tr("可能转到了别的村，或者已经删除。"))
            self.go_back.emit()
            return
        self.file = file = read.file
        self.head.show_file(file, next_steps(file, read.line, self.context.clock.today()))
        self.tree.show_rows(tree(file))
        self.story.show_steps(story(file))
        visited = bool(file.child or file.elder) and not file.ended
        self.visit_button.setEnabled(visited)
        self.sibling_button.setVisible(file.child is not None)
        self.verbs.show_file(file)
        self._show_sections(file)

    def _show_sections(self, file: PersonFile) -> None:
        records = {record.spec.name: record for record in file.editable}
        if [section.record.spec.name for section in self.sections] and self._fits(records):
            for section in self.sections:
                section.show_record(records[section.record.spec.name])
            return
        self._clear_sections()
        plans = [plan for plan in SECTIONS if plan.type_name in records]
        in_turns(self, (partial(self._add_section, file, plan, records[plan.type_name]) for plan in plans))

    def _add_section(self, file: PersonFile, plan: SectionPlan, record: Record) -> None:
        if self.file is not file:  # the user has gone on to somebody else, or the file was read again
            return
        section = Facts(plan.title, record, plan.names, self.context.clock.today(), self._save)
        section.touched.connect(self._touched)
        self.sections.append(section)
        self._left.insertWidget(self._left.count() - 1, section)
        self._reopen_draft(file, section)

    @property
    def is_whole(self) -> bool:
        """Whether all sections of the person stand."""
        return self.file is not None and self._fits({record.spec.name: record for record in self.file.editable})

    def _fits(self, records: dict[str, Record]) -> bool:
        """Whether the sections that stand are those this person needs."""
        wanted = [plan.type_name for plan in SECTIONS if plan.type_name in records]
        return [section.record.spec.name for section in self.sections] == wanted

    def _clear_sections(self) -> None:
        for section in self.sections:
            self._left.removeWidget(section)
            section.hide()
            section.deleteLater()
        self.sections = []

    def _reopen_draft(self, file: PersonFile, section: Facts) -> None:
        """What was typed and not saved stands where it was typed."""
        for draft in file.drafts:
            if type(section.record) is type(draft.edited) and section.has_differences(draft.edited):
                section.edit(draft.edited, draft.loaded)

    # Changing

    def _touched(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def keep_drafts(self) -> None:
        """Keep what open sections hold; sections closed again leave no draft."""
        self._timer.stop()
        if self.file is None:
            return
        open_ones = [section for section in self.sections if section.is_open]
        drafts = []
        for record in self.file.editable:
            held = [section for section in open_ones if type(section.record) is type(record)]
            loaded = held[0].form.loaded if held and held[0].form else record
            edited = laid_over(loaded, held)
            drafts.append((loaded, edited))
        actor = self.context.actor
        had = {(draft.edited.spec.name, draft.edited.id) for draft in self.file.drafts}
        if all(loaded == edited for loaded, edited in drafts) and not had:
            return

        def keep(store: Workspace) -> None:
            for loaded, edited in drafts:
                if loaded != edited:
                    store.put_draft(actor, loaded, edited)
                else:
                    store.drop_draft(edited.spec.name, edited.id)

        self.context.write(self, keep).then(lambda _: self.context.changes.saved.emit()).run()

    def leaving(self) -> None:
        commit_composition()
        self.keep_drafts()

    def _save(self, section: Facts, loaded: Record, edited: Record, confirmed: frozenset[str]) -> None:
        actor, today = self.context.actor, self.context.clock.today()

        def save(store: Workspace) -> Changes:
            from app.cases import register

            with store.together():
                store.drop_draft(edited.spec.name, edited.id)
                return register.change(store, actor, loaded, edited, today=today, confirmed=confirmed)

        def saved(changes: Changes) -> None:
            section.record = edited
            section.close_form()
            self.context.say(tr("{title}已保存。", title=section.title), undo=changes if changes else None)

        def refused(error: ShouwangError) -> None:
            section.show_problems(error.problems)
            if not error.problems:
                self.context.say(error.message, tone="warning", advice=error.advice)

        self.context.write(self, save).then(saved).otherwise(refused).run()

    # Doing

    def visit(self) -> None:
        """Start a visit, or go on with the draft of one."""
        if self.file is not None and self.visit_button.isEnabled():
            kind = "child_visit" if self.file.child else "elder_visit"
            self.open_visit.emit(VisitWanted((self.person,), kind))

    def print_forms(self) -> None:
        """Take this person to the printing place."""
        self.open_print.emit(PrintWanted("", (self.person,)))

    def hide_or_show(self) -> None:
        """One key when somebody stands beside."""
        self.curtain.draw(not self.curtain.isVisible())

    def show_history(self) -> None:
        """Earlier versions, with the way back."""
        if self.file is not None:
            HistoryDialog(self.context, self.file, self).open()

    def _add_sibling(self) -> None:
        self.go.emit(Going("new_person", SiblingWanted(self.person)))

    def _removed(self) -> None:
        """There is nothing to show any more; that it is gone has been said."""
        self.person, self.file = "", None
        self.go_back.emit()

    def _take_step(self, step: NextStep) -> None:
        if step.act == "visit":
            self.visit()
        elif step.act == "draft":
            type_name, _, record = step.about.partition("/")
            self.open_visit.emit(VisitWanted((self.person,), type_name, record))
        elif step.act == "sheet":
            self.open_visit.emit(VisitWanted(sheet=step.about))
        elif step.act == "verify":
            section = next((each for each in self.sections if "id_number" in each.names), None)
            if section is not None:
                section.edit(at="id_number")
                self.area.ensureWidgetVisible(section)

    def _open_record(self, type_name: str, id_: str) -> None:
        if type_name in ("child_visit", "elder_visit"):
            self.open_visit.emit(VisitWanted((self.person,), type_name, id_))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts = {Qt.Key.Key_Escape: self.go_back.emit, Qt.Key.Key_V: self.visit, Qt.Key.Key_P: self.print_forms}
        act = acts.get(Qt.Key(event.key()))
        if act is not None and not event.modifiers():
            act()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.curtain.setGeometry(self.rect())
        roomy = self.width() > self.fontMetrics().horizontalAdvance("字") * SIDE_BY_SIDE
        directions = QBoxLayout.Direction
        self._sides.setDirection(directions.LeftToRight if roomy else directions.TopToBottom)


def _line_of(reader: Reader, file: PersonFile) -> ListLine | None:
    """When the next visit is due and why, as the lists know it; the earlier one of a person in both capacities."""
    found = []
    for kind, profile in (("child", file.child), ("elder", file.elder)):
        if profile is None:
            continue
        listing = reader.listing(ListQuery(kind, active=None))
        place = listing.place_of(file.person.id)
        found += listing.page(place, 1) if place is not None else []
    return min(found, key=lambda line: line.due_on or "9999", default=None)
