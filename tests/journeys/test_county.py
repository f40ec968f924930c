"""A county and its desks on the command line: joining, exchanging, settling, and every way of being refused."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.clock import FixedClock
from sync.server.county import open_county
from sync.server.serving import Listening, listen
from tests.support.desks import NOW
from tests.sync.authorities import Authority
from ui import cli

COUNTY, TOWN, VILLAGE, OTHER = "539900000000", "539900101000", "539900101200", "539900101201"
Said = tuple[int, Any, str]
Shouwang = Callable[..., Said]


@pytest.fixture
def shouwang(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shouwang:
    """Carry out a verb; gives status, the JSON value, and what was said on stderr."""
    monkeypatch.setenv("SHOUWANG_PASSPHRASE", "练习口令不保密")

    def say(desk: str, *words: str, stdin: Any = None) -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(stdin, ensure_ascii=False)))
        capsys.readouterr()
        status = cli.main([*words, "--json", "--workspace", str(tmp_path / desk)], FixedClock(NOW))
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return status, json.loads(told.out) if told.out else None, told.err

    return say


@pytest.fixture
def data(shouwang: Shouwang, tmp_path: Path) -> str:
    folder = str(tmp_path / "county")
    assert shouwang("none", "county", "init", "--data", folder, "--org", COUNTY, "--name", "练习县")[0] == 0
    return folder


@pytest.fixture
def line(data: str) -> Iterator[Listening]:
    county = open_county(Path(data))
    with listen(county) as listening:
        yield listening
    county.ledger.close()


def code_for(shouwang: Shouwang, data: str, org: str, role: str) -> str:
    status, value, _ = shouwang(
        "none", "county", "enrol", "--data", data, "--org", org, "--role", role, "--name", "练习岗位"
    )
    assert status == 0
    return str(value["code"])


def joined(shouwang: Shouwang, data: str, line: Listening, desk: str, org: str, role: str) -> None:
    assert shouwang(desk, "init", "--org", org, "--role", role, "--name", desk)[0] == 0
    code = code_for(shouwang, data, org, role)
    assert shouwang(desk, "join", "--county", line.url, "--enrol", code)[0] == 0


def saved(shouwang: Shouwang, desk: str, **fields: Any) -> str:
    status, value, told = shouwang(desk, "save", "person", stdin=fields)
    assert status == 0, told
    return str(value["ids"][0])


def test_two_desks_change_one_man_and_settle_it(shouwang: Shouwang, data: str, line: Listening) -> None:
    joined(shouwang, data, line, "director", VILLAGE, "child_director")
    joined(shouwang, data, line, "supervisor", TOWN, "child_supervisor")
    man = saved(shouwang, "director", org=VILLAGE, name="周大川", sex="1", work_place="浙江省宁波市")
    assert shouwang("director", "sync")[1]["delivered"] is True
    assert shouwang("supervisor", "sync")[1]["received"] == 1
    saved(shouwang, "director", id=man, work_place="浙江省杭州市")
    saved(shouwang, "supervisor", id=man, work_place="江苏省无锡市")
    shouwang("supervisor", "sync")
    assert shouwang("director", "sync")[1]["conflicts"] == 1
    (found,) = shouwang("director", "conflicts")[1]
    assert (found["mine"], found["theirs"]) == ("浙江省杭州市", "江苏省无锡市")
    assert shouwang("director", "resolve", found["id"], "--keep", "theirs")[0] == 0
    shouwang("director", "sync")
    shouwang("supervisor", "sync")
    for desk in ("director", "supervisor"):
        assert shouwang(desk, "get", "person", man)[1]["work_place"] == "江苏省无锡市"
        assert shouwang(desk, "conflicts")[1] == []
        assert shouwang(desk, "rejections")[1] == []
    assert shouwang("director", "resolve", found["id"], "--keep", "mine")[0] == 1


def test_exchanging_twice_changes_nothing(shouwang: Shouwang, data: str, line: Listening) -> None:
    joined(shouwang, data, line, "director", VILLAGE, "child_director")
    saved(shouwang, "director", org=VILLAGE, name="甲", sex="1")
    first, second = (shouwang("director", "sync")[1] for _ in range(2))
    assert (first["sent"], second["sent"], second["received"], second["delivered"]) == (1, 0, 0, True)


def test_a_village_sees_nothing_of_its_neighbour(shouwang: Shouwang, data: str, line: Listening) -> None:
    joined(shouwang, data, line, "director", VILLAGE, "child_director")
    joined(shouwang, data, line, "neighbour", OTHER, "child_director")
    man = saved(shouwang, "director", org=VILLAGE, name="甲", sex="1")
    shouwang("director", "sync")
    assert shouwang("neighbour", "sync")[1]["received"] == 0
    status, _, told = shouwang("neighbour", "get", "person", man)
    assert (status, "找不到" in told) == (1, True)


def test_a_used_or_wrong_code_lets_nobody_in(shouwang: Shouwang, data: str, line: Listening) -> None:
    joined(shouwang, data, line, "director", VILLAGE, "child_director")
    code = code_for(shouwang, data, OTHER, "child_director")
    for desk in ("first", "second"):
        assert shouwang(desk, "init", "--org", OTHER)[0] == 0
    assert shouwang("first", "join", "--county", line.url, "--enrol", code)[0] == 0
    for used in (code, "AAAA-BBBB-CCCC", ""):
        status, _, told = shouwang("second", "join", "--county", line.url, "--enrol", used)
        assert status == 1
        assert told.strip()
    assert shouwang("second", "sync")[0] == 1


def test_a_stopped_device_exchanges_no_more(shouwang: Shouwang, data: str, line: Listening) -> None:
    joined(shouwang, data, line, "director", VILLAGE, "child_director")
    (device,) = shouwang("none", "county", "devices", "--data", data)[1]
    assert shouwang("none", "county", "revoke", "--data", data, device["id"])[0] == 0
    saved(shouwang, "director", org=VILLAGE, name="甲", sex="1")
    status, _, told = shouwang("director", "sync")
    assert (status, bool(told.strip())) == (1, True)
    assert len(shouwang("director", "list", "person")[1]) == 1


def test_who_works_alone_or_without_a_line_loses_nothing(
    shouwang: Shouwang, data: str, line: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert shouwang("alone", "init", "--org", VILLAGE)[0] == 0
    status, _, told = shouwang("alone", "sync")
    assert (status, "还没有加入县里" in told) == (1, True)
    joined(shouwang, data, line, "director", VILLAGE, "child_director")
    saved(shouwang, "director", org=VILLAGE, name="甲", sex="1")
    line.stop()
    status, _, told = shouwang("director", "sync")
    assert (status, "资料都在" in told) == (1, True)
    assert len(shouwang("director", "list", "person")[1]) == 1


def test_a_workspace_can_begin_with_its_county(
    shouwang: Shouwang, data: str, line: Listening, tmp_path: Path
) -> None:
    words = ("init", "--org", VILLAGE, "--county", line.url, "--enrol")
    assert shouwang("desk", *words, "AAAA-BBBB-CCCC")[0] == 1
    assert list((tmp_path / "desk").iterdir()) == []
    code = code_for(shouwang, data, VILLAGE, "child_director")
    assert shouwang("desk", *words, code)[1]["county"]["county"] == COUNTY
    assert shouwang("desk", "sync")[1]["delivered"] is True
    assert shouwang("other", "init", "--org", VILLAGE, "--enrol", code)[0] == 1


@pytest.mark.parametrize("url", ["http://county.example", "不是网址", "ftp://127.0.0.1"])
def test_an_address_that_cannot_be_right_is_refused(shouwang: Shouwang, url: str) -> None:
    assert shouwang("desk", "init", "--org", VILLAGE)[0] == 0
    status, _, told = shouwang("desk", "join", "--county", url, "--enrol", "AAAA-BBBB-CCCC")
    assert (status, bool(told.strip())) == (1, True)


def test_a_county_is_made_once_and_for_its_own_divisions(shouwang: Shouwang, data: str, tmp_path: Path) -> None:
    assert shouwang("none", "county", "init", "--data", data, "--org", COUNTY, "--name", "练习县")[0] == 1
    assert shouwang("none", "county", "init", "--data", str(tmp_path / "b"), "--org", "12", "--name", "县")[0] == 1
    for org, role in (("530602000000", "child_director"), (VILLAGE, "king")):
        words = ("county", "enrol", "--data", data, "--org", org, "--role", role, "--name", "岗位")
        assert shouwang("none", *words)[0] == 1
    assert shouwang("none", "county", "revoke", "--data", data, "nobody")[0] == 1
    assert shouwang("none", "county", "devices", "--data", str(tmp_path / "nowhere"))[0] == 1


def test_the_county_speaks_to_others_only_with_a_certificate(shouwang: Shouwang, data: str) -> None:
    status, _, told = shouwang("none", "serve", "--data", data, "--host", "0.0.0.0")
    assert (status, "证书" in told) == (1, True)


def test_a_certificate_that_is_missing_or_a_taken_port_is_said_in_chinese(
    shouwang: Shouwang, data: str, line: Listening
) -> None:
    status, _, told = shouwang("none", "serve", "--data", data, "--port", str(line.port))
    assert (status, "端口用不了" in told, "--port" in told) == (1, True, True)
    words = ("serve", "--data", data, "--certificate", "没有.pem", "--certificate-key", "没有.key")
    status, _, told = shouwang("none", *words)
    assert (status, "没有.pem" in told) == (1, True)


def test_who_serves_is_told_the_address_desks_join_with(data: str, tmp_path: Path) -> None:
    words = (sys.executable, "-m", "ui", "serve", "--data", data, "--port", "0")
    with subprocess.Popen(words, stderr=subprocess.PIPE, encoding="utf-8", env=os.environ) as serving:
        try:
            assert serving.stderr is not None
            told = serving.stderr.readline()
        finally:
            serving.terminate()
    found = re.search(r"http://127\.0\.0\.1:\d+", told)
    assert found, told


def test_a_desk_is_given_the_root_certificate_of_a_county_that_made_its_own(
    shouwang: Shouwang, data: str, tmp_path: Path
) -> None:
    own = Authority(tmp_path, "练习县")
    certificate, key = own.server()
    words = ("--data", data, "--port", "0", "--certificate", str(certificate), "--certificate-key", str(key))
    with subprocess.Popen(
        (sys.executable, "-m", "ui", "serve", *words), stderr=subprocess.PIPE, encoding="utf-8", env=os.environ
    ) as serving:
        try:
            assert serving.stderr is not None
            found = re.search(r"https://127\.0\.0\.1:\d+", serving.stderr.readline())
            assert found
            assert shouwang("desk", "init", "--org", VILLAGE)[0] == 0
            join = ("join", "--county", found[0], "--enrol", code_for(shouwang, data, VILLAGE, "child_director"))
            assert shouwang("desk", *join)[0] == 1
            status, _, told = shouwang("desk", *join, "--authority", str(key))
            assert (status, "不是证书" in told) == (1, True)
            assert shouwang("desk", *join, "--authority", str(own.file))[0] == 0
            assert shouwang("desk", "sync")[1]["delivered"] is True
        finally:
            serving.terminate()


def test_a_conflict_that_comes_with_its_answer_calls_nobody(shouwang: Shouwang, data: str, line: Listening) -> None:
    joined(shouwang, data, line, "director", VILLAGE, "child_director")
    joined(shouwang, data, line, "supervisor", TOWN, "child_supervisor")
    man = saved(shouwang, "director", org=VILLAGE, name="周大川", sex="1", work_place="浙江省宁波市")
    shouwang("director", "sync")
    shouwang("supervisor", "sync")
    saved(shouwang, "supervisor", id=man, work_place="江苏省无锡市")
    saved(shouwang, "director", id=man, work_place="浙江省杭州市")
    shouwang("supervisor", "sync")
    assert shouwang("director", "sync")[1]["conflicts"] == 1
    (found,) = shouwang("director", "conflicts")[1]
    shouwang("director", "resolve", found["id"], "--keep", "mine")
    shouwang("director", "sync")
    assert shouwang("supervisor", "sync")[1]["conflicts"] == 0
    assert shouwang("supervisor", "conflicts")[1] == []


def device_of(shouwang: Shouwang, data: str, holder: str) -> str:
    (found,) = [each for each in shouwang("none", "county", "devices", "--data", data)[1] if each["holder"] == holder]
    return str(found["id"])


def names(shouwang: Shouwang, desk: str) -> list[str]:
    return sorted(each["name"] for each in shouwang(desk, "list", "person")[1])


def test_what_the_old_village_had_not_sent_is_proposed_to_the_new_one(
    shouwang: Shouwang, data: str, line: Listening
) -> None:
    for desk, org, role in (
        ("east", VILLAGE, "child_director"), ("west", OTHER, "child_director"), ("town", TOWN, "child_supervisor"),
    ):  # fmt: skip
        joined(shouwang, data, line, desk, org, role)
    child = saved(shouwang, "east", org=VILLAGE, name="吴小山", sex="1")
    for desk in ("east", "town"):
        shouwang(desk, "sync")
    saved(shouwang, "east", id=child, work_place="广东省")
    assert shouwang("town", "transfer", child, "--to", OTHER)[0] == 0
    shouwang("town", "sync")
    assert names(shouwang, "town") == ["吴小山"]
    told = shouwang("east", "sync")[1]
    assert (told["delivered"], len(told["moved"]), names(shouwang, "east")) == (True, 2, [])
    shouwang("west", "sync")
    (proposed,) = shouwang("west", "proposals")[1]
    assert [item["proposed"] for item in proposed["items"]] == ["广东省"]
    assert shouwang("west", "answer", proposed["id"], "--accept")[0] == 0
    for desk in ("west", "town"):
        shouwang(desk, "sync")
    assert shouwang("town", "get", "person", child)[1]["work_place"] == "广东省"


def test_a_worker_looks_after_a_second_village_and_then_leaves(shouwang: Shouwang, data: str, line: Listening) -> None:
    joined(shouwang, data, line, "east", VILLAGE, "child_director")
    joined(shouwang, data, line, "west", OTHER, "child_director")
    saved(shouwang, "west", org=OTHER, name="冯小岭", sex="2")
    shouwang("west", "sync")
    device = device_of(shouwang, data, "east")
    assert shouwang("none", "county", "grant", "--data", data, device, OTHER)[0] == 0
    assert shouwang("east", "sync")[1]["received"] == 1
    saved(shouwang, "east", org=OTHER, name="冯小谷", sex="1")
    assert shouwang("none", "county", "leave", "--data", data, device)[0] == 0
    left = shouwang("east", "sync")[1]
    assert (left["delivered"], names(shouwang, "east")) == (True, [])
    shouwang("west", "sync")
    (kept,) = shouwang("west", "proposals")[1]
    assert shouwang("west", "answer", kept["id"], "--accept")[0] == 0
    assert names(shouwang, "west") == ["冯小岭", "冯小谷"]


def test_a_copied_folder_and_a_restored_county_lose_nobody(
    shouwang: Shouwang, data: str, line: Listening, tmp_path: Path
) -> None:
    joined(shouwang, data, line, "desk", VILLAGE, "child_director")
    saved(shouwang, "desk", org=VILLAGE, name="周一", sex="1")
    shouwang("desk", "sync")
    assert shouwang("none", "county", "backup", "--data", data, str(tmp_path / "copy"))[0] == 0
    shutil.copytree(tmp_path / "desk", tmp_path / "twin")
    saved(shouwang, "desk", org=VILLAGE, name="周二", sex="1")
    saved(shouwang, "twin", org=VILLAGE, name="周三", sex="1")
    for desk in ("desk", "twin", "desk"):
        assert shouwang(desk, "sync")[1]["delivered"] is True
    listed = shouwang("none", "county", "devices", "--data", data)[1]
    assert sum(each["forked_from"] is not None for each in listed) == 1
    line.stop()
    again = str(tmp_path / "again")
    words = ("county", "restore", "--data", again, str(tmp_path / "copy"), "--key", data + ".key")
    assert shouwang("none", *words)[0] == 0
    county = open_county(Path(again))
    with listen(county, line.port):
        for desk in ("desk", "twin") * 2:
            assert shouwang(desk, "sync")[1]["delivered"] is True
    county.ledger.close()
    assert names(shouwang, "desk") == names(shouwang, "twin") == ["周一", "周三", "周二"]
