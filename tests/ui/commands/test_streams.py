"""What comes in and goes out by the streams: any code page, closed ends, and JSON that was made to break a parser."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.clock import FixedClock
from tests.support.command_line import VILLAGE, Shouwang, assert_refused
from tests.support.desks import NOW
from ui import cli

Save = Callable[[bytes], int]


@pytest.fixture
def save(desk: Shouwang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Save:
    """``save person`` with bytes on a stdin that believes in the code page of Chinese Windows."""

    def carry_out(given: bytes) -> int:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), encoding="gbk"))
        return cli.main(["save", "person", "--workspace", str(tmp_path / "desk")], FixedClock(NOW))

    return carry_out


def a_line(name: str) -> bytes:
    return f'{{"name": "{name}", "sex": "1", "org": "{VILLAGE}"}}'.encode()


def test_utf8_is_read_whatever_the_consoles_code_page_is(save: Save, desk: Shouwang) -> None:
    assert save(a_line("测环境")) == 0
    assert save(b"\xef\xbb\xbf" + a_line("测记号")) == 0
    assert [person["name"] for person in desk("list", "person", "--json").value] == ["测环境", "测记号"]


def test_a_line_in_another_encoding_is_refused_and_not_stored_as_noise(save: Save, desk: Shouwang) -> None:
    assert save(a_line("测编码").decode().encode("gbk")) == 1
    assert desk("list", "person", "--json").value == []


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 100_000])
def test_json_that_never_ends_is_no_record(desk: Shouwang, text: str) -> None:
    assert_refused(desk("save", "person", stdin=text), "第 1 行不是一个 JSON 对象")


def test_closed_ends_are_no_fault(desk: Shouwang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["--workspace", str(tmp_path / "desk")]
    monkeypatch.setattr("sys.stdin", None)
    assert cli.main(["save", "person", *words], FixedClock(NOW)) == 0
    monkeypatch.setattr("sys.stdout", None)
    assert cli.main(["list", "person", *words], FixedClock(NOW)) == 0
    monkeypatch.delenv("SHOUWANG_PASSPHRASE")
    assert cli.main(["list", "person", *words], FixedClock(NOW)) == 1


def test_a_form_never_takes_the_place_of_a_device_or_a_folder(desk: Shouwang, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "folder", Path(os.devnull)):
        assert_refused(desk("print", "child_visit_record", "--blank", "-o", str(place)), "不是文件")
        assert place.exists()
        assert not place.is_file()
