"""Building a page a part at a time, so that no turn of the window takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer


def in_turns(owner: QObject, steps: Iterable[Callable[[], object]]) -> None:
    """Do the first step now and each further one in a turn of its own; nothing is done once ``owner`` is gone."""
    waiting = iter(steps)

    def go_on() -> None:
        step = next(waiting, None)
        if step is None:
            return
        step()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # never shown squeezed, not for a frame
        QTimer.singleShot(0, owner, go_on)

    go_on()
