"""The second step of an import: what each column of the table holds, suggested, and corrected by the user."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from app.exchange.filling import AGES, COUNTING
from app.exchange.headings import BY_CONTEXT, Guess
from app.exchange.vocabulary import plain
from ui import look
from ui.models.import_flow import ColumnLine, Opened, Sheets, choices, remark, trouble
from ui.pages.drop_down import DropDown
from ui.words import tr

NOWHERE = "不导入"
LINES_AT_ONCE = 2


class MappingStep(QWidget):
    """Shows every column with its heading, two examples, the suggestion and how sure it is."""

    accepted = Signal()
    kind_changed = Signal(str)
    left = Signal()

    def __init__(self, *, filling: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filling = filling
        self.boxes: dict[str, list[DropDown]] = {}
        self._marks: dict[DropDown, tuple[look.Label, look.Label, Guess]] = {}
        self._opened: Opened | None = None
        self._to_build: deque[Callable[[], None]] = deque()
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._build_some)
        self._focus_wanted = False
        self.title = look.ElidedLabel("", "title")
        self.about = look.Label("", "quiet", wrap=True)
        self.kinds = {
            "child": look.Chip(tr("儿童台账"), act=partial(self._kind, "child")),
            "elder": look.Chip(tr("老年人台账"), act=partial(self._kind, "elder")),
        }
        self.trouble = look.Label("", "problem")
        act = tr("填好另存 (Ctrl+回车)") if filling else tr("预览 (Ctrl+回车)")
        self.go_on = look.primary_button(act, self._accept)
        self.sheet = QWidget()
        self.area = look.scrolled(self.sheet)
        self._compose()

    def _compose(self) -> None:
        head = look.row(*self.kinds.values(), gap=2)
        head.insertWidget(0, self.title, 1)
        foot = look.row(look.quiet_button(tr("换一个文件"), self.left.emit), None, self.trouble, self.go_on, gap=3)
        page = look.column(head, self.about, gap=2)
        page.addWidget(self.area, 1)
        page.addLayout(foot)
        self.setLayout(page)

    def show_opened(self, opened: Opened) -> None:
        """Show the columns of a file that was just opened."""
        self._opened = opened
        kind = opened.ledger.kind
        for name, chip in self.kinds.items():
            chip.blockSignals(True)
            chip.setChecked(name == kind)
            chip.blockSignals(False)
            chip.setVisible(not self.filling)  # whose rows go into it says what it is a table of
        self.title.setText(opened.ledger.path.name)
        rows = sum(sheets.rows for sheets in opened.sheets)
        unsure = sum(_is_doubtful(line.guess) for sheets in opened.sheets for line in sheets.columns)
        self.about.setText(_about_filling(unsure) if self.filling else _about(rows, unsure))
        self.go_on.setEnabled(False)
        self._fill(opened.sheets, kind)

    def _fill(self, groups: Sequence[Sheets], kind: str) -> None:
        self._marks.clear()
        model = _model(choices(kind), tr("留空") if self.filling else tr(NOWHERE), self)
        grid = self._new_grid()
        self.boxes = {sheets.signature: [] for sheets in groups}
        self._to_build.clear()
        for sheets in groups:
            self._to_build.append(partial(self._head, grid, sheets, len(groups) > 1))
            self._to_build.extend(partial(self._line, grid, sheets.signature, line, model) for line in sheets.columns)
        self._build_some()

    def _new_grid(self) -> QGridLayout:
        """In its place before anything is in it: a widget that moves is dressed anew each time."""
        grid = QGridLayout()
        grid.setVerticalSpacing(look.space(1))
        grid.setHorizontalSpacing(look.space(2 if self.filling else 4))
        for place, share in enumerate((0, 3, 0 if self.filling else 4, 0, 2)):
            grid.setColumnStretch(place, share)
        section = look.Section()
        section.body.addLayout(grid)
        self.sheet = QWidget()
        self.sheet.setLayout(look.column(section, None))
        self.sheet.setProperty("look", "scrolled")
        self.area.setWidget(self.sheet)
        return grid

    def _build_some(self) -> None:
        """A few lines at a time, so that a table of sixty columns does not hold up the window."""
        for _ in range(min(LINES_AT_ONCE, len(self._to_build))):
            self._to_build.popleft()()
        if self._to_build:
            self._later.start()
        else:
            self._judge()
            self._focus_if_asked()

    def _build_rest(self) -> None:
        while self._to_build:
            self._to_build.popleft()()

    def _head(self, grid: QGridLayout, sheets: Sheets, several: bool) -> None:
        line = grid.rowCount()
        if several or len(sheets.names) > 1:
            names = "、".join(name for name in sheets.names if name)
            grid.addWidget(look.Label(tr("工作表：{names}", names=names), "strong", wrap=True), line, 0, 1, 5)
            line += 1
        own = ("", tr("填什么")) if self.filling else (tr("例子"), tr("导入到"))
        titles = (tr("列"), tr("表里的标题"), *own, tr("把握"))
        for place, words in enumerate(titles):
            grid.addWidget(look.Label(words, "small"), line, place)
        grid.addWidget(look.Hairline(), line + 1, 0, 1, 5)

    def _line(self, grid: QGridLayout, signature: str, line: ColumnLine, model: QStandardItemModel) -> None:
        row = grid.rowCount()
        heading = look.Label(line.heading or tr("（没有标题）"), "strong" if line.heading else "quiet", wrap=True)
        heading.setMinimumWidth(look.em(4))
        examples = look.ElidedLabel("　".join(line.examples), "quiet")
        box = DropDown()
        box.setModel(model)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.setMaxVisibleItems(18)
        goes = tr("填什么") if self.filling else tr("导入到")
        box.setAccessibleName(tr("{letters} 列「{heading}」", letters=line.letters, heading=line.heading) + goes)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(7 if self.filling else 11)
        box.setCurrentIndex(max(box.findData(line.guess.target), 0))
        sign, words = look.Label(), look.Label("", "small", wrap=True)
        words.setMinimumWidth(look.em(4))
        self._marks[box] = (sign, words, line.guess)
        box.currentIndexChanged.connect(lambda _: self._changed(box))
        for place, part in enumerate((look.Label(line.letters, "quiet"), heading, examples, box)):
            grid.addWidget(part, row, place)
        certainty = look.row(sign, gap=1)
        certainty.addWidget(words, 1)
        grid.addLayout(certainty, row, 4)
        self._mark(box)
        self.boxes[signature].append(box)

    def _changed(self, box: DropDown) -> None:
        self._mark(box)
        self._judge()

    def _mark(self, box: DropDown) -> None:
        sign, words, guess = self._marks[box]
        chosen = str(box.currentData() or "")
        told_apart = _certainty_in_filling if self.filling else _certainty
        picture, colour, told = told_apart(guess, chosen)
        side = look.type_size() + 4
        sign.setPixmap(look.icon(picture, colour).pixmap(QSize(side, side)))
        words.setText(told)
        box.setAccessibleDescription(told)

    def mapping(self) -> Mapping[str, Sequence[str]]:
        """What the user sees, by the signature of the sheets."""
        self._build_rest()
        return {name: [str(box.currentData() or "") for box in boxes] for name, boxes in self.boxes.items()}

    def _judge(self) -> None:
        kind = self._opened.ledger.kind if self._opened else "child"
        wrong = trouble(self.mapping(), kind)
        self.trouble.setText(wrong or remark(self.mapping(), kind))
        self.go_on.setEnabled(not wrong)

    def focus_first(self) -> None:
        """To the first column that should be looked at; to the button when all are sure."""
        self._focus_wanted = True
        if not self._to_build:
            self._focus_if_asked()

    def _focus_if_asked(self) -> None:
        if not self._focus_wanted:
            return
        self._focus_wanted = False
        doubtful = [box for box, (_, _, guess) in self._marks.items() if _is_doubtful(guess)]
        (doubtful[0] if doubtful else self.go_on).setFocus(Qt.FocusReason.OtherFocusReason)
        if doubtful:
            self.area.ensureWidgetVisible(doubtful[0])

    def accept(self) -> None:
        """Ctrl+Enter."""
        self._build_rest()
        self._judge()
        if self.go_on.isEnabled():
            self._accept()

    def _accept(self) -> None:
        self.accepted.emit()

    def _kind(self, kind: str, _on: bool) -> None:
        self.kind_changed.emit(kind)


def _about(rows: int, unsure: int) -> str:
    read = tr("读到 {rows} 行。请看看每一列认得对不对，改过的下次会记得。现在还没有写入任何内容。", rows=f"{rows:,}")
    return read + (tr("有 {n} 列拿不准，已经标出。", n=unsure) if unsure else "")


def _about_filling(unsure: int) -> str:
    words = tr("标题、合并的格子、签字栏都照原样留着，只在下面填人。请看看每一列填得对不对，改过的下次会记得。")
    return words + (tr("有 {n} 列拿不准，已经标出。", n=unsure) if unsure else "")


def _is_doubtful(guess: Guess) -> bool:
    return guess.confidence < BY_CONTEXT and bool(guess.heading.texts)


def _certainty(guess: Guess, chosen: str) -> tuple[str, str, str]:
    """Icon, colour and words; never colour alone."""
    if chosen != guess.target:
        return "mark", "accent", tr("您选的")
    if _is_doubtful(guess):
        return "warning", "warning", guess.why or tr("请核对")
    if not chosen:
        return "remove", "quiet", guess.why
    return "saved", "good", guess.why or tr("确定")


def _certainty_in_filling(guess: Guess, chosen: str) -> tuple[str, str, str]:
    """The same for a table that is to be filled: numbers of rows and ages fill themselves."""
    heading = plain(guess.heading.texts[-1]) if guess.heading.texts else ""
    if not chosen and heading in COUNTING | AGES:
        return "saved", "good", tr("自动填")
    if chosen == guess.target and _is_doubtful(guess) and not chosen:
        return "warning", "warning", tr("台账里没有，留空")
    return _certainty(guess, chosen)


def _model(labels: Mapping[str, str], nowhere: str, parent: QWidget) -> QStandardItemModel:
    """The choices, shared by all boxes of the screen."""
    model = QStandardItemModel(parent)
    for target, label in {"": nowhere, **labels}.items():
        item = QStandardItem(label)
        item.setData(target, Qt.ItemDataRole.UserRole)
        model.appendRow(item)
    return model
