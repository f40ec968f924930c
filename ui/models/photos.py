"""Photos as they are kept: at most 1600 pixels and 300 kB, without the place they were taken at (sync.md)."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageReader

from app.errors import UserError

LONGEST, HEAVIEST = 1600, 300_000
_PHONE_FORMATS = (".heic", ".heif", ".avif", ".dng", ".livp")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo ready to be kept, and the day on which it was taken, if it says so."""

    content: bytes
    taken_on: date | None
    title: str = ""


Read = Callable[[], tuple[list[Photo], list[UserError]]]
"""Reads photos off the window's thread; the ones that could not be read come as errors beside."""


def from_file(path: Path) -> Photo:
    """Read, turn upright, make smaller, leave everything but the picture out. Raises UserError."""
    if path.suffix.lower() in _PHONE_FORMATS:
        raise UserError(
            f"「{path.name}」是手机专用的格式，读不了，别的照片没有受影响。",
            advice="请在手机的相机设置里选「兼容性最佳」（JPG），或者把照片发给自己再保存。",
        )
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    image = reader.read()
    if image.isNull():
        raise UserError(f"「{path.name}」不是能读的照片，别的照片没有受影响。", advice="请换成 JPG 或 PNG 再试。")
    return Photo(_small_enough(image), _taken_on(path), path.stem[:60])


def from_image(image: QImage, today: date) -> Photo:
    """A photo that was pasted."""
    return Photo(_small_enough(image), today)


def _small_enough(image: QImage) -> bytes:
    side = LONGEST
    while True:
        fitted = _fitted(image, side)
        for quality in (85, 70, 55):
            content = _as_jpeg(fitted, quality)
            if len(content) <= HEAVIEST:
                return content
        side = side * 3 // 4


def _fitted(image: QImage, side: int) -> QImage:
    if max(image.width(), image.height()) <= side:
        return image
    keep = Qt.AspectRatioMode.KeepAspectRatio
    return image.scaled(side, side, keep, Qt.TransformationMode.SmoothTransformation)


def _as_jpeg(image: QImage, quality: int) -> bytes:
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.convertToFormat(QImage.Format.Format_RGB32).save(buffer, "JPEG", quality)  # type: ignore[call-overload]
    return bytes(held.data())


def _taken_on(path: Path) -> date | None:
    """The camera's own date; without one the file's."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            exif = image.getexif()
            said = exif.get_ifd(0x8769).get(0x9003) or exif.get(0x0132)
        if said:
            return datetime.strptime(str(said)[:10], "%Y:%m:%d").date()
    except (UnidentifiedImageError, ValueError, OSError):
        pass
    return date.fromtimestamp(path.stat().st_mtime)
