"""The chips above a register list: what narrows it, each saying its value, each cleared in its own menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.records.codes import code_list
from ui import look
from ui.look.flow import FlowLayout
from ui.models.register_filter import AGES, CATEGORIES, RegisterFilter, say_ages
from ui.words import tr

Choice = tuple[str, Any]


class FilterBar(QWidget):
    """Shows a filter and changes it; ``changed`` carries the new one."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = RegisterFilter()
        self.groups: tuple[str, ...] = ()
        self._flow = flow = FlowLayout(self, look.space(2))
        self.group = self._menu_chip(self._group_choices, "village_group")
        self.risk = self._menu_chip(self._risk_choices, "risk_levels")
        self.category = self._menu_chip(self._category_choices, "category")
        self.ages = self._menu_chip(self._age_choices, "ages")
        self.due = self._flag_chip(tr("只看该走访的"), "due_only")
        self.left = self._flag_chip(tr("含已退出的"), "left_too")
        self.clear = look.quiet_button(tr("看全部"), lambda: self._change(self.filter.cleared()))
        for part in (self.group, self.risk, self.category, self.ages, self.due, self.left, self.clear):
            flow.addWidget(part)

    def end_with(self, sentence: QWidget) -> None:
        """What the chips say together stands after them."""
        self._flow.addWidget(sentence)

    def show_filter(self, wanted: RegisterFilter) -> None:
        """Show this one."""
        self.filter = wanted
        persons = wanted.kind != "household"
        self._say(self.group, wanted.group_words or tr("全部村民小组"), bool(wanted.group_words))
        self._say(self.risk, wanted.risk_words or tr("全部风险等级"), bool(wanted.risk_words))
        self._say(self.category, wanted.category_words or tr("全部类别"), bool(wanted.category))
        self._say(self.ages, wanted.age_words or tr("全部年龄"), bool(wanted.ages))
        for chip, on in ((self.due, wanted.due_only), (self.left, wanted.left_too)):
            chip.blockSignals(True)
            chip.setChecked(on)
            chip.blockSignals(False)
        for part in (self.risk, self.category, self.ages, self.due, self.left):
            part.setVisible(persons)
        self.clear.setVisible(wanted.narrows)

    def _say(self, chip: look.Chip, words: str, on: bool) -> None:
        chip.setText(words + "  ▾")
        chip.setAccessibleName(words)
        chip.setChecked(on)

    def _menu_chip(self, choices: Callable[[], Sequence[Choice]], name: str) -> look.Chip:
        chip = look.Chip("", parent=self)

        def offer() -> None:
            self.show_filter(self.filter)  # a click is not yet a choice
            menu = QMenu(chip)
            for words, value in choices():
                menu.addAction(words, partial(self._narrow, name, value))
            menu.popup(chip.mapToGlobal(chip.rect().bottomLeft()))

        chip.clicked.connect(offer)
        return chip

    def _flag_chip(self, words: str, name: str) -> look.Chip:
        return look.Chip(words, act=partial(self._narrow, name), parent=self)

    def _narrow(self, name: str, value: Any) -> None:
        self._change(replace(self.filter, **{name: value}))

    def _change(self, wanted: RegisterFilter) -> None:
        self.show_filter(wanted)
        self.changed.emit(wanted)

    def _group_choices(self) -> list[Choice]:
        return [(tr("全部村民小组"), None), *((group or tr("没有写组"), group) for group in self.groups)]

    def _risk_choices(self) -> list[Choice]:
        levels = [(item.label, (item.code,)) for item in code_list("risk_level")]
        return [(tr("全部风险等级"), ()), (tr("高风险和中风险"), ("high", "medium")), *levels]

    def _category_choices(self) -> list[Choice]:
        known = code_list(CATEGORIES[self.filter.kind])
        return [(tr("全部类别"), ""), *((item.label, item.code) for item in known)]

    def _age_choices(self) -> list[Choice]:
        return [(tr("全部年龄"), None), *((say_ages(span), span) for span in AGES[self.filter.kind])]
