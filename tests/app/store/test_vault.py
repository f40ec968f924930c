"""The keys of a workspace: what deriving them costs, and what a changed key file gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import StoreDamaged, WrongPassphrase
from app.store import open_store, vault
from tests.support.desks import CHEAP_KEYS, PASSPHRASE, new_desk


@pytest.mark.usefixtures("real_key_cost")
def test_a_key_costs_what_the_standard_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """RFC 9106, second recommended option: 64 MiB, three passes, four lanes."""
    assert vault._ARGON == {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 4}
    new_desk(tmp_path / "desk").close()
    monkeypatch.setattr(vault, "_ARGON", CHEAP_KEYS)
    with pytest.raises(WrongPassphrase):
        open_store(tmp_path / "desk", PASSPHRASE)


def test_a_wrap_slipped_into_the_key_file_is_noticed(tmp_path: Path) -> None:
    new_desk(tmp_path / "desk").close()
    path = tmp_path / "desk" / vault.FILE
    told = json.loads(path.read_text("utf-8"))
    told["wraps"].append({**told["wraps"][0], "holder": "stranger"})
    path.write_text(json.dumps(told), "utf-8")
    with pytest.raises(StoreDamaged):
        open_store(tmp_path / "desk", PASSPHRASE)
