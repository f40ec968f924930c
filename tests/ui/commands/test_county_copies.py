"""The county's copies on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.server import bin, tables
from sync.server.county import open_county
from sync.server.database import place_of
from sync.server.ledger import now_ms
from sync.server.sitting import encode
from tests.support.command_line import Shouwang, assert_refused
from tests.support.postgres import PASSWORD, Postgres


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
    assert "停用、调离" in said.out
    assert shouwang("county", "devices", "--data", again, "--json").value == []


def test_a_county_on_postgres_takes_only_its_folder_after_the_first_command(
    shouwang: Shouwang, tmp_path: Path, postgres: Postgres
) -> None:
    data, again, copy = (str(tmp_path / name) for name in ("county", "county2", "one.copy"))
    made = ("county", "init", "--data", data, "--org", "539900000000", "--name", "练习县", "--database")
    assert_refused(shouwang(*made, "postgresql://me:secret@127.0.0.1/x"), "口令")
    assert_refused(shouwang(*made, postgres.url("nowhere")), "连不上数据库")
    said = shouwang(*made, postgres.new())
    assert "不另加密" in said.out
    post = ("--org", "539900101200", "--role", "child_director", "--name", "练习村儿童主任")
    assert shouwang("county", "enrol", "--data", data, *post).status == 0
    assert shouwang("county", "backup", copy, "--data", data, "--json").value["durable_seq"] == 0
    back = ("county", "restore", copy, "--data", again, "--database")
    assert_refused(shouwang(*back, place_of(Path(data)).database), "已经有")
    assert shouwang(*back, postgres.new()).status == 0
    assert shouwang("county", "devices", "--data", again, "--json").value == []
    assert PASSWORD not in "".join(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*.json"))


def test_the_bin_is_emptied_and_only_counts_are_told(shouwang: Shouwang, tmp_path: Path) -> None:
    data = tmp_path / "county"
    shouwang("county", "init", "--data", str(data), "--org", "539900000000", "--name", "练习县")
    assert "没有满 90 天" in shouwang("county", "empty-bin", "--data", str(data)).out
    county = open_county(data)
    tombs = [
        {"type": type_, "id": f"{n:032x}", "subject": "", "org": "539900101200", "seq": n, "device": "", "prior": n,
         "body": encode({"@deleted": True, "name": "不该说出的名字"}), "stamps": encode({"*": f"ab:{n}"}),
         "home": "", "author": "", "h1": 0, "h2": 0, "deleted_at": 5}
        for n, type_ in enumerate(("person", "child", "child"), 1)
    ]  # fmt: skip
    with county.ledger.writing() as connection:
        county.ledger.add(connection, tables.record, tombs)
    said = shouwang("county", "empty-bin", "--data", str(data)).out
    assert "没有满 90 天" in said
    assert "不满 30 天" in said
    with county.ledger.writing() as connection:
        days = [{"id": f"{n:064x}", "arrived_at": now_ms() - n * bin.DAY} for n in range(bin.AT_WORK)]
        county.ledger.add(connection, tables.unit, days)
    county.ledger.close()
    foreseen = shouwang("county", "empty-bin", "--data", str(data), "--dry-run")
    assert "会清空：3 条（人员 1，儿童档案 2）" in foreseen.out
    assert "名字" not in foreseen.out
    done = shouwang("county", "empty-bin", "--data", str(data), "--json").value
    assert done == {"records": {"person": 1, "child": 2}, "photos": 0, "staying": 0, "done": True}
    assert shouwang("county", "empty-bin", "--data", str(data), "--json").value["records"] == {}


def test_what_is_not_there_is_said_plainly(shouwang: Shouwang, tmp_path: Path) -> None:
    assert_refused(
        shouwang("county", "backup", str(tmp_path / "x"), "--data", str(tmp_path / "none")), "没有县级服务器"
    )
    assert_refused(shouwang("county", "restore", str(tmp_path / "x"), "--data", str(tmp_path / "new")), "找不到备份")


@pytest.mark.parametrize(
    "org, role, words",
    [
        ("53062210020", "child_director", "12 位"),
        ("530622", "child_director", "12 位"),
        ("530602001001", "child_director", "不在本县"),
        ("530622001000", "child_director", "没有这个岗位"),
        ("530622001001", "officer", "没有这个岗位"),
        ("530622100200", "child_director", "没有区划代码"),
    ],
)
def test_a_code_is_given_only_for_a_post_where_somebody_sits(
    shouwang: Shouwang, tmp_path: Path, org: str, role: str, words: str
) -> None:
    data = str(tmp_path / "county")
    shouwang("county", "init", "--data", data, "--org", "530622000000", "--name", "巧家县")
    assert_refused(shouwang("county", "enrol", "--data", data, "--org", org, "--role", role, "--name", "某村"), words)


def test_a_county_is_not_made_for_a_city(shouwang: Shouwang, tmp_path: Path) -> None:
    data = tmp_path / "county"
    assert_refused(shouwang("county", "init", "--data", str(data), "--org", "530600000000", "--name", "市"), "不是县")
    assert not data.exists()
