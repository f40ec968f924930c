"""Copies of the county: made encrypted while it serves, read back before they count, restored beside and never over."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from app.errors import NotFound, StoreDamaged, UserError, WorkspaceExists
from sync.messages import Row
from sync.server import tables
from sync.server.database import FILE, Place, file_engine, keep_place, key_file, read_key, shown
from sync.server.ledger import Ledger, free_part, open_ledger, opened
from sync.server.sitting import decode

BLOCK = 1_000
HEAVY_BLOCK = 16
"""Rows at a time of a table whose rows are parts of files."""
LEFTOVERS = ("-wal", "-shm", "-journal")


class NotACopy(UserError):
    """The file is no copy of a county, or none of the keys at hand opens it."""

    code = "B3"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was read through: where it lies, how big it is, what is in it, up to which number it goes."""

    file: Path
    size: int
    records: int
    units: int
    devices: int
    epoch: str
    seq: int


def back_up(data: Path, file: Path) -> Copy:
    """Copy the county into one file under its own key, read the copy back, and only then call it durable.

    The county may serve meanwhile. Raises WorkspaceMissing, UserError when the file exists, StoreDamaged.
    """
    if file.exists():
        raise UserError(f"没有备份。「{file}」已经存在。", advice="请换一个文件名，旧的备份请留着。", code="B2")
    file.parent.mkdir(parents=True, exist_ok=True)
    ledger, fresh = open_ledger(data), file.with_name(file.name + ".new")
    try:
        _forget(fresh)
        _copy_into(ledger, fresh, read_key(data))
        made = _read_through(fresh, read_key(data))
        with ledger.reading() as connection:
            _require_same(connection, ledger, made)
        _sync_to_disk(fresh)
        fresh.replace(file)
        with ledger.writing() as connection:
            if ledger.terms(connection).epoch == made.epoch:
                ledger.note_durable(connection, made.epoch, made.seq)
    finally:
        ledger.close()
        _forget(fresh)
    return Copy(file, file.stat().st_size, made.records, made.units, made.devices, made.epoch, made.seq)


def restore(file: Path, data: Path, key: Path | None = None, address: str = "") -> Copy:
    """Put a copy into a new folder or a PostgreSQL database, as a new life of the county's data.

    Nothing that lies anywhere already is touched. The key is looked for where it is said to be, else beside the new
    folder and beside the copy. Raises WorkspaceExists, NotFound, NotACopy, StoreDamaged, DatabaseUnreachable.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise WorkspaceExists(f"没有恢复，也没有动任何文件。「{data}」不是空的。", advice="请换一个新的文件夹。")
    if not file.is_file():
        raise NotFound(f"没有恢复。找不到备份「{file}」。", advice="请检查路径。")
    beside = data.with_name(data.name + ".restoring")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(parents=True)
        shutil.copyfile(file, beside / FILE)
        secret = _fitting_key(beside / FILE, _keys(file, data, key), file.name)
        found = _read_through(beside / FILE, secret)
        _begin_life(beside / FILE, secret, found)
        _sync_to_disk(beside / FILE)
        if address:
            _hand_over(beside / FILE, secret, data, address)
        else:
            _keep_key(key_file(data), secret)
            if data.exists():
                data.rmdir()
            beside.rename(data)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Copy(file, file.stat().st_size, found.records, found.units, found.devices, found.epoch, found.seq)


def _copy_into(ledger: Ledger, fresh: Path, key: str) -> None:
    if ledger.engine.dialect.name != "sqlite":
        made = Ledger(file_engine(fresh, key), ledger.county)
        tables.metadata.create_all(made.engine)
        _pour(ledger, made)
        made.close()
        return
    raw = ledger.engine.raw_connection()
    try:
        raw.driver_connection.execute("VACUUM INTO ?", (str(fresh),))  # type: ignore[union-attr]
    finally:
        raw.close()


def _hand_over(file: Path, key: str, data: Path, address: str) -> None:
    """All of a file into a PostgreSQL database; the folder comes first, for without it nobody finds the database."""
    with _opened(file, key) as found:
        made = free_part(address, found.county)
        try:
            _keep_key(key_file(data), key)
            data.mkdir(parents=True, exist_ok=True)
            keep_place(data, Place(shown(address), found.county))
            _pour(found, made)
        except BaseException:
            shutil.rmtree(data, ignore_errors=True)
            raise
        finally:
            made.close()


def _pour(source: Ledger, target: Ledger) -> None:
    """Every table of the county as of one moment, in one transaction."""
    with source.reading() as reading, target.writing() as writing:
        for table in tables.metadata.sorted_tables:
            block = HEAVY_BLOCK if table in (tables.blob_part, tables.passing) else BLOCK
            rows = reading.execute(source.of(table).execution_options(yield_per=block)).mappings()
            for some in rows.partitions():
                target.add(writing, table, [dict(row) for row in some])


@contextmanager
def _opened(file: Path, key: str) -> Iterator[Ledger]:
    ledger = opened(file_engine(file, key))
    try:
        yield ledger
    finally:
        ledger.close()
        for ending in LEFTOVERS:
            file.with_name(file.name + ending).unlink(missing_ok=True)


def _read_through(file: Path, key: str) -> Copy:
    """Every page against its seal, every table against its indexes, every record against its digests."""
    try:
        with _opened(file, key) as ledger, ledger.reading() as connection:
            for question in ("PRAGMA cipher_integrity_check", "PRAGMA integrity_check"):
                faults = [row[0] for row in connection.exec_driver_sql(question) if row[0] != "ok"]
                if faults:
                    raise _damaged(str(faults[0]))
            terms, records = ledger.terms(connection), _sound_records(ledger, connection)
            units, devices = (_count(connection, ledger, table) for table in (tables.unit, tables.device))
    except DatabaseError as error:
        raise _damaged(type(error.orig).__name__) from error
    return Copy(file, file.stat().st_size, records, units, devices, terms.epoch, terms.seq)


def _sound_records(ledger: Ledger, connection: Connection) -> int:
    record, count = tables.record, 0
    columns = (record.c.type, record.c.id, record.c.subject, record.c.org, record.c.body, record.c.stamps)
    query = ledger.of(record, *columns, record.c.h1, record.c.h2).execution_options(yield_per=BLOCK)
    for type_, id_, subject, org, body, stamps, h1, h2 in connection.execute(query):
        if Row(type_, id_, subject, org, decode(body), decode(stamps)).digest() != (h1, h2):
            raise _damaged("有记录和它的校验和对不上")
        count += 1
    return count


def _count(connection: Connection, ledger: Ledger, table: sa.Table, up_to: int | None = None) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(table.c.county == ledger.county)
    if up_to is not None:
        query = query.where(table.c.seq <= up_to)
    return int(connection.execute(query).scalar_one())


def _require_same(connection: Connection, ledger: Ledger, made: Copy) -> None:
    if _count(connection, ledger, tables.unit, made.seq) != made.units:
        raise _damaged("备份里少了内容")


def _damaged(what: str) -> StoreDamaged:
    return StoreDamaged(
        f"原来的资料没有动。这份备份读不完整（{what}），不能用。", advice="请换一个磁盘再备份，或用另一份备份。"
    )


def _begin_life(file: Path, key: str, found: Copy) -> None:
    with _opened(file, key) as ledger, ledger.writing() as connection:
        ledger.begin_life(connection, found.epoch, found.seq)


def _forget(file: Path) -> None:
    for ending in ("", *LEFTOVERS):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _sync_to_disk(file: Path) -> None:
    with file.open("rb+") as written:
        os.fsync(written.fileno())


# Keys


def _keys(file: Path, data: Path, key: Path | None) -> list[Path]:
    """Where a key may lie; one that stands beside the new folder under its name is never written over."""
    own = key_file(data)
    if key is not None or own.exists():
        return [path for path in (key, own) if path is not None and path.is_file()]
    return [*sorted(data.parent.glob("*.key")), *sorted(file.parent.glob("*.key"))]


def _fitting_key(file: Path, keys: Iterable[Path], named: str) -> str:
    for path in keys:
        secret = path.read_text("ascii", errors="replace").strip()
        if len(secret) == 64 and secret.isalnum() and _opens(file, secret):
            return secret
    raise NotACopy(
        f"没有恢复，什么都没有改动。没有找到能打开「{named}」的密钥，或者它不是县级备份。",
        advice="请用 --key 指明县级数据旁边的 .key 文件。",
    )


def _opens(file: Path, secret: str) -> bool:
    try:
        with _opened(file, secret):
            return True
    except DatabaseError:
        return False


def _keep_key(path: Path, secret: str) -> None:
    if path.exists():
        if path.read_text("ascii").strip() != secret:
            raise WorkspaceExists(
                f"没有恢复，也没有动任何文件。「{path}」是另一个县的密钥。", advice="请换一个新的文件夹名。"
            )
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(secret)
