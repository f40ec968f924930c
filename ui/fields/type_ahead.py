"""Editors for a choice out of many: typed by word, synonym, code or pinyin initials; and for a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.records.codes import Code, code_list
from app.records.divisions import Division, Level, parent_code, search, short_name
from app.records.record import Field, Value
from ui.fields.editor import Editor, control_height
from ui.fields.in_place import InPlaceList
from ui.fields.initials import matches
from ui.look.typing import ComposedLine
from ui.words import tr

Found = Sequence[tuple[str, str]]
"""Ids and the words for them."""

Find = Callable[[str, Callable[[Found], None]], None]
"""Look for a text off the window's thread and hand over what was found."""

_MOST_OFFERED = 40


class _TypeAhead(Editor):
    """A line whose text is only a way to a key; leaving it with something else puts the chosen words back."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = ComposedLine()
        self.line.setMinimumHeight(control_height(self))
        self.options = InPlaceList(self.line)
        self.options.picked.connect(self._pick)
        self.line.textEdited.connect(self._look)
        self.line.left.connect(self._finish)
        self.line.entered.connect(self.advanced)
        self._key: str | None = None
        self._words = ""
        self._place(self.line)

    def focus_target(self) -> QWidget:
        return self.line

    def value(self) -> Value:
        self.line.commit_composition()
        self._settle()
        return self._key

    def _look(self, text: str) -> None:
        raise TypeError(f"{type(self).__name__} looks for nothing")

    def _understood(self, text: str) -> str | None:
        """The key that a text means by itself, without choosing from the list."""
        return None

    def _words_for(self, key: str) -> str:
        return key

    def _pick(self, key: str) -> None:
        self._take(key)
        self.left.emit()
        self.advanced.emit()

    def _take(self, key: str | None) -> None:
        self._key, self._words = key, self._words_for(key) if key else ""
        self.line.setText(self._words)
        self.show_hint("")
        self._touched()

    def _settle(self) -> None:
        text = self.line.text().strip()
        if text == self._words:
            return
        if not text:
            self._take(None)
        elif key := self._understood(text):
            self._take(key)

    def _finish(self) -> None:
        self._settle()
        if self.line.text().strip() != self._words:
            self.show_hint(tr("没有找到「{typed}」，还没有记下。请从列表里选。", typed=self.line.text().strip()))
        self.left.emit()


class LongChoiceEditor(_TypeAhead):
    """One of a long list: kinship, ethnic group, health codes."""

    def __init__(self, field: Field, today: date, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._items = code_list(field.of).current(today)
        self.line.setPlaceholderText(tr("打字或拼音首字母"))

    def set_value(self, value: Value) -> None:
        self._key = None if value is None else str(value)
        self._words = self._words_for(self._key) if self._key else ""
        self.line.setText(self._words)

    def _words_for(self, key: str) -> str:
        return code_list(self.field.of).label(key)

    def _understood(self, text: str) -> str | None:
        if code := code_list(self.field.of).code_of(text):
            return code
        fitting = [item for item in self._items if _fits(item, text)]
        return fitting[0].code if len(fitting) == 1 else None

    def _look(self, text: str) -> None:
        fitting = [(item.code, item.label) for item in self._items if _fits(item, text)]
        self.options.offer(fitting[:_MOST_OFFERED] if text.strip() else [])


class VillagePicker(_TypeAhead):
    """A village of today within some divisions."""

    def __init__(self, field: Field, within: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._within = tuple(within)
        self.line.setPlaceholderText(tr("村名、拼音首字母或 12 位代码"))

    def set_value(self, value: Value) -> None:
        self._key = None if value is None else str(value)
        self._words = self._words_for(self._key) if self._key else ""
        self.line.setText(self._words)

    def _words_for(self, key: str) -> str:
        return short_name(key)

    def _fitting(self, text: str) -> list[Division]:
        rows = [row for org in self._within for row in search(text, org, _MOST_OFFERED)]
        villages = {row.code: row for row in rows if row.level is Level.VILLAGE and row.valid_to is None}
        return list(villages.values())

    def _understood(self, text: str) -> str | None:
        fitting = self._fitting(text)
        named = [row for row in fitting if row.name == text]
        found = named or fitting
        return found[0].code if len(found) == 1 else None

    def _look(self, text: str) -> None:
        found = [(row.code, short_name(parent_code(row.code)) + row.name) for row in self._fitting(text)]
        self.options.offer(found[:_MOST_OFFERED] if text.strip() else [])


class PersonPicker(_TypeAhead):
    """Somebody who is registered; found as in the search box. ``name_of`` gives the words for an id."""

    asked_for_new = Signal(str)

    def __init__(
        self, field: Field, find: Find, name_of: Callable[[str], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(field, parent)
        self._find = find
        self._name_of = name_of
        self._found: dict[str, str] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(80)
        self._pause.timeout.connect(self._search)
        self.line.setPlaceholderText(tr("姓名、拼音首字母或证件号后四位"))

    def set_value(self, value: Value) -> None:
        self._key = None if value is None else str(value)
        self._words = self._words_for(self._key) if self._key else ""
        self.line.setText(self._words)

    def _words_for(self, key: str) -> str:
        return self._found.get(key) or self._name_of(key)

    def _look(self, text: str) -> None:
        if text.strip():
            self._pause.start()
        else:
            self._pause.stop()
            self.options.offer([])

    def _search(self) -> None:
        asked = self.line.text().strip()

        def show(found: Found) -> None:
            if self.line.text().strip() == asked:  # an answer to an older question is of no use
                self._found = dict(found)
                self.options.offer(found[:_MOST_OFFERED])

        self._find(asked, show)


def _fits(item: Code, text: str) -> bool:
    return matches(text, item.label, *item.synonyms) or item.code == text.strip()
