"""A PostgreSQL server of the tests' own: on loopback, with a password, in a folder that goes when they end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

PASSWORD = "only for tests on loopback"
WANTED = (
    "PostgreSQL was not found on this machine: `./shouwang test` installs Debian's package postgresql where it may; "
    "elsewhere ask an administrator for it."
)
SETTINGS = {
    # Speed only: what the tests ask of the database does not depend on the disk.
    "fsync": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


class NoPostgres(Exception):
    """The server cannot be started here; the message says why."""


@dataclass
class Postgres:
    """A server that answers; each test gets databases of its own."""

    port: int
    folder: Path
    made: int = field(default=0)

    def url(self, database: str) -> str:
        """The address as a technician would write it; the password is in PGPASSFILE."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new(self) -> str:
        """The address of a fresh, empty database."""
        self.made += 1
        name = f"test{self.made}"
        self.run(f"CREATE DATABASE {name} STRATEGY file_copy")
        return self.url(name)

    def copy(self, source: str, target: str) -> None:
        """A database as another one is now, as a virtual machine's snapshot would keep it; nobody may be in it."""
        self.run(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        self.run(f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY file_copy")

    def drop(self, name: str) -> None:
        """Away with a database, whoever is in it."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def run(self, statement: str, database: str = "postgres") -> list[Any]:
        """One statement, by the administrator; gives its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def serving(*, on_the_disk: bool = False) -> Iterator[Postgres]:
    """Start a server, and end it; what is measured waits for the disk as in the field. Raises NoPostgres."""
    binaries, user = _binaries(), _user()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        if user:
            shutil.chown(folder, user, _as(user)["group"])
        _make(binaries, folder, user)
        server = Postgres(_free_port(), folder)
        process = _start(binaries, server, user, SETTINGS | {"fsync": "on"} if on_the_disk else SETTINGS)
        try:
            with _password(folder, server):
                _wait(server, process)
                yield server
        finally:
            process.send_signal(getattr(signal, "SIGQUIT", signal.SIGTERM))
            process.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """Debian keeps them out of the path."""
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    found = kept[-1] if kept else shutil.which("postgres")
    if not found:
        raise NoPostgres(WANTED)
    return Path(found).resolve().parent


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.name != "posix" or os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return _as(name) and name
    raise NoPostgres("PostgreSQL does not run as root, and there is no user postgres or nobody to run it.")


def _as(user: str | None) -> dict[str, Any]:
    """How a process is started as somebody else; the group is looked up, for Debian's user has one of its own."""
    if user is None:
        return {}
    import pwd

    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _make(binaries: Path, folder: Path, user: str | None) -> None:
    (folder / "password").write_text(PASSWORD, "ascii")
    # A Chinese order of signs, as a server in the field may have: nothing may depend on the server's language.
    command = [
        str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "scram-sha-256", "--no-sync",
        "--pwfile", str(folder / "password"), "-E", "UTF8", "--locale=C", "--locale-provider=icu",
        "--icu-locale=zh-CN",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **_as(user))
    if done.returncode:
        raise NoPostgres(f"PostgreSQL's initdb failed: {done.stderr}")


def _start(
    binaries: Path, server: Postgres, user: str | None, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    told = {**settings, "listen_addresses": "127.0.0.1", "port": str(server.port), "unix_socket_directories": ""}
    command = [str(binaries / "postgres"), "-D", str(server.folder / "data")]
    command += [part for name, value in told.items() for part in ("-c", f"{name}={value}")]
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=server.folder, stdout=log, stderr=log, **_as(user))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _password(folder: Path, server: Postgres) -> Iterator[None]:
    """Where a technician writes it, too."""
    file = folder / "pgpass"
    file.write_text(f"127.0.0.1:{server.port}:*:postgres:{PASSWORD}\n", "ascii")
    file.chmod(0o600)
    before = os.environ.get("PGPASSFILE")
    os.environ["PGPASSFILE"] = str(file)
    try:
        yield
    finally:
        os.environ.pop("PGPASSFILE")
        if before is not None:
            os.environ["PGPASSFILE"] = before


def _wait(server: Postgres, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            server.run("SELECT 1")
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise NoPostgres("PostgreSQL did not start: " + (server.folder / "log").read_text("utf-8", "replace"))
