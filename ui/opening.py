"""Opening a workspace, off the GUI thread; the database libraries are loaded here and no sooner."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.clock import Clock

if TYPE_CHECKING:
    from app.store.workspace import Workspace
    from ui.windows.first_start import Beginning

LIBRARIES = (
    "argon2.low_level",
    "cryptography.hazmat.primitives.ciphers.aead",
    "importlib.metadata",  # what sqlite_utils looks for plugins with
    "sqlite_utils",
    "app.store.workspace",
    "app.cases.agenda",
)


def load_libraries() -> None:
    """What opening needs, loaded while the user still types the passphrase."""
    from importlib import import_module

    for name in LIBRARIES:
        import_module(name)
    from app.cases.agenda import default_planner

    default_planner()


def open_workspace(folder: Path, secret: str, clock: Clock) -> Workspace:
    """Open with a passphrase or a recovery code; raises what ``app.store.open_store`` raises."""
    from app.cases.agenda import default_planner
    from app.store.workspace import open_store

    return open_store(folder, secret, clock=clock, planner=default_planner())


def recover_workspace(folder: Path, code: str, passphrase: str, clock: Clock) -> Workspace:
    """Open with the recovery code and give its owner a new passphrase, judged before anything is opened."""
    from app.store.vault import refuse_weak

    refuse_weak(passphrase)
    store = open_workspace(folder, code, clock)
    store.change_passphrase(passphrase)
    return store


def make_workspace(folder: Path, beginning: Beginning, clock: Clock) -> tuple[Workspace, str]:
    """Make the workspace of a first start; the recovery code is shown once."""
    from app.cases.agenda import default_planner
    from app.records.divisions import short_name
    from app.store.results import Post
    from app.store.workspace import create_store

    post = Post(org=beginning.org, role=beginning.role, name=short_name(beginning.org))
    new = create_store(
        folder,
        beginning.passphrase,
        post=post,
        holder_name=beginning.name,
        clock=clock,
        planner=default_planner(),
    )
    new.store.set_setting("first_start", "code")
    return new.store, new.recovery_code


def start_practice() -> None:
    """The practice county runs as a program of its own: it can never meet the real one."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ui"]
    subprocess.Popen([*program, "demo"], start_new_session=True)
