"""The keys of a workspace: one random data key, wrapped once for each person and once for the recovery code.

``vault.json`` holds no names and no secret in clear. A passphrase is judged by unwrapping the data key, never by
opening the store with it. Parameters: argon2id, 64 MiB, t=3, p=4 (RFC 9106's low-memory choice; design.md).
"""

from __future__ import annotations

import base64
import errno
import hmac
import json
import math
import os
import secrets
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.errors import StoreDamaged, StoreTooNew, TooManyTries, WeakPassphrase, WorkspaceMissing, WrongPassphrase
from app.store.disk import disk_fault, not_writable
from app.store.lock import alone

VERSION = 1
FILE = "vault.json"
KEY_BYTES = 32
SALT, NONCE = 16, 12
FREE_TRIES = 5
MOST_TRIES = 1_000
"""No more are counted: the wait is the longest long before."""
LONGEST_WAIT = 300.0
LOCK = "vault.lock"
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})
_ARGON = {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 4}
# Crockford's alphabet: no letter is mistaken for a digit when copied by hand.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_COMMON = frozenset(
    [
        "12345678",
        "123456789",
        "1234567890",
        "87654321",
        "11111111",
        "88888888",
        "66666666",
        "00000000",
        "password",
        "qwertyui",
        "qwerty123",
        "abc12345",
        "abcd1234",
        "a1234567",
        "a12345678",
        "aa123456",
        "iloveyou",
        "woaini1314",
        "5201314520",
        "zhaotong",
        "shouwang",
        "ertongzhuren",
    ]
)


@dataclass(frozen=True, slots=True)
class Wrap:
    """The data key under one secret. ``holder`` is the id of a person, or "recovery".

    ``cost`` is what deriving from the secret takes – passes, KiB, lanes – so that new wraps can cost more later.
    """

    holder: str
    salt: bytes
    nonce: bytes
    sealed: bytes
    cost: tuple[int, int, int]

    def told(self) -> bytes:
        """Everything that the vault's check covers."""
        return self.holder.encode() + self.salt + self.nonce + self.sealed + repr(self.cost).encode()


@dataclass(frozen=True, slots=True)
class Vault:
    """What ``vault.json`` says; ``check`` ties the wraps to the data key, so that none can be slipped in."""

    wraps: tuple[Wrap, ...]
    check: bytes
    failures: int = 0
    failed_at: float = 0.0


def new_key() -> bytes:
    """A data key for a new store."""
    return secrets.token_bytes(KEY_BYTES)


def create(folder: Path, key: bytes, holder: str, passphrase: str) -> str:
    """Make the vault of a data key in a folder; gives the recovery code to be copied by hand.

    Raises WeakPassphrase.
    """
    refuse_weak(passphrase)
    code = new_recovery_code()
    wraps = (_wrapped(key, holder, passphrase), _wrapped(key, "recovery", _code_secret(code)))
    _write(folder, Vault(wraps, _check(key, wraps)))
    return code


def unlock(folder: Path, secret: str) -> tuple[bytes, str]:
    """The data key, and whose secret opened it. A recovery code opens it as "recovery".

    Raises WrongPassphrase, TooManyTries (the wait survives a restart), WorkspaceMissing, StoreDamaged, StoreTooNew.
    """
    vault = _read(folder)
    _wait_is_over(folder, vault)
    key, holder = _try_all(vault, secret)
    if key is None:
        left = FREE_TRIES - _count_failures(folder, 1)
        hint = f"还可以试 {left} 次，之后要等一等。" if left > 0 else "请等一等再试。"
        raise WrongPassphrase("资料都还在，只是口令不对。", advice="请检查大小写和输入法。" + hint)
    if not hmac.compare_digest(vault.check, _check(key, vault.wraps)):
        raise StoreDamaged("钥匙文件被改动过。请不要继续使用，联系县里处理；资料文件没有动。")
    if vault.failures:
        _count_failures(folder, 0)
    return key, holder


def _count_failures(folder: Path, more: int) -> int:
    """One more failure, or with 0 none any more; the wraps stay as they are at this moment. Gives the count."""
    with alone(folder / LOCK):
        vault = _read(folder)
        failures = min(vault.failures + more, MOST_TRIES) if more else 0
        _write(folder, replace(vault, failures=failures, failed_at=time.time()))
    return failures


def add_holder(folder: Path, key: bytes, holder: str, passphrase: str) -> None:
    """Give one more person a key, or the same person a new passphrase."""
    refuse_weak(passphrase)
    _change_wraps(folder, key, holder, _wrapped(key, holder, passphrase))


def renew_recovery_code(folder: Path, key: bytes) -> str:
    """A new recovery code; the old one opens nothing from now on."""
    code = new_recovery_code()
    _change_wraps(folder, key, "recovery", _wrapped(key, "recovery", _code_secret(code)))
    return code


def _change_wraps(folder: Path, key: bytes, holder: str, *new: Wrap) -> None:
    """Put a holder's wrap in place of the old one. Slow work is done before, for the turn is short."""
    with alone(folder / LOCK):
        vault = _read(folder)
        wraps = (*(wrap for wrap in vault.wraps if wrap.holder != holder), *new)
        _write(folder, replace(vault, wraps=wraps, check=_check(key, wraps)))


def refuse_weak(passphrase: str) -> None:
    """At least 8 characters, or 4 Chinese ones, and not one of the commonest (ASVS 6.2.1, 6.2.4)."""
    text = unicodedata.normalize("NFKC", passphrase)
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise WeakPassphrase("口令里有认不出的字符，还没有设置。", advice="请换一个，用汉字、字母和数字。")
    chinese = sum("\u3400" <= sign <= "\u9fff" for sign in text)
    if len(text) < 8 and chinese < 4:
        raise WeakPassphrase("口令太短，还没有设置。", advice="请用至少 8 个字符，或至少 4 个汉字。")
    if text.lower() in _COMMON or len(set(text)) < 4:
        raise WeakPassphrase("这个口令太常见，还没有设置。", advice="请换一个别人不容易想到的。")


def new_recovery_code() -> str:
    """128 random bits as groups of four letters and digits, each group of the seven with its own check letter."""
    number = secrets.randbits(128) << 2
    digits = "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
    body = digits + _ALPHABET[secrets.randbelow(32)] * 2
    return "-".join(body[at : at + 4] + _group_check(body[at : at + 4], at // 4) for at in range(0, 28, 4))


def recovery_code_groups(text: str) -> list[tuple[str, bool]]:
    """The groups of a code as typed, each with whether its own check letter agrees: shows which one was miscopied."""
    groups = [group for group in _tidy(text).split("-") if group]
    return [
        (group, len(group) == 5 and _group_check(group[:4], place) == group[4]) for place, group in enumerate(groups)
    ]


def _tidy(code: str) -> str:
    text = unicodedata.normalize("NFKC", code).upper().translate(_LOOKALIKES)
    signs = "".join(sign for sign in text if sign in _ALPHABET)
    return "-".join(signs[at : at + 5] for at in range(0, len(signs), 5))


def _group_check(group: str, place: int) -> str:
    return _ALPHABET[(sum(_ALPHABET.index(sign) * (weight + 2) for weight, sign in enumerate(group)) + 7 * place) % 31]


def _code_secret(code: str) -> str:
    return "recovery:" + _tidy(code)


def _looks_like_a_code(text: str) -> bool:
    groups = recovery_code_groups(text)
    return len(groups) == 7 and all(right for _, right in groups)


def _try_all(vault: Vault, secret: str) -> tuple[bytes | None, str]:
    recovery = _looks_like_a_code(secret)
    for wrap in vault.wraps:
        if (wrap.holder == "recovery") == recovery:
            key = _unwrapped(wrap, _code_secret(secret) if recovery else secret)
            if key is not None:
                return key, wrap.holder
    return None, ""


def _wait_is_over(folder: Path, vault: Vault) -> None:
    if vault.failures < FREE_TRIES:
        return
    wait = min(LONGEST_WAIT, 5.0 * 2.0 ** (vault.failures - FREE_TRIES))
    now = time.time()
    if vault.failed_at > now:
        # The clock was set back: without counting anew from here the wait would last until the wrong year comes.
        with alone(folder / LOCK):
            _write(folder, replace(_read(folder), failed_at=now))
    left = wait - max(0.0, now - vault.failed_at)
    if left > 0:
        raise TooManyTries("资料都还在。口令连续输错了好几次。", advice=f"请过 {int(left) + 1} 秒再试。")


def _kek(secret: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    text = unicodedata.normalize("NFKC", secret).encode(errors="surrogatepass")
    passes, memory, lanes = cost
    derived: bytes = hash_secret_raw(text, salt, passes, memory, lanes, KEY_BYTES, Type.ID)
    return derived


def _wrapped(key: bytes, holder: str, secret: str) -> Wrap:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
    cost = (_ARGON["time_cost"], _ARGON["memory_cost"], _ARGON["parallelism"])
    sealed = AESGCM(_kek(secret, salt, cost)).encrypt(nonce, key, holder.encode())
    return Wrap(holder, salt, nonce, sealed, cost)


def _unwrapped(wrap: Wrap, secret: str) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(_kek(secret, wrap.salt, wrap.cost)).decrypt(wrap.nonce, wrap.sealed, wrap.holder.encode())
    except InvalidTag:
        return None


def _check(key: bytes, wraps: tuple[Wrap, ...]) -> bytes:
    told = b"".join(wrap.told() for wrap in wraps)
    return hmac.new(key, b"vault" + told, sha256).digest()


def _read(folder: Path) -> Vault:
    try:
        return _vault_from(json.loads((folder / FILE).read_text("utf-8")))
    except OSError as error:
        if error.errno in ABSENT:
            raise WorkspaceMissing(f"「{folder}」里没有守望的资料。", advice="请检查文件夹，或先新建。") from None
        raise disk_fault(error) or _unreadable() from error
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise _unreadable() from None


def _unreadable() -> StoreDamaged:
    return StoreDamaged("钥匙文件读不出来，资料文件没有动。", advice="请用最近的备份恢复。")


def _vault_from(found: Mapping[str, Any]) -> Vault:
    if found["version"] > VERSION:
        raise StoreTooNew("资料是用更新版本的守望写的，没有动它。", advice="请先升级守望再打开。")
    wraps = tuple(_wrap_from(wrap) for wrap in found["wraps"])
    if not wraps:
        raise ValueError("no key at all")
    failures, failed_at = int(found["failures"]), float(found["failed_at"])
    if not math.isfinite(failed_at):
        raise ValueError("no time")
    return Vault(wraps, base64.b64decode(found["check"]), min(max(failures, 0), MOST_TRIES), failed_at)


def _wrap_from(found: Mapping[str, Any]) -> Wrap:
    salt, nonce, sealed = (base64.b64decode(found[name]) for name in ("salt", "nonce", "sealed"))
    passes, memory, lanes = (int(number) for number in found["cost"])
    if (len(salt), len(nonce)) != (SALT, NONCE) or not _is_bearable(passes, memory, lanes):
        raise ValueError("no wrap of ours")
    return Wrap(str(found["holder"]), salt, nonce, sealed, (passes, memory, lanes))


def _is_bearable(passes: int, memory: int, lanes: int) -> bool:
    """Whoever edits the file must not be able to make opening take an hour or all memory."""
    return 1 <= passes <= 20 and 1 <= lanes <= 16 and 8 * lanes <= memory <= 1 << 20


def _write(folder: Path, vault: Vault) -> None:
    """Beside, flushed, then renamed: a power cut leaves the old file or the new one."""

    def text(raw: bytes) -> str:
        return base64.b64encode(raw).decode()

    wraps = [
        {
            "holder": wrap.holder,
            "salt": text(wrap.salt),
            "nonce": text(wrap.nonce),
            "sealed": text(wrap.sealed),
            "cost": list(wrap.cost),
        }
        for wrap in vault.wraps
    ]
    told = {
        "version": VERSION,
        "cipher": "sqlcipher4+argon2id+aes-256-gcm",
        "wraps": wraps,
        "check": text(vault.check),
        "failures": vault.failures,
        "failed_at": vault.failed_at,
    }
    beside = folder / (FILE + ".new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            json.dump(told, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / FILE)
    except OSError as error:
        raise disk_fault(error) or not_writable() from error
