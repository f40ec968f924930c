"""Excel out: a list in columns of one's own choosing, or the county's own table filled in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import ShouwangError
from app.training.workbooks import BLANK, blank_table
from ui import export_job, look
from ui.context import Context
from ui.export_job import CHOSEN, EVERYBODY, FILTERED, Counts, Whom
from ui.models import import_flow
from ui.models.import_flow import Opened
from ui.models.register_filter import KINDS
from ui.pages.export_columns import ExportColumns, WhomSection
from ui.pages.file_page import FilePage
from ui.pages.import_mapping import MappingStep
from ui.pages.saving import ask_where
from ui.words import tr

if TYPE_CHECKING:
    from app.exchange.filling import Filled
    from app.exchange.layouts import Layout
    from app.store.results import Changes
    from app.store.workspace import Workspace

LIST, FILL = "list", "fill"
WAYS = ((LIST, "导出名单"), (FILL, "照这张表填"))
WIDE = 19
AT_MOST = 0.36
"""Characters of the left side, and how much of the page it may take at large type."""


class ExportPage(FilePage):
    """Two ways out, one choice of people."""

    title = "导出"
    place = "register"
    help_page = "filling"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.ids: tuple[str, ...] = ()
        self.way = LIST
        self.opened: Opened | None = None
        self.ways = {name: look.Chip(tr(word), act=partial(self._way, name)) for name, word in WAYS}
        self.whom = WhomSection()
        self.columns = ExportColumns()
        self.blank = _BlankZone(self)
        self.mapping = MappingStep(filling=True)
        self.right = look.Pile()
        self.save = look.primary_button(tr("存成表格 (Ctrl+S)"), self.ask_file)
        self._compose()
        self._connect()
        self.show_way(LIST)

    def _compose(self) -> None:
        self.listing = listing = QWidget()
        column = look.column(gap=3)
        column.addWidget(self.columns, 1)
        column.addLayout(look.row(None, self.save))
        listing.setLayout(column)
        for panel in (listing, self.blank, self.mapping):
            self.right.addWidget(panel)
        self.left = QWidget()
        note = look.Label(tr("导出的表里有个人信息，用完请删掉，不要发到群里。"), "quiet", wrap=True)
        self.left.setLayout(look.column(self.whom, note, None, gap=3))
        body = look.row(gap=4)
        body.addWidget(self.left)
        body.addWidget(self.right, 1)
        head = look.row(look.Heading(tr("导出"), 1), 3, *self.ways.values(), None)
        page = look.column(head, margins=(6, 3, 6, 3), gap=3)
        page.addLayout(body, 1)
        self.setLayout(page)
        self._fit()

    def _fit(self) -> None:
        most = min(look.em(WIDE), round(self.width() * AT_MOST))
        self.left.setFixedWidth(max(most, self.left.minimumSizeHint().width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _connect(self) -> None:
        look.changed.connect(self._fit)
        self.whom.changed.connect(self._people_changed)
        self.columns.keep_asked.connect(lambda layout: self._layouts(export_job.keep_layout, layout))
        self.columns.drop_asked.connect(lambda layout: self._layouts(export_job.drop_layout, layout))
        self.mapping.accepted.connect(self.ask_filled)
        self.mapping.left.connect(lambda: self.right.setCurrentWidget(self.blank))
        self.key("Ctrl+S", self._save)
        self.key("Ctrl+Return", self._save)
        self.key("Ctrl+O", self.ask_blank)

    # Whom

    def show_what(self, what: object) -> None:
        if isinstance(what, tuple):
            self.ids = what
            self.whom.chosen = (CHOSEN, "child")
            self.refresh()
        elif isinstance(what, Path):
            self.take_file(what)
        elif what == FILL:
            self.whom.chosen = (FILTERED, "child")
            self.show_way(FILL)

    def refresh(self) -> None:
        ids, today = self.ids, self.context.clock.today()
        self.context.read(self, lambda reader: export_job.counts(reader, ids, today)).then(self._offer).run()

    def shown(self) -> None:
        self.refresh()

    def _offer(self, found: Counts) -> None:
        options: list[tuple[tuple[str, str], str]] = []
        for kind, n in found.chosen.items():
            if n:
                options.append(((CHOSEN, kind), tr("选中的{kind} {n} 人", kind=KINDS[kind], n=n)))
        if found.filtered:
            options.append(((FILTERED, found.filtered_kind), found.sentence))
        for kind, n in found.everybody.items():
            options.append(((EVERYBODY, kind), tr("全部{kind}，共 {n} 人", kind=KINDS[kind], n=f"{n:,}")))
        self.whom.offer(list({words: (key, words) for key, words in options}.values()))
        QTimer.singleShot(0, self, self._fit)  # when the new words have their place

    def wanted(self) -> Whom:
        """Whose rows."""
        source, kind = self.whom.chosen
        return Whom(kind, source, self.ids if source == CHOSEN else ())

    def _people_changed(self) -> None:
        kind = self.wanted().kind
        if kind != self.columns.kind or not self.columns.kept:  # what is ticked stays otherwise
            self._show_layouts(kind, self.columns.names.currentText())
        if self.opened is not None and self.opened.ledger.kind != kind:
            self.take_file(self.opened.ledger.path)

    def concerns(self, changes: Changes) -> bool:
        return bool(changes.types & {"person", "child", "elder"})

    # The list

    def _way(self, name: str, _on: bool) -> None:
        self.show_way(name)

    def show_way(self, name: str) -> None:
        """A list of one's own, or the county's table."""
        self.way = name
        for each, chip in self.ways.items():
            chip.blockSignals(True)
            chip.setChecked(each == name)
            chip.blockSignals(False)
        filling: QWidget = self.mapping if self.opened is not None else self.blank
        self.right.setCurrentWidget(self.listing if name == LIST else filling)

    def _layouts(self, act: Any, layout: Layout) -> None:
        self.context.write(self, lambda store: act(store, layout)).then(
            lambda _: self._show_layouts(layout.kind, layout.name)
        ).run()

    def _show_layouts(self, kind: str, name: str) -> None:
        self.context.read(self, lambda reader: export_job.layouts(reader, kind)).then(
            lambda kept: self.columns.show_layouts(kind, kept, name)
        ).run()

    def _save(self) -> None:
        if self.way == LIST:
            self.ask_file()
        elif self.right.currentWidget() is self.mapping:
            self.mapping.accept()

    def ask_file(self) -> None:
        """Choose where the list goes."""
        kinds = tr("Excel 表格 (*.xlsx);;文本表格 (*.csv)")
        proposed = f"{export_job.title_of(self.context.store, self.wanted())}.xlsx"
        if path := ask_where(self, tr("存成表格"), proposed, kinds, ".xlsx"):
            self.write_list(path)

    def write_list(self, path: Path) -> None:
        """Write the list where the user said."""
        whom, layout = self.wanted(), self.columns.layout_now()
        actor: Any = self.context.actor
        today = self.context.clock.today()

        def work(store: Workspace, _: object) -> int:
            return export_job.export(store, actor, whom, layout, path, today)

        self.context.job(self, work, tr("正在写表格……")).then(
            lambda n: self.context.say(tr("{n} 人已经存到「{name}」。", n=f"{n:,}", name=path.name), tone="good")
        ).run()

    # The county's table

    def ask_blank(self) -> None:
        """Choose the county's blank."""
        name, _ = QFileDialog.getOpenFileName(self, tr("选县里的空表"), "", tr("Excel 表格 (*.xlsx)"))
        if name:
            self.take_file(Path(name))

    def take_file(self, path: Path) -> None:
        """Look at the headings of a blank table."""
        self.show_way(FILL)
        kind = self.wanted().kind
        self.blank.say("")
        self.context.job(self, lambda store, _: import_flow.open_file(store, path, kind), tr("正在打开表格……")).then(
            self._show_blank
        ).otherwise(self._refused).run()

    def _show_blank(self, opened: Opened) -> None:
        self.opened = opened
        self.mapping.show_opened(opened)
        self.show_way(FILL)
        self.mapping.focus_first()

    def _refused(self, error: ShouwangError) -> None:
        self.opened = None
        self.show_way(FILL)
        self.blank.say(error.message, error.advice)

    def ask_filled(self) -> None:
        """Choose where the filled table goes."""
        if self.opened is None:
            return
        blank = self.opened.ledger.path
        proposed = str(blank.with_name(tr("{name}（填好）.xlsx", name=blank.stem)))
        if path := ask_where(self, tr("填好另存"), proposed, tr("Excel 表格 (*.xlsx)"), ".xlsx"):
            self.write_filled(path)

    def write_filled(self, path: Path) -> None:
        """Fill the table; the blank itself stays as it is."""
        if self.opened is None:
            return
        whom, mapping, blank = self.wanted(), self.mapping.mapping(), self.opened.ledger.path
        actor: Any = self.context.actor
        today = self.context.clock.today()

        def work(store: Workspace, _: object) -> Filled:
            return export_job.fill(store, actor, whom, mapping, blank, path, today)

        self.context.job(self, work, tr("正在照表填……")).then(lambda filled: self._filled(filled, path)).otherwise(
            self._refused
        ).run()

    def _filled(self, filled: Filled, path: Path) -> None:
        words = tr("{n} 人已经填进「{name}」。", n=f"{filled.rows:,}", name=path.name)
        left = tr("这些列留着空：{names}", names="、".join(filled.unknown)) if filled.unknown else ""
        self.context.say(words, tone="good", advice=left)
        self.context.changes.done.emit("filled")


class _BlankZone(look.Section):
    """Where the county's blank table is dropped or chosen."""

    def __init__(self, page: ExportPage) -> None:
        super().__init__()
        self.setAccessibleName(tr("把县里的空表拖到这里"))
        self.problem = look.Label("", "problem", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        self.body.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        self.body.addWidget(look.Heading(tr("把县里发的空表拖到这里")), 0, centre)
        words = tr("标题、合并的格子、签字栏原样留着，人填在下面。空表本身不会改动。")
        self.body.addWidget(look.Label(words, "quiet"), 0, centre)
        self.body.addSpacing(look.space(2))
        self.body.addWidget(look.primary_button(tr("选空表 (Ctrl+O)"), page.ask_blank), 0, centre)
        if page.context.practice:
            words = tr("拿练习用的「{name}」试试", name=BLANK)
            self.body.addWidget(look.quiet_button(words, lambda: page.take_file(blank_table())), 0, centre)
        self.body.addStretch(1)

    def say(self, text: str, advice: str = "") -> None:
        """Why a blank was refused, or nothing."""
        self.problem.setText(text + advice)
        self.problem.setVisible(bool(text))
