"""Where things lie: the program's own resources and the user's workspaces."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Folders whose content another program uploads while we write: a database in them gets damaged
# (reliability.md, incident 28).
CLOUD_MARKS = (
    "onedrive",
    "坚果云",
    "nutstore",
    "百度网盘",
    "baidunetdisk",
    "dropbox",
    "wps云盘",
    "wpsdrive",
    "icloud",
    "weiyun",
    "微云",
)


def resource(*parts: str) -> Path:
    """A file that ships with the program, in a checkout and in the built program alike."""
    root = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parent.parent))
    return root.joinpath("resources", *parts)


def user_data() -> Path:
    """The folder for this user's workspaces, by each system's custom; not created."""
    if sys.platform == "win32":
        return (_told("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Shouwang"
    return (_told("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "shouwang"


def _told(variable: str) -> Path | None:
    """A folder that the system names; an empty or relative one would put people's records anywhere."""
    folder = Path(os.environ.get(variable, ""))
    return folder if folder.is_absolute() else None


def default_workspace() -> Path:
    """Where the desk keeps its workspace unless told otherwise."""
    return user_data() / "workspace"


def practice_workspace() -> Path:
    """Where the practice county lives, apart from everything real."""
    return user_data() / "practice"


def preferences_file() -> Path:
    """Type size, window state: nothing about people."""
    return user_data() / "preferences.json"


def cloud_folder(folder: Path) -> str | None:
    """The part of the path that says a cloud drive or a network share holds it, or None."""
    text = str(folder)
    if text.startswith(("\\\\", "//")):
        return text.split("/" if text.startswith("//") else "\\")[2]
    for part in folder.parts:
        if any(mark in part.lower() for mark in CLOUD_MARKS):
            return part
    return None
