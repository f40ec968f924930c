"""The keys of a workspace: what deriving them costs, and what a changed key file gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import StoreDamaged
from app.store import open_store, vault
from tests.support.desks import CHEAP_KEYS, PASSPHRASE, new_desk


@pytest.mark.usefixtures("real_key_cost")
def test_a_key_costs_what_the_standard_asks(tmp_path: Path) -> None:
    """RFC 9106, second recommended option: three passes, 64 MiB, four lanes."""
    new_desk(tmp_path / "desk").close()
    told = json.loads((tmp_path / "desk" / vault.FILE).read_text("utf-8"))
    assert [wrap["cost"] for wrap in told["wraps"]] == [[3, 64 * 1024, 4]] * 2


def test_a_key_made_at_another_cost_still_opens_and_the_next_one_costs_the_new(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    new_desk(tmp_path / "desk").close()
    monkeypatch.setattr(vault, "_ARGON", {**CHEAP_KEYS, "time_cost": 2})
    desk = open_store(tmp_path / "desk", PASSPHRASE)
    desk.change_passphrase("换了一个口令")
    desk.close()
    open_store(tmp_path / "desk", "换了一个口令").close()
    told = json.loads((tmp_path / "desk" / vault.FILE).read_text("utf-8"))
    assert {wrap["holder"] == "recovery": wrap["cost"][0] for wrap in told["wraps"]}[False] == 2


@pytest.mark.parametrize("cost", [[99, 65536, 4], [3, 1 << 40, 4], [3, 65536, 4000], [0, 8, 1], "x", [3]])
def test_a_cost_nobody_could_bear_is_refused(tmp_path: Path, cost: object) -> None:
    new_desk(tmp_path / "desk").close()
    path = tmp_path / "desk" / vault.FILE
    told = json.loads(path.read_text("utf-8"))
    told["wraps"][0]["cost"] = cost
    path.write_text(json.dumps(told), "utf-8")
    with pytest.raises(StoreDamaged):
        open_store(tmp_path / "desk", PASSPHRASE)


def test_a_wrap_slipped_into_the_key_file_is_noticed(tmp_path: Path) -> None:
    new_desk(tmp_path / "desk").close()
    path = tmp_path / "desk" / vault.FILE
    told = json.loads(path.read_text("utf-8"))
    told["wraps"].append({**told["wraps"][0], "holder": "stranger"})
    path.write_text(json.dumps(told), "utf-8")
    with pytest.raises(StoreDamaged):
        open_store(tmp_path / "desk", PASSPHRASE)
