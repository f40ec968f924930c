"""The one window of the program: whatever is in it, its title names nobody."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from ui import look
from ui.look.parts import dressed, redress
from ui.words import tr


class Frame(QWidget):
    """Holds one panel at a time; in the practice county it has an orange frame."""

    closing = Signal()

    def __init__(self, geometry: str = "") -> None:
        super().__init__()
        dressed(self, "frame")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._ground = dressed(QWidget(), "ground")
        self._ground.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._panels = QStackedLayout(self._ground)
        self._outer = look.column(self._ground, gap=0)
        self.setLayout(self._outer)
        self.setWindowIcon(look.icon("mark", "accent"))
        self.resize(1180, 700)
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))
        self.show_practice(False)

    def show_practice(self, practice: bool) -> None:
        """Put the orange frame on, or take it off."""
        edge = 5 if practice else 0
        self._outer.setContentsMargins(edge, edge, edge, edge)
        redress(self, practice=practice)
        self.setWindowTitle(tr("守望 · 练习") if practice else tr("守望"))

    def show_panel(self, panel: QWidget) -> None:
        """Bring a panel to the front."""
        if self._panels.indexOf(panel) < 0:
            self._panels.addWidget(panel)
        self._panels.setCurrentWidget(panel)
        panel.setFocus(Qt.FocusReason.OtherFocusReason)

    def drop_panel(self, panel: QWidget) -> None:
        """Take a panel out for good."""
        self._panels.removeWidget(panel)
        panel.hide()
        panel.deleteLater()

    def geometry_text(self) -> str:
        """Size and place of the window, for next time."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def raise_up(self) -> None:
        """Someone started the program again: come to the front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)
