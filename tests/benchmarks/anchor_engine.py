"""Our own engine for the program that measures offline-first engines side by side (``bench.py --plugin`` this file).

That program brings the workload, the proxies and the peers; here stands how our county and our desks are started.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
AGENT = ROOT / "tests" / "benchmarks" / "anchor_agent.py"
DESKS = 40
bench: Any = importlib.import_module("bench")


def _python() -> str:
    own = ROOT / ".venv" / "bin" / "python"
    return os.environ.get("SHOUWANG_PYTHON") or (str(own) if own.exists() else sys.executable)


class Shouwang(bench.Engine):  # type: ignore[misc]
    """A county in a process of its own, and a real encrypted workspace for each desk."""

    name = "Shouwang"

    def server(self, d: str, port: int, log: Any) -> subprocess.Popen[bytes]:
        """Make a county with codes for all desks, and serve it."""
        county = f"{d}/county"
        made = subprocess.run([_python(), str(AGENT), county, str(DESKS)], env=self.env(), check=True,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
        self.codes = made.stdout.split()
        return subprocess.Popen(
            [_python(), "-m", "sync.server", county, str(port)], env=self.env(), stdout=log, stderr=log
        )

    def env(self, n: int = -1) -> dict[str, str]:
        """The one-time code of a desk travels in its environment."""
        beside = Path(bench.__file__).parent
        paths = os.pathsep.join(str(each) for each in (ROOT, beside, beside / "agents"))
        return dict(os.environ, PYTHONPATH=paths, ENROLMENT_CODE=self.codes[n] if n >= 0 else "")

    def agent_cmd(self) -> list[str]:
        """One desk."""
        return [_python(), str(AGENT)]


ENGINES = [Shouwang]
