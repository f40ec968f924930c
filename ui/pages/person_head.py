"""The top of a person's page: who it is, how to reach them, and what is next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from app.clock import Clock
from app.records.codes import code_list
from app.records.dates import full_age
from ui import look
from ui.models.next_step import NextStep
from ui.models.person_file import PersonFile
from ui.words import tr


class Portrait(QWidget):
    """The photo, or a quiet outline where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self.setFixedSize(QSize(look.space(20), look.space(25)))

    def show_photo(self, content: bytes, name: str) -> None:
        """Show this picture; empty bytes show the outline."""
        self._pixmap = QPixmap()
        if content:
            self._pixmap.loadFromData(content)
        self.setAccessibleName(tr("{name}的照片", name=name) if content else tr("没有照片"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QPainterPath()
        frame.addRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setClipPath(frame)
        painter.fillPath(frame, look.colour("rail"))
        if self._pixmap.isNull():
            side = look.space(10)
            box = self.rect().adjusted((self.width() - side) // 2, (self.height() - side) // 2, 0, 0)
            box.setSize(QSize(side, side))
            look.paint_icon(painter, box, "person", "quiet")
            return
        keep = Qt.AspectRatioMode.KeepAspectRatioByExpanding
        painter.drawPixmap(0, 0, self._pixmap.scaled(self.size(), keep, Qt.TransformationMode.SmoothTransformation))


class PersonHead(look.Section):
    """Photo, name, what they are, phones in the open, and the next steps as sentences to press."""

    step_taken = Signal(object)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._clock = clock
        self.portrait = Portrait()
        self.name = look.Heading("", 1)
        self.risk = look.RiskBadge()
        self.about = look.Label("", wrap=True)
        self.reach = look.Label("", wrap=True)
        self.reach.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._steps = look.column(gap=1)
        words = look.column(look.row(self.name, self.risk, None), self.about, self.reach, None, gap=2)
        self.body.addLayout(look.row(self.portrait, words, gap=4))
        self.body.addLayout(self._steps)
        self._lines: list[QWidget] = []

    def show_file(self, file: PersonFile, steps: Sequence[NextStep]) -> None:
        """Show this person."""
        person = file.person
        self.portrait.show_photo(file.portrait, person.name or "")
        self.name.setText(person.name or tr("（没有姓名）"))
        level = next((profile.risk_level for profile in (file.child, file.elder) if profile and profile.risk_level), "")
        self.risk.show_level(level or "", code_list("risk_level").label(level) if level else tr("未评估"))
        self.risk.setVisible(bool(file.child or file.elder))
        self.about.setText("  ·  ".join(self._about(file)))
        phones = "    ".join(person.phones or (file.household.phones if file.household else ()))
        lines = (phones, person.current_address or "", self._whereabouts(file))
        self.reach.setText("\n".join(line for line in lines if line))
        self._show_steps(steps)

    def _about(self, file: PersonFile) -> list[str]:
        person, today = file.person, self._clock.today()
        age = full_age(person.birth_date, person.died_on or today) if person.birth_date else None
        words = [code_list("sex").short(person.sex), tr("{age} 岁", age=age) if age is not None else ""]
        words += [person.village_group or "", code_list("ethnic_group").label(person.ethnic_group)]
        words += [code_list("child_category").label(code) for code in (file.child.categories if file.child else ())]
        words += [code_list("elder_category").label(code) for code in (file.elder.categories if file.elder else ())]
        words += [tr("登记过 {n} 次，已合并", n=file.registrations) if file.registrations > 1 else ""]
        return [word for word in words if word]

    def _whereabouts(self, file: PersonFile) -> str:
        stay = file.stay_on(self._clock.today())
        if stay is None:
            return ""
        place = code_list("stay_place").label(stay.place)
        until = tr("，预计 {day} 返回", day=stay.until.isoformat()) if stay.until else ""
        return tr("现在{place}", place=place) + (f"：{stay.whereabouts}" if stay.whereabouts else "") + until

    def _show_steps(self, steps: Sequence[NextStep]) -> None:
        for line in self._lines:
            self._steps.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(step, first=place == 0) for place, step in enumerate(steps)]
        for line in self._lines:
            self._steps.addWidget(line)

    def _line(self, step: NextStep, *, first: bool) -> QWidget:
        banner = look.Banner(step.text, tone=step.tone)
        banner.close_button.hide()
        layout = banner.layout()
        if step.act and layout is not None:
            make = look.primary_button if first else look.button
            layout.addWidget(make(step.word, partial(self.step_taken.emit, step)))
        return banner


class Curtain(QWidget):
    """Lies over the page when somebody stands beside; one key takes it away."""

    def __init__(self, over: QWidget, lift: Callable[[], object]) -> None:
        super().__init__(over)
        self.setAutoFillBackground(True)
        words = look.Label(tr("已经遮住。按 F8 再看。"), "quiet")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        button = look.button(tr("再看 (F8)"), lift, picture="show")
        self.setLayout(look.column(None, words, look.row(None, button, None), None))
        self.hide()

    def draw(self, drawn: bool) -> None:
        """Hide the page, or show it again."""
        over = self.parentWidget()
        if drawn and over is not None:
            self.setGeometry(over.rect())
            self.raise_()
        self.setVisible(drawn)
