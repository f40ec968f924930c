"""Who is on file already under the name or number that is just being typed; a click opens them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui import look
from ui.look.flow import in_lines
from ui.models.people_alike import Alike
from ui.words import tr


class AlikePeople(QWidget):
    """A sentence and their names; hidden while there is nobody."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = look.Label(tr("台账里已经有下面的人。是同一个人就不用再登记，点名字打开："), "problem", wrap=True)
        self._names = in_lines(gap=look.space(2))
        layout = look.column(self._told, gap=1)
        layout.addLayout(self._names)
        self.setLayout(layout)
        self.hide()

    def show_people(self, found: Sequence[Alike]) -> None:
        """These, and nobody else."""
        while item := self._names.takeAt(0):
            if (shown := item.widget()) is not None:
                shown.hide()
                shown.deleteLater()
        for each in found:
            self._names.addWidget(look.link(each.words, partial(self.chosen.emit, each.id)))
        self.setVisible(bool(found))
