"""What is exchanged on the command line is in the window's list of exchanges too."""

from __future__ import annotations

from pathlib import Path

from sync.server import accounts
from sync.server.county import county_init
from sync.server.serving import listen
from tests.support.command_line import PASSPHRASE, VILLAGE, Shouwang, save
from ui.exchange_list import HISTORY


def test_the_window_shows_what_the_command_line_exchanged(desk: Shouwang, tmp_path: Path) -> None:
    from app.store.workspace import open_store

    county = county_init(tmp_path / "county", "539900000000", "练习县", practice=True)
    with listen(county) as line:
        code = accounts.make_code(county.ledger, VILLAGE, "child_director", "测试")
        assert desk("join", "--county", line.url, "--enrol", code).status == 0
        assert save(desk).status == 0
        assert desk("sync").status == 0
    county.ledger.close()
    assert desk("sync").status == 1
    assert save(desk).status == 0
    there, back = (str(tmp_path / name) for name in ("there.swp", "back.swp"))
    assert desk("parcel", "pack", there).status == 0
    assert desk("county", "parcel", there, "-o", back, "--data", str(tmp_path / "county")).status == 0
    assert desk("parcel", "unpack", back).status == 0
    store = open_store(tmp_path / "desk", PASSPHRASE)
    by_stick, away, first = store.setting(HISTORY)
    store.close()
    assert (by_stick["sent"], by_stick["stick"]) == (1, True)
    assert "连不上" in away["error"]
    assert first["sent"] == 1
