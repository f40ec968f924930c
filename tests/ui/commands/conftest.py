"""A command line with a workspace of its own."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from app.clock import Clock, FixedClock
from tests.support.command_line import PASSPHRASE, VILLAGE, Said, Shouwang
from tests.support.desks import NOW
from ui import cli


@pytest.fixture
def shouwang(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shouwang:
    """Carry out a verb on the test's own workspace."""
    monkeypatch.setenv("SHOUWANG_PASSPHRASE", PASSPHRASE)

    def say(*words: str, stdin: str = "", clock: Clock | None = None, workspace: str = "desk") -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        status = cli.main([*words, "--workspace", str(tmp_path / workspace)], clock or FixedClock(NOW))
        told = capsys.readouterr()
        return Said(status, told.out, told.err)

    return say


@pytest.fixture
def desk(shouwang: Shouwang) -> Shouwang:
    """The same with a workspace of the practice village."""
    assert shouwang("init", "--org", VILLAGE, "--name", "罗明灯").status == 0
    return shouwang


@pytest.fixture
def village(shouwang: Shouwang, tmp_path: Path) -> Shouwang:
    """The whole practice village."""
    from app.training.desks import village_desk
    from app.training.village import practice_village

    clock = FixedClock(NOW)
    village_desk(tmp_path / "desk", practice_village(clock.today()), clock=clock, portraits=False).close()
    return shouwang
