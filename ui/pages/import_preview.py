"""The third step of an import: what would be written, row by row, and the rows that need a decision."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.cases.import_plan import NEW, SKIP, Outcome, Place, RowPlan
from ui import look
from ui.look.parts import dressed
from ui.models.import_flow import TO_VERIFY, Preview, change_words, place_words, row_words
from ui.models.short_table import ShortColumn, ShortTableView
from ui.words import tr

PARTS: tuple[tuple[str, str], ...] = (
    (Outcome.NEW, "新"),
    (Outcome.CHANGED, "有改动"),
    (Outcome.SAME, "一样"),
    (Outcome.DOUBTFUL, "可能重复"),
    (TO_VERIFY, "证件号待核"),
    (Outcome.REFUSED, "不收"),
)
HINTS: Mapping[str, str] = {
    Outcome.NEW: "台账里没有，会新登记。",
    Outcome.CHANGED: "台账里有，会改成表里的。空格子不会把台账里已有的抹掉。",
    Outcome.SAME: "和台账一样，不会动。",
    Outcome.DOUBTFUL: "台账里有很像的人，请逐行决定。没有决定的先不导入。",
    TO_VERIFY: "证件号有错或者缺位：人照样登记，原来写的留着，标“证件号待核”。",
    Outcome.REFUSED: "这些行不导入，可以存成一份带原因的表，改好了再导。",
}
FIRST_LOOK = (Outcome.DOUBTFUL, Outcome.CHANGED, Outcome.NEW, Outcome.REFUSED, Outcome.SAME)
"""Which part is opened first: what needs eyes."""


class RowDetail(look.Section):
    """One row in full: old → new, reasons, and the decision when one is needed."""

    chosen = Signal(object, str)  # a place, and a person's id, new, skip or "" for not yet

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("这一行"))
        self.acts: list[tuple[str, str]] = []
        self.place: Place | None = None

    def show_row(self, row: RowPlan | None, decisions: Mapping[Place, str], about: Mapping[str, str]) -> None:
        """Show a row; ``about`` says who the candidates are."""
        _empty(self)
        self.acts, self.place = [], row.place if row else None
        if row is None:
            return
        self._add(look.Heading(row.name or tr("（没有姓名）")), look.Label(place_words(row), "small"))
        for change in row.changes:
            self._add(look.Label(change_words(change), wrap=True))
        for reason in row.reasons:
            self._add(look.Label(reason, "quiet", wrap=True))
        if row.outcome is Outcome.DOUBTFUL:
            self._ask(row, about)
        elif row.place in decisions:
            self._add(look.button(tr("改主意，重新决定"), partial(self.chosen.emit, row.place, "")))
        self.body.addStretch(1)

    def _ask(self, row: RowPlan, about: Mapping[str, str]) -> None:
        self._add(look.Hairline(), look.Label(tr("这一行是谁？"), "strong"))
        self.acts = [(each.person, tr("就是 {who}", who=about.get(each.person, each.name)))
                     for each in row.candidates]  # fmt: skip
        self.acts += [(NEW, tr("是另一个人，新登记")), (SKIP, tr("不导入这一行"))]
        for number, (answer, words) in enumerate(self.acts, 1):
            made = look.button(f"{number}　{words}", partial(self.chosen.emit, row.place, answer))
            self._add(dressed(made, "choice"))

    def answer(self, number: int) -> None:
        """A number key."""
        if self.place is not None and 0 < number <= len(self.acts):
            self.chosen.emit(self.place, self.acts[number - 1][0])

    def _add(self, *parts: QWidget) -> None:
        for part in parts:
            self.body.addWidget(part)


class PreviewStep(QWidget):
    """Counts as chips, the rows of one count as a list, one row in full beside it; 导入 is the only commitment."""

    committed = Signal()
    back_to_mapping = Signal()
    save_asked = Signal()
    decided = Signal(object, str)
    people_asked = Signal(object)  # ids of candidates whose words are not known yet

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Preview | None = None
        self.part: str = Outcome.NEW
        self.about: dict[str, str] = {}
        self.title = look.ElidedLabel("", "title")
        self.words = look.Label("", "quiet", wrap=True)
        self.chips = {part: look.Chip(tr(word), act=partial(self._chip, part)) for part, word in PARTS}
        self.hint = look.Label("", "quiet", wrap=True)
        columns = (
            ShortColumn(tr("在表里"), place_words, 8, lambda row: "quiet"),
            ShortColumn(tr("姓名"), lambda row: row.name, 6),
            ShortColumn(tr("说明"), row_words, 30, lambda row: "quiet"),
        )
        self.list = ShortTableView(columns, tr("导入的行"))
        self.detail = RowDetail()
        self.detail.chosen.connect(self.decided)
        self.save = look.button(tr("把没收的存成表格"), self.save_asked.emit, picture="export")
        self.commit = look.primary_button(tr("导入"), self.committed.emit)
        self.list.selectionModel().currentRowChanged.connect(lambda *_: self._show_detail())
        self._compose()

    def _compose(self) -> None:
        body = look.row(gap=4)
        body.addWidget(self.list, 1)
        beside = QWidget()
        beside.setLayout(look.column(self.detail))
        body.addWidget(look.scrolled(beside), 1)
        foot = look.row(look.quiet_button(tr("回到对照表"), self.back_to_mapping.emit), None, self.save, gap=3)
        foot.addWidget(self.commit)
        page = look.column(self.title, self.words, look.row(*self.chips.values(), None), self.hint, gap=3)
        page.addLayout(body, 1)
        page.addLayout(foot)
        self.setLayout(page)
        self.setFocusProxy(self.list)

    def show_preview(self, shown: Preview) -> None:
        """Show what an import would do; after a decision the chosen count stays."""
        fresh = self.shown is None or self.shown.ledger is not shown.ledger
        self.shown = shown
        self.title.setText(shown.ledger.path.name)
        self.words.setText(tr("一共 {n} 行。还没有写入任何内容，按“导入”才写入，之后也能整批撤销。",
                              n=f"{len(shown.plan.rows):,}"))  # fmt: skip
        for part, word in PARTS:
            count = len(shown.of(part))
            self.chips[part].setText(f"{tr(word)} {count:,}")
            self.chips[part].setAccessibleName(f"{tr(word)} {count}")
            self.chips[part].setEnabled(bool(count))
        self.save.setVisible(bool(shown.held()))
        self.commit.setText(tr("导入 {n} 人 (Ctrl+回车)", n=f"{shown.to_write:,}"))
        self.commit.setEnabled(bool(shown.to_write))
        if fresh or not shown.of(self.part):
            self.part = next((part for part in FIRST_LOOK if shown.of(part)), Outcome.NEW)
        self.show_part(self.part)
        if missing := [each.person for row in shown.of(Outcome.DOUBTFUL) for each in row.candidates]:
            self.people_asked.emit(missing)

    def _chip(self, part: str, _on: bool) -> None:
        self.show_part(part)

    def show_part(self, part: str) -> None:
        """The rows behind one count."""
        self.part = part
        for name, chip in self.chips.items():
            chip.blockSignals(True)
            chip.setChecked(name == part)
            chip.blockSignals(False)
        self.hint.setText(tr(HINTS[part]))
        self.list.show_lines(self.shown.of(part) if self.shown else ())
        self._show_detail()

    def know_people(self, about: Mapping[str, str]) -> None:
        """Words for candidates."""
        self.about.update(about)
        self._show_detail()

    def _show_detail(self) -> None:
        self.detail.show_row(self.list.chosen(), self.shown.decisions if self.shown else {}, self.about)

    def answer(self, number: int) -> None:
        """A number key answers the row under the cursor."""
        self.detail.answer(number)

    def accept(self) -> None:
        """Ctrl+Enter."""
        if self.commit.isEnabled():
            self.committed.emit()

    def focus_first(self) -> None:
        """Into the list."""
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)


def _empty(section: look.Section) -> None:
    while (item := section.body.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
