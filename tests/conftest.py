"""Strictness for every test: its own home folder, no screen, and no Qt message that nobody expected."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from app.store import vault
from tests.support.desks import CHEAP_KEYS
from tests.support.patience import PATIENCE

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.postgres import Postgres

# Before any test module imports PySide6: no test needs a screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# What records and breaks the disk below the database stands on Linux's system calls.
_LINUX_ONLY = ["app/store/test_power_cuts.py", "app/store/test_disk_full.py", "sync/test_power_cuts.py"]
collect_ignore = [] if sys.platform == "linux" else _LINUX_ONLY

# The same examples in every run, on however slow a machine; `--hypothesis-profile=fresh` looks at others.
settings.register_profile("sure", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fresh", settings.get_profile("sure"), derandomize=False)
settings.load_profile("sure")

_PERSONAL = ("SHOUWANG_PASSPHRASE", "SHOUWANG_WORKSPACE")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing a test writes can land in the workspace or settings of the person who runs it."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(home))
    for variable, folder in (("XDG_CONFIG_HOME", ".config"), ("XDG_DATA_HOME", ".local/share"),
                             ("XDG_CACHE_HOME", ".cache"), ("XDG_STATE_HOME", ".local/state")):
        monkeypatch.setenv(variable, str(home / folder))
    for variable in _PERSONAL:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def real_key_cost() -> None:
    """Asked for by tests that measure how much a passphrase costs, or open what another process made."""


@pytest.fixture(autouse=True)
def _cheap_keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deriving a key costs a tenth of a second on purpose; a thousand test desks need not pay it."""
    if "real_key_cost" not in request.fixturenames:
        monkeypatch.setattr(vault, "_ARGON", CHEAP_KEYS)


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """What must come is waited for until it has come: how quick it is, is for those tests that measure it."""
    for name in ("waitUntil", "waitSignal", "waitActive"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENCE * 1_000))
    return qtbot


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all; whoever asks for it and cannot have it has failed, not been left out."""
    from tests.support.postgres import NoPostgres, serving

    try:
        with serving() as server:
            yield server
    except NoPostgres as error:
        pytest.fail(str(error), pytrace=False)


def pytest_report_header() -> list[str]:
    """Say what this system cannot prove."""
    return [f"not on this system (Linux only): {name}" for name in collect_ignore]
