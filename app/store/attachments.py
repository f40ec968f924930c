"""Photos and papers: encrypted files beside the store, found by the SHA-256 of their content."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import NotFound, StoreDamaged
from app.store.connection import plain_errors
from app.store.parts import Held, attachments_in

if TYPE_CHECKING:
    from sqlite_utils import Database

NONCE, TAG, LENGTH = 12, 16, 4
PART = ".part"


def queue_arriving(db: Database, type_: str, found: Iterable[tuple[str, Held]]) -> None:
    """What these records bear, or what they propose would bring, is to come from the county."""
    if type_ in ("attachment", "proposal"):
        wanted = [told for _, held in found for told in attachments_in(type_, held[0])]
        db.conn.executemany("INSERT OR IGNORE INTO transfer VALUES (?, 'down', 0, ?)", wanted)


class BlobFolder:
    """The folder of encrypted files. File names are keyed hashes: they tell nothing about the content."""

    def __init__(self, folder: Path, data_key: bytes) -> None:
        self._folder = folder
        self._names = hmac.new(data_key, b"blob names", sha256).digest()
        self._key = hmac.new(data_key, b"blob content", sha256).digest()

    def put(self, content: bytes) -> str:
        """Keep the content; gives its SHA-256. The same content twice is kept once. Raises DiskFull."""
        digest = sha256(content).hexdigest()
        path = self._path(digest)
        with plain_errors():
            if not self._is_sound(digest):  # a damaged file is written anew when its content comes again
                self._write(path, self._seal(content, digest))
            path.with_suffix(PART).unlink(missing_ok=True)
        return digest

    def begun(self, digest: str) -> bytes:
        """What has come of a content that still comes in parts; a part that was half written has not come."""
        try:
            kept = self._path(digest).with_suffix(PART).read_bytes()
        except OSError:
            return b""
        content, _ = self._parts(digest, kept)
        return content

    def add(self, digest: str, start: int, part: bytes) -> None:
        """Keep the part that follows on the ``start`` bytes that had come. Raises DiskFull."""
        path = self._path(digest).with_suffix(PART)
        with plain_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("r+b" if path.exists() else "w+b") as file:
                _, sound = self._parts(digest, file.read(), start)
                file.seek(sound)
                file.truncate()
                sealed = self._seal(part, f"{digest} {start}")
                file.write(len(sealed).to_bytes(LENGTH) + sealed)

    def _parts(self, digest: str, kept: bytes, most: int | None = None) -> tuple[bytes, int]:
        """The content of sound parts in their order, and how many bytes of the file they take."""
        content, at = b"", 0
        while most is None or len(content) < most:
            end = at + LENGTH + int.from_bytes(kept[at : at + LENGTH])
            part = self._unsealed(kept[at + LENGTH : end], f"{digest} {len(content)}")
            if not part:
                break
            content, at = content + part, end
        return content, at

    def get(self, digest: str) -> bytes:
        """The content of this SHA-256. Raises NotFound when it is not here yet, StoreDamaged when it was changed."""
        try:
            sealed = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound("这张照片还没有传到这台电脑。", advice="有网络时会自动传来。") from None
        except OSError as error:
            raise _damaged() from error
        content = self._unsealed(sealed, digest)
        if content is None:
            raise _damaged()
        return content

    def has(self, digest: str) -> bool:
        """Whether the content is on this laptop."""
        return self._path(digest).exists()

    def drop(self, digest: str) -> None:
        """Take the content away, if it is here, and what has come of it."""
        with plain_errors():
            for path in (self._path(digest), self._path(digest).with_suffix(PART)):
                path.unlink(missing_ok=True)

    def _is_sound(self, digest: str) -> bool:
        try:
            self.get(digest)
        except (NotFound, StoreDamaged):
            return False
        return True

    def _seal(self, content: bytes, name: str) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, content, name.encode())

    def _unsealed(self, sealed: bytes, name: str) -> bytes | None:
        """None when it is not what was sealed under this name."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(sealed) < NONCE + TAG:
            return None
        try:
            return AESGCM(self._key).decrypt(sealed[:NONCE], sealed[NONCE:], name.encode())
        except InvalidTag:
            return None

    def _path(self, digest: str) -> Path:
        name = hmac.new(self._names, digest.encode(), sha256).hexdigest()
        return self._folder / name[:2] / name

    def _write(self, path: Path, sealed: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        with beside.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)


def _damaged() -> StoreDamaged:
    return StoreDamaged("这张照片的文件坏了，其他资料没有受影响。", advice="县里有的话会重新传来。")
