"""A full, broken or read-only disk: exactly before or exactly after, said in words, and work goes on. Linux only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
AT_LEAST = {"visit": 100, "draft": 20, "setting": 20, "delete": 100, "import": 200, "read-only": 1}
"""How many faults must have happened for the proof to mean something."""
SMALL = ("visit", "draft", "setting", "delete", "read-only")


@pytest.mark.parametrize("operations", [SMALL, ("import",)], ids="+".join)
def test_whatever_write_fails_the_store_is_as_before_or_as_after(operations: tuple[str, ...], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.failing_disk", str(tmp_path), *operations]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    for name, verdict in json.loads(done.stdout).items():
        assert verdict["defects"] == [], name
        assert verdict["faults"] >= AT_LEAST[name], name
        assert verdict["refused"] > 0, name
        # First whether the data is safe, then what happened, then what to do.
        assert all(sentence.startswith("已有资料") for sentence in verdict["sentences"]), verdict["sentences"]
        assert all("请" in sentence for sentence in verdict["sentences"])
        assert verdict["sentences"], name
