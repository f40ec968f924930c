"""Who sits here and which place they look after; for who joins a county, where it is and how it lets them in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLayout, QWidget

from ui import look
from ui.look.flow import FlowLayout
from ui.look.typing import ComposedLine
from ui.pages.authority import AuthorityField
from ui.windows.org_field import OrgField
from ui.words import tr

ROLES = (
    ("child_director", "儿童主任（村）"),
    ("child_supervisor", "儿童督导员（乡镇）"),
    ("social_worker", "社工（乡镇社工站）"),
)


class WhoForm(QWidget):
    """Asks only what a workspace cannot do without."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.county = _field(tr("县里的网址"))
        self.county.setPlaceholderText("https://")
        self.code = _field(tr("注册码"))
        self.name = _field(tr("您的姓名"))
        self.org = OrgField()
        self.authority = AuthorityField()
        self.joining = QWidget()
        self.joining.setLayout(
            _form((tr("县里的网址"), self.county), (tr("注册码"), self.code), ("", self.authority))
        )
        self.setLayout(
            look.column(
                self.joining,
                _form((tr("您的姓名"), self.name), (tr("岗位"), self._roles()), (tr("您管的地方"), self.org)),
                gap=2,
            )
        )
        self.show_joining(False)

    def _roles(self) -> QLayout:
        self.roles = QButtonGroup(self)
        line = FlowLayout(gap=look.space(2))
        for number, (_, words) in enumerate(ROLES):
            chip = look.Chip(tr(words), on=number == 0)
            self.roles.addButton(chip, number)
            line.addWidget(chip)
        return line

    def show_joining(self, joining: bool) -> None:
        """Ask for the county too, or not."""
        self.joining.setVisible(joining)
        self.setFocusProxy(self.county if joining else self.name)

    @property
    def role(self) -> str:
        """The code of the chosen post."""
        return ROLES[max(0, self.roles.checkedId())][0]

    def missing(self) -> str:
        """What has still to be filled in, in words; empty when nothing."""
        look.commit_composition()
        if not self.joining.isHidden() and not (self.county.text().strip() and self.code.text().strip()):
            return tr("网址和注册码都要填。没有注册码时，可以先选「自己先用」。")
        if not self.name.text().strip():
            return tr("请填姓名：谁记的，记录上会写明。")
        return "" if self.org.code else tr("请选您管的村或乡镇：打几个字，从下面选。")


def _field(label: str) -> ComposedLine:
    edit = ComposedLine()
    edit.setAccessibleName(label)
    return edit


def _form(*lines: tuple[str, QWidget | QLayout]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(look.space(2))
    grid.setContentsMargins(0, look.space(1), 0, 0)
    for number, (label, part) in enumerate(lines):
        name = look.Label(label, "quiet")
        name.setMinimumWidth(look.em(6))
        name.setAlignment(Qt.AlignmentFlag.AlignTop)
        name.setContentsMargins(0, look.space(2), 0, 0)
        grid.addWidget(name, number, 0)
        if isinstance(part, QWidget):
            name.setBuddy(part)
            grid.addWidget(part, number, 1)
        else:
            grid.addLayout(part, number, 1)
    grid.setColumnStretch(1, 1)
    return grid
