"""另填: the value that neither of two people had written, typed with the item's own editors."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.cases.conflicts import apart
from app.cases.wording import part_of
from app.records import BY_NAME, Conflict
from app.records.divisions import county_of
from app.records.part_values import part_value
from app.records.record import Field, Kind, Record, problems
from ui import look
from ui.context import Context
from ui.fields import Form, IdNumberEditor, PhonesEditor, VillagePicker, editor_for
from ui.fields.editor import Editor
from ui.words import tr

CONTROL = Qt.KeyboardModifier.ControlModifier
ADDRESSES = ("registered_division", "current_division")
"""Divisions of an address are chosen on the person's own page."""


def can_be_typed(conflict: Conflict) -> bool:
    """Whether the item has editors that can stand here: not a deletion, another person, an instant."""
    part = part_of(conflict.about_type or "", conflict.part or "")
    fields = part.fields if part else ()
    return bool(fields) and not any(field.kind in (Kind.REF, Kind.MOMENT) for field in fields)


class OtherValue(QWidget):
    """The editors of one part, holding what the record says now."""

    taken = Signal(object)  # the part's value as JSON
    left = Signal()

    def __init__(self, context: Context, conflict: Conflict) -> None:
        super().__init__()
        part = part_of(conflict.about_type or "", conflict.part or "")
        assert part is not None  # nobody offers this for anything else
        self._part = part
        self._differing = next((field.name for field in apart(conflict)), "")
        self._today = context.clock.today()
        self._county = county_of(context.actor.org)
        cls = BY_NAME[conflict.about_type or ""]
        record: Record = context.reader.get(cls, conflict.about or "") or cls(id=conflict.about or "")
        fields = [field for field in part.fields if field.name not in ADDRESSES]
        self.form: Form[Record] = Form(record, [self._editor(field) for field in fields])
        self.form.at_end = self.take
        acts = look.row(
            None, look.quiet_button(tr("不填了 (Esc)"), self.left.emit),
            look.primary_button(tr("就用这个 (Ctrl+Enter)"), self.take), gap=3,
        )  # fmt: skip
        self.setLayout(look.column(look.Hairline(), *self.form.editors.values(), acts, gap=1))

    def _editor(self, field: Field) -> Editor:
        if field.name == "id_number":
            return IdNumberEditor(field)
        if field.name == "org":
            return VillagePicker(field, [self._county])
        return PhonesEditor(field) if field.name.endswith("phones") else editor_for(field, self._today)

    def begin(self) -> None:
        """Put the cursor into the first field that differs."""
        editors = self.form.editors
        (editors.get(self._differing) or next(iter(editors.values()))).focus()

    def take(self) -> None:
        """Hand the value over, unless something in it cannot be."""
        record = self.form.record()
        names = {field.name for field in self._part.fields}
        found = [each for each in problems(record, self._today) if each.field in names and not each.warning]
        self.form.show_problems(found)
        if not found:
            self.taken.emit(part_value(record, self._part))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & CONTROL:
            self.take()
        else:
            super().keyPressEvent(event)
