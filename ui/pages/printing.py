"""打印: pick a form, pick the people, see exactly the pages, then print, save, or put them on a stick."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.errors import ShouwangError
from app.paper import PRINTED_FORMS, Handling, PrintedForm, printed_form
from app.records import Sheet
from ui import look, print_job
from ui.context import Context
from ui.look.flow import in_lines
from ui.pages.drop_down import DropDown
from ui.pages.page import Page, PrintWanted, VisitWanted
from ui.pages.print_people import BLANK, PrintPeople
from ui.pages.print_records import LogPanel, SheetsPanel, sheets_in_the_bag
from ui.pages.saving import ask_where
from ui.paper_view import PaperView, paint, prepare
from ui.print_job import LIST_FORM, NUMBERED, Printing, Wanted
from ui.tasks import Progress, Task
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader
    from app.store.results import Changes
    from app.store.workspace import Workspace

PAUSE = 150
"""Milliseconds without a change before the pages are made anew."""
WIDE = 19
AT_MOST = 0.36
"""Characters of the left side, and how much of the page it may take at large type."""
LONG = 200
"""More people than this are previewed by their first pages only."""
FIRST_PEOPLE = 60


class PrintingPage(Page):
    """Form and people at the left; the pages, the sheets in the bag, or the log at the right."""

    title = "打印"
    place = "printing"
    help_page = "printing"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.form: PrintedForm = printed_form(NUMBERED)
        self.printing: Printing | None = None
        self._rendering: Task[Printing] | None = None
        self.forms = DropDown()
        self.people = PrintPeople(context)
        self.view = PaperView()
        self.nothing = look.EmptyState(tr("在左边选一种表、选要印的人，这里就是印出来的样子。"), picture="printing")
        self.pages = look.Pile()
        self.sheets, self.log = SheetsPanel(), LogPanel()
        self.right = look.Pile()
        self.words = look.Label("", "quiet", wrap=True)
        self.lacking = look.Label("", "problem", wrap=True)
        self.tabs = {
            name: look.Chip(tr(word), on=name == "pages", act=partial(self._tab, name))
            for name, word in (("pages", "预览"), ("sheets", "还没录入的表"), ("log", "打印记录"))
        }
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._compose()
        self._connect()
        self.choose_form(NUMBERED)

    def _compose(self) -> None:
        for part in (self.nothing, self.view):
            self.pages.addWidget(part)
        for panel in (self._preview_panel(), self.sheets, self.log):
            self.right.addWidget(panel)
        left = QWidget()
        self._offer_forms()
        layout_left = look.column(self.forms, gap=3)
        layout_left.addWidget(self.people, 1)
        left.setLayout(layout_left)
        self.left = left
        body = look.row(gap=4)
        body.addWidget(left)
        body.addWidget(self.right, 1)
        head = look.row(look.Heading(tr("打印"), 1), 3, *self.tabs.values(), None)
        layout = look.column(head, margins=(6, 3, 6, 3), gap=3)
        layout.addLayout(body, 1)
        self.setLayout(layout)
        self._fit()
        self.setFocusProxy(self.people.line)

    def _offer_forms(self) -> None:
        self.forms.setAccessibleName(tr("哪种表"))
        self.forms.setToolTip(tr("哪种表"))
        for form in PRINTED_FORMS:
            self.forms.addItem(form.title, form.name)
        self.forms.setSizeAdjustPolicy(self.forms.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.forms.currentIndexChanged.connect(lambda _: self._form_chosen())

    def _preview_panel(self) -> QWidget:
        self.print = look.primary_button(tr("打印 (Ctrl+P)"), self.ask_printer)
        self.save = look.button(tr("存成 PDF"), self.ask_file, picture="export", hint="Ctrl+S")
        self.stick = look.button(tr("打印包"), self.ask_stick, picture="stick",
                                 hint=tr("存到 U 盘，拿到乡镇的打印机上印"))  # fmt: skip
        panel = QWidget()
        foot = look.row(None, in_lines(self.stick, self.save, self.print, gap=look.space(3)))
        layout = look.column(self.words, self.lacking, gap=2)
        layout.addWidget(self.pages, 1)
        layout.addLayout(foot)
        panel.setLayout(layout)
        return panel

    def _connect(self) -> None:
        self.people.changed.connect(self._pause.start)
        self.people.today_asked.connect(self.take_today)
        self._pause.timeout.connect(self.make_preview)
        self.sheets.type_in.connect(lambda number: self.open_visit.emit(VisitWanted(sheet=number)))
        self.sheets.lost.connect(self.lose)
        look.changed.connect(self._fit)
        for keys, act in (("Ctrl+P", self.ask_printer), ("Ctrl+S", self.ask_file), ("Ctrl+T", self.take_today)):
            self.key(keys, act)

    def _fit(self) -> None:
        self.left.setFixedWidth(min(look.em(WIDE), round(self.width() * AT_MOST)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    # What is to be printed

    def show_what(self, what: object) -> None:
        if not isinstance(what, PrintWanted):
            return
        self.show_tab("pages")
        if what.form:
            self.choose_form(what.form)
        if what.subjects:
            self.people.show_ids(what.subjects)
        elif what.form and self.form.can_be_blank:
            self.people.show_source(BLANK)
            self._pause.start()

    def choose_form(self, name: str) -> None:
        """Print this form."""
        self.forms.setCurrentIndex(self.forms.findData(name))
        self._form_chosen()

    def _form_chosen(self) -> None:
        name = self.forms.currentData()
        self.form = printed_form(name)
        self.people.offer_blank(self.form.can_be_blank, both_kinds=name == NUMBERED)
        self._pause.start()

    def wanted(self) -> Wanted:
        """What the left side says."""
        if self.people.source == BLANK:
            kind = "elder" if self.people.kind.isChecked() else ""
            return Wanted(self.form.name, blanks=self.people.count.value(), kind=kind)
        return Wanted(self.form.name, tuple(self.people.ids))

    def take_today(self) -> None:
        """Whoever is due, in the order of the walk."""
        from app.cases.papers import sheets_of_the_day

        today = self.context.clock.today()

        def due(reader: Reader) -> list[str]:
            return [file.person.id for file in sheets_of_the_day(reader, today)]

        self.context.read(self, due).then(self.people.show_ids).run()

    # The pages

    def make_preview(self) -> None:
        """Draw the pages anew; an older drawing that is still under way is of no use."""
        self._pause.stop()
        if self._rendering is not None:
            self._rendering.stop()
        wanted = self.wanted()
        if not wanted:
            self._show_nothing(tr("在左边选一种表、选要印的人，这里就是印出来的样子。"))
            return
        is_long = len(wanted.ids) > LONG and wanted.form != LIST_FORM
        shown = Wanted(wanted.form, wanted.ids[:FIRST_PEOPLE]) if is_long else wanted
        actor, today = self._actor, self.context.clock.today()

        def work(store: Workspace, progress: Progress) -> Printing:
            return print_job.preview(store, shown, actor, today, tell=progress.tell)

        self._rendering = self.context.job(self, work, tr("正在排版……"))
        self._rendering.then(lambda made: self._show(wanted, made)).otherwise(self._cannot).run()

    @property
    def _actor(self) -> Any:
        return self.context.actor

    def _show(self, wanted: Wanted, made: Printing) -> None:
        if wanted != self.wanted():
            return
        self.printing = made
        self.view.show_pdf(made.document.pdf)
        self.pages.setCurrentWidget(self.view)
        red = made.document.red_fields
        self.lacking.setText(tr("红色的必填项还空着（纸上留空）：{names}", names="、".join(red)))
        self.lacking.setVisible(bool(red))
        self.words.setText(self._about(wanted, made))
        self._allow(True)

    def _about(self, wanted: Wanted, made: Printing) -> str:
        document = made.document
        parts = [tr("{n} 份，{pages} 页 A4", n=len(document.sheets), pages=document.page_count)]
        if len(document.sheets) < len(wanted.ids) and len(wanted.ids) > LONG and wanted.form != LIST_FORM:
            parts = [tr("先看前 {n} 份；打印时是全部 {all} 份", n=FIRST_PEOPLE, all=f"{len(wanted.ids):,}")]
        carried = self.form.handling is Handling.CARRIED
        parts.append(tr("带在路上的表，号码遮住") if made.masked and carried else tr("号码完整"))
        if made.left_out:
            parts.append(tr("{names}不能用这种表，没有排", names="、".join(made.left_out[:3])))
        if document.missing_glyphs:
            parts.append(tr("这些字请用笔补上：{chars}", chars="".join(document.missing_glyphs)))
        return "；".join(parts)

    def _cannot(self, error: ShouwangError) -> None:
        self._show_nothing(str(error))

    def _show_nothing(self, words: str) -> None:
        self.printing = None
        self.nothing.words.setText(words)
        self.pages.setCurrentWidget(self.nothing)
        self.words.clear()
        self.lacking.hide()
        self._allow(False)

    def _allow(self, possible: bool) -> None:
        for act in (self.print, self.save, self.stick):
            act.setEnabled(possible)

    # Onto paper

    def ask_printer(self) -> None:
        """The system's own print dialog, then its printer."""
        if self.printing is None:
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        prepare(printer, landscape=self.form.landscape)
        printer.setDocName(self.form.title)  # never a name of a person: it stands in the printer's queue
        if QPrintDialog(printer, self).exec() == QDialog.DialogCode.Accepted:
            self.print_to(printer)

    def print_to(self, printer: QPrinter) -> None:
        """Print on this printer."""
        prepare(printer, landscape=self.form.landscape)

        def work(made: Printing, progress: Progress) -> None:
            paint(made.document.pdf, printer, progress.tell)

        self._produce("printer", work, tr("已经送到打印机。"), tr("正在打印……"))

    def ask_file(self) -> None:
        """Choose where the PDF goes."""
        if self.printing is None:
            return
        if path := ask_where(self, tr("存成 PDF"), f"{self.form.title}.pdf", "PDF (*.pdf)", ".pdf"):
            self.save_pdf(path)

    def save_pdf(self, path: Path) -> None:
        """Save the pages as a PDF."""

        def work(made: Printing, progress: Progress) -> None:
            from app.exchange.writing import safely

            safely(path, lambda beside: beside.write_bytes(made.document.pdf))

        self._produce("pdf", work, tr("已经存到「{name}」。", name=path.name), tr("正在存成 PDF……"))

    def _produce(self, how: str, act: Any, said: str, words: str) -> None:
        """Make the pages for paper, then do something with them; what fails gives its numbers back."""
        wanted, actor, today = self.wanted(), self._actor, self.context.clock.today()

        def work(store: Workspace, progress: Progress) -> tuple[Printing, Changes]:
            made = print_job.pages(store, wanted, actor, today, how=how, tell=progress.tell)
            try:
                act(made, progress)
            except ShouwangError:
                print_job.spoil(store, actor, made.changes)
                raise
            return made, made.changes

        self.context.job(self, work, words).then(lambda result: self._produced(result[0], said)).run()

    def _produced(self, made: Printing, said: str) -> None:
        numbers = [sheet.number for sheet in made.document.sheets if sheet.number]
        more = tr("表号 {first} 到 {last}，回来按表号录入。", first=numbers[0], last=numbers[-1]) if numbers else ""
        self.context.say(said + more, tone="good")
        self._after_printing()

    def _after_printing(self) -> None:
        self.refresh()
        if self.form.name == NUMBERED:
            self._pause.start()  # the next ones have other numbers

    def ask_stick(self) -> None:
        """Choose the stick."""
        if self.printing is None:
            return
        name = QFileDialog.getExistingDirectory(self, tr("选 U 盘，或者放打印包的文件夹"))
        if name:
            self.save_package(Path(name))

    def save_package(self, folder: Path) -> None:
        """打印包 in a folder of its own on the stick."""
        wanted, actor, today = self.wanted(), self._actor, self.context.clock.today()
        inside = folder / tr("打印包 {day}", day=today.isoformat())

        def work(store: Workspace, progress: Progress) -> int:
            return print_job.package(store, wanted, actor, today, inside, tell=progress.tell)

        said = tr("放进了「{name}」。印完请把它从 U 盘里删掉。", name=inside.name)
        self.context.job(self, work, tr("正在做打印包……")).then(
            lambda n: self.context.say(tr("{n} 份", n=n) + said, tone="good")
        ).then(lambda _: self._after_printing()).run()

    # Beside the pages

    def _tab(self, name: str, _on: bool) -> None:
        self.show_tab(name)

    def show_tab(self, name: str) -> None:
        """The pages, the sheets in the bag, or the log."""
        for place, (each, chip) in enumerate(self.tabs.items()):
            chip.blockSignals(True)
            chip.setChecked(each == name)
            chip.blockSignals(False)
            if each == name:
                self.right.setCurrentIndex(place)
        self.left.setVisible(name == "pages")

    def lose(self, sheet: Sheet) -> None:
        """A sheet will never be typed in."""
        from app.cases.papers import spoil

        actor = self._actor
        self.context.write(self, lambda store: spoil(store, actor, [sheet], "lost")).then(
            lambda changes: self.context.say(tr("{number} 记作丢失。", number=sheet.number), undo=changes)
        ).run()

    def refresh(self) -> None:
        self.context.read(self, sheets_in_the_bag).then(self._show_sheets).run()
        self.context.read(self, lambda reader: reader.audit_log("print")).then(self.log.show_entries).run()

    def _show_sheets(self, lines: list[Any]) -> None:
        self.sheets.show_lines(lines)
        count = f" {len(lines)}" if lines else ""
        self.tabs["sheets"].setText(tr("还没录入的表") + count)

    def concerns(self, changes: Changes) -> bool:
        return bool(changes.types & {"sheet", "child_visit", "elder_visit"})
