"""When to lock: after ten minutes without a hand on the laptop, or together with the system."""

from __future__ import annotations

import sys

from PySide6.QtCore import SLOT, QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

MINUTES = 10
_HANDS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.InputMethod,
        QEvent.Type.TouchBegin,
    }
)


class Idle(QObject):
    """Watches the application's events; ``fell_idle`` comes once per pause."""

    fell_idle = Signal()

    def __init__(self, app: QApplication, minutes: float = MINUTES) -> None:
        super().__init__(app)
        self._timer = QTimer(self, singleShot=True, interval=int(minutes * 60_000))
        self._timer.timeout.connect(self.fell_idle)
        self._timer.start()
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _HANDS:
            self._timer.start()
        return False


class SystemLock(QObject):
    """Hears the desktop's own lock: the screen saver's signal on Linux, a suspended application elsewhere."""

    locked = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        if sys.platform == "linux" and app.platformName() in ("xcb", "wayland"):
            self._listen()

    def _listen(self) -> None:
        from PySide6.QtDBus import QDBusConnection

        for name in ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"):
            path = "/" + name.replace(".", "/")
            QDBusConnection.sessionBus().connect(name, path, name, "ActiveChanged", self, SLOT("hear(bool)").encode())

    @Slot(bool)
    def hear(self, active: bool) -> None:
        """The screen saver came on or went off."""
        if active:
            self.locked.emit()
