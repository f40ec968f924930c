"""Input methods: what stands in the composition is part of what was typed."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication


def commit_composition() -> None:
    """Take the input method's unfinished text into the field; call before any read, save, close or change of tab."""
    QGuiApplication.inputMethod().commit()
