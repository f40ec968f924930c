"""When a child is being hurt: whom to ring first; the form is for afterwards. Works without any line."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui import look
from ui.context import Context
from ui.look.parts import dressed
from ui.look.typing import ComposedLine
from ui.pages.page import Page, PrintWanted
from ui.words import tr

# Numbers that hold in the whole country (domain.md, 2.9); local ones are the user's own.
NATIONAL = (
    ("110", "公安报警", "孩子正在受伤害，或者有危险，先打这个。"),
    ("12345", "未成年人保护热线", "求助、咨询、转到民政部门。"),
    ("12309", "检察机关", "举报、控告、法律帮助。"),
)
LOCAL = (
    ("police", "派出所"),
    ("supervisor", "乡镇儿童督导员"),
    ("county", "县民政局"),
    ("hospital", "卫生院"),
)
SETTING = "local_numbers"
FORM = "mandatory_report"

STEPS = (
    "先看孩子是否安全。正在受伤害、受伤重、失踪：马上打 110。",
    "不盘问孩子，不反复问，孩子的话记原话。不通知可能伤害孩子的人。",
    "衣物、伤情、聊天记录等保持原样，等公安来。",
    "打完电话，告诉督导员或县民政局；再填报告登记表。",
)


class EmergencyPage(Page):
    """110 first, then the local numbers, then what to do, then the blank form."""

    title = "求助电话"
    place = "emergency"
    help_page = "emergency"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.local: dict[str, ComposedLine] = {}
        sheet = QWidget()
        sheet.setLayout(
            look.column(
                look.Heading(tr("孩子受到伤害或有危险"), 1),
                look.Label(tr("先打电话，表格后面再填。"), "quiet"),
                look.row(*(_number(*entry) for entry in NATIONAL), gap=3),
                look.row(self._steps(), self._local_numbers(), gap=3),
                self._paper(),
                None,
                margins=(6, 4, 6, 4),
                gap=4,
            )
        )
        self.setLayout(look.column(look.scrolled(sheet), gap=0))

    def _steps(self) -> QWidget:
        section = look.Section(tr("怎么做"))
        for number, words in enumerate(STEPS, 1):
            section.body.addLayout(_step(number, tr(words)))
        section.body.addStretch(1)
        return section

    def _local_numbers(self) -> QWidget:
        section = look.Section(tr("本地电话"), tr("填一次，一直在这里"))
        grid = QGridLayout()
        grid.setVerticalSpacing(look.space(2))
        for line, (name, label) in enumerate(LOCAL):
            words = look.Label(tr(label))
            edit = ComposedLine()
            edit.setAccessibleName(tr(label))
            edit.setPlaceholderText(tr("还没有填"))
            edit.left.connect(self._keep)
            edit.entered.connect(self._keep)
            words.setBuddy(edit)
            grid.addWidget(words, line, 0)
            grid.addWidget(edit, line, 1)
            self.local[name] = edit
        section.body.addLayout(grid)
        section.body.addStretch(1)
        return section

    def _paper(self) -> QWidget:
        section = look.Section(tr("侵害未成年人案件强制报告登记表"))
        words = look.Label(
            tr("村委会和社工机构发现孩子可能受到侵害，应当立即报告。报告人的信息要保密。"), "quiet", wrap=True
        )
        line = look.row(words, gap=3)
        line.setStretch(0, 1)
        self.blank = look.button(tr("打印空白表"), self._print_blank, picture="printing")
        line.addWidget(self.blank)
        section.body.addLayout(line)
        return section

    def _print_blank(self) -> None:
        self.open_print.emit(PrintWanted(FORM))

    def refresh(self) -> None:
        kept: dict[str, Any] = self.context.store.setting(SETTING, {})
        for name, edit in self.local.items():
            if not edit.hasFocus():
                edit.setText(str(kept.get(name, "")))

    def _keep(self) -> None:
        look.commit_composition()
        numbers = {name: edit.text().strip() for name, edit in self.local.items() if edit.text().strip()}
        self.context.write(self, lambda store: store.set_setting(SETTING, numbers)).then(
            lambda _: self.context.changes.saved.emit()
        ).run()


def _number(number: str, who: str, when: str) -> QWidget:
    section = look.Section()
    section.setAccessibleName(f"{number} {who}")
    big = dressed(look.Label(number), "number")
    big.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    section.body.addWidget(big)
    section.body.addWidget(look.Label(tr(who), "strong"))
    section.body.addWidget(look.Label(tr(when), "quiet", wrap=True))
    return section


def _step(number: int, words: str) -> Any:
    mark = look.Label(str(number), "strong")
    mark.setAlignment(Qt.AlignmentFlag.AlignTop)
    line = look.row(mark, look.Label(words, wrap=True), gap=3)
    line.setStretch(1, 1)
    return line
