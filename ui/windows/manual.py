"""The manual: one page for each place of the window, offline, beside the work and never in its way."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QTextBrowser, QWidget

from app.paths import resource
from ui import look
from ui.words import tr

# File under resources/help → its title in the list, in the order in which a newcomer reads.
PAGES: tuple[tuple[str, str], ...] = (
    ("index", tr("守望怎么用")),
    ("today", tr("今日")),
    ("register", tr("台账")),
    ("person", tr("一个人的页面")),
    ("visits", tr("走访")),
    ("visit", tr("写走访")),
    ("imports", tr("从 Excel 导入")),
    ("filling", tr("照这张表填")),
    ("printing", tr("打印")),
    ("exchange", tr("收发")),
    ("emergency", tr("要紧的电话")),
    ("settings", tr("设置")),
    ("bin", tr("回收站")),
    ("twice", tr("重复登记")),
    ("practice", tr("练习")),
)


class Manual(QWidget):
    """A window of its own, so that one can read and work; Esc closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("说明"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("说明的目录"))
        self.list.setMaximumWidth(look.em(14))
        for name, title in PAGES:
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.list.addItem(item)
        self.text = QTextBrowser()
        self.text.setAccessibleName(tr("说明的正文"))
        self.text.setOpenLinks(False)
        self.text.document().setDocumentMargin(look.space(6))
        self.setLayout(look.row(self.list, self.text, gap=0))
        self.list.currentItemChanged.connect(lambda item: self._read(item.data(Qt.ItemDataRole.UserRole)))
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.close)
        self.resize(look.em(64), look.em(40))

    def open(self, name: str) -> None:
        """Show the page that belongs to a place; the first one when there is none."""
        names = [page for page, _ in PAGES]
        self.list.setCurrentRow(names.index(name) if name in names else 0)
        self.show()
        self.raise_()
        self.activateWindow()

    def _read(self, name: str) -> None:
        folder = resource("help")
        self.text.setSearchPaths([str(folder)])
        self.text.document().setBaseUrl(QUrl.fromLocalFile(f"{folder}/"))
        self.text.setMarkdown((folder / f"{name}.md").read_text("utf-8"))
        self.text.verticalScrollBar().setValue(0)
