"""One person's part of a visit's page: the questions in the order of the paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QWidget

from app.cases import visits
from app.cases.visits import AnyVisit
from app.errors import Problem
from app.records.dates import full_age
from ui import look
from ui.fields import DayEditor, Editor, Form, editor_for
from ui.models.visit_opening import Opened
from ui.pages.visit_order import ASKED_OF_THE_MET, ORDERS, RESULT, SAFETY_QUESTIONS
from ui.words import tr


class VisitBlock(QWidget):
    """Asks about one person. ``touched`` says that something was typed, ``left`` that a field is done with."""

    touched = Signal()
    left = Signal()
    harm_found = Signal()
    help_asked = Signal()

    def __init__(self, opened: Opened, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.opened = opened
        self.today = today
        self.dirty = False
        self.confirmed: set[str] = set()
        self._harm_was_shown = visits.suggests_harm(opened.form.visit)
        self.form: Form[AnyVisit] = Form(opened.form.visit)
        self.sections: dict[str, look.Section] = {}
        self.alarm = self._alarm()
        self._column = look.column(gap=3)
        self._column.addLayout(self._heading())
        self._column.addWidget(self.alarm)
        self.setLayout(self._column)
        self._to_build = list(ORDERS[opened.form.visit.spec.name].items())
        self.form.changed.connect(self._changed)
        self.form.left.connect(lambda _: self.left.emit())

    def _heading(self) -> QLayout:
        about = look.Label(what_helps(self.opened), "quiet", wrap=True)
        return look.column(look.Heading(who(self.opened, self.today), 1), about, gap=0)

    def build_next(self) -> bool:
        """Build one more section, so that no turn of the window takes long; False when all stand."""
        if not self._to_build:
            return False
        title, names = self._to_build.pop(0)
        section = look.Section(title)
        for name in names:
            editor = self.form.add(self._editor(name))
            section.body.addWidget(editor)
            self._dress(name, editor)
        self.sections[title] = section
        self._column.addWidget(section)
        self._fit_outcome()
        return bool(self._to_build)

    def build_all(self) -> None:
        """Build what is left."""
        while self.build_next():
            pass

    def _dress(self, name: str, editor: Editor) -> None:
        """The last answer in grey, and what a draft remembers of it."""
        if name in self.opened.answers:
            editor.offer(self.opened.answers[name])
        if name in self.opened.form.visit.kept_answers:
            editor.mark_kept()
        if name in self.opened.form.stale:
            editor.show_hint(tr("已经连续三次与上次相同，请重新问一问。"))

    def _editor(self, name: str) -> Editor:
        field = self.opened.form.visit.spec.field(name)
        if name == "next_visit_on":
            return DayEditor(field, self.today, ahead=True)
        return editor_for(field, self.today)

    def _alarm(self) -> QWidget:
        """110 first, the form afterwards."""
        alarm = look.Banner(
            tr("先保证人身安全：情况紧急立即打 110。可以打 12345、12309，并马上告诉儿童督导员。"),
            tone="danger",
            advice=tr("电话打完再填表。填了的都在，不会丢。"),
        )
        alarm.close_button.hide()
        button = look.danger_button(tr("打开 110 页 (F9)"), self.help_asked.emit)
        layout = alarm.layout()
        assert layout is not None
        layout.addWidget(button)
        alarm.setVisible(self._harm_was_shown)
        return alarm

    def visit(self, common: dict[str, object] | None = None) -> AnyVisit:
        """The visit as it is filled in now, with what all visits of the outing share."""
        visit = self.form.record()
        unbuilt = {name for name in visit.kept_answers if name not in self.form.editors}
        kept = tuple(sorted({*self.form.kept(), *unbuilt}))
        return replace(visit, kept_answers=kept, **(common or {}))  # type: ignore[arg-type]

    def problems(self, visit: AnyVisit) -> tuple[Problem, ...]:
        """What is still open; warnings that were confirmed do not count."""
        found = visit.spec.problems(visit, self.today)
        return tuple(problem for problem in found if not (problem.warning and problem.field in self.confirmed))

    def show_problems(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Each under its field; the rest is handed back."""
        return self.form.show_problems(problems)

    def focus_first(self) -> None:
        """Put the cursor on the first safety question that is not answered, or the first question of all."""
        safety = [self.form.editors[name] for name in SAFETY_QUESTIONS if name in self.form.editors]
        open_ones = [editor for editor in safety if editor.isVisibleTo(self) and editor.is_empty()]
        first = next(iter(open_ones), None) or next(iter(self.form.editors.values()), None)
        if first is not None:
            first.focus()

    def _changed(self, name: str) -> None:
        self.dirty = True
        if name == "outcome":
            self._fit_outcome()
        if name in ("injuries", "concerns"):
            self._look_for_harm()
        self.touched.emit()

    def _fit_outcome(self) -> None:
        """Who was not met is not asked; why they were not is."""
        outcome = self.form.editors.get("outcome")
        met = outcome is None or outcome.value() in ("met", None)
        if why := self.form.editors.get("not_met_reason"):
            why.setVisible(not met)
        for title, section in self.sections.items():
            if title in ASKED_OF_THE_MET and title != RESULT:
                section.setVisible(met)

    def _look_for_harm(self) -> None:
        harm = visits.suggests_harm(self.form.record())
        self.alarm.setVisible(harm)
        if harm and not self._harm_was_shown:
            self._harm_was_shown = True
            self.harm_found.emit()


def what_helps(opened: Opened) -> str:
    """Where they live and how they are reached."""
    person = opened.person
    return "  ·  ".join(word for word in (person.village_group, person.current_address, *person.phones) if word)


def who(opened: Opened, today: date) -> str:
    """Name and age, as the page's heading."""
    person = opened.person
    age = tr("{age} 岁", age=full_age(person.birth_date, today)) if person.birth_date else ""
    return "  ".join(word for word in (person.name or "", age) if word)
