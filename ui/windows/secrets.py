"""Fields for passphrases and recovery codes."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from ui import look
from ui.words import tr


class SecretField(QWidget):
    """A passphrase with 显示; shown, it also takes Chinese, which no input method writes into a hidden field."""

    given = Signal()
    changed = Signal()

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setAccessibleName(label)
        self.edit.returnPressed.connect(self.given)
        self.edit.textChanged.connect(lambda: self.changed.emit())
        self.eye = look.quiet_button(tr("显示"), self._toggle, hint=tr("口令里有汉字时，先点「显示」再打字"))
        self.eye.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        name = look.Label(label, "quiet")
        name.setBuddy(self.edit)
        field = look.row(self.edit, self.eye, gap=1)
        self.setLayout(look.column(name, field, gap=1))
        self.setFocusProxy(self.edit)

    def text(self) -> str:
        """What was typed, the input method's unfinished part included."""
        look.commit_composition()
        return self.edit.text()

    def _toggle(self) -> None:
        hidden = self.edit.echoMode() == QLineEdit.EchoMode.Password
        self.edit.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self.eye.setText(tr("隐藏") if hidden else tr("显示"))
        self.edit.setFocus()


def strength(passphrase: str) -> str:
    """How good a passphrase is, in words; empty while nothing is typed. The rule itself stands in the vault."""
    text = unicodedata.normalize("NFKC", passphrase)
    chinese = sum("\u3400" <= sign <= "\u9fff" for sign in text)
    weight = len(text) + 2 * chinese
    if not text:
        return ""
    if len(text) < 8 and chinese < 4:
        return tr("还不够长：至少 8 个字符，或 4 个汉字")
    return tr("可以用") if weight < 12 else tr("好") if weight < 16 else tr("很好")


class NewSecret(QWidget):
    """A new passphrase, typed twice, with its strength in words."""

    given = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = SecretField(tr("新口令"))
        self.second = SecretField(tr("再打一遍"))
        self.note = look.Label(" ", "small")
        self.first.changed.connect(self._judge)
        self.second.changed.connect(self._judge)
        self.first.given.connect(self.second.setFocus)
        self.second.given.connect(self.given)
        self.setLayout(look.column(self.first, self.second, self.note, gap=2))
        self.setFocusProxy(self.first)

    def _judge(self) -> None:
        first, second = self.first.edit.text(), self.second.edit.text()
        if second and first != second:
            self.note.setText(tr("两遍不一样"))
        else:
            self.note.setText(strength(first) or " ")

    def agrees(self) -> bool:
        """Whether both are the same and something."""
        return bool(self.first.text()) and self.first.text() == self.second.text()

    def text(self) -> str:
        """The new passphrase."""
        return self.first.text()


class CodeField(QWidget):
    """A recovery code being typed: its groups light up one by one, and the miscopied one is named."""

    changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit()
        self.edit.setAccessibleName(tr("恢复码"))
        self.edit.setPlaceholderText("XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX")
        self.note = look.Label(" ", "small")
        self.edit.textChanged.connect(self._judge)
        name = look.Label(tr("恢复码（纸上的 7 组，每组 5 位）"), "quiet")
        name.setBuddy(self.edit)
        self.setLayout(look.column(name, self.edit, self.note, gap=1))
        self.setFocusProxy(self.edit)

    def text(self) -> str:
        """The code as typed."""
        look.commit_composition()
        return self.edit.text()

    def _judge(self) -> None:
        from app.store.vault import recovery_code_groups

        groups = recovery_code_groups(self.edit.text())
        wrong = [place for place, (group, right) in enumerate(groups, 1) if len(group) == 5 and not right]
        done = sum(right for _, right in groups)
        if wrong:
            self.note.setText(tr("第 {n} 组抄错了，请对一下纸上的", n=wrong[0]))
        else:
            self.note.setText(tr("已经对上 {n} 组，共 7 组", n=done))
        self.changed.emit(done == 7 and len(groups) == 7)
