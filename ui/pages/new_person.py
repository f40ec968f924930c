"""Registering a child with its family, an elder, or a brother or sister, from paper in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.cases.register import NewRelative
from app.errors import Problem, ShouwangError
from app.records import Child, Elder, Household, Person
from app.records.codes import code_list
from app.records.divisions import Level, level_of
from app.records.record import Record
from ui import look
from ui.context import Context
from ui.fields import (
    Editor,
    Form,
    IdNumberEditor,
    PhonesEditor,
    VillagePicker,
    commit_composition,
    editor_for,
)
from ui.look.flow import in_lines
from ui.models.people_alike import Alike, people_alike
from ui.pages.alike import AlikePeople
from ui.pages.in_turns import in_turns
from ui.pages.page import Page
from ui.pages.problem_list import ProblemList
from ui.pages.registering import NewPersonWanted, SiblingWanted
from ui.pages.relative_fields import RelativeFields
from ui.words import tr

if TYPE_CHECKING:
    from app.store import Changes
    from app.store.reader import Reader
    from app.store.workspace import Workspace

DRAFT_EVERY = 3_000
WHO = ("name", "sex", "id_type", "id_number", "birth_date", "ethnic_group")
WHERE = ("village_group", "current_address", "registered_address", "phones")
PROFILE = {
    "child": ("categories", "risk_level", "schooling", "grade", "school", "boards_at_school"),
    "elder": ("categories", "risk_level", "living_situation", "self_care"),
}


class NewPersonPage(Page):
    """One page, from top to bottom; 登记 checks everything and puts the whole family on file."""

    title = "登记"
    place = "register"
    help_page = "person"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.kind = ""
        self.person: Form[Person] | None = None
        self.profile: Form[Record] | None = None
        self.relatives: list[RelativeFields] = []
        self.family: tuple[NewRelative, ...] = ()
        self.confirmed: set[str] = set()
        self.is_whole = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAFT_EVERY)
        self._timer.timeout.connect(self.keep_draft)
        self.alike = AlikePeople(self)
        self.kept = look.ElidedLabel(tr("填了的自动存成草稿"), "small")
        self.problem_list = ProblemList()
        self.done_button = look.primary_button(tr("登记 (Ctrl+回车)"), self.commit)
        self.area = look.scrolled(QWidget())
        again = look.button(tr("清空重填"), self.start_again)
        later = look.button(tr("以后再填 (Esc)"), self.go_back.emit)
        acts = in_lines(again, later, self.done_button, gap=look.space(2))
        foot = look.row(acts, margins=(6, 2, 6, 2), gap=2)
        foot.insertWidget(0, self.kept, 1)
        self.setLayout(look.column(self.area, self.problem_list, look.Hairline(), foot, gap=0))
        self.problem_list.hide()
        self.key("Ctrl+Return", self.commit)

    # Opening

    def show_what(self, what: object) -> None:
        if isinstance(what, NewPersonWanted):
            self._open(what.kind, Person(org=self._own_village(), id_type="01"), (), "")
        elif isinstance(what, SiblingWanted):
            child = what.child

            def look_up(reader: Reader) -> tuple[Person, tuple[NewRelative, ...]]:
                from app.cases import register

                person, _, relatives = register.sibling_of(reader, child)
                return person, relatives

            self.context.read(self, look_up).then(lambda found: self._open("child", found[0], found[1], child)).run()

    def _own_village(self) -> str | None:
        """The village of the post; None where it looks after several, and one is to be chosen."""
        served = self.context.actor.served
        return served[0] if len(served) == 1 and level_of(served[0]) is Level.VILLAGE else None

    def _open(self, kind: str, person: Person, family: tuple[NewRelative, ...], sibling_of: str) -> None:
        self.kind, self.family, self._sibling_of = kind, family, sibling_of
        self.confirmed.clear()
        self.problem_list.clear()
        blank: Record = Child() if kind == "child" else Elder()
        self.person, self.profile, self.relatives = Form(person), Form(blank), []
        self.is_whole = False
        self._clear_page()
        in_turns(self, [self._add_who, self._add_where, self._add_profile, self._add_family, self._complete])

    def _complete(self) -> None:
        self._chain()
        if not self.family:
            self._restore()
        self.is_whole = True

    def _clear_page(self) -> None:
        word = tr("登记一名儿童") if self.kind == "child" else tr("登记一位老年人")
        content = QWidget()
        self._page = look.column(look.Heading(word, 1), margins=(6, 4, 6, 6), gap=4)
        self._page.addStretch(1)
        content.setLayout(self._page)
        self.area = look.scrolled_instead(self.area, content)

    def _add(self, section: QWidget) -> None:
        self._page.insertWidget(self._page.count() - 1, section)

    def _add_who(self) -> None:
        self._add(section := self._person_section(tr("是谁"), WHO))
        self.alike = AlikePeople(section)
        self.alike.chosen.connect(self.open_person)
        section.body.addWidget(self.alike)
        QTimer.singleShot(0, self, self._begin)

    def _add_where(self) -> None:
        which = () if self._own_village() else ("org",)
        self._add(self._person_section(tr("住在哪里"), (*which, *WHERE)))

    def _person_section(self, title: str, names: Sequence[str]) -> look.Section:
        assert self.person is not None
        section = look.Section(title)
        for name in names:
            section.body.addWidget(self.person.add(self._editor(self.person.loaded, name)))
        return section

    def _add_profile(self) -> None:
        assert self.profile is not None
        section, spec = look.Section(tr("登记内容")), self.profile.loaded.spec
        for name in PROFILE[self.kind]:
            section.body.addWidget(self.profile.add(editor_for(spec.field(name), self.context.clock.today())))
        self._add(section)

    def _add_family(self) -> None:
        self.relatives = [] if self.family else self._relative_fields()
        self._add(self._family_section())

    def _begin(self) -> None:
        if self.person is not None:
            self.person.editors["name"].focus()

    def _editor(self, person: Person, name: str) -> Editor:
        field = person.spec.field(name)
        if name == "id_number":
            editor = IdNumberEditor(field)
            editor.left.connect(lambda: self._fill_from(editor))
            return editor
        if name == "phones":
            return PhonesEditor(field)
        if name == "org":
            return VillagePicker(field, self.context.actor.served)
        made = editor_for(field, self.context.clock.today())
        if name == "name":
            made.left.connect(self._look_for_alike)
        return made

    def _relative_fields(self) -> list[RelativeFields]:
        today = self.context.clock.today()
        if self.kind == "elder":
            return [RelativeFields(tr("子女或赡养人"), "", today)]
        return [
            RelativeFields(tr("父亲"), "51", today, with_situation=True),
            RelativeFields(tr("母亲"), "52", today, with_situation=True),
            RelativeFields(tr("照料人（不是父母时填）"), "", today, is_caregiver=True),
        ]

    def _family_section(self) -> QWidget:
        section = look.Section(tr("家里人"))
        for relative in self.family:
            word = code_list("relation").label(relative.tie.relation)
            care = tr("（照料人）") if relative.tie.is_caregiver else ""
            section.body.addWidget(look.Label(f"{word}  {relative.person.name or ''}{care}"))
        if self.family:
            section.body.addWidget(look.Label(tr("和兄弟姐妹是同一家人，改一处大家都改。"), "quiet"))
        for fields in self.relatives:
            section.body.addWidget(fields)
        return section

    def _chain(self) -> None:
        assert self.person is not None
        assert self.profile is not None
        forms: list[Any] = [self.person, self.profile, *(form for each in self.relatives for form in each.forms)]
        for form, following in pairwise(forms):
            form.at_end = next(iter(following.editors.values())).focus
        forms[-1].at_end = self.done_button.setFocus
        for form in forms:
            form.changed.connect(lambda _: self._touched())
            form.left.connect(lambda _: self.keep_draft())

    # Helping

    def _fill_from(self, editor: IdNumberEditor) -> None:
        """Birth date and sex stand in the number: what is still empty is filled in."""
        if self.person is None:
            return
        reading = editor.reading()
        born, sex = self.person.editors["birth_date"], self.person.editors["sex"]
        if reading.ok and reading.birth_date and born.is_empty():
            born.set_value(reading.birth_date)
        if reading.ok and reading.sex and sex.is_empty():
            sex.set_value(reading.sex)
        self._look_for_alike()

    def _look_for_alike(self) -> None:
        if self.person is None:
            return
        name, number = self.person.editors["name"].value(), self.person.editors["id_number"].value()
        asked = (str(name or ""), str(number or ""))
        self.context.read(self, lambda reader: people_alike(reader, *asked)).then(self._show_alike).run()

    def _show_alike(self, found: Sequence[Alike]) -> None:
        self.alike.show_people(found)

    # Keeping

    def _touched(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @property
    def _draft_name(self) -> str:
        return f"draft.new_{self.kind}"

    def keep_draft(self) -> None:
        """Keep what was typed inside the encrypted store; a brother's or sister's page is short and keeps nothing."""
        self._timer.stop()
        if self.person is None or self.profile is None or self.family or not self.is_whole:
            return
        held = {"person": self.person.draft(), "profile": self.profile.draft(),
                "relatives": [each.draft() for each in self.relatives]}  # fmt: skip
        name = self._draft_name
        touched = self.person.is_touched() or self.profile.is_touched() or any(each.named for each in self.relatives)
        if touched:
            task = self.context.write(self, lambda store: store.set_setting(name, held))
            task.then(lambda _: self.context.changes.saved.emit()).run()

    def _restore(self) -> None:
        held = self.context.reader.setting(self._draft_name)
        if not held or self.person is None or self.profile is None:
            return
        self.person.fill_json(held.get("person", {}))
        self.profile.fill_json(held.get("profile", {}))
        for fields, draft in zip(self.relatives, held.get("relatives", ()), strict=False):
            fields.fill(draft)

    def start_again(self) -> None:
        """Throw the draft away and begin with an empty page."""
        name, kind = self._draft_name, self.kind
        self.context.write(self, lambda store: store.set_setting(name, None)).then(
            lambda _: self.show_what(NewPersonWanted(kind))
        ).run()

    def leaving(self) -> None:
        commit_composition()
        self.keep_draft()

    def concerns(self, changes: Changes) -> bool:
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.go_back.emit()
        else:
            super().keyPressEvent(event)

    # Registering

    def commit(self) -> None:
        """Check everything; put the person and the family on file, or show what is still open."""
        if self.person is None or self.profile is None or not self.is_whole:
            return
        commit_composition()
        person, profile = self.person.record(), self.profile.record()
        relatives = self.family or tuple(one for each in self.relatives if (one := each.relative()) is not None)
        today = self.context.clock.today()
        open_ones = [problem for record in (person, profile) for problem in record.spec.problems(record, today)]
        open_ones = [each for each in open_ones if not (each.warning and each.field in self.confirmed)]
        if open_ones:
            self._show_problems(open_ones)
            return
        if unclear := next((each for each in self.relatives if not each.is_clear()), None):
            unclear.ask_relation()
            return
        self._register(person, profile, relatives)

    def _register(self, person: Person, profile: Record, relatives: Sequence[NewRelative]) -> None:
        actor, today, kind = self.context.actor, self.context.clock.today(), self.kind
        confirmed, name = frozenset(self.confirmed), self._draft_name
        person = replace(person, id_to_verify=_is_doubtful(self.person) or None)
        home = None if person.household else _household(person, relatives)

        def register(store: Workspace) -> Changes:
            from app.cases import register as verbs

            more: dict[str, Any] = {"household": home, "relatives": relatives, "today": today, "confirmed": confirmed}
            if kind == "child":
                assert isinstance(profile, Child)
                changes = verbs.register_child(store, actor, person, profile, **more)
            else:
                assert isinstance(profile, Elder)
                changes = verbs.register_elder(store, actor, person, profile, **more)
            store.set_setting(name, None)
            return changes

        self.context.write(self, register).then(self._registered).otherwise(self._refused).run()

    def _registered(self, changes: Changes) -> None:
        who = next((each for each in changes.records if isinstance(each, (Child, Elder))), None)
        name = self.person.record().name if self.person else ""
        self.person = self.profile = None
        self.context.say(tr("{name}已登记。", name=name or ""), tone="good", undo=changes)
        if who is not None:
            self.open_person.emit(who.id)

    def _refused(self, error: ShouwangError) -> None:
        if error.problems:
            self._show_problems(list(error.problems))
        else:
            self.context.say(error.message, tone="warning", advice=error.advice)

    def _show_problems(self, problems: list[Problem]) -> None:
        assert self.person is not None
        assert self.profile is not None
        self.problem_list.clear()
        homeless = self.person.show_problems(problems)
        self.profile.show_problems(homeless)
        editors = {**self.profile.editors, **self.person.editors}
        for problem in problems:
            editor = editors.get(problem.field)
            confirm = (lambda name=problem.field: self._confirm(name)) if problem.warning else None
            self.problem_list.add(problem, editor.focus if editor else self._begin, confirm)
        self.problem_list.show()
        self.problem_list.go_first()

    def _confirm(self, name: str) -> None:
        self.confirmed.add(name)
        self.commit()


def _is_doubtful(form: Form[Person] | None) -> bool:
    """Whether a number stands there that does not hold together: the person comes in marked 证件号待核."""
    editor = form.editors["id_number"] if form else None
    return isinstance(editor, IdNumberEditor) and not editor.is_empty() and not editor.reading().ok


def _household(person: Person, relatives: Sequence[NewRelative]) -> Household:
    """A household of its own; who cares for a child, or the person, is its head until somebody says otherwise."""
    carer = next((each.person for each in relatives if each.tie.is_caregiver), None)
    head = carer or next((each.person for each in relatives), person)
    return Household(org=person.org, village_group=person.village_group, address=person.current_address,
                     head_name=head.name, phones=person.phones)  # fmt: skip


