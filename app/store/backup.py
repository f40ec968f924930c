"""Copies of a workspace: made encrypted and read back, restored beside and never over, and the check of a live one."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import NotFound, ShouwangError, StoreDamaged, UserError, WorkspaceExists
from app.records import RECORD_TYPES, Attachment
from app.store import vault
from app.store.connection import connect, plain_errors
from app.store.workspace import FILE, ROLL, Workspace

if TYPE_CHECKING:
    from sqlite_utils import Database

ATTACHMENTS = "attachments"
LARGEST = 64 << 30
"""Bytes a backup may unfold to; a bag of bytes that claims more is not one of ours."""


class NotABackup(UserError):
    """The file is something else, or was changed or cut."""

    code = "B1"


class BackupExists(UserError):
    """An earlier backup lies there, and it may be the only good one."""

    code = "B2"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was read back: where it lies, how big it is, what is in it."""

    file: Path
    size: int
    records: int
    attachments: int


@dataclass(frozen=True, slots=True)
class Examined:
    """What a check found; ``problems`` are Chinese sentences."""

    records: int
    problems: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether everything reads back as it was written."""
        return not self.problems


def make_backup(store: Workspace, file: Path) -> Backup:
    """Copy the workspace into one encrypted file, and read the copy back before it gets its name.

    It opens with the workspace's own passphrases and recovery code. Raises BackupExists, StoreDamaged, DiskFull.
    """
    if file.exists():
        raise BackupExists(f"没有备份。「{file}」已经存在。", advice="请换一个文件名，旧的备份请留着。")
    file.parent.mkdir(parents=True, exist_ok=True)
    copy, bag = (file.with_name(file.name + ending) for ending in (".copy", ".new"))
    try:
        with plain_errors():
            records = _copied(store, copy)
            blobs = _attachments(store.folder)
            _pack(bag, {vault.FILE: store.folder / vault.FILE, FILE: copy, **blobs})
        bag.replace(file)
    finally:
        for leftover in (copy, bag):
            leftover.unlink(missing_ok=True)
    return Backup(file, file.stat().st_size, records, len(blobs))


def restore_backup(file: Path, folder: Path, secret: str) -> Backup:
    """Unfold a backup into a new folder and read it through; what lies in the folder already is never touched.

    Raises WorkspaceExists, NotABackup, WrongPassphrase, StoreDamaged, DiskFull.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceExists(f"没有恢复，也没有动任何文件。「{folder}」不是空的。", advice="请换一个新的文件夹。")
    if not file.is_file():
        raise NotFound(f"没有恢复。找不到备份「{file}」。", advice="请检查路径。")
    beside = folder.with_name(folder.name + ".restoring")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        with plain_errors():
            attachments = _unpack(file, beside)
            key, _ = vault.unlock(beside, secret)
            with _closing(connect(beside / FILE, key), beside / FILE) as db:
                _require_sound(db, "没有恢复。备份")
                records = _count(db)
            if folder.exists():
                folder.rmdir()
            beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Backup(file, file.stat().st_size, records, attachments)


def examine(store: Workspace) -> Examined:
    """Every page against its seal, every index against its table, the roll against the records, every attachment."""
    problems: list[str] = []
    records = 0
    try:
        with store.settled() as db:
            problems += _faults(db)
            records = _count(db)
        problems += [] if problems else _stale_roll(store)
        problems += _lost_attachments(store)
    except StoreDamaged as error:
        problems.append(str(error))
    return Examined(records, tuple(dict.fromkeys(problems)))


def _copied(store: Workspace, copy: Path) -> int:
    copy.unlink(missing_ok=True)
    with store.settled() as db:
        db.execute("VACUUM INTO ?", [str(copy)])
        here = _count(db)
    with _closing(store.opened_copy(copy), copy) as db:
        _require_sound(db, "没有备份。刚写的备份")
        if _count(db) != here:
            raise StoreDamaged("没有备份，原来的资料没有动。备份里少了记录。", advice="请换一个磁盘再试。")
    return here


@contextmanager
def _closing(db: Database, path: Path) -> Iterator[Database]:
    try:
        yield db
    finally:
        db.conn.close()
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)


def _require_sound(db: Database, what: str) -> None:
    if faults := _faults(db):
        raise StoreDamaged(f"{what}读不完整（{faults[0]}），原来的资料没有动。", advice="请换一个磁盘，或用别的备份。")


def _faults(db: Database) -> list[str]:
    """What the seals of the pages and the structure of the tables say."""
    sealed = [row[0] for row in db.execute("PRAGMA cipher_integrity_check").fetchall()]
    built = [row[0] for row in db.execute("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
    return [f"文件有损坏：{words}" for words in (*sealed, *built)]


def _count(db: Database) -> int:
    return sum(db.execute(f"SELECT count(*) FROM {cls.spec.name}").fetchone()[0] for cls in RECORD_TYPES)


def _stale_roll(store: Workspace) -> list[str]:
    wrong = store.lines_gone_wrong()
    if wrong:
        store.set_setting(ROLL, "")
    return [f"名册有 {wrong} 行和记录对不上，重新打开时会重做"] if wrong else []


def _lost_attachments(store: Workspace) -> list[str]:
    damaged = 0
    for attachment in store.every(Attachment):
        if attachment.sha256 and store.has_blob(attachment.sha256):
            try:
                store.blob(attachment.sha256)
            except ShouwangError:
                damaged += 1
    return [f"有 {damaged} 张照片或附件的文件坏了"] if damaged else []


# The file: a plain bag of files that are encrypted already


def _attachments(folder: Path) -> dict[str, Path]:
    found = (folder / ATTACHMENTS).glob("*/*")
    return {path.relative_to(folder).as_posix(): path for path in sorted(found) if not path.suffix}


def _pack(bag: Path, files: dict[str, Path]) -> None:
    with bag.open("wb") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as packed:
            for name, path in files.items():
                packed.write(path, name)
        raw.flush()
        os.fsync(raw.fileno())
    with zipfile.ZipFile(bag) as packed:
        if packed.testzip() is not None:
            raise StoreDamaged("没有备份，原来的资料没有动。写下的备份读不回来。", advice="请换一个磁盘再试。")


def _unpack(file: Path, folder: Path) -> int:
    """Only names that a backup has, nowhere else than into the folder; gives the number of attachments."""
    try:
        with zipfile.ZipFile(file) as packed:
            entries = packed.infolist()
            names = [entry.filename for entry in entries]
            if not {vault.FILE, FILE} <= set(names) or not all(map(_is_ours, names)):
                raise _not_a_backup(file)
            if sum(entry.file_size for entry in entries) > LARGEST or len(names) != len(set(names)):
                raise _not_a_backup(file)
            for entry in entries:
                target = folder / entry.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(entry) as source, target.open("wb") as kept:
                    shutil.copyfileobj(source, kept)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _not_a_backup(file) from error
    return len(names) - 2


def _is_ours(name: str) -> bool:
    first, *rest = name.split("/")
    return name in (vault.FILE, FILE) or (
        first == ATTACHMENTS and len(rest) == 2 and all(part.isalnum() for part in rest)
    )


def _not_a_backup(file: Path) -> NotABackup:
    return NotABackup(
        f"没有恢复，什么都没有改动。「{file.name}」不是守望的备份，或者已经损坏。", advice="请用另一份备份。"
    )
