"""The one place that opens the encrypted file: which library, which settings, and what its errors mean."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlcipher3
from sqlcipher3 import dbapi2

from app.errors import BadValue, StoreDamaged, WorkspaceInUse
from app.store.disk import disk_fault, disk_full, not_writable

if TYPE_CHECKING:
    from sqlite_utils import Database

# sqlite_utils looks for pysqlite3 first: the process must use one SQLite library only (design.md, "one SQLite";
# reliability.md, incident 21).
sys.modules.setdefault("pysqlite3", sqlcipher3)
sys.modules.setdefault("pysqlite3.dbapi2", dbapi2)

# For a None the driver looks for an adapter, and then for two methods that are not there: 1.3 µs each time, most of
# what writing a row of forty columns costs. It finds this one at once, which answers None.
dbapi2.register_adapter(type(None), {}.get)

OLDEST_SQLITE = (3, 51, 3)
"""Before it, the WAL-reset fault can lose commits (reliability.md, section 0, finding 5)."""

SETTINGS = (
    "PRAGMA cipher_memory_security = OFF",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16000",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    "PRAGMA busy_timeout = 5000",
)
# WAL with NORMAL loses acknowledged work in a power cut, hence FULL: read back and refused otherwise.
MUST_BE = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "temp_store": 2}

Error = dbapi2.Error


def connect(path: Path, key: bytes, *, read_only: bool = False) -> Database:
    """Open the encrypted file with its raw data key; sqlite_utils on top. One thread at a time may use it.

    Raises StoreDamaged when the file is not what the key opens, FolderNotWritable, DiskFull, WorkspaceInUse.
    """
    from sqlite_utils import Database

    if dbapi2.sqlite_version_info < OLDEST_SQLITE:
        raise StoreDamaged(
            f"资料没有动。这台电脑上的数据库组件太旧（{dbapi2.sqlite_version}）。", advice="请重新安装。"
        )
    with plain_errors():
        raw: Any = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False, cached_statements=512)
        raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for setting in SETTINGS:
            raw.execute(setting)
        if read_only:
            raw.execute("PRAGMA query_only = ON")
        _assert_settings(raw)
    return Database(raw)


def _assert_settings(raw: Any) -> None:
    for name, expected in MUST_BE.items():
        found = raw.execute(f"PRAGMA {name}").fetchone()[0]
        if found != expected:
            raise StoreDamaged(f"资料没有动。数据库设置 {name} 是 {found}，不能保证不丢，已停止。")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the database or the disk says into sentences; whatever was in a transaction is undone by it."""
    try:
        yield
    except dbapi2.OperationalError as error:
        raise _environment_fault(str(error)) from error
    except dbapi2.DatabaseError as error:
        if "malformed" in str(error) or "not a database" in str(error):
            raise StoreDamaged(
                "资料文件读不出来，没有再写它。", advice="请用最近的备份恢复，坏的文件请留着。"
            ) from error
        raise
    except UnicodeEncodeError as error:  # half of a character, from a damaged paste or another encoding
        raise BadValue("什么都没有改动。文字里有认不出的字符。", advice="请删掉那个字符，重新输入。") from error
    except OSError as error:
        if fault := disk_fault(error):
            raise fault from error
        raise


def _environment_fault(message: str) -> Exception:
    if "disk is full" in message or "disk full" in message:
        return disk_full()
    if "readonly" in message or "unable to open" in message or "attempt to write" in message:
        return not_writable()
    if "locked" in message or "busy" in message:
        return WorkspaceInUse("已有资料没有动，刚才的没有存上。别的程序正占着资料文件。", advice="请过一会儿再试。")
    if "disk I/O error" in message:
        return StoreDamaged("已有资料没有动，刚才的没有存上。硬盘读写出错。", advice="请尽快备份，再检查硬盘。")
    fault: Exception = dbapi2.OperationalError(message)  # a fault of ours: let it be seen
    return fault
