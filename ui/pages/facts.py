"""A section of a person's page: what is known, and in the same place the form that changes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.errors import Problem
from app.records.record import Field, Record
from ui import look
from ui.fields import Editor, Form, IdNumberEditor, PhonesEditor, editor_for, shown
from ui.look.flow import FlowLayout
from ui.words import tr

Save = Callable[["Facts", Record, Record, frozenset[str]], None]
"""The section, what was loaded, what it became, and which warnings the user confirmed."""

LONG_VALUE = 24
"""From so many characters a value takes a line of its own."""


class Facts(look.Section):
    """Some fields of one record. Enter goes on, Ctrl+Enter keeps; leaving leaves a draft."""

    touched = Signal()

    def __init__(self, title: str, record: Record, names: Sequence[str], today: date, save: Save) -> None:
        super().__init__(title)
        self.title = title
        self.record = record
        self.names = tuple(names)
        self.form: Form[Record] | None = None
        self.confirmed: set[str] = set()
        self._today = today
        self._save = save
        self._shown = QWidget()
        self.body.addWidget(self._shown)
        self.edit_button = look.quiet_button(tr("改"), self.edit, picture="edit")
        self.edit_button.setAccessibleName(tr("改{title}", title=title))
        head = self.layout()
        assert head is not None
        first = head.itemAt(0)
        line = first.layout() if first else None
        if line is not None:
            line.addWidget(self.edit_button)
        self._show()

    @property
    def is_open(self) -> bool:
        """Whether the form stands."""
        return self.form is not None

    def has_differences(self, edited: Record) -> bool:
        """Whether a draft changes something here."""
        return any(getattr(edited, name) != getattr(self.record, name) for name in self.names)

    # Showing

    def _show(self) -> None:
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.space(4))
        grid.setVerticalSpacing(look.space(2))
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        self._fill(grid)
        self._put(fresh)
        self.edit_button.setVisible(True)

    def _fill(self, grid: QGridLayout) -> None:
        row, column = 0, 0
        for field, words in self._known():
            wide = len(words) > LONG_VALUE
            if wide and column:
                row, column = row + 1, 0
            grid.addWidget(look.Label(field.label, "quiet"), row, column * 2, Qt.AlignmentFlag.AlignTop)
            value = look.Label(words, wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(value, row, column * 2 + 1, 1, 3 if wide else 1)
            row, column = (row + 1, 0) if wide or column else (row, 1)
        if grid.count() == 0:
            grid.addWidget(look.Label(tr("还没有填。"), "quiet"), 0, 0)

    def _known(self) -> list[tuple[Field, str]]:
        spec = self.record.spec
        pairs = ((spec.field(name), shown(spec.field(name), getattr(self.record, name))) for name in self.names)
        return [(field, words) for field, words in pairs if words]

    def _put(self, fresh: QWidget) -> None:
        self.body.replaceWidget(self._shown, fresh)
        self._shown.hide()
        self._shown.deleteLater()
        self._shown = fresh
        fresh.show()

    # Changing

    def edit(self, draft: Record | None = None, loaded: Record | None = None, at: str = "") -> None:
        """Turn into the form; a draft's values and what it was loaded from take the place of the record's."""
        if self.form is not None:
            return
        self.form = Form(loaded or self.record, [self._editor(name) for name in self.names])
        if draft is not None:
            for name, editor in self.form.editors.items():
                editor.set_value(getattr(draft, name))
        self.form.changed.connect(lambda _: self.touched.emit())
        self.form.at_end = self.save
        fresh = QWidget()
        fresh.setLayout(look.column(*self.form.editors.values(), self._foot(), gap=0))
        self._put(fresh)
        self.edit_button.hide()
        if draft is None:
            self.form.editors[at or self.names[0]].focus()

    def _foot(self) -> QWidget:
        foot = QWidget()
        self._problems = FlowLayout()
        buttons = look.row(
            None,
            look.button(tr("不改了"), self.close_form),
            look.primary_button(tr("保存 (Ctrl+回车)"), self.save),
        )
        foot.setLayout(look.column(self._problems, buttons, gap=1))
        return foot

    def _editor(self, name: str) -> Editor:
        field = self.record.spec.field(name)
        if name == "id_number":
            return IdNumberEditor(field)
        if name.endswith("phones"):
            return PhonesEditor(field)
        return editor_for(field, self._today)

    def edited(self) -> Record:
        """The record as the form has it now."""
        return self.form.record() if self.form else self.record

    def values(self) -> dict[str, Any]:
        """What the form holds by field."""
        return self.form.values() if self.form else {}

    def save(self) -> None:
        """Hand over to the page."""
        if self.form is not None:
            self._save(self, self.form.loaded, self.form.record(), frozenset(self.confirmed))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Under their fields; warnings can be confirmed."""
        if self.form is None:
            return
        self.form.show_problems(problems)
        while item := self._problems.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for problem in problems:
            if problem.warning:
                self._problems.addWidget(look.button(tr("核对过，就是这样"), partial(self._confirm, problem.field)))
            elif problem.field not in self.form.editors:
                self._problems.addWidget(look.Label(problem.message, "problem"))
        first = next((self.form.editors[each.field] for each in problems if each.field in self.form.editors), None)
        if first is not None:
            first.focus()

    def _confirm(self, name: str) -> None:
        self.confirmed.add(name)
        self.save()

    def close_form(self) -> None:
        """Show what is known again; what was typed is given up on purpose."""
        self.form = None
        self.confirmed.clear()
        self._show()
        self.touched.emit()

    def show_record(self, record: Record) -> None:
        """Show what is known now; an open form is left alone, its edit knows what it was based on."""
        self.record = record
        if self.form is None:
            self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.form is not None:
            self.save()
        else:
            super().keyPressEvent(event)


def laid_over(record: Record, sections: Sequence[Facts]) -> Record:
    """The record with what all open sections hold: one draft for them together."""
    values = {name: value for section in sections for name, value in section.values().items()}
    return replace(record, **values)
