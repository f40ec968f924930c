"""How a county listens: on a port, behind a certificate, for as long as it is wanted."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from app.errors import UserError
from sync.server.bin import emptied_daily
from sync.server.county import CountyServer, open_county
from sync.server.http import application

LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class Listening:
    """A county that answers on a port from a thread of its own; ``with`` ends it. The ledger stays open."""

    url: str
    port: int
    _server: uvicorn.Server
    _thread: threading.Thread

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Answer what is under way, then end."""
        self._server.should_exit = True
        self._thread.join()


def listen(county: CountyServer, port: int = 0, host: str = LOOPBACK) -> Listening:
    """Answer from a thread, on any free port unless one is given: for the practice county and for tests.

    Raises OSError when the port is taken.
    """
    listening = _listening(host, port)
    server = uvicorn.Server(_settings(county))
    thread = threading.Thread(target=server.run, args=([listening],), name="county", daemon=True)
    thread.start()
    number = int(listening.getsockname()[1])
    return Listening(f"http://{host}:{number}", number, server, thread)


def serve(
    data: Path, port: int, host: str = LOOPBACK, certificate: Path | None = None, certificate_key: Path | None = None,
    *, tell: Callable[[str], None],
) -> None:
    """Serve the county of a folder until it is ended; ``tell`` hears the address once desks are let in.

    Desks speak plainly only to their own machine: elsewhere give a certificate, or stand behind a server that has one.
    """
    county = open_county(data)
    settings = _settings(county)
    # A push makes a hundred thousand small objects that all stay until it is written: there are no cycles to look for.
    gc.set_threshold(100_000, 20, 50)
    try:
        if certificate and certificate_key:
            _certify(settings, certificate, certificate_key)
        with _bound(host, port) as listening, emptied_daily(county.ledger):
            tell(_address(host, listening.getsockname()[1], "https" if certificate else "http"))
            uvicorn.Server(settings).run([listening])
    finally:
        county.ledger.close()


def _address(host: str, port: int, scheme: str) -> str:
    """Where a desk can be sent; of all addresses, this computer's name stands for them."""
    name = socket.gethostname() if host in ("0.0.0.0", "::", "") else f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{port}"


def _certify(settings: uvicorn.Config, certificate: Path, key: Path) -> None:
    settings.ssl_certfile, settings.ssl_keyfile = str(certificate), str(key)
    try:
        settings.load()
    except OSError as error:  # a file that is missing, is none, or does not belong to the other
        raise UserError(
            f"没有启动，资料没有动。证书「{certificate}」或私钥「{key}」用不了。",
            advice="请看两个文件在不在、是不是 PEM、是不是一对。",
        ) from error


def _bound(host: str, port: int) -> socket.socket:
    try:
        return _listening(host, port)
    except (OSError, OverflowError) as error:
        raise UserError(
            f"没有启动，资料没有动。{host} 的 {port} 端口用不了：别的程序占着，或者这台电脑没有这个地址。",
            advice="先看是不是已经在运行；要另用一个端口，加 --port。",
        ) from error


def _listening(host: str, port: int) -> socket.socket:
    """Sends what it has at once: else an answer's body waits for the desk to acknowledge its head, 40 ms on Linux.

    asyncio sees to it only where a socket says that it is TCP, which those of ``create_server`` do not; what is
    accepted takes it over from here.
    """
    listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _settings(county: CountyServer) -> uvicorn.Config:
    return uvicorn.Config(
        application(county), log_level="warning", access_log=False, server_header=False, date_header=False,
        lifespan="off", ws="none", timeout_keep_alive=30, timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=32 << 10,
    )  # fmt: skip
