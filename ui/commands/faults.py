"""The computer's own refusals as sentences: a verb never ends in a traceback for what a user can put right."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import DiskFull, EnvironmentFault, FolderNotWritable, NotFound


class ComputerRefused(EnvironmentFault):
    """The system said no in a way of its own."""

    code = "X2"


@contextmanager
def plainly() -> Iterator[None]:
    """Say what the system meant. Faults of ours are let through, to be seen and mended."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _said(error) from error
    except MemoryError:
        raise ComputerRefused("资料都在，什么都没有改动。电脑内存不够。", advice="请关掉别的程序，再试一次。") from None


def _said(error: OSError) -> EnvironmentFault | NotFound:
    place = f"「{error.filename}」" if error.filename else "那里"
    if isinstance(error, FileNotFoundError):
        return NotFound(f"什么都没有改动。找不到{place}。", advice="请检查路径。")
    if isinstance(error, IsADirectoryError):
        return NotFound(f"什么都没有改动。{place}是文件夹，不是文件。", advice="请写到具体的文件名。")
    if error.errno == errno.ENOSPC:
        return DiskFull("已有资料都在，刚才的没有存上。硬盘满了。", advice="请先腾出一些空间，再试一次。")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FolderNotWritable(f"资料都在，什么都没有改动。{place}不能读写。", advice="请检查是否只读或被占用。")
    return ComputerRefused(f"资料都在，什么都没有改动。电脑说：{error.strerror or error}。", advice="请换个位置再试。")
