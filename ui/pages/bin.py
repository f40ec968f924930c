"""回收站: what was deleted, by whom and when; one key brings it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.cases.deleted import KEPT_DAYS
from ui import look
from ui.context import Context
from ui.models.bin_lines import BinLine, bin_lines
from ui.models.short_table import ShortColumn, ShortTableView
from ui.pages.page import Page
from ui.words import tr

if TYPE_CHECKING:
    from app.store.results import Changes
    from app.store.workspace import Workspace

def columns(context: Context) -> tuple[ShortColumn, ...]:
    """Whose, what, by whom, when, and how long it can still be brought back."""
    return (
        ShortColumn(tr("姓名"), lambda line: line.name, 6),
        ShortColumn(tr("删了什么"), lambda line: line.what, 15),
        ShortColumn(tr("谁删的"), lambda line: line.deletion.author, 6),
        ShortColumn(tr("什么时候"), lambda line: line.at, 10),
        ShortColumn(tr("还留多久"), lambda line: line.left(context.clock.today()), 8),
    )


class BinPage(Page):
    """One list; Enter brings the line under the cursor back."""

    title = "回收站"
    place = "settings"
    help_page = "bin"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.view = ShortTableView(columns(context), tr("删除了的"))
        self.view.doubleClicked.connect(lambda _: self.put_back())
        self.empty = look.EmptyState(
            tr("回收站是空的。删除的登记和走访会在这里放 {days} 天。", days=KEPT_DAYS), picture="bin"
        )
        self.back_button = look.quiet_button(tr("返回 (Esc)"), self.go_back.emit, picture="back")
        self.put_back_button = look.primary_button(tr("取回 (回车)"), self.put_back)
        words = tr("送到县里以后放 {days} 天，由县里清空；取回以后和原来一样。", days=KEPT_DAYS)
        self.words = look.Label(words, "quiet", wrap=True)
        foot = look.row(self.words, self.put_back_button, gap=3)
        foot.setStretch(0, 1)
        page = look.column(look.row(look.Heading(self.title, 1), None, self.back_button), margins=(6, 3, 6, 2), gap=3)
        page.addWidget(self.view, 1)
        page.addWidget(self.empty, 1)
        page.addLayout(foot)
        self.setLayout(page)
        self.setFocusProxy(self.view)
        self._show([])

    def refresh(self) -> None:
        self.context.read(self, bin_lines).then(self._show).run()

    def _show(self, lines: list[BinLine]) -> None:
        self.view.show_lines(lines)
        self.view.setVisible(bool(lines))
        self.empty.setVisible(not lines)
        self.words.setVisible(bool(lines))
        self.put_back_button.setVisible(bool(lines))

    def put_back(self) -> None:
        """Take what the cursor stands on out of the bin."""
        line = self.view.chosen()
        if not isinstance(line, BinLine):
            return
        actor, records = self.context.actor, line.deletion.records

        def put_back(store: Workspace) -> Changes:
            from app.cases import deleted

            return deleted.put_back(store, actor, records)

        said = tr("已取回：{name}，{what}。", name=line.name, what=line.what)
        task = self.context.write(self, put_back)
        task.then(lambda changes: self.context.say(said, tone="good", undo=changes)).run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts = {Qt.Key.Key_Return: self.put_back, Qt.Key.Key_Enter: self.put_back, Qt.Key.Key_Escape: self.go_back.emit}
        act = acts.get(Qt.Key(event.key()))
        if act is not None and not event.modifiers():
            act()
        else:
            super().keyPressEvent(event)
