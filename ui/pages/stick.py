"""The exchange without a line: 存到 U 盘, carried to the county or the township, 读入 U 盘回来的."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import ShouwangError
from ui import exchanging, look
from ui.changes import Notice
from ui.context import Context
from ui.exchanging import outcome_words
from ui.pages.saving import ask_where
from ui.stick import SUFFIX
from ui.words import tr

if TYPE_CHECKING:
    from app.store.workspace import Workspace
    from sync.client.engine import Outcome
    from sync.client.parcel import Packed
    from ui.tasks import Progress


class StickButtons(QWidget):
    """Each is three clicks: the button, the stick in the system's own dialog, its 保存 or 打开."""

    def __init__(self, context: Context, took_in: Callable[[Outcome], None]) -> None:
        super().__init__()
        self.context = context
        self.took_in = took_in
        self.to_stick = look.button(
            tr("存到 U 盘"), self.save, hint=tr("没有网时，把待送的封成一个文件带到县里；只有县里能打开")
        )
        self.from_stick = look.button(tr("读入 U 盘回来的"), self.read, hint=tr("县里收下后给的回执，里面也有新的内容"))
        self.setLayout(look.row(self.to_stick, self.from_stick))

    def save(self) -> None:
        """Everything that waits, in one file."""
        day = self.context.clock.today()
        name = tr("守望_{post}_{day}", post=self.context.store.post.name, day=f"{day:%Y%m%d}") + SUFFIX
        file = ask_where(self, tr("存到 U 盘"), name, self._kinds(), SUFFIX)
        if file is None:
            return

        def work(store: Workspace, _: Progress) -> Packed:
            return exchanging.save_to_stick(store, file)

        self.context.job(self, work, tr("正在存到 U 盘……")).then(self._saved).otherwise(self._failed).run()

    def read(self) -> None:
        """What the county answered."""
        name, _ = QFileDialog.getOpenFileName(self, tr("读入 U 盘回来的"), "", self._kinds())
        if not name:
            return

        def work(store: Workspace, _: Progress) -> Outcome:
            return exchanging.read_from_stick(store, Path(name))

        self.context.job(self, work, tr("正在读入……")).then(self._read).otherwise(self._failed).run()

    def _kinds(self) -> str:
        return f"{tr('守望的 U 盘文件')} (*{SUFFIX});;{tr('所有文件')} (*)"

    def _saved(self, packed: Packed) -> None:
        photos = tr("、{n} 张照片", n=packed.photos) if packed.photos else ""
        words = tr("存好了：{n} 条{photos}。请带到县里，拿回执回来读入。", n=packed.units, photos=photos)
        self.context.say(words, tone="good")

    def _read(self, outcome: Outcome) -> None:
        told = exchanging.as_line(self.context.clock.now(), outcome)
        more = "" if outcome.delivered else tr("还没有全部送到，请再存一次带去。")
        self.context.say(tr("读入了：{words}。", words=outcome_words(told)) + more, tone="good")
        self.took_in(outcome)

    def _failed(self, error: ShouwangError) -> None:
        self.context.changes.say(Notice(error.message, "warning", error.advice, error.code))
