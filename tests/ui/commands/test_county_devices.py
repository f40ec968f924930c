"""A laptop that was copied, as the county's staff see it on the command line."""

from __future__ import annotations

from pathlib import Path

from sync.server.county import open_county
from tests.support.command_line import VILLAGE, Shouwang
from tests.sync.copying import image, started
from tests.sync.desks import new_desk


def test_staff_see_that_a_laptop_was_copied_and_which_one_came_later(shouwang: Shouwang, tmp_path: Path) -> None:
    data = str(tmp_path / "county")
    assert shouwang("county", "init", "--data", data, "--org", "539900000000", "--name", "练习县").status == 0
    desk = new_desk(tmp_path / "laptop", VILLAGE, "child_director", kind="practice")
    county = open_county(Path(data))
    desk.join(county)
    desk.exchange(county)
    twin = started(image(desk, tmp_path / "image"))
    for each in (desk, twin):
        each.exchange(county)
        each.store.close()
    county.ledger.close()
    answer = shouwang("county", "devices", "--data", data, "--json").value
    (old,) = (one for one in answer if one["forked_at"])
    (new,) = (one for one in answer if one["forked_from"])
    assert new["forked_from"] == old["id"]
    told = shouwang("county", "devices", "--data", data).out
    assert f"是从 {old['id']} 来的" in told
    assert "另一台也在用" in told
    assert "county revoke" in told
    stopped = shouwang("county", "revoke", old["id"], "--data", data)
    assert "复制出来的 1 台一起停用了" in stopped.out
    assert new["id"] in stopped.out
    listed = shouwang("county", "devices", "--data", data, "--json").value
    assert all(each["revoked"] for each in listed)
