"""A list of suggestions that lies below a text box inside the same window, so that input methods keep working."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QWidget

from ui.look.typing import ComposedLine

_MOST_SHOWN = 8


class InPlaceList(QListWidget):
    """Never a popup (a text field in or under a ``Qt.Popup`` takes no Chinese), never the focus."""

    picked = Signal(str)

    def __init__(self, line: ComposedLine) -> None:
        super().__init__(line)
        self._line = line
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.Box)
        self.setProperty("look", "in-place")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("可选的")
        self.itemClicked.connect(self._take)
        line.installEventFilter(self)
        line.left.connect(self.hide)
        self.hide()

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """Show these (key, words); nothing to choose from hides the list."""
        self.clear()
        for key, words in options:
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, key)
            self.addItem(item)
        self.setCurrentRow(0)
        self.setVisible(bool(options) and self._line.hasFocus())
        if self.isVisible():
            self._lie_below()

    def take_current(self) -> bool:
        """Pick the marked suggestion, if the list is open."""
        if not self.isVisible() or self.currentItem() is None:
            return False
        self._take(self.currentItem())
        return True

    def _take(self, item: QListWidgetItem) -> None:
        self.hide()
        self.picked.emit(item.data(Qt.ItemDataRole.UserRole))

    def _lie_below(self) -> None:
        window: QWidget = self._line.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        height = self.sizeHintForRow(0) * min(self.count(), _MOST_SHOWN) + 2 * self.frameWidth() + 4
        corner = self._line.mapTo(window, QPoint(0, self._line.height()))
        if corner.y() + height > window.height():
            corner.setY(max(self._line.mapTo(window, QPoint(0, 0)).y() - height, 0))
        self.setGeometry(QRect(corner.x(), corner.y(), self._line.width(), height))
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or not self.isVisible():
            return False
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            self.setCurrentRow((self.currentRow() + step) % self.count())
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.take_current()
        if key == Qt.Key.Key_Escape:
            self.hide()
            return True
        return False
