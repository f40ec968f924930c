"""The county's database: where it lies, how it is opened, and the one counter that orders everything."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, RowMapping
from sqlalchemy.exc import ProgrammingError

from app.errors import UserError, WorkspaceExists, WorkspaceMissing
from sync.messages import Terms
from sync.server import database, tables
from sync.server.database import Place
from sync.server.turn import Turn

SCHEMA = 5
MARK_SIGNS, LAST_SIGNS = 8, 16
LAST = re.compile(rf"([0-9a-f]{{{MARK_SIGNS}}}):([0-9a-f]{{1,15}})|[0-9a-f]{{{LAST_SIGNS}}}").fullmatch
"""What a unit is known by: the beginning of its id and its number in hexadecimal; formerly a longer beginning alone."""
MOST_LIVES = 500
CHUNK = 500
TOGETHER = (50, 10, 1)
"""So many rows go into one statement, which runs while other threads work; PostgreSQL has a round for each."""
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


def by_epoch(stamps: Iterable[str]) -> dict[str, list[int]]:
    """The numbers of stamps in each of the county's lives, in their order."""
    found: dict[str, set[int]] = {}
    for stamp in stamps:
        epoch, _, number = stamp.partition(":")
        found.setdefault(epoch, set()).add(int(number or 0))
    return {epoch: sorted(found[epoch]) for epoch in sorted(found)}


def number_of(last: str) -> int:
    """The number of the unit that a desk has heard of; 0 when what it is known by has none."""
    told = LAST(last)
    return int(told[2], 16) if told and told[2] else 0


class Totals:
    """What the digests of all that somebody may see come to, for as long as the county stands at one number."""

    def __init__(self) -> None:
        self._at: Hashable = None
        self._found: dict[tuple[Hashable, Hashable], bytes] = {}

    def of(self, at: Hashable, whose: Hashable, make: Callable[[], bytes]) -> bytes:
        """What is known, or else ``make`` reads."""
        if self._at != at:
            self._at, self._found = at, {}
        # With ``at`` in the key too: another reader may have put a total of another number in place meanwhile.
        found = self._found.get((at, whose))
        if found is None:
            found = self._found[at, whose] = make()
        return found


class Ledger:
    """An open county. Writers come one at a time, in the order of their arrival; readers see a snapshot."""

    def __init__(self, engine: Engine, county: str) -> None:
        self.engine = engine
        self.county = county
        kind = engine.dialect.name
        self._writes, self._snapshot = database.WRITES[kind], database.SNAPSHOT[kind]
        # Whoever waits for another writer of this program waits here, and keeps no connection from the readers.
        self._turn = Turn()
        self.totals = Totals()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write; committed and on the disk when the block ends."""
        with self._turn, self._transaction(self._writes) as connection:
            self._lock(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot."""
        with self._transaction(self._snapshot) as connection:
            yield connection

    @contextmanager
    def _transaction(self, options: Mapping[str, Any]) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection = connection.execution_options(**options)
            with connection.begin():
                yield connection

    def _lock(self, connection: Connection) -> None:
        """Before anything is read, so that nothing is decided by what another writer is about to change.

        A file is locked whole when the transaction begins.
        """
        if self.engine.dialect.name != "sqlite":
            connection.execute(self.of(tables.space, tables.space.c.seq).with_for_update())

    def advance(self, connection: Connection, steps: int) -> int:
        """Take ``steps`` numbers; gives the last of them. The lock on this row orders commits as it orders numbers.

        A number is never lower than the milliseconds since the county was made, so that a machine whose disk was put
        back in silence does not give its numbers a second time. The clock orders nothing: a wrong one leaves gaps, or
        none.
        """
        space = tables.space.c
        floor = now_ms() - space.made_at
        raised = (
            sa.update(tables.space)
            .where(space.county == self.county)
            .values(seq=sa.case((space.seq < floor, floor), else_=space.seq) + steps)
            .returning(space.seq)
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
        """What the newest unit is known by; empty when there is none."""
        last = str(self.one(connection, tables.space)["last"] or "")
        return last if ":" in last else last[:LAST_SIGNS]  # written before there were numbers in it

    def parcel_secret(self, connection: Connection) -> bytes:
        """What the county's keys for parcels are made from."""
        return bytes(self.one(connection, tables.space)["parcel_key"])

    def note_last(self, connection: Connection, unit: str, seq: int) -> None:
        """The newest unit is this one, taken under this number."""
        self._set_space(connection, last=f"{unit[:MARK_SIGNS]}:{seq:x}")

    def knows(self, connection: Connection, last: str) -> bool:
        """Whether the unit that a desk has heard of was ever taken; a county rolled back in silence has forgotten it.

        If it came again since, it has another number: what was taken beside it is lost all the same. An empty mark, or
        one of another form, tells nothing and counts as known.
        """
        told = LAST(last)
        if told is None:
            return True
        begun, number = told[1] or last, told[2]
        unit, same = tables.unit.c, {"seq": int(number, 16)} if number else {}
        query = self.of(tables.unit, unit.id, **same).where(unit.id >= begun, unit.id < begun + "g").limit(1)
        return connection.execute(query).first() is not None

    def knows_life(self, connection: Connection, epoch: str) -> bool:
        """Whether this county lived, or ever heard of, an epoch; one that was put back in silence forgot its last."""
        space = self.one(connection, tables.space)
        if epoch in ("", space["epoch"], space["durable_epoch"], *(space["lives"] or "").split()):
            return True
        return connection.execute(self.of(tables.unit, tables.unit.c.id, epoch=epoch).limit(1)).first() is not None

    def note_life(self, connection: Connection, epoch: str) -> None:
        """An epoch that a desk has told of, or that ends."""
        known = (self.one(connection, tables.space)["lives"] or "").split()
        self._set_space(connection, lives=" ".join([*known[-MOST_LIVES:], epoch]))

    def begin_life(self, connection: Connection, durable_epoch: str = "", durable_seq: int = 0) -> str:
        """A new epoch: every desk offers again what is not known to be durable, and asks for everything."""
        self.note_life(connection, str(self.one(connection, tables.space)["epoch"]))  # nothing may have come in it
        epoch = secrets.token_hex(4)
        known = {"durable_epoch": durable_epoch, "durable_seq": durable_seq}
        self._set_space(connection, epoch=epoch, life_at=now_ms(), **known)
        # What desks were known by in the life before is forgotten: theirs are newer, and that makes none a clone.
        connection.execute(sa.update(tables.device).where(tables.device.c.county == self.county).values(token=None))
        # So is what stations had under way: its answers speak of the life before.
        connection.execute(sa.delete(tables.passing).where(tables.passing.c.county == self.county))
        return epoch

    def note_durable(self, connection: Connection, epoch: str, seq: int) -> None:
        """A verified copy holds everything of this epoch up to this number."""
        self._set_space(connection, durable_epoch=epoch, durable_seq=seq)

    def note_known(self, connection: Connection, types: str) -> None:
        """The program that serves knows these types of record."""
        self._set_space(connection, knows=types)

    def note_grown(self, connection: Connection, schema: int) -> None:
        """The tables have grown from this schema to the program's own."""
        self._set_space(connection, schema=SCHEMA)
        if schema < 2:  # it had no parcels
            self._set_space(connection, parcel_key=secrets.token_bytes(32))

    def _set_space(self, connection: Connection, **values: Any) -> None:
        connection.execute(sa.update(tables.space).where(tables.space.c.county == self.county).values(**values))

    def one(self, connection: Connection, table: sa.Table, **equal: Any) -> RowMapping:
        """The one row of this county with these values. KeyError when there is none."""
        row = self.first(connection, table, **equal)
        if row is None:
            raise KeyError(table.name)
        return row

    def every(self, connection: Connection, table: sa.Table, **equal: Any) -> list[RowMapping]:
        """All rows of this county with these values, in no order."""
        return list(self._alike(connection, table, equal))

    def first(self, connection: Connection, table: sa.Table, **equal: Any) -> RowMapping | None:
        """A row of this county with these values."""
        return self._alike(connection, table, equal).first()

    def _alike(self, connection: Connection, table: sa.Table, equal: Mapping[str, Any]) -> sa.MappingResult:
        return connection.execute(_equal(table, tuple(equal)), {"county": self.county, **equal}).mappings()

    def of(self, table: sa.Table, *columns: sa.ColumnElement[Any], **equal: Any) -> sa.Select[Any]:
        """A query on this county's part of a table."""
        query = sa.select(*columns) if columns else sa.select(table)
        query = query.where(table.c.county == self.county)
        for name, value in equal.items():
            query = query.where(table.c[name] == value)
        return query

    def among(
        self, connection: Connection, table: sa.Table, column: str, values: Collection[str], **equal: Any
    ) -> list[RowMapping]:
        """All rows with one of these values in a column, however many: one parameter, for a statement made once."""
        kind, listed = self.engine.dialect.name, list(values)
        given = {"listed": msgspec.json.encode(listed).decode() if kind == "sqlite" else listed}
        asked = _among(kind, table, column, tuple(equal))
        return list(connection.execute(asked, {"county": self.county, **equal, **given}).mappings())

    def add(self, connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        """New rows of this county."""
        if rows:
            connection.execute(sa.insert(table), [{"county": self.county, **row} for row in rows])

    def add_many(self, connection: Connection, table: sa.Table, names: Sequence[str], rows: Iterable[Row]) -> None:
        """New rows of this county as tuples in the order of ``names``.

        A first push brings thirty thousand: to make dictionaries of them cost as much as to write them.
        """
        told = [(self.county, *row) for row in rows]
        for size in TOGETHER:
            whole = len(told) - len(told) % size
            flat = [tuple(chain.from_iterable(told[at : at + size])) for at in range(0, whole, size)]
            if flat:
                statement = _insertion(connection.dialect, table, ("county", *names), size)
                connection.exec_driver_sql(statement, flat)
            told = told[whole:]

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


@lru_cache(64)
def _equal(table: sa.Table, names: tuple[str, ...]) -> sa.Select[Any]:
    """A table's rows with values for these columns. Made once: to say it takes twice as long as to ask it."""
    return sa.select(table).where(*(table.c[name] == sa.bindparam(name) for name in ("county", *names)))


@lru_cache(64)
def _among(kind: str, table: sa.Table, column: str, names: tuple[str, ...]) -> sa.Select[Any]:
    rows = _equal(table, names)
    if kind == "sqlite":
        values = sa.func.json_each(sa.bindparam("listed")).table_valued("value")
        return rows.where(table.c[column].in_(sa.select(values.c.value)))
    return rows.where(table.c[column] == sa.any_(sa.bindparam("listed", type_=sa.ARRAY(tables.TEXT))))


@lru_cache(64)
def _insertion(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...], rows: int) -> str:
    """The statement for so many rows in the driver's own words, with places instead of names."""
    style = {"named": "qmark", "pyformat": "format"}.get(dialect.paramstyle, dialect.paramstyle)
    kind: Any = type(dialect)
    # What fails ends the transaction: to be able to take back one statement SQLite would copy each page it changes.
    insert = sa.insert(table).prefix_with("OR FAIL", dialect="sqlite")
    compiled = insert.compile(dialect=kind(paramstyle=style), column_keys=list(names))
    if list(compiled.params) != list(names):
        raise ValueError(f"not the order of the columns of {table.name}")
    first, values, row = str(compiled).partition(" VALUES ")
    return first + values + ", ".join([row] * rows)


def create(data: Path, org: str, name: str, kind: str, address: str = "") -> Ledger:
    """Make a county in an empty or new folder, its tables in a PostgreSQL database if one is named.

    Raises WorkspaceExists, UserError, DatabaseUnreachable.
    """
    if database.is_county(data):
        raise WorkspaceExists(f"什么都没有改动。「{data}」里已经有一个县级服务器。", advice="请换一个空文件夹。")
    ledger = free_part(address, org) if address else None
    data.mkdir(parents=True, exist_ok=True)
    database.keep_key(data)
    if ledger is None:
        ledger = Ledger(database.engine_at(data), org)
        tables.metadata.create_all(ledger.engine)
    else:
        database.keep_place(data, Place(database.shown(address), org))
    row = {
        "server_id": secrets.token_hex(8), "kind": kind, "name": name, "schema": SCHEMA, "epoch": secrets.token_hex(4),
        "seq": 0, "durable_seq": 0, "made_at": now_ms(), "durable_epoch": "", "last": "",
        "parcel_key": secrets.token_bytes(32),
    }  # fmt: skip
    with ledger.writing() as connection:
        ledger.add(connection, tables.space, [row])
    return ledger


def free_part(address: str, org: str) -> Ledger:
    """Empty tables for a county in a PostgreSQL database.

    Raises WorkspaceExists when the county is in it already, UserError, DatabaseUnreachable.
    """
    ledger = Ledger(database.server_engine(address), org)
    with database.given_back(ledger.engine):
        with database.first_contact(ledger.engine):
            tables.metadata.create_all(ledger.engine)
        with ledger.reading() as connection:
            known = connection.execute(ledger.of(tables.space, tables.space.c.name)).first()
        if known is not None:
            raise WorkspaceExists(f"什么都没有改动。这个数据库里已经有 {org} 这个县。", advice="请换一个新的数据库。")
    return ledger


def open_ledger(data: Path) -> Ledger:
    """Open the county in a folder. Raises WorkspaceMissing, DatabaseUnreachable."""
    if not database.is_county(data) or not database.key_file(data).exists():
        raise WorkspaceMissing(
            f"没有动任何资料。「{data}」里没有县级服务器，或者旁边的密钥文件不见了。",
            advice="请先运行 shouwang county init，或者核对路径。",
        )
    place = database.place_of(data)
    return opened(database.engine_at(data), place.county if place else "")


def opened(engine: Engine, county: str = "") -> Ledger:
    """The county of a database, brought up to the schema of this program; a file holds one only. Raises UserError."""
    from sync.server.learning import fill_in, learn

    with database.given_back(engine):
        org, schema = _space(engine, county)
        if schema is None or schema > SCHEMA:
            raise UserError("没有动任何资料。县级资料是用更新版本写的，或者没有建完。", advice="请先升级程序。")
    ledger = Ledger(engine, org)
    if schema < SCHEMA:
        with ledger.writing() as connection:
            _grow(connection)
            ledger.note_grown(connection, schema)
            if schema < 3:
                fill_in(ledger, connection)
    learn(ledger)
    return ledger


def _space(engine: Engine, county: str) -> tuple[str, int | None]:
    """Which county it is, and the schema of its tables; None when there is none."""
    query = sa.select(tables.space.c.county, tables.space.c.schema)
    try:
        with database.first_contact(engine), engine.connect() as connection:
            row = connection.execute(query.where(tables.space.c.county == county) if county else query).first()
    except ProgrammingError:
        row = None  # a server that has no such table yet
    return (row[0], row[1]) if row else (county, None)


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
    # What the sums are read from, before it had the numbers: digests alone are random, and each push wrote all of it.
    connection.exec_driver_sql("DROP INDEX IF EXISTS record_by_org_type_about_home_h1_h2")
