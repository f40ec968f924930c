"""How a relative stands to somebody: added, corrected, and what a parent's situation is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QWidget

from app.errors import Problem, ShouwangError
from app.records import Kinship, Person
from app.records.codes import code_list
from app.records.ids import new_id
from ui import look
from ui.context import Context
from ui.fields import Form, PersonPicker, PhonesEditor, TextEditor, editor_for
from ui.fields.type_ahead import Found
from ui.models.person_file import Kin
from ui.words import tr

if TYPE_CHECKING:
    from app.store import Changes
    from app.store.workspace import Workspace

NAMES = (
    "relation", "is_guardian", "is_caregiver", "lives_with", "situation", "situation_since", "situation_until",
    "entrusted_since", "entrusted_until", "entrusted_reason", "last_contact_on", "note",
)  # fmt: skip


class KinDialog(QDialog):
    """One relative of one person; a new one is found among the registered or written down."""

    def __init__(self, context: Context, subject: Person, kin: Kin | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.subject = subject
        self.kin = kin
        self.setWindowTitle(tr("亲属"))
        tie = kin.kinship if kin and kin.kinship else Kinship(subject=subject.id)
        today = context.clock.today()
        self.form: Form[Kinship] = Form(tie, [editor_for(tie.spec.field(name), today) for name in NAMES])
        person = kin.person if kin else Person(org=subject.org, village_group=subject.village_group)
        self.person: Form[Person] = Form(
            person, [TextEditor(person.spec.field("name")), PhonesEditor(person.spec.field("phones")),
                     TextEditor(person.spec.field("work_place"))]
        )  # fmt: skip
        self.known = PersonPicker(tie.spec.field("relative"), self._find, lambda _: "")
        self.known.label.setText(tr("已登记的人"))
        self.words = look.Label("", "problem", wrap=True)
        self._compose()

    def _compose(self) -> None:
        content = QWidget()
        parts: list[QWidget] = [*self.person.editors.values(), look.Hairline(), *self.form.editors.values()]
        if self.kin is None:
            hint = look.Label(tr("已经登记过的从这里找，没有登记的在下面写姓名。"), "quiet", wrap=True)
            parts = [hint, self.known, *parts]
        content.setLayout(look.column(*parts, gap=0, margins=(1, 1, 3, 1)))
        name = self.kin.person.name if self.kin else self.subject.name
        heading = tr("{name}：和本人的关系", name=name) if self.kin else tr("给{name}加亲属", name=name)
        foot = look.row(None, look.button(tr("不改了"), self.reject), look.primary_button(tr("保存"), self.commit))
        if self.kin is not None and self.kin.kinship is not None:
            foot.insertWidget(0, look.danger_button(tr("去掉这层关系"), self._remove))
        self.setLayout(
            look.column(look.Heading(heading), look.scrolled(content), self.words, foot, margins=(5, 4, 5, 4), gap=3)
        )
        self.resize(look.space(190), look.space(145))

    def _find(self, text: str, show: Callable[[Found], None]) -> None:
        def found(hits: Sequence[object]) -> None:
            show([(hit.id, f"{hit.name}  {hit.village_group}") for hit in hits])  # type: ignore[attr-defined]

        self.context.read(self, lambda reader: reader.search(text, 12)).then(found).run()

    def commit(self) -> None:
        """Save the relative and the tie in one go."""
        tie, person = self.form.record(), self.person.record()
        known = self.known.value() if self.kin is None else None
        if problem := self._missing(tie, person, str(known or "")):
            self.form.show_problems([problem])
            self.words.setText("" if problem.field in self.form.editors else problem.message)
            return
        loaded_tie = self.kin.kinship if self.kin else None
        loaded_person = self.kin.person if self.kin else None
        if known is None:
            person = person if person.id else replace(person, id=new_id())
        relative = str(known or person.id)
        tie = replace(tie, id=tie.id or new_id(), subject=self.subject.id, relative=relative)
        actor, today = self.context.actor, self.context.clock.today()

        def save(store: Workspace) -> Changes:
            from app.cases.register import require_finished
            from app.policy import access

            access.require(actor, "write", "kinship", self.subject.org or "")
            require_finished([tie], today)
            edits = [] if known is not None else [(loaded_person, person)]
            return store.save(actor, *edits, (loaded_tie, tie))

        self.context.write(self, save).then(self._saved).otherwise(self._refused).run()

    def _missing(self, tie: Kinship, person: Person, known: str) -> Problem | None:
        if not known and not person.name:
            return Problem("name", tr("「姓名」还没有填，也没有从已登记的人里找。"))
        if not tie.relation:
            return Problem("relation", tr("「关系」还没有填。"))
        return None

    def _saved(self, changes: Changes) -> None:
        self.context.say(tr("亲属已保存。"), undo=changes if changes else None)
        self.accept()

    def _refused(self, error: ShouwangError) -> None:
        rest = self.form.show_problems(error.problems)
        self.words.setText("\n".join(problem.message for problem in rest) or str(error))

    def _remove(self) -> None:
        tie = self.kin.kinship if self.kin else None
        actor = self.context.actor
        if tie is None:
            return

        def remove(store: Workspace) -> Changes:
            from app.cases import register

            return register.remove(store, actor, tie)

        relation = code_list("relation").label(tie.relation)
        said = tr("去掉了「{relation}」这层关系，人还在。", relation=relation)
        task = self.context.write(self, remove).then(lambda changes: self.context.say(said, undo=changes))
        task.then(lambda _: self.accept()).run()
