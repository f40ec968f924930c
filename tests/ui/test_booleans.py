"""A fault of PySide 6.12.0 that ended the program after some hundred signals."""

from __future__ import annotations

import subprocess
import sys

MANY_SIGNALS = """
import ui
from PySide6.QtCore import QObject, Signal

class Bell(QObject):
    rung = Signal()

bell = Bell()
for _ in range(20_000):
    bell.rung.emit()
print("still here")
"""


def test_the_program_survives_twenty_thousand_signals() -> None:
    done = subprocess.run([sys.executable, "-c", MANY_SIGNALS], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "still here"
    assert done.returncode == 0, done.stderr
