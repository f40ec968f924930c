"""Asking in the system's own dialog where a file goes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_where(parent: QWidget, title: str, proposed: str, kinds: str, suffix: str) -> Path | None:
    """Where to save; ``suffix`` such as ".xlsx" is put at the end of a name that has none. None: changed their mind."""
    name, _ = QFileDialog.getSaveFileName(parent, title, proposed, kinds)
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_name(path.name + suffix)
