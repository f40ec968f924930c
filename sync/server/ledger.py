"""The county's database: where it lies, how it is opened, and the one counter that orders everything."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, RowMapping

from app.errors import UserError, WorkspaceExists, WorkspaceMissing
from sync.messages import Terms
from sync.server import tables

FILE = "county.db"
SCHEMA = 3
LAST_SIGNS = 16
CHUNK = 500
T = TypeVar("T")
Row = tuple[Any, ...]


def now_ms() -> int:
    """The county's time, which is for display only, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def chunks(found: Iterable[T]) -> Iterator[list[T]]:
    """In pieces that every database takes as parameters of one statement."""
    listed = list(found)
    for at in range(0, len(listed), CHUNK):
        yield listed[at : at + CHUNK]


class Ledger:
    """An open county. Writers come one at a time, in the order of their arrival; readers see a snapshot."""

    def __init__(self, engine: Engine, county: str) -> None:
        self.engine = engine
        self.county = county
        self._turn = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write; committed and on the disk when the block ends."""
        with self._turn, self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def advance(self, connection: Connection, steps: int) -> int:
        """Take ``steps`` numbers; gives the last of them. The first write of every push: its lock orders commits."""
        raised = (
            sa.update(tables.space)
            .where(tables.space.c.county == self.county)
            .values(seq=tables.space.c.seq + steps)
            .returning(tables.space.c.seq)
        )
        return int(connection.execute(raised).scalar_one())

    def terms(self, connection: Connection) -> Terms:
        """What every answer says first."""
        row = self.one(connection, tables.space)
        return Terms(
            row["server_id"],
            row["kind"],
            self.county,
            row["name"],
            row["epoch"],
            row["seq"],
            row["durable_seq"],
            now_ms(),
            row["durable_epoch"] or "",
        )

    # Lives: which one this is, and what of earlier ones is known

    def last(self, connection: Connection) -> str:
        """The beginning of the newest unit's id; empty when there is none."""
        return str(self.one(connection, tables.space)["last"] or "")[:LAST_SIGNS]

    def parcel_secret(self, connection: Connection) -> bytes:
        """What the county's keys for parcels are made from."""
        return bytes(self.one(connection, tables.space)["parcel_key"])

    def note_last(self, connection: Connection, unit: str) -> None:
        """The newest unit is this one."""
        self._set_space(connection, last=unit)

    def knows(self, connection: Connection, last: str) -> bool:
        """Whether the unit that a desk has heard of was ever taken; one rolled back in silence has forgotten it."""
        column = tables.unit.c.id
        query = self.of(tables.unit, column).where(column >= last, column < last + "g").limit(1)
        return len(last) != LAST_SIGNS or connection.execute(query).first() is not None

    def begin_life(self, connection: Connection, durable_epoch: str = "", durable_seq: int = 0) -> str:
        """A new epoch: every desk offers again what is not known to be durable, and asks for everything."""
        epoch = secrets.token_hex(4)
        self._set_space(connection, epoch=epoch, durable_epoch=durable_epoch, durable_seq=durable_seq)
        # What desks were known by in the life before is forgotten: theirs are newer, and that makes none a clone.
        connection.execute(sa.update(tables.device).where(tables.device.c.county == self.county).values(token=None))
        return epoch

    def note_durable(self, connection: Connection, epoch: str, seq: int) -> None:
        """A verified copy holds everything of this epoch up to this number."""
        self._set_space(connection, durable_epoch=epoch, durable_seq=seq)

    def _set_space(self, connection: Connection, **values: Any) -> None:
        connection.execute(sa.update(tables.space).where(tables.space.c.county == self.county).values(**values))

    def one(self, connection: Connection, table: sa.Table, **equal: Any) -> RowMapping:
        """The one row of this county with these values. KeyError when there is none."""
        row = connection.execute(self.of(table, **equal)).mappings().first()
        if row is None:
            raise KeyError(table.name)
        return row

    def of(self, table: sa.Table, *columns: sa.Column[Any], **equal: Any) -> sa.Select[Any]:
        """A query on this county's part of a table."""
        query = sa.select(*columns) if columns else sa.select(table)
        query = query.where(table.c.county == self.county)
        for name, value in equal.items():
            query = query.where(table.c[name] == value)
        return query

    def add(self, connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        """New rows of this county."""
        if rows:
            connection.execute(sa.insert(table), [{"county": self.county, **row} for row in rows])

    def add_many(self, connection: Connection, table: sa.Table, names: Sequence[str], rows: Iterable[Row]) -> None:
        """New rows of this county as tuples in the order of ``names``.

        A first push brings thirty thousand: to make dictionaries of them cost as much as to write them.
        """
        told = [(self.county, *row) for row in rows]
        if told:
            connection.exec_driver_sql(_insertion(connection.dialect, table, ("county", *names)), told)

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


@lru_cache(64)
def _insertion(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...]) -> str:
    """The statement in the driver's own words, with places instead of names."""
    style = {"named": "qmark", "pyformat": "format"}.get(dialect.paramstyle, dialect.paramstyle)
    kind: Any = type(dialect)
    compiled = sa.insert(table).compile(dialect=kind(paramstyle=style), column_keys=list(names))
    if list(compiled.params) != list(names):
        raise ValueError(f"not the order of the columns of {table.name}")
    return str(compiled)


def key_file(data: Path) -> Path:
    """The key lies beside the data folder and never in it, so that a copy of the folder alone is of no use."""
    return data.parent / f"{data.name}.key"


def create(data: Path, org: str, name: str, kind: str) -> Ledger:
    """Make a county in an empty or new folder. Raises WorkspaceExists."""
    if (data / FILE).exists():
        raise WorkspaceExists(f"什么都没有改动。「{data}」里已经有一个县级服务器。", advice="请换一个空文件夹。")
    data.mkdir(parents=True, exist_ok=True)
    key = key_file(data)
    if not key.exists():
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    ledger = Ledger(_engine(data), org)
    tables.metadata.create_all(ledger.engine)
    row = {
        "server_id": secrets.token_hex(8), "kind": kind, "name": name, "schema": SCHEMA, "epoch": secrets.token_hex(4),
        "seq": 0, "durable_seq": 0, "made_at": now_ms(), "durable_epoch": "", "last": "",
        "parcel_key": secrets.token_bytes(32),
    }  # fmt: skip
    with ledger.writing() as connection:
        ledger.add(connection, tables.space, [row])
    return ledger


def open_ledger(data: Path) -> Ledger:
    """Open the county in a folder. Raises WorkspaceMissing."""
    if not (data / FILE).exists() or not key_file(data).exists():
        raise WorkspaceMissing(
            f"没有动任何资料。「{data}」里没有县级服务器，或者旁边的密钥文件不见了。",
            advice="请先运行 shouwang county init，或者核对路径。",
        )
    return opened(_engine(data))


def opened(engine: Engine) -> Ledger:
    """The county of a database, brought up to the schema of this program. Raises UserError."""
    from sync.server.bin import date_deletions

    with engine.connect() as connection:
        row = connection.execute(sa.select(tables.space.c.county, tables.space.c.schema)).first()
    if row is None or row[1] > SCHEMA:
        raise UserError("没有动任何资料。县级资料是用更新版本写的，或者没有建完。", advice="请先升级程序。")
    ledger = Ledger(engine, row[0])
    if row[1] < SCHEMA:
        with ledger.writing() as connection:
            _grow(connection)
            ledger._set_space(connection, schema=SCHEMA)
            if row[1] < 2:
                ledger._set_space(connection, parcel_key=secrets.token_bytes(32))
            if row[1] < 3:
                date_deletions(ledger, connection)
    return ledger


def _grow(connection: Connection) -> None:
    """Tables, columns and indexes that an earlier schema did not have; all of them may be empty."""
    tables.metadata.create_all(connection)
    found = sa.inspect(connection)
    for table in tables.metadata.sorted_tables:
        there = {column["name"] for column in found.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                kind = column.type.compile(connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _engine(data: Path) -> Engine:
    return engine_of(data / FILE, key_file(data).read_text("ascii").strip())


def engine_of(file: Path, key: str) -> Engine:
    """The encrypted database of a file; a wrong key shows only when it is first read."""
    from sqlcipher3 import dbapi2

    # What has no adapter is asked for one in vain each time it is written; these hand it back as it is.
    dbapi2.register_adapter(bytes, bytes)
    dbapi2.register_adapter(memoryview, memoryview)
    dbapi2.register_adapter(type(None), {}.get)
    url = URL.create("sqlite+pysqlcipher", password=f"x'{key}'", database=str(file))
    engine = sa.create_engine(
        url,
        module=dbapi2,
        poolclass=sa.pool.QueuePool,
        pool_size=8,
        max_overflow=24,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 30},
    )
    event.listen(engine, "connect", _settle)
    event.listen(engine, "begin", _begin)
    return engine


def _settle(raw: Any, _record: Any) -> None:
    for pragma in ("cipher_memory_security = OFF", "journal_mode = WAL", "synchronous = FULL", "secure_delete = ON",
                   "temp_store = MEMORY", "trusted_schema = OFF", "cache_size = -16000"):  # fmt: skip
        raw.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
