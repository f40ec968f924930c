"""A line on which every connection is reset once so many bytes went over it, both ways together."""

from __future__ import annotations

import random
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SIGNS = "".join(chr(0x4E00 + number * 7 % 6_000) for number in range(1_500))
OFTEN = [1 / (number + 8) for number in range(1_500)]


def dense(length: int, seed: str) -> str:
    """Text that packs no better than written Chinese: some nine bits a sign."""
    return "".join(random.Random(seed).choices(SIGNS, OFTEN, k=length))


@contextmanager
def weak_line(port: int, bears: int) -> Iterator[str]:
    """The address at which the county of a port is reached that way."""
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listening, port, bears), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()


def _accept(listening: socket.socket, port: int, bears: int) -> None:
    with suppress(OSError):
        while True:
            here, _ = listening.accept()
            there = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=_carry, args=(here, there, bears), daemon=True).start()


def _carry(here: socket.socket, there: socket.socket, left: int) -> None:
    beyond = {here: there, there: here}
    try:
        while left > 0:
            for one in select.select(list(beyond), [], [])[0]:
                some = one.recv(min(1_400, max(left, 1)))
                if not some:
                    return
                beyond[one].sendall(some)
                left -= len(some)
        time.sleep(0.05)  # what came through is read; a reset would throw it away otherwise
    except OSError:
        pass
    finally:
        for each in beyond:  # a reset, as a radio link's operator sends it, and no orderly end
            with suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            each.close()
