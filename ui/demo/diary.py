"""What happened on the demonstration's day: a step after the other, with counts and times, as one page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Entry:
    """One step: its title, what was seen, the figures behind it, how long it took."""

    title: str
    lines: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def says(self, words: str, **figures: Any) -> None:
        """A sentence for the page; ``figures`` are kept for whoever checks the day."""
        self.lines.append(words)
        self.figures.update(figures)


class Diary:
    """The steps so far. ``tell`` hears each title as it begins and each step as it ends."""

    def __init__(self, today: date, tell: Callable[[str], None] = lambda words: None) -> None:
        self.today = today
        self.tell = tell
        self.entries: list[Entry] = []

    @contextmanager
    def step(self, title: str) -> Iterator[Entry]:
        """A step while it is being done."""
        entry = Entry(title)
        self.entries.append(entry)
        began = time.perf_counter()
        yield entry
        entry.seconds = time.perf_counter() - began
        self.tell(f"{len(self.entries):2}. {title}（{entry.seconds:.1f} 秒）")

    def figures(self, title: str) -> dict[str, Any]:
        """The figures of the step with this title."""
        return next(entry.figures for entry in self.entries if entry.title == title)

    def write(self, path: Path) -> Path:
        """The page, in Markdown."""
        whole = sum(entry.seconds for entry in self.entries)
        parts = [
            "# 练习县的一天",
            f"{self.today.isoformat()}，一共 {len(self.entries)} 步，用时 {whole:.1f} 秒。人名、号码和地方都是虚构的。",
        ]
        for number, entry in enumerate(self.entries, 1):
            parts.append(f"## {number}. {entry.title}（{entry.seconds:.2f} 秒）")
            parts.append("\n".join(f"- {line}" for line in entry.lines))
        path.write_text("\n\n".join(parts) + "\n", "utf-8")
        return path
