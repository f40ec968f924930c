"""What a worker meets when the folder, the key file or the clock is not as it should be: a sentence, and no harm."""

from __future__ import annotations

import errno
import json
import multiprocessing
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.errors import (
    DiskFull,
    FolderNotWritable,
    StoreDamaged,
    TooManyTries,
    UserError,
    WeakPassphrase,
    WorkspaceExists,
    WorkspaceMissing,
    WrongPassphrase,
)
from app.store import Post, create_store, open_store, vault
from app.store import workspace as workspaces
from tests.support.desks import CHEAP_KEYS, PASSPHRASE, VILLAGE, WORKER, a_person, new_desk
from tests.support.patience import PATIENCE

POST = Post(VILLAGE, "child_director", "练习村儿童主任")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_desk(tmp_path / "desk").close()
    return tmp_path / "desk"


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / vault.FILE).read_text("utf-8"))
    return found


def tell(folder: Path, **changed: object) -> None:
    (folder / vault.FILE).write_text(json.dumps({**told(folder), **changed}), "utf-8")


# The key file


@pytest.mark.parametrize(
    "content", ["", "[]", "null", "5", "{}", "王", "[" * 100_000, '{"version": "1"}', '{"version": 1, "wraps": "x"}']
)
def test_a_key_file_that_is_none_is_said_to_be_damaged(folder: Path, content: str) -> None:
    (folder / vault.FILE).write_text(content, "utf-8")
    with pytest.raises(StoreDamaged):
        open_store(folder, PASSPHRASE)


@pytest.mark.parametrize(
    "changed",
    [
        {"wraps": None}, {"wraps": []}, {"check": 5}, {"check": "é"}, {"failures": "many"}, {"failed_at": []},
        {"failed_at": float("nan")}, {"failures": 1e400},
    ],
)  # fmt: skip
def test_a_key_file_edited_by_hand_is_said_to_be_damaged(folder: Path, changed: dict[str, object]) -> None:
    tell(folder, **changed)
    with pytest.raises(StoreDamaged):
        open_store(folder, PASSPHRASE)


@pytest.mark.parametrize("changed", [{"salt": "AAAA"}, {"nonce": "AAAA"}, {"salt": "é"}, {"sealed": 7}])
def test_a_wrap_that_was_cut_is_said_to_be_damaged(folder: Path, changed: dict[str, object]) -> None:
    wraps = told(folder)["wraps"]
    tell(folder, wraps=[{**wraps[0], **changed}, *wraps[1:]])
    with pytest.raises(StoreDamaged):
        open_store(folder, PASSPHRASE)


def test_a_counter_of_a_thousand_million_tries_waits_and_does_not_compute_for_ever(folder: Path) -> None:
    tell(folder, failures=10**9, failed_at=time.time())
    with pytest.raises(TooManyTries):
        open_store(folder, PASSPHRASE)


def test_the_wait_ends_although_the_clock_was_ten_years_ahead_when_it_began(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(folder, failures=vault.FREE_TRIES, failed_at=time.time() + 10 * 365 * 86_400)
    with pytest.raises(TooManyTries):
        open_store(folder, PASSPHRASE)
    later = time.time() + vault.LONGEST_WAIT
    monkeypatch.setattr(time, "time", lambda: later)
    open_store(folder, PASSPHRASE).close()


def test_wrong_tries_at_once_are_all_counted_and_leave_the_keys_whole(folder: Path) -> None:
    faults: list[Exception] = []

    def guess() -> None:
        try:
            vault.unlock(folder, "不是这个口令呀")
        except (WrongPassphrase, TooManyTries):
            pass
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert told(folder)["failures"] >= vault.FREE_TRIES
    tell(folder, failures=0)
    open_store(folder, PASSPHRASE).close()


def test_a_wrong_try_elsewhere_does_not_bring_the_old_passphrase_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process derives the key of its wrong guess, the worker changes the passphrase."""
    desk = open_store(folder, PASSPHRASE)
    try_all = vault._try_all

    def meanwhile(keys: vault.Vault, secret: str) -> tuple[bytes | None, str]:
        found = try_all(keys, secret)
        desk.change_passphrase("新的练习口令")
        return found

    monkeypatch.setattr(vault, "_try_all", meanwhile)
    with pytest.raises(WrongPassphrase):
        vault.unlock(folder, "不是这个口令呀")
    monkeypatch.undo()
    monkeypatch.setattr(vault, "_ARGON", CHEAP_KEYS)
    desk.close()
    open_store(folder, "新的练习口令").close()


def test_a_passphrase_in_no_known_encoding_is_wrong_and_cannot_be_chosen(folder: Path) -> None:
    with pytest.raises(WrongPassphrase):
        open_store(folder, "练习\udcff口令呀呀")
    with pytest.raises(WeakPassphrase):
        create_store(folder.parent / "new", "练习\udcff口令呀呀", post=POST, holder_name="测试员甲")


@pytest.mark.parametrize("number, said", [(errno.ENOSPC, DiskFull), (errno.EROFS, FolderNotWritable)])
def test_a_wrong_passphrase_on_a_disk_that_cannot_be_written_is_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: type[Exception]
) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(number, "no")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(said):
        open_store(folder, "不是这个口令呀")


# The folder


def test_a_file_or_a_folder_in_the_wrong_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceMissing):
        open_store(tmp_path / "file", PASSPHRASE)
    with pytest.raises(WorkspaceMissing):
        open_store(tmp_path / ("长" * 120), PASSPHRASE)
    (tmp_path / "odd" / vault.FILE).mkdir(parents=True)
    with pytest.raises((StoreDamaged, FolderNotWritable)):
        open_store(tmp_path / "odd", PASSPHRASE)


@pytest.mark.parametrize("name", ["长" * 120, "a\0b"])
def test_a_folder_name_that_no_disk_takes_is_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(FolderNotWritable):
        create_store(tmp_path / name, PASSPHRASE, post=POST, holder_name="测试员甲")


def test_a_long_path_with_blanks_and_chinese_works(tmp_path: Path) -> None:
    folder = tmp_path / ("张 村 " * 15) / ("资 料" * 12)
    new_desk(folder).close()
    open_store(folder, PASSPHRASE).close()


# The file


@pytest.mark.parametrize("content", [None, b""])
def test_a_store_that_is_gone_is_said_and_not_replaced_by_an_empty_one(folder: Path, content: bytes | None) -> None:
    (folder / workspaces.FILE).unlink()
    if content is not None:
        (folder / workspaces.FILE).write_bytes(content)
    with pytest.raises(StoreDamaged):
        open_store(folder, PASSPHRASE)
    assert not (folder / workspaces.FILE).exists() or (folder / workspaces.FILE).stat().st_size == 0


@pytest.mark.parametrize("step", ["_make_file", "_finish_file", "_opened", "vault.create"])
def test_a_creation_that_was_killed_leaves_nothing_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Killed before a step, cleaning up included: the next start makes a workspace or opens this one."""

    def killed(*_: object, **__: object) -> None:
        raise SystemExit

    monkeypatch.setattr(f"app.store.workspace.{step}", killed)
    monkeypatch.setattr("app.store.workspace._clear", lambda *_: None)
    with pytest.raises(SystemExit):
        create_store(tmp_path / "desk", PASSPHRASE, post=POST, holder_name="测试员甲")
    monkeypatch.undo()
    monkeypatch.setattr(vault, "_ARGON", CHEAP_KEYS)
    if (tmp_path / "desk" / vault.FILE).exists():
        desk = open_store(tmp_path / "desk", PASSPHRASE)
    else:
        desk = create_store(tmp_path / "desk", PASSPHRASE, post=POST, holder_name="测试员甲").store
    desk.save(WORKER, (None, a_person()))
    desk.close()


@pytest.mark.parametrize("name", ["", "  ", "测" * 51, "测\udcff", "测\n试"])
def test_a_name_that_is_none_makes_no_workspace(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError):
        create_store(tmp_path / "desk", PASSPHRASE, post=POST, holder_name=name)
    assert not (tmp_path / "desk").exists()


def _make(folder: Path, go: Callable[[], object], answers: Any) -> None:
    vault._ARGON = CHEAP_KEYS
    go()
    try:
        create_store(folder, PASSPHRASE, post=POST, holder_name="测试员甲").store.close()
        answers.put("made")
    except WorkspaceExists:
        answers.put("exists")
    except Exception as error:
        answers.put("in use" if type(error).__name__ == "WorkspaceInUse" else repr(error))


def test_eight_processes_that_make_one_workspace_make_one(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answers, barrier = context.Queue(), context.Barrier(8)
    starts = [context.Process(target=_make, args=(tmp_path / "desk", barrier.wait, answers)) for _ in range(8)]
    for start in starts:
        start.start()
    found = [answers.get(timeout=PATIENCE) for _ in starts]
    for start in starts:
        start.join()
    assert found.count("made") == 1
    assert set(found) <= {"made", "exists", "in use"}
    open_store(tmp_path / "desk", PASSPHRASE).close()


def test_closing_twice_is_no_fault(folder: Path) -> None:
    desk = open_store(folder, PASSPHRASE)
    desk.close()
    desk.close()


# Photos


@pytest.mark.parametrize("damaged", [b"", b"12345", b"x" * 40])
def test_a_damaged_photo_is_said_and_mended_when_it_comes_again(folder: Path, damaged: bytes) -> None:
    desk = open_store(folder, PASSPHRASE)
    digest = desk.attach_blob(b"a drawn face")
    file = next(path for path in (folder / "attachments").rglob("*") if path.is_file())
    file.write_bytes(damaged)
    with pytest.raises(StoreDamaged):
        desk.blob(digest)
    desk.attach_blob(b"a drawn face")
    assert desk.blob(digest) == b"a drawn face"
    desk.close()
