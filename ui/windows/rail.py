"""The places at the left: words beside icons, the key of each, and the light of 收发."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from ui import look
from ui.look.parts import dressed
from ui.pages import Place
from ui.words import tr

BELOW = ("exchange", "settings")
"""These stand at the foot of the rail, away from the daily places."""


class PlaceButton(QPushButton):
    """One place; a second, smaller line can say what waits there."""

    def __init__(self, name: str, word: str, picture: str, key: str) -> None:
        super().__init__(word)
        self.name = name
        self.key = key
        self.state = ""
        self.note = ""
        self.is_narrow = False
        self._picture = picture
        dressed(self, "place")
        self.setCheckable(True)
        self.setIcon(look.icon(picture))
        self.setAccessibleName(word)
        self.setToolTip(f"{word} ({key})")

    def be_narrow(self, narrow: bool) -> None:
        """The word alone, where the page needs the room."""
        self.is_narrow = narrow
        self.setIcon(QIcon() if narrow else look.icon(self._picture))
        self.updateGeometry()

    def show_light(self, state: str, note: str) -> None:
        """``state`` is all_sent, unfinished, waiting, differs or attention; ``note`` says it in words."""
        self.state, self.note = state, note
        self.setAccessibleDescription(note)
        self.update()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        width = hint.width() + (0 if self.is_narrow else self.fontMetrics().horizontalAdvance("中中"))
        return QSize(width, max(hint.height(), self.fontMetrics().height() + look.space(5)))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        font = painter.font()
        font.setPointSize(max(9, look.type_size() - 2))
        font.setBold(False)
        painter.setFont(font)
        box = self.rect().adjusted(0, 0, -look.space(3), 0)
        if self.state:
            self._paint_light(painter, box)
        elif not self.is_narrow:
            painter.setPen(look.colour("quiet"))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.key[-1])

    def _paint_light(self, painter: QPainter, box: QRect) -> None:
        picture, ink = {
            "all_sent": ("saved", "good"),
            "unfinished": ("import", "warning"),
            "waiting": ("export", "warning"),
            "differs": ("warning", "danger"),
            "attention": ("warning", "danger"),
        }[self.state]
        side = painter.fontMetrics().height()
        width = painter.fontMetrics().horizontalAdvance(self.note)
        look.paint_icon(painter, QRect(box.right() - side, box.center().y() - side // 2, side, side), picture, ink)
        painter.setPen(look.colour(ink))
        text = QRect(box.right() - side - width - 4, box.top(), width, box.height())
        word = self.iconSize().width() + look.space(7) + self.fontMetrics().horizontalAdvance(self.text())
        if text.left() > word:  # with large type the shape alone says it; its words are in the description
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self.note)


class Rail(QWidget):
    """The left edge of the window."""

    chosen = Signal(str)

    def __init__(self, places: Sequence[Place], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dressed(self, "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("各处"))
        self.buttons: dict[str, PlaceButton] = {}
        shown = [place for place in places if place.word]
        above = [place for place in shown if place.name not in BELOW]
        for number, place in enumerate([*above, *(place for place in shown if place.name in BELOW)], 1):
            self.buttons[place.name] = self._button(place, f"Ctrl+{number}")
        self.emergency = self._emergency()
        self.setLayout(
            look.column(
                3,
                *(self.buttons[place.name] for place in above),
                None,
                *(self.buttons[name] for name in BELOW if name in self.buttons),
                2,
                look.row(self.emergency, margins=(3, 0, 3, 0)),
                3,
                gap=0,
            )
        )

    def _button(self, place: Place, key: str) -> PlaceButton:
        made = PlaceButton(place.name, tr(place.word), place.picture, key)
        made.clicked.connect(lambda: self.chosen.emit(place.name))
        return made

    def _emergency(self) -> QPushButton:
        made = look.danger_button(
            tr("求助电话 110"),
            lambda: self.chosen.emit("emergency"),
            hint=tr("遇到孩子受到伤害或有危险时，先打电话 (F9)"),
        )
        made.setIcon(look.icon("emergency", "danger"))
        return made

    def be_narrow(self, narrow: bool) -> None:
        """With large type on a small screen the words stay, without pictures and keys."""
        for button in self.buttons.values():
            button.be_narrow(narrow)
        self.emergency.setText("110" if narrow else tr("求助电话 110"))

    def show_place(self, name: str) -> None:
        """Light the place that is in front."""
        for button in self.buttons.values():
            button.setChecked(button.name == name)
