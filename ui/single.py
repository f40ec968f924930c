"""A second start raises the first window, and ends."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QDir, QObject, Signal


def _name(folder: Path) -> str:
    return "shouwang-" + sha256(str(folder.resolve()).encode()).hexdigest()[:24]


def _is_listened_to(folder: Path) -> bool:
    """Whether there may be a first window: loading Qt's network part to ask costs a third of a start."""
    return sys.platform == "win32" or Path(QDir.tempPath(), _name(folder)).exists()


def raise_first(folder: Path, wait: int = 300) -> bool:
    """Ask the window that already has this workspace open to come forward; False when there is none."""
    if not _is_listened_to(folder):
        return False
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(_name(folder))
    if not socket.waitForConnected(wait):
        return False
    socket.write(b"raise")
    socket.waitForBytesWritten(wait)
    socket.disconnectFromServer()
    return True


class FirstWindow(QObject):
    """Listens for later starts of the program on the same workspace."""

    raise_asked = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(_name(folder))  # left behind by a crash; the workspace's lock keeps order
        self._server.newConnection.connect(self._hear)
        self._server.listen(_name(folder))

    def _hear(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.disconnected.connect(socket.deleteLater)
        self.raise_asked.emit()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
