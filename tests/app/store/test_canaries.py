"""Nothing that is written down can be read in any file of the workspace, nor in what is logged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.records import RECORD_TYPES
from app.records.record import Kind
from app.store.workspace import COPIES
from tests.support.canaries import CANARIES, ENCODINGS, flock, hits, planted

ROOT = Path(__file__).resolve().parents[3]


def run(folder: Path, asked: str) -> subprocess.CompletedProcess[bytes]:
    """A process whose every stray file lands where it is looked for."""
    spare = {name: str(folder / "spare") for name in ("TMPDIR", "TEMP", "TMP", "HOME", "SQLITE_TMPDIR")}
    (folder / "spare").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.support.canaries", str(folder / "desk"), asked]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **spare}, capture_output=True, check=False)
    (folder / f"{asked}.stdout").write_bytes(done.stdout)
    (folder / f"{asked}.stderr").write_bytes(done.stderr)
    return done


def test_forty_canaries_in_every_field_are_found_in_no_file(tmp_path: Path) -> None:
    assert len(set(CANARIES)) == 40
    killed = run(tmp_path, "plant")
    assert killed.returncode != 0
    assert (tmp_path / "desk" / "shouwang.db-wal").stat().st_size > 0
    assert "NotFound" in (tmp_path / "plant.log").read_text("utf-8")
    assert hits(tmp_path) == []
    upgraded = run(tmp_path, "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr[-2000:]
    assert [path.name for path in (tmp_path / "desk" / COPIES).iterdir()] == ["m9999_later.db"]
    assert hits(tmp_path) == []


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_hunt_finds_a_canary_that_lies_open(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes(b"\x00\x01" + CANARIES[7].encode(encoding) + b"\x00")
    assert ("export.csv", f"{CANARIES[7]} {encoding}") in hits(tmp_path)


@pytest.mark.parametrize("cls", RECORD_TYPES, ids=lambda cls: cls.spec.name)
def test_what_is_private_stays_out_of_what_is_printed_of_a_record(cls: type) -> None:
    canaries = flock()
    record = planted(cls, canaries, extra={})
    shown = repr(record)
    for field in cls.spec.fields:
        if field.private and field.kind in (Kind.TEXT, Kind.LONG, Kind.LINES):
            value = getattr(record, field.name)
            assert (value if isinstance(value, str) else value[0]) not in shown, field.name
