"""Preferences of this computer: type size, palette, window state. Never anything about people."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

TYPE_SIZES = (12, 14, 16, 20)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the person at this computer likes; ``palette`` is system, light or dark."""

    type_size: int = 12
    palette: str = "system"
    workspace: str = ""
    geometry: str = ""

    def larger(self) -> Preferences:
        """One step up in type size."""
        return replace(self, type_size=next((size for size in TYPE_SIZES if size > self.type_size), TYPE_SIZES[-1]))

    def smaller(self) -> Preferences:
        """One step down in type size."""
        return replace(
            self,
            type_size=next((size for size in reversed(TYPE_SIZES) if size < self.type_size), TYPE_SIZES[0]),
        )


def load(path: Path) -> Preferences:
    """Preferences from a file; defaults for whatever is missing or unreadable, for nothing depends on them."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return Preferences()
    known: dict[str, Any] = {
        field.name: found[field.name]
        for field in fields(Preferences)
        if isinstance(found.get(field.name), type(field.default))
    }
    preferences = Preferences(**known)
    if preferences.type_size not in TYPE_SIZES:
        return replace(preferences, type_size=TYPE_SIZES[0])
    return preferences


def save(path: Path, preferences: Preferences) -> None:
    """Write them beside and rename, so that a power cut leaves the old ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(asdict(preferences), ensure_ascii=False), "utf-8")
    beside.replace(path)
