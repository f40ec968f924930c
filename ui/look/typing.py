"""Text boxes that lose nothing of an input method's composition, and the one call that commits it everywhere."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

_SUBMITTING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape)


class ComposedLine(QLineEdit):
    """One line. What is being composed counts as typed as soon as anybody asks, leaves or saves."""

    left = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preedit = ""

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.preedit = event.preeditString()
        super().inputMethodEvent(event)

    def event(self, event: QEvent) -> bool:
        if _belongs_to_composition(event, self.preedit):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & _HELD:
            self.entered.emit()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.commit_composition()
        super().focusOutEvent(event)
        if self.isVisible():  # a page that is put away keeps its draft by itself
            self.left.emit()

    def commit_composition(self) -> None:
        """Make what is being composed part of the text."""
        _commit(self, self.preedit)


class ComposedText(QPlainTextEdit):
    """Several lines, with the same promise; Tab leaves, Enter makes a line, Ctrl+Enter belongs to the page."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preedit = ""
        self.setTabChangesFocus(True)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.preedit = event.preeditString()
        super().inputMethodEvent(event)

    def event(self, event: QEvent) -> bool:
        if _belongs_to_composition(event, self.preedit):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & _HELD:
            event.ignore()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.commit_composition()
        super().focusOutEvent(event)
        if self.isVisible():  # a page that is put away keeps its draft by itself
            self.left.emit()

    def commit_composition(self) -> None:
        """Make what is being composed part of the text."""
        _commit(self, self.preedit)


_HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def commit_composition() -> None:
    """Commit what is being composed in the field that has the focus; call it before reading, saving or closing."""
    focused = QApplication.focusWidget()
    if isinstance(focused, (ComposedLine, ComposedText)):
        focused.commit_composition()
    else:
        QGuiApplication.inputMethod().commit()


def _commit(box: ComposedLine | ComposedText, preedit: str) -> None:
    if not preedit:
        return
    QGuiApplication.inputMethod().commit()
    if box.preedit:  # fcitx and ibus drop it on losing the focus (reliability.md, section 5, row 17)
        event = QInputMethodEvent()
        event.setCommitString(preedit)
        QCoreApplication.sendEvent(box, event)
        QGuiApplication.inputMethod().reset()


def _belongs_to_composition(event: QEvent, preedit: str) -> bool:
    """Whether a key that would submit or leave must stay inside the composition."""
    types = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)
    return bool(preedit) and event.type() in types and isinstance(event, QKeyEvent) and event.key() in _SUBMITTING
