"""What the surroundings may do to the command line: passphrases, folders, disks, clocks, and slips of the keyboard."""

from __future__ import annotations

import errno
import json
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest

from app.clock import FixedClock
from app.records.codes import code_list
from tests.support.command_line import VILLAGE, Shouwang, assert_refused
from tests.support.desks import NOW
from ui.__main__ import main as window
from ui.commands.answer import Asked, PassphraseMissing
from ui.commands.usage import ROLES


def test_a_wrong_passphrase_is_refused(desk: Shouwang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_PASSPHRASE", "不是这个口令")
    assert_refused(desk("list", "person"), "口令不对")


def test_without_a_passphrase_and_a_terminal_nothing_happens(desk: Shouwang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOUWANG_PASSPHRASE")
    assert_refused(desk("list", "person"), "没有口令")


def test_a_workspace_that_is_open_elsewhere_is_refused(desk: Shouwang, tmp_path: Path) -> None:
    from app.training.desks import reopened

    store = reopened(tmp_path / "desk", clock=FixedClock(NOW))
    try:
        assert_refused(desk("list", "person"), "已经开着")
    finally:
        store.close()


def test_a_folder_without_a_workspace_is_refused(shouwang: Shouwang) -> None:
    said = shouwang("list", "person", workspace="nowhere")
    assert said.status == 1
    assert "Traceback" not in said.err


def test_a_clock_in_2016_is_put_right_first(desk: Shouwang) -> None:
    clock = FixedClock(datetime(2016, 3, 1, tzinfo=UTC))
    said = desk("save", "person", stdin=json.dumps({"org": VILLAGE, "name": "甲", "sex": "1"}), clock=clock)
    assert_refused(said, "2016-03-01")
    assert desk("list", "person", "--json").value == []


@pytest.mark.parametrize(
    "fault, words",
    [
        (OSError(errno.ENOSPC, "No space left on device"), "硬盘满了"),
        (PermissionError(errno.EACCES, "Permission denied", "/a/place"), "「/a/place」不能读写"),
        (OSError(errno.EROFS, "Read-only file system", "/a/place"), "不能读写"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/a/place"), "是文件夹"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (MemoryError(), "内存不够"),
    ],
)
def test_what_the_computer_refuses_is_said_in_a_sentence(
    desk: Shouwang, monkeypatch: pytest.MonkeyPatch, fault: BaseException, words: str
) -> None:
    def refuse(asked: object) -> None:
        raise fault

    monkeypatch.setattr("ui.commands.records.list_", refuse)
    assert_refused(desk("list", "person"), words)


def test_a_folder_that_cannot_be_made_holds_no_workspace(shouwang: Shouwang, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    assert_refused(shouwang("init", "--org", VILLAGE, workspace="a file/desk"), "不能写")
    assert_refused(shouwang("init", "--org", VILLAGE, workspace="OneDrive/desk"), "网盘")


def test_a_practice_never_clears_a_folder_that_is_not_its_own(shouwang: Shouwang, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    assert_refused(shouwang("demo", "--no-window", "--dir", str(tmp_path / "mine")), "有别的文件")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep me"


def test_stopping_with_ctrl_c_is_no_fault(desk: Shouwang, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(asked: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ui.commands.records.list_", interrupted)
    assert_refused(desk("list", "person"), "已停下")


def test_an_unknown_place_makes_no_workspace(shouwang: Shouwang, tmp_path: Path) -> None:
    assert_refused(shouwang("init", "--org", "000000000001"), "没有区划代码")
    assert_refused(shouwang("init", "--org", VILLAGE, "--role", "king"), "没有岗位 king")
    assert_refused(shouwang("init", "--org", VILLAGE, "--role", "officer"), "没有这个岗位")
    assert not (tmp_path / "desk").exists()


def test_the_help_names_every_post_as_it_is_called_elsewhere() -> None:
    assert ROLES.removeprefix("岗位：") == "，".join(f"{each.code} {each.label}" for each in code_list("role"))


def test_without_a_screen_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert window([]) == 1
    assert "没有屏幕" in capsys.readouterr().err


def test_half_a_certificate_is_refused_before_anything_is_said_of_https(shouwang: Shouwang, tmp_path: Path) -> None:
    data = str(tmp_path / "county")
    shouwang("county", "init", "--data", data, "--org", "530622000000", "--name", "巧家县")
    said = shouwang("serve", "--data", data, "--certificate", str(tmp_path / "some.pem"))
    assert_refused(said, "一起给")


def test_a_passphrase_that_never_comes_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(words: str) -> str:
        raise EOFError

    monkeypatch.delenv("SHOUWANG_PASSPHRASE", raising=False)
    monkeypatch.setattr(sys, "stdin", Mock(isatty=lambda: True))
    monkeypatch.setattr("getpass.getpass", ended)
    for is_new in (False, True):
        with pytest.raises(PassphraseMissing, match="没有输入口令"):
            Asked(Namespace(verb=None, json=False), FixedClock(NOW)).passphrase(new=is_new)


@pytest.mark.parametrize("words", [(), ("fly",), ("save",), ("list", "person", "--wherever", "x")])
def test_wrong_usage_is_status_two_and_says_how(shouwang: Shouwang, words: tuple[str, ...]) -> None:
    said = shouwang(*words)
    assert said.status == 2
    assert "用法" in said.err


def test_help_is_chinese_and_no_error(shouwang: Shouwang) -> None:
    said = shouwang("save", "--help")
    assert said.status == 0
    assert "用法：shouwang save" in said.out


def test_the_command_line_never_loads_qt() -> None:
    import subprocess
    import sys

    code = "import sys, ui.cli; ui.cli.make_parser(); sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False).returncode == 0
