"""The colours and the type size that the application wears at this moment."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QStyleFactory

from app.settings import Preferences
from ui.look import faces, palette
from ui.look.palette import LIGHT, Colours
from ui.look.style_sheet import style_sheet

GRID = 4


class _Wearing(QObject):
    """One per process, like the QApplication that wears it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.colours: Colours = LIGHT
        self.size = 12


_wearing = _Wearing()
changed = _wearing.changed
"""Fires after a change of palette or type size, for widgets that paint by themselves."""


def apply(app: QApplication, preferences: Preferences) -> None:
    """Dress the application: Fusion, our palette, our face, our sheet."""
    _wearing.colours = palette.chosen(preferences.palette)
    _wearing.size = preferences.type_size
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(palette.as_palette(_wearing.colours))
    app.setFont(faces.face(preferences.type_size))
    app.setStyleSheet(style_sheet(_wearing.colours, preferences.type_size))
    _wearing.changed.emit()


def colours_name(name: str) -> str:
    """The ``#rrggbb`` of a colour by its name in ``Colours``."""
    value: str = getattr(_wearing.colours, name)
    return value


def colour(name: str) -> QColor:
    """A colour by its name in ``Colours``: paper, page, text, quiet, accent, danger …"""
    return QColor(colours_name(name))


def type_size() -> int:
    """The size of running text in points."""
    return _wearing.size


def space(steps: int = 1) -> int:
    """Pixels of so many steps of the grid, a little wider at large type."""
    return round(GRID * steps * (1 + (_wearing.size - 12) / 40))
