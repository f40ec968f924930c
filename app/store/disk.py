"""What the disk's own refusals mean, without loading the database library."""

from __future__ import annotations

import errno

from app.errors import DiskFull, EnvironmentFault, FolderNotWritable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def disk_fault(error: OSError) -> EnvironmentFault | None:
    """The sentence for a full disk or a folder that may not be written; None for anything else."""
    if error.errno in FULL:
        return disk_full()
    return not_writable() if error.errno in FORBIDDEN else None


def disk_full() -> DiskFull:
    """There is no room left."""
    return DiskFull("已有资料都在，刚才的没有存上。硬盘满了。", advice="请先腾出一些空间（至少 500 兆），再试一次。")


def not_writable() -> FolderNotWritable:
    """The folder is read-only, taken, or not ours."""
    return FolderNotWritable("已有资料没有动，刚才的没有存上。文件夹不能写。", advice="请检查是否只读或被占用。")
