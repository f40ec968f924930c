"""Editors: one for each kind of field, each with label, last answer and problem line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QWidget

from app.records.codes import code_list
from app.records.record import Field, Kind
from ui.fields.choice import ChoiceEditor, ChoicesEditor, FlagEditor
from ui.fields.day import DayEditor
from ui.fields.editor import Editor
from ui.fields.form import Form
from ui.fields.lines import LinesEditor, PhonesEditor
from ui.fields.long_text import LongTextEditor
from ui.fields.shown import shown
from ui.fields.text import IdNumberEditor, NumberEditor, TextEditor
from ui.fields.type_ahead import Find, LongChoiceEditor, PersonPicker, VillagePicker
from ui.look.typing import ComposedLine, ComposedText, commit_composition

__all__ = [
    "ChoiceEditor", "ChoicesEditor", "ComposedLine", "ComposedText", "DayEditor", "Editor", "Find", "FlagEditor",
    "Form", "IdNumberEditor", "LinesEditor", "LongChoiceEditor", "LongTextEditor", "NumberEditor", "PersonPicker",
    "PhonesEditor", "TextEditor", "VillagePicker", "commit_composition", "editor_for", "shown",
]  # fmt: skip

LONG_AGO = frozenset({"birth_date", "residence_since", "registered_on"})
"""Days that are hardly ever today or yesterday."""

FEW = 9
"""So many choices still have a number key each and stand in sight."""


def editor_for(field: Field, today: date, parent: QWidget | None = None) -> Editor:
    """The usual editor of a field's kind; pages choose another where they know better. A REF needs a PersonPicker."""
    if field.name in LONG_AGO:
        return DayEditor(field, today, parent, quick=False)
    if field.kind is Kind.CHOICE and len(code_list(field.of)) > FEW:
        return LongChoiceEditor(field, today, parent)
    if field.kind in _DATED:
        return _DATED[field.kind](field, today, parent)
    return _PLAIN[field.kind](field, parent)


_DATED: dict[Kind, Callable[[Field, date, QWidget | None], Editor]] = {
    Kind.CHOICE: ChoiceEditor,
    Kind.CHOICES: ChoicesEditor,
    Kind.DAY: DayEditor,
}
_PLAIN: dict[Kind, Callable[[Field, QWidget | None], Editor]] = {
    Kind.TEXT: TextEditor,
    Kind.LONG: LongTextEditor,
    Kind.LINES: LinesEditor,
    Kind.NUMBER: NumberEditor,
    Kind.FLAG: FlagEditor,
}
