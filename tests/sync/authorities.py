"""Certificates made in a test, and a server that shows them and then says what it is told to."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@dataclass
class Authority:
    """A county's own authority; ``file`` is what desks are given."""

    folder: Path
    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        signs = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        made = _certificate(subject, subject, self.key, NOW - 900 * DAY, NOW + 900 * DAY)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.certificate = made.add_extension(signs, critical=True).sign(self.key, hashes.SHA256())
        self.file = self.folder / f"{self.name}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def server(
        self, *, host: str = "127.0.0.1", since: datetime = NOW - DAY, until: datetime = NOW + DAY
    ) -> tuple[Path, Path]:
        """A certificate for a server and its key, as files."""
        return self._written(host, since, until, self.key)

    def self_signed(self) -> tuple[Path, Path]:
        """One that nobody vouches for, in the authority's name."""
        return self._written("127.0.0.1", NOW - DAY, NOW + DAY, None)

    def _written(
        self, host: str, since: datetime, until: datetime, signer: ec.EllipticCurvePrivateKey | None
    ) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        issuer = self.certificate.subject if signer else subject
        with suppress(ValueError):
            name: x509.GeneralName = x509.DNSName(host)
            name = x509.IPAddress(ip_address(host))
        made = _certificate(subject, issuer, key, since, until)
        made = made.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        signed = made.sign(signer or key, hashes.SHA256())
        files = self.folder / f"{signed.serial_number}.pem", self.folder / f"{signed.serial_number}.key"
        files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return files


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return made.serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)


@dataclass
class Standing:
    """A server that stands somewhere: what it was asked, and how many came."""

    port: int
    came: int = 0
    asked: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


def html(words: str) -> bytes:
    """A page of a hotspot that wants everybody to log in."""
    content = f"<html><body>{words}</body></html>".encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n%b" % (len(content), content)


@contextmanager
def standing(
    files: tuple[Path, Path] | None, says: bytes = b"", *, version: ssl.TLSVersion | None = None, forever: bytes = b""
) -> Iterator[Standing]:
    """Listen, with TLS if there is a certificate; say ``says`` to whoever asks, and ``forever`` until they hang up."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    made = Standing(listener.getsockname()[1])
    context = _context(files, version) if files else None
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            made.came += 1
            with suppress(OSError), connection:
                connection.settimeout(5)
                _answer(connection, context, made, says, forever)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield made
    finally:
        over.set()
        thread.join()
        listener.close()


def _context(files: tuple[Path, Path], version: ssl.TLSVersion | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    if version is not None:
        _only(context, version)
    return context


def _only(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version


def greets(port: int, version: ssl.TLSVersion) -> bool:
    """Whether a client that takes everything gets through to it: only then does a refusal prove anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _only(context, version)
    with socket.create_connection(("127.0.0.1", port), 5) as plain, context.wrap_socket(plain) as line:
        return line.version() is not None


def _answer(
    connection: socket.socket, context: ssl.SSLContext | None, made: Standing, says: bytes, forever: bytes
) -> None:
    line = context.wrap_socket(connection, server_side=True) if context else connection
    with line:
        if found := _request(line):
            made.asked.append(found)
            line.sendall(says)
        while forever:
            line.sendall(forever)


def _request(line: socket.socket) -> bytes:
    """All of it: who is answered in the middle of speaking takes the line for cut."""
    found = b""
    while part := line.recv(65_536):
        found += part
        head, is_there, content = found.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if is_there and len(content) >= (int(length[1]) if length else 0):
            break
    return found
