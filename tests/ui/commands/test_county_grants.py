"""Who looks after what, on the county's command line."""

from __future__ import annotations

from pathlib import Path

from sync.server.county import open_county
from tests.support.command_line import VILLAGE, Shouwang, assert_refused
from tests.sync.desks import new_desk

COUNTY, TOWN = "539900000000", "539900101000"


def test_a_place_is_granted_ended_and_left(shouwang: Shouwang, tmp_path: Path) -> None:
    data = str(tmp_path / "county")
    assert shouwang("county", "init", "--data", data, "--org", COUNTY, "--name", "练习县").status == 0
    desk = new_desk(tmp_path / "laptop", VILLAGE, "child_director", kind="practice")
    county = open_county(Path(data))
    desk.join(county)
    county.ledger.close()
    desk.store.close()

    def listed() -> dict[str, object]:
        (one,) = shouwang("county", "devices", "--data", data, "--json").value
        return dict(one)

    id_ = str(listed()["id"])
    granted = shouwang("county", "grant", id_, TOWN, "--data", data)
    assert (granted.status, listed()["orgs"]) == (0, [VILLAGE, TOWN])
    ended = shouwang("county", "ungrant", id_, VILLAGE, "--data", data)
    assert "先把没送的送到县里" in ended.out
    assert_refused(shouwang("county", "ungrant", id_, TOWN, "--data", data), "最后一个")
    assert TOWN in shouwang("county", "devices", "--data", data).out
    assert "revoke" in shouwang("county", "leave", id_, "--data", data).out
    assert listed()["orgs"] == []
    assert "已调离" in shouwang("county", "devices", "--data", data).out
