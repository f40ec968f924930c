"""A fault of PySide 6.12.0 that ended the program after some hundred signals, or some thousand calls."""

from __future__ import annotations

import subprocess
import sys

import pytest

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

MANY_CALLS = """
import ui
from PySide6.QtCore import QObject

thing = QObject()
for _ in range(50_000):
    thing.setObjectName("x")
print("still here")
"""


@pytest.mark.parametrize("program", [MANY_SIGNALS, MANY_CALLS])
def test_the_program_survives_a_working_day_of_signals_and_calls(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "still here"
    assert done.returncode == 0, done.stderr
