"""Photos and papers: encrypted files beside the store, found by the SHA-256 of their content."""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from app.errors import NotFound, StoreDamaged
from app.store.connection import plain_errors

NONCE = 12


class BlobFolder:
    """The folder of encrypted files. File names are keyed hashes: they tell nothing about the content."""

    def __init__(self, folder: Path, data_key: bytes) -> None:
        self._folder = folder
        self._names = hmac.new(data_key, b"blob names", sha256).digest()
        self._key = hmac.new(data_key, b"blob content", sha256).digest()

    def put(self, content: bytes) -> str:
        """Keep the content; gives its SHA-256. The same content twice is kept once. Raises DiskFull."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        digest = sha256(content).hexdigest()
        path = self._path(digest)
        if not self._is_sound(digest):  # a damaged file is written anew when its content comes again
            nonce = secrets.token_bytes(NONCE)
            sealed = nonce + AESGCM(self._key).encrypt(nonce, content, digest.encode())
            with plain_errors():
                self._write(path, sealed)
        return digest

    def get(self, digest: str) -> bytes:
        """The content of this SHA-256. Raises NotFound when it is not here yet, StoreDamaged when it was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            sealed = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound("这张照片还没有传到这台电脑。", advice="有网络时会自动传来。") from None
        except OSError as error:
            raise _damaged() from error
        try:
            return AESGCM(self._key).decrypt(sealed[:NONCE], sealed[NONCE:], digest.encode())
        except (InvalidTag, ValueError):  # a file cut to less than its nonce is no InvalidTag
            raise _damaged() from None

    def has(self, digest: str) -> bool:
        """Whether the content is on this laptop."""
        return self._path(digest).exists()

    def drop(self, digest: str) -> None:
        """Take the content away, if it is here."""
        with plain_errors():
            self._path(digest).unlink(missing_ok=True)

    def _is_sound(self, digest: str) -> bool:
        try:
            self.get(digest)
        except (NotFound, StoreDamaged):
            return False
        return True

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
