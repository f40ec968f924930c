"""What holds the editors of one record together: loaded record in, edited record out, problems to their fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from app.errors import Problem
from app.records.record import Record, Value, from_json, to_json
from ui.fields.editor import Editor
from ui.look.typing import commit_composition

R = TypeVar("R", bound=Record)


class _Signals(QObject):
    changed = Signal(str)  # the name of the field
    left = Signal(str)
    arrived = Signal(str)


class Form(Generic[R]):
    """The editors in the order of the page. It keeps ``loaded``, so that a save knows what each edit is based on."""

    def __init__(self, loaded: R, editors: Iterable[Editor] = ()) -> None:
        self.loaded = loaded
        self.editors: dict[str, Editor] = {}
        self._signals = _Signals()
        self.changed = self._signals.changed
        self.left = self._signals.left
        self.arrived = self._signals.arrived
        for editor in editors:
            self.add(editor)

    def add(self, editor: Editor) -> Editor:
        """Take an editor in; it shows the loaded value and Enter goes on to the one after it."""
        name = editor.field.name
        self.editors[name] = editor
        editor.set_value(getattr(self.loaded, name))
        editor.changed.connect(lambda: self.changed.emit(name))
        editor.left.connect(lambda: self.left.emit(name))
        editor.arrived.connect(lambda: self.arrived.emit(name))
        editor.advanced.connect(lambda: self.go_on(name))
        return editor

    def record(self) -> R:
        """The record as the editors show it now, composition text included; other fields as they were loaded."""
        commit_composition()
        return dataclasses.replace(self.loaded, **self.values())

    def values(self) -> dict[str, Any]:
        """What the editors hold, by field name."""
        return {name: editor.value() for name, editor in self.editors.items()}

    def is_touched(self) -> bool:
        """Whether anything differs from what was loaded."""
        return any(_same(value) != _same(getattr(self.loaded, name)) for name, value in self.values().items())

    def fill(self, record: R) -> None:
        """Show another version of the record; ``loaded`` is then this one."""
        self.loaded = record
        for name, editor in self.editors.items():
            editor.set_value(getattr(record, name))

    def fill_json(self, draft: Mapping[str, Any]) -> None:
        """Put a draft's values over what is shown, without touching what the edit is based on."""
        for name, raw in draft.items():
            if editor := self.editors.get(name):
                editor.set_value(from_json(editor.field, raw))

    def draft(self) -> dict[str, Any]:
        """What the editors hold, as JSON, for a draft."""
        return {name: to_json(value) for name, value in self.values().items()}

    def kept(self) -> tuple[str, ...]:
        """The fields whose last answer was kept as it was."""
        return tuple(name for name, editor in self.editors.items() if editor.kept)

    def show_problems(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Every problem under its field; the ones that belong to no field here are handed back."""
        by_field: dict[str, Problem] = {}
        homeless = []
        for problem in problems:
            if problem.field in self.editors:
                by_field.setdefault(problem.field, problem)
            else:
                homeless.append(problem)
        for name, editor in self.editors.items():
            found = by_field.get(name)
            editor.show_problem(found.message if found else "", warning=bool(found and found.warning))
        return tuple(homeless)

    def go_on(self, name: str) -> None:
        """Put the cursor into the next field that can be seen."""
        names = list(self.editors)
        for following in names[names.index(name) + 1 :]:
            if self.editors[following].isVisible() and self.editors[following].isEnabled():
                self.editors[following].focus()
                return
        self.at_end()

    at_end: Callable[[], None] = staticmethod(lambda: None)
    """What Enter in the last field does; a page may set it."""


def _same(value: Value) -> Value:
    return value if value not in ("", ()) else None
