"""The photos of a visit: dropped on it, pasted, or taken from a folder, grouped by the day they were taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QToolButton, QVBoxLayout, QWidget

from app.errors import UserError
from app.records import Attachment
from ui import look
from ui.context import Context
from ui.look.flow import FlowLayout
from ui.models.visit_opening import Opened
from ui.words import tr

if TYPE_CHECKING:
    from app.cases.photos import Photo
    from app.store import Changes
    from app.store.reader import Reader
    from app.store.workspace import Workspace

Shown = tuple[Attachment, bytes]
Read = tuple["list[Photo]", list[UserError]]
"""The photos that could be read, and for the others what to do."""


class PhotoStrip(look.Section):
    """Photos are kept, encrypted, as soon as they come; each can be taken away again."""

    def __init__(self, context: Context, opened: Opened | None = None, parent: QWidget | None = None) -> None:
        super().__init__(tr("照片"), parent=parent)
        self.context = context
        self.opened = opened
        self.setAcceptDrops(True)
        self._days = QVBoxLayout()
        self.body.addLayout(self._days)
        self.empty = look.Label(tr("把照片拖到这里，或复制后粘贴，或从文件夹选。位置信息会去掉。"), "quiet", wrap=True)
        self.body.addWidget(self.empty)
        self.body.addLayout(
            look.row(
                look.button(tr("从文件夹选"), self._choose, picture="folder"),
                look.button(tr("粘贴"), self.paste, picture="photo"),
                None,
            )
        )
        if opened is not None:
            self.refresh()

    def refresh(self) -> None:
        """Show what belongs to the visit."""
        if self.opened is None:
            return
        about = self.opened.form.visit.id
        subject = self.opened.person.id
        store = self.context.store

        def look_up(reader: Reader) -> list[Shown]:
            papers = [each for each in reader.of_subject(Attachment, subject) if each.about == about]
            return [(each, store.blob(each.sha256)) for each in papers if each.sha256 and store.has_blob(each.sha256)]

        self.context.read(self, look_up).then(self._show).run()

    def _show(self, shown: Sequence[Shown]) -> None:
        while item := self._days.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.empty.setVisible(not shown)
        ordered = sorted(shown, key=lambda each: str(each[0].taken_on or ""))
        for taken, group in groupby(ordered, key=lambda each: each[0].taken_on):
            self._days.addWidget(look.Label(taken.isoformat() if taken else tr("没有日期"), "small"))
            self._days.addWidget(self._row(list(group)))

    def _row(self, shown: Sequence[Shown]) -> QWidget:
        row = QWidget()
        flow = FlowLayout(row, look.space(2))
        for paper, content in shown:
            flow.addWidget(self._thumb(paper, content))
        return row

    def _thumb(self, paper: Attachment, content: bytes) -> QWidget:
        pixmap = QPixmap()
        pixmap.loadFromData(content)
        side = look.space(24)
        picture = QToolButton()
        picture.setIcon(QIcon(pixmap))
        picture.setIconSize(QSize(side, side))
        picture.setAutoRaise(True)
        picture.setAccessibleName(tr("照片 {title}", title=paper.title or ""))
        picture.setToolTip(tr("点一下移走这张照片；可以撤销"))
        picture.clicked.connect(lambda: self._remove(paper))
        return picture

    # Coming and going

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        data = event.mimeData()
        if data.hasUrls():
            self.add_files([Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()])
        elif data.hasImage():
            self.add_image(QImage(data.imageData()))
        event.acceptProposedAction()

    def paste(self) -> None:
        """Take the photo, or the copied files, from the clipboard."""
        data = QGuiApplication.clipboard().mimeData()
        if data.hasUrls():
            self.add_files([Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()])
        elif data.hasImage():
            self.add_image(QGuiApplication.clipboard().image())
        else:
            self.context.say(tr("剪贴板里没有照片。"), advice=tr("先在别处复制照片，再回来粘贴。"))

    def _choose(self) -> None:
        kinds = tr("照片 (*.jpg *.jpeg *.png *.webp *.bmp *.heic)")
        found, _ = QFileDialog.getOpenFileNames(self, tr("选照片"), "", kinds)
        self.add_files([Path(each) for each in found])

    def add_image(self, image: QImage) -> None:
        """Keep one pasted photo."""
        held = QByteArray()
        buffer = QBuffer(held)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs know no buffers here
        content = bytes(held.data())

        def read() -> Read:
            from app.cases.photos import prepare

            return [prepare(content, tr("粘贴的照片"))], []

        self._keep(read)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Keep these files; the ones that cannot be read are named with what to do."""

        def read() -> Read:
            from app.cases.photos import PhotoUnreadable, read_photo

            good: list[Photo] = []
            bad: list[UserError] = []
            for path in paths:
                try:
                    good.append(read_photo(path))
                except PhotoUnreadable as error:
                    bad.append(error)
            return good, bad

        if paths:
            self._keep(read)

    def _keep(self, read: Callable[[], Read]) -> None:
        if self.opened is None:
            return
        visit, subject, actor = self.opened.form.visit, self.opened.person.id, self.context.actor

        def keep(store: Workspace) -> tuple[Changes, list[UserError]]:
            from app.cases.photos import attach

            good, bad = read()
            return attach(store, actor, subject, good, about=visit.id), bad

        self.context.write(self, keep).then(lambda done: self._kept(done[1])).run()

    def _kept(self, bad: Sequence[UserError]) -> None:
        for error in bad:
            self.context.say(error.message, tone="warning", advice=error.advice)
        self.refresh()

    def _remove(self, paper: Attachment) -> None:
        actor = self.context.actor

        def remove(store: Workspace) -> Changes:
            from app.cases import register

            return register.remove(store, actor, paper)

        self.context.write(self, remove).then(self._removed).run()

    def _removed(self, changes: Changes) -> None:
        self.context.say(tr("移走了一张照片。"), undo=changes)
        self.refresh()
