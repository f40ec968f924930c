"""Load what the places need while the user looks at 今日, so that going to one is not a wait."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import QObject, QTimer

from ui.context import Context

LIBRARIES = (
    "app.paper", "app.exchange.ledger", "app.exchange.filling", "app.cases.imports", "app.cases.papers",
    "sync.client.engine",
)  # fmt: skip
"""Without Qt: loaded on a worker's thread."""
PARTS = (
    "ui.fields", "ui.models", "ui.models.list_view", "ui.pages.register_bar", "ui.pages.register",
    "ui.pages.person_head", "ui.pages.person", "ui.pages.visit_block", "ui.pages.visit", "ui.pages.visits",
    "PySide6.QtPrintSupport", "PySide6.QtPdfWidgets", "ui.paper_view", "ui.pages.print_people",
    "ui.pages.print_records", "ui.pages.printing", "ui.pages.import_mapping", "ui.pages.import_preview",
    "ui.pages.imports", "ui.pages.exporting", "ui.pages.exchange",
)  # fmt: skip
"""With Qt: on the window's own thread, one in each turn of its loop, in the order in which people go there."""
AFTER = 700
BETWEEN = 30
"""Milliseconds."""


class Preload(QObject):
    """Works through both lists once, and leaves the loop to the user in between."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.left = list(PARTS)
        self.timer = QTimer(self, singleShot=True, interval=AFTER)
        self.timer.timeout.connect(self._libraries)
        self.timer.start()

    def _libraries(self) -> None:
        self.context.read(self, lambda _: [import_module(name) for name in LIBRARIES]).then(self._next).run()

    def _next(self, _: object = None) -> None:
        if self.left:
            import_module(self.left.pop(0))
            QTimer.singleShot(BETWEEN, self, self._next)
