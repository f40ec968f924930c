"""Files on a stick: whole or not at all, and never one of ours when it cannot be."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from app.errors import UserError

SUFFIX = ".swp"
LARGEST = 65 << 20
"""No parcel is larger."""


def write_file(file: Path, content: bytes) -> None:
    """The whole file or none of it, also when the stick is pulled out."""
    beside = file.with_name(file.name + ".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        beside.replace(file)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise UserError(
            f"没有写成，资料没有动。「{file}」写不进去。", advice="请看看 U 盘是不是满了，或者换一个地方。"
        ) from error


def begins_with(file: Path, kind: bytes) -> bool:
    """Whether a file begins so; not when it cannot be read."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(kind)) == kind
    except OSError:
        return False


def read_file(file: Path) -> bytes:
    """Raises UserError when it is not there, or larger than any of ours."""
    try:
        if file.stat().st_size > LARGEST:
            raise UserError(f"没有读入，什么都没有改动。「{file}」太大。", advice="请选对文件再试。")
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"没有读入，什么都没有改动。打不开「{file}」。", advice="请看看 U 盘插好没有。") from error
