"""Backups: read back when made, restored beside and never over, refused when changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import FixedClock
from app.errors import WorkspaceExists, WrongPassphrase
from app.records import Attachment, Person
from app.store import open_store
from app.store.backup import BackupExists, NotABackup, examine, make_backup, restore_backup
from app.store.workspace import Workspace
from tests.support.desks import NOW, PASSPHRASE, WORKER, a_person, new_desk

CLOCK = FixedClock(NOW)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Workspace]:
    store = new_desk(tmp_path / "desk", CLOCK)
    (person,) = store.save(WORKER, (None, a_person(name="李䶮"))).records
    digest = store.attach_blob(b"a drawn face")
    store.save(WORKER, (None, Attachment(subject=person.id, sha256=digest, size=12)))
    yield store
    store.close()


def test_a_restored_backup_holds_every_record_and_photo(desk: Workspace, tmp_path: Path) -> None:
    made = make_backup(desk, tmp_path / "stick" / "copy.swb")
    assert (made.records, made.attachments) == (2, 1)
    restore_backup(made.file, tmp_path / "new", PASSPHRASE)
    again = open_store(tmp_path / "new", PASSPHRASE, clock=CLOCK)
    try:
        assert [person.name for person in again.find(Person)] == ["李䶮"]
        (photo,) = again.find(Attachment)
        assert again.blob(photo.sha256 or "") == b"a drawn face"
    finally:
        again.close()


def test_a_backup_shows_no_name(desk: Workspace, tmp_path: Path) -> None:
    file = make_backup(desk, tmp_path / "copy.swb").file
    assert "李䶮".encode() not in file.read_bytes()


def test_an_earlier_backup_is_never_overwritten(desk: Workspace, tmp_path: Path) -> None:
    file = make_backup(desk, tmp_path / "copy.swb").file
    before = file.read_bytes()
    with pytest.raises(BackupExists):
        make_backup(desk, file)
    assert file.read_bytes() == before


def test_nothing_is_restored_over_a_folder_with_something_in_it(desk: Workspace, tmp_path: Path) -> None:
    file = make_backup(desk, tmp_path / "copy.swb").file
    with pytest.raises(WorkspaceExists):
        restore_backup(file, desk.folder, PASSPHRASE)
    assert desk.count(Person) == 1


def test_a_wrong_passphrase_restores_nothing(desk: Workspace, tmp_path: Path) -> None:
    file = make_backup(desk, tmp_path / "copy.swb").file
    with pytest.raises(WrongPassphrase):
        restore_backup(file, tmp_path / "new", "不是这个口令")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_one_changed_byte_is_noticed_before_anything_is_restored(
    desk: Workspace, tmp_path: Path, share: float
) -> None:
    file = make_backup(desk, tmp_path / "copy.swb").file
    content = bytearray(file.read_bytes())
    content[int(len(content) * share)] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(NotABackup):
        restore_backup(file, tmp_path / "new", PASSPHRASE)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"a text"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(NotABackup):
        restore_backup(tmp_path / "file", tmp_path / "new", PASSPHRASE)


def test_a_sound_workspace_is_said_to_be_sound(desk: Workspace) -> None:
    found = examine(desk)
    assert found.is_sound
    assert found.records == 2


def test_a_damaged_page_is_found(desk: Workspace, tmp_path: Path) -> None:
    desk.save(WORKER, *((None, a_person(name=f"测试{number}")) for number in range(300)))
    examine(desk)
    path = desk.folder / "shouwang.db"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert not examine(desk).is_sound


def test_a_photo_whose_file_was_changed_is_found(desk: Workspace) -> None:
    (sealed,) = (desk.folder / "attachments").glob("*/*")
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    assert any("照片" in problem for problem in examine(desk).problems)


def test_the_check_leaves_the_roll_as_it_was(desk: Workspace) -> None:
    assert examine(desk).is_sound
    assert examine(desk).is_sound
    assert [hit.name for hit in desk.search("李䶮")] == ["李䶮"]
