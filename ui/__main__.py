"""The entry point: verbs go to the command line, everything else opens the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

WINDOW_OPTIONS = ("--workspace",)


def main(arguments: Sequence[str] | None = None) -> int:
    """``shouwang`` and ``shouwang --workspace DIR`` open the window; the rest never loads Qt."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    folder = window_folder(given)
    if folder is None:
        from ui.cli import main as carry_out

        return carry_out(given)
    if not has_screen():
        print("没有打开窗口，资料没有动：这里没有屏幕。命令行照样能用：shouwang --help", file=sys.stderr)
        return 1
    from ui.program import open_window

    return open_window(folder)


def has_screen() -> bool:
    """Whether there is something to show a window on: elsewhere Qt would end the program with words of its own."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform != "linux" or any(os.environ.get(name) for name in named)


def window_folder(given: Sequence[str]) -> Path | None:
    """The workspace to open in the window; None when a verb was given."""
    if not given:
        from app.paths import default_workspace

        return Path(os.environ.get("SHOUWANG_WORKSPACE") or default_workspace())
    if len(given) == 2 and given[0] in WINDOW_OPTIONS:
        return Path(given[1])
    return None


if __name__ == "__main__":
    sys.exit(main())
