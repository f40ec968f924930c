"""The county's copies on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.support.command_line import Shouwang, assert_refused


def test_a_county_is_backed_up_and_restored_beside(shouwang: Shouwang, tmp_path: Path) -> None:
    data, again, copy = (str(tmp_path / name) for name in ("county", "county2", "one.copy"))
    assert shouwang("county", "init", "--data", data, "--org", "539900000000", "--name", "练习县").status == 0
    made = shouwang("county", "backup", copy, "--data", data, "--json").value
    assert (made["records"], made["devices"], made["durable_seq"]) == (0, 0, 0)
    assert_refused(shouwang("county", "backup", copy, "--data", data), "已经存在")
    assert_refused(shouwang("county", "restore", copy, "--data", data), "不是空的")
    assert_refused(shouwang("county", "restore", data + ".key", "--data", again), "密钥")
    said = shouwang("county", "restore", copy, "--data", again)
    assert said.status == 0
    assert "再停用一次" in said.out
    assert shouwang("county", "devices", "--data", again, "--json").value == []


def test_what_is_not_there_is_said_plainly(shouwang: Shouwang, tmp_path: Path) -> None:
    assert_refused(
        shouwang("county", "backup", str(tmp_path / "x"), "--data", str(tmp_path / "none")), "没有县级服务器"
    )
    assert_refused(shouwang("county", "restore", str(tmp_path / "x"), "--data", str(tmp_path / "new")), "找不到备份")
