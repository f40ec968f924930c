"""One family of line icons, drawn in whatever colour the palette has at that moment."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.paths import resource
from ui.look import current


@lru_cache(maxsize=256)
def _drawing(name: str, colour: str) -> QSvgRenderer:
    source = resource("icons", f"{name}.svg").read_bytes()
    return QSvgRenderer(QByteArray(source.replace(b"currentColor", colour.encode())))


class _Tinted(QIconEngine):
    """Draws the icon when it is needed, so that a change of palette needs nobody to set icons again."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self.name = name
        self.tint = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        tint = self.tint
        if mode == QIcon.Mode.Disabled:
            tint = "edge"
        elif state == QIcon.State.On and tint == "quiet":
            tint = "accent"
        _drawing(self.name, current.colours_name(tint)).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Tinted(self.name, self.tint)


def icon(name: str, colour: str = "quiet") -> QIcon:
    """The icon ``resources/icons/NAME.svg``; a quiet one turns to the accent when its button is chosen."""
    return QIcon(_Tinted(name, colour))


def paint_icon(painter: QPainter, rect: QRect, name: str, colour: str = "quiet") -> None:
    """Draw an icon inside a painted widget."""
    _drawing(name, current.colours_name(colour)).render(painter, QRectF(rect))
