"""Photos for a person's file: read, turned upright, shrunk, stripped of where they were taken, and attached."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from pathlib import Path

from app.errors import Cancelled, UserError
from app.policy import access
from app.policy.access import Actor
from app.records import Attachment, Person
from app.records.ids import new_id
from app.store.results import Changes
from app.store.workspace import Workspace

LONGEST_SIDE = 1600
MOST_BYTES = 300_000
MOST_PIXELS = 60_000_000
LARGEST_FILE = 40 << 20
QUALITIES = (85, 75, 65, 55, 45, 35)
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff"})
FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "GIF", "TIFF")
"""No others: the library would start other programs for some of them."""
_TAKEN = 36867  # EXIF DateTimeOriginal


class PhotoUnreadable(UserError):
    """A file that is no photo this program can read."""

    code = "A2"


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo ready to be kept: JPEG, at most 1600 px and 300 kB, no location; ``taken_on`` by the camera's clock."""

    content: bytes
    width: int
    height: int
    taken_on: date | None
    title: str


def read_photo(path: Path) -> Photo:
    """A photo from a file. Raises PhotoUnreadable with what to do."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise PhotoUnreadable(f"没有加入。「{path.name}」太大了。", advice="请换一张 40 兆以内的照片。")
        return prepare(path.read_bytes(), path.name)
    except OSError:
        raise PhotoUnreadable(f"没有加入。「{path.name}」打不开。", advice="请检查手机或 U 盘是否还连着。") from None


def prepare(content: bytes, title: str) -> Photo:
    """A photo from bytes, such as the clipboard's. Raises PhotoUnreadable."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise PhotoUnreadable(f"没有加入。「{title}」像素太多。", advice="请在手机上选小一点的尺寸再传。")
            taken_on = _taken_on(image.getexif().get_ifd(0x8769).get(_TAKEN))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except PhotoUnreadable:
        raise
    except (MemoryError, Cancelled):
        raise
    except Exception:  # what the parsers raise for hostile bytes is of any kind
        raise PhotoUnreadable(
            f"没有加入。「{title}」不是能读的照片。", advice="苹果手机的 HEIC 照片请先在手机上另存为 JPG。"
        ) from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return Photo(_squeezed(upright), upright.width, upright.height, taken_on, title)


def _squeezed(image: object) -> bytes:
    """As JPEG below the limit; written anew, so nothing of the camera's notes goes along."""
    from PIL import Image

    assert isinstance(image, Image.Image)
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= MOST_BYTES:
                return out.getvalue()
        image = image.resize((image.width * 3 // 4, image.height * 3 // 4))


def _taken_on(text: object) -> date | None:
    try:
        return datetime.strptime(str(text)[:10], "%Y:%m:%d").date()
    except ValueError:
        return None


def attach(
    store: Workspace, actor: Actor, person_id: str, photos: Sequence[Photo], *, about: str = "", kind: str = "photo"
) -> Changes:
    """Put photos into a person's file, encrypted; the bytes follow the text to the county in a queue of their own."""
    person = store.require(Person, person_id)
    access.require(actor, "write", "attachment", person.org or "")
    attached = [
        Attachment(
            id=new_id(), subject=person_id, about=about or None, kind=kind, title=photo.title[:100],
            sha256=store.attach_blob(photo.content), size=len(photo.content), media_type="image/jpeg",
            taken_on=photo.taken_on,
        )
        for photo in photos
    ]  # fmt: skip
    # Each is a save of its own: what may have to be handed over sealed is small enough for a bad line.
    batch = new_id()
    saved = [store.save(actor, (None, each), verb="attach", batch=batch) for each in attached]
    return reduce(or_, saved, Changes())
