"""Type size, colours, the passphrase, who sits here, copies: what is set once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from app.records.codes import code_list
from app.records.divisions import full_name
from app.settings import TYPE_SIZES
from ui import look
from ui.context import Context
from ui.pages.page import Going, Page
from ui.words import tr

PALETTES = (("system", "跟随系统"), ("light", "浅色"), ("dark", "深色"), ("contrast", "高对比度"))
DAYS = (1, 3, 7, 14)
"""How many days ahead 今日 looks."""
A_DAY = (4, 8, 12, 20)
"""How many visits fit into a day."""


Value = TypeVar("Value", str, int)


class SettingsPage(Page):
    """Quiet rows of choices; each takes effect at once, nothing has to be saved."""

    title = "设置"
    place = "settings"
    help_page = "settings"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        sheet = QWidget()
        self.sections = look.column(
            look.Heading(tr("设置"), 1),
            self._appearance(),
            self._today(),
            self._post(),
            self._safety(),
            self._about(),
            None,
            margins=(6, 4, 6, 4),
            gap=4,
        )
        sheet.setLayout(self.sections)
        self.setLayout(look.column(look.scrolled(sheet), gap=0))

    def _appearance(self) -> QWidget:
        section = look.Section(tr("字号和颜色"), tr("Ctrl 加 + 或 − 也可以换字号"))
        sizes = [(size, f"{size}") for size in TYPE_SIZES]
        preferences = self.context.preferences
        self.sizes = ChoiceRow(tr("字号"), sizes, preferences.type_size, self._size)
        section.body.addWidget(self.sizes)
        section.body.addWidget(ChoiceRow(tr("颜色"), PALETTES, preferences.palette, self._palette))
        look.changed.connect(self._show_size)
        return section

    def _today(self) -> QWidget:
        section = look.Section(tr("今日"), tr("多列几天，可以少跑几趟"))
        kept = self.context.store.setting
        for label, name, choices, usual, words in (
            (tr("提前列出"), "days_ahead", DAYS, 3, "{n} 天"),
            (tr("一天走访"), "visits_a_day", A_DAY, 8, "{n} 人"),
        ):
            chips = [(n, tr(words, n=n)) for n in choices]
            section.body.addWidget(ChoiceRow(label, chips, kept(name, usual), partial(self._set, name)))
        return section

    def _post(self) -> QWidget:
        post, holder = self.context.store.post, self.context.store.holder
        section = look.Section(tr("这份资料"))
        roles = code_list("role")
        for label, value in (
            (tr("使用人"), holder.name),
            (tr("岗位"), roles.label(post.role)),
            (tr("地方"), full_name(post.org)),
            (tr("资料在"), str(self.context.folder)),
        ):
            section.body.addLayout(_line(label, look.Label(value, wrap=True)))
        section.body.addLayout(look.row(look.button(tr("回收站"), self._open_bin, picture="bin"), None))
        return section

    def _open_bin(self) -> None:
        self.go.emit(Going("bin"))

    def _safety(self) -> QWidget:
        section = look.Section(tr("口令"), tr("10 分钟不用会自动锁上"))
        section.body.addLayout(
            look.row(
                look.button(tr("换口令"), self._change_passphrase, picture="key"),
                look.button(tr("再加一个人"), self._add_person, picture="add"),
                look.button(
                    tr("重做恢复码"),
                    self._renew_code,
                    picture="refresh",
                    hint=tr("旧的恢复码从此打不开，请把新的抄下来"),
                ),
                None,
            )
        )
        return section

    def _about(self) -> QWidget:
        section = look.Section(tr("关于"))
        section.body.addWidget(
            look.Label(
                tr("守望：儿童主任和乡镇社工站的桌面。不联网也能用，资料只存在这台电脑里，加密保存。"),
                "quiet",
                wrap=True,
            )
        )
        section.body.addWidget(look.Label(tr("字体：思源黑体、思源宋体（SIL OFL）。"), "small", wrap=True))
        return section

    def _show_size(self) -> None:
        self.sizes.show_chosen(look.type_size())

    def _size(self, size: int) -> None:
        self.prefer.emit(replace(self.context.preferences, type_size=size))

    def _palette(self, palette: str) -> None:
        self.prefer.emit(replace(self.context.preferences, palette=palette))

    def _set(self, name: str, value: int) -> None:
        task = self.context.write(self, lambda store: store.set_setting(name, value))
        task.then(lambda _: self.context.changes.preferred.emit(name)).run()

    def _change_passphrase(self) -> None:
        from ui.dialogs.passphrase import PassphraseDialog

        PassphraseDialog(self.context, self).open()

    def _add_person(self) -> None:
        from ui.dialogs.add_person import AddPersonDialog

        AddPersonDialog(self.context, self).open()

    def _renew_code(self) -> None:
        from ui.dialogs.recovery_code import RecoveryCodeDialog

        RecoveryCodeDialog(self.context, self).open()


def _line(label: str, *parts: QWidget) -> QHBoxLayout:
    name = look.Label(label, "quiet")
    name.setMinimumWidth(look.em(5))
    layout = look.row(name, *parts, gap=2)
    layout.setStretch(len(parts), 1)
    return layout


class ChoiceRow(QWidget):
    """A row of chips of which one is on."""

    def __init__(
        self, label: str, choices: Sequence[tuple[Value, str]], chosen: Value, act: Callable[[Value], None]
    ) -> None:
        super().__init__()
        name = look.Label(label, "quiet")
        name.setMinimumWidth(look.em(5))
        self.chips: dict[object, look.Chip] = {}
        line = look.row(name, gap=2)
        group = QButtonGroup(self)
        for value, words in choices:
            chip = look.Chip(tr(words), on=value == chosen)
            chip.setAccessibleName(f"{label} {tr(words)}")
            chip.clicked.connect(partial(_take, act, value))
            group.addButton(chip)
            line.addWidget(chip)
            self.chips[value] = chip
        line.addStretch(1)
        self.setLayout(line)

    def show_chosen(self, value: object) -> None:
        """It was chosen elsewhere."""
        if value in self.chips:
            self.chips[value].setChecked(True)


def _take(act: Callable[[Value], None], value: Value, _checked: bool = False) -> None:
    act(value)
