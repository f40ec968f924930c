"""Excel in: a ledger becomes people, after a look at what its columns mean and at every row that matters."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.cases.import_plan import Outcome, Place
from app.clock import CHINA
from app.errors import ShouwangError
from app.records import Person
from app.training.workbooks import LEDGER, ledger
from ui import look
from ui.changes import Notice
from ui.context import Context
from ui.models import import_flow
from ui.models.import_flow import LATEST, Opened, Preview
from ui.pages.file_page import FilePage
from ui.pages.import_mapping import MappingStep
from ui.pages.import_preview import PreviewStep
from ui.pages.page import Going
from ui.pages.saving import ask_where
from ui.words import tr

if TYPE_CHECKING:
    from app.store.reader import Reader
    from app.store.results import Changes, Undone
    from app.store.workspace import Workspace

SUFFIXES = (".xlsx", ".xls", ".xlsm", ".csv", ".txt", ".tsv", ".et")


class ImportsPage(FilePage):
    """Four steps on one page: the file, its columns, the preview, what was done."""

    title = "导入表格"
    place = "register"
    help_page = "imports"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.opened: Opened | None = None
        self.steps = look.Pile()
        self.choose = _ChooseStep(self)
        self.mapping = MappingStep()
        self.preview = PreviewStep()
        self.done = _DoneStep(self)
        for step in (self.choose, self.mapping, self.preview, self.done):
            self.steps.addWidget(step)
        self.setLayout(look.column(self.steps, margins=(6, 3, 6, 3)))
        self._connect()

    def _connect(self) -> None:
        self.mapping.accepted.connect(self._read)
        self.mapping.left.connect(self.start_over)
        self.mapping.kind_changed.connect(self._other_kind)
        self.preview.committed.connect(self._import)
        self.preview.back_to_mapping.connect(lambda: self._step(self.mapping))
        self.preview.decided.connect(self._decide)
        self.preview.save_asked.connect(self.save_refused)
        self.preview.people_asked.connect(self._tell_of_people)
        self.key("Ctrl+Return", self._accept)
        self.key("Ctrl+O", self.ask_for_file)
        for number in range(1, 10):
            self.key(str(number), partial(self._answer, number))

    def _step(self, step: QWidget) -> None:
        self.steps.setCurrentWidget(step)
        if isinstance(step, MappingStep | PreviewStep):
            step.focus_first()

    def _accept(self) -> None:
        step = self.steps.currentWidget()
        if isinstance(step, MappingStep | PreviewStep):
            step.accept()

    def _answer(self, number: int) -> None:
        if self.steps.currentWidget() is self.preview:
            self.preview.answer(number)

    # The file

    def ask_for_file(self) -> None:
        """Choose a file in the system's own dialog."""
        kinds = tr("表格 ({patterns})", patterns=" ".join(f"*{suffix}" for suffix in SUFFIXES))
        name, _ = QFileDialog.getOpenFileName(self, tr("选一个表格"), "", f"{kinds};;{tr('所有文件')} (*)")
        if name:
            self.take_file(Path(name))

    def take_file(self, path: Path, kind: str = "") -> None:
        """Open a file and show what its columns mean; headings that were confirmed before go on to the preview."""
        wanted = kind or import_flow.kind_of(path)
        self.choose.say("")
        self.context.job(
            self, lambda store, _: import_flow.open_file(store, path, wanted), tr("正在打开表格……")
        ).then(self._show_opened).otherwise(self._refused).run()

    def _other_kind(self, kind: str) -> None:
        if self.opened is not None:
            self.take_file(self.opened.ledger.path, kind)

    def _show_opened(self, opened: Opened) -> None:
        self.opened = opened
        self.mapping.show_opened(opened)
        if opened.known:
            self._read()
        else:
            self._step(self.mapping)

    def _refused(self, error: ShouwangError) -> None:
        self.steps.setCurrentWidget(self.choose)
        self.choose.say(error.message, error.advice)

    def show_what(self, what: object) -> None:
        if isinstance(what, Path):
            self.take_file(what)

    def shown(self) -> None:
        if self.steps.currentWidget() is self.done:  # what is finished is in the list of imports
            self.start_over()

    # The preview

    def _read(self) -> None:
        opened, mapping = self.opened, self.mapping.mapping()
        actor, today = self._actor, self.context.clock.today()
        if opened is None:
            return

        def work(store: Workspace, progress: Any) -> Preview:
            return import_flow.preview(store, opened, mapping, actor, today, progress)

        self.context.job(self, work, tr("正在预览……")).then(self._show_preview).otherwise(self._refused).run()

    @property
    def _actor(self) -> Any:
        return self.context.actor

    def _show_preview(self, shown: Preview) -> None:
        self.preview.show_preview(shown)
        self._step(self.preview)

    def _decide(self, place: Place, answer: str) -> None:
        shown = self.preview.shown
        if shown is None:
            return
        decisions = {**shown.decisions, place: answer}
        if not answer:
            del decisions[place]
        actor, today = self._actor, self.context.clock.today()
        self.context.read(
            self, lambda reader: import_flow.decided(reader, shown, decisions, actor, today)
        ).then(self._show_decided).run()

    def _show_decided(self, shown: Preview) -> None:
        self.preview.show_preview(shown)
        self.preview.focus_first()

    def _tell_of_people(self, ids: list[str]) -> None:
        def look_up(reader: Reader) -> dict[str, str]:
            return {id_: _who(person) for id_, person in reader.many(Person, ids).items()}

        self.context.read(self, look_up).then(self.preview.know_people).run()

    # The commitment

    def _import(self) -> None:
        shown, actor = self.preview.shown, self._actor
        if shown is None:
            return
        self.preview.commit.setEnabled(False)  # a second press must not import twice
        self.context.job(
            self, lambda store, _: import_flow.carry_out(store, shown, actor), tr("正在导入……")
        ).then(lambda changes: self._imported(shown, changes)).otherwise(self._not_imported).run()

    def _imported(self, shown: Preview, changes: Changes) -> None:
        self.done.show_done(shown, changes.batch)
        self._step(self.done)
        self.refresh()
        if changes:
            back = partial(self.take_back, changes.batch)
            self.context.changes.say(Notice(tr("已经导入 {n} 人。", n=f"{shown.to_write:,}"), "good", undo=back))

    def _not_imported(self, error: ShouwangError) -> None:
        self.context.changes.say(Notice(error.message, "danger", error.advice, error.code))
        self._read()

    def take_back(self, batch: str) -> None:
        """Undo a whole import; what was changed since by hand stays."""
        actor = self._actor

        def work(store: Workspace) -> Undone:
            undone = store.undo(actor, batch)
            import_flow.forget(store, batch)
            return undone

        self.context.write(self, work).then(self._taken_back).run()

    def _taken_back(self, undone: Undone) -> None:
        self.context.changes.announce(undone.changes)
        self.context.changes.done.emit("undone")
        kept = len(undone.kept)
        words = tr("这次导入已经整批撤销。")
        self.context.say(words + (tr("其中 {n} 处后来又改过，留着没动。", n=kept) if kept else ""),
                         tone="warning" if kept else "good")  # fmt: skip
        self.start_over()

    def save_refused(self) -> None:
        """The rows that stay out, in their own columns, with the reason beside them."""
        shown = self.preview.shown
        if shown is None:
            return
        proposed = shown.ledger.path.with_name(tr("没有收的行 {name}.xlsx", name=shown.ledger.path.stem))
        if path := ask_where(self, tr("存成表格"), str(proposed), tr("Excel 表格 (*.xlsx)"), ".xlsx"):
            self.write_refused(shown, path)

    def write_refused(self, shown: Preview, path: Path) -> None:
        """Write them where the user said."""
        from app.exchange.writing import write_refused

        held = len(shown.held())
        self.context.job(
            self, lambda store, _: write_refused(path, shown.ledger, shown.plan.refused), tr("正在写表格……")
        ).then(
            lambda _: self.context.say(tr("{n} 行已经存到「{name}」。", n=held, name=path.name), tone="good")
        ).run()

    def start_over(self) -> None:
        """Back to choosing a file."""
        self.opened = None
        self.choose.say("")
        self.refresh()
        self._step(self.choose)

    def refresh(self) -> None:
        self.context.read(self, lambda reader: reader.setting(LATEST, [])).then(self.choose.show_latest).run()

    def concerns(self, changes: Changes) -> bool:
        return False  # a preview is judged again when it is carried out

    def see_register(self) -> None:
        """To the register."""
        self.start_over()
        self.go.emit(Going("register"))


class _ChooseStep(QWidget):
    """Where a file is dropped or chosen, and the latest imports with their way back."""

    def __init__(self, page: ImportsPage) -> None:
        super().__init__(page)
        self.page = page
        self.problem: look.Banner | None = None
        self.zone = look.Section()
        self.zone.setAccessibleName(tr("把表格拖到这里"))
        big = look.Heading(tr("把村里的台账拖到这里"))
        self.button = look.primary_button(tr("选表格文件 (Ctrl+O)"), page.ask_for_file)
        centre = Qt.AlignmentFlag.AlignHCenter
        self.zone.body.addSpacing(look.space(6))
        self.zone.body.addWidget(big, 0, centre)
        words = tr("Excel、WPS 的 .xlsx .xls，或者 .csv 都可以；列的先后、叫法不用改。")
        self.zone.body.addWidget(look.Label(words, "quiet"), 0, centre)
        self.zone.body.addSpacing(look.space(2))
        self.zone.body.addWidget(self.button, 0, centre)
        if page.context.practice:
            sample = look.quiet_button(tr("拿练习用的「{name}」试试", name=LEDGER), lambda: page.take_file(ledger()))
            self.zone.body.addWidget(sample, 0, centre)
        self.zone.body.addSpacing(look.space(6))
        self.latest = look.Section(tr("最近的导入"), tr("哪一次都可以整批撤销"))
        self.latest.hide()
        self.lines = look.column(gap=1)
        self.latest.body.addLayout(self.lines)
        self.top = look.column(
            look.Heading(page.title, 1),
            look.Label(tr("先看清楚再写入：认列、预览、导入，每一步都能退回。"), "quiet"),
            self.zone,
            self.latest,
            None,
            gap=4,
        )
        self.setLayout(self.top)
        self.setFocusProxy(self.button)

    def say(self, text: str, advice: str = "") -> None:
        """Why a file was refused, or nothing."""
        if self.problem is not None:
            self.problem.hide()
            self.problem.deleteLater()
            self.problem = None
        if text:
            self.problem = look.Banner(text, tone="danger", advice=advice)
            self.problem.closed.connect(lambda: self.say(""))
            self.top.insertWidget(2, self.problem)

    def show_latest(self, latest: list[dict[str, Any]]) -> None:
        """The latest imports."""
        while (item := self.lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for line in latest:
            self.lines.addWidget(self._line(line))
        self.latest.setVisible(bool(latest))

    def _line(self, line: dict[str, Any]) -> QWidget:
        made = QWidget()
        at = datetime.fromisoformat(line["at"]).astimezone(CHINA)
        words = tr("{m} 月 {d} 日 {time}　{file}", m=at.month, d=at.day, time=f"{at:%H:%M}", file=line["file"])
        counts = tr("新 {new}，改动 {changed}", new=line["new"], changed=line["changed"])
        undo = look.quiet_button(tr("撤销整批"), partial(self.page.take_back, line["batch"]), picture="undo")
        undo.setAccessibleName(tr("撤销整批：{file}", file=line["file"]))
        made.setLayout(look.row(look.Label(words), look.Label(counts, "quiet"), None, undo, gap=4))
        return made


class _DoneStep(QWidget):
    """What was written, and what can still be done about it."""

    def __init__(self, page: ImportsPage) -> None:
        super().__init__(page)
        self.page = page
        self.batch = ""
        self.words = look.Heading("", 1)
        self.rest = look.Label("", "quiet", wrap=True)
        self.register = look.primary_button(tr("看台账"), page.see_register)
        self.save = look.button(tr("把没收的存成表格"), page.save_refused, picture="export")
        self.undo = look.button(tr("撤销整批"), lambda: page.take_back(self.batch), picture="undo")
        acts = look.row(self.register, self.save, self.undo, look.quiet_button(tr("再导一个"), page.start_over), None)
        self.setLayout(look.column(self.words, self.rest, 2, acts, None, gap=3))
        self.setFocusProxy(self.register)

    def show_done(self, shown: Preview, batch: str) -> None:
        """Say what came of it."""
        self.batch = batch
        counts = shown.plan.counts()
        self.words.setText(tr("已经导入 {n} 人", n=f"{shown.to_write:,}"))
        parts = [tr("新登记 {n} 人", n=counts[Outcome.NEW]), tr("改动 {n} 人", n=counts[Outcome.CHANGED]),
                 tr("一样的 {n} 人没有动", n=counts[Outcome.SAME])]  # fmt: skip
        held = len(shown.held())
        words = "，".join(parts) + "。"
        self.rest.setText(words + (tr("有 {n} 行没有收。", n=held) if held else tr("没有不收的行。")))
        self.save.setVisible(bool(held))
        self.undo.setVisible(bool(batch))


def _who(person: Person) -> str:
    """Enough to recognise somebody: 王小满（三组，2015 年生）."""
    born = tr("{year} 年生", year=person.birth_date.year) if person.birth_date else ""
    about = "，".join(part for part in (person.village_group or "", born) if part)
    return f"{person.name or ''}（{about}）" if about else person.name or ""
