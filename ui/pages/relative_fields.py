"""The few fields that a relative needs when somebody is registered: name, phone, how they stand to the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from PySide6.QtWidgets import QWidget

from app.cases.register import NewRelative
from app.records import Kinship, Person
from ui import look
from ui.fields import Form, PhonesEditor, TextEditor, editor_for
from ui.words import tr


class RelativeFields(QWidget):
    """One relative; left without a name there is none."""

    def __init__(
        self, title: str, relation: str, today: date, *, with_situation: bool = False, is_caregiver: bool = False
    ) -> None:
        super().__init__()
        self.relation = relation
        self.is_caregiver = is_caregiver
        person, tie = Person.spec, Kinship.spec
        who = [TextEditor(person.field("name")), PhonesEditor(person.field("phones"))]
        names = ([] if relation else ["relation"]) + (["situation"] if with_situation else [])
        self.person: Form[Person] = Form(Person(), who)
        self.person.editors["name"].label.setText(title)
        self.person.editors["name"].focus_target().setAccessibleName(title)
        self.tie: Form[Kinship] = Form(Kinship(), [editor_for(tie.field(name), today) for name in names])
        self.setLayout(look.column(*who, *self.tie.editors.values(), gap=0))

    @property
    def forms(self) -> tuple[Form[Any], ...]:
        """In the order of the page."""
        return (self.person, self.tie) if self.tie.editors else (self.person,)

    @property
    def named(self) -> bool:
        """Whether there is such a relative."""
        return not self.person.editors["name"].is_empty()

    def is_clear(self) -> bool:
        """Whether it is known how a named relative stands to the person."""
        return bool(not self.named or self.relation or not self.tie.editors["relation"].is_empty())

    def ask_relation(self) -> None:
        """Say that the relation is missing, and go there."""
        editor = self.tie.editors["relation"]
        editor.show_problem(tr("「{label}」还没有填。", label=editor.field.label))
        editor.focus()

    def relative(self) -> NewRelative | None:
        """The relative as filled in, or None."""
        if not self.named:
            return None
        tie = self.tie.record()
        relation = self.relation or tie.relation
        tie = replace(tie, relation=relation, is_caregiver=self.is_caregiver or None)
        sex = {"51": "1", "52": "2"}.get(relation or "")
        return NewRelative(replace(self.person.record(), sex=sex), tie)

    def draft(self) -> dict[str, Any]:
        """What was typed."""
        return {"person": self.person.draft(), "tie": self.tie.draft()}

    def fill(self, draft: Mapping[str, Any]) -> None:
        """Put a draft back."""
        forms: tuple[tuple[str, Form[Any]], ...] = (("person", self.person), ("tie", self.tie))
        for name, form in forms:
            form.fill_json(draft.get(name, {}))


