"""Below the page: what was just done (with its undo), and what is still under way (with its 停止)."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from app.errors import ShouwangError
from ui import look
from ui.changes import Notice
from ui.tasks import Task
from ui.words import tr

STAYS_FOR = 20_000
PATIENCE = 1_000
"""Milliseconds before something under way is worth a word."""


class TaskBar(QWidget):
    """One long task: words, a bar, 停止."""

    def __init__(self, task: Task[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = look.Label(task.words or tr("正在处理……"), "quiet")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.words.text())
        self.stop = look.quiet_button(tr("停止"), task.stop)
        layout = look.row(self.words, gap=3)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.stop)
        self.setLayout(layout)
        self._words = self.words.text()
        task.told.connect(self._told)

    def _told(self, done: int, of: int, words: str) -> None:
        self.bar.setRange(0, of)
        self.bar.setValue(done)
        counted = tr("第 {done} / {of} 条", done=f"{done:,}", of=f"{of:,}") if of else ""
        self.words.setText("  ".join(part for part in (words or self._words, counted) if part))


class Strip(QWidget):
    """Shows the latest notice and every task that takes longer than a second."""

    undo_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner: look.Banner | None = None
        self.undo: Any = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.clear)
        self._layout = look.column(gap=2, margins=(6, 2, 6, 3))
        self.setLayout(self._layout)
        self.hide()

    def say(self, notice: Notice) -> None:
        """Show a sentence in place of the one before; troubles stay until they are closed."""
        self.clear()
        self.undo = notice.undo
        self.banner = look.Banner(
            notice.text, tone=notice.tone, advice=notice.advice, undo=self._undo_act(notice), code=notice.code
        )
        self.banner.closed.connect(self.clear)
        self._layout.insertWidget(0, self.banner)
        self.show()
        if notice.tone not in ("danger", "warning"):
            self._timer.start(STAYS_FOR)

    def _undo_act(self, notice: Notice) -> Any:
        return self.undo_last if notice.undo is not None else None

    def undo_last(self) -> None:
        """Take back what the sentence speaks of, once."""
        act, self.undo = self.undo, None
        if act is not None:
            self.clear()
            act()

    def complain(self, error: ShouwangError) -> None:
        """An error that nobody took."""
        self.say(Notice(error.message, "danger", error.advice, error.code))

    def clear(self) -> None:
        """Put the sentence away."""
        self._timer.stop()
        if self.banner is not None:
            self.banner.hide()
            self.banner.deleteLater()
            self.banner = None
        self.undo = None
        self._hide_if_empty()

    def watch(self, task: Task[Any]) -> None:
        """Show a task if it is still under way after a second."""
        timer = QTimer(self, singleShot=True)
        timer.timeout.connect(lambda: self._show_task(task))
        timer.start(PATIENCE)
        task.ended.connect(timer.stop)
        task.ended.connect(timer.deleteLater)

    def _show_task(self, task: Task[Any]) -> None:
        bar = TaskBar(task)
        self._layout.addWidget(bar)
        self.show()
        task.ended.connect(lambda: self._drop(bar))

    def _drop(self, bar: TaskBar) -> None:
        bar.hide()
        self._layout.removeWidget(bar)
        bar.deleteLater()
        self._hide_if_empty()

    def _hide_if_empty(self) -> None:
        if self.banner is None and not any(not bar.isHidden() for bar in self.findChildren(TaskBar)):
            self.hide()
