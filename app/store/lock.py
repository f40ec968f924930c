"""One process at a time works on a workspace: a lock of the operating system, gone with the process that held it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.errors import FolderNotWritable, WorkspaceInUse

FILE = "workspace.lock"


class WorkspaceLock:
    """Held from opening to closing; needs no window and leaves nothing behind that could go stale."""

    def __init__(self, folder: Path) -> None:
        self._file: IO[str] | None = None
        file = _opened(folder / FILE)
        if not _taken(file):
            file.close()
            raise WorkspaceInUse("资料没有动。守望已经开着这份资料。", advice="请用已经打开的窗口，或先关掉它。")
        self._file = file
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()

    def release(self) -> None:
        """Let the next one in."""
        if self._file:
            self._file.close()
            self._file = None


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """A turn at reading and rewriting a small file beside ``path``; whoever else wants to, waits."""
    with _opened(path) as file:
        _wait_for(file)
        yield


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("a+", encoding="utf-8")
    except OSError:
        raise FolderNotWritable(
            f"资料没有动。文件夹「{path.parent}」不能写。", advice="请检查是否只读，或换一个文件夹。"
        ) from None


if sys.platform == "win32":
    import msvcrt

    def _wait_for(file: IO[str]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def _taken(file: IO[str]) -> bool:
        # The byte lies far beyond the content, so that others can still read whose lock it is.
        file.seek(1 << 20)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _wait_for(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)

    def _taken(file: IO[str]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
