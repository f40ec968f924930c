"""The room for the page in front: all there is, and where that is too little, a page that scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget

from ui.look.parts import dressed


class Room(QScrollArea):
    """Pages, one of them in front. With large type on a small screen none of it is cut off or out of reach."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pages = dressed(QStackedWidget(), "scrolled")
        self.pages.currentChanged.connect(lambda _: self._fit())
        self.setWidget(self.pages)

    def add(self, page: QWidget) -> None:
        """One more page, behind the others."""
        self.pages.addWidget(page)

    def bring(self, page: QWidget) -> None:
        """This page to the front, from its beginning."""
        self.pages.setCurrentWidget(page)
        self.ensureVisible(0, 0)

    def minimumSizeHint(self) -> QSize:
        """A page that needs more must not push the window out of the screen."""
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        page, there = self.pages.currentWidget(), self.maximumViewportSize()
        if page is None:
            return
        bar = self.verticalScrollBar().sizeHint()
        needed = _needed(page, there.width())
        if needed.height() > there.height():
            there.setWidth(there.width() - bar.width())
            needed = _needed(page, there.width())
        self.pages.resize(there.expandedTo(needed))


def _needed(page: QWidget, width: int) -> QSize:
    """The least a page can do with where there is so much width."""
    least, layout = page.minimumSizeHint().expandedTo(page.minimumSize()), page.layout()
    if layout is not None and layout.hasHeightForWidth():
        least.setHeight(layout.minimumHeightForWidth(max(width, least.width())))
    return least
