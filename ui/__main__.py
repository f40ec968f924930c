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
    from ui.program import open_window

    return open_window(folder)


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
