"""``python -m tests.benchmarks``: measures every goal in a process of its own and writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from tests.benchmarks import exchanging, keeping, paperwork, window
from tests.benchmarks.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
MEASURES: dict[str, Callable[[Path], list[Figure]]] = {
    "start": window.start,
    "unlock": window.unlock,
    "keystrokes": keeping.keystrokes,
    "finder": window.finder,
    "scroll": window.scroll,
    "due": keeping.due,
    "saving": keeping.saving,
    "importing": paperwork.importing,
    "printing": paperwork.printing,
    "exchanging": exchanging.first_exchange,
    "postgres": exchanging.with_postgres,
}
"""In the order of the table; each runs alone, because memory is counted by process."""


def main() -> int:
    """Measure everything, or what is named."""
    reader = argparse.ArgumentParser(prog="bench", description=__doc__)
    reader.add_argument("names", nargs="*", help=f"only these of {', '.join(MEASURES)}")
    reader.add_argument("--folder", type=Path, help="where the measured stores are kept for next time")
    reader.add_argument("--json", action="store_true", help="print figures as JSON and write nothing")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as spare:
        folder = asked.folder or Path(spare)
        if asked.json:
            print(json.dumps([asdict(figure) for name in asked.names for figure in MEASURES[name](folder)]))
            return 0
        return report(asked.names or list(MEASURES), folder)


def report(names: Sequence[str], folder: Path) -> int:
    """Run each measure, print its lines, and write the document when nothing was left out."""
    lines: list[str] = []
    for name in names:
        for figure in measured(name, folder):
            lines.append(figure.line())
            print(figure.line(), flush=True)
    if list(names) == list(MEASURES):
        (ROOT / "docs" / "benchmarks.md").write_text(DOCUMENT.format(lines="\n".join(lines), **machine()), "utf-8")
        print("→ docs/benchmarks.md", file=sys.stderr)
    return 0


def measured(name: str, folder: Path) -> list[Figure]:
    """The figures of one measure, from a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=folder) as own:
        command = [sys.executable, "-m", "tests.benchmarks", name, "--json", "--folder", own]
        (Path(own) / "country").symlink_to(_country(folder), target_is_directory=True)
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [Figure(**found) for found in json.loads(done.stdout.splitlines()[-1])]


def _country(folder: Path) -> Path:
    kept = folder / "country"
    kept.mkdir(exist_ok=True)
    return kept.resolve()


def machine() -> dict[str, object]:
    """Where and when."""
    return {
        "on": date.today(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "load": _load(),
    }


def _load() -> str:
    """Whether the figures on the clock were measured alone."""
    first = not hasattr(os, "sched_getscheduler") or os.sched_getscheduler(0) != os.SCHED_OTHER
    way = "before all other work (`chrt -r 1`)" if first else "beside it, like any program"
    return (
        f"The load average at the end was {os.getloadavg()[0]:.1f}: what exceeds one was other work on the same\n"
        f"cores; the measures ran {way}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"


DOCUMENT = """# How fast, how small

Measured by `./shouwang bench` on {on}: {processor}, {cores} cores, {system}, Python {python}, no screen (Qt's
offscreen platform). Each measure runs in a process of its own; figures are medians unless they say otherwise, and what
is compared was run turn by turn. People and records are invented. {load}

| measure | goal | figure | | |
|---|---|---|---|---|
{lines}

"Work" is processor time spent on an answer before it is on the (virtual) screen; a real screen adds its refresh.

The exchange beside Anki's and PouchDB's, on loopback, on a bad line and on one that is cut:
[exchange-benchmarks.md](exchange-benchmarks.md).
"""


if __name__ == "__main__":
    sys.exit(main())
