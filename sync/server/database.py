"""Where a county's tables lie: in an encrypted file of their own, or in a PostgreSQL database that several share."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DataError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from app.errors import EnvironmentFault, UserError

FILE = "county.db"
PLACE = "county.json"
BUSY = (OperationalError, InternalError, NoConnectionFree)
"""What the database says when it is waited for too long, shut down or out of reach: it goes better another time."""
UNKEEPABLE = (DataError, OverflowError)
"""What it says of a value that fits no column, as only a made-up message has one."""
POOL: dict[str, Any] = {"poolclass": sa.pool.QueuePool, "pool_size": 8, "max_overflow": 24}
PATIENCE = 30
"""Seconds that a writer waits for another one."""


class DatabaseUnreachable(EnvironmentFault):
    """The PostgreSQL server does not answer, or does not let the county in."""

    code = "B4"


class Place(msgspec.Struct, frozen=True):
    """Which part of which PostgreSQL database a data folder stands for; kept in it without any password."""

    database: str
    county: str


def key_file(data: Path) -> Path:
    """The key lies beside the data folder and never in it, so that a copy of the folder alone is of no use."""
    return data.parent / f"{data.name}.key"


def keep_key(data: Path) -> None:
    """Have a key: that of the county's file, and of every copy."""
    key = key_file(data)
    if not key.exists():
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))


def read_key(data: Path) -> str:
    """The key of the county in a folder."""
    return key_file(data).read_text("ascii").strip()


def is_county(data: Path) -> bool:
    """Whether a folder holds a county, or says where one lies."""
    return (data / FILE).exists() or (data / PLACE).exists()


def place_of(data: Path) -> Place | None:
    """Where the county of a folder lies; None when it is in the folder itself. Raises UserError."""
    try:
        return msgspec.json.decode((data / PLACE).read_bytes(), type=Place)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise UserError(f"没有动任何资料。「{data / PLACE}」读不懂。", advice="请从备份里拷回这个小文件。") from error


def keep_place(data: Path, place: Place) -> None:
    """Note where the county of this folder lies."""
    (data / PLACE).write_bytes(msgspec.json.format(msgspec.json.encode(place)) + b"\n")


def engine_at(data: Path) -> Engine:
    """The database of the county in a folder, whichever kind it is."""
    place = place_of(data)
    return server_engine(place.database) if place else file_engine(data / FILE, read_key(data))


# An encrypted file


def file_engine(file: Path, key: str) -> Engine:
    """The encrypted database of a file; a wrong key shows only when it is first read."""
    from sqlcipher3 import dbapi2

    # What has no adapter is asked for one in vain each time it is written; these hand it back as it is.
    dbapi2.register_adapter(bytes, bytes)
    dbapi2.register_adapter(memoryview, memoryview)
    dbapi2.register_adapter(type(None), {}.get)
    url = URL.create("sqlite+pysqlcipher", password=f"x'{key}'", database=str(file))
    told = {"check_same_thread": False, "isolation_level": None, "timeout": PATIENCE}
    engine = sa.create_engine(url, module=dbapi2, connect_args=told, **POOL)
    event.listen(engine, "connect", _settle_file)
    event.listen(engine, "begin", _begin)
    return engine


def _settle_file(raw: Any, _record: Any) -> None:
    for pragma in ("cipher_memory_security = OFF", "journal_mode = WAL", "synchronous = FULL", "secure_delete = ON",
                   "temp_store = MEMORY", "trusted_schema = OFF", "cache_size = -16000"):  # fmt: skip
        raw.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# A PostgreSQL server


def server_engine(database: str) -> Engine:
    """A PostgreSQL database; nothing is asked of it yet. Raises UserError when the address is none."""
    engine = sa.create_engine(_address(database), connect_args={"connect_timeout": 10}, pool_pre_ping=True, **POOL)
    event.listen(engine, "connect", _settle_server)
    return engine


def shown(database: str) -> str:
    """The address as it may be written anywhere."""
    return _address(database).set(drivername="postgresql").render_as_string(hide_password=True)


def _address(database: str) -> URL:
    """What SQLAlchemy calls the address. A password in it would stand in the folder and in the list of processes."""
    try:
        url = sa.make_url(database)
    except (ArgumentError, ValueError) as error:
        raise _no_address("数据库地址读不懂。") from error
    if url.drivername not in ("postgresql", "postgres"):
        raise _no_address("这里只用 PostgreSQL。")
    if url.password or "password" in url.query:
        raise UserError(
            "什么都没有改动。地址里不要写口令，写了就会留在文件和进程列表里。",
            advice="请把口令写进 ~/.pgpass，或写进环境变量 PGPASSFILE 所指的文件。",
        )
    return url.set(drivername="postgresql+psycopg")


def _no_address(what: str) -> UserError:
    return UserError(f"什么都没有改动。{what}", advice="例如 postgresql://shouwang@127.0.0.1:5432/shouwang。")


@contextmanager
def first_contact(engine: Engine) -> Iterator[None]:
    """What may come of asking a server for the first time, as a sentence. Raises DatabaseUnreachable."""
    try:
        yield
    except OperationalError as error:
        if engine.dialect.name != "postgresql":
            raise
        raise DatabaseUnreachable(
            f"没有动任何资料。连不上数据库（{engine.url.host or '本机'}:{engine.url.port or 5432}）。",
            advice="请看 PostgreSQL 有没有启动、地址和用户对不对、口令在不在 ~/.pgpass 或 PGPASSFILE 所指的文件里。",
        ) from error


@contextmanager
def given_back(engine: Engine) -> Iterator[None]:
    """No connection stays open when this fails."""
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def _settle_server(raw: Any, _record: Any) -> None:
    from psycopg.types.string import StrDumper

    class Text(StrDumper):
        """PostgreSQL keeps no zero character: one in a name must not stop everything that comes with it."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    raw.adapters.register_dumper(str, Text)
    # What was answered is on the disk, however the server is set up. A program whose machine died while it held the
    # counter must not stop the others for hours.
    raw.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';"
        f"SET lock_timeout = '{PATIENCE}s'; SET idle_in_transaction_session_timeout = '120s'"
    )
    raw.commit()


# How each kind is asked for a transaction

SNAPSHOT: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""For readers: all their questions are answered as of one moment."""
WRITES: Mapping[str, Mapping[str, Any]] = {"sqlite": {"writes": True}, "postgresql": {}}
"""For writers: on PostgreSQL each statement sees what was committed before it, so what is read after the counter's
row is locked is as new as it can be."""
