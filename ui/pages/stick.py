"""The exchange without a line: 存到 U 盘, carried to the county or the township, 读入 U 盘回来的."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import ShouwangError
from app.records.divisions import Level, level_of
from ui import exchanging, look
from ui.carrying import Carried, carry_all
from ui.changes import Notice
from ui.context import Context
from ui.exchange_list import as_line
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
    """Each is three clicks: the button, the stick in the system's own dialog, its 保存 or 选择."""

    def __init__(self, context: Context, took_in: Callable[[Outcome], None], carried: Callable[[], None]) -> None:
        super().__init__()
        self.context = context
        self.took_in = took_in
        self.has_carried = carried
        self.to_stick = look.button(
            tr("存到 U 盘"), self.save, hint=tr("没有网时，把待送的封成一个文件带到县里；只有县里能打开")
        )
        self.from_stick = look.button(
            tr("读入 U 盘回来的"), self.read, hint=tr("选 U 盘就行：上面有多少村的回执都不要紧，只读给这台电脑的")
        )
        self.to_county = look.button(
            tr("捎带各村的"), self.carry, hint=tr("把 U 盘上各村存的文件一起送到县里，回执写在旁边；内容这里看不到")
        )
        self.setLayout(look.row(self.to_stick, self.from_stick, self.to_county))
        self.to_county.setVisible(is_station(context))

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
        """What the county answered, wherever on the stick it lies."""
        name = QFileDialog.getExistingDirectory(self, tr("读入 U 盘回来的：请选 U 盘"))
        if not name:
            return

        def work(store: Workspace, _: Progress) -> tuple[Outcome, int]:
            return exchanging.read_from_stick(store, Path(name)), store.pending()

        self.context.job(self, work, tr("正在读入……")).then(self._read).otherwise(self._not_read).run()

    def carry(self) -> None:
        """The files of all villages on a stick, to the county and back."""
        name = QFileDialog.getExistingDirectory(self, tr("捎带各村的：请选 U 盘"))
        if not name:
            return

        def work(store: Workspace, progress: Progress) -> list[Carried]:
            return carry_all(store, Path(name), progress)

        task = self.context.job(self, work, tr("正在捎带……"))
        task.ended.connect(self.has_carried)
        task.then(self._carried).otherwise(self._failed).run()

    def _kinds(self) -> str:
        return f"{tr('守望的 U 盘文件')} (*{SUFFIX});;{tr('所有文件')} (*)"

    def _saved(self, packed: Packed) -> None:
        photos = tr("、{n} 张照片", n=packed.photos) if packed.photos else ""
        words = tr("存好了：{n} 条{photos}。请带到县里，拿回执回来读入。", n=packed.units, photos=photos)
        self.context.say(words, tone="good")

    def _read(self, came: tuple[Outcome, int]) -> None:
        outcome, waiting = came
        told = as_line(self.context.clock.now(), outcome)
        more = ""
        if waiting:
            more = tr("还有 {n} 条没有送到，请再存一次带去。", n=waiting)
        elif not outcome.delivered:
            more = tr("送出的县里都收下了；县里的还没有收完，请再存一次带去，有网时会自己接着收。")
        self.context.say(tr("读入了：{words}。", words=outcome_words(told)) + more, tone="good")
        self.took_in(outcome)

    def _not_read(self, error: ShouwangError) -> None:
        """To a program that is too old the county gives nothing, but what it took is written down."""
        from app.store.results import Changes

        self._failed(error)
        self.context.changes.changed.emit(Changes())

    def _carried(self, done: list[Carried]) -> None:
        taken = sum(each.fate in ("taken", "before") for each in done)
        if taken == len(done):
            self.context.say(tr("{n} 个村的文件都送到了，回执在 U 盘上，请带回去。", n=taken), tone="good")
        else:
            words = tr("送到 {n} 个，{m} 个没有送成，原因写在「捎带的」里。", n=taken, m=len(done) - taken)
            self.context.changes.say(Notice(words, "warning"))

    def _failed(self, error: ShouwangError) -> None:
        self.context.changes.say(Notice(error.message, "warning", error.advice, error.code))


def is_station(context: Context) -> bool:
    """Whether villages bring their sticks here: a post above them."""
    return level_of(context.store.post.org) is not Level.VILLAGE
