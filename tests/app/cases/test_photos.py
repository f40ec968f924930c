"""Photos go in small, upright and without a location; what is no photo is said plainly."""

from __future__ import annotations

import io
import random
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from app.cases import photos
from app.policy.access import Actor
from app.records import Attachment
from tests.support.desks import VILLAGE, WORKER, a_person, new_desk

DIRECTOR = Actor("worker-1", "测试员甲", "child_director", VILLAGE)


def a_jpeg(width: int = 3000, height: int = 2000) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "金丝雀说明"
    exif.get_ifd(0x8769)[36867] = "2026:11:20 10:00:00"
    exif.get_ifd(0x8825)[2] = (27.0, 20.0, 10.0)
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def test_a_large_photo_is_shrunk_and_loses_its_location() -> None:
    photo = photos.prepare(a_jpeg(), "照片.jpg")
    assert len(photo.content) <= photos.MOST_BYTES
    assert max(photo.width, photo.height) <= photos.LONGEST_SIDE
    assert photo.taken_on == date(2026, 11, 20)
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert dict(kept.getexif()) == {}
        assert dict(kept.getexif().get_ifd(0x8825)) == {}


def test_a_file_that_is_no_photo_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "照片.heic"
    path.write_bytes(b"ftypheic not a picture")
    with pytest.raises(photos.PhotoUnreadable, match="另存为 JPG"):
        photos.read_photo(path)
    with pytest.raises(photos.PhotoUnreadable, match="打不开"):
        photos.read_photo(tmp_path / "没有这个文件.jpg")


def test_an_attached_photo_is_encrypted_on_disk_and_reads_back(tmp_path: Path) -> None:
    desk = new_desk(tmp_path / "desk")
    person = desk.save(WORKER, (None, a_person())).records[0]
    photo = photos.prepare(a_jpeg(400, 300), "照片.jpg")
    photos.attach(desk, DIRECTOR, person.id, [photo])
    (attachment,) = desk.find(Attachment, subject=person.id)
    assert desk.blob(attachment.sha256 or "") == photo.content
    files = [path for path in (tmp_path / "desk" / "attachments").rglob("*") if path.is_file()]
    assert len(files) == 1
    assert photo.content[:64] not in files[0].read_bytes()
    desk.close()


def test_photos_that_were_chosen_together_are_saves_of_their_own_and_are_undone_together(tmp_path: Path) -> None:
    desk = new_desk(tmp_path / "desk")
    person = desk.save(WORKER, (None, a_person())).records[0]
    before = desk.pending()
    chosen = [photos.prepare(a_jpeg(400 + n, 300), f"照片{n}.jpg") for n in range(3)]
    attached = photos.attach(desk, DIRECTOR, person.id, chosen)
    assert (len(attached.records), desk.pending() - before) == (3, 3)
    desk.undo(WORKER, attached.batch)
    assert desk.find(Attachment, subject=person.id) == []
    desk.close()


@pytest.mark.filterwarnings("ignore")
def test_a_damaged_photo_of_any_format_is_said_and_nothing_else_happens() -> None:
    """Bytes changed at random, the same ones every time: the parsers raise errors of many kinds for them."""
    chance = random.Random(1)
    whole = []
    for kind in ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"):
        out = io.BytesIO()
        Image.new("RGB", (64, 64)).save(out, kind)
        whole.append(out.getvalue())
    refused = 0
    for _ in range(1_500):
        changed = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 6)):
            changed[chance.randrange(min(len(changed), 200))] = chance.randrange(256)
        try:
            photos.prepare(bytes(changed), "测试.jpg")
        except photos.PhotoUnreadable:
            refused += 1
    assert refused > 100


def test_a_drawing_that_another_program_would_have_to_read_is_refused() -> None:
    script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"
    with pytest.raises(photos.PhotoUnreadable):
        photos.prepare(script, "测试.jpg")
