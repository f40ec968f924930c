"""A stick carried by hand on the command line, between a village and the county."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.client.engine import join
from sync.server import accounts
from sync.server.county import county_init
from tests.support.command_line import PASSPHRASE, VILLAGE, Shouwang, assert_refused, save


@pytest.fixture
def county(desk: Shouwang, tmp_path: Path) -> str:
    from app.store.workspace import open_store

    made = county_init(tmp_path / "county", "539900000000", "练习县", practice=True)
    store = open_store(tmp_path / "desk", PASSPHRASE)
    join(made, store, "", accounts.make_code(made.ledger, VILLAGE, "child_director", "练习"))
    store.close()
    made.ledger.close()
    return str(tmp_path / "county")


def test_a_stick_goes_to_the_county_and_back(desk: Shouwang, county: str, tmp_path: Path) -> None:
    there, back = (str(tmp_path / name) for name in ("there.swp", "back.swp"))
    assert save(desk).status == 0
    packed = desk("parcel", "pack", there, "--json").value
    assert packed["units"] == 1
    assert desk("county", "parcel", there, "-o", back, "--data", county).status == 0
    done = desk("parcel", "unpack", back, "--json").value
    assert (done["sent"], done["delivered"]) == (1, True)
    assert "已全部送到" in desk("parcel", "unpack", back).out
    assert_refused(desk("parcel", "pack", there), "已经存在")
    assert_refused(desk("county", "parcel", there, "-o", back, "--data", county), "已经存在")


def test_what_is_no_parcel_is_said_plainly(desk: Shouwang, county: str, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("你好")
    letter, none, out = (str(tmp_path / name) for name in ("letter.txt", "none", "out"))
    assert_refused(desk("parcel", "unpack", letter), "不是守望的")
    assert_refused(desk("parcel", "unpack", none), "U 盘插好")
    assert_refused(desk("county", "parcel", letter, "-o", out, "--data", county), "不是守望的")
    assert not Path(out).exists()
    assert_refused(desk("parcel", "pack", str(tmp_path / "letter.txt" / "x")), "写不进去")


def test_who_joined_no_county_has_nowhere_to_send_it(desk: Shouwang, tmp_path: Path) -> None:
    assert_refused(desk("parcel", "pack", str(tmp_path / "x")), "还没有县里的钥匙")


def test_a_station_carries_a_whole_stick(desk: Shouwang, county: str, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    assert_refused(desk("parcel", "carry", str(tmp_path / "usb")), "没有村里存的文件")
    assert save(desk).status == 0
    assert desk("parcel", "pack", str(tmp_path / "usb" / "村.swp")).status == 0
    assert_refused(desk("parcel", "carry", str(tmp_path / "usb")), "还没有加入县里")
    answer = str(tmp_path / "usb" / "村_回执.swp")
    assert desk("county", "parcel", str(tmp_path / "usb" / "村.swp"), "-o", answer, "--data", county).status == 0
    done = desk("parcel", "unpack", str(tmp_path / "usb"), "--json").value
    assert (done["sent"], done["delivered"]) == (1, True)
