"""The few parts that every page is composed of."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import TypeVar
from weakref import WeakMethod

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.look import current, faces
from ui.look.flow import in_lines
from ui.look.icons import icon
from ui.words import tr

W = TypeVar("W", bound=QWidget)
B = TypeVar("B", QHBoxLayout, QVBoxLayout)
Part = QWidget | QLayout | int | None
Margins = tuple[int, int, int, int]


def dressed(widget: W, look: str) -> W:
    """The widget, marked for the style sheet."""
    widget.setProperty("look", look)
    return widget


def em(characters: float) -> int:
    """Pixels of so many Chinese characters of running text."""
    return round(QFontMetrics(faces.face(current.type_size())).horizontalAdvance("中") * characters)


def redress(widget: QWidget, **properties: object) -> None:
    """Change properties that the style sheet looks at, and have it look again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def row(*parts: Part, gap: int = 2, margins: Margins = (0, 0, 0, 0)) -> QHBoxLayout:
    """Things side by side, in grid steps; an int is a fixed gap, None takes up what is left."""
    layout = QHBoxLayout()
    return _filled(layout, parts, gap, margins)


def column(*parts: Part, gap: int = 2, margins: Margins = (0, 0, 0, 0)) -> QVBoxLayout:
    """Things below each other, in grid steps; an int is a fixed gap, None takes up what is left."""
    layout = QVBoxLayout()
    return _filled(layout, parts, gap, margins)


def _filled(layout: B, parts: tuple[Part, ...], gap: int, margins: Margins) -> B:
    layout.setSpacing(current.space(gap))
    layout.setContentsMargins(*(current.space(margin) for margin in margins))
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(current.space(part))
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
    return layout


class Label(QLabel):
    """Text; ``look`` is empty, quiet, small, strong or problem. Plain text, so no markup in a name can act."""

    def __init__(self, text: str = "", look: str = "", *, wrap: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setWordWrap(wrap)
        dressed(self, look)


class ElidedLabel(Label):
    """Text that may be longer than its room: it ends in …, and the whole stands in its tool tip."""

    def __init__(self, text: str = "", look: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, look, parent=parent)
        self.setToolTip(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str, /) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, words)


class Heading(Label):
    """A heading; level 1 is the page's title, 2 a section's."""

    def __init__(self, text: str, level: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(text, "title" if level == 1 else "heading", parent=parent)
        self.setAccessibleName(text)


class Hairline(QFrame):
    """A thin line across."""

    def __init__(self, *, upright: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dressed(self, "hairline")
        if upright:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)


class Section(QFrame):
    """A quiet sheet on the page: heading, an optional remark at the right, then whatever is added to ``body``."""

    def __init__(self, title: str = "", remark: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dressed(self, "section")
        self.body = column(gap=2)
        self.remark = Label(remark, "small")
        outer = column(margins=(5, 4, 5, 4), gap=3)
        if title:
            self.setAccessibleName(title)
            self.heading = Heading(title)
            head = in_lines(self.heading, self.remark, gap=current.space(2), spread=True)
            outer.addLayout(head if remark else row(self.heading, None, self.remark))
        outer.addLayout(self.body, 1)
        self.setLayout(outer)


def button(
    text: str,
    act: Callable[[], object] | None = None,
    *,
    picture: str = "",
    look: str = "",
    hint: str = "",
    parent: QWidget | None = None,
) -> QPushButton:
    """A button whose text is a verb; ``picture`` is an icon's name, ``hint`` its tool tip."""
    made = dressed(QPushButton(text, parent), look)
    made.setAccessibleName(text.replace("&", ""))
    if picture:
        made.setIcon(icon(picture, {"primary": "on_accent", "quiet": "accent"}.get(look, "quiet")))
    if hint:
        made.setToolTip(hint)
    if act is not None:
        made.clicked.connect(_not_owning(act))
    return made


def _not_owning(act: Callable[[], object]) -> Callable[[], object]:
    """The act as a slot without arguments that does not keep its widget alive.

    A button that owns the widget it stands in is a cycle through Qt that Python cannot see: the widget would live
    until the interpreter ends and be taken apart then while its own signal is.
    """
    if not isinstance(act, MethodType) or not isinstance(act.__self__, QObject):
        return lambda: act()
    weak = WeakMethod(act)

    def slot() -> None:
        if (found := weak()) is not None:
            found()

    return slot


def primary_button(text: str, act: Callable[[], object] | None = None, **more: str) -> QPushButton:
    """The one thing to press on a screen."""
    return button(text, act, look="primary", **more)  # type: ignore[arg-type]


def quiet_button(text: str, act: Callable[[], object] | None = None, **more: str) -> QPushButton:
    """A button that looks like a link."""
    return button(text, act, look="quiet", **more)  # type: ignore[arg-type]


def link(text: str, act: Callable[[], object] | None = None, **more: str) -> QPushButton:
    """A name in running text that opens something."""
    return button(text, act, look="link", **more)  # type: ignore[arg-type]


def danger_button(text: str, act: Callable[[], object] | None = None, **more: str) -> QPushButton:
    """For what takes something away."""
    return button(text, act, look="danger", **more)  # type: ignore[arg-type]


class Chip(QPushButton):
    """A small round choice that is on or off; chips in a row read as a sentence."""

    def __init__(
        self, text: str, *, on: bool = False, act: Callable[[bool], object] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        dressed(self, "chip")
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(text)
        if act is not None:
            self.toggled.connect(act)


class EmptyState(QWidget):
    """What stands where nothing is: one sentence, and what one could do."""

    def __init__(
        self,
        text: str,
        action: str = "",
        act: Callable[[], object] | None = None,
        *,
        picture: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(text)
        self.words = Label(text, "quiet", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = column(None, gap=3, margins=(6, 6, 6, 6))
        if picture:
            mark = QLabel()
            mark.setPixmap(icon(picture, "hairline").pixmap(QSize(48, 48)))
            layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.words)
        if action:
            layout.addWidget(button(action, act), 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)
        self.setLayout(layout)


class Banner(QFrame):
    """What was just done, in a sentence, with a way back: undo instead of are-you-sure.

    ``tone`` is empty, good, warning or danger. ``undo`` shows 撤销(Ctrl+Z); ``advice`` is a second, quieter line.
    """

    undone = Signal()
    closed = Signal()

    def __init__(
        self,
        text: str,
        *,
        tone: str = "",
        advice: str = "",
        undo: Callable[[], object] | None = None,
        code: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        dressed(self, "banner")
        self.setProperty("tone", tone)
        self.setAccessibleName(text)
        words = column(Label(text, wrap=True), gap=1)
        if advice:
            words.addWidget(Label(advice, "quiet", wrap=True))
        layout = row(gap=3, margins=(4, 2, 2, 2))
        layout.addLayout(words, 1)
        if code:
            layout.addWidget(Label(code, "small"))
        if undo is not None:
            self.undo_button = quiet_button(tr("撤销 (Ctrl+Z)"), undo)
            self.undo_button.clicked.connect(self.undone)
            layout.addWidget(self.undo_button)
        self.close_button = quiet_button("×", self.closed.emit, hint=tr("收起这句话"))
        self.close_button.setAccessibleName(tr("收起"))
        layout.addWidget(self.close_button)
        self.setLayout(layout)


class Key(Label):
    """The name of a key, beside what it does."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, "small", parent=parent)


# level → (shape, ink, ground); a word, a shape and a colour, never colour alone
_RISK = {
    "high": ("triangle", "danger", "danger_soft"),
    "medium": ("diamond", "warning", "warning_soft"),
    "low": ("circle", "good", "good_soft"),
}


class RiskBadge(QWidget):
    """A risk level as word, shape and colour; ``level`` is high, medium, low or anything else for 未评估."""

    def __init__(self, level: str = "", word: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_level(level, word)

    def show_level(self, level: str, word: str) -> None:
        """Show another level."""
        self.level, self.word = level, word
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.word) + metrics.height() + 18, metrics.height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_risk(painter, self.rect(), self.level, self.word)


def paint_risk(painter: QPainter, rect: QRect, level: str, word: str) -> None:
    """Draw a risk badge; list delegates use the same drawing."""
    shape, ink, ground = _RISK.get(level, ("ring", "quiet", "paper"))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(current.colour(ground))
    painter.drawRoundedRect(rect, 4, 4)
    side = QFontMetrics(painter.font()).height() // 2
    box = QRect(rect.left() + 7, rect.center().y() - side // 2, side, side)
    _paint_shape(painter, box, shape, current.colour(ink))
    painter.setPen(current.colour(ink))
    painter.drawText(rect.adjusted(side + 13, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, word)
    painter.restore()


def _paint_shape(painter: QPainter, box: QRect, shape: str, ink: QColor) -> None:
    painter.setBrush(ink)
    if shape == "triangle":
        painter.drawPolygon(QPolygon([box.bottomLeft(), box.bottomRight(), QPoint(box.center().x(), box.top())]))
    elif shape == "diamond":
        middle = box.center()
        painter.drawPolygon(
            QPolygon(
                [
                    QPoint(middle.x(), box.top()),
                    QPoint(box.right() + 1, middle.y()),
                    QPoint(middle.x(), box.bottom() + 1),
                    QPoint(box.left(), middle.y()),
                ]
            )
        )
    elif shape == "circle":
        painter.drawEllipse(box)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(ink)
        painter.drawEllipse(box)


class Pile(QStackedWidget):
    """Widgets behind one another; it needs no more room than the one in front."""

    def minimumSizeHint(self) -> QSize:
        front = self.currentWidget()
        return front.minimumSizeHint() if front is not None else QSize(0, 0)


def scrolled(content: QWidget) -> QScrollArea:
    """The content, scrolling up and down when the window is smaller."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    dressed(content, "scrolled")
    area.setWidget(content)
    return area


def scrolled_instead(area: QScrollArea, content: QWidget) -> QScrollArea:
    """Other content, from its beginning, in the place of what is scrolled there now."""
    fresh, page = scrolled(content), area.parentWidget()
    layout = page.layout() if page is not None else None
    assert layout is not None
    layout.replaceWidget(area, fresh)
    area.hide()
    area.deleteLater()
    return fresh
