"""Where people's records lie: never in whatever folder a program happens to be started from."""

from __future__ import annotations

import sys

import pytest

from app import paths


@pytest.mark.parametrize("told", ["", "relative/place"])
def test_an_empty_or_relative_folder_of_the_system_is_not_believed(
    told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALAPPDATA" if sys.platform == "win32" else "XDG_DATA_HOME", told)
    assert paths.default_workspace().is_absolute()
