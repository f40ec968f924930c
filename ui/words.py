"""Where every sentence of the window passes through, so that it can be shown in another language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def tr(text: str, /, **values: object) -> str:
    """The sentence in the user's language, with ``{name}`` places filled in after translating.

    The source strings are Simplified Chinese and stand in the code where they are used.
    """
    translated = QCoreApplication.translate("shouwang", text)
    return translated.format(**values) if values else translated
